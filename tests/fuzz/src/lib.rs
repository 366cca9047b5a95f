//! What the fuzz targets share: their input, how it is changed, and what must hold of every page.
//!
//! An input is a line of the target's own and, below it, a reply of the org as JSON. libFuzzer keeps what reaches
//! new lines; changing bytes alone would seldom leave JSON, so [`change`] bends its tree.

mod bend;

pub use bend::change;

use std::sync::LazyLock;

use idx_gateway::idx::{Remediation, Reply, Step};
use idx_gateway::pages::{Frame, Look, Page, Pages, Part, Post, StepPage as Shown, To};
use idx_gateway::signin::screens::{self, Passkeys, Posted, View};
use idx_gateway::signin::transaction::Entry;
use serde_json::{Value, json};
use url::Url;

/// What nobody can guess and no page may show: it is put in for every state handle and every secret's default.
const PLANTED: &str = "planted-q7Zr2Xw9";

/// The issuer in every reply.
pub static ORG: LazyLock<Url> = LazyLock::new(|| Url::parse("https://org.example/oauth2/default").expect("an address"));

static PAGES: LazyLock<Pages> = LazyLock::new(|| Pages::compile(&Look::default()).expect("the pages compile"));

/// An input's line and its reply.
pub fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    (&data[..end], data.get(end + 1..).unwrap_or_default())
}

/// Reads a reply with what is secret in it replaced by what can be recognised. Every address it may lead to must be
/// the org's own.
pub fn read(status: u16, reply: &[u8]) -> Step {
    let planted = serde_json::from_slice(reply).ok().map(|mut root| {
        plant(&mut root);
        root.to_string().into_bytes()
    });
    let step = Step::parse(status, None, planted.as_deref().unwrap_or(reply), &ORG);
    if let Step::Pending(reply) | Step::Terminal(reply) = &step {
        let forms = reply.remediations.iter().chain(reply.actions.iter().map(|action| &action.form));
        for address in forms.filter_map(|form| form.href.as_ref()).chain(&reply.leave) {
            assert_eq!(address.origin(), ORG.origin(), "{address} is not the org's");
        }
    }
    if let Step::Pending(reply) = &step {
        assert!(reply.first().is_some(), "pending, and nothing to do");
    }
    step
}

fn plant(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.contains_key("stateHandle") {
                members.insert("stateHandle".to_owned(), json!(PLANTED));
            }
            if members.contains_key("href") {
                plant_in_fields(value);
            } else {
                // WebAuthn's options are for the browser, whole.
                let others =
                    members.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "activationData" | "challengeData"));
                others.for_each(|(_, member)| plant(member));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plant),
        _ => {}
    }
}

/// In the fields of a form, wherever they nest; elsewhere `value` is another thing.
fn plant_in_fields(form: &mut Value) {
    for field in form.get_mut("value").and_then(Value::as_array_mut).into_iter().flatten() {
        if (field["name"] == "stateHandle" || field["secret"] == true) && field["value"].is_string() {
            field["value"] = json!(PLANTED);
        }
        let pointers = ["/form", "/value/form"].map(str::to_owned).into_iter();
        let options = field["options"].as_array().map_or(0, Vec::len);
        for pointer in pointers.chain((0..options).map(|index| format!("/options/{index}/value/form"))) {
            field.pointer_mut(&pointer).into_iter().for_each(plant_in_fields);
        }
    }
}

/// The page of a step, with everything that must hold of any.
pub fn page(shown: &Remediation, reply: &Reply, typed: &Posted) -> Shown {
    let post = Post { action: "/f".to_owned(), csrf: "c".to_owned(), step: screens::fingerprint(reply) };
    let view = View {
        entry: Entry::SignIn,
        post,
        typed,
        problems: Vec::new(),
        notices: Vec::new(),
        passkeys: &Passkeys::Related,
        on_phone: false,
        reference: "01J9".to_owned(),
        hosted: true,
        providers: Vec::new(),
    };
    let page = screens::page(shown, reply, view);
    let mut ways = page.links.len();
    for part in &page.parts {
        match part {
            Part::Form(form) => {
                assert!(!form.buttons.is_empty() || form.ceremony.is_some(), "a form without a button: {form:?}");
                ways += 1;
            }
            Part::Choices(choices) => ways += choices.groups.iter().map(|group| group.rows.len()).sum::<usize>(),
            Part::Providers { providers } => {
                assert!(providers.iter().all(|provider| provider.href.starts_with("/f/idp/")), "{providers:?}");
                ways += providers.len();
            }
            Part::Leave { href, .. } => {
                assert!(leaves_safely(href), "{href}");
                ways += 1;
            }
            Part::Poll(_) => ways += 1,
            Part::Steps { options } => {
                let links = options.iter().flatten().filter_map(|fix| fix.href.as_deref());
                links.for_each(|href| assert!(leaves_safely(href), "{href}"));
            }
            Part::Qr { image, .. } => assert!(image.starts_with("data:image/"), "{image}"),
            _ => {}
        }
    }
    assert!(ways > 0, "a page that leads nowhere: {page:?}");
    for link in &page.links {
        if let To::Href(href) = &link.to {
            // Beside our own, pages of the org's that help with a device.
            assert!(href.starts_with("/f") || leaves_safely(href), "{href}");
        }
    }
    hides_what_is_planted(&serde_json::to_string(&page).expect("a page is data"));
    page
}

/// Whether a link may stand on a page: `https`, or an address of this site.
pub fn leaves_safely(href: &str) -> bool {
    href.starts_with("https://") || (href.starts_with('/') && !href.starts_with("//"))
}

/// Nothing secret of the reply stands in what a visitor gets.
pub fn hides_what_is_planted(text: &str) {
    assert!(!text.contains(PLANTED), "a secret stands on the page: {text}");
}

/// The page as HTML: it must render, with no script but ours.
pub fn rendered(page: Page) {
    let language = PAGES.language(Some("en"), None);
    let frame = Frame { language, prefix: "/g".to_owned(), here: "/f".to_owned(), host: "localhost".to_owned() };
    let html = PAGES.render(&page, &frame).unwrap_or_else(|error| panic!("{error}"));
    assert!(html.matches("<script").count() <= 1, "a script of somebody else's: {html}");
    hides_what_is_planted(&html);
}
