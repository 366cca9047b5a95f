//! Who someone is, once the org's word for it has been verified.
//!
//! An [`Identity`] is made by `signin` from verified claims and travels, sealed, in the session
//! cookie; policies and identity headers are all that read it. It holds no token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// A person as the org knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The org's own name for the person (`sub`); stable, and never given to another.
    pub subject: String,
    /// What they sign in with (`preferred_username`).
    pub username: Option<String>,
    /// The name to show.
    pub name: Option<String>,
    /// Their address (`email`).
    pub email: Option<String>,
    /// The groups they are in, as the configured claim lists them.
    pub groups: Vec<String>,
    /// Other claims that identity headers are mapped from, by claim; a list is joined with commas.
    pub claims: BTreeMap<String, String>,
    /// When they last proved who they are.
    pub auth_time: Option<Instant>,
    /// How they proved it (RFC 8176).
    pub amr: Vec<String>,
    /// How far the org trusts that proof.
    pub acr: Option<String>,
}
