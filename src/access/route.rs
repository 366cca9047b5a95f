//! One `[[route]]` of the configuration: which requests it takes, who may pass, and what is done with them.

use std::sync::Arc;
use std::time::Duration;

use super::{Action, Cors, HostPattern, Methods, PathPattern, Policy, Rewrite, UpstreamKind};
use crate::headers::{IdentityMap, NamePattern, ResponseRewrite};

/// How long an upstream may be silent, by default.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// How long connecting to an upstream may take, by default.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// One `[[route]]` of the configuration.
#[derive(Clone, Debug)]
pub struct Route {
    /// Its name, for logs and metrics.
    pub name: String,
    /// Which hosts it takes.
    pub host: HostPattern,
    /// Which paths it takes.
    pub path: PathPattern,
    /// Which methods it takes. A request with another is refused (405) unless another route of the same host and path
    /// takes it; it never goes to a route of a less exact path.
    pub methods: Methods,
    /// Who may pass.
    pub policy: Policy,
    /// A text for people who are refused, shown beside the reason.
    pub deny_message: Option<String>,
    /// What is done with a request that may pass.
    pub action: Action,
    /// How the path is changed before it is forwarded.
    pub rewrite: Option<Rewrite>,
    /// How the upstream's own addresses and cookies in responses are changed into the site's.
    pub rewrite_responses: Option<ResponseRewrite>,
    /// How the upstream reads paths.
    pub upstream_kind: UpstreamKind,
    /// How long the upstream may be silent.
    pub timeout: Duration,
    /// How long connecting to it may take.
    pub connect_timeout: Duration,
    /// The longest body of a request, in bytes.
    pub max_body: Option<u64>,
    /// Whether the upstream gets the `Host` of the request, rather than its own.
    pub preserve_host: bool,
    /// Whether connections may become WebSockets.
    pub websocket: bool,
    /// The status with which WebSockets are closed whose session has ended; without one their subprotocol decides.
    pub websocket_end_code: Option<u16>,
    /// Whether every request gets the maintenance page.
    pub maintenance: bool,
    /// Whether a form that was posted without a session is kept in the browser and sent after the sign-in.
    pub keep_post: bool,
    /// What a request without a session is answered.
    pub signed_out: UnauthenticatedAction,
    /// Parameters that a sign-in which begins here adds to the authorization request.
    pub sign_in_parameters: Vec<(String, String)>,
    /// Names of headers that are passed on although normally only a proxy may send them.
    pub pass_headers: Vec<NamePattern>,
    /// The identity headers, where they are not those of all routes.
    pub identity: Option<Arc<IdentityMap>>,
    /// The audience of its signed assertions; the origin of its first upstream where none is set.
    pub audience: Option<String>,
    /// The names of the `[[bearer_issuer]]` whose access tokens are taken.
    pub bearer: Vec<String>,
    /// Which other sites' scripts may call.
    pub cors: Option<Cors>,
}

impl Route {
    /// A route of every host and method, with the defaults for everything else.
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
            websocket_end_code: None,
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

    /// Whether both lead to the same server, as far as its addresses say so.
    pub(crate) fn shares_a_server_with(&self, other: &Self) -> bool {
        self.action.upstreams().any(|one| other.action.upstreams().any(|other| one.shares_a_server_with(other)))
    }

    /// Whether a body may have that many bytes.
    pub fn takes_body(&self, bytes: u64) -> bool {
        self.max_body.is_none_or(|most| bytes <= most)
    }
}

impl AsRef<Self> for Route {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// What a request without a session is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnauthenticatedAction {
    /// A page visit is redirected to the sign-in page; anything else gets a 401.
    Auto,
    /// A redirect to the sign-in page, always.
    SignIn,
    /// A 401, always.
    Unauthorized,
}
