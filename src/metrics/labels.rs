//! What the labels of metrics may say: everything that is counted apart, and what it is called in Prometheus.

/// Why the session store brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// There is no connection.
    Away,
    /// The connection broke.
    Broken,
    /// It took too long.
    Timeout,
    /// It answered that it does not do that now.
    Refused,
    /// As many commands are under way as may be.
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

/// Why a connection was closed before anything was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionRefusal {
    /// As many are open as may be.
    InAll,
    /// As many of this address are open as may be.
    OfAddress,
    /// The header of the PROXY protocol is missing, malformed, late, or a stranger's.
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

/// What a policy decided, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionLabel {
    /// Passed: the route is public.
    Public,
    /// Passed: the route is open, and knows who is signed in.
    Optional,
    /// Passed: somebody is signed in.
    SignedIn,
    /// Passed: they meet what the rule asks.
    Conditions,
    /// Passed: they are in a group that may.
    InGroup,
    /// Not signed in: sent to the sign-in page.
    SignIn,
    /// Not signed in: answered with 401.
    Unauthorized,
    /// Refused: in none of the groups that may.
    NotInGroup,
    /// Refused: something else that the rule asks does not hold.
    ConditionsNotMet,
    /// Signed in, and asked to prove more, or again.
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

/// In the place of a provider's name where it is not known which one a sign-in was to be with.
pub const NO_PROVIDER: &str = "none";

/// What became of an access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BearerOutcome {
    /// It held.
    Accepted,
    /// It did not.
    Invalid,
    /// It held, and lacks a scope or a claim.
    Insufficient,
    /// It could not be checked.
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

/// What became of a session that was due to be refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// The provider brought what it says now.
    Refreshed,
    /// Another replica was faster.
    Elsewhere,
    /// The provider says that it is over, and the session has ended.
    Refused,
    /// The provider did not answer, or not in a way that counts; the session goes on as it was.
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

/// How a sign-in stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInOutcome {
    /// It began.
    Begun,
    /// Somebody signed in.
    SignedIn,
    /// An answer was not accepted; it goes on.
    Rejected,
    /// The person went back.
    Canceled,
    /// The org said no, with a message and no form.
    Terminal,
    /// The org failed, or gave a reply we cannot act on.
    Provider,
    /// The transaction cookie was missing, too old, or not ours.
    Lost,
    /// A form did not come from our page.
    Forged,
    /// A limit on what visitors may do refused something.
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

/// How a call to the org ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdpStatus {
    /// With this HTTP status.
    Http(u16),
    /// In time, with nothing we can read.
    Unreadable,
    /// It took too long.
    Timeout,
    /// There was no connection, or it broke.
    Unreachable,
    /// It was not made: there were as many as are allowed.
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

/// A status of each class that answers are counted by; of none, where the connection ended first.
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
