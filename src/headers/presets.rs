//! Presets: the identity headers that applications know from other gateways.
//!
//! The names are those of each gateway's documentation, in its spelling. Lists are joined with its separator. A
//! separator inside an item is always escaped, also where the original does not: a group called `a,admin` would be two
//! groups.

use super::style::{Escape, Style};

/// A header and the source of its value, as [`super::Source::parse`] reads it.
type Pair = (&'static str, &'static str);

/// The headers of one preset.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Headers and the sources of their values.
    pub headers: &'static [Pair],
    /// How values are written.
    pub style: Style,
}

const fn commas(headers: &'static [Pair]) -> Preset {
    Preset { headers, style: Style::USUAL }
}

/// Each preset by its name; the first is the default.
pub const PRESETS: [(&str, Preset); 17] = [
    ("forwarded", commas(FORWARDED)),
    ("auth-request", commas(AUTH_REQUEST)),
    ("remote", commas(REMOTE)),
    ("oauth2-proxy", commas(FORWARDED)),
    ("authelia", commas(REMOTE)),
    ("pomerium", Preset { headers: POMERIUM, style: Style { sends_empty: true, ..Style::USUAL } }),
    ("authentik", Preset { headers: AUTHENTIK, style: Style { separator: '|', ..Style::USUAL } }),
    (
        "mod_auth_openidc",
        Preset { headers: MOD_AUTH_OPENIDC, style: Style { escape: Escape::Backslash, ..Style::USUAL } },
    ),
    ("gatekeeper", commas(GATEKEEPER)),
    ("vouch", Preset { headers: VOUCH, style: Style { escape: Escape::Quotes, sends_empty: true, ..Style::USUAL } }),
    ("cloudflare-access", commas(CLOUDFLARE_ACCESS)),
    ("google-iap", commas(GOOGLE_IAP)),
    ("aws-alb", commas(AWS_ALB)),
    ("siteminder", Preset { headers: SITEMINDER, style: Style { separator: '^', ..Style::USUAL } }),
    ("oracle-oam", commas(ORACLE_OAM)),
    ("okta-access-gateway", commas(OKTA_ACCESS_GATEWAY)),
    ("none", commas(&[])),
];

/// oauth2-proxy as a reverse proxy.
const FORWARDED: &[Pair] = &[
    ("X-Forwarded-User", "sub"),
    ("X-Forwarded-Email", "email"),
    ("X-Forwarded-Groups", "groups"),
    ("X-Forwarded-Preferred-Username", "preferred_username"),
];

/// oauth2-proxy, behind nginx's `auth_request`.
const AUTH_REQUEST: &[Pair] = &[
    ("X-Auth-Request-User", "sub"),
    ("X-Auth-Request-Email", "email"),
    ("X-Auth-Request-Groups", "groups"),
    ("X-Auth-Request-Preferred-Username", "preferred_username"),
];

/// Authelia.
const REMOTE: &[Pair] = &[
    ("Remote-User", "preferred_username"),
    ("Remote-Groups", "groups"),
    ("Remote-Name", "name"),
    ("Remote-Email", "email"),
];

const POMERIUM: &[Pair] = &[
    ("X-Pomerium-Jwt-Assertion", "assertion"),
    ("X-Pomerium-Claim-User", "sub"),
    ("X-Pomerium-Claim-Email", "email"),
    ("X-Pomerium-Claim-Groups", "groups"),
    ("X-Pomerium-Claim-Name", "name"),
];

const AUTHENTIK: &[Pair] = &[
    ("X-authentik-username", "preferred_username"),
    ("X-authentik-groups", "groups"),
    ("X-authentik-email", "email"),
    ("X-authentik-name", "name"),
    ("X-authentik-uid", "sub"),
    ("X-authentik-jwt", "assertion"),
];

const MOD_AUTH_OPENIDC: &[Pair] = &[
    ("OIDC_CLAIM_sub", "sub"),
    ("OIDC_CLAIM_email", "email"),
    ("OIDC_CLAIM_name", "name"),
    ("OIDC_CLAIM_preferred_username", "preferred_username"),
    ("OIDC_CLAIM_groups", "groups"),
];

/// Keycloak Gatekeeper, now gogatekeeper. `X-Auth-Roles` is the claim `roles`.
const GATEKEEPER: &[Pair] = &[
    ("X-Auth-Audience", "aud"),
    ("X-Auth-Email", "email"),
    ("X-Auth-Expiresin", "exp"),
    ("X-Auth-Groups", "groups"),
    ("X-Auth-Roles", "roles"),
    ("X-Auth-Subject", "sub"),
    ("X-Auth-Userid", "preferred_username"),
    ("X-Auth-Username", "preferred_username"),
    ("X-Forwarded-Agent", "literal:gatekeeper"),
];

const VOUCH: &[Pair] = &[
    ("X-Vouch-User", "email"),
    ("X-Vouch-Success", "literal:true"),
    ("X-Vouch-IdP-Claims-Sub", "sub"),
    ("X-Vouch-IdP-Claims-Name", "name"),
    ("X-Vouch-IdP-Claims-Groups", "groups"),
];

const CLOUDFLARE_ACCESS: &[Pair] =
    &[("Cf-Access-Authenticated-User-Email", "email"), ("Cf-Access-Jwt-Assertion", "assertion")];

const GOOGLE_IAP: &[Pair] = &[
    ("X-Goog-Authenticated-User-Email", "accounts.google.com:{email}"),
    ("X-Goog-Authenticated-User-Id", "accounts.google.com:{sub}"),
    ("X-Goog-IAP-JWT-Assertion", "assertion"),
];

/// `x-amzn-oidc-accesstoken` is not among them: a route asks for access tokens in `headers.authorization`.
const AWS_ALB: &[Pair] = &[("x-amzn-oidc-identity", "sub"), ("x-amzn-oidc-data", "assertion")];

const SITEMINDER: &[Pair] = &[
    ("SM_USER", "preferred_username"),
    ("SM_USERDN", "dn"),
    ("SM_UNIVERSALID", "sub"),
    ("SM_AUTHTYPE", "literal:Form"),
];

const ORACLE_OAM: &[Pair] =
    &[("OAM_REMOTE_USER", "preferred_username"), ("OAM_LAST_REAUTHENTICATION_TIME", "auth_time")];

/// Access Gateway lets administrators name the headers; these are the names of its sample applications.
const OKTA_ACCESS_GATEWAY: &[Pair] =
    &[("username", "preferred_username"), ("email", "email"), ("firstname", "given_name"), ("lastname", "family_name")];
