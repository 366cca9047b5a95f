//! Coming back: from another identity provider, or by the link of an e-mail.
//!
//! In this order: `error=interaction_required` goes on with the sign-in; any other error is shown;
//! `interaction_code` and `state` are redeemed, and so is the `code` of the org's own page where that is
//! offered; `otp` and `state` answer the challenge in the browser that
//! asked for it, and in any other only show the code, so that no other browser can finish a sign-in and a
//! mail scanner uses nothing up. A `state` that this browser does not hold is never acted on.

use http::{Method, StatusCode};

use super::SignIn;
use super::flow_url::FlowView;
use super::request::SignInRequest;
use super::screens;
use super::transaction::FlowId;
use super::turn::{Cause, Feedback, SignInTurn};
use crate::idx::{Answer, Answers, AuthenticatorKey, Kind, Reply, Step, interaction_code};
use crate::metrics::SignInOutcome;
use crate::oidc::Code;
use crate::pages::{MessagePage, NoticeKind, Page, Text, strings};
use crate::web::Response;

/// Parameters that must not come twice: whoever reads the other one is misled.
const SINGLE: [&str; 7] = ["interaction_code", "code", "state", "otp", "error", "error_description", "iss"];

/// What a visit to the callback brings.
enum Brought<'q> {
    /// The provider could not do without a person: the sign-in goes on.
    InteractionRequired,
    /// Another provider did not sign anybody in, and why.
    Error(&'q str),
    /// A code to redeem.
    Code(Code),
    /// The code of an e-mail's link.
    Otp(&'q str),
    /// Nothing that we know.
    Nothing,
}

impl SignIn {
    /// A visit to the callback.
    pub(super) async fn callback(&self, request: &SignInRequest<'_>) -> Response {
        if !matches!(*request.http.method(), Method::GET | Method::HEAD) {
            return request.error(StatusCode::METHOD_NOT_ALLOWED, strings::DIDNT_WORK, strings::WRONG_METHOD);
        }
        let other_org = request.query("iss").is_some_and(|issuer| issuer != self.client.oidc().issuer().as_str());
        if SINGLE.iter().any(|name| request.is_repeated(name)) || other_org {
            return request.error(StatusCode::BAD_REQUEST, strings::DIDNT_WORK, strings::PAGE_OUT_OF_DATE);
        }
        if *request.http.method() == Method::HEAD || request.http.is_prefetch() {
            return Response::empty(StatusCode::NO_CONTENT);
        }
        let state = request.query("state").unwrap_or_default();
        let brought = self.brought(request);
        let transaction = self.transactions().find_by_state(request.http, state, request.now);
        if let (None, Brought::Otp(otp), None) = (&transaction, &brought, request.visitor)
            && !state.is_empty()
            && screens::looks_like_a_code(otp)
        {
            return show_code(request, otp);
        }
        match SignInTurn::wait(request, transaction.ok_or_else(|| FlowId::of_state(state))).await {
            Ok(turn) => turn.take_back(brought).await,
            Err(closed) => closed.page(request),
        }
    }

    fn brought<'q>(&self, request: &'q SignInRequest<'_>) -> Brought<'q> {
        let code = match (request.query("interaction_code"), request.query("code")) {
            (Some(code), _) => interaction_code(code),
            (None, Some(code)) if self.settings.offers.hosted_fallback => Code::authorization(code),
            _ => None,
        };
        match (request.query("error"), code, request.query("otp")) {
            (Some("interaction_required"), ..) => Brought::InteractionRequired,
            (Some(error), ..) => Brought::Error(error),
            (None, Some(code), _) => Brought::Code(code),
            (None, None, Some(otp)) => Brought::Otp(otp),
            (None, None, None) => Brought::Nothing,
        }
    }
}

impl SignInTurn<'_> {
    async fn take_back(mut self, brought: Brought<'_>) -> Response {
        match brought {
            Brought::InteractionRequired => {
                self.flow.forget();
                self.redirect(&FlowView::Current)
            }
            Brought::Error(error) => self.refused_elsewhere(error).await,
            Brought::Code(code) => self.respond(Step::Success(code), Cause::Post(&[])).await,
            Brought::Otp(otp) => self.answer_with(otp).await,
            Brought::Nothing => self.redirect(&FlowView::Current),
        }
    }

    async fn refused_elsewhere(mut self, error: &str) -> Response {
        tracing::warn!(
            error = error.chars().take(60).collect::<String>(),
            "another identity provider sent somebody back"
        );
        self.signin.metrics.sign_in(SignInOutcome::Rejected);
        self.flow.forget();
        match self.current().await {
            Ok(reply) => {
                let text = self.signin.who_failed(&reply);
                self.page(&reply, Feedback::notice(NoticeKind::Warn, text))
            }
            Err(step) => self.respond(step, Cause::Visit).await,
        }
    }

    /// Answers the challenge of an e-mail with the code of its link.
    async fn answer_with(mut self, otp: &str) -> Response {
        let reply = match self.current().await {
            Ok(reply) => reply,
            Err(step) => return self.respond(step, Cause::Visit).await,
        };
        let challenge = reply.first().filter(|first| {
            matches!(first.kind, Kind::ChallengeAuthenticator | Kind::EnrollAuthenticator)
                && reply.is_about(&AuthenticatorKey::Email)
                && first.field("credentials").is_some()
        });
        let Some(challenge) = challenge.filter(|_| screens::looks_like_a_code(otp)) else {
            return self.redirect(&FlowView::Current);
        };
        let mut answers = Answers::default();
        answers.set(["credentials", "passcode"], Answer::Text(otp.to_owned()));
        match self.call(challenge.kind.name(), challenge, &answers).await {
            // The code leaves the address bar, so even a page with messages is reached by a redirect where it can be.
            Ok(step) => self.respond(step, Cause::Post(&[])).await,
            Err(_) => self.redirect(&FlowView::Current),
        }
    }
}

impl SignIn {
    /// Which service did not sign somebody in, where it can only be one.
    fn who_failed(&self, reply: &Reply) -> Text {
        let elsewhere = reply.remediations.iter().filter(|form| screens::leads_away(&form.kind));
        let names: Vec<_> =
            elsewhere.filter_map(|form| form.provider.as_ref()).map(|provider| provider.name.as_str()).collect();
        match names.as_slice() {
            [only] if !self.settings.offers.hosted_fallback => Text::ours(strings::PROVIDER_FAILED).with("name", *only),
            _ => Text::ours(strings::PROVIDER_FAILED_UNNAMED),
        }
    }
}

/// The link was opened in another browser: nobody is called, and the code is shown to be typed where it belongs.
fn show_code(request: &SignInRequest<'_>, otp: &str) -> Response {
    let paragraphs = vec![Text::ours(strings::YOUR_CODE_TEXT), Text::ours(strings::YOUR_CODE_WARNING)];
    let page =
        MessagePage { code: Some(otp.to_owned()), ..MessagePage::new(Text::ours(strings::YOUR_CODE), paragraphs) };
    request.page(StatusCode::OK, Page::Message(Box::new(page)))
}
