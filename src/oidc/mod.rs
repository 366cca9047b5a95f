//! A client of OAuth 2.0 and OpenID Connect providers: discovery, the token endpoint and those beside it, and tokens
//! whose content is used only after they were verified.
//!
//! ```text
//!   AuthorizationRequest ──► (the person signs in) ──► Code ──► exchange ──► Tokens { claims: VerifiedClaims }
//!                                                                 │
//!              Documents: discovery and keys, by issuer ◄─────────┘
//! ```
//!
//! A provider is known by its [`Issuer`]; everything else about it comes from its own documents, which [`Documents`]
//! keeps for all clients of one issuer. Addresses, credentials and the time are arguments, and the outcome is a value
//! or a [`Failure`]; no cookie is set and no page rendered. Everything that is read is bounded in size, depth and time
//! ([`limits`]).

mod algorithm;
mod authorization;
mod budget;
mod client;
pub(crate) mod client_authentication;
pub(crate) mod discovery;
mod documents;
mod exchange;
mod failure;
pub(crate) mod http;
pub mod id_token;
pub(crate) mod json;
pub mod jwks;
mod jws;
mod kept;
pub(crate) mod limits;
mod logout;
pub(crate) mod pkce;
mod refresh;
mod resource_server;
mod revoke;
pub(crate) mod security_tokens;
mod userinfo;

pub use algorithm::{ALGORITHMS, Algorithm};
pub use authorization::{AuthorizationRequest, PROTOCOL_PARAMETERS};
pub use budget::CallBudget;
pub use client::{Client, Logout, Registration};
pub use client_authentication::ClientAuthentication;
pub use discovery::{Issuer, is_loopback};
pub use documents::Documents;
pub use exchange::{Code, Tokens};
pub use failure::Failure;
pub use http::Call;
pub use id_token::{VerifiedClaims, is_identifier};
pub use refresh::{RefreshRequest, Refreshed};
pub use resource_server::{AccessToken, Introspection, Rejected, ResourceServer, TokenRules, claimed_issuer};
