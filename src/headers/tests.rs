//! What nobody else may say, and how we say it.

use std::collections::BTreeSet;

use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;

use super::families::Tells;
use super::identity::BadMapping;
use super::request::Dropped;
use super::*;
use crate::access::policy::tests::member_of;
use crate::metrics::Metrics;
use crate::session::{ClaimValue, Identity};

fn contract(mappings: &[(&str, &str)], listed: Option<&[&str]>) -> HeaderContract {
    let mappings = mappings.iter().map(|(header, claim)| Mapping::new(header, claim).expect("a mapping")).collect();
    let identity = IdentityMap::new(mappings, Style::default(), Vec::new(), None);
    HeaderContract::new(Arc::new(identity), &[], CertificateHeaders::None, listed.map(patterns))
}

fn patterns(names: &[&str]) -> Vec<NamePattern> {
    names.iter().map(|name| NamePattern::parse(name).expect("a pattern")).collect()
}

fn name(name: &str) -> HeaderName {
    HeaderName::from_bytes(name.as_bytes()).expect("a header name")
}

fn said_of(mappings: &[(&str, &str)], identity: &Identity) -> Vec<(String, String)> {
    let headers = contract(mappings, None).identity.headers(identity, Besides::default(), &Metrics::new());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    headers.iter().map(|(name, value)| (text(name), text(value.as_bytes()))).collect()
}

/// H-17: whichever preset is set, the names of all of them come from nobody else; nor do those of products that have no preset.
#[test]
fn the_names_of_every_preset_are_dropped_under_every_other() {
    let contract = contract(&[], None);
    let names = PRESETS.iter().flat_map(|(_, preset)| preset.headers.iter().map(|(header, _)| *header));
    for text in names.chain([
        "FirstName",
        "LastName",
        "X-Amzn-Ava-User-Context",
        "X-SP-UserGroups",
        "X-Replit-User-Name",
        "X-Replit-User-Roles",
        "X-Sandstorm-Permissions",
        "X-RStudio-Root-Path",
        "Nuxeo-Virtual-Host",
        "X-AuthUser",
        "X-RemoteUser",
        "AuthUser",
    ]) {
        assert!(contract.requests.check(&name(text), &[]).is_err(), "{text}");
    }
}

const ODD_CHARACTERS: [&str; 15] = [
    "X_Forwarded_User",
    "X-Auth_User",
    "X.Auth.User",
    "X!Auth~User",
    "x'auth^user",
    "x`auth|user",
    "SCRIPT_NAME",
    "PATH_INFO",
    "$WSRU",
    "SM_USER",
    "OAM_REMOTE_USER",
    "OIDC_CLAIM_email",
    "Any_Thing",
    "staff_email",
    "x+y",
];

/// A row is a family and names that fall under it.
const FAMILIES: [(Tells, &[&str]); 5] = [
    (
        Tells::Address,
        &[
            "Forwarded",
            "Forwarded-For",
            "X-Forwarded",
            "X-Forwarded-By",
            "X-Forward-For",
            "X-Forwarder-For",
            "Client-IP",
            "X-Client-IP",
            "True-Client-IP",
            "X-Cluster-Client-IP",
            "Fastly-Client-IP",
            "CF-Connecting-IP",
            "CF-Connecting-IPv6",
            "X-ProxyUser-IP",
            "X-Originating-IP",
            "X-Azure-ClientIP",
            "X-Remote-Addr",
            "X-Forwarded-Path",
            "X-Forwarded-Context",
            "X-Forwarded-Name",
            "X-Forwarded-Roles",
            "X-Forwarded-Client-Cert",
            "X-Forwarded-Prefix",
            "X-Remote-User",
            "X-Custom-IP-Authorization",
            "X-Client-Addr",
            "CF-IPCountry",
            "CF-Pseudo-IPv4",
            "CloudFront-Viewer-Address",
            "Fastly-FF",
            "Fly-Forwarded-Proto",
            "X-Akamai-Edgescape",
            "X-NF-Client-Connection-IP",
        ],
    ),
    (
        Tells::Target,
        &[
            "X-Original-URL",
            "X-Original-Method",
            "X-Rewrite-URL",
            "X-HTTP-Method",
            "X-HTTP-Method-Override",
            "X-Method-Override",
            "X-Script-Name",
            "Script-Name",
            "Path-Info",
            "X-Host",
            "X-Scheme",
            "Front-End-Https",
            "X-HTTP-Host-Override",
            "Request-URI",
            "X-Override-URL",
            "HTTP-Host",
            "X-ProxyHost",
            "X-ProxyContextPath",
            "X-Artifactory-Override-Base-Url",
            "Disguised-Host",
            "ClientProtocol",
            "X-CF-Forwarded-Url",
            "X-React-Router-Prerender-Data",
            "X-Graylog-Server-URL",
            "X-Proxied-Host",
            "X-Direct-Url",
            "X-Vhost",
        ],
    ),
    (
        Tells::Certificate,
        &[
            "X-SSL-Client-Verify",
            "SSL-Client-Cert",
            "X-SSL-Client-S-DN",
            "X-SSL",
            "Client-Cert",
            "Client-Cert-Chain",
            "X-Client-Cert",
            "X-ARR-ClientCert",
            "X-Amzn-Mtls-Clientcert",
            "SSLClientCertSubject",
            "X-Client-S-DN",
            "CF-Client-Cert-DER-Base64",
            "MS-ASPNETCORE-CLIENTCERT",
        ],
    ),
    (
        Tells::Identity,
        &[
            "Remote-User",
            "Remote-Groups",
            "Remote-Email",
            "Remote-Name",
            "X-Auth-Request-User",
            "X-Auth-Userid",
            "X-WebAuth-User",
            "X-Pomerium-Jwt-Assertion",
            "X-Pomerium-Claim-Email",
            "X-authentik-username",
            "X-Vouch-User",
            "X-Vouch-IdP-Claims-Groups",
            "Cf-Access-Jwt-Assertion",
            "X-HMAC-SHA256",
            "Cf-Access-Authenticated-User-Email",
            "X-Goog-Authenticated-User-Email",
            "X-Goog-IAP-JWT-Assertion",
            "x-amzn-oidc-identity",
            "x-amzn-oidc-data",
            "SM-User",
            "iv-user",
            "iv-groups",
            "OAM-Remote-User",
            "idcs-client-id",
            "Impersonate-User",
            "Gap-Auth",
            "GAP-Signature",
            "OIDC-id-token",
            "WL-Proxy-Client-Cert",
            "WL-Proxy-Client-IP",
            "X-Gateway-Assertion",
            "X-MS-CLIENT-PRINCIPAL-NAME",
            "X-Consumer-Username",
            "Tailscale-User-Login",
            "X-SSO-User",
            "X-Grafana-User",
            "X-UserId",
            "X-Role",
            "X-Subject",
            "X-Principal",
            "X-Teleport-Assertion",
            "Shib-Identity-Provider",
            "Eppn",
            "Unscoped-Affiliation",
            "X-Scope-OrgID",
            "SMSERVERSESSIONID",
            "X-ProxiedEntitiesChain",
            "X-ProxiedEntityGroups",
            "X-ProxiedEntitiesAccepted",
            "es-security-runas-user",
            "X-Splunk-User",
            "X-Trino-User",
            "X-Trino-Extra-Credential",
            "X-Presto-User",
            "X-Alfresco-Remote-User",
            "RemoteUserGroups",
            "User",
            "Username",
            "Email",
            "X-User-Roles",
            "X-WEBAUTH-FULLNAME",
            "X-First-Name",
            "Contrast-Authentication",
            "CAS-User",
            "Mellon-NameID",
            "AJP-Mail",
            "IsMemberOf",
            "eduPersonPrincipalName",
            "Osso-User-DN",
            "l5d-client-id",
            "X-Istio-Attributes",
            "X-MS-TOKEN-AAD-ACCESS-TOKEN",
            "X-Amzn-Request-Context",
            "X-CloudTasks-QueueName",
            "Thanos-Tenant",
            "RStudio-Connect-Credentials",
            "X-Token-User-Email",
            "X-Citrix-Via",
            "X-Tenant",
            "X-Odoo-Dbfilter",
            "X-Hasura-Org-Id",
            "Hdr-Usr",
            "Sf-Context-Current-User-Token",
            "Dapr-App-Id",
        ],
    ),
    (
        Tells::Command,
        &[
            "X-Accel-Mapping",
            "X-Sendfile",
            "X-Sendfile-Type",
            "Proxy",
            "Proxy-Authorization",
            "X-Proxy-User",
            "X-Envoy-External-Address",
            "X-Envoy-Original-Path",
            "Proxy-Connection",
            "X-WebLogic-Request-ClusterInfo",
        ],
    ),
];

/// Headers that browsers and the scripts of applications send.
const WHAT_BROWSERS_SEND: [&str; 62] = [
    "Accept",
    "Accept-Language",
    "Authorization",
    "Cookie",
    "Content-Type",
    "Content-Length",
    "Host",
    "Origin",
    "Referer",
    "User-Agent",
    "X-Requested-With",
    "X-CSRF-Token",
    "Sec-Fetch-Dest",
    "Sec-Fetch-Mode",
    "Sec-Fetch-Site",
    "Sec-Fetch-User",
    "Sec-CH-UA-Mobile",
    "Sec-CH-UA-Platform",
    "Sec-GPC",
    "Sec-WebSocket-Key",
    "DNT",
    "If-None-Match",
    "Range",
    "Upgrade",
    "Via",
    "traceparent",
    "X-Api-Key",
    "X-Amzn-Trace-Id",
    "X-User-Agent",
    "HX-Current-URL",
    "X-Nextjs-Data",
    "X-Middleware-Prefetch",
    "X-Grafana-Org-Id",
    "X-Trino-Catalog",
    "X-MS-Version",
    "X-Amz-Date",
    "X-Amz-Content-Sha256",
    "X-Request-Start",
    "X-Client-Version",
    "X-Hasura-Admin-Secret",
    "X-Atlassian-Token",
    "X-Turbo-Request-Id",
    "CF-Ray",
    "CDN-Loop",
    "From",
    "If-Schedule-Tag-Match",
    "Last-Event-ID",
    "Ping-From",
    "Tus-Resumable",
    "Upload-Offset",
    "X-Goog-Upload-Command",
    "X-Inertia",
    "X-Livewire",
    "X-SAP-LogonToken",
    "OData-Version",
    "Prefer",
    "Upgrade-Insecure-Requests",
    "X-Departments",
    "Destination",
    "Depth",
    "Priority",
    "SOAPAction",
];

/// H-01, H-02, H-06, H-14.
#[test]
fn what_only_a_proxy_may_say_does_not_pass() {
    let contract = contract(&[("x-department", "department"), ("STAFF_EMAIL", "email"), ("Badge", "sub")], None);
    let check = |text: &str| contract.requests.check(&name(text), &[]);
    for text in ODD_CHARACTERS {
        assert_eq!(check(text), Err(Dropped::Characters), "{text}");
    }
    for text in ["X-Department", "x-department", "Staff-Email", "BADGE", "X-Forwarded-For", "X-Real-IP", "X-Request-Id"]
    {
        assert_eq!(check(text), Err(Dropped::Ours), "{text}");
    }
    for (tells, names) in FAMILIES {
        for text in names {
            let found = check(text);
            assert!(matches!(&found, Err(Dropped::Family(told, _)) if *told == tells), "{text}: {found:?}");
        }
    }
    for text in WHAT_BROWSERS_SEND {
        assert_eq!(check(text), Ok(()), "{text}");
    }
}

#[test]
fn a_route_lets_a_name_of_a_family_pass_and_never_one_of_ours() {
    let contract = contract(&[("X-Forwarded-User", "sub")], None);
    let pass = patterns(&["X-Auth-Token", "X-Forwarded-*"]);
    for (text, passes) in [
        ("X-Auth-Token", true),
        ("X-Auth-User", false),
        ("X-Forwarded-Prefix", true),
        ("X-Forwarded-User", false),
        ("X-Forwarded-For", false),
        ("X_Forwarded_Prefix", false),
    ] {
        assert_eq!(contract.requests.check(&name(text), &pass).is_ok(), passes, "{text}");
    }
}

#[test]
fn where_only_listed_headers_pass_the_rest_does_not() {
    let contract =
        contract(&[("X-Forwarded-User", "sub")], Some(&["Accept*", "Cookie", "X-Forwarded-User", "Remote-User"]));
    for (text, expected) in [
        ("Accept-Language", Ok(())),
        ("Cookie", Ok(())),
        ("Host", Ok(())),
        ("Transfer-Encoding", Ok(())),
        ("Sec-WebSocket-Key", Ok(())),
        ("User-Agent", Err(Dropped::NotListed)),
        ("X-Forwarded-User", Err(Dropped::Ours)),
        ("Ac_cept", Err(Dropped::Characters)),
    ] {
        assert_eq!(contract.requests.check(&name(text), &[]), expected, "{text}");
    }
    let family = contract.requests.check(&name("Remote-User"), &[]);
    assert!(matches!(family, Err(Dropped::Family(Tells::Identity, _))), "a list does not open a family: {family:?}");
    assert_eq!(contract.requests.check(&name("Remote-User"), &patterns(&["Remote-User"])), Ok(()), "a route does");
}

proptest! {
    /// Whatever an application folds to one of the names that we write, or to one of a family, never passes.
    #[test]
    fn no_spelling_of_a_managed_name_passes(
        managed in proptest::sample::select(vec![
            "X-Forwarded-User", "X-Department", "X-Forwarded-For", "X-Real-IP", "Script-Name", "Remote-User", "SM-User",
        ]),
        folds in proptest::collection::vec(proptest::sample::select(b"-_.!~'^`|$&*+#%".to_vec()), 8),
        upper in any::<u16>(),
    ) {
        let contract = contract(&[("X-Forwarded-User", "sub"), ("X_Department", "department")], None);
        let mut folds = folds.into_iter();
        let spelled: Vec<u8> = managed.bytes().enumerate().map(|(at, byte)| match byte {
            b'-' => folds.next().unwrap_or(b'_'),
            byte if upper >> (at % 16) & 1 == 1 => byte.to_ascii_uppercase(),
            byte => byte.to_ascii_lowercase(),
        }).collect();
        if let Ok(name) = HeaderName::from_bytes(&spelled) {
            prop_assert!(contract.requests.check(&name, &[]).is_err(), "{name}");
        }
    }

    /// Two names that pass are never one variable to an application that reads every other character as `_`.
    #[test]
    fn names_that_pass_do_not_fold_to_one(names in proptest::collection::vec("[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]{0,8}", 1..20)) {
        let contract = contract(&[("X-Forwarded-User", "sub")], None);
        let parsed: BTreeSet<String> = names.iter().map(|text| name(text)).filter(|name| contract.requests.check(name, &[]).is_ok())
            .map(|name| name.as_str().to_owned()).collect();
        let fold = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        let variables: BTreeSet<String> = parsed.iter().map(|name| name.chars().map(fold).collect()).collect();
        prop_assert_eq!(parsed.len(), variables.len());
    }
}

#[test]
fn who_it_is_stands_in_the_mapped_headers() {
    let said = said_of(
        &[
            ("X-Forwarded-User", "sub"),
            ("X-Forwarded-Email", "email"),
            ("X-Forwarded-Groups", "groups"),
            ("X-Department", "department"),
        ],
        &member_of(&["staff", "admins"]),
    );
    let expected = [
        ("X-Forwarded-User", "00u1"),
        ("X-Forwarded-Email", "jane@example.com"),
        ("X-Forwarded-Groups", "staff,admins"),
    ];
    assert_eq!(said, expected.map(|(name, value)| (name.to_owned(), value.to_owned())), "H-03: no claim, no header");
}

/// H-08.
#[test]
fn a_value_that_would_split_or_mislead_is_not_written() {
    let metrics = Metrics::new();
    let contract = contract(&[("X-Forwarded-User", "name")], None);
    for (count, name) in
        ["a\r\nX: y", "a\nb", "a\rb", "a\0b", " admin", "admin ", "a\u{2028}b", "a\u{85}b", &"x".repeat(65_536)]
            .into_iter()
            .enumerate()
    {
        let mut identity = member_of(&[]);
        identity.name = Some(name.to_owned());
        assert!(contract.identity.headers(&identity, Besides::default(), &metrics).is_empty(), "{name:?}");
        assert!(metrics.text().contains(&format!("gateway_header_values_dropped_total {}", count + 1)));
    }
    let mut identity = member_of(&[]);
    identity.name = Some("Zoë 日本".to_owned());
    assert_eq!(said_of(&[("X-Name", "name")], &identity), [("X-Name".to_owned(), "Zoë 日本".to_owned())]);
}

/// H-09.
#[test]
fn no_group_name_adds_a_group() {
    for (groups, expected) in [
        (&["a,admins", "b"][..], "a%2Cadmins,b"),
        (&["100%2C", "b"], "100%252C,b"),
        (&[" admins", "admins ", "", "b", "x\ny"], "b"),
    ] {
        let said = said_of(&[("X-Department", "groups")], &member_of(groups));
        assert_eq!(said, [("X-Department".to_owned(), expected.to_owned())]);
    }
}

/// H-19: items are escaped one by one, so that one cannot become two.
#[test]
fn a_claim_that_is_a_list_keeps_its_items() {
    let mut identity = member_of(&[]);
    for (name, value) in [
        ("roles", ClaimValue::List(vec!["a,admin".to_owned(), "100%".to_owned(), "b".to_owned()])),
        ("name_as_it_is_sorted", ClaimValue::Text("Doe, Jane".to_owned())),
    ] {
        identity.claims.insert(name.to_owned(), value);
    }
    let said = said_of(&[("X-Roles", "roles"), ("X-Sorted", "name_as_it_is_sorted")], &identity);
    let expected = [("X-Roles", "a%2Cadmin,100%25,b"), ("X-Sorted", "Doe, Jane")];
    assert_eq!(said, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

/// H-09: an application that decodes a value reads what the claim says, and nothing else.
#[test]
fn a_claim_that_looks_like_an_encoded_word_is_encoded_itself() {
    use base64::Engine as _;
    let decoded = |value: &str| match value.strip_prefix("=?UTF-8?B?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(word) => String::from_utf8(base64::engine::general_purpose::STANDARD.decode(word).expect("base64")),
        None => Ok(value.to_owned()),
    };
    let style = Style { non_ascii: NonAscii::Rfc2047, ..Style::default() };
    let mappings = [("X-Name", "name"), ("X-Groups", "groups"), ("X-Both", "{preferred_username}{name} at corp")];
    let mappings = mappings.iter().map(|(header, source)| Mapping::new(header, source).expect("a mapping")).collect();
    let map = IdentityMap::new(mappings, style, Vec::new(), None);
    for (username, name, groups, is_encoded) in [
        ("jane", "Jane", ["staff", "b"], [false, false, false]),
        ("jane", "=?UTF-8?B?YWRtaW4=?=", ["staff", "b"], [true, false, true]),
        ("jane=", "?utf-8?q?admin?=", ["=?utf-8?q?admin?=", "b"], [false, true, true]),
        ("jane", "Zoë", ["staff", "bé"], [true, true, true]),
    ] {
        let mut identity = member_of(&groups);
        (identity.username, identity.name) = (Some(username.to_owned()), Some(name.to_owned()));
        let headers = map.headers(&identity, Besides::default(), &Metrics::new());
        let values: Vec<&str> = headers.iter().map(|(_, value)| value.to_str().expect("ASCII")).collect();
        let meant = [name.to_owned(), groups.join(","), format!("{username}{name} at corp")];
        for ((value, meant), is_encoded) in values.iter().zip(&meant).zip(is_encoded) {
            assert_eq!(decoded(value).as_ref(), Ok(meant), "{value}");
            assert_eq!(*value != meant.as_str(), is_encoded, "{value}");
        }
        assert_eq!(values.len(), 3);
    }
}

/// H-09: whoever decodes one header decodes all, so what the configuration says itself is written by the same rule.
#[test]
fn a_fixed_text_is_written_by_the_rule_for_claims() {
    let mapping = |header: &str, source: &str| Mapping::new(header, source).expect("a mapping");
    for (non_ascii, expected) in [
        (NonAscii::RawUtf8, ["Zoë 100%", "Zoë 100%", "é=00u1", "=?UTF-8?B?YQ==?="]),
        (NonAscii::Percent, ["Zo%C3%AB 100%25", "Zo%C3%AB 100%25", "%C3%A9=00u1", "=?UTF-8?B?YQ==?="]),
        (
            NonAscii::Rfc2047,
            [
                "=?UTF-8?B?Wm/DqyAxMDAl?=",
                "=?UTF-8?B?Wm/DqyAxMDAl?=",
                "=?UTF-8?B?w6k9MDB1MQ==?=",
                "=?UTF-8?B?PT9VVEYtOD9CP1lRPT0/PQ==?=",
            ],
        ),
    ] {
        let mappings = vec![mapping("X-Literal", "literal:Zoë 100%"), mapping("X-Template", "é={sub}")];
        let fixed = vec![mapping("X-Fixed", "literal:Zoë 100%"), mapping("X-Word", "literal:=?UTF-8?B?YQ==?=")];
        let style = Style { non_ascii, ..Style::default() };
        let headers = IdentityMap::new(mappings, style, fixed, None);
        let headers = headers.headers(&member_of(&[]), Besides::default(), &Metrics::new());
        let value = |name: &str| {
            let found = headers.iter().find(|(written, _)| *written == name).map(|(_, value)| value.as_bytes());
            String::from_utf8_lossy(found.unwrap_or_default()).into_owned()
        };
        assert_eq!(["X-Literal", "X-Fixed", "X-Template", "X-Word"].map(value), expected, "{non_ascii:?}");
    }
}

/// K-18.
#[test]
fn a_list_that_is_not_whole_is_not_written() {
    let identity = Identity { left_out: vec!["groups".to_owned()], ..member_of(&["admins"]) };
    assert_eq!(said_of(&[("X-Forwarded-Groups", "groups")], &identity), []);
}

/// H-10.
#[test]
fn headers_of_the_protocol_and_our_own_are_not_mapped_onto() {
    for header in [
        "Host",
        "content-length",
        "Transfer_Encoding",
        "Connection",
        "Cookie",
        "X-Forwarded-For",
        "X.Request.Id",
        "Authorization",
        "Proxy-Authorization",
        "Content-Type",
        "Accept",
        "Accept-Encoding",
        "Origin",
        "Referer",
        "Range",
        "If-Match",
        "Sec-Fetch-Mode",
        "Set-Cookie",
        "Upgrade",
        "TE",
        "Forwarded",
        "Expect",
        "User-Agent",
        "cache_control",
        "Access-Control-Request-Method",
    ] {
        assert_eq!(Mapping::new(header, "sub"), Err(BadMapping::Reserved), "{header}");
    }
    for header in ["", "a b", "a:b", "a\nb"] {
        assert_eq!(Mapping::new(header, "sub"), Err(BadMapping::NotAName), "{header}");
    }
    for header in ["X-Forwarded-User", "REMOTE_USER", "SM_USER", "username", "X-Accepted"] {
        assert!(Mapping::new(header, "sub").is_ok(), "{header}");
    }
}

fn cookie_lines(lines: &[&str]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(COOKIE, HeaderValue::from_bytes(line.as_bytes()).expect("a value"));
    }
    headers
}

/// K-13.
#[test]
fn our_cookies_are_not_forwarded() {
    for (lines, left) in [
        (&["a=1; __Host-gw_session=x; b=2"][..], Some(Some("a=1; b=2"))),
        (&["__Host-gw_session=x"], Some(None)),
        (&["gw_session=x"], Some(None)),
        (&["__Host-gw_session=x;__Host-gw_session_1=y ;  __Host-gw_tx_abc=z"], Some(None)),
        (&["__Secure-gw_tokens=x; a=1"], Some(Some("a=1"))),
        (&["=__Host-gw_session=x; a=1"], Some(Some("a=1"))),
        (&["a=1", "__Host-gw_session=x", "b=2"], Some(Some("a=1; b=2"))),
        (&["a=1,__Host-gw_session=x; b=2"], Some(Some("b=2"))),
        (&["a=\"q __Host-gw_session=x\"; b=2"], Some(Some("b=2"))),
        (&["a=gw_; b=2"], Some(Some("a=gw_; b=2"))),
        (&["a=1; b=2"], None),
        (&["a=1", "b=2"], Some(Some("a=1; b=2"))),
        (&["é=1; __Host-gw_lang=de"], Some(Some("é=1"))),
        (&[], None),
    ] {
        let left = left.map(|left| left.map(|left| HeaderValue::from_bytes(left.as_bytes()).expect("a value")));
        assert_eq!(without_our_cookies(&cookie_lines(lines)), left, "{lines:?}");
    }
}

/// H-15.
#[test]
fn an_upstream_cannot_set_our_cookies() {
    for (set_cookie, ours) in [
        ("__Host-gw_session=x; Path=/", true),
        ("  __Host-gw_session =x", true),
        ("__host-GW_session=x", true),
        ("__Host-gw_tx_a", true),
        ("__Secure-gw_tokens=x; Path=/.gateway", true),
        ("__Http-gw_tokens=x", true),
        ("__Host-Http-gw_tokens=x", true),
        ("gw_session=x", true),
        ("=__Host-gw_session=x", true),
        (" = gw_session=x; Path=/", true),
        ("session=__Host-gw_session", false),
        ("__Host-other=x", false),
        ("agw_session=x", false),
        ("", false),
        ("=", false),
    ] {
        assert_eq!(sets_our_cookie(&HeaderValue::from_static(set_cookie)), ours, "{set_cookie}");
    }
}

/// What speaks for somebody elsewhere, and what may be a secret of the application's.
#[test]
fn tokens_assertions_and_fixed_texts_are_credentials() {
    let mapping = |header: &str, source: &str| Mapping::new(header, source).expect("a mapping");
    let mappings = [
        ("X-Forwarded-User", "sub"),
        ("X-Forwarded-Access-Token", "access_token"),
        ("X-Token", "Bearer {id_token}"),
        ("X-Gateway-Assertion", "assertion"),
    ];
    let mappings = mappings.map(|(header, source)| mapping(header, source)).to_vec();
    let fixed = vec![mapping("X-Secret", "literal:known")];
    let map = IdentityMap::new(mappings, Style::default(), fixed, None);
    for (text, is_one) in [
        ("X-Forwarded-User", false),
        ("X-Forwarded-Access-Token", true),
        ("X-Token", true),
        ("X-Gateway-Assertion", true),
        ("X-Secret", true),
        ("Authorization", true),
    ] {
        assert_eq!(map.is_credential(&name(text)), is_one, "{text}");
    }
}

/// H-15.
#[test]
fn an_upstream_names_nobody_and_commands_nothing_in_front() {
    let contract = contract(&[("X-Forwarded-User", "sub"), ("Badge", "sub")], None);
    for (text, dropped) in [
        ("X-Forwarded-User", true),
        ("badge", true),
        ("X-Accel-Redirect", true),
        ("X-Accel-Expires", true),
        ("X-Sendfile", true),
        ("Service-Worker-Allowed", true),
        ("NEL", true),
        ("Report-To", true),
        ("Alt-Svc", true),
        ("Set-Login", true),
        ("Remote-User", true),
        ("X-Auth-Request-Email", true),
        ("X-authentik-username", true),
        ("SM_USER", true),
        ("Cf-Access-Jwt-Assertion", true),
        ("X-Forwarded-For", true),
        ("X-Accel-Buffering", false),
        ("X-Request-Id", false),
        ("X-Auth-Token", false),
        ("Email", false),
        ("Set-Cookie", false),
        ("Content-Type", false),
        ("Server", false),
    ] {
        assert_eq!(contract.responses.drops(&name(text)), dropped, "{text}");
    }
}
