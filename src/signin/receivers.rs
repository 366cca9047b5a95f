//! Endpoints that providers call.
//!
//! | address | what | answers |
//! |---|---|---|
//! | `POST /.gateway/backchannel-logout` | a session at the provider is over (OpenID Connect Back-Channel Logout 1.0) | 200; 400 with `error`; 503 where the ends could not be kept |
//! | `POST /.gateway/global-token-revocation` | everything of a person ends (Okta Universal Logout) | 204; 400; 401, 403 for the token; 404 with `session.strict_404`; 503 |
//!
//! Neither needs a cookie, an origin or a form's token: the provider's signature is what counts. The answer is the same
//! whether the person has a session or not, unless `session.strict_404` says otherwise for the second. A token is taken once;
//! where that cannot be checked the answer is 503.

use std::collections::BTreeSet;

use http::StatusCode;
use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::{Map, Value, json};
use tracing::{info, warn};

use super::SignIn;
use super::providers::Provider;
use super::request::SignInRequest;
use crate::oidc::security_tokens::REMEMBERED;
use crate::oidc::{Failure, json as strict, limits};
use crate::session::{TokenUse, Unavailable, Whose};
use crate::time::Instant;
use crate::web::Response;

/// Whether an order was about anybody who had a session.
enum OrderEnded {
    Nobody,
    Somebody,
}

/// Why an order is not carried out.
enum Refused {
    /// It is not of the expected form, and why.
    Request(&'static str),
    /// Its token does not hold, and why.
    Token(&'static str),
    /// It comes without one.
    NoToken,
    /// Its token holds, and may not do this.
    Forbidden,
    /// It cannot be checked now: the store or the provider's keys are not available.
    Away,
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Token(why) => Self::Token(why),
            Failure::NotAllowed(_) => Self::Forbidden,
            failure => {
                warn!(cause = %failure, "a provider's token cannot be checked now");
                Self::Away
            }
        }
    }
}

impl Refused {
    /// What is answered where this provider refuses after others did: one whose keys are not available may have issued it.
    fn or(self, failure: Failure) -> Self {
        match (self, failure.into()) {
            (Self::Away, _) => Self::Away,
            (_, refused) => refused,
        }
    }
}

impl From<Unavailable> for Refused {
    fn from(_: Unavailable) -> Self {
        Self::Away
    }
}

fn within_limit(request: &SignInRequest<'_>) -> Result<(), Refused> {
    match request.http.body.len() <= limits::ORDER_BYTES {
        true => Ok(()),
        false => Err(Refused::Request("the body has more than 64 KiB")),
    }
}

impl SignIn {
    /// A session at a provider is over.
    pub(super) async fn backchannel_logout(&self, request: &SignInRequest<'_>) -> Response {
        match self.log_out_by_token(request).await {
            Ok(()) => Response::text(StatusCode::OK, "text/plain; charset=utf-8", String::new()),
            Err(Refused::Away) => away(),
            Err(Refused::Request(why) | Refused::Token(why)) => {
                info!(why, "a logout token was refused");
                error(StatusCode::BAD_REQUEST, "invalid_request", why)
            }
            Err(Refused::Forbidden | Refused::NoToken) => {
                error(StatusCode::BAD_REQUEST, "invalid_request", "it is not about us")
            }
        }
    }

    async fn log_out_by_token(&self, request: &SignInRequest<'_>) -> Result<(), Refused> {
        within_limit(request)?;
        let posted = request.http.form().map_err(|_| Refused::Request("the body must be a form"))?;
        let tokens: Vec<&str> =
            posted.iter().filter(|(name, _)| name == "logout_token").map(|(_, value)| value.as_str()).collect();
        let [token] = tokens[..] else { return Err(Refused::Request("there must be one logout_token")) };
        let mut refused = Refused::Token("no provider of ours issued it");
        for provider in self.providers.iter() {
            let logout = match provider.client.logout_token(token, request.now).await {
                Ok(logout) => logout,
                Err(failure) => {
                    refused = refused.or(failure);
                    continue;
                }
            };
            self.take(provider, &logout.id, request.now).await?;
            let whose = match (&logout.sid, &logout.subject) {
                (Some(sid), Some(subject)) => Whose::OrgSessionOf { sid, subject },
                (Some(sid), None) => Whose::OrgSession(sid),
                (None, subject) => Whose::Person(subject.as_deref().unwrap_or_default()),
            };
            self.end_all(provider, whose, &logout.id, request.now).await?;
            info!(provider = provider.name, subject = logout.subject, sid = logout.sid, "a provider ended a session");
            return Ok(());
        }
        Err(refused)
    }

    /// Everything of a person is to end.
    pub(super) async fn global_token_revocation(&self, request: &SignInRequest<'_>) -> Response {
        match self.revoke_by_order(request).await {
            Ok(OrderEnded::Nobody) if self.settings.strict_404 => {
                error(StatusCode::NOT_FOUND, "not_found", "nobody of that name has a session")
            }
            Ok(OrderEnded::Nobody | OrderEnded::Somebody) => Response::empty(StatusCode::NO_CONTENT),
            Err(Refused::Away) => away(),
            Err(Refused::Request(why)) => {
                info!(why, "an order to revoke was refused");
                error(StatusCode::BAD_REQUEST, "invalid_request", why)
            }
            Err(Refused::Token(why)) => {
                info!(why, "an order to revoke was refused");
                error(StatusCode::UNAUTHORIZED, "invalid_token", why)
                    .with_header(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")
            }
            // Without an error: nothing was shown that could be wrong (RFC 6750 3.1).
            Err(Refused::NoToken) => error(StatusCode::UNAUTHORIZED, "invalid_token", "there is no bearer token")
                .with_header(WWW_AUTHENTICATE, "Bearer"),
            Err(Refused::Forbidden) => error(StatusCode::FORBIDDEN, "access_denied", "the token is not about us"),
        }
    }

    /// Carries an order out.
    async fn revoke_by_order(&self, request: &SignInRequest<'_>) -> Result<OrderEnded, Refused> {
        within_limit(request)?;
        let credentials = request.http.header("authorization").unwrap_or_default();
        let token = credentials.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let (_, token) = token.ok_or(Refused::NoToken)?;
        let audience = self.site.url(request.http.path());
        let (provider, id) = self.order_of(token.trim(), &audience, request.now).await?;
        if !request.http.is_of_type("application/json") {
            return Err(Refused::Request("the body must be application/json"));
        }
        let body = strict::read_unambiguous(&request.http.body).ok_or(Refused::Request("the body cannot be read"))?;
        let subject = body.get("sub_id").and_then(Value::as_object);
        let subject = subject.ok_or(Refused::Request("sub_id is missing"))?;
        let whose = named(subject, provider)?;
        let is_repeated = self.take(provider, &id, request.now).await? == TokenUse::Interrupted;
        let people = self.end_all(provider, whose, &id, request.now).await?;
        let (subject, email) = match whose {
            Whose::Address(address) => (None, Some(address)),
            Whose::Person(subject) | Whose::OrgSessionOf { subject, .. } => (Some(subject), None),
            Whose::OrgSession(_) => (None, None),
        };
        info!(provider = provider.name, subject, email, "a provider revoked everything of somebody");
        if people.len() > 1 {
            warn!(
                provider = provider.name,
                subjects = ?people,
                "an order to revoke named an e-mail address that several people have: all their sessions have ended"
            );
        }
        // The first time may have ended what there was.
        Ok(if people.is_empty() && !is_repeated { OrderEnded::Nobody } else { OrderEnded::Somebody })
    }

    /// The provider that gave an order, and the order's id.
    async fn order_of(&self, token: &str, audience: &str, now: Instant) -> Result<(&Provider, String), Refused> {
        let mut refused = Refused::Token("no provider of ours issued it");
        for provider in self.providers.iter() {
            match provider.client.revocation_order(token, audience, now).await {
                Ok(id) => return Ok((provider, id)),
                Err(failure) => refused = refused.or(failure),
            }
        }
        Err(refused)
    }

    /// Lets a token through once, and again where it was interrupted.
    async fn take(&self, provider: &Provider, id: &str, now: Instant) -> Result<TokenUse, Refused> {
        match self.sessions.take(&provider.name, id, REMEMBERED, now).await? {
            TokenUse::Done => Err(Refused::Token("it came before")),
            taken @ (TokenUse::First | TokenUse::Interrupted) => Ok(taken),
        }
    }

    /// Ends sessions, and says whose were found; where that cannot be kept, the provider may say it again.
    async fn end_all(
        &self,
        provider: &Provider,
        whose: Whose<'_>,
        id: &str,
        now: Instant,
    ) -> Result<BTreeSet<String>, Refused> {
        let ended = self.sessions.end_all(&provider.name, whose, now).await;
        self.metrics.revocations(self.sessions.revocations());
        self.revoker.revoke(&provider.name, ended.refresh_tokens, now);
        ended.told?;
        self.sessions.done(&provider.name, id, REMEMBERED).await?;
        Ok(ended.people)
    }
}

/// Whom a subject identifier names (RFC 9493).
fn named<'s>(subject: &'s Map<String, Value>, provider: &Provider) -> Result<Whose<'s>, Refused> {
    let text = |name: &str| subject.get(name).and_then(Value::as_str).filter(|text| (1..=255).contains(&text.len()));
    let missing = Refused::Request("sub_id lacks what its format needs");
    match text("format") {
        Some("email") => text("email").map(Whose::Address).ok_or(missing),
        Some("opaque") => text("id").map(Whose::Person).ok_or(missing),
        Some("iss_sub") => {
            let (issuer, subject) = text("iss").zip(text("sub")).ok_or(missing)?;
            match provider.client.issues_as(issuer) {
                true => Ok(Whose::Person(subject)),
                false => Err(Refused::Request("sub_id names somebody of another issuer")),
            }
        }
        _ => Err(Refused::Request("sub_id is of no format that is known: email, iss_sub or opaque")),
    }
}

/// An error as OAuth has it (RFC 6749 5.2).
fn error(status: StatusCode, error: &str, description: &str) -> Response {
    Response::json(status, &json!({ "error": error, "error_description": description }))
}

/// It cannot be carried out now.
fn away() -> Response {
    error(StatusCode::SERVICE_UNAVAILABLE, "server_error", "ask again later").with_header(RETRY_AFTER, "5")
}

/// Only POST.
pub(super) fn wrong_method() -> Response {
    error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "only POST is answered here").with_header(ALLOW, "POST")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_away_count_whatever_the_other_providers_say() {
        let nobody = || Refused::Token("no provider of ours issued it");
        let away = || Failure::Server { status: 503, said: String::new() };
        for failures in [[away(), Failure::Token("not mine")], [Failure::Token("not mine"), away()]] {
            assert!(matches!(failures.into_iter().fold(nobody(), Refused::or), Refused::Away));
        }
        assert!(matches!(nobody().or(Failure::Token("not mine")), Refused::Token("not mine")));
    }
}
