//! Coming back: from another identity provider, or by the link of an e-mail.
//!
//! In this order: `error=interaction_required` goes on with the sign-in; any other error is shown;
//! `interaction_code` and `state` are redeemed, and so is the `code` of a provider's own page where the sign-in went
//! there; `otp` and `state` answer the challenge in the browser that asked for it, and in any other only show the code,
//! so that no other browser can finish a sign-in and a mail scanner uses nothing up. A `state` that this browser does
//! not hold is never acted on, and an answer that names another provider than the sign-in was begun with (RFC 9207),
//! or none where that one names itself, is not its answer.

use http::{Method, StatusCode};
use tracing::warn;

use super::SignIn;
use super::doors::{redirect, widget};
use super::flow_url::FlowView;
use super::request::SignInRequest;
use super::screens;
use super::transaction::{FlowId, Transaction, TransactionState};
use super::turn::{Cause, Feedback, SignInTurn};
use crate::idx::{Answer, Answers, AuthenticatorKey, Kind, Reply, Step, interaction_code};
use crate::metrics::SignInOutcome;
use crate::oidc::Code;
use crate::pages::{MessagePage, NoticeKind, Text, strings};
use crate::web::Response;

/// Parameters that must not come twice: two readers could take different ones.
const SINGLE: [&str; 7] = ["interaction_code", "code", "state", "otp", "error", "error_description", "iss"];

/// What a visit to the callback brings.
enum Brought<'q> {
    /// The provider has to ask the person something: the sign-in goes on.
    InteractionRequired,
    /// Nobody was signed in: the error, and what is said of it.
    Error(&'q str, &'q str),
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
            return request.wrong_method("GET, HEAD");
        }
        let stranger = request.query("iss").is_some_and(|issuer| !self.providers.knows(issuer));
        if SINGLE.iter().any(|name| request.is_repeated(name)) || stranger {
            return request.error(StatusCode::BAD_REQUEST, strings::DIDNT_WORK, strings::PAGE_OUT_OF_DATE);
        }
        if *request.http.method() == Method::HEAD || request.http.is_prefetch() {
            return Response::empty(StatusCode::NO_CONTENT);
        }
        let state = request.query("state").unwrap_or_default();
        let transaction = self.transactions().find_by_state(request.http, state, request.now);
        let brought = self.brought(request, transaction.as_ref());
        if let Some(transaction) = &transaction
            && let Some(response) = self.answered_by_another(request, transaction, &brought).await
        {
            return response;
        }
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

    fn brought<'q>(&self, request: &'q SignInRequest<'_>, transaction: Option<&Transaction>) -> Brought<'q> {
        let code =
            match (request.query("interaction_code"), request.query("code"), transaction.map(|known| &known.door)) {
                (Some(code), _, Some(TransactionState::Idx { .. } | TransactionState::Widget)) => {
                    interaction_code(code)
                }
                (None, Some(code), Some(door)) if door.is_redirect() => Code::authorization(code),
                (None, Some(code), Some(TransactionState::Idx { .. })) if self.settings.offers.hosted_fallback => {
                    Code::authorization(code)
                }
                _ => None,
            };
        match (request.query("error"), code, request.query("otp")) {
            (Some("interaction_required"), ..) if !transaction.is_some_and(|known| known.door.is_redirect()) => {
                Brought::InteractionRequired
            }
            (Some(error), ..) => Brought::Error(error, request.query("error_description").unwrap_or_default()),
            (None, Some(code), _) => Brought::Code(code),
            (None, None, Some(otp)) => Brought::Otp(otp),
            (None, None, None) => Brought::Nothing,
        }
    }

    /// What is answered where the callback is not from the provider which was asked; no code is sent anywhere then.
    async fn answered_by_another(
        &self,
        request: &SignInRequest<'_>,
        transaction: &Transaction,
        brought: &Brought<'_>,
    ) -> Option<Response> {
        let Some(provider) = self.providers.named(&transaction.provider) else { return Some(request.lost()) };
        let iss = request.query("iss");
        // Only what an authorization endpoint answers names who answers; links and the org's own codes do not.
        let answers = match (brought, &transaction.door) {
            (Brought::Code(_) | Brought::Error(..), door) if door.is_redirect() => true,
            (Brought::Code(code), _) => code.is_authorization(),
            _ => false,
        };
        if !answers && iss.is_none() {
            return None;
        }
        match provider.client.is_answered_by(iss).await {
            Ok(true) => None,
            Ok(false) => {
                let reference = request.http.id.to_string();
                warn!(reference, provider = provider.name, "another provider than the one that was asked has answered");
                self.metrics.sign_in(&provider.name, SignInOutcome::Forged);
                Some(request.error(StatusCode::BAD_REQUEST, strings::DIDNT_WORK, strings::PAGE_OUT_OF_DATE))
            }
            Err(failure) => {
                self.metrics.sign_in(&provider.name, SignInOutcome::Provider);
                Some(request.failed(&provider.name, &request.here_or_sign_in(), &failure))
            }
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
            Brought::Error(error, description) if !matches!(self.transaction.door, TransactionState::Idx { .. }) => {
                redirect::refused(self, error, description).await
            }
            Brought::Error(error, _) => self.refused_elsewhere(error).await,
            Brought::Code(code) if code.is_authorization() => redirect::finish(self, code).await,
            Brought::Code(code) => self.respond(Step::Success(code), Cause::Post(&[])).await,
            Brought::Otp(otp) if matches!(self.transaction.door, TransactionState::Widget) => {
                widget::again(&self, Some(otp).filter(|otp| screens::looks_like_a_code(otp)))
            }
            Brought::Otp(otp) => self.answer_with(otp).await,
            Brought::Nothing => self.redirect(&FlowView::Current),
        }
    }

    async fn refused_elsewhere(mut self, error: &str) -> Response {
        warn!(error = error.chars().take(60).collect::<String>(), "another identity provider sent somebody back");
        self.count_outcome(SignInOutcome::Rejected);
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
    /// The notice that another provider did not sign the person in, with its name where it can only be one.
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

/// The link was opened in another browser: the org is not called, and the code is shown, to be typed where the sign-in began.
fn show_code(request: &SignInRequest<'_>, otp: &str) -> Response {
    let paragraphs = vec![Text::ours(strings::YOUR_CODE_TEXT), Text::ours(strings::YOUR_CODE_WARNING)];
    let page = MessagePage { code: Some(otp.to_owned()), ..MessagePage::new(strings::YOUR_CODE, paragraphs) };
    request.page(StatusCode::OK, page)
}
