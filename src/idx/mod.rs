//! A client for Okta Identity Engine's embedded sign-in flow (IDX, the interaction-code grant), from a server.
//!
//! ```text
//!   begin ──► interaction handle ──► introspect ──► Step
//!                                                    │ Pending: show, ask, submit ──► Step ──► …
//!                                                    │ Success: a Code           
//!                                                    ▼
//!                                        exchange ──► Tokens ──► verify ──► VerifiedClaims
//! ```
//!
//! The org drives: each reply lists what can be done next ([`Remediation`]), with the address to post
//! to and the members to send. Nothing here assumes an order of steps, and no address is built after
//! `introspect`: one that leaves the org's origin is refused.
//!
//! The module stands alone. Addresses, credentials and the time are arguments, and what happened is a
//! value; it sets no cookie, renders no page and knows nothing of the gateway around it. It keeps no
//! cookie of the org's: the handle carries the whole transaction, and a cookie jar would mix people up.
//!
//! Replies are read tolerantly (a member missing or of an unexpected kind is left out), bounded in size,
//! depth and time ([`limits`]); requests are written strictly.

pub mod answers;
pub mod authentication;
pub mod authenticator;
pub mod client;
mod http;
pub mod keys;
pub mod kind;
pub mod limits;
pub mod metadata;
pub mod pkce;
pub mod remediation;
pub mod reply;
pub mod step;
pub mod tokens;
mod wire;

pub use answers::{Answer, Answers};
pub use authentication::ClientAuthentication;
pub use authenticator::{Authenticator, AuthenticatorKey};
pub use client::{Beginning, Client, Org, Tokens, Visitor};
pub use kind::Kind;
pub use remediation::{Field, Message, MessageClass, Remediation, Shape};
pub use reply::Reply;
pub use step::{Code, Failure, Grant, Step};
pub use tokens::VerifiedClaims;
