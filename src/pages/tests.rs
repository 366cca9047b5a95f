//! Every sample in every language, read as a browser would read it.

use super::check::{Tag, tags};
use super::*;

fn is(tag: &Tag, name: &str, attribute: &str, value: &str) -> bool {
    tag.name == name && tag.value(attribute) == Some(value)
}

fn frame(pages: &Pages, language: &str) -> Frame {
    Frame {
        language: pages.language(Some(language), None),
        prefix: "/.gateway".into(),
        here: "/.gateway/flow/c2FtcGxl".into(),
        host: "apps.example.com".into(),
    }
}

/// Every sample in every language: language, name, page, HTML.
fn rendered() -> Vec<(String, &'static str, Page, String)> {
    let pages = Pages::compile(&Look::default()).unwrap();
    let mut all = Vec::new();
    for locale in pages.catalogue.locales() {
        for (name, page) in samples::samples() {
            let html =
                pages.render(&page, &frame(&pages, &locale.tag)).unwrap_or_else(|error| panic!("{name}: {error}"));
            all.push((locale.tag.clone(), name, page, html));
        }
    }
    all
}

#[test]
fn every_page_says_its_language_and_has_one_heading_and_one_main() {
    for (language, name, _, html) in rendered() {
        let tags = tags(&html);
        let count = |name: &str| tags.iter().filter(|tag| tag.name == name).count();
        assert_eq!((count("h1"), count("main"), count("title")), (1, 1, 1), "{name} {language}");
        assert!(tags.iter().any(|tag| is(tag, "html", "lang", &language)), "{name} {language}");
        assert!(tags.iter().any(|tag| is(tag, "a", "href", "#main") && tag.value("class") == Some("skip")), "{name}");
    }
}

#[test]
fn the_title_is_the_heading_and_says_error_only_where_there_is_one() {
    for (language, name, page, html) in rendered() {
        let between = |from: &str, to: &str| html.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
        let (title, heading) = (between("<title>", "</title>"), between("<h1>", "</h1>"));
        let problems = matches!(&page, Page::Step(step) if !step.problems.is_empty());
        match problems {
            true => assert!(title.ends_with(&format!(": {heading} - Sign-in")), "{name} {language}: {title}"),
            false => assert_eq!(title, format!("{heading} - Sign-in"), "{name} {language}"),
        }
        assert_eq!(problems, html.contains("id=\"problems\""), "{name}");
        if language == "en" {
            assert_eq!(problems, title.starts_with("Error: "), "{name}: {title}");
        }
    }
}

#[test]
fn every_form_of_a_step_carries_the_token_the_step_and_what_it_does() {
    for (_, name, _, html) in rendered() {
        for form in html.split("<form").skip(1) {
            let form = form.split_once("</form>").unwrap().0;
            assert!(form.contains("method=\"post\""), "{name}: {form}");
            if form.contains("/language\"") || form.contains(" data-app ") {
                continue;
            }
            for field in ["csrf", "step", "do"] {
                assert_eq!(
                    form.matches(&format!("<input type=\"hidden\" name=\"{field}\"")).count(),
                    1,
                    "{name}: {form}"
                );
            }
            assert!(form.contains("type=\"submit\""), "{name} cannot be sent without script: {form}");
        }
    }
}

#[test]
fn no_page_has_inline_code_or_style_or_loads_from_elsewhere() {
    for (_, name, _, html) in rendered() {
        for tag in tags(&html) {
            for (attribute, value) in &tag.attributes {
                assert!(!attribute.starts_with("on") && attribute != "style", "{name}: {attribute}");
                if attribute == "src" || (tag.name == "link" && attribute == "href") {
                    assert!(
                        value.starts_with("/.gateway/static/") || value.starts_with("data:image/png;"),
                        "{name}: {value}"
                    );
                }
            }
            assert!(tag.name != "style", "{name}");
        }
    }
}

#[test]
fn ids_are_unique_and_whatever_points_at_one_finds_it() {
    for (_, name, _, html) in rendered() {
        let tags = tags(&html);
        let mut ids: Vec<&str> = tags.iter().filter_map(|tag| tag.value("id")).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name}: two elements of one id");
        for tag in &tags {
            for attribute in ["aria-describedby", "aria-labelledby", "aria-controls", "for"] {
                for id in tag.value(attribute).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(&id), "{name}: {attribute} names `{id}`");
                }
            }
            if let Some(id) = tag.value("href").and_then(|href| href.strip_prefix('#')) {
                assert!(ids.contains(&id), "{name}: a link to `#{id}`");
            }
        }
    }
}

#[test]
fn whatever_is_filled_in_has_a_label_and_says_how_it_is_filled() {
    for (_, name, _, html) in rendered() {
        let tags = tags(&html);
        for tag in tags.iter().filter(|tag| ["input", "select", "textarea"].contains(&tag.name.as_str())) {
            if tag.value("type") == Some("hidden") || tag.value("hidden").is_some() {
                continue;
            }
            let id = tag.value("id").unwrap();
            assert!(tags.iter().any(|label| is(label, "label", "for", id)), "{name}: `{id}` has no label");
            let box_or_button = ["checkbox", "radio"].contains(&tag.value("type").unwrap_or_default());
            assert!(box_or_button || tag.value("autocomplete").is_some(), "{name}: `{id}` has no autocomplete");
            assert!(tag.value("placeholder").is_none() && tag.value("maxlength").is_none(), "{name}: `{id}`");
        }
    }
}

#[test]
fn at_most_one_button_is_filled_and_at_most_one_thing_has_the_focus() {
    for (_, name, _, html) in rendered() {
        let tags = tags(&html);
        let filled = tags.iter().filter(|tag| tag.value("class") == Some("btn primary")).count();
        let focused = tags.iter().filter(|tag| tag.value("autofocus").is_some()).count();
        assert!(filled <= 1 && focused <= 1, "{name}: {filled} {focused}");
    }
}

#[test]
fn a_page_stays_under_twelve_kibibytes() {
    for (language, name, _, html) in rendered() {
        assert!(html.len() <= 12 * 1024, "{name} {language}: {}", html.len());
    }
    let pages = Pages::compile(&Look::default()).unwrap();
    let size = |start: &str, end: &str| {
        pages
            .assets
            .names()
            .find(|name| name.starts_with(start) && name.ends_with(end))
            .and_then(|name| pages.asset(name))
            .unwrap()
            .len()
    };
    assert!(size("auth.", ".css") <= 12 * 1024);
    assert!(size("auth.", ".js") <= 10 * 1024);
}

#[test]
fn words_of_others_are_shown_and_never_obeyed() {
    for (language, _, _, html) in
        rendered().into_iter().filter(|(_, name, ..)| ["strange-words", "register"].contains(name))
    {
        assert!(!html.contains("<script>") && !html.contains("<b>colour"), "{language}");
    }
    let all = rendered();
    let strange = &all.iter().find(|(language, name, ..)| language == "en" && *name == "strange-words").unwrap().3;
    assert!(
        strange.contains("<h1>Ask &lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;others&quot;</h1>"),
        "{strange}"
    );
}

/// Page, field, and its attributes.
const FIELDS: [(&str, &str, &str); 15] = [
    (
        "identify",
        "identifier",
        "autocapitalize=none autocomplete=username autocorrect=off enterkeyhint=next name=identifier required= spellcheck=false type=text value=",
    ),
    (
        "identify-password",
        "identifier",
        "autocapitalize=none autocomplete=username webauthn autocorrect=off enterkeyhint=next name=identifier required= spellcheck=false type=text value=",
    ),
    (
        "password",
        "password",
        "autocapitalize=none autocomplete=current-password autocorrect=off autofocus= enterkeyhint=go name=password required= spellcheck=false type=password",
    ),
    (
        "new-password",
        "new-password",
        "autocapitalize=none autocomplete=new-password autocorrect=off autofocus= enterkeyhint=go name=password passwordrules=minlength: 8; required: lower; required: upper; required: digit; required= spellcheck=false type=password",
    ),
    (
        "new-password",
        "confirm",
        "autocapitalize=none autocomplete=new-password autocorrect=off name=confirm required= spellcheck=false type=password",
    ),
    (
        "code-sms",
        "code",
        r"autocapitalize=none autocomplete=one-time-code autocorrect=off autofocus= enterkeyhint=go inputmode=numeric name=code pattern=[0-9 \-]* required= spellcheck=false type=text value=",
    ),
    (
        "code-letters",
        "code",
        "autocapitalize=characters autocomplete=one-time-code autocorrect=off autofocus= enterkeyhint=go inputmode=text name=code required= spellcheck=false type=text value=",
    ),
    (
        "access-code",
        "code",
        "autocapitalize=none autocomplete=one-time-code autocorrect=off autofocus= enterkeyhint=go name=code required= spellcheck=false type=password",
    ),
    (
        "question",
        "answer",
        "autocapitalize=none autocomplete=off autocorrect=off autofocus= enterkeyhint=go name=answer required= spellcheck=false type=password",
    ),
    ("phone-add", "phone", "autocomplete=tel autofocus= inputmode=tel name=phone required= type=tel value="),
    ("phone-add", "ext", "autocomplete=tel-extension inputmode=numeric name=ext type=text value="),
    (
        "register",
        "email",
        "autocapitalize=none autocomplete=email inputmode=email name=userProfile.email required= spellcheck=false type=email value=",
    ),
    ("register", "firstName", "autocomplete=given-name name=userProfile.firstName required= type=text value="),
    (
        "user-code",
        "userCode",
        "autocapitalize=characters autocomplete=off autocorrect=off autofocus= enterkeyhint=go name=userCode required= spellcheck=false type=text value=",
    ),
    ("identify", "remember", "name=rememberMe type=checkbox value=true"),
];

#[test]
fn fields_have_exactly_the_attributes_that_password_managers_and_phones_read() {
    let all = rendered();
    let field = |page: &str, id: &str| {
        let html = &all.iter().find(|(language, name, ..)| language == "en" && *name == page).unwrap().3;
        let tag = tags(html).into_iter().find(|tag| tag.value("id") == Some(id)).unwrap();
        let mut attributes: Vec<String> = tag
            .attributes
            .iter()
            .filter(|(name, _)| {
                !["class", "id", "aria-describedby"].contains(&name.as_str()) && !name.starts_with("data-")
            })
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        attributes.sort();
        attributes.join(" ")
    };
    for (page, id, expected) in FIELDS {
        assert_eq!(field(page, id), expected, "{page} {id}");
    }
}

#[test]
fn one_divider_stands_before_the_passkey_and_goes_with_it_where_nothing_else_follows() {
    let divider = "<div class=\"or\">";
    for (language, name, _, html) in rendered() {
        let passkey = html.find("data-conditional");
        let Some(passkey) = passkey else { continue };
        let before = &html[..passkey];
        assert_eq!(html.matches(divider).count(), 1, "{name} {language}");
        let (at, hidden) = (before.find(divider).unwrap(), before.find("<div class=\"js-only\">").unwrap());
        assert_eq!(name == "identify-passkey", at > hidden, "{name} {language}");
    }
}

fn in_english(page: &str) -> String {
    rendered().into_iter().find(|(language, name, ..)| language == "en" && *name == page).unwrap().3
}

#[test]
fn what_belongs_to_a_box_or_a_button_stands_beside_it() {
    let at = |html: &str, words: &str| html.find(words).unwrap_or_else(|| panic!("{words}: {html}"));
    let html = in_english("consent-in-parts");
    assert!(at(&html, ">See your email address") < at(&html, ">Used to send you payslips.<"));
    let html = in_english("push-or-code");
    assert!(at(&html, ">Enter the code<") < at(&html, ">Send it automatically next time<"));
    assert!(at(&html, ">Send it automatically next time<") < at(&html, ">Send a push notification<"));
}

#[test]
fn a_problem_in_the_list_names_its_field_unless_its_words_do() {
    let html = in_english("register-empty");
    for link in ["firstName\">First name: Fill in this field</a>", "email\">Email: Fill in this field</a>"] {
        assert!(html.contains(&format!("<a href=\"#{link}")), "{html}");
    }
    assert!(html.contains("<span class=\"vh\">Error: </span>Fill in this field</p>"), "{html}");
    assert!(in_english("new-password-wrong").contains("<a href=\"#new-password\">Your password doesn’t meet"));
    assert!(in_english("identify-empty").contains("<a href=\"#identifier\">Enter your username</a>"));
    assert!(in_english("code-wrong").contains("<a href=\"#code\">That code is not right. Check it and try again.</a>"));
}

#[test]
fn methods_of_a_sign_in_are_said_in_words_and_others_as_they_are() {
    let html = in_english("account");
    let methods =
        ["Password", "Text message", "Several methods", "own.way"].map(|said| format!("<dd><bdi>{said}</bdi></dd>"));
    assert!(html.contains(&format!("<dt>Confirmed with</dt>{}", methods.concat())), "{html}");
}

#[test]
fn a_wrong_code_is_described_by_where_it_went_and_what_is_wrong() {
    let all = rendered();
    let html = &all.iter().find(|(_, name, ..)| *name == "code-wrong").unwrap().3;
    let code = tags(html).into_iter().find(|tag| tag.value("id") == Some("code")).unwrap();
    assert_eq!(code.value("aria-describedby"), Some("sent code-e"));
    assert_eq!(code.value("aria-invalid"), Some("true"));
}

#[test]
fn a_message_of_the_org_is_ours_then_the_org_s_then_a_plain_apology() {
    let pages = Pages::compile(&Look::default()).unwrap();
    let said = |text: Text| {
        let page = Page::Message(Box::new(MessagePage::new(text, Vec::new())));
        let html = pages.render(&page, &frame(&pages, "en")).unwrap();
        html.split_once("<h1>").unwrap().1.split_once("</h1>").unwrap().0.to_owned()
    };
    let named = |key: &str, or: &str| Text::named(Family::Message, key, or);
    let short = "securityQuestion.answer.tooShort.arg";
    let apology = "The problem is on our side. Try again in a few minutes.";
    for (text, expected) in [
        (named("errors.E0000004", "Authentication failed"), "Your username or password is not right."),
        (named(short, "").with("p0", 4), "Use at least 4 characters."),
        (named(short, "Too short"), "Too short"),
        (named("new.key", "Something new"), "Something new"),
        (named("new.key", ""), apology),
        (
            named("core.auth.factor.signedNonce.error.invalidDevice", ""),
            "We couldn’t check this device. Try another way.",
        ),
        (Text::named(Family::MessageHeading, "idx.session.expired", ""), "Your sign-in took too long"),
    ] {
        assert_eq!(said(text), expected);
    }
    let english = pages.language(None, None);
    for (family, key, known) in [
        (Family::Message, "idx.session.expired", true),
        (Family::MessageHeading, "idx.session.expired", true),
        (Family::MessageHeading, "errors.E0000004", false),
        (Family::Message, "authfactor.webauthn.error.new", true),
        (Family::Message, "new.key", false),
    ] {
        assert_eq!(pages.knows(&english, family, key), known, "{key}");
    }
}

#[test]
fn the_hand_over_leaves_at_once_with_and_without_script() {
    let all = rendered();
    let html = &all.iter().find(|(_, name, ..)| *name == "hand-over").unwrap().3;
    let refresh = tags(html).into_iter().find(|tag| is(tag, "meta", "http-equiv", "refresh")).unwrap();
    assert_eq!(refresh.value("content"), Some("0;url=https://payroll.example.com/reports?year=2030&month=11"));
    assert!(
        html.contains(r#"<a class="btn primary" href="https://payroll.example.com/reports?year=2030&amp;month=11">"#),
        "{html}"
    );
}

#[test]
fn static_files_are_found_by_their_hashed_name_only() {
    let pages = Pages::compile(&Look::default()).unwrap();
    let html = pages.render(&samples::samples().remove(0).1, &frame(&pages, "en")).unwrap();
    let css = html.split_once("/.gateway/static/auth.").unwrap().1.split_once('"').unwrap().0;
    assert!(css.ends_with(".css") && pages.asset(&format!("auth.{css}")).is_some(), "{css}");
    for name in ["auth.css", "", "../base.html", "auth.000000000000.css"] {
        assert!(pages.asset(name).is_none(), "{name}");
    }
}

#[test]
fn a_moment_is_said_in_the_page_s_language() {
    let pages = Pages::compile(&Look::default()).unwrap();
    let said = |tag: &str, seconds| pages.moment(&pages.language(Some(tag), None), seconds);
    let cases = [
        ("en", 1_795_239_720, "21 November 2026, 05:42 UTC"),
        ("en", 0, "1 January 1970, 00:00 UTC"),
        ("en", 1_709_164_800, "29 February 2024, 00:00 UTC"),
        ("en", -1, "31 December 1969, 23:59 UTC"),
        ("de", 1_795_239_720, "21. November 2026, 05:42 UTC"),
        ("ja", 1_795_239_720, "2026年11月21日 05:42 UTC"),
        ("es", 1_795_239_720, "21 de noviembre de 2026, 05:42 UTC"),
    ];
    for (tag, seconds, expected) in cases {
        assert_eq!(said(tag, seconds), expected);
    }
}

#[test]
fn a_page_takes_less_than_a_millisecond() {
    let pages = Pages::compile(&Look::default()).unwrap();
    let frame = frame(&pages, "ar");
    for (name, page) in samples::samples() {
        // The fastest of some tries: what a busy machine adds is not the page's.
        let took = (0..10).map(|_| {
            let begun = std::time::Instant::now();
            pages.render(&page, &frame).unwrap();
            begun.elapsed()
        });
        let took = took.min().unwrap();
        // Unoptimised code takes some twenty times as long.
        let limit = if cfg!(debug_assertions) { 20 } else { 1 };
        assert!(took.as_millis() < limit, "{name}: {took:?}");
    }
}

#[test]
fn no_template_holds_words_of_its_own() {
    for (name, source) in templates::SHIPPED {
        let mut plain = (*source).to_owned();
        for (open, close) in [("{#", "#}"), ("{%", "%}"), ("{{", "}}"), ("<", ">")] {
            while let Some(from) = plain.find(open) {
                let to = plain[from..].find(close).map_or(plain.len(), |to| from + to + close.len());
                plain.replace_range(from..to, " ");
            }
        }
        let words: Vec<&str> = plain.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).collect();
        // Attributes that a macro writes into somebody else's tag, and what stands in `passwordrules`.
        let known = ["required", "required:", "autofocus"];
        let own: Vec<_> = words.into_iter().filter(|word| !known.contains(word) && !word.contains('=')).collect();
        assert!(own.is_empty(), "{name}: {own:?}");
    }
}
