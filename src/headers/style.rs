//! How values are written into identity headers: separators of lists, escaping in items, text beyond ASCII.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The character between the items of a list.
    pub separator: char,
    /// How a separator inside an item is escaped.
    pub escape: Escape,
    /// How text beyond ASCII is written.
    pub non_ascii: NonAscii,
    /// Whether a header without a value is sent empty, instead of being left out.
    pub sends_empty: bool,
}

/// How a separator inside an item of a list is escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// The separator and `%` are percent-encoded.
    Percent,
    /// A backslash stands before the separator and before a backslash.
    Backslash,
    /// Every item is in double quotes; a backslash stands before a double quote and before a backslash.
    Quotes,
    /// Not at all: an item that holds the separator is left out, since it would be read as two items.
    None,
}

/// How text beyond ASCII is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NonAscii {
    /// As UTF-8, unchanged.
    RawUtf8,
    /// Each byte of its UTF-8 percent-encoded, and `%` too.
    Percent,
    /// The whole value as one or more encoded words (RFC 2047, `=?UTF-8?B?…?=`). One that could be read as such a word
    /// is encoded too, so that whoever decodes reads what was meant.
    Rfc2047,
}

impl Default for Style {
    fn default() -> Self {
        Self::USUAL
    }
}

/// Bytes of text in one encoded word, which may have 75 characters (RFC 2047 §2): 12 of them are not base64.
const WORD_BYTES: usize = 45;

impl Style {
    /// The style of most presets, and the default.
    pub(super) const USUAL: Self =
        Self { separator: ',', escape: Escape::Percent, non_ascii: NonAscii::RawUtf8, sends_empty: false };

    /// A value that is not a list.
    pub(super) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.non_ascii {
            _ if text.is_ascii() && self.non_ascii != NonAscii::Percent => text.into(),
            // Of the latter a value is encoded as a whole.
            NonAscii::RawUtf8 | NonAscii::Rfc2047 => text.into(),
            NonAscii::Percent => percent(text, |byte| !byte.is_ascii() || byte == b'%'),
        }
    }

    /// What a header says, of a value that is put together. One that does not survive in a header stays as it is, since
    /// encoding would only hide that.
    pub(super) fn whole<'t>(&self, value: Cow<'t, str>) -> Cow<'t, str> {
        let is_encoded = self.non_ascii == NonAscii::Rfc2047 && (!value.is_ascii() || value.contains("=?"));
        if is_encoded && is_one_line(&value) { encoded_words(&value).into() } else { value }
    }

    /// The items that are told, joined; none where no item is left.
    pub(super) fn list(&self, items: &[String]) -> Option<Cow<'static, str>> {
        let mut joined = String::with_capacity(items.iter().map(|item| item.len() + 1).sum());
        for item in told(items) {
            if self.escape == Escape::None && item.contains(self.separator) {
                continue;
            }
            if !joined.is_empty() {
                joined.push(self.separator);
            }
            self.item(item, &mut joined);
        }
        (!joined.is_empty()).then_some(joined.into())
    }

    fn item(&self, item: &str, joined: &mut String) {
        let beyond = self.non_ascii == NonAscii::Percent;
        match self.escape {
            Escape::Percent => {
                let separator = self.separator;
                let encodes = |byte: u8| byte == b'%' || char::from(byte) == separator || beyond && !byte.is_ascii();
                joined.push_str(&percent(item, encodes));
            }
            Escape::Backslash | Escape::Quotes => {
                let special = if self.escape == Escape::Quotes { '"' } else { self.separator };
                let quote = if self.escape == Escape::Quotes { "\"" } else { "" };
                joined.push_str(quote);
                for letter in self.text(item).chars() {
                    if letter == special || letter == '\\' {
                        joined.push('\\');
                    }
                    joined.push(letter);
                }
                joined.push_str(quote);
            }
            Escape::None => joined.push_str(&percent(item, |byte| beyond && (byte == b'%' || !byte.is_ascii()))),
        }
    }
}

/// The items of a list of which applications are told, in headers and in assertions: one that a reader would trim or split
/// might become another group.
pub(super) fn told(items: &[String]) -> impl Iterator<Item = &String> {
    items.iter().filter(|item| !item.is_empty() && is_one_line(item))
}

/// Whether `value` survives in a header: no control characters or line separators, and no blank at its ends.
pub(super) fn is_one_line(value: &str) -> bool {
    // A shortcut: nearly all values are plain ASCII, and bytes are compared faster than letters.
    if value.bytes().all(|byte| matches!(byte, b'!'..=b'~' | b' ')) {
        return !value.starts_with(' ') && !value.ends_with(' ');
    }
    let splits = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    value.trim() == value && !value.chars().any(splits)
}

fn percent(text: &str, encodes: impl Fn(u8) -> bool) -> Cow<'_, str> {
    if !text.bytes().any(&encodes) {
        return text.into();
    }
    let mut encoded = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        let mut bytes = [0; 4];
        let bytes = letter.encode_utf8(&mut bytes).as_bytes();
        if bytes.iter().any(|byte| encodes(*byte)) {
            for byte in bytes {
                // Writing to a String cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        } else {
            encoded.push(letter);
        }
    }
    encoded.into()
}

/// Text as encoded words, each of whole letters (RFC 2047 §5).
fn encoded_words(text: &str) -> String {
    let (mut words, mut word) = (Vec::new(), String::new());
    for letter in text.chars() {
        if word.len() + letter.len_utf8() > WORD_BYTES {
            words.push(std::mem::take(&mut word));
        }
        word.push(letter);
    }
    words.push(word);
    let words: Vec<String> = words.iter().map(|word| format!("=?UTF-8?B?{}?=", STANDARD.encode(word))).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_item_of_a_list_can_be_read_as_two() {
        let items = ["staff", "a,admin", "100%", "a|b", r"c\d", "say \"hi\"", " trimmed", ""].map(str::to_owned);
        let style = |separator, escape| Style { separator, escape, ..Style::default() };
        for (style, expected) in [
            (style(',', Escape::Percent), r#"staff,a%2Cadmin,100%25,a|b,c\d,say "hi""#),
            (style('|', Escape::Percent), r#"staff|a,admin|100%25|a%7Cb|c\d|say "hi""#),
            (style(',', Escape::Backslash), r#"staff,a\,admin,100%,a|b,c\\d,say "hi""#),
            (style(',', Escape::Quotes), r#""staff","a,admin","100%","a|b","c\\d","say \"hi\"""#),
            (style(',', Escape::None), r#"staff,100%,a|b,c\d,say "hi""#),
        ] {
            assert_eq!(style.list(&items).as_deref(), Some(expected), "{style:?}");
        }
        assert_eq!(Style::default().list(&[]), None);
    }

    #[test]
    fn text_beyond_ascii_is_written_by_rule() {
        let style = |non_ascii| Style { non_ascii, ..Style::default() };
        for (rule, text, expected) in
            [(NonAscii::RawUtf8, "Zoë 100%", "Zoë 100%"), (NonAscii::Percent, "Zoë 100%", "Zo%C3%AB 100%25")]
        {
            assert_eq!(style(rule).text(text), expected, "{rule:?}");
        }
        let list = ["Zoë".to_owned(), "a,b".to_owned()];
        assert_eq!(style(NonAscii::Percent).list(&list).as_deref(), Some("Zo%C3%AB,a%2Cb"));
        let encoded = |text: &str| style(NonAscii::Rfc2047).whole(text.to_owned().into()).into_owned();
        for (text, expected) in [
            ("Zoe", "Zoe"),
            ("a=b?", "a=b?"),
            ("Zoë", "=?UTF-8?B?Wm/Dqw==?="),
            // `admin`, for whoever decodes it.
            ("=?UTF-8?B?YWRtaW4=?=", "=?UTF-8?B?PT9VVEYtOD9CP1lXUnRhVzQ9Pz0=?="),
            ("x =?", "=?UTF-8?B?eCA9Pw==?="),
            // Not written at all, as it is.
            ("Zo\u{85}", "Zo\u{85}"),
            (" ë", " ë"),
        ] {
            assert_eq!(encoded(text), expected, "{text}");
        }
        let long = encoded(&"é".repeat(40));
        assert!(long.split(' ').count() == 2 && long.split(' ').all(|word| word.len() <= 75), "{long}");
    }
}
