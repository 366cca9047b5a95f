//! What a page must keep whoever wrote its template: checked on the HTML of every sample when an operator
//! brings templates of their own.
//!
//! Reads tags of rendered pages only, in which every value is escaped and every attribute quoted; it is
//! no parser for strangers' HTML.

/// What is wrong with a rendered page, in words.
pub(super) fn problems(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let tags = tags(html);
    for (name, most) in [("h1", 1), ("main", 1)] {
        let count = tags.iter().filter(|tag| tag.name == name).count();
        if count != most {
            found.push(format!("has {count} <{name}>; exactly {most} is right"));
        }
    }
    for tag in &tags {
        for (name, _) in &tag.attributes {
            if name.starts_with("on") || *name == "style" {
                found.push(format!("has `{name}` on a <{}>, which the content security policy stops", tag.name));
            }
        }
        if tag.name == "style" || (tag.name == "script" && tag.value("src").is_none()) {
            found.push(format!("has an inline <{}>, which the content security policy stops", tag.name));
        }
    }
    for form in tags.split(|tag| tag.name == "form").skip(1) {
        let ours = form.iter().take_while(|tag| tag.name != "/form");
        let names: Vec<&str> = ours.filter_map(|tag| tag.value("name")).collect();
        if names.contains(&"lang") {
            continue;
        }
        for needed in ["csrf", "step", "do"] {
            if !names.contains(&needed) {
                found.push(format!("has a form without the hidden field `{needed}`"));
            }
        }
    }
    found
}

struct Tag<'html> {
    name: &'html str,
    attributes: Vec<(&'html str, &'html str)>,
}

impl Tag<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }
}

fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let Some(end) = end_of_tag(after) else { break };
        let (tag, following) = after.split_at(end);
        rest = following;
        let (name, mut left) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let mut attributes = Vec::new();
        loop {
            left = left.trim_start();
            let length =
                left.find(|character: char| character == '=' || character.is_whitespace()).unwrap_or(left.len());
            let (name, after) = left.split_at(length);
            if name.is_empty() {
                break;
            }
            let quoted = after.strip_prefix("=\"").and_then(|value| value.split_once('"'));
            let (value, after) = quoted.unwrap_or(("", after.trim_start_matches('=')));
            attributes.push((name, value));
            left = after;
        }
        tags.push(Tag { name, attributes });
    }
    tags
}

/// Where a tag ends: the first `>` outside quotes.
fn end_of_tag(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, character)| {
        quoted ^= character == '"';
        (character == '>' && !quoted).then_some(at)
    })
}
