//! The identity headers that applications know from other gateways, by the name of the preset.

/// A header and the claim that stands in it.
type Pair = (&'static str, &'static str);

/// Each preset's name and headers; the first is the default.
pub const PRESETS: [(&str, &[Pair]); 4] =
    [("forwarded", FORWARDED), ("auth-request", AUTH_REQUEST), ("remote", REMOTE), ("none", &[])];

/// oauth2-proxy, as a proxy.
pub const FORWARDED: &[Pair] = &[
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
