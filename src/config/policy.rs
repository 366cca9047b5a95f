//! `allow` of a route, and `[[policy_test]]`, which says what the configuration expects of its own policies.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::reader::Section;
use crate::access::{AuthnRequirement, Condition, Methods, Names, Policy, SessionLimits, somebody};
use crate::gateway::{Expected, PolicyTest, TestVisitor};
use crate::session::{ClaimValue, Identity};
use crate::time::Instant;

/// How deep conditions may be nested.
const DEPTH: usize = 8;

/// `allow` and the limits of sessions; without `allow` everybody who is signed in may.
pub(super) fn policy(section: &Section<'_>) -> Option<Policy> {
    let policy = allowed(section);
    let Some(limits) = session_limits(section) else { return policy };
    let limited = policy?.with_session_limits(limits);
    if limited.is_none() {
        let name = if section.given("max_age_minutes") { "max_age_minutes" } else { "max_idle_minutes" };
        section.problem(name, "is about sessions, and nobody needs one on this route");
    }
    limited
}

/// `max_age_minutes` and `max_idle_minutes` of a route.
fn session_limits(section: &Section<'_>) -> Option<SessionLimits> {
    let minutes = |name: &str| section.given(name).then(|| section.minutes(name, 1..=525_600, 1));
    SessionLimits::new(minutes("max_age_minutes"), minutes("max_idle_minutes"))
}

fn allowed(section: &Section<'_>) -> Option<Policy> {
    if section.is_table("allow") {
        return condition(&section.section("allow"), DEPTH).map(|condition| Policy::Where(Box::new(condition)));
    }
    if !section.given("allow") {
        return Some(Policy::SignedIn);
    }
    match section.text("allow").as_deref() {
        Some("public") => Some(Policy::Public),
        Some("optional") => Some(Policy::Optional),
        Some("signed-in") => Some(Policy::SignedIn),
        _ => {
            section.problem("allow", "must be \"public\", \"optional\", \"signed-in\" or a table of conditions");
            None
        }
    }
}

/// All conditions of a table together; none where one of them cannot be read, or there is none.
fn condition(table: &Section<'_>, depth: usize) -> Option<Condition> {
    if depth == 0 {
        table.problem("", "lies too deep");
        return None;
    }
    let mut found: Vec<Option<Condition>> = Vec::new();
    for (name, make) in [
        ("groups", Condition::Groups as fn(Names) -> Condition),
        ("users", Condition::Users),
        ("providers", Condition::Providers),
        ("emails", Condition::Emails),
        ("email_domains", Condition::EmailDomains),
        ("scopes", Condition::Scopes),
    ] {
        found.extend(names(table, name).map(|names| names.map(make)));
    }
    let domains = found.iter().find_map(|found| match found {
        Some(Condition::EmailDomains(domains)) => Some(domains),
        _ => None,
    });
    if let Some(domains) = domains
        && domains.iter().any(|domain| domain.contains(['@', '*', '/']) || !domain.is_ascii())
    {
        table.problem("email_domains", "must be whole domains in ASCII, as \"example.com\"; one below it is another");
    }
    found.extend(claims(table));
    found.extend(table.texts("networks").map(|texts| networks(table, &texts)));
    found.extend(table.texts("methods").map(|texts| {
        let methods = Methods::new(&texts);
        if methods.is_none() {
            table.problem("methods", "must be methods in capital letters, as [\"GET\", \"POST\"], at least one");
        }
        methods.map(Condition::Methods)
    }));
    found.extend(strength(table).map(|asked| Some(Condition::Strength(asked))));
    found.extend(nested(table, depth));
    if found.is_empty() {
        table.problem("", "is an empty table of conditions: it must say at least one");
    }
    let mut found: Vec<Condition> = found.into_iter().collect::<Option<_>>()?;
    if found.len() == 1 { found.pop() } else { (!found.is_empty()).then_some(Condition::All(found)) }
}

/// A list of names; none where there is no such setting.
fn names(table: &Section<'_>, name: &str) -> Option<Option<Names>> {
    if !table.given(name) {
        return None;
    }
    let names = table.texts(name).and_then(Names::new);
    if names.is_none() {
        table.problem(name, "must name at least one, and none of them empty");
    }
    Some(names)
}

/// `claims = { department = ["a", "b"], "realm_access.roles" = ["c"] }`: each of them must have one of its values.
fn claims(table: &Section<'_>) -> Vec<Option<Condition>> {
    const SHAPE: &str = "must be a table of claims and their values, as { department = [\"sales\"] }";
    if !table.given("claims") {
        return Vec::new();
    }
    let Some(claims) = table.value("claims").and_then(Value::as_object).filter(|claims| !claims.is_empty()) else {
        table.problem("claims", SHAPE);
        return vec![None];
    };
    let one = |(name, values): (&String, &Value)| {
        let values = match values {
            Value::Array(values) => values.iter().map(claim_text).collect(),
            value => claim_text(value).map(|value| vec![value]),
        };
        let values = values.and_then(Names::new).filter(|_| !name.is_empty());
        if values.is_none() {
            table.problem("claims", SHAPE);
        }
        values.map(|values| Condition::Claim(name.clone(), values))
    };
    claims.iter().map(one).collect()
}

/// A value of a claim as it is compared: a truth value and a number are texts.
fn claim_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn networks(table: &Section<'_>, texts: &[String]) -> Option<Condition> {
    let parsed = texts.iter().map(|text| table.parsed("networks", text, super::network));
    let networks: Vec<_> = parsed.collect::<Option<_>>()?;
    if networks.is_empty() {
        table.problem("networks", "must name at least one");
    }
    (!networks.is_empty()).then_some(Condition::Networks(networks))
}

fn strength(table: &Section<'_>) -> Option<AuthnRequirement> {
    let acr_values = table.texts("acr_values").map(|values| values.join(" "));
    if acr_values.as_deref().is_some_and(|values| values.trim().is_empty()) {
        table.problem("acr_values", "must name at least one");
    }
    let max_age = table.given("max_age_minutes").then(|| table.minutes("max_age_minutes", 5..=1440, 5));
    AuthnRequirement::new(acr_values, max_age)
}

/// `any`, `all` and `not`.
fn nested(table: &Section<'_>, depth: usize) -> Vec<Option<Condition>> {
    let mut found = Vec::new();
    for (name, make) in [("any", Condition::Any as fn(Vec<Condition>) -> Condition), ("all", Condition::All)] {
        if !table.given(name) {
            continue;
        }
        let inner: Vec<Option<Condition>> =
            table.sections(name).iter().map(|inner| condition(inner, depth - 1)).collect();
        if inner.is_empty() {
            table.problem(name, "must be a list of tables of conditions, at least one");
        }
        let inner: Option<Vec<Condition>> = inner.into_iter().collect();
        let opens = |inner: &[Condition]| name == "any" && inner.iter().any(Condition::is_only_about_networks);
        if inner.as_deref().is_some_and(opens) {
            table.problem(
                name,
                "has an alternative that asks for nothing but a network: where somebody is opens nothing, \
                                 so say there who may, too",
            );
        }
        found.push(inner.filter(|inner| !inner.is_empty()).map(make));
    }
    if table.given("not") {
        let inner = condition(&table.section("not"), depth - 1);
        let mut asks_for_strength = false;
        if let Some(inner) = &inner {
            inner.walk(&mut |condition| asks_for_strength |= matches!(condition, Condition::Strength(_)));
        }
        if asks_for_strength {
            table.problem("not", "cannot be about how strongly or how recently somebody signed in");
        }
        found.push(inner.map(|inner| Condition::Not(Box::new(inner))));
    }
    found
}

/// Every `[[policy_test]]` that can be read; where one does not say which provider signed somebody in, `provider` did.
pub(super) fn tests(sections: &[Section<'_>], provider: &str) -> Vec<PolicyTest> {
    sections.iter().filter_map(|section| test(section, provider)).collect()
}

fn test(section: &Section<'_>, provider: &str) -> Option<PolicyTest> {
    const SHAPE: &str = "must be a method and an address, as \"GET https://wiki.example.com/admin\"";
    let words = [
        ("pass", Expected::Pass),
        ("sign-in", Expected::SignIn),
        ("step-up", Expected::StepUp),
        ("refuse", Expected::Refuse),
    ];
    let visitor = visitor(section, provider);
    let is_table = section.is_table("as");
    let scopes = if is_table { section.section("as").texts("scopes").unwrap_or_default() } else { Vec::new() };
    let from = section.read("from", |text| text.parse().map_err(|_| "must be an address, as \"10.0.0.1\"".to_owned()));
    let request = section.required("request").and_then(|text| {
        section.parsed("request", &text, |text| {
            let (method, url) = text.trim().split_once(' ').ok_or(SHAPE)?;
            let method: Method = method.parse().map_err(|_| SHAPE)?;
            Ok((method, url.trim().to_owned()))
        })
    });
    if !section.given("expect") {
        section.problem("expect", "is missing");
    }
    let expected = section.choice("expect", &words)?;
    let (method, url) = request?;
    let (key, visitor) = (section.key("expect"), visitor?);
    Some(PolicyTest { key, visitor, scopes, from, method, url, expected })
}

/// `as`: who asks. Without it that is somebody who is not signed in; an empty table is a person without claims.
fn visitor(section: &Section<'_>, provider: &str) -> Option<Option<TestVisitor>> {
    let signed_in = || Identity { provider: provider.to_owned(), ..somebody() };
    let just_now = |identity| TestVisitor { identity, ago: Duration::ZERO, longest_idle: Duration::ZERO };
    if !section.given("as") {
        return Some(None);
    }
    if !section.is_table("as") {
        return match section.text("as")?.as_str() {
            "nobody" => Some(None),
            "signed-in" => Some(Some(just_now(signed_in()))),
            _ => {
                section.problem("as", "must be \"nobody\", \"signed-in\" or a table, as { groups = [\"staff\"] }");
                None
            }
        };
    }
    let table = section.section("as");
    let mut identity = signed_in();
    let user = table.text("user");
    identity.subject = table.text("sub").or(user.clone()).unwrap_or(identity.subject);
    identity.username = user;
    identity.provider = table.text("provider").unwrap_or(identity.provider);
    identity.name = table.text("name");
    identity.email = table.text("email");
    identity.groups = table.texts("groups").unwrap_or_default();
    identity.acr = table.text("acr");
    identity.amr = table.texts("amr").unwrap_or_default();
    identity.auth_time = Some(Instant::from_seconds(0));
    let verified = table.flag("email_verified", identity.email.is_some());
    identity.claims = given_claims(&table);
    identity.claims.insert("email_verified".to_owned(), ClaimValue::Text(verified.to_string()));
    let ago = table.minutes("signed_in_minutes_ago", 0..=1_000_000, 0);
    let longest_idle = table.minutes("idle_minutes", 0..=1_000_000, 0);
    Some(Some(TestVisitor { identity, ago, longest_idle }))
}

fn given_claims(table: &Section<'_>) -> BTreeMap<String, ClaimValue> {
    if !table.given("claims") {
        return BTreeMap::new();
    }
    let value = |value: &Value| match value {
        Value::Array(values) => values.iter().map(claim_text).collect::<Option<_>>().map(ClaimValue::List),
        value => claim_text(value).map(ClaimValue::Text),
    };
    let claims = table.value("claims").and_then(Value::as_object);
    let claims = claims.and_then(|claims| {
        claims.iter().map(|(name, claim)| Some((name.clone(), value(claim)?))).collect::<Option<BTreeMap<_, _>>>()
    });
    claims.unwrap_or_else(|| {
        table.problem("claims", "must be a table of claims and their values, as { department = [\"sales\"] }");
        BTreeMap::new()
    })
}
