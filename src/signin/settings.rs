//! What a sign-in needs to know of the configuration; `gateway.toml` says what each setting is for.

use std::time::Duration;

use super::screens::Passkeys;
use crate::limits::Allowance;

/// What a sign-in needs to know of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a sign-in may take.
    pub lifetime: Duration,
    /// For how long what a provider says of somebody counts before it is asked again; none where the provider says it.
    pub refresh_life: Option<Duration>,
    /// Whether a provider is told that nobody has a session whom its order to revoke could be about.
    pub strict_404: bool,
    /// How much visitors may do.
    pub allowance: Allowance,
    /// Further claims that identity headers are made from.
    pub claims: Vec<String>,
    /// Where the org sends people after its logout; registered there.
    pub post_logout_redirect_uri: String,
    /// Where passkeys are offered.
    pub passkeys: Passkeys,
    /// What a telephone number without country gets, as `+44`.
    pub calling_code: Option<String>,
    /// What pages offer beyond what the org asks for.
    pub offers: Offers,
}

/// What pages offer beyond what the org asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// Claims that the account page shows besides the usual ones.
    pub account_claims: Vec<String>,
    /// Where people change their account settings.
    pub account_url: Option<String>,
    /// Where people ask for access; `{app}` stands for the application's name.
    pub request_access_url: Option<String>,
    /// Whether browsers remember the user name for the next sign-in.
    pub remember_username: bool,
    /// Whether a sign-in that offers one other identity provider and nothing else goes straight there.
    pub auto_redirect_single_idp: bool,
    /// Whether the org's own sign-in page is offered where ours cannot go on.
    pub hosted_fallback: bool,
}
