//! What a page must keep whoever wrote its template: checked on the HTML of every sample when an operator
//! brings templates of their own.

use std::collections::BTreeSet;

use super::html::{squeezed, tags};

/// What the addresses of forms end with that not everybody offers: a choice of languages, an end of all sessions.
const OPTIONAL: [&str; 2] = ["/language", "/sign-out?everywhere"];

/// Something a page must not be, and where to look for it in a template's source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) mark: Mark,
}

/// What stands in the source where a fault comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// The last tag of this name.
    Tag(&'static str),
    /// A `<script>` that holds its own text.
    InlineScript,
    /// An attribute of this name.
    Attribute(String),
    /// A form that does not carry this field.
    FormWithout(&'static str),
    /// This text.
    Text(String),
}

impl Mark {
    /// Its line in a template's source, from 1.
    pub(super) fn line(&self, source: &str) -> Option<usize> {
        let openings = |name: &'static str| {
            source.match_indices(&format!("<{name}")).map(|(at, _)| at).collect::<Vec<_>>().into_iter()
        };
        let rest = |at: usize, end: &str| {
            let rest = source.get(at..).unwrap_or_default();
            rest.split_once(end).map_or(rest, |(inside, _)| inside)
        };
        let at = match self {
            Self::Tag(name) => openings(name).next_back(),
            Self::InlineScript => openings("script").find(|at| !rest(*at, ">").contains("src=")),
            Self::Attribute(name) => source.match_indices(name.as_str()).map(|(at, _)| at).find(|at| {
                let (before, after) = source.split_at(*at);
                before.ends_with(char::is_whitespace) && after[name.len()..].trim_start().starts_with('=')
            }),
            // A macro of ours may write the fields.
            Self::FormWithout(field) => openings("form").find(|at| {
                let form = rest(*at, "</form");
                !form.contains("carried(") && !form.contains(&format!("name=\"{field}\""))
            }),
            Self::Text(text) => source.find(text.as_str()),
        }?;
        Some(source.get(..at)?.matches('\n').count() + 1)
    }
}

/// What is wrong with a rendered page, in words that follow "the page".
pub(super) fn faults(html: &str) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut fault = |message: String, mark: Mark| {
        let fault = Fault { message, mark };
        if !found.contains(&fault) {
            found.push(fault);
        }
    };
    let tags = tags(html);
    for name in ["h1", "main"] {
        let count = tags.iter().filter(|tag| tag.name == name).count();
        if count != 1 {
            fault(format!("has {count} <{name}>; exactly 1 is right"), Mark::Tag(name));
        }
    }
    for tag in &tags {
        for (name, _) in &tag.attributes {
            if name.starts_with("on") || name == "style" {
                let message = format!("has `{name}` on a <{}>, which the content security policy stops", tag.name);
                fault(message, Mark::Attribute(name.clone()));
            }
        }
        let inline = match tag.name.as_str() {
            "style" => Mark::Tag("style"),
            "script" if tag.value("src").is_none() => Mark::InlineScript,
            _ => continue,
        };
        fault(format!("has an inline <{}>, which the content security policy stops", tag.name), inline);
    }
    // A form of an application's has the application's fields.
    let forms = tags.iter().enumerate().filter(|(_, tag)| tag.name == "form" && tag.value("data-app").is_none());
    for (at, _) in forms {
        let ours = tags[at + 1..].iter().take_while(|tag| tag.name != "/form");
        let names: Vec<&str> = ours.filter_map(|tag| tag.value("name")).collect();
        if names.contains(&"lang") {
            continue;
        }
        for needed in ["csrf", "step", "do"] {
            if !names.contains(&needed) {
                fault(format!("has a form without the hidden field `{needed}`"), Mark::FormWithout(needed));
            }
        }
    }
    found
}

/// What points at something that is not there, or at two of it.
pub(super) fn broken_references(html: &str) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut fault = |message: String, mark: String| found.push(Fault { message, mark: Mark::Text(mark) });
    let tags = tags(html);
    let mut ids = BTreeSet::new();
    for id in tags.iter().filter_map(|tag| tag.value("id")) {
        if !ids.insert(id) {
            fault(format!("has two elements with the id `{id}`"), format!("id=\"{id}\""));
        }
    }
    for tag in &tags {
        if let Some(id) = tag.value("href").and_then(|href| href.strip_prefix('#')).filter(|id| !ids.contains(id)) {
            fault(format!("has a link to `#{id}` and no element with that id"), format!("href=\"#{id}\""));
        }
        for attribute in ["for", "aria-describedby", "aria-labelledby", "aria-controls"] {
            for id in tag.value(attribute).unwrap_or_default().split_whitespace().filter(|id| !ids.contains(id)) {
                let message =
                    format!("has a <{}> whose `{attribute}` names `{id}`, which no element has as id", tag.name);
                fault(message, format!("{attribute}=\"{id}\""));
            }
        }
    }
    found
}

/// What kind of thing a page can lack; those that bring others with them first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Form,
    Field,
    Button,
    Link,
    Element,
    Label,
    Picture,
    Words,
    Hook,
}

/// Something that people or the script need, in words, with what tells it from another of the same words.
type Piece = (Kind, String, String);

/// What `ours` has and `theirs` lacks: the first of them that is not only the consequence of another.
/// `words` are those of the page's content, as against those of its template.
pub(super) fn missing(ours: &str, theirs: &str, words: &BTreeSet<String>) -> Option<(Kind, String)> {
    let (needed, there) = (pieces(ours), pieces(theirs));
    if let Some((kind, message, _)) = needed.difference(&there).next() {
        return Some((*kind, message.clone()));
    }
    let whole = tags(theirs).into_iter().map(|tag| tag.text).collect::<Vec<_>>().join(" ");
    let whole = squeezed(&whole);
    let lost = tags(ours).into_iter().map(|tag| tag.text).find(|text| words.contains(text) && !whole.contains(text));
    lost.map(|text| (Kind::Words, format!("the words “{text}”")))
}

fn pieces(html: &str) -> BTreeSet<Piece> {
    let mut found = BTreeSet::new();
    let tags = tags(html);
    let mut form = String::new();
    let mut is_spare = false;
    for (at, tag) in tags.iter().enumerate() {
        is_spare = (is_spare && tag.name != "/form")
            || (tag.name == "form"
                && tag.value("action").is_some_and(|action| OPTIONAL.iter().any(|end| action.ends_with(end))));
        if is_spare {
            continue;
        }
        let value = |name: &str| tag.value(name).unwrap_or_default().to_owned();
        let mut add = |kind, message: String, value: String| _ = found.insert((kind, message, value));
        match tag.name.as_str() {
            "form" => {
                let inside = tags.iter().skip(at).take_while(|tag| tag.name != "/form");
                let act = inside.filter(|tag| tag.value("name") == Some("do")).find_map(|tag| tag.value("value"));
                form = act.map_or_else(|| format!("to `{}`", value("action")), |act| format!("`{act}`"));
                add(Kind::Form, format!("the form {form}"), value("method") + " " + &value("action"));
            }
            "/form" => form.clear(),
            "input" | "select" | "textarea" => {
                let message = format!("the field `{}` of the form {form}", value("name"));
                add(Kind::Field, message, value("type") + " " + &value("value"));
            }
            "option" => add(Kind::Field, format!("the option `{}` of the form {form}", value("value")), String::new()),
            "button" if value("type") != "button" => {
                let sends = if value("name").is_empty() {
                    String::new()
                } else {
                    format!(" `{}={}`", value("name"), value("value"))
                };
                add(Kind::Button, format!("the button{sends} of the form {form}"), String::new());
            }
            "a" => add(Kind::Link, format!("the link to `{}`", value("href")), String::new()),
            "label" => add(Kind::Label, format!("the label of `{}`", value("for")), String::new()),
            "img" if value("src").starts_with("data:") => {
                add(Kind::Picture, "the picture to scan".to_owned(), value("src"));
            }
            "meta" if !value("http-equiv").is_empty() => {
                add(Kind::Element, format!("<meta http-equiv=\"{}\">", value("http-equiv")), value("content"));
            }
            _ => {}
        }
        // What the focus is sent to, and what speaks up when it changes.
        if let Some(id) = tag.value("id").filter(|_| tag.value("role").or(tag.value("tabindex")).is_some()) {
            add(Kind::Element, format!("the element with the id `{id}`"), value("role"));
        }
        for (name, _) in tag.attributes.iter().filter(|(name, _)| name.starts_with("data-")) {
            add(Kind::Hook, format!("`{name}`, which the script looks for"), String::new());
        }
    }
    found
}
