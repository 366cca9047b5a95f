//! Who may go where: no I/O, no clock.
//!
//! [`Sites`] says whether a request's host is one of ours. [`Routes`] finds the route of a request, and every other
//! route under which an upstream could read its path ([`readings`]). [`Policy`] decides whether a visitor may use a
//! route, and makes the [`Permit`] without which nothing is forwarded.

mod action;
mod assurance;
mod condition;
mod cors;
mod host;
mod methods;
mod path;
pub(crate) mod policy;
mod probes;
mod readings;
mod rewrite;
mod route;
mod session_limits;
mod sites;
mod table;
mod upstream;

pub use action::{Action, FixedResponse, Redirect};
pub use assurance::AuthnRequirement;
pub use condition::{Condition, FailedCondition, Names, Refusal, RequestFacts};
pub use cors::Cors;
pub use host::HostPattern;
pub use methods::Methods;
pub use path::{BadPath, ExactPath, PathPattern, PathPrefix, PathRegex};
pub use policy::{Decision, Permit, PermitReason, Policy};
pub use probes::{Probe, somebody, visitors_to_explain, visitors_told_apart};
pub use readings::UpstreamKind;
pub use rewrite::{Replacement, Rewrite};
pub use route::{CONNECT_TIMEOUT, Route, TIMEOUT, UnauthenticatedAction};
pub use session_limits::{Credential, SessionLimits};
pub use sites::Sites;
pub use table::{Matched, NoRoute, Routes};
pub(crate) use upstream::without_detours;
pub use upstream::{Balance, Ejection, HealthCheck, Http2, Upstream, UpstreamTls, Upstreams};
