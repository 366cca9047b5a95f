//! Who is asking: somebody with a session, or a program with an access token.

use std::sync::Arc;

use crate::session::{Identity, Session};
use crate::time::Instant;

/// Who is asking; there is none where nobody is signed in.
#[derive(Clone, Debug)]
pub enum Principal {
    /// Somebody who is signed in.
    Person(Arc<Session>),
    /// A program with an access token that holds.
    Machine(Arc<Machine>),
}

/// A program, as its access token says. It cannot sign in, prove more or be signed out: only its token expires.
#[derive(Debug)]
pub struct Machine {
    pub(super) identity: Identity,
    /// The token's scopes.
    pub(super) scopes: Vec<String>,
    /// When the token was issued.
    pub(super) issued: Instant,
    /// When it expires.
    pub(super) ends: Instant,
    /// The certificate that its connections must have shown, as [`crate::web::Request::certificate`] has it.
    pub(super) certificate: Option<String>,
}

impl Principal {
    /// What policies and applications are told of them.
    pub fn identity(&self) -> &Identity {
        match self {
            Self::Person(session) => &session.identity,
            Self::Machine(machine) => &machine.identity,
        }
    }

    /// The session of a person.
    pub fn session(&self) -> Option<&Arc<Session>> {
        match self {
            Self::Person(session) => Some(session),
            Self::Machine(_) => None,
        }
    }

    /// A token's scopes; a session has none.
    pub(super) fn scopes(&self) -> &[String] {
        match self {
            Self::Person(_) => &[],
            Self::Machine(machine) => &machine.scopes,
        }
    }

    /// When they signed in, or when their token was issued.
    pub(super) fn since(&self) -> Instant {
        match self {
            Self::Person(session) => session.signed_in,
            Self::Machine(machine) => machine.issued,
        }
    }

    /// Whether both were found as the same value: what was worked out for one holds for the other.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Person(one), Self::Person(other)) => Arc::ptr_eq(one, other),
            (Self::Machine(one), Self::Machine(other)) => Arc::ptr_eq(one, other),
            (Self::Person(_), Self::Machine(_)) | (Self::Machine(_), Self::Person(_)) => false,
        }
    }
}
