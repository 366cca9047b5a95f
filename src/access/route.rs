//! One rule of the configuration: what it matches, who may, and what becomes of a request.

use std::time::Duration;

use http::Method;

use super::{Action, HostPattern, PathPattern, Policy, Rewrite, UpstreamKind};
use crate::headers::NamePattern;

/// How long an upstream may be silent, where nothing else is said.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// How long connecting to an upstream may take, where nothing else is said.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// One rule of the configuration.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name, for logs and metrics.
    pub name: String,
    /// Which hosts.
    pub host: HostPattern,
    /// Which paths.
    pub path: PathPattern,
    /// Which methods; all where there is none. Another one is refused where no other route of the same host and path
    /// takes it, and never falls to a less exact path.
    pub methods: Methods,
    /// Who may.
    pub policy: Policy,
    /// What becomes of a request.
    pub action: Action,
    /// How the path is changed before it is forwarded.
    pub rewrite: Option<Rewrite>,
    /// How what is there reads paths.
    pub upstream_kind: UpstreamKind,
    /// How long the upstream may be silent.
    pub timeout: Duration,
    /// How long connecting to it may take.
    pub connect_timeout: Duration,
    /// How many bytes the body of a request may have.
    pub max_body: Option<u64>,
    /// Whether the upstream is told the host that was asked for, rather than its own.
    pub preserve_host: bool,
    /// Whether connections may become WebSockets.
    pub websocket: bool,
    /// Whether everybody is told that it is down for maintenance.
    pub maintenance: bool,
    /// How somebody without a session is told.
    pub signed_out: UnauthenticatedAction,
    /// Headers that a visitor may send although only a proxy should.
    pub pass_headers: Vec<NamePattern>,
}

impl Route {
    /// A route of any host and every method, with nothing else said.
    pub fn new(name: impl Into<String>, path: PathPattern, policy: Policy, action: Action) -> Self {
        Self {
            name: name.into(),
            host: HostPattern::Any,
            path,
            methods: Methods::default(),
            policy,
            action,
            rewrite: None,
            upstream_kind: UpstreamKind::default(),
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            max_body: None,
            preserve_host: true,
            websocket: true,
            maintenance: false,
            signed_out: UnauthenticatedAction::Auto,
            pass_headers: Vec::new(),
        }
    }
}

impl AsRef<Self> for Route {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// What somebody without a session gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnauthenticatedAction {
    /// Whatever fits the request: a page visit is sent to the sign-in page, the rest get a 401.
    Auto,
    /// The sign-in page, always.
    SignIn,
    /// A 401, always.
    Unauthorized,
}

/// Some methods, or all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Methods(Vec<Method>);

impl Methods {
    /// These; none when one of them is no method, or there is none.
    pub fn new(names: &[String]) -> Option<Self> {
        let is_name =
            |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        let methods = names.iter().filter(|name| is_name(name)).filter_map(|name| name.parse().ok());
        let methods: Vec<Method> = methods.collect();
        (!methods.is_empty() && methods.len() == names.len()).then_some(Self(methods))
    }

    /// Whether it is one of them; HEAD asks for what GET does (RFC 9110 §9.3.2).
    pub fn has(&self, method: &Method) -> bool {
        self.0.is_empty() || self.0.contains(method) || (*method == Method::HEAD && self.0.contains(&Method::GET))
    }

    /// Whether every method is one of them.
    pub fn are_all(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a method could be one of both, where both are not all.
    pub fn meet(&self, other: &Self) -> bool {
        self.are_all() == other.are_all() && (self.are_all() || self.0.iter().any(|method| other.0.contains(method)))
    }

    /// Each that is named.
    pub fn iter(&self) -> std::slice::Iter<'_, Method> {
        self.0.iter()
    }
}
