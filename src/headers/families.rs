//! Families of header names by which a server is told what only a proxy may tell it.
//!
//! A visitor who could send such a header could choose the address, path, method, host, scheme, certificate or identity
//! that the application sees, or give commands to the server in front of it. The families are wider than the names in
//! use today, so that new names of proxies and application servers are likely to be covered. Sources: the documentation
//! of the proxies and gateways named here; CGI (RFC 3875 §4.1), `Forwarded` (RFC 7239), `Client-Cert` (RFC 9440).

use std::fmt;

use http::HeaderName;

/// A header name, or all names with the same beginning or end: `X-Real-IP`, `X-Forwarded-*`, `*-IP`. Kept in lower
/// case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamePattern {
    text: Box<str>,
    kind: PatternKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PatternKind {
    Exactly,
    Beginning,
    End,
}

impl NamePattern {
    /// None unless the text is letters, digits and `-`, with at most one `*`, at its beginning or its end.
    pub fn parse(text: &str) -> Option<Self> {
        let (rest, kind) = match (text.strip_suffix('*'), text.strip_prefix('*')) {
            (Some(rest), None) => (rest, PatternKind::Beginning),
            (None, Some(rest)) => (rest, PatternKind::End),
            _ => (text, PatternKind::Exactly),
        };
        let fits = !rest.is_empty() && rest.bytes().all(is_plain);
        fits.then(|| Self { text: rest.to_ascii_lowercase().into(), kind })
    }

    /// Whether it stands for this name alone, given in lower case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.kind == PatternKind::Exactly && *self.text == *name
    }

    /// Whether it matches a header's name.
    pub fn matches(&self, name: &HeaderName) -> bool {
        let name = name.as_str();
        match self.kind {
            PatternKind::Exactly => name == &*self.text,
            PatternKind::Beginning => name.starts_with(&*self.text),
            PatternKind::End => name.ends_with(&*self.text),
        }
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = |kind| if self.kind == kind { "*" } else { "" };
        write!(f, "{}{}{}", star(PatternKind::End), self.text, star(PatternKind::Beginning))
    }
}

/// Whether every server passes this character of a header's name on to the application unchanged.
pub(super) fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// What the names of a family tell a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tells {
    /// The address of the client.
    Address,
    /// The target of the request: path, method, host or scheme.
    Target,
    /// The client certificate that was presented.
    Certificate,
    /// Who is asking.
    Identity,
    /// What the server should do with the request or the response.
    Command,
}

impl fmt::Display for Tells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Address => "an address",
            Self::Target => "a path, method, host or scheme",
            Self::Certificate => "a client certificate",
            Self::Identity => "an identity",
            Self::Command => "a command",
        })
    }
}

/// Every family, a row for names that belong together. A route can pass names of them on (`pass_headers`) where its
/// application needs them from visitors.
const FAMILIES: [(Tells, &str); 46] = [
    (Tells::Address, "*-IP *-For *-ClientIP *-SocketIP *-Addr X-Client-Addr* X-Custom-IP-* X-Forward* Forwarded*"),
    (Tells::Address, "X-Real-* X-Remote-* X-Peer-* X-Originating-* X-Cluster-* X-Azure-*"),
    // What content delivery networks tell of a visitor: address, country, the edge that they came by.
    (Tells::Address, "CF-Connecting-* CF-IP* CF-Pseudo-* CloudFront-* Fastly-* Fly-* Akamai-* X-Akamai-* X-NF-*"),
    (Tells::Address, "X-Vercel-IP-* X-Vercel-Proxied-*"),
    (Tells::Address, "RemoteIP"),
    (Tells::Target, "X-Original-* X-Rewrite-* X-Override-* X-HTTP-* X-Method*"),
    (Tells::Target, "X-Host X-Server-* X-Backend* X-Upstream*"),
    (Tells::Target, "X-Port X-Proto X-Scheme X-URL-Scheme X-Request-URI Request-URI HTTP-* Base-URL X-Base-URL"),
    (Tells::Target, "X-External-URL X-Requested-Path X-Requested-Host X-Replaced-Path X-Context-Path X-ProxyScheme"),
    (Tells::Target, "X-ProxyHost X-ProxyPort X-ProxyContextPath *-Override-Base-URL X-WAWS-* X-Ingress-*"),
    // Next.js takes these for messages of its own middleware (CVE-2025-29927).
    (Tells::Target, "X-Middleware-Subrequest* X-Middleware-Rewrite X-Middleware-Override-* X-Invoke-* X-Matched-Path"),
    // Other frameworks that are told by a header which page to make (Astro's adapters; React Router, CVE-2025-43864 and
    // -43865).
    (Tells::Target, "X-Astro-* X-React-Router-* X-Now-Route-*"),
    (Tells::Target, "Front-End-HTTPS HTTPS X-HTTPS CF-Visitor Script-Name *-Script-Name Path-Info *-Path-Info"),
    (Tells::Target, "Path-Translated Disguised-Host WAS-Default-Hostname ClientProtocol X-CF-Forwarded-*"),
    (Tells::Target, "X-SAP-Webdisp-* X-RStudio-* Nuxeo-* X-RSC-Request X-Graylog-* X-Proxied-* X-Direct-URL X-VHost"),
    (Tells::Certificate, "SSL* X-SSL* TLS-* X-TLS-* X-Client-Cert* X-ClientCert* X-Certificate* X-SPIFFE-*"),
    (Tells::Certificate, "X-Client-Verify* *-DN *-CN X-Cert-* CF-Cert-* CF-Client-Cert-* MS-AspNetCore-* Client-Cert*"),
    (Tells::Certificate, "X-ARR-* X-Amzn-Mtls-* X-Amzn-Tls-*"),
    (Tells::Identity, "*User *Username *-User-Name *-User-Id *UserId *UserGroups *-Uid *-Login *-Email *-Mail"),
    (Tells::Identity, "*-First-Name *-Last-Name *-Full-Name *-FullName *-Display-Name *-DisplayName *-Group *-Groups"),
    (Tells::Identity, "*-Role *-Roles *-Subject *-Principal Login Email Mail Group Groups Role Roles"),
    (Tells::Identity, "Remote-* RemoteUser* X-Auth-* X-WebAuth-* X-Authenticated* X-Authentik-*"),
    (Tells::Identity, "X-Authelia-* X-Pomerium-*"),
    (Tells::Identity, "X-Vouch-* X-Gateway-* X-HMAC-* X-Principal* X-Identity* X-Userinfo X-ID-Token X-Consumer-*"),
    (Tells::Identity, "X-Credential-* X-Anonymous-Consumer X-JWT-* X-Token-Subject X-Token-User-*"),
    (Tells::Identity, "X-Trino-Extra-* X-Presto-Extra-*"),
    // NiFi, MiNiFi and its registry: the people and servers that a request was made for.
    (Tells::Identity, "X-ProxiedEntit*"),
    (Tells::Identity, "X-Goog-Authenticated-* X-Goog-IAP-*"),
    (Tells::Identity, "X-AppEngine-* X-CloudTasks-* X-CloudScheduler* X-Endpoint-API-*"),
    // What functions and their adapters take for the account of a gateway of Amazon's, and what its balancers tell.
    (Tells::Identity, "X-Apigateway-* X-Amzn-Request-Context X-Amzn-Lambda-Context X-Amzn-Oidc-* X-Amzn-Ava-*"),
    // Platforms and proxies that put a person, with name, roles and permissions, before an application.
    (Tells::Identity, "X-SP-* X-Replit-* X-Sandstorm-*"),
    (Tells::Identity, "X-MS-Client-Principal* X-MS-Token-* X-MS-Proxy* X-MS-Endpoint-*"),
    (Tells::Identity, "X-MS-Target-* Cf-Access-* Tailscale-* Teleport-* X-Teleport-* L5d-* X-Istio-* X-Citrix-*"),
    (Tells::Identity, "X-CF-Proxy-* X-Vercel-OIDC-* X-Vercel-Trusted-* Contrast-Authentication"),
    (Tells::Identity, "RStudio-* Posit-Connect-*"),
    (Tells::Identity, "Shiny-Server-* CAS-* AJP-* Mellon-* Osso-*"),
    // Attributes that Shibboleth puts into headers (ShibUseHeaders).
    (Tells::Identity, "Shib-* X-Shib-* Eppn *-Affiliation Affiliation Entitlement"),
    (Tells::Identity, "Persistent-Id Targeted-Id Subject-Id"),
    (Tells::Identity, "Pairwise-Id EduPerson* IsMemberOf MemberOf DisplayName"),
    (Tells::Identity, "*GivenName *FirstName *LastName *FamilyName"),
    (Tells::Identity, "*Surname"),
    // The tenant, or its database: Loki, Mimir, Tempo, Thanos and Jaeger, Odoo, Hasura.
    (Tells::Identity, "X-Scope-OrgID Thanos-Tenant *-Tenant X-Odoo-* X-Hasura-Org-*"),
    // Qlik Sense, Snowflake, and what Dapr's sidecars tell of the application that calls.
    (Tells::Identity, "Hdr-* Sf-Context-* Dapr-App-Id"),
    (Tells::Identity, "GAP-* OIDC-* SM-* SMSESSION SMUSER* SMSERVER* IV-* OAM-* IDCS-* Impersonate-* WL-*"),
    (Tells::Command, "X-Accel-* X-Sendfile* X-Lighttpd-* X-LiteSpeed-* X-Reproxy-* X-Envoy-* X-WebLogic-*"),
    // CGI makes `HTTP_PROXY` of `Proxy`, from which HTTP libraries take their proxy ("httpoxy", CVE-2016-5385).
    (Tells::Command, "Proxy* X-Proxy-*"),
];

/// The families, indexed by the first letter of a name, and by the last for patterns that match an end.
pub(super) struct Families {
    by_first: Vec<Vec<(Tells, NamePattern)>>,
    by_last: Vec<Vec<(Tells, NamePattern)>>,
}

impl Families {
    pub(super) fn new() -> Self {
        let (mut by_first, mut by_last) = (vec![Vec::new(); 128], vec![Vec::new(); 128]);
        for (tells, patterns) in FAMILIES {
            for pattern in patterns.split(' ').filter_map(NamePattern::parse) {
                let (place, letter) = match pattern.kind {
                    PatternKind::End => (&mut by_last, pattern.text.bytes().next_back()),
                    PatternKind::Exactly | PatternKind::Beginning => (&mut by_first, pattern.text.bytes().next()),
                };
                place[usize::from(letter.unwrap_or_default()) % 128].push((tells, pattern));
            }
        }
        Self { by_first, by_last }
    }

    /// The family of a name, and its pattern that matches; none for a name of no family.
    pub(super) fn of(&self, name: &HeaderName) -> Option<&(Tells, NamePattern)> {
        let (first, last) = (name.as_str().bytes().next()?, name.as_str().bytes().next_back()?);
        let patterns = self.by_first[usize::from(first) % 128].iter().chain(&self.by_last[usize::from(last) % 128]);
        patterns.into_iter().find(|(_, pattern)| pattern.matches(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_a_pattern() {
        let patterns = FAMILIES.iter().flat_map(|(_, patterns)| patterns.split(' '));
        for pattern in patterns {
            assert!(NamePattern::parse(pattern).is_some(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_is_a_name_or_how_names_begin_or_end() {
        for (pattern, name, matches) in [
            ("X-Real-IP", "x-real-ip", true),
            ("X-Real-IP", "x-real-ip-2", false),
            ("X-Forwarded-*", "x-forwarded-for", true),
            ("X-Forwarded-*", "x-forwarded", false),
            ("*-IP", "cf-connecting-ip", true),
            ("*-IP", "ip", false),
        ] {
            let parsed = NamePattern::parse(pattern).expect("a pattern");
            assert_eq!(parsed.matches(&HeaderName::from_static(name)), matches, "{pattern} {name}");
            assert_eq!(parsed.to_string(), pattern.to_lowercase());
        }
        for bad in ["", "*", "**", "*a*", "a*b", "a_b", "a.b", "a b", "é"] {
            assert_eq!(NamePattern::parse(bad), None, "{bad}");
        }
    }
}
