//! The values of labels: what is counted apart, and its name in Prometheus.

/// Declares an enum of which each variant is counted under the name that stands beside it.
macro_rules! labels {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $variant:ident = $label:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$what])* $variant,)* }

        impl $name {
            pub(super) const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }
    };
}

labels! {
    /// Why the session store did not answer a command.
    StoreFailure {
        /// There was no connection.
        Away = "away",
        /// The connection broke.
        Broken = "broken",
        /// It took too long.
        Timeout = "timeout",
        /// It answered that it cannot do that now.
        Refused = "refused",
        /// The most commands that are allowed were under way.
        Busy = "busy",
    }
}

labels! {
    /// Why a connection was closed before it brought a request.
    ConnectionRefusal {
        /// The limit of open connections in all was reached.
        InAll = "in_all",
        /// The limit of open connections of one address was reached.
        OfAddress = "of_address",
        /// The PROXY protocol header was missing, malformed, late, or from a peer that is not trusted.
        ProxyProtocol = "proxy_protocol",
        /// The TLS handshake failed or took too long.
        Handshake = "handshake",
    }
}

labels! {
    /// What was decided about a request.
    DecisionLabel {
        /// Passed: the route is public.
        Public = "pass_public",
        /// Passed: the route is open, and tells the application who is signed in.
        Optional = "pass_optional",
        /// Passed: somebody is signed in.
        SignedIn = "pass_signed_in",
        /// Passed: the conditions of the rule are met.
        Conditions = "pass_conditions",
        /// Passed: the visitor is in an allowed group.
        InGroup = "pass_in_group",
        /// Not signed in: sent to the sign-in page.
        SignIn = "sign_in",
        /// Not signed in: answered with 401.
        Unauthorized = "unauthorized",
        /// Refused: the visitor is in none of the allowed groups.
        NotInGroup = "refuse_not_in_group",
        /// Refused: another condition of the rule is not met.
        ConditionsNotMet = "refuse_conditions",
        /// Asked to sign in again, more strongly or more recently.
        StepUp = "step_up",
        /// The route is closed for maintenance.
        Maintenance = "maintenance",
        /// The session store does not answer.
        Unavailable = "unavailable",
    }
}

labels! {
    /// How an access token was judged.
    BearerOutcome {
        /// It was valid.
        Accepted = "accepted",
        /// It was not valid.
        Invalid = "invalid",
        /// It was valid, and lacked a scope or a claim.
        Insufficient = "insufficient",
        /// It could not be verified.
        Unavailable = "unavailable",
    }
}

labels! {
    /// The outcome for a session that was due to be refreshed.
    RefreshOutcome {
        /// The provider gave new tokens or claims.
        Refreshed = "refreshed",
        /// Another replica refreshed it.
        Elsewhere = "elsewhere",
        /// The provider refused, and the session has ended.
        Refused = "refused",
        /// The provider did not answer, or not usably; the session goes on unchanged.
        Failed = "failed",
    }
}

labels! {
    /// The state of a sign-in.
    SignInOutcome {
        /// It began.
        Begun = "begun",
        /// Somebody signed in.
        SignedIn = "signed_in",
        /// An answer was not accepted; it goes on.
        Rejected = "rejected",
        /// The person went back to the start.
        Canceled = "canceled",
        /// The org ended it with a message and no form.
        Terminal = "terminal",
        /// The provider failed, or its reply cannot be used.
        Provider = "provider",
        /// The transaction cookie was missing, too old, or not sealed by us.
        Lost = "lost",
        /// A form was not posted by our page.
        Forged = "forged",
        /// A limit on visitors refused something.
        Limited = "limited",
        /// Somebody signed out.
        SignedOut = "signed_out",
    }
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
}

/// The provider's name where it is not known which provider a sign-in was to use.
pub const NO_PROVIDER: &str = "none";

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
