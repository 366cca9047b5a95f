//! Coming back: from another identity provider, or by the link of an e-mail.
//!
//! In this order: `error=interaction_required` goes on with the sign-in; any other error is told;
//! `interaction_code` and `state` are redeemed, and so is the `code` of the org's own page where that is
//! offered; `otp` and `state` answer the challenge in the browser that
//! asked for it, and in any other only show the code, so that no other browser can finish a sign-in and a
//! mail scanner uses nothing up. A `state` that this browser does not hold is never acted on.

use http::StatusCode;

use super::SignIn;
use super::request::SignInRequest;
use super::screens;
use super::transaction::FlowId;
use crate::idx::{Answer, Answers, AuthenticatorKey, Kind, Reply, Step, interaction_code};
use crate::metrics::SignInOutcome;
use crate::oidc::Code;
use crate::pages::{Message, Notice, NoticeKind, Page, Text, strings};
use crate::web::Response;

/// Parameters that must not come twice: whoever reads the other one is misled.
const SINGLE: [&str; 7] = ["interaction_code", "code", "state", "otp", "error", "error_description", "iss"];

impl SignIn {
    /// A visit to the callback.
    pub(super) async fn callback(&self, request: &SignInRequest<'_>) -> Response {
        if !matches!(*request.http.method(), http::Method::GET | http::Method::HEAD) {
            return request.error(StatusCode::METHOD_NOT_ALLOWED, strings::DIDNT_WORK, strings::WRONG_METHOD);
        }
        let other_org = request.query("iss").is_some_and(|issuer| issuer != self.client.oidc().issuer().as_str());
        if SINGLE.iter().any(|name| request.is_repeated(name)) || other_org {
            return request.error(StatusCode::BAD_REQUEST, strings::DIDNT_WORK, strings::PAGE_OUT_OF_DATE);
        }
        if *request.http.method() == http::Method::HEAD || request.http.is_prefetch() {
            return Response::empty(StatusCode::NO_CONTENT);
        }
        let state = request.query("state").unwrap_or_default();
        let transaction = self.transactions().find_by_state(request.http, state, request.now);
        let Some(transaction) = transaction else {
            return match request.query("otp") {
                Some(otp) if request.visitor.is_none() && !state.is_empty() && screens::looks_like_a_code(otp) => {
                    show_code(request, otp)
                }
                _ => self.over(request, FlowId::of_state(state)),
            };
        };
        let here = self.flow_url(&transaction.flow);
        let flow = self.flows.of(&transaction.flow);
        let mut flow = flow.lock().await;
        if let Some(finished) = flow.finished(request.now) {
            return Response::see_other(finished.return_to.as_str()).with_cookies(finished.cookies.clone());
        }
        let code = match (request.query("interaction_code"), request.query("code")) {
            (Some(code), _) => interaction_code(code),
            (None, Some(code)) if self.settings.offers.hosted_fallback => Code::authorization(code),
            _ => None,
        };
        match (request.query("error"), code, request.query("otp")) {
            (Some("interaction_required"), ..) => {
                flow.forget();
                Response::see_other(&here)
            }
            (Some(error), ..) => {
                tracing::warn!(
                    error = error.chars().take(60).collect::<String>(),
                    "another identity provider sent somebody back"
                );
                self.metrics.sign_in(SignInOutcome::Rejected);
                flow.forget();
                match self.current(request, &transaction, &mut flow).await {
                    Ok(reply) => {
                        let notices = vec![Notice { kind: NoticeKind::Warn, text: self.who_failed(&reply) }];
                        self.page(
                            request,
                            &transaction,
                            &reply,
                            super::Feedback { notices, ..super::Feedback::default() },
                        )
                    }
                    Err(step) => self.respond(request, &transaction, &mut flow, step, &[], false).await,
                }
            }
            (None, Some(code), _) => {
                self.respond(request, &transaction, &mut flow, Step::Success(code), &[], true).await
            }
            (None, None, Some(otp)) => {
                let reply = match self.current(request, &transaction, &mut flow).await {
                    Ok(reply) => reply,
                    Err(step) => return self.respond(request, &transaction, &mut flow, step, &[], false).await,
                };
                let asks_for_code = reply.first().filter(|first| {
                    matches!(first.kind, Kind::ChallengeAuthenticator | Kind::EnrollAuthenticator)
                        && reply.is_about(&AuthenticatorKey::Email)
                        && first.field("credentials").is_some()
                });
                let Some(challenge) = asks_for_code
                    .filter(|_| screens::looks_like_a_code(otp) && flow.may_call("otp", request.now).is_ok())
                else {
                    return Response::see_other(&here);
                };
                let mut answers = Answers::default();
                answers.set(["credentials", "passcode"], Answer::Text(otp.to_owned()));
                let step = self.client.submit(challenge, &answers, &request.org_visitor()).await;
                // The code leaves the address bar, so even a page with messages is reached by a redirect where it can be.
                self.respond(request, &transaction, &mut flow, step, &[], true).await
            }
            (None, None, None) => Response::see_other(&here),
        }
    }
}

impl SignIn {
    /// Which service did not sign somebody in, where it can only be one.
    fn who_failed(&self, reply: &Reply) -> Text {
        let leads = |kind: &Kind| matches!(kind, Kind::RedirectIdp | Kind::PivIdp | Kind::RedirectIdVerify);
        let leads_away = reply.remediations.iter().filter(|form| leads(&form.kind));
        let names: Vec<_> =
            leads_away.filter_map(|form| form.provider.as_ref()).map(|provider| provider.name.as_str()).collect();
        match names.as_slice() {
            [only] if !self.settings.offers.hosted_fallback => Text::ours(strings::PROVIDER_FAILED).with("name", *only),
            _ => Text::ours(strings::PROVIDER_FAILED_UNNAMED),
        }
    }
}

/// The link was opened in another browser: nobody is called, and the code is shown to be typed where it belongs.
fn show_code(request: &SignInRequest<'_>, otp: &str) -> Response {
    let paragraphs = vec![Text::ours(strings::YOUR_CODE_TEXT), Text::ours(strings::YOUR_CODE_WARNING)];
    let page = Message { code: Some(otp.to_owned()), ..Message::new(Text::ours(strings::YOUR_CODE), paragraphs) };
    request.page(StatusCode::OK, Page::Message(Box::new(page)))
}
