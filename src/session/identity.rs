//! Who someone is, as verified claims say.
//!
//! An [`Identity`] is made by `signin` from verified claims and travels, sealed, in the session
//! cookie; policies and identity headers are all that read it. It holds no token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// A person as the org knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The provider's name in the configuration. A subject is unique within its provider only.
    pub provider: String,
    /// The provider's id of the person (`sub`); stable, and never given to another.
    pub subject: String,
    /// What they sign in with (`preferred_username`).
    pub username: Option<String>,
    /// The name to show.
    pub name: Option<String>,
    /// Their address (`email`).
    pub email: Option<String>,
    /// The groups they are in, as the configured claim lists them.
    pub groups: Vec<String>,
    /// Other claims that identity headers are mapped from, by name.
    pub claims: BTreeMap<String, ClaimValue>,
    /// When they last proved who they are.
    pub auth_time: Option<Instant>,
    /// How they proved it (RFC 8176).
    pub amr: Vec<String>,
    /// The assurance level of that proof.
    pub acr: Option<String>,
    /// Claims that were too large to be kept, by name. A claim that stands here is not there, with one exception: of
    /// [`GROUPS`], those that rules name are kept, so that policies still decide; as a list they are not whole.
    pub left_out: Vec<String>,
}

/// How the claim of groups is called in [`Identity::left_out`], whatever the org calls it.
pub const GROUPS: &str = "groups";

/// A claim as far as it can stand in a header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClaimValue {
    /// A text, a number or a truth value.
    Text(String),
    /// Several of them.
    List(Vec<String>),
}

impl Identity {
    /// Whether [`Identity::groups`] is every group the org told of.
    pub fn has_all_groups(&self) -> bool {
        !self.left_out.iter().any(|name| name == GROUPS)
    }
}
