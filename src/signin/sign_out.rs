//! Signing out, and the pages around a session.
//!
//! Only a POST from a page of this site signs out: a link or an image must not. The session ends first,
//! then its refresh token is revoked at the org, then the browser is led to the org's own logout and
//! back to a page that says so. Without a session the answer is the same page.

use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};
use url::Url;

use super::SignIn;
use super::request::SignInRequest;
use super::screens;
use crate::headers::{Claim, Style};
use crate::metrics::SignInOutcome;
use crate::oidc::Failure;
use crate::pages::{Account, Family, Link, MessagePage, Page, Post, SignOut, StringId, Text, strings};
use crate::session::{Identity, Purpose, Session, Tokens, Whose};
use crate::time::Instant;
use crate::web::Response;

/// How long the visitor waits for the org while signing out.
const ORG_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a sign-out that began at another host may take to go on.
const TICKET_TIME: Duration = Duration::from_secs(60);

/// How long a provider may take to ask the visitor about a sign-out, and to lead back.
const STATE_TIME: Duration = Duration::from_hours(1);

/// What the page at the end of a sign-out is told: the `state` that a provider gives back (OpenID Connect RP-Initiated
/// Logout 1.0, 2). It is bound to no browser and kept nowhere, since that page only says what became of the session.
#[derive(Serialize, Deserialize)]
struct SignedOut {
    provider: String,
    /// Whether the provider could not be gone to.
    here_only: bool,
    at: Instant,
}

/// Which session is to end.
#[derive(Serialize, Deserialize)]
struct SignOutRequest {
    session: Session,
    /// Whether all of this person's are.
    everywhere: bool,
    at: Instant,
}

impl SignIn {
    /// "Sign out?"
    pub(super) fn confirm_sign_out(&self, request: &SignInRequest<'_>) -> Response {
        request.page(StatusCode::OK, Page::SignOut(SignOut { post: self.sign_out_post() }))
    }

    /// Signs out.
    pub(super) async fn sign_out(&self, request: &SignInRequest<'_>) -> Response {
        let cookies = self.sessions.clear(request.http.cookies());
        let Some(session) = request.visitor else {
            return Response::see_other(&self.signed_out_path()).with_cookies(cookies);
        };
        let everywhere = request.query("everywhere").is_some();
        let sign_out = SignOutRequest { session: session.to_end(), everywhere, at: request.now };
        if request.site.is_sign_in() {
            return self.end_session(request, &sign_out).await;
        }
        // The session ends here at once; the sign-in host goes on, where the browser has the ID token for the org.
        self.end_here(request, &sign_out).await;
        let ticket = self.keys.seal_value(Purpose::SignOut, &sign_out);
        let address = self.site.url(&format!("{}/sign-out?ticket={ticket}", self.site.prefix()));
        request.hand_over(strings::SIGNING_YOU_OUT, &address).with_cookies(cookies)
    }

    /// A sign-out that began at another host goes on, in the browser that holds the session it is about.
    pub(super) async fn sign_out_by_ticket(&self, request: &SignInRequest<'_>) -> Response {
        let sealed = request.query("ticket").unwrap_or_default();
        let sign_out = self.keys.open_value::<SignOutRequest>(Purpose::SignOut, sealed);
        match sign_out.filter(|sign_out| sign_out.at.began_within(TICKET_TIME, request.now)) {
            Some(sign_out) if request.visitor.is_none_or(|session| session.id == sign_out.session.id) => {
                self.end_session(request, &sign_out).await
            }
            // The ticket is too old, or of another session than the browser has now: the visitor is asked.
            _ => self.confirm_sign_out(request),
        }
    }

    /// Ends it, revokes its refresh token, and gives the tokens of its sign-in.
    async fn end_here(&self, request: &SignInRequest<'_>, sign_out: &SignOutRequest) -> Tokens {
        let (SignOutRequest { session, everywhere, .. }, now) = (sign_out, request.now);
        let Identity { provider, subject, .. } = &session.identity;
        let tokens = self.sessions.tokens(request.http.cookies(), session).await;
        let told = match everywhere {
            true => {
                // Whatever this clock says: the session that asks began before it asks.
                let up_to = now.max(session.signed_in);
                let ended = self.sessions.end_all(provider, Whose::Person(subject), up_to).await;
                let others =
                    ended.refresh_tokens.into_iter().filter(|token| tokens.refresh_token.as_ref() != Some(token));
                self.revoker.revoke(provider, others, now);
                ended.told
            }
            false => self.sessions.end(session).await,
        };
        if told.is_err() {
            warn!(provider, subject, "other replicas learn of a sign-out only once the store answers");
        }
        self.metrics.revocations(self.sessions.revocations());
        if let (Some(token), Some(provider)) = (&tokens.refresh_token, self.providers.named(provider)) {
            match tokio::time::timeout(ORG_TIMEOUT, provider.client.revoke(token, now)).await {
                Ok(Ok(())) => {}
                Ok(Err(Failure::OverBudget(_))) => self.revoker.revoke(&provider.name, [token.clone()], now),
                Ok(Err(failure)) => {
                    warn!(provider = provider.name, cause = %failure, "a refresh token could not be revoked");
                }
                Err(_) => warn!(provider = provider.name, "a refresh token could not be revoked in time"),
            }
        }
        tokens
    }

    /// Ends a session of this browser, here and at the org.
    async fn end_session(&self, request: &SignInRequest<'_>, sign_out: &SignOutRequest) -> Response {
        let cookies = self.sessions.clear(request.http.cookies());
        let tokens = self.end_here(request, sign_out).await;
        let Identity { provider, subject, .. } = &sign_out.session.identity;
        self.metrics.sign_in(provider, SignInOutcome::SignedOut);
        info!(provider, subject, everywhere = sign_out.everywhere, "somebody signed out");
        let state = |here_only: bool| {
            let state = SignedOut { provider: provider.clone(), here_only, at: request.now };
            self.keys.seal_value(Purpose::SignedOut, &state)
        };
        let logout = match self.providers.named(provider) {
            Some(provider) => {
                let (back, state) = (&self.settings.post_logout_redirect_uri, state(false));
                let address = provider.client.logout_url(tokens.id_token.as_ref(), back, &state);
                tokio::time::timeout(ORG_TIMEOUT, address).await.ok().flatten()
            }
            None => None,
        };
        match logout {
            Some(address) => request.hand_over(strings::SIGNING_YOU_OUT, address.as_str()).with_cookies(cookies),
            None => {
                let page = format!("{}?state={}", self.signed_out_path(), state(true));
                Response::see_other(&page).with_cookies(cookies)
            }
        }
    }

    /// "You have signed out."
    pub(super) fn signed_out(&self, request: &SignInRequest<'_>) -> Response {
        let mut paragraphs = vec![Text::ours(strings::SIGNED_OUT_TEXT)];
        if let Some(SignedOut { provider, here_only: true, .. }) = self.signed_out_state(request) {
            let title = self.providers.named(&provider).map_or(provider, |provider| provider.title.clone());
            paragraphs.insert(0, Text::ours(strings::SIGNED_OUT_HERE_ONLY).with("name", title));
        }
        let home = format!("{}/sign-in", self.site.prefix());
        let actions = vec![Link::href(strings::SIGN_IN_AGAIN, home)];
        let page = MessagePage { actions, ..MessagePage::new(strings::SIGNED_OUT, paragraphs) };
        request.page(StatusCode::OK, page)
    }

    /// What a sign-out of ours says of itself to its last page, where it is not too long ago.
    fn signed_out_state(&self, request: &SignInRequest<'_>) -> Option<SignedOut> {
        let sealed = request.query("state")?;
        let state = self.keys.open_value::<SignedOut>(Purpose::SignedOut, sealed);
        let state = state.filter(|state| state.at.began_within(STATE_TIME, request.now));
        if state.is_none() {
            info!("a sign-out came back with a state that is not ours, or too late");
        }
        state
    }

    /// Who is signed in, without any token.
    pub(super) fn account(&self, request: &SignInRequest<'_>) -> Response {
        let Some(session) = request.visitor else {
            return request.unauthenticated(&format!("{}/sign-in", self.site.prefix()));
        };
        let identity = &session.identity;
        let mut facts = Vec::new();
        let mut fact = |label: StringId, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                facts.push((Text::ours(label), value));
            }
        };
        fact(strings::ACCOUNT_USERNAME, identity.username.clone());
        fact(strings::ACCOUNT_EMAIL, identity.email.clone());
        fact(strings::ACCOUNT_GROUPS, Some(identity.groups.join(", ")));
        fact(strings::ACCOUNT_LEFT_OUT, Some(identity.left_out.join(", ")));
        fact(strings::ACCOUNT_METHODS, Some(identity.amr.join(", ")));
        let moment = |at: Instant| Some(self.pages.moment(&request.language, at.seconds().cast_signed()));
        fact(strings::ACCOUNT_SINCE, moment(session.signed_in));
        fact(strings::ACCOUNT_UNTIL, moment(self.sessions.ends(session)));
        for name in &self.settings.offers.account_claims {
            if let Some(value) = Claim::named(name).of(identity, &Style::default()).filter(|value| !value.is_empty()) {
                facts.push((claim_label(name), value.into_owned()));
            }
        }
        let name =
            identity.name.clone().or_else(|| identity.username.clone()).unwrap_or_else(|| identity.subject.clone());
        let settings = self.settings.offers.account_url.clone();
        let account = Account { name, facts, sessions: self.sessions_url(), settings, sign_out: self.sign_out_post() };
        request.page(StatusCode::OK, Page::Account(account))
    }

    /// A language chosen in the footer: kept, and back to the page.
    pub(super) fn language(&self, request: &SignInRequest<'_>) -> Response {
        let site = request.site;
        let posted = request.http.form().unwrap_or_default();
        let back = screens::value(&posted, "return").and_then(|target| site.public_url().join(target).ok());
        let back = back.filter(|url| url.origin() == site.public_url().origin());
        let back = back.filter(|url| url.username().is_empty() && url.password().is_none());
        let back = back.as_ref().map_or(site.public_url().as_str(), Url::as_str).to_owned();
        let tag = screens::value(&posted, "lang").filter(|tag| tag.len() <= 35);
        let leads_to =
            |address: &str| Response::see_other(address).with_cookies(tag.map(|tag| request.language_chosen(tag)));
        let response = leads_to(&back);
        // Longer than any address that a page of ours has.
        if response.fits() { response } else { leads_to(site.public_url().as_str()) }
    }

    fn signed_out_path(&self) -> String {
        format!("{}/signed-out", self.site.prefix())
    }

    fn sign_out_post(&self) -> Post {
        Post { action: format!("{}/sign-out", self.site.prefix()), csrf: String::new(), step: String::new() }
    }
}

/// What a claim is called: as the profile attribute it comes from (OpenID Connect Core 5.1), else by its name.
fn claim_label(claim: &str) -> Text {
    let attribute = match claim {
        "given_name" => "firstName",
        "family_name" => "lastName",
        "middle_name" => "middleName",
        "nickname" => "nickName",
        "phone_number" => "primaryPhone",
        "zoneinfo" => "timezone",
        "profile" => "profileUrl",
        other => other,
    };
    Text::named(Family::Field, attribute, claim)
}
