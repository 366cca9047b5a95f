//! The way in: what starts a sign-in, and what does not.
//!
//! A GET navigation to `sign-in`, `register`, `recover` or `unlock` starts one; HEAD, prefetches and
//! scripts do not, and an address has only so many starts a minute. Somebody with a session goes straight
//! to where they wanted to go. A token that came by e-mail leaves the address at once, waits sealed in a
//! cookie, and is used only when a button is pressed, so that a mail scanner uses nothing up.

use std::time::Duration;

use http::{Method, StatusCode};

use super::SignIn;
use super::request::SignInRequest;
use super::return_to::ReturnTo;
use super::screens;
use super::transaction::{Entry, NewTransaction};
use crate::access::AuthnRequirement;
use crate::idx::TokenKind;
use crate::limits::Admission;
use crate::metrics::SignInOutcome;
use crate::oidc::AuthorizationRequest;
use crate::pages::{Link, Message, Page, Post, Text, To, strings};
use crate::secret::Secret;
use crate::session::Purpose;
use crate::time::Instant;
use crate::web::Response;

/// How long a token from an e-mail waits for its button.
const TOKEN_WAITS: Duration = Duration::from_secs(600);
/// The longest such token, in bytes.
const TOKEN_BYTES: usize = 512;

impl SignIn {
    /// A visit to an entrance.
    pub(super) async fn enter(&self, request: &SignInRequest<'_>, entry: Entry) -> Response {
        let return_to = ReturnTo::parse(request.query("return").unwrap_or_default(), &self.site);
        let requirement = AuthnRequirement::new(
            request.query("acr_values").filter(|values| values.len() <= 256).map(str::to_owned),
            request.query("max_age").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs),
        );
        if let Some(response) = self.take_token_out(request, entry) {
            return response;
        }
        if request.visitor.is_some() && requirement.is_none() && entry != Entry::Register {
            return Response::see_other(return_to.as_str());
        }
        if let Some(response) = starts_nothing(request) {
            return response;
        }
        if self.waiting_token(request, entry).is_some() {
            return self.confirm(request, entry, &return_to);
        }
        self.begin(request, entry, return_to, requirement, None).await
    }

    /// The button under a token from an e-mail was pressed.
    pub(super) async fn enter_with_token(&self, request: &SignInRequest<'_>, entry: Entry) -> Response {
        let posted = request.http.form().unwrap_or_default();
        let token = self.waiting_token(request, entry);
        if !self.site.is_same_origin_post(request.http) {
            return request.forged();
        }
        let Some(token) = token else { return request.lost() };
        if !screens::value(&posted, "csrf").is_some_and(|given| Secret::new(given) == Secret::new(form_token(&token))) {
            return request.forged();
        }
        let return_to = ReturnTo::parse(request.query("return").unwrap_or_default(), &self.site);
        let kind = if entry == Entry::Register { TokenKind::Activation } else { TokenKind::Recovery };
        let response = self.begin(request, entry, return_to, None, Some((kind, token))).await;
        response.with_cookies([self.site.clear_cookie(&token_cookie(entry))])
    }

    /// Starts a sign-in at the org and keeps it in the browser.
    async fn begin(
        &self,
        request: &SignInRequest<'_>,
        entry: Entry,
        return_to: ReturnTo,
        requirement: Option<AuthnRequirement>,
        token: Option<(TokenKind, Secret)>,
    ) -> Response {
        if let Admission::Wait(wait) = self.limits.start(request.http.peer, &self.settings.allowance, request.now) {
            return self.limited(request, "starts", request.http.target(), wait);
        }
        let asked = NewTransaction::new(return_to, entry, requirement);
        let wanted = AuthorizationRequest {
            verifier: &asked.verifier,
            state: asked.state.expose(),
            nonce: asked.nonce.expose(),
            acr_values: asked.requirement.as_ref().and_then(AuthnRequirement::acr_values),
            max_age: asked.requirement.as_ref().and_then(AuthnRequirement::max_age).map(|age| age.as_secs()),
        };
        let (device, device_cookie) = request.device_or_new();
        let visitor = crate::idx::Visitor { device: Some(device), ..request.org_visitor() };
        let token = token.as_ref().map(|(kind, token)| (*kind, token.expose()));
        match self.client.begin(&wanted, token, &visitor, request.now).await {
            Err(failure) => {
                self.metrics.sign_in(SignInOutcome::Provider);
                self.failed(request, None, &failure)
            }
            Ok(handle) => {
                self.metrics.sign_in(SignInOutcome::Begun);
                let transaction = asked.started(handle, request.now);
                let cookies = self.transactions().keep(request.http, &transaction, request.now);
                // The mark tells a browser that keeps no cookies from a sign-in that is over.
                Response::see_other(&format!("{}?c=1", self.flow_url(&transaction.flow)))
                    .with_cookies(cookies)
                    .with_cookies(device_cookie)
                    .with_cookies(request.language_cookie())
            }
        }
    }

    /// Moves a token from the address into a sealed cookie, and comes back without it.
    fn take_token_out(&self, request: &SignInRequest<'_>, entry: Entry) -> Option<Response> {
        let name = match entry {
            Entry::Register => "activationToken",
            Entry::Recover => "recoveryToken",
            Entry::SignIn | Entry::Unlock => return None,
        };
        let token = request.query(name)?;
        if token.is_empty() || token.len() > TOKEN_BYTES {
            return Some(request.error(StatusCode::BAD_REQUEST, strings::LINK_BROKEN, strings::LINK_BROKEN_TEXT));
        }
        let sealed = self.keys.seal(Purpose::Form, format!("{}\n{token}", request.now.seconds()).as_bytes());
        let return_to = ReturnTo::parse(request.query("return").unwrap_or_default(), &self.site);
        let cookie = self.site.set_cookie(&token_cookie(entry), &sealed, Some(TOKEN_WAITS));
        Some(Response::see_other(&request.entry_url(entry, &return_to)).with_cookies([cookie]))
    }

    fn waiting_token(&self, request: &SignInRequest<'_>, entry: Entry) -> Option<Secret> {
        let sealed = request.http.cookie(&self.site.cookie_name(&token_cookie(entry)))?;
        let plain = String::from_utf8(self.keys.open(Purpose::Form, sealed).ok()?).ok()?;
        let (since, token) = plain.split_once('\n')?;
        let since = Instant::from_seconds(since.parse().ok()?);
        since.began_within(TOKEN_WAITS, request.now).then(|| Secret::new(token))
    }

    /// The page with the button.
    fn confirm(&self, request: &SignInRequest<'_>, entry: Entry, return_to: &ReturnTo) -> Response {
        let Some(token) = self.waiting_token(request, entry) else { return request.lost() };
        let (heading, text) = match entry {
            Entry::Register => (strings::REGISTER, strings::ACTIVATE_CONFIRM),
            _ => (strings::RESET_PASSWORD, strings::RECOVER_CONFIRM),
        };
        let page = Message {
            actions: vec![Link { text: Text::ours(strings::CONTINUE), to: To::Post("begin".to_owned()) }],
            post: Some(Post {
                action: request.entry_url(entry, return_to),
                csrf: form_token(&token),
                step: String::new(),
            }),
            ..Message::new(Text::ours(heading), vec![Text::ours(text)])
        };
        request.page(StatusCode::OK, Page::Message(Box::new(page)))
    }
}

fn token_cookie(entry: Entry) -> String {
    format!("token_{}", if entry == Entry::Register { "activation" } else { "recovery" })
}

/// Only the page that was given the token's cookie can know this.
fn form_token(token: &Secret) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, token.expose().as_bytes());
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, ring::hmac::sign(&key, b"confirm"))
}

/// What is answered to a visit that must start nothing.
fn starts_nothing(request: &SignInRequest<'_>) -> Option<Response> {
    let http = request.http;
    if *http.method() == Method::HEAD || http.is_prefetch() {
        return Some(Response::empty(StatusCode::NO_CONTENT));
    }
    // A browser says what it is doing. What says nothing may be a person with another kind of browser, unless it asks for data.
    let script = match http.header("sec-fetch-mode") {
        Some(mode) => mode != "navigate",
        None => {
            let asks_for_data =
                http.header("accept").is_some_and(|accept| accept.contains("json") && !accept.contains("html"));
            asks_for_data || http.header("x-requested-with").is_some()
        }
    };
    script.then(|| {
        let sign_in = request.here_or_sign_in();
        Response::problem(
            StatusCode::UNAUTHORIZED,
            "Sign in",
            "Open this address in a browser window.",
            &[("sign_in", &sign_in)],
        )
    })
}
