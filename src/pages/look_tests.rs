//! What an operator may change, and what they hear when it cannot be.

use std::fs;
use std::path::PathBuf;

use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
}

fn shown(look: &Look, host: &str) -> String {
    let pages = Pages::compile(look).unwrap();
    let frame =
        Frame { language: pages.language(None, None), prefix: "/.gateway".into(), here: "/".into(), host: host.into() };
    pages.render(&samples::samples().remove(0).1, &frame).unwrap()
}

fn problems(look: &Look) -> Vec<String> {
    Pages::compile(look).err().unwrap()
}

/// The stylesheet that a page links to beside ours.
fn theme(look: &Look) -> String {
    let html = shown(look, "");
    let name = format!("theme.{}", html.split_once("/.gateway/static/theme.").unwrap().1.split_once('"').unwrap().0);
    String::from_utf8(Pages::compile(look).unwrap().asset(&name).unwrap().to_vec()).unwrap()
}

#[test]
fn the_name_stands_in_the_title_and_where_there_is_no_logo() {
    let html = shown(&Look { name: "Acme <Health>".into(), ..Look::default() }, "");
    assert!(html.contains("<title>Sign in - Acme &lt;Health&gt;</title>"), "{html}");
    assert!(html.contains("<div class=\"brand\">Acme &lt;Health&gt;</div>"), "{html}");
}

#[test]
fn a_logo_is_served_from_memory_and_has_its_size() {
    let folder = Folder::new();
    let logo = folder.write("logo.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 100\"/>");
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x64\0\0\0\x28".to_vec();
    png.extend([0; 20]);
    let logo_dark = folder.write("dark", &png);
    let look = Look { name: "Acme".into(), logo: Some(logo), logo_dark: Some(logo_dark), ..Look::default() };
    let html = shown(&look, "");
    assert!(html.contains("alt=\"Acme\" width=\"160\" height=\"40\""), "{html}");
    assert!(html.contains("media=\"(prefers-color-scheme: dark)\" width=\"100\" height=\"40\""), "{html}");
    let name = format!("logo.{}", html.split_once("static/logo.").unwrap().1.split_once('"').unwrap().0);
    let pages = Pages::compile(&look).unwrap();
    assert!(name.ends_with(".svg") && pages.asset(&name).is_some(), "{name}");
}

#[test]
fn one_colour_becomes_a_stylesheet_for_both_themes() {
    let brand =
        |color: &str| Look { colors: Colors { brand: Some(color.into()), ..Colors::default() }, ..Look::default() };
    let css = theme(&brand("#00a3a1"));
    assert!(css.starts_with(":root{--brand:#00a3a1;"), "{css}");
    assert!(css.contains("--on-brand:#000000;") && css.contains(":root[data-theme=dark]{"), "{css}");
    assert!(theme(&brand("#ffcc00")).contains("--brand-line:var(--field)"));
    assert!(!shown(&Look::default(), "").contains("theme."));
}

#[test]
fn a_theme_is_forced_and_corners_are_square() {
    let look = Look { theme: Theme::Dark, radius: Radius::None, ..Look::default() };
    assert!(shown(&look, "").contains("data-theme=\"dark\""));
    assert_eq!(theme(&look), ":root{--radius:0;--radius-s:0;}\n");
}

#[test]
fn another_host_has_another_look() {
    let host =
        HostLook { hosts: vec!["*.contoso.example".into()], name: Some("Contoso".into()), ..HostLook::default() };
    let look = Look { name: "Acme".into(), for_hosts: vec![host], ..Look::default() };
    for host in ["hr.contoso.example", "HR.Contoso.Example:8443", "a.b.contoso.example."] {
        assert!(shown(&look, host).contains(" - Contoso</title>"), "{host}");
    }
    for host in ["contoso.example", "acontoso.example", "contoso.example.evil.example", "", "[::1]:80"] {
        assert!(shown(&look, host).contains(" - Acme</title>"), "{host}");
    }
}

#[test]
fn a_footer_link_leads_to_a_web_address_a_path_or_support() {
    let links = Links {
        help: Some("https://help.example.com/".into()),
        privacy: Some("/privacy".into()),
        terms: None,
        support_email: Some("help@example.com".into()),
    };
    let html = shown(&Look { links, ..Look::default() }, "");
    for link in [
        "href=\"https://help.example.com/\">Help",
        "href=\"/privacy\">Privacy",
        "href=\"mailto:help@example.com\">Contact support",
    ] {
        assert!(html.contains(link), "{html}");
    }
    let links = Links {
        help: Some("javascript:alert(1)".into()),
        privacy: Some("//evil.example".into()),
        terms: None,
        support_email: Some("nobody".into()),
    };
    assert_eq!(
        problems(&Look { links, ..Look::default() }),
        [
            "branding.links.help: `javascript:alert(1)` is neither an https:// address nor a path",
            "branding.links.privacy: `//evil.example` is neither an https:// address nor a path",
            "branding.links.support_email: `nobody` is not an e-mail address",
        ]
    );
}

#[test]
fn a_problem_of_a_host_is_named_by_the_key_that_the_file_has() {
    let grey = Some(Colors { link: Some("#cccccc".into()), ..Colors::default() });
    let hosts = vec!["a.example".to_owned()];
    let look = Look {
        css: Some("/nowhere/a.css".into()),
        for_hosts: vec![HostLook { hosts, colors: grey, ..HostLook::default() }, HostLook::default()],
        ..Look::default()
    };
    assert_eq!(
        problems(&look),
        [
            "branding.for_hosts[0].colors.link: #cccccc on surface #ffffff has a contrast of 1.61:1; it takes 4.5:1",
            "branding.for_hosts[0].colors.link: #cccccc on bg #f3f4f6 has a contrast of 1.46:1; it takes 4.5:1",
            "branding.css: /nowhere/a.css: No such file or directory (os error 2)",
            "branding.for_hosts[1].hosts: names no host",
        ]
    );
}

#[test]
fn every_problem_is_told_at_once() {
    let folder = Folder::new();
    let text = folder.write("logo.png", b"not a picture");
    let big = folder.write("extra.css", &[b' '; 40 * 1024]);
    let look = Look {
        name: " ".into(),
        logo: Some(text.clone()),
        css: Some(big.clone()),
        favicon: Some("/nowhere/icon.svg".into()),
        colors: Colors { brand: Some("teal".into()), ..Colors::default() },
        default_language: "it".into(),
        ..Look::default()
    };
    assert_eq!(
        problems(&look),
        [
            "the default language `it` is not among the languages".to_owned(),
            "branding.name: is empty".to_owned(),
            format!("branding.logo: {}: is something else; it can be svg, png, webp", text.display()),
            "branding.favicon: /nowhere/icon.svg: No such file or directory (os error 2)".to_owned(),
            "branding.colors.brand: `teal` is not a colour such as `#1d5bd1`".to_owned(),
            format!("branding.css: {}: has 40960 bytes; at most 32768 are taken", big.display()),
        ]
    );
}

/// Other words around the same form and the same link.
const OWN: &str = "{% extends \"base.html\" %}{% import \"parts/controls.html\" as ui %}
{% block title %}Bye{% endblock %}
{% block content %}<p>Own words</p>
<form method=\"post\" action=\"{{ page.post.action }}\" data-busy=\"{{ t(\"busy\") }}\">{{ ui.carried(page.post, \"sign-out\") }}<button>Go</button></form>
<a href=\"/\">{{ t(\"home\") }}</a>{% endblock %}";

#[test]
fn a_template_of_the_operator_replaces_ours() {
    let folder = Folder::new();
    folder.write("sign-out.html", OWN.as_bytes());
    let look = Look { templates: Some(folder.0.path().into()), ..Look::default() };
    let pages = Pages::compile(&look).unwrap();
    let frame = Frame {
        language: pages.language(None, None),
        prefix: "/.gateway".into(),
        here: "/".into(),
        host: String::new(),
    };
    let (_, page) = samples::samples().into_iter().find(|(name, _)| *name == "sign-out").unwrap();
    assert!(pages.render(&page, &frame).unwrap().contains("<p>Own words</p>"));
}

#[test]
fn what_is_wrong_with_a_template_is_told_with_file_and_line() {
    let cases: [(&str, &str, &str); 7] = [
        ("sign-out.html", "<h1>x</h1>\n{{ nobody }}", "sign-out.html:2: undefined value"),
        ("sign-out.html", "line\n{% if %}", "sign-out.html:2: syntax error"),
        (
            "sign-out.html",
            "{% extends \"base.html\" %}{% block title %}\n{% if lang == \"tlh\" %}{{ t(\"no-such\") }}{% endif %}{% endblock %}",
            "sign-out.html:2: there is no string `no-such`",
        ),
        ("signout.html", "", "signout.html: there is no template `signout.html` to replace"),
        (
            "sign-out.html",
            "<main><h1>a</h1><h1>b</h1></main>",
            "sign-out.html:1: the page `sign-out` has 2 <h1>; exactly 1 is right",
        ),
        (
            "sign-out.html",
            "<main><h1 onclick=\"x\">a</h1></main>",
            "has `onclick` on a <h1>, which the content security policy stops",
        ),
        (
            "sign-out.html",
            "<main><h1>a</h1><form method=\"post\"></form></main>",
            "has a form without the hidden field `csrf`",
        ),
    ];
    for (name, template, expected) in cases {
        let folder = Folder::new();
        folder.write(name, template.as_bytes());
        let found = problems(&Look { templates: Some(folder.0.path().into()), ..Look::default() });
        let expected = expected.replace(&format!("{name}:"), &format!("{}:", folder.0.path().join(name).display()));
        assert!(found.iter().any(|problem| problem.contains(&expected)), "{expected}: {found:?}");
    }
}

#[test]
fn a_template_cannot_run_for_ever() {
    let folder = Folder::new();
    folder
        .write("sign-out.html", b"{% for a in range(9000) %}{% for b in range(9000) %}{{ b }}{% endfor %}{% endfor %}");
    let found = problems(&Look { templates: Some(folder.0.path().into()), ..Look::default() });
    assert!(found.iter().any(|problem| problem.contains("out of fuel")), "{found:?}");
}

/// The problems of these templates, each a name and its source, without the folder's path.
fn problems_of(templates: &[(&str, &str)]) -> Vec<String> {
    let folder = Folder::new();
    for (name, source) in templates {
        folder.write(name, source.as_bytes());
    }
    let path = format!("{}/", folder.0.path().display());
    let look = Look { templates: Some(folder.0.path().into()), ..Look::default() };
    Pages::compile(&look).err().unwrap_or_default().iter().map(|problem| problem.replace(&path, "")).collect()
}

/// One of our templates, changed.
fn changed(name: &str, from: &str, to: &str) -> String {
    let ours = templates::SHIPPED.iter().find(|(known, _)| *known == name).unwrap().1;
    assert!(ours.contains(from), "{name}: {from}");
    ours.replace(from, to)
}

#[test]
fn a_template_that_loses_what_a_page_is_for_is_refused() {
    let step = |from: &str, to: &str| ("step.html", changed("step.html", from, to));
    let base = |from: &str, to: &str| ("base.html", changed("base.html", from, to));
    let cases = [
        (
            ("step.html", "{% extends \"base.html\" %}".to_owned()),
            "step.html: the page `identify` lacks the form `identify`",
        ),
        (step("{% block content %}", "\n\n{% block contnt %}"), "step.html:15: `base.html` has no block `contnt`"),
        (
            base("{% block content %}{% endblock %}", ""),
            "base.html: lacks `{% block content %}`, which `step.html` fills",
        ),
        (
            base("{% block messages %}{% endblock -%}", ""),
            "base.html: lacks `{% block messages %}`, which `step.html` fills",
        ),
        (base(" id=\"main\"", ""), "base.html: the page `account` lacks the element with the id `main`"),
        (base(" id=\"status\"", ""), "base.html: the page `account` lacks the element with the id `status`"),
        (
            base("{% block content %}{% endblock %}", "<!-- {% block content %}{% endblock %} -->"),
            "base.html: the page `account` lacks the form `sign-out`",
        ),
        (
            step("{{ ui.controls(part.controls, focus, sent) }}", ""),
            "step.html: the page `identify` lacks the field `identifier` of the form `identify`",
        ),
        (
            step("{{ t(problem.text) }}", "x"),
            "step.html: the page `push-rejected` lacks the words “The request was turned down on your phone.",
        ),
        (step("{{ t(notice.text) }}", "x"), "lacks the words"),
        (base("href=\"#main\"", "href=\"#top\""), "base.html: the page `account` lacks the link to `#main`"),
        (
            step("id=\"problems-h\"", ""),
            "step.html:5: the page `identify-wrong` has a <div> whose `aria-labelledby` names",
        ),
        (step(" name=\"choice\"", " name=\"choise\""), "lacks the button `choice=0`"),
        (step("href=\"{{ provider.href }}\"", "href=\"/x\""), "lacks the link to `/"),
        (step("{{ part.number }}", "?"), "lacks the words “"),
        (step("src=\"{{ part.image }}\"", "src=\"data:,\""), "lacks the picture to scan"),
        (step(" data-webauthn=\"", " data-x=\""), "lacks `data-webauthn`, which the script looks for"),
    ];
    for ((name, source), expected) in cases {
        let found = problems_of(&[(name, &source)]);
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}: {found:#?}");
        assert!(found.len() < 5, "{found:#?}");
    }
}

#[test]
fn what_only_surrounds_a_page_may_go() {
    let footer = templates::SHIPPED.iter().find(|(name, _)| *name == "base.html").unwrap().1;
    let footer = &footer[footer.find("<footer").unwrap()..footer.find("</footer>").unwrap()];
    assert!(footer.contains("/language"));
    assert_eq!(problems_of(&[("base.html", &changed("base.html", footer, "<footer>"))]), Vec::<String>::new());
}

#[test]
fn templates_are_tried_out_whatever_else_is_wrong() {
    let folder = Folder::new();
    folder.write("step.html", b"{% extends \"base.html\" %}");
    let look = Look { name: " ".into(), templates: Some(folder.0.path().into()), ..Look::default() };
    let found = problems(&look);
    assert_eq!(found[0], "branding.name: is empty");
    assert!(found[1].contains("lacks the form `identify`"), "{found:#?}");
}

#[test]
fn one_slip_is_told_once_with_its_line_and_how_many_pages_show_it() {
    let found = problems_of(&[(
        "base.html",
        &changed("base.html", "<div class=\"card\">", "<div class=\"card\" onclick=\"x\">"),
    )]);
    let pages = samples::samples().len() - 1;
    assert_eq!(
        found,
        [format!(
            "base.html:27: the page `identify` has `onclick` on a <div>, which the content security policy stops (and {pages} pages more)"
        )]
    );
    let carried = changed("step.html", "<div class=\"who\">", "<style>\n</style><div class=\"who\">");
    let found = problems_of(&[("step.html", &carried), ("sign-out.html", OWN)]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].starts_with("step.html:14: the page `password` has an inline <style>"), "{found:#?}");
    let without = "{% extends \"base.html\" %}{% block title %}x{% endblock %}\n\n{% block content %}<form method=\"post\"></form>{% endblock %}";
    let found = problems_of(&[("sign-out.html", without)]);
    assert_eq!(found[0], "sign-out.html:3: the page `sign-out` has a form without the hidden field `csrf`");
}

#[test]
fn our_own_templates_have_nothing_to_be_told_about() {
    let own: Vec<(&str, &str)> = templates::SHIPPED.to_vec();
    assert_eq!(problems_of(&own), Vec::<String>::new());
}
