//! A client for Okta Identity Engine's embedded sign-in flow (IDX, the interaction-code grant), from a server.
//!
//! ```text
//!   begin ──► interaction handle ──► introspect ──► Step
//!                                                    │ Pending: show, ask, submit ──► Step ──► …
//!                                                    │ Success: a Code, to be exchanged (`oidc`)
//! ```
//!
//! Each reply of the org lists what can be done next ([`Remediation`]), with the address to post to and the members to
//! send. Nothing here assumes an order of steps. After `introspect` only addresses of replies are used, and only those
//! on the org's origin.
//!
//! What is OAuth in it is done by [`crate::oidc`]. It knows nothing of the gateway: addresses, credentials and the time
//! are arguments, and the outcome is a value. It keeps no cookies of the org: the handle identifies the whole
//! transaction, and a cookie jar would mix people up.
//!
//! Replies are read tolerantly: a member that is missing or of an unexpected type is left out. Requests are written
//! strictly, and replies that cannot be read are a [`Failure`].

mod answers;
mod authenticator;
mod client;
mod kind;
mod limits;
mod names;
mod remediation;
mod reply;
mod step;
mod wire;

pub use crate::oidc::Failure;
pub(crate) use answers::as_posted;
pub use answers::{Answer, Answers};
pub use authenticator::{Authenticator, AuthenticatorKey, PasswordRules};
pub use client::{Client, TokenKind, Visitor};
pub use kind::Kind;
pub use remediation::{Alternative, Field, Message, MessageClass, Remediation, Shape};
pub use reply::Reply;
pub use step::{Step, interaction_code};
