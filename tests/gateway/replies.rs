//! Replies that the sandbox does not give: a few of our own, with which fuzzing begins (`tests/fuzz/seeds`), and those
//! that others wrote, the fixtures with which Okta develops its sign-in widget.
//!
//! The latter are read from `../shared/data/idx-replies` beside the project, where that folder exists. Each reply must
//! become what `tests/data/replies.txt` says, and be shown whole: every message, every input a person can see, every
//! way out; and what is posted goes back in the nesting that the reply asks for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use idx_gateway::idx::{Reply, Step};
use idx_gateway::pages::{Family, Frame, Look, Page as Shown, Pages, Post};
use idx_gateway::signin::screens::{self, Passkeys, View};
use idx_gateway::signin::transaction::Entry;
use serde_json::Value;
use url::Url;

use crate::page::Page;

/// Replies that ask for an error page themselves: what each must become.
const FAILURES: [(&str, &str); 9] = [
    ("error-400-fake-error", "Unreadable"),
    ("error-400-bad-request", ""),
    ("error-429-too-many-request", "RateLimited"),
    ("error-429-too-many-request-operation-ratelimit", ""),
    ("error-500-internal-server-error", ""),
    ("error-empty-response", "Unreadable"),
    ("error-feature-not-enabled", "OAuth"),
    ("error-invalid-activation-token", ""),
    ("error-recovery-token-invalid", "OAuth"),
];

/// Where a member of a reply is typed on a page.
fn posted_names(leaf: &str) -> Vec<&str> {
    match leaf {
        "passcode" => vec!["password", "code"],
        "totp" => vec!["code"],
        "phoneNumber" => vec!["phone"],
        "question" => vec!["customQuestion"],
        other => vec![other],
    }
}

fn origin() -> Url {
    Url::parse("http://localhost:3000/oauth2/default").expect("an address")
}

/// Every address of a reply, moved to the org that the test speaks of.
fn moved(reply: &str) -> String {
    let mut moved = String::new();
    let mut rest = reply;
    while let Some(at) = rest.find("\"href\"") {
        let (before, after) = rest.split_at(at + 6);
        moved.push_str(before);
        rest = after;
        let Some(start) = after.find('"') else { break };
        let address = &after[start + 1..];
        let end = address.find('"').unwrap_or(0);
        if let Some(scheme) = address[..end].find("://") {
            let path = address[scheme + 3..end].find('/').map_or("", |slash| &address[scheme + 3 + slash..end]);
            moved.push_str(&after[..=start]);
            moved.push_str("http://localhost:3000");
            moved.push_str(path);
            rest = &address[end..];
        }
    }
    moved.push_str(rest);
    moved
}

fn status_of(name: &str) -> u16 {
    name.strip_prefix("error-").and_then(|rest| rest.get(..3)?.parse().ok()).unwrap_or(200)
}

#[test]
fn every_reply_becomes_the_page_that_the_table_says() {
    let table = Table::read();
    let pages = Pages::compile(&Look::default()).expect("the pages compile");
    let mut files = json_files("tests/fuzz/seeds", "own/");
    assert!(!files.is_empty(), "our own replies are gone");
    let borrowed = json_files("../shared/data/idx-replies", "");
    crate::world::borrowed(!borrowed.is_empty(), "the replies that others wrote");
    files.extend(borrowed);
    let mut wrong = Vec::new();
    for (name, path) in &files {
        let text = moved(&std::fs::read_to_string(path).unwrap());
        let became = check(name.trim_start_matches("own/"), &text, &pages).unwrap_or_else(|complaint| complaint);
        match table.0.get(name) {
            Some(expected) if expected == became.trim_end() => {}
            Some(expected) => wrong.push(format!("{name}\n  should be {expected}\n  is        {became}")),
            None => wrong.push(format!("{name} | {became}\n  is not in tests/data/replies.txt")),
        }
    }
    assert!(wrong.is_empty(), "{} of {} replies:\n{}", wrong.len(), files.len(), wrong.join("\n"));
}

/// `tests/data/replies.txt`: what each reply must become, by its name.
struct Table(BTreeMap<String, String>);

impl Table {
    fn read() -> Self {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/replies.txt"));
        let text = text.expect("the table is there");
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        let rows =
            rows.filter_map(|row| row.split_once(" | ").map(|(name, became)| (name.to_owned(), became.to_owned())));
        Self(rows.collect())
    }
}

/// The replies of a folder, in the order of their names; none where it is not there.
fn json_files(folder: &str, prefix: &str) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let json = paths.filter(|path| path.extension().is_some_and(|kind| kind == "json"));
    let mut files: Vec<_> = json
        .map(|path| (format!("{prefix}{}", path.file_stem().unwrap_or_default().to_string_lossy()), path))
        .collect();
    files.sort();
    files
}

fn check(name: &str, text: &str, pages: &Pages) -> Result<String, String> {
    let root: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    match Step::parse(status_of(name), Some(Duration::from_secs(30)), text.as_bytes(), &origin()) {
        Step::Failure(failure) => {
            let expected = FAILURES.iter().any(|(known, _)| *known == name) || root.get("version").is_none();
            if expected { Ok(format!("FAILURE | {failure}")) } else { Err(format!("FAILURE {failure}")) }
        }
        Step::Success(_) => Ok("SUCCESS".to_owned()),
        Step::Canceled => Err("CANCELED".to_owned()),
        Step::Terminal(reply) => {
            let page =
                render(pages, Shown::Message(Box::new(screens::terminal(&reply, "/.gateway/sign-in", None, ""))))?;
            says_everything(&root, &page, pages)?;
            let over = ["in the original", "You can close this", "where you started"]
                .iter()
                .any(|words| page.text.contains(words));
            if page.forms.len() + page.links.len() < 2 && !over {
                return Err("leads nowhere".to_owned());
            }
            Ok(format!("TERMINAL | {}", page.headings.join("")))
        }
        Step::Pending(reply) => {
            let first = reply.first().expect("a pending step has a remediation");
            let step = screens::page(first, &reply, view());
            let page = render(pages, Shown::Step(Box::new(step)))?;
            says_everything(&root, &page, pages)?;
            shows_every_input(&root["remediation"]["value"][0], &page)?;
            has_every_way_out(&root, &page)?;
            posts_back(&root["remediation"]["value"][0], &reply, &page)?;
            let ways = page.forms.iter().filter(|form| !form.action.ends_with("/language")).count();
            if ways + page.links.iter().filter(|(address, _)| !address.starts_with('#')).count() == 0 {
                return Err("ends in an empty form".to_owned());
            }
            Ok(format!("PENDING | {} | {}", first.kind.name(), page.headings.join("")))
        }
    }
}

fn view() -> View<'static> {
    View {
        entry: Entry::SignIn,
        post: Post { action: "/.gateway/flow/x".to_owned(), csrf: "csrf".to_owned(), step: "step".to_owned() },
        typed: &[],
        problems: Vec::new(),
        notices: Vec::new(),
        passkeys: &Passkeys::Related,
        on_phone: false,
        reference: "01J9".to_owned(),
        hosted: true,
        providers: Vec::new(),
    }
}

fn render(pages: &Pages, page: Shown) -> Result<Page, String> {
    let frame = Frame {
        language: pages.language(Some("en"), None),
        prefix: "/.gateway".to_owned(),
        here: "/.gateway/flow/x".to_owned(),
        host: "localhost".to_owned(),
    };
    let html = pages.render(&page, &frame).map_err(|error| format!("does not render: {error}"))?;
    let page = Page::read(&html);
    if page.headings.len() != 1 || page.headings[0].is_empty() {
        return Err(format!("headings {:?}", page.headings));
    }
    Ok(page)
}

/// Every message: in the org's words, or in ours where the catalogue has the key.
fn says_everything(root: &Value, page: &Page, pages: &Pages) -> Result<(), String> {
    let mut messages = Vec::new();
    collect_messages(&root["messages"]["value"], &mut messages);
    collect_field_messages(&root["remediation"]["value"][0]["value"], &mut messages);
    for (key, words) in messages {
        let english = pages.language(Some("en"), None);
        let ours = key.as_ref().is_some_and(|key| pages.knows(&english, Family::Message, key));
        let suffixed = key.as_ref().is_some_and(|key| key.starts_with("registration.error"));
        let bare: String = strip_tags(&words).split_whitespace().collect::<Vec<_>>().join(" ");
        let said = page.text.contains(bare.get(..60.min(bare.len())).unwrap_or(&bare));
        let neutral =
            page.text.contains("Your username or password is not right") || page.text.contains("If we find an account");
        // The number of a list of steps; the lists themselves say where one ends.
        let counts = key.as_ref().is_some_and(|key| key.ends_with("option_index"));
        if !ours && !suffixed && !said && !neutral && !counts {
            return Err(format!("does not say {key:?} {words:?}"));
        }
    }
    Ok(())
}

fn strip_tags(words: &str) -> String {
    words
        .split('<')
        .enumerate()
        .map(|(index, part)| if index == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) })
        .collect()
}

fn collect_messages(list: &Value, found: &mut Vec<(Option<String>, String)>) {
    for message in list.as_array().into_iter().flatten() {
        let key = message["i18n"]["key"].as_str().map(str::to_owned);
        found.push((key, message["message"].as_str().unwrap_or_default().to_owned()));
    }
}

fn collect_field_messages(fields: &Value, found: &mut Vec<(Option<String>, String)>) {
    for field in fields.as_array().into_iter().flatten() {
        collect_messages(&field["messages"]["value"], found);
        collect_field_messages(&field["form"]["value"], found);
        collect_field_messages(&field["value"]["form"]["value"], found);
        for option in field["options"].as_array().into_iter().flatten() {
            collect_field_messages(&option["value"]["form"]["value"], found);
        }
    }
}

/// The members that a person fills in, by their path.
fn visible_leaves(fields: &Value, above: &[String], found: &mut Vec<Vec<String>>) {
    for field in fields.as_array().into_iter().flatten() {
        let mut path = above.to_vec();
        path.push(field["name"].as_str().unwrap_or_default().to_owned());
        // One option is no choice: it goes back by itself.
        if field["name"] == "methodType" && field["options"].as_array().is_some_and(|options| options.len() == 1) {
            continue;
        }
        let nested = if field["form"].is_object() { &field["form"]["value"] } else { &field["value"]["form"]["value"] };
        if nested.is_array() {
            visible_leaves(nested, &path, found);
        } else if field["mutable"] != false && field["visible"] != false && field.get("hint").is_none() {
            let sets = field["options"]
                .as_array()
                .is_some_and(|options| options.iter().any(|option| option["value"]["form"].is_object()));
            if !sets {
                found.push(path);
            }
        }
    }
}

fn shows_every_input(remediation: &Value, page: &Page) -> Result<(), String> {
    let mut leaves = Vec::new();
    visible_leaves(&remediation["value"], &[], &mut leaves);
    for path in leaves {
        let leaf = path.last().expect("a path");
        let names = posted_names(leaf);
        let dotted = path.join(".");
        let control = page
            .forms
            .iter()
            .flat_map(|form| &form.controls)
            .find(|control| names.contains(&control.name.as_str()) || control.name == dotted);
        let button = page.forms.iter().flat_map(|form| &form.buttons).any(|(name, ..)| *name == *leaf);
        let Some(control) = control else {
            if button {
                continue;
            }
            return Err(format!("has no input for {dotted}"));
        };
        let expected = match (leaf.as_str(), remediation["name"].as_str().unwrap_or_default()) {
            ("identifier", _) => Some(("text", "username")),
            ("passcode", "identify") => Some(("password", "current-password")),
            ("passcode", "reenroll-authenticator" | "enroll-profile" | "reenroll-authenticator-warning") => {
                Some(("password", "new-password"))
            }
            ("rememberMe", _) => Some(("checkbox", "")),
            ("totp", _) => Some(("text", "one-time-code")),
            ("answer", _) => Some(("password", "off")),
            ("phoneNumber", _) => Some(("tel", "tel")),
            _ => None,
        };
        if let Some((kind, autocomplete)) = expected
            && (control.kind != kind || !control.autocomplete.starts_with(autocomplete))
        {
            return Err(format!("{dotted} is {} with autocomplete {:?}", control.kind, control.autocomplete));
        }
    }
    Ok(())
}

fn has_every_way_out(root: &Value, page: &Page) -> Result<(), String> {
    let acts: Vec<&str> = page.forms.iter().filter_map(|form| form.value("do")).collect();
    let others = root["remediation"]["value"].as_array().cloned().unwrap_or_default();
    let providers = others.iter().filter(|other| other["name"] == "redirect-idp").count();
    let provider_links = page.links.iter().filter(|(address, _)| address.contains("/idp/")).count();
    let front = matches!(others[0]["name"].as_str(), Some("identify" | "enroll-profile" | "redirect-idp"));
    if front && provider_links < providers {
        return Err(format!("{provider_links} of {providers} providers"));
    }
    for other in others.iter().skip(1) {
        let name = other["name"].as_str().unwrap_or_default();
        let offered =
            acts.contains(&name) || page.links.iter().any(|(address, _)| address.contains(&format!("show={name}")));
        let must = matches!(
            name,
            "select-authenticator-authenticate"
                | "select-authenticator-enroll"
                | "skip"
                | "select-enroll-profile"
                | "select-identify"
                | "unlock-account"
        );
        // A list with nothing but the method that is asked for already leads nowhere.
        let methods = other["value"].as_array().into_iter().flatten().find(|field| field["name"] == "authenticator");
        let single = methods.and_then(|field| field["options"].as_array()).is_some_and(|options| options.len() <= 1);
        if must && !offered && !single && others[0]["name"] != other["name"] {
            return Err(format!("does not offer {name}"));
        }
    }
    if root.get("cancel").is_some() && others[0]["name"] != "identify" && !acts.contains(&"cancel") {
        return Err("does not offer to go back".to_owned());
    }
    Ok(())
}

/// Fills in every control, posts, and compares the nesting of the body with the reply's own.
fn posts_back(remediation: &Value, reply: &Reply, page: &Page) -> Result<(), String> {
    let name = remediation["name"].as_str().unwrap_or_default();
    let Some(form_on_page) = page.form(name) else { return Ok(()) };
    let first = reply.first().expect("a remediation");
    let mut posted: BTreeMap<String, String> = BTreeMap::new();
    for control in &form_on_page.controls {
        let value = match control.kind.as_str() {
            "hidden" if !control.value.is_empty() => control.value.clone(),
            "radio" | "select" if control.value.is_empty() => {
                control.options.iter().find(|option| !option.is_empty()).cloned().unwrap_or_default()
            }
            "radio" | "select" | "checkbox" => control.value.clone(),
            "tel" => "+15551234567".to_owned(),
            "password" => "Abcd-1234-efgh".to_owned(),
            _ => "123456".to_owned(),
        };
        posted.insert(control.name.clone(), value);
    }
    if let Some((name, value, _)) = form_on_page.buttons.first().filter(|(name, ..)| !name.is_empty()) {
        posted.insert(name.clone(), value.clone());
    }
    let posted: Vec<_> = posted.into_iter().collect();
    let answers =
        screens::read(first, reply, &posted, None).map_err(|problems| format!("refuses its own form: {problems:?}"))?;
    let body = answers.body(&first.fields);
    compare(&remediation["value"], &body, "")
}

fn compare(fields: &Value, body: &Value, above: &str) -> Result<(), String> {
    for field in fields.as_array().into_iter().flatten() {
        let name = field["name"].as_str().unwrap_or_default();
        let at = format!("{above}/{name}");
        let sent = &body[name];
        let nested = if field["form"].is_object() { &field["form"]["value"] } else { &field["value"]["form"]["value"] };
        if nested.is_array() {
            if !nested.as_array().is_some_and(Vec::is_empty) && sent.is_object() {
                compare(nested, sent, &at)?;
            } else if nested
                .as_array()
                .into_iter()
                .flatten()
                .any(|member| member["required"] == true && member["visible"] != false)
            {
                return Err(format!("{at} is not sent as an object: {sent}"));
            }
        } else if field["mutable"] == false && !field["value"].is_null() && field["options"].is_null() {
            if *sent != field["value"] {
                return Err(format!("{at} is {sent}, not {}", field["value"]));
            }
        } else if field["type"] == "boolean" && !sent.is_null() && !sent.is_boolean() {
            return Err(format!("{at} is not a boolean: {sent}"));
        } else if field["required"] == true && field["visible"] != false && field["mutable"] != false && sent.is_null()
        {
            return Err(format!("{at} is not sent"));
        }
    }
    Ok(())
}
