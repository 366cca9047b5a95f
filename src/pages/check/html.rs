//! A rendered page as a list of tags, read as a browser would (HTML Living Standard, tokenization).

use html5gum::{Token, Tokenizer};

/// A tag and the text that follows it.
pub(in crate::pages) struct Tag {
    /// In small letters; an end tag begins with `/`.
    pub(in crate::pages) name: String,
    /// Names and values; each name once, escapes undone.
    pub(in crate::pages) attributes: Vec<(String, String)>,
    /// What stands between it and the next one, escapes undone, with single spaces.
    pub(in crate::pages) text: String,
}

impl Tag {
    /// The value of this attribute.
    pub(in crate::pages) fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The tags of a page, in order.
pub(in crate::pages) fn tags(html: &str) -> Vec<Tag> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let tag = |name, attributes| Tag { name, attributes, text: String::new() };
    let mut tags: Vec<Tag> = Vec::new();
    for token in Tokenizer::new(html).flatten() {
        match token {
            Token::StartTag(start) => {
                let attributes = start.attributes.iter().map(|(name, value)| (text(name), text(value)));
                tags.push(tag(text(&start.name), attributes.collect()));
            }
            Token::EndTag(end) => tags.push(tag(format!("/{}", text(&end.name)), Vec::new())),
            Token::String(words) => tags.iter_mut().next_back().into_iter().for_each(|tag| tag.text += &text(&words)),
            _ => {}
        }
    }
    tags.iter_mut().for_each(|tag| tag.text = squeezed(&tag.text));
    tags
}

/// With single spaces.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
