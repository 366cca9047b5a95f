//! One rule of the configuration: what it matches, who may, and what becomes of a request.

use std::sync::Arc;
use std::time::Duration;

use super::{Action, Cors, HostPattern, Methods, PathPattern, Policy, Rewrite, UpstreamKind};
use crate::headers::{IdentityMap, NamePattern, ResponseRewrite};

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
    /// What a person who is refused is told, beside the rest.
    pub deny_message: Option<String>,
    /// What becomes of a request.
    pub action: Action,
    /// How the path is changed before it is forwarded.
    pub rewrite: Option<Rewrite>,
    /// How addresses and cookies in answers become the site's.
    pub rewrite_responses: Option<ResponseRewrite>,
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
    /// Whether a form that comes without the session it needs is kept in the visitor's browser.
    pub keep_post: bool,
    /// How somebody without a session is told.
    pub signed_out: UnauthenticatedAction,
    /// What a sign-in that begins here asks of the provider besides, by name.
    pub sign_in_parameters: Vec<(String, String)>,
    /// Headers that a visitor may send although only a proxy should.
    pub pass_headers: Vec<NamePattern>,
    /// What the application is told of people, where it is not what all are told.
    pub identity: Option<Arc<IdentityMap>>,
    /// For whom its signed assertions are; its upstream's origin unless something else is said.
    pub audience: Option<String>,
    /// Whose access tokens are taken, by the names of `[[bearer_issuer]]`.
    pub bearer: Vec<String>,
    /// Which other sites' scripts may call.
    pub cors: Option<Cors>,
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
            deny_message: None,
            action,
            rewrite: None,
            rewrite_responses: None,
            upstream_kind: UpstreamKind::default(),
            timeout: TIMEOUT,
            connect_timeout: CONNECT_TIMEOUT,
            max_body: None,
            preserve_host: true,
            websocket: true,
            maintenance: false,
            keep_post: false,
            signed_out: UnauthenticatedAction::Auto,
            sign_in_parameters: Vec::new(),
            pass_headers: Vec::new(),
            identity: None,
            audience: None,
            bearer: Vec::new(),
            cors: None,
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
