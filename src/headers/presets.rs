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
    ("Gap-Auth", "email"),
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
    ("X-authentik-entitlements", "entitlements"),
    ("X-authentik-jwt", "assertion"),
    ("X-authentik-meta-jwks", "gateway:jwks"),
    ("X-authentik-meta-outpost", "literal:idx-gateway"),
    ("X-authentik-meta-provider", "gateway:provider"),
    ("X-authentik-meta-app", "gateway:route"),
    ("X-authentik-meta-version", concat!("literal:idx-gateway/", env!("CARGO_PKG_VERSION"))),
];

/// The original passes every claim on; these are those that every session keeps, and those of the scope `profile` that
/// applications ask for most. Tokens and their payloads are for `headers.map`.
const MOD_AUTH_OPENIDC: &[Pair] = &[
    ("OIDC_CLAIM_sub", "sub"),
    ("OIDC_CLAIM_email", "email"),
    ("OIDC_CLAIM_email_verified", "email_verified"),
    ("OIDC_CLAIM_name", "name"),
    ("OIDC_CLAIM_given_name", "given_name"),
    ("OIDC_CLAIM_family_name", "family_name"),
    ("OIDC_CLAIM_preferred_username", "preferred_username"),
    ("OIDC_CLAIM_groups", "groups"),
    ("OIDC_CLAIM_acr", "acr"),
    ("OIDC_CLAIM_amr", "amr"),
    ("OIDC_CLAIM_auth_time", "auth_time"),
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
    ("X-Auth-Proxy-Version", concat!("literal:idx-gateway/", env!("CARGO_PKG_VERSION"))),
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

/// What only SiteMinder's own servers give a meaning to comes from a claim of the header's name, where a provider was
/// taught to make it. Left out are the identifiers of its sessions (`SM_SERVERSESSIONID`, `SM_SERVERSESSIONSPEC`,
/// `SM_SERVERIDENTITYSPEC`), and what changes with each request (`SM_TRANSACTIONID`, `SM_TIMETOEXPIRE`).
const SITEMINDER: &[Pair] = &[
    ("SM_USER", "preferred_username"),
    ("SM_USERDN", "dn"),
    ("SM_UNIVERSALID", "sub"),
    ("SM_AUTHDIRNAME", "gateway:provider"),
    ("SM_AUTHDIRNAMESPACE", "literal:OIDC"),
    ("SM_AUTHDIROID", "sm_authdiroid"),
    ("SM_AUTHDIRSERVER", "iss"),
    ("SM_AUTHREASON", "literal:0"),
    ("SM_AUTHTYPE", "literal:Form"),
    ("SM_DOMINOCN", "sm_dominocn"),
    ("SM_REALM", "gateway:route"),
    ("SM_REALMOID", "sm_realmoid"),
    ("SM_SDOMAIN", "sm_sdomain"),
    ("SM_USERMSG", "sm_usermsg"),
];

const ORACLE_OAM: &[Pair] = &[
    ("OAM_REMOTE_USER", "preferred_username"),
    ("OAM_IDENTITY_DOMAIN", "gateway:provider"),
    ("OAM_LAST_REAUTHENTICATION_TIME", "auth_time"),
];

/// Access Gateway lets administrators name the headers; these are the names of its sample applications.
const OKTA_ACCESS_GATEWAY: &[Pair] =
    &[("username", "preferred_username"), ("email", "email"), ("firstname", "given_name"), ("lastname", "family_name")];

#[cfg(test)]
mod tests {
    use super::super::{Besides, IdentityMap, Mapping};
    use super::*;
    use crate::access::policy::tests::member_of;
    use crate::metrics::Metrics;
    use crate::session::{ClaimValue, Identity};
    use crate::time::Instant;

    const VERSION: &str = concat!("idx-gateway/", env!("CARGO_PKG_VERSION"));

    /// Jane, of whom every claim is known that a preset names.
    fn jane() -> Identity {
        let claims = [
            ("email_verified", "true"),
            ("given_name", "Jane"),
            ("family_name", "Doe"),
            ("aud", "client"),
            ("exp", "1800003600"),
            ("roles", "editor"),
            ("iss", "https://org.example"),
            ("dn", "cn=jane,o=corp"),
            ("entitlements", "print"),
            ("sm_authdiroid", "01-1"),
            ("sm_dominocn", "CN=Jane/O=Corp"),
            ("sm_realmoid", "06-1"),
            ("sm_sdomain", ".example.com"),
            ("sm_usermsg", "Hello"),
        ];
        let claims = claims.map(|(name, value)| (name.to_owned(), ClaimValue::Text(value.to_owned())));
        Identity {
            claims: claims.into(),
            auth_time: Some(Instant::from_seconds(1_800_000_000)),
            amr: vec!["pwd".to_owned(), "mfa".to_owned()],
            acr: Some("two".to_owned()),
            ..member_of(&["staff", "a,b|c"])
        }
    }

    const FORWARDED_LINES: &[&str] = &[
        "X-Forwarded-User: 00u1",
        "X-Forwarded-Email: jane@example.com",
        "X-Forwarded-Groups: staff,a%2Cb|c",
        "X-Forwarded-Preferred-Username: jane@example.com",
    ];
    const REMOTE_LINES: &[&str] = &[
        "Remote-User: jane@example.com",
        "Remote-Groups: staff,a%2Cb|c",
        "Remote-Name: Jane Doe",
        "Remote-Email: jane@example.com",
    ];

    /// Names, values, separators and escaping of each, as the application of that gateway expects them.
    const EXPECTED: [(&str, &[&str]); 17] = [
        ("forwarded", FORWARDED_LINES),
        ("oauth2-proxy", FORWARDED_LINES),
        ("remote", REMOTE_LINES),
        ("authelia", REMOTE_LINES),
        (
            "auth-request",
            &[
                "X-Auth-Request-User: 00u1",
                "X-Auth-Request-Email: jane@example.com",
                "X-Auth-Request-Groups: staff,a%2Cb|c",
                "X-Auth-Request-Preferred-Username: jane@example.com",
                "Gap-Auth: jane@example.com",
            ],
        ),
        (
            "pomerium",
            &[
                "X-Pomerium-Jwt-Assertion: a.b.c",
                "X-Pomerium-Claim-User: 00u1",
                "X-Pomerium-Claim-Email: jane@example.com",
                "X-Pomerium-Claim-Groups: staff,a%2Cb|c",
                "X-Pomerium-Claim-Name: Jane Doe",
            ],
        ),
        (
            "authentik",
            &[
                "X-authentik-username: jane@example.com",
                "X-authentik-groups: staff|a,b%7Cc",
                "X-authentik-email: jane@example.com",
                "X-authentik-name: Jane Doe",
                "X-authentik-uid: 00u1",
                "X-authentik-entitlements: print",
                "X-authentik-jwt: a.b.c",
                "X-authentik-meta-jwks: https://wiki.example.com/.gateway/jwks.json",
                "X-authentik-meta-outpost: idx-gateway",
                "X-authentik-meta-provider: okta",
                "X-authentik-meta-app: wiki",
                "X-authentik-meta-version: VERSION",
            ],
        ),
        (
            "mod_auth_openidc",
            &[
                "OIDC_CLAIM_sub: 00u1",
                "OIDC_CLAIM_email: jane@example.com",
                "OIDC_CLAIM_email_verified: true",
                "OIDC_CLAIM_name: Jane Doe",
                "OIDC_CLAIM_given_name: Jane",
                "OIDC_CLAIM_family_name: Doe",
                "OIDC_CLAIM_preferred_username: jane@example.com",
                "OIDC_CLAIM_groups: staff,a\\,b|c",
                "OIDC_CLAIM_acr: two",
                "OIDC_CLAIM_amr: pwd,mfa",
                "OIDC_CLAIM_auth_time: 1800000000",
            ],
        ),
        (
            "gatekeeper",
            &[
                "X-Auth-Audience: client",
                "X-Auth-Email: jane@example.com",
                "X-Auth-Expiresin: 1800003600",
                "X-Auth-Groups: staff,a%2Cb|c",
                "X-Auth-Roles: editor",
                "X-Auth-Subject: 00u1",
                "X-Auth-Userid: jane@example.com",
                "X-Auth-Username: jane@example.com",
                "X-Auth-Proxy-Version: VERSION",
                "X-Forwarded-Agent: gatekeeper",
            ],
        ),
        (
            "vouch",
            &[
                "X-Vouch-User: jane@example.com",
                "X-Vouch-Success: true",
                "X-Vouch-IdP-Claims-Sub: 00u1",
                "X-Vouch-IdP-Claims-Name: Jane Doe",
                "X-Vouch-IdP-Claims-Groups: \"staff\",\"a,b|c\"",
            ],
        ),
        (
            "cloudflare-access",
            &["Cf-Access-Authenticated-User-Email: jane@example.com", "Cf-Access-Jwt-Assertion: a.b.c"],
        ),
        (
            "google-iap",
            &[
                "X-Goog-Authenticated-User-Email: accounts.google.com:jane@example.com",
                "X-Goog-Authenticated-User-Id: accounts.google.com:00u1",
                "X-Goog-IAP-JWT-Assertion: a.b.c",
            ],
        ),
        ("aws-alb", &["x-amzn-oidc-identity: 00u1", "x-amzn-oidc-data: a.b.c"]),
        (
            "siteminder",
            &[
                "SM_USER: jane@example.com",
                "SM_USERDN: cn=jane,o=corp",
                "SM_UNIVERSALID: 00u1",
                "SM_AUTHDIRNAME: okta",
                "SM_AUTHDIRNAMESPACE: OIDC",
                "SM_AUTHDIROID: 01-1",
                "SM_AUTHDIRSERVER: https://org.example",
                "SM_AUTHREASON: 0",
                "SM_AUTHTYPE: Form",
                "SM_DOMINOCN: CN=Jane/O=Corp",
                "SM_REALM: wiki",
                "SM_REALMOID: 06-1",
                "SM_SDOMAIN: .example.com",
                "SM_USERMSG: Hello",
            ],
        ),
        (
            "oracle-oam",
            &[
                "OAM_REMOTE_USER: jane@example.com",
                "OAM_IDENTITY_DOMAIN: okta",
                "OAM_LAST_REAUTHENTICATION_TIME: 1800000000",
            ],
        ),
        (
            "okta-access-gateway",
            &["username: jane@example.com", "email: jane@example.com", "firstname: Jane", "lastname: Doe"],
        ),
        ("none", &[]),
    ];

    #[test]
    fn each_preset_writes_the_names_and_values_of_its_gateway() {
        let besides =
            Besides { assertion: Some("a.b.c"), route: "wiki", keys: "https://wiki.example.com/.gateway/jwks.json" };
        for (name, preset) in PRESETS {
            let mapping = |(header, source): &Pair| Mapping::new(header, source).expect("a mapping");
            let mappings: Vec<Mapping> = preset.headers.iter().map(mapping).collect();
            let map = IdentityMap::new(mappings, preset.style, Vec::new(), None);
            let headers = map.headers(&jane(), besides, &Metrics::new());
            let line = |(name, value): &(bytes::Bytes, http::HeaderValue)| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                format!("{}: {}", text(name), text(value.as_bytes()))
            };
            let lines: Vec<String> = headers.iter().map(line).collect();
            let expected = EXPECTED.iter().find(|(of, _)| *of == name).map(|(_, lines)| *lines).expect("a row");
            let expected: Vec<String> = expected.iter().map(|line| line.replace("VERSION", VERSION)).collect();
            assert_eq!(lines, expected, "{name}");
        }
    }
}
