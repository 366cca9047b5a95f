//! What a string is called: a constant for each of ours, made from the English catalogue by `build.rs`, and
//! names within a family for those that others choose the names of.

use serde::{Serialize, Serializer};

/// A string that the English catalogue has, so that every language can say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StringId(&'static str);

include!(concat!(env!("OUT_DIR"), "/ids.rs"));

impl StringId {
    /// Its Fluent message id, as `sign-in`.
    pub(crate) fn name(self) -> &'static str {
        self.0
    }
}

impl Serialize for StringId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// Strings whose names others choose: there may be more of them than we ship, an operator may add some, and
/// one that is missing is no mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// A message of the org, by its key.
    Message,
    /// The heading of a page that such a message fills.
    MessageHeading,
    /// An attribute of a profile, by its name.
    Field,
    /// A security question, by its key.
    Question,
}

impl Family {
    /// How the ids of each family begin; `amr-` (RFC 8176) is asked for by the templates alone.
    pub(super) const PREFIXES: [&str; 4] = ["okta-", "field-", "question-", "amr-"];

    /// The id that a name has in the catalogue: what is no letter, digit or `_` becomes `-`.
    pub(crate) fn id(self, name: &str) -> String {
        let (prefix, attribute) = match self {
            Self::Message => ("okta-", ""),
            Self::MessageHeading => ("okta-", ".heading"),
            Self::Field => ("field-", ""),
            Self::Question => ("question-", ""),
        };
        let fold = |character: char| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => character,
            _ => '-',
        };
        let name: String = name.chars().map(fold).collect();
        format!("{prefix}{name}{attribute}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::parameters::parameters;
    use super::{Family, NAMES};

    #[test]
    fn there_is_a_constant_for_every_message_of_the_english_catalogue_that_is_in_no_family() {
        let english = [
            include_str!("../../../templates/locales/en/auth.ftl"),
            include_str!("../../../templates/locales/en/device.ftl"),
        ]
        .map(parameters);
        let is_named = |id: &&str| ["field-", "question-", "amr-"].iter().all(|family| !id.starts_with(family));
        let messages: BTreeSet<&str> =
            english.iter().flat_map(|file| file.keys().map(String::as_str)).filter(is_named).collect();
        let constants: BTreeSet<&str> = NAMES.iter().copied().collect();
        assert!(constants.len() > 400);
        assert_eq!(messages.symmetric_difference(&constants).collect::<Vec<_>>(), Vec::<&&str>::new());
    }

    #[test]
    fn a_name_in_a_family_is_folded_to_what_a_catalogue_can_hold() {
        assert_eq!(Family::Message.id("errors.E0000004"), "okta-errors-E0000004");
        assert_eq!(Family::MessageHeading.id("idx.session.expired"), "okta-idx-session-expired.heading");
        assert_eq!(Family::Field.id("shoe size"), "field-shoe-size");
        assert_eq!(Family::Question.id("favorite_art_piece"), "question-favorite_art_piece");
    }
}
