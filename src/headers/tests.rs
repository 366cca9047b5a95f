//! What nobody else may say, and how we say it.

use super::*;
use crate::access::policy::tests::member_of;

fn managed(mappings: &[(&str, &str)]) -> Managed {
    Managed::new(mappings.iter().map(|(header, claim)| Mapping::new(header, claim).expect("a mapping")).collect())
}

fn told(mappings: &[(&str, &str)], identity: &Identity) -> Vec<(String, String)> {
    let told = managed(mappings).identity(identity, &Metrics::new());
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    told.iter().map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), text(value))).collect()
}

/// H-01, H-02, H-06, H-14.
#[test]
fn a_visitor_cannot_name_themselves() {
    let managed = managed(&[("x-auth-user", "sub"), ("REMOTE_EMAIL", "email")]);
    for forged in [
        "x-auth-user",
        "X-Auth-User",
        "x_auth_user",
        "X-Auth_User",
        "X.Auth.User",
        "X!Auth~User",
        "x'auth^user",
        "x`auth|user",
        "remote-email",
        "X_Forwarded_User",
        "x.forwarded.user",
        "X-FORWARDED-FOR",
        "Forwarded",
        "X-Original-URL",
        "X-Rewrite-URL",
        "X-HTTP-Method-Override",
        "X-Forwarded-Prefix",
        "X-Real-IP",
        "Proxy",
    ] {
        assert!(managed.is_managed(forged), "{forged}");
    }
    for other in ["X-Auth-Users", "XAuthUser", "Accept", "X-Requested-With", "Authorization", "Cookie"] {
        assert!(!managed.is_managed(other), "{other}");
    }
}

#[test]
fn who_it_is_stands_in_the_mapped_headers() {
    let told = told(
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
    assert_eq!(told, expected.map(|(name, value)| (name.to_owned(), value.to_owned())), "H-03: no claim, no header");
}

/// H-08.
#[test]
fn a_value_that_would_split_or_mislead_is_not_told() {
    let metrics = Metrics::new();
    let managed = managed(&[("X-Forwarded-User", "name")]);
    for (count, name) in
        ["a\r\nX: y", "a\nb", "a\rb", "a\0b", " admin", "admin ", "a\u{2028}b", "a\u{85}b", &"x".repeat(65_536)]
            .into_iter()
            .enumerate()
    {
        let mut identity = member_of(&[]);
        identity.name = Some(name.to_owned());
        assert!(managed.identity(&identity, &metrics).is_empty(), "{name:?}");
        assert!(metrics.text().contains(&format!("gateway_header_values_dropped_total {}", count + 1)));
    }
    let mut identity = member_of(&[]);
    identity.name = Some("Zoë 日本".to_owned());
    assert_eq!(told(&[("X-Name", "name")], &identity), [("X-Name".to_owned(), "Zoë 日本".to_owned())]);
}

/// H-09.
#[test]
fn no_group_name_adds_a_group() {
    for (groups, expected) in [
        (&["a,admins", "b"][..], "a%2Cadmins,b"),
        (&["100%2C", "b"], "100%252C,b"),
        (&[" admins", "admins ", "", "b", "x\ny"], "b"),
    ] {
        let told = told(&[("X-Groups", "groups")], &member_of(groups));
        assert_eq!(told, [("X-Groups".to_owned(), expected.to_owned())]);
    }
}

/// H-10.
#[test]
fn headers_of_framing_and_our_own_are_not_mapped_onto() {
    for header in
        ["Host", "content-length", "Transfer_Encoding", "Connection", "Cookie", "X-Forwarded-For", "X.Request.Id"]
    {
        assert_eq!(Mapping::new(header, "sub"), Err(BadMapping::Reserved), "{header}");
    }
    for header in ["", "a b", "a:b", "a\nb"] {
        assert_eq!(Mapping::new(header, "sub"), Err(BadMapping::NotAName), "{header}");
    }
    assert!(Mapping::new("X-Forwarded-User", "sub").is_ok() && Mapping::new("Authorization", "sub").is_ok());
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
        (&["__Host-gw_session=x;__Host-gw_session_1=y ;  __Host-gw_tx_abc=z"], Some(None)),
        (&["a=1", "__Host-gw_session=x", "b=2"], Some(Some("a=1; b=2"))),
        (&["a=1,__Host-gw_session=x; b=2"], Some(Some("b=2"))),
        (&["a=\"q __Host-gw_session=x\"; b=2"], Some(Some("b=2"))),
        (&["a=1; b=2"], None),
        (&["a=1", "b=2"], Some(Some("a=1; b=2"))),
        (&["é=1; __Host-gw_lang=de"], Some(Some("é=1"))),
        (&[], None),
    ] {
        let left = left.map(|left| left.map(|left| HeaderValue::from_bytes(left.as_bytes()).expect("a value")));
        assert_eq!(without_our_cookies(&cookie_lines(lines), "__Host-gw_"), left, "{lines:?}");
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
        ("session=__Host-gw_session", false),
        ("__Host-other=x", false),
        ("", false),
    ] {
        assert_eq!(sets_our_cookie(&HeaderValue::from_static(set_cookie), "__Host-gw_"), ours, "{set_cookie}");
    }
}

/// T-02, T-03.
#[test]
fn addresses_told_by_others_count_only_behind_a_trusted_proxy() {
    let networks: Vec<Network> = ["10.0.0.0/8", "::1"].iter().filter_map(|text| Network::parse(text)).collect();
    for (peer, forwarded, trusted, client_is) in [
        ("192.0.2.1", &["198.51.100.7"][..], &networks[..], "192.0.2.1"),
        ("10.0.0.1", &["198.51.100.7"], &[], "10.0.0.1"),
        ("10.0.0.1", &["198.51.100.7"], &networks, "198.51.100.7"),
        ("::ffff:10.0.0.1", &["198.51.100.7"], &networks, "198.51.100.7"),
        ("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.2.2.2"], &networks, "198.51.100.7"),
        ("10.0.0.1", &["1.1.1.1", "198.51.100.7"], &networks, "198.51.100.7"),
        ("10.0.0.1", &["1.1.1.1, unknown, 10.2.2.2"], &networks, "10.2.2.2"),
        ("10.0.0.1", &["198.51.100.7:443"], &networks, "10.0.0.1"),
        ("10.0.0.1", &["fe80::1%eth0"], &networks, "10.0.0.1"),
        ("10.0.0.1", &[], &networks, "10.0.0.1"),
        ("::1", &["2001:db8::1"], &networks, "2001:db8::1"),
    ] {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let found = client(peer.parse().expect("an address"), &headers, trusted);
        assert_eq!(found, client_is.parse::<IpAddr>().expect("an address"), "{peer} {forwarded:?}");
    }
}

#[test]
fn networks_are_what_they_say() {
    for (network, address, inside) in [
        ("10.0.0.0/8", "10.255.255.255", true),
        ("10.0.0.0/8", "11.0.0.0", false),
        ("0.0.0.0/0", "192.0.2.1", true),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false),
        ("172.16.0.0/12", "172.31.255.255", true),
        ("172.16.0.0/12", "172.32.0.0", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::1", false),
    ] {
        let network = Network::parse(network).expect(network);
        assert_eq!(network.contains(address.parse().expect("an address")), inside, "{network:?} {address}");
    }
    for bad in ["", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/+8", "example.com", "10.0.0.0/8/8"] {
        assert_eq!(Network::parse(bad), None, "{bad}");
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
    let told = told(&[("X-Roles", "roles"), ("X-Sorted", "name_as_it_is_sorted")], &identity);
    let expected = [("X-Roles", "a%2Cadmin,100%25,b"), ("X-Sorted", "Doe, Jane")];
    assert_eq!(told, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

/// K-18.
#[test]
fn a_list_that_is_not_whole_is_not_told() {
    let identity = Identity { left_out: vec!["groups".to_owned()], ..member_of(&["admins"]) };
    assert_eq!(told(&[("X-Forwarded-Groups", "groups")], &identity), []);
}
