//! The parameters of a sign-in: where it is to end, how strong it must be, and what is passed to the provider beyond the
//! protocol's own: what the route says (`sign_in_parameters`), and what the visitor's address has, as `login_hint` or
//! `ui_locales`. The latter counts only where that provider's `pass_parameters` names it, so both are kept apart until a
//! provider is chosen. What is too long, or of no name that any provider passes, is left out.

use serde::{Deserialize, Serialize};

use super::return_to::ReturnTo;
use crate::access::AuthnRequirement;

/// The longest value that is taken from a visitor's address, in bytes.
const VALUE_BYTES: usize = 256;
/// The most bytes that names and values from a visitor's address may have together: they stand in a cookie.
const ALL_BYTES: usize = 768;

/// What the address of a page asks for where a sign-in begins.
pub(super) struct EntryParameters {
    /// Where to go in the end.
    pub(super) return_to: ReturnTo,
    /// How strong and how recent the sign-in must be.
    pub(super) requirement: Option<AuthnRequirement>,
    /// What is asked of the provider besides.
    pub(super) requested: RequestedParameters,
}

/// What a sign-in asks besides, as names and values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedParameters {
    /// Because the route says so.
    pub(super) by_route: Vec<(String, String)>,
    /// Because the visitor's address has it.
    by_visitor: Vec<(String, String)>,
}

impl RequestedParameters {
    /// What the route says, and of the visitor's address (`query`) what stands there under one of these names, as far as it
    /// is not too long.
    pub(super) fn new<'n, 'q>(
        by_route: Vec<(String, String)>,
        names: impl IntoIterator<Item = &'n str>,
        query: impl Fn(&str) -> Option<&'q str>,
    ) -> Self {
        let mut by_visitor: Vec<(String, String)> = Vec::new();
        let mut room = ALL_BYTES;
        for name in names {
            let Some(value) = query(name).filter(|value| (1..=VALUE_BYTES).contains(&value.len())) else { continue };
            let is_known = by_visitor.iter().any(|(known, _)| known == name);
            if let Some(rest) = room.checked_sub(name.len() + value.len()).filter(|_| !is_known) {
                room = rest;
                by_visitor.push((name.to_owned(), value.to_owned()));
            }
        }
        Self { by_route, by_visitor }
    }

    /// What the visitor's address wants, by name.
    pub(super) fn of_visitor(&self, name: &str) -> Option<&str> {
        self.by_visitor.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// How many bytes they have.
    pub(super) fn bytes(&self) -> usize {
        self.by_route.iter().chain(&self.by_visitor).map(|(name, value)| name.len() + value.len()).sum()
    }

    /// An address where a sign-in begins, which has a query already, with what the visitor's address wants.
    pub(super) fn added_to(&self, address: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        match query.extend_pairs(&self.by_visitor).finish().as_str() {
            "" => address.to_owned(),
            more => format!("{address}&{more}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_wants_is_taken_by_name_and_within_limits() {
        let long = "x".repeat(VALUE_BYTES);
        let too_long = format!("{long}x");
        let query = [("a", "1&2=é"), ("b", ""), ("c", &too_long), ("d", &long), ("e", &long), ("f", &long), ("g", "7")];
        let of = |name: &str| query.iter().find(|(given, _)| *given == name).map(|(_, value)| *value);
        let taken = RequestedParameters::new(Vec::new(), ["a", "a", "b", "c", "d", "e", "f", "nowhere"], of);
        for (name, expected) in [
            ("a", Some("1&2=é")),
            ("b", None),
            ("c", None),
            ("d", Some(&long[..])),
            ("e", Some(&long)),
            ("f", None),
            ("g", None),
        ] {
            assert_eq!(taken.of_visitor(name), expected, "{name}");
        }
        let taken = RequestedParameters::new(Vec::new(), ["a"], of);
        assert_eq!(taken.added_to("/sign-in?return=%2F"), "/sign-in?return=%2F&a=1%262%3D%C3%A9");
        assert_eq!(RequestedParameters::default().added_to("/sign-in?return=%2F"), "/sign-in?return=%2F");
    }
}
