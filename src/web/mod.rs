//! Requests, responses and cookies as plain values: no socket, no server.
//!
//! [`Request`] borrows what the edge read; [`Response`] is what the edge writes; [`Site`] is the side
//! the public sees: origin, prefix, callback and the names and attributes of our cookies.

mod request;
mod response;
mod site;

pub use request::{BadForm, BadHost, Body, FORM_BYTES, FORM_FIELDS, Request, RequestId};
pub(crate) use request::{cookie_pairs, read_host};
pub use response::Response;
pub use site::{SetCookie, Site};
