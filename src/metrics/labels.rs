//! The values of labels: what is counted apart, and its name in Prometheus.

/// Why the session store did not answer a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// There was no connection.
    Away,
    /// The connection broke.
    Broken,
    /// It took too long.
    Timeout,
    /// It answered that it cannot do that now.
    Refused,
    /// The most commands that are allowed were under way.
    Busy,
}

impl StoreFailure {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Broken => "broken",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Busy => "busy",
        }
    }
}

/// Why a connection was closed before it brought a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionRefusal {
    /// The limit of open connections in all was reached.
    InAll,
    /// The limit of open connections of one address was reached.
    OfAddress,
    /// The PROXY protocol header was missing, malformed, late, or from a peer that is not trusted.
    ProxyProtocol,
    /// The TLS handshake failed or took too long.
    Handshake,
}

impl ConnectionRefusal {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::InAll => "in_all",
            Self::OfAddress => "of_address",
            Self::ProxyProtocol => "proxy_protocol",
            Self::Handshake => "handshake",
        }
    }
}

/// What was decided about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionLabel {
    /// Passed: the route is public.
    Public,
    /// Passed: the route is open, and tells the application who is signed in.
    Optional,
    /// Passed: somebody is signed in.
    SignedIn,
    /// Passed: the conditions of the rule are met.
    Conditions,
    /// Passed: the visitor is in an allowed group.
    InGroup,
    /// Not signed in: sent to the sign-in page.
    SignIn,
    /// Not signed in: answered with 401.
    Unauthorized,
    /// Refused: the visitor is in none of the allowed groups.
    NotInGroup,
    /// Refused: another condition of the rule is not met.
    ConditionsNotMet,
    /// Asked to sign in again, more strongly or more recently.
    StepUp,
    /// The route is closed for maintenance.
    Maintenance,
    /// The session store does not answer.
    Unavailable,
}

impl DecisionLabel {
    pub(super) const ALL: [Self; 12] = [
        Self::Public,
        Self::Optional,
        Self::SignedIn,
        Self::Conditions,
        Self::InGroup,
        Self::SignIn,
        Self::Unauthorized,
        Self::NotInGroup,
        Self::ConditionsNotMet,
        Self::StepUp,
        Self::Maintenance,
        Self::Unavailable,
    ];

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Public => "pass_public",
            Self::Optional => "pass_optional",
            Self::SignedIn => "pass_signed_in",
            Self::Conditions => "pass_conditions",
            Self::InGroup => "pass_in_group",
            Self::SignIn => "sign_in",
            Self::Unauthorized => "unauthorized",
            Self::NotInGroup => "refuse_not_in_group",
            Self::ConditionsNotMet => "refuse_conditions",
            Self::StepUp => "step_up",
            Self::Maintenance => "maintenance",
            Self::Unavailable => "unavailable",
        }
    }
}

/// The provider's name where it is not known which provider a sign-in was to use.
pub const NO_PROVIDER: &str = "none";

/// How an access token was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BearerOutcome {
    /// It was valid.
    Accepted,
    /// It was not valid.
    Invalid,
    /// It was valid, and lacked a scope or a claim.
    Insufficient,
    /// It could not be verified.
    Unavailable,
}

impl BearerOutcome {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Invalid => "invalid",
            Self::Insufficient => "insufficient",
            Self::Unavailable => "unavailable",
        }
    }
}

/// The outcome for a session that was due to be refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// The provider gave new tokens or claims.
    Refreshed,
    /// Another replica refreshed it.
    Elsewhere,
    /// The provider refused, and the session has ended.
    Refused,
    /// The provider did not answer, or not usably; the session goes on unchanged.
    Failed,
}

impl RefreshOutcome {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Refreshed => "refreshed",
            Self::Elsewhere => "elsewhere",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// The state of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInOutcome {
    /// It began.
    Begun,
    /// Somebody signed in.
    SignedIn,
    /// An answer was not accepted; it goes on.
    Rejected,
    /// The person went back to the start.
    Canceled,
    /// The org ended it with a message and no form.
    Terminal,
    /// The provider failed, or its reply cannot be used.
    Provider,
    /// The transaction cookie was missing, too old, or not sealed by us.
    Lost,
    /// A form was not posted by our page.
    Forged,
    /// A limit on visitors refused something.
    Limited,
    /// Somebody signed out.
    SignedOut,
}

impl SignInOutcome {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::SignedIn => "signed_in",
            Self::Rejected => "rejected",
            Self::Canceled => "canceled",
            Self::Terminal => "terminal",
            Self::Provider => "provider",
            Self::Lost => "lost",
            Self::Forged => "forged",
            Self::Limited => "limited",
            Self::SignedOut => "signed_out",
        }
    }
}

/// How a call to a provider ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdpStatus {
    /// With an answer of this HTTP status.
    Http(u16),
    /// With an answer that cannot be read.
    Unreadable,
    /// It took too long.
    Timeout,
    /// There was no connection, or it broke.
    Unreachable,
    /// It was not made, because the budget of calls is used up.
    OverBudget,
}

impl IdpStatus {
    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Http(429) => "429",
            Self::Http(status) => class_label(status),
            Self::Unreadable => "unreadable",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::OverBudget => "over_budget",
        }
    }
}

/// One status of each class by which responses are counted; 0 for connections that ended first.
pub(super) const CLASSES: [u16; 6] = [100, 200, 300, 400, 500, 0];

pub(super) const fn class_label(status: u16) -> &'static str {
    match status {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        500..=599 => "5xx",
        _ => "none",
    }
}
