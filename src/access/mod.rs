//! Who may go where: no I/O, no clock.
//!
//! [`Sites`] says whose request it is at all; [`Routes`] finds the one route of a request, and every other route that somebody could take its path for
//! ([`readings`]); [`Policy`] decides whether whoever is asking may use it, and makes the [`Permit`] without which
//! nothing is forwarded.

mod assurance;
pub(crate) mod policy;
mod readings;
mod route;
mod sites;
mod upstream;

pub use assurance::{AuthnRequirement, Unmet};
pub use policy::*;
pub use readings::UpstreamKind;
pub use route::*;
pub use sites::Sites;
pub use upstream::Upstream;
