//! A provider's claims about a person → their [`Identity`].
//!
//! A claim of the ID token counts before the same of userinfo. A person whom the provider's rules do not admit gets no
//! identity; and where the list of groups is kept elsewhere and cannot be fetched, the sign-in fails, since an empty list
//! would be wrong.

use serde_json::Value;

use super::providers::Provider;
use crate::oidc::json::at;
use crate::oidc::{Failure, Tokens, VerifiedClaims};
use crate::session::{ClaimValue, Identity};
use crate::time::Instant;

/// Whether the provider says that the e-mail address is this person's.
pub(super) fn has_verified_email(token: &VerifiedClaims, userinfo: &Value) -> bool {
    // The address and what is said of it must come from the same place.
    let said = match token.claim("email").filter(|address| !address.is_null()) {
        Some(_) => token.claim("email_verified"),
        None => userinfo.get("email_verified"),
    };
    said.is_some_and(|said| *said == Value::Bool(true) || said == "true")
}

/// Who it is; `kept` are the claims that are kept besides the usual ones.
pub(super) async fn identity(
    provider: &Provider,
    tokens: &Tokens,
    userinfo: &Value,
    kept: &[String],
) -> Result<Identity, Failure> {
    let (token, rules) = (&tokens.claims, &provider.claims);
    let in_token = |name: &str| at(name, |name| token.claim(name));
    let in_userinfo = |name: &str| at(name, |name| userinfo.get(name));
    let claim = |name: &str| in_token(name).or_else(|| in_userinfo(name)).filter(|value| !value.is_null());
    let text = |name: &str| claim(name).and_then(as_text).filter(|text| !text.is_empty());
    if let Some(domain) = &rules.hosted_domain
        && token.claim("hd").and_then(Value::as_str) != Some(domain)
    {
        return Err(Failure::NotAllowed("the person is not of the hosted domain"));
    }
    let subject = subject(&rules.subject, token)?;
    let mut groups = rules.groups(claim).unwrap_or_default();
    if rules.groups_are_elsewhere(token, claim) {
        let address = rules.overage.as_ref();
        let address = address.ok_or(Failure::Token("it has too many groups to list them (groups_overage)"))?;
        let elsewhere = provider.client.groups_at(address, &tokens.access_token).await?;
        groups.extend(elsewhere.into_iter().filter(|group| !groups.contains(group)).collect::<Vec<_>>());
    }
    // A route may ask for the tokens themselves.
    let value = |name: &str| match name {
        "id_token" => Some(ClaimValue::Text(tokens.id_token.expose().to_owned())),
        "access_token" => Some(ClaimValue::Text(tokens.access_token.expose().to_owned())),
        _ => claim(name).and_then(as_claim),
    };
    // A claim that the provider does not make is kept as an empty list, so that a rule can tell it from one never kept.
    let none = ClaimValue::List(Vec::new());
    let keep = |name: &String| (name.clone(), value(name).unwrap_or(none.clone()));
    Ok(Identity {
        provider: provider.name.clone(),
        subject,
        username: text("preferred_username"),
        name: text("name"),
        email: text("email"),
        groups,
        claims: kept.iter().map(keep).collect(),
        auth_time: auth_time(token),
        amr: authentication_methods(claim("amr")),
        acr: text("acr"),
        left_out: Vec::new(),
    })
}

/// Whom a token is about: its claim of that name.
pub(super) fn subject(name: &str, token: &VerifiedClaims) -> Result<String, Failure> {
    match name {
        "sub" => Ok(token.subject().to_owned()),
        other => token
            .claim(other)
            .and_then(Value::as_str)
            .filter(|subject| (1..=255).contains(&subject.len()))
            .map(str::to_owned)
            .ok_or(Failure::Token("it lacks the claim that names the person")),
    }
}

fn authentication_methods(amr: Option<&Value>) -> Vec<String> {
    match amr {
        Some(Value::Array(methods)) => methods.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        Some(Value::String(one)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

pub(super) fn auth_time(token: &VerifiedClaims) -> Option<Instant> {
    token.seconds("auth_time").map(Instant::from_seconds)
}

/// A claim as it is kept; none where there is nothing to say. What is neither text, number nor truth value is left out
/// of a list.
fn as_claim(value: &Value) -> Option<ClaimValue> {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter_map(as_text).collect();
            (!items.is_empty()).then_some(ClaimValue::List(items))
        }
        value => as_text(value).filter(|text| !text.is_empty()).map(ClaimValue::Text),
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_stays_a_list_and_what_is_no_text_is_left_out_of_it() {
        let list = |items: &[&str]| Some(ClaimValue::List(items.iter().map(|item| (*item).to_owned()).collect()));
        for (claim, expected) in [
            (json!(["a,admin", 7, true, null, {"b": 1}, ["c"]]), list(&["a,admin", "7", "true"])),
            (json!(["one"]), list(&["one"])),
            (json!([]), None),
            (json!("Doe, Jane"), Some(ClaimValue::Text("Doe, Jane".to_owned()))),
            (json!(""), None),
            (json!({"a": 1}), None),
        ] {
            assert_eq!(as_claim(&claim), expected, "{claim}");
        }
    }
}
