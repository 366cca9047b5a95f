//! Doors: the ways to get a code. All of them begin with a [`super::transaction::Transaction`], come back to the same
//! callback and end in the same [`super::finish`].
//!
//! | door | what the visitor sees | who talks to the provider | transaction |
//! |---|---|---|---|
//! | [`Door::Pages`] | our own pages | we do, step by step ([`idx`]) | holds the org's handle |
//! | [`Door::Widget`] | Okta's Sign-In Widget on a page of ours | the browser, until there is a code ([`widget`]) | without a handle |
//! | [`Door::Redirect`] | the provider's own page | the browser goes there ([`redirect`]) | without a handle |
//!
//! The host decides which door there is, and which providers; a visitor chooses among those.

pub(super) mod idx;
pub(super) mod redirect;
pub(super) mod widget;
mod widget_files;

pub use widget::Widget;
pub use widget_files::WidgetFiles;

use crate::access::HostPattern;

/// The way to get a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// From our own pages, by Okta's embedded protocol.
    Pages,
    /// From Okta's Sign-In Widget on a page of ours.
    Widget,
    /// From the provider's own page.
    Redirect,
}

/// The door and the providers of some hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoorRule {
    /// The hosts.
    pub hosts: Vec<HostPattern>,
    /// The door.
    pub door: Door,
    /// The providers among which one may choose, by name; none stands for all.
    pub providers: Vec<String>,
}

/// The rules for all hosts: the first that matches counts.
#[derive(Clone, Debug)]
pub struct Doors {
    rules: Vec<DoorRule>,
    otherwise: DoorRule,
}

impl Doors {
    /// `otherwise` is for hosts that no rule names.
    pub fn new(rules: Vec<DoorRule>, otherwise: DoorRule) -> Self {
        Self { rules, otherwise }
    }

    /// The rule for this host.
    pub(super) fn at(&self, host: &str) -> &DoorRule {
        let named = self.rules.iter().find(|rule| rule.hosts.iter().any(|pattern| pattern.matches(host)));
        named.unwrap_or(&self.otherwise)
    }
}
