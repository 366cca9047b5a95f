//! A client for Okta Identity Engine's embedded sign-in flow (IDX, the interaction-code grant), from a server.
//!
//! ```text
//!   begin ──► interaction handle ──► introspect ──► Step
//!                                                    │ Pending: show, ask, submit ──► Step ──► …
//!                                                    │ Success: a Code, to be exchanged (`oidc`)
//! ```
//!
//! The org drives: each reply lists what can be done next ([`Remediation`]), with the address to post
//! to and the members to send. Nothing here assumes an order of steps, and no address is built after
//! `introspect`: one that leaves the org's origin is refused.
//!
//! What is OAuth in it is done by [`crate::oidc`]; of the gateway around it it knows nothing: addresses,
//! credentials and the time are arguments, and what happened is a value. It keeps no cookie of the org's:
//! the handle carries the whole transaction, and a cookie jar would mix people up.
//!
//! Replies are read tolerantly (a member missing or of an unexpected kind is left out); requests are
//! written strictly.

mod answers;
mod authenticator;
mod client;
mod kind;
mod limits;
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
