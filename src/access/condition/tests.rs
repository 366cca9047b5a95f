//! What conditions say of whom.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::access::policy::tests::{FACTS, member_of};

const NOW: Instant = Instant::from_seconds(10_000);

fn names(names: &[&str]) -> Names {
    Names::new(names.iter().map(|name| (*name).to_owned()).collect()).expect("names")
}

fn text(value: &str) -> ClaimValue {
    ClaimValue::Text(value.to_owned())
}

/// Jane with this address and these claims.
fn jane(email: &str, claims: &[(&str, ClaimValue)]) -> Identity {
    let claims = claims.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Identity { email: Some(email.to_owned()), claims, ..member_of(&["staff"]) }
}

fn holds(condition: &Condition, visitor: &Identity) -> bool {
    condition.outcome(Some(visitor), FACTS, NOW) == Outcome::Holds
}

/// I-05.
#[test]
fn an_address_counts_only_if_it_was_verified_and_its_domain_is_the_whole_one() {
    let domain = Condition::EmailDomains(names(&["corp.com"]));
    let verified = [("email_verified", text("true"))];
    for (email, claims, expected) in [
        ("jane@corp.com", &verified[..], true),
        ("jane@CORP.com", &verified, true),
        ("jane@corp.com", &[], false),
        ("jane@corp.com", &[("email_verified", text("false"))], false),
        ("a@evil@corp.com", &verified, false),
        ("a@corp.com@evil", &verified, false),
        ("a@evilcorp.com", &verified, false),
        ("a@sub.corp.com", &verified, false),
        ("a@corp.com.", &verified, false),
        ("a@c\u{43e}rp.com", &verified, false),
        ("a@corp.com ", &verified, false),
        ("@corp.com", &verified, false),
        ("corp.com", &verified, false),
    ] {
        assert_eq!(holds(&domain, &jane(email, claims)), expected, "{email} {claims:?}");
    }
    let email = Condition::Emails(names(&["Jane@corp.com"]));
    assert!(holds(&email, &jane("jane@corp.com", &verified)) && !holds(&email, &jane("jane@corp.com", &[])));
}

#[test]
fn users_and_claims_are_told_apart() {
    let roles = [("realm_access.roles", ClaimValue::List(vec!["admin".to_owned(), "dev".to_owned()]))];
    let visitor = jane("jane@corp.com", &roles);
    let claim = |name: &str, values: &[&str]| Condition::Claim(name.to_owned(), names(values));
    for (condition, expected) in [
        (Condition::Users(names(&["00u1"])), true),
        (Condition::Users(names(&["00U1"])), false),
        (Condition::Users(names(&["JANE@example.com"])), true),
        (Condition::Users(names(&["bob"])), false),
        (claim("realm_access.roles", &["dev"]), true),
        (claim("realm_access.roles", &["Dev", "de"]), false),
        (claim("sub", &["00u1"]), true),
        (claim("groups", &["staff"]), true),
        (claim("department", &["dev"]), false),
    ] {
        assert_eq!(holds(&condition, &visitor), expected, "{condition}");
    }
}

#[test]
fn what_is_not_known_is_not_refuted_either() {
    let mut visitor = member_of(&[]);
    let suspended = Condition::Claim("suspended".to_owned(), names(&["true"]));
    let not_suspended = Condition::Not(Box::new(suspended));
    assert!(!holds(&not_suspended, &visitor), "a session that never kept the claim says nothing of it");
    visitor.claims.insert("suspended".to_owned(), ClaimValue::List(Vec::new()));
    assert!(holds(&not_suspended, &visitor), "the org did not say so");
    let no_intern = Condition::Not(Box::new(Condition::Groups(names(&["interns"]))));
    assert!(holds(&no_intern, &visitor));
    visitor.left_out.push(GROUPS.to_owned());
    assert!(!holds(&no_intern, &visitor), "a part of the groups does not say that the rest is not there");
}

/// Somebody whose address is not verified may be whoever owns it, or not.
#[test]
fn an_address_that_is_not_verified_meets_no_exception_either() {
    let verified = [("email_verified", text("true"))];
    let refuted = [("email_verified", text("false"))];
    let nameless = Identity { email: None, ..jane("", &verified) };
    for excluded in [Condition::Emails(names(&["bad@corp.com"])), Condition::EmailDomains(names(&["corp.com"]))] {
        let not = Condition::Not(Box::new(excluded.clone()));
        for (visitor, expected) in [
            (jane("bad@corp.com", &verified), Outcome::Fails(Refusal::Excluded)),
            (jane("bad@corp.com", &refuted), Outcome::Unknown(Refusal::Excluded)),
            (jane("bad@corp.com", &[]), Outcome::Unknown(Refusal::Excluded)),
            (jane("jane@example.com", &verified), Outcome::Holds),
            (jane("jane@example.com", &refuted), Outcome::Unknown(Refusal::Excluded)),
            (jane("jane@example.com", &[]), Outcome::Unknown(Refusal::Excluded)),
            (nameless.clone(), Outcome::Unknown(Refusal::Excluded)),
        ] {
            assert_eq!(not.outcome(Some(&visitor), FACTS, NOW), expected, "{not}: {visitor:?}");
        }
        let unverified = excluded.outcome(Some(&jane("bad@corp.com", &refuted)), FACTS, NOW);
        assert_eq!(unverified, Outcome::Unknown(Refusal::EmailNotVerified), "the page says why");
    }
}

#[test]
fn networks_and_methods_are_about_the_request_and_need_an_address_to_hold() {
    let networks = Condition::Networks(vec!["10.0.0.0/8".parse().expect("a network")]);
    for (client, expected) in [
        (Some("10.1.2.3"), Outcome::Holds),
        (Some("::ffff:10.1.2.3"), Outcome::Holds),
        (Some("11.0.0.1"), Outcome::Fails(Refusal::Network)),
        (None, Outcome::Unknown(Refusal::Network)),
    ] {
        let client = client.map(|client| client.parse().expect("an address"));
        let outcome = networks.outcome(None, RequestFacts { client, ..FACTS }, NOW);
        assert_eq!(outcome, expected, "{client:?}");
    }
    let methods = Condition::Methods(Methods::new(&["GET".to_owned()]).expect("methods"));
    for (method, expected) in [("GET", true), ("HEAD", true), ("POST", false), ("get", false), ("PROPFIND", false)] {
        let method: Method = method.parse().expect("a method");
        let outcome = methods.outcome(None, RequestFacts { method: &method, ..FACTS }, NOW);
        assert_eq!(outcome == Outcome::Holds, expected, "{method}");
    }
}

#[test]
fn a_rule_is_told_in_words() {
    let staff = Condition::Groups(names(&["staff", "admins"]));
    let not = Condition::Not(Box::new(Condition::Groups(names(&["interns"]))));
    let either = Condition::Any(vec![staff.clone(), Condition::EmailDomains(names(&["corp.com"]))]);
    assert_eq!(
        Condition::All(vec![either, not]).to_string(),
        "(in group staff or admins, or verified email at corp.com), and not (in group interns)"
    );
}

/// Conditions over three groups and an e-mail address.
fn conditions() -> impl Strategy<Value = Condition> {
    let group = prop_oneof!["a", "b", "c"].prop_map(|group: String| Condition::Groups(names(&[&group])));
    let address = Just(Condition::Emails(names(&["jane@corp.com"])));
    prop_oneof![3 => group, 1 => address].prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::Any),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Condition::All),
            inner.prop_map(|condition| Condition::Not(Box::new(condition))),
        ]
    })
}

fn model(condition: &Condition, groups: &[&str], email: &str) -> bool {
    match condition {
        Condition::Groups(names) => names.iter().any(|name| groups.contains(&name.as_str())),
        Condition::Emails(names) => names.has(email),
        Condition::Any(inner) => inner.iter().any(|condition| model(condition, groups, email)),
        Condition::All(inner) => inner.iter().all(|condition| model(condition, groups, email)),
        Condition::Not(inner) => !model(inner, groups, email),
        other => panic!("{other}"),
    }
}

proptest! {
    /// Of somebody of whom everything is known it is plain logic; what is left out or not verified opens nothing.
    #[test]
    fn conditions_are_logic_and_ignorance_opens_nothing(
        condition in conditions(), a: bool, b: bool, c: bool, is_jane: bool, hidden in 0..3usize,
    ) {
        let groups: Vec<&str> = [(a, "a"), (b, "b"), (c, "c")].iter().filter(|(is_in, _)| *is_in).map(|(_, name)| *name).collect();
        let email = if is_jane { "jane@corp.com" } else { "bob@corp.com" };
        let verified = jane(email, &[("email_verified", text("true"))]);
        let known = Identity { groups: member_of(&groups).groups, ..verified.clone() };
        prop_assert_eq!(holds(&condition, &known), model(&condition, &groups, email));
        let kept: Vec<&str> = groups.iter().copied().filter(|group| *group != ["a", "b", "c"][hidden]).collect();
        let partly = Identity { groups: member_of(&kept).groups, left_out: vec![GROUPS.to_owned()], ..verified };
        if holds(&condition, &partly) {
            prop_assert!(model(&condition, &groups, email) && model(&condition, &kept, email));
        }
        let claims = jane(email, &[("email_verified", text("false"))]).claims;
        for (email, claims) in [(Some(email), claims), (Some(email), BTreeMap::new()), (None, BTreeMap::new())] {
            let unverified = Identity { email: email.map(str::to_owned), claims, ..known.clone() };
            if holds(&condition, &unverified) {
                prop_assert!(["jane@corp.com", "bob@corp.com"].iter().all(|email| model(&condition, &groups, email)));
            }
        }
    }
}

#[test]
fn scopes_are_a_token_s_and_all_of_them_are_asked_for() {
    let asked = Condition::Scopes(names(&["read", "write"]));
    let program = member_of(&[]);
    for (visitor, scopes, expected) in [
        (Some(&program), &["write", "read", "more"][..], Outcome::Holds),
        (Some(&program), &["read"], Outcome::Fails(Refusal::Scope)),
        (Some(&program), &["read write"], Outcome::Fails(Refusal::Scope)),
        (Some(&program), &[], Outcome::Fails(Refusal::Scope)),
        (None, &[], Outcome::Unknown(Refusal::Scope)),
    ] {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        assert_eq!(asked.outcome(visitor, RequestFacts { scopes: &scopes, ..FACTS }, NOW), expected, "{scopes:?}");
    }
}
