//! Words on a page: one of our strings with its parameters, or what somebody else wrote, which is shown escaped.

use serde::{Serialize, Serializer};

use super::strings::{Family, StringId};

/// Words on a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Text {
    /// One of our strings.
    Ours {
        /// Which.
        id: StringId,
        /// Its parameters by name.
        args: Vec<(String, Arg)>,
    },
    /// Our string for a name that somebody else chose, where the catalogue has one.
    Named {
        /// The Fluent message id, as `field-email`.
        id: String,
        /// Its parameters by name.
        args: Vec<(String, Arg)>,
        /// What to show where the catalogue has no such id, or a parameter is missing. Empty: an apology.
        or: String,
    },
    /// A sentence and the heading that it would have on a page of its own, which is said first if there is one.
    Headed {
        /// Its heading, if the catalogue has it.
        heading: Box<Text>,
        /// The sentence.
        sentence: Box<Text>,
    },
    /// Somebody else's words, in the page's language already; shown as they are, escaped.
    Theirs(#[serde(serialize_with = "marked")] String),
}

/// A parameter of a string.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Arg {
    /// A number, for plurals.
    Number(i64),
    /// Anything else.
    Words(String),
    /// Words that depend on the page's language themselves.
    Text(Box<Text>),
}

/// Marks somebody else's words, so that they are never taken for the id of a string of ours.
fn marked<S: Serializer>(words: &str, serializer: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeMap;
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry("theirs", words)?;
    map.end()
}

impl Text {
    /// One of our strings, without parameters.
    pub fn ours(id: StringId) -> Self {
        Self::Ours { id, args: Vec::new() }
    }

    /// Our string for `name`, or `or` where there is none.
    pub fn named(family: Family, name: &str, or: &str) -> Self {
        Self::Named { id: family.id(name), args: Vec::new(), or: or.to_owned() }
    }

    /// The same with a parameter; chain for more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Arg>) -> Self {
        if let Self::Ours { args, .. } | Self::Named { args, .. } = &mut self {
            args.push((name.to_owned(), value.into()));
        }
        self
    }

    /// This sentence after its heading.
    #[must_use]
    pub fn headed(self, heading: Self) -> Self {
        Self::Headed { heading: Box::new(heading), sentence: Box::new(self) }
    }
}

impl From<StringId> for Text {
    fn from(id: StringId) -> Self {
        Self::ours(id)
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Text> for Arg {
    fn from(text: Text) -> Self {
        Self::Text(Box::new(text))
    }
}

impl From<&str> for Arg {
    fn from(words: &str) -> Self {
        Self::Words(words.to_owned())
    }
}

impl From<String> for Arg {
    fn from(words: String) -> Self {
        Self::Words(words)
    }
}
