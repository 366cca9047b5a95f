//! Requests, responses and cookies as plain values: no socket, no server.
//!
//! [`Request`] borrows what the edge read; [`Response`] is what the edge writes; [`Site`] is one public host: its
//! origin, the paths that are the gateway's own, and the names and attributes of its cookies.

mod client_address;
mod cookies;
mod csp;
mod request;
mod response;
mod site;

pub use client_address::{Oddity, TrustedProxies, client_address, parse_network, write_address};
pub(crate) use cookies::cookie_pairs;
pub use cookies::{CookieChanges, Cookies, SetCookie};
pub use csp::Csp;
pub use request::{BadHost, FORM_BYTES, Request, RequestId, addresses_of, list_items, split_absolute};
pub(crate) use request::{is_this_machine, read_host};
pub use response::Response;
pub use site::Site;
