//! A provider's claims about a person → their [`Identity`].
//!
//! A claim of the ID token counts before the same of userinfo; but an e-mail address is verified by a document that states
//! both, the address and that it is verified. A person whom the provider's rules do not admit gets no identity; and where
//! the list of groups is kept elsewhere and cannot be fetched, the sign-in fails, since an empty list would be wrong.

use serde_json::Value;

use super::providers::Provider;
use crate::oidc::json::{at, text as as_text, texts};
use crate::oidc::{Failure, Tokens, VerifiedClaims, is_identifier};
use crate::session::{ClaimValue, Identity};
use crate::time::Instant;

/// Whether the provider says that the e-mail address is this person's.
pub(super) fn has_verified_email(token: &VerifiedClaims, userinfo: &Value) -> bool {
    let said = said_of_address(|name| token.claim(name), |name| userinfo.get(name));
    said.is_some_and(|said| *said == Value::Bool(true) || said == "true")
}

/// What is said of the person's e-mail address by the first document that states both.
fn said_of_address<'v>(
    in_token: impl Fn(&str) -> Option<&'v Value>,
    in_userinfo: impl Fn(&str) -> Option<&'v Value>,
) -> Option<&'v Value> {
    let in_token = |name: &str| in_token(name).filter(|value| !value.is_null());
    let in_userinfo = |name: &str| in_userinfo(name).filter(|value| !value.is_null());
    let address = in_token("email").or_else(|| in_userinfo("email"))?;
    let of_token = in_token("email_verified").filter(|_| in_token("email") == Some(address));
    of_token.or_else(|| in_userinfo("email_verified").filter(|_| in_userinfo("email") == Some(address)))
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
    let claim = |name: &str| {
        let in_token = in_token(name).filter(|value| !value.is_null());
        in_token.or_else(|| in_userinfo(name).filter(|value| !value.is_null()))
    };
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
        "email_verified" => said_of_address(in_token, in_userinfo).and_then(as_claim),
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
        amr: claim("amr").map(texts).unwrap_or_default(),
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
            .filter(|subject| is_identifier(subject))
            .map(str::to_owned)
            .ok_or(Failure::Token("it lacks the claim that names the person")),
    }
}

pub(super) fn auth_time(token: &VerifiedClaims) -> Option<Instant> {
    token.seconds("auth_time").map(Instant::from_seconds)
}

/// A claim as it is kept: a list where it is one ([`texts`]), otherwise a text; none for an object.
pub(crate) fn as_claim(value: &Value) -> Option<ClaimValue> {
    match value {
        Value::Array(_) => Some(ClaimValue::List(texts(value))),
        value => as_text(value).map(ClaimValue::Text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// I-05: an address of one document is not verified by what another says of its own.
    #[test]
    fn an_address_is_verified_by_a_document_that_states_both() {
        let (a, b) = (json!("a@corp.example"), json!("b@corp.example"));
        for (token, userinfo, verified) in [
            (json!({"email": a, "email_verified": true}), json!({}), Some(true)),
            (json!({}), json!({"email": a, "email_verified": true}), Some(true)),
            (json!({"email": a}), json!({"email": a, "email_verified": true}), Some(true)),
            (json!({"email": a, "email_verified": false}), json!({"email": a, "email_verified": true}), Some(false)),
            (json!({"email": a}), json!({"email_verified": true}), None),
            (json!({"email": a}), json!({"email": b, "email_verified": true}), None),
            (json!({"email_verified": true}), json!({"email": a}), None),
            (json!({"email": null, "email_verified": true}), json!({"email": a}), None),
            (json!({"email": null}), json!({"email": a, "email_verified": true}), Some(true)),
            (json!({"email_verified": true}), json!({"email": a, "email_verified": false}), Some(false)),
            (json!({"email_verified": true}), json!({}), None),
        ] {
            let said = said_of_address(|name| token.get(name), |name| userinfo.get(name));
            assert_eq!(said.and_then(Value::as_bool), verified, "{token} {userinfo}");
        }
    }

    #[test]
    fn a_list_stays_a_list_and_what_is_no_text_is_left_out_of_it() {
        let list = |items: &[&str]| Some(ClaimValue::List(items.iter().map(|item| (*item).to_owned()).collect()));
        for (claim, expected) in [
            (json!(["a,admin", 7, true, null, {"b": 1}, ["c"]]), list(&["a,admin", "7", "true"])),
            (json!(["one"]), list(&["one"])),
            (json!([]), list(&[])),
            (json!("Doe, Jane"), Some(ClaimValue::Text("Doe, Jane".to_owned()))),
            (json!(""), Some(ClaimValue::Text(String::new()))),
            (json!(null), None),
            (json!({"a": 1}), None),
        ] {
            assert_eq!(as_claim(&claim), expected, "{claim}");
        }
    }
}
