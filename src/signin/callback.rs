//! Coming back: from another identity provider, or by the link of an e-mail.
//!
//! In this order: `error=interaction_required` goes on with the sign-in; any other error is told;
//! `interaction_code` and `state` are redeemed, and so is the `code` of the org's own page where that is
//! offered; `otp` and `state` answer the challenge in the browser that
//! asked for it, and in any other only show the code, so that no other browser can finish a sign-in and a
//! mail scanner uses nothing up. A `state` that this browser does not hold is never acted on.

use http::StatusCode;

use super::SignIn;
use super::ask::Ask;
use super::form;
use super::transaction::FlowId;
use crate::idx::{Answer, Answers, AuthenticatorKey, Code, Grant, Kind, Reply, Step};
use crate::metrics::SignInOutcome;
use crate::pages::{Message, Notice, NoticeKind, Page, Text};
use crate::web::Response;

/// Parameters that must not come twice: whoever reads the other one is misled.
const SINGLE: [&str; 7] = ["interaction_code", "code", "state", "otp", "error", "error_description", "iss"];

impl SignIn {
    /// A visit to the callback.
    pub(super) async fn callback(&self, ask: &Ask<'_>) -> Response {
        if !matches!(*ask.request.method(), http::Method::GET | http::Method::HEAD) {
            return ask.error(StatusCode::METHOD_NOT_ALLOWED, "didnt-work", "wrong-method");
        }
        let other_org =
            ask.query("iss").is_some_and(|issuer| issuer != self.client.issuer().as_str().trim_end_matches('/'));
        if SINGLE.iter().any(|name| ask.is_repeated(name)) || other_org {
            return ask.error(StatusCode::BAD_REQUEST, "didnt-work", "page-out-of-date");
        }
        if *ask.request.method() == http::Method::HEAD || ask.request.is_prefetch() {
            return Response::empty(StatusCode::NO_CONTENT);
        }
        let state = ask.query("state").unwrap_or_default();
        let started = self.transactions().find_by_state(ask.request, state, ask.now);
        let Some(started) = started else {
            return match ask.query("otp") {
                Some(otp) if ask.visitor.is_none() && !state.is_empty() && form::looks_like_a_code(otp) => {
                    show_code(ask, otp)
                }
                _ => self.over(ask, FlowId::of_state(state)),
            };
        };
        let here = self.flow_url(&started.flow);
        let flow = self.flows.of(&started.flow, ask.now);
        let mut flow = flow.lock().await;
        if let Some(finished) = flow.finished(ask.now) {
            return Response::see_other(finished.return_to.as_str()).with_cookies(finished.cookies.clone());
        }
        let code = match (ask.query("interaction_code"), ask.query("code")) {
            (Some(code), _) => Some((code, Grant::Interaction)),
            (None, Some(code)) if self.settings.offers.hosted_fallback => Some((code, Grant::Authorization)),
            _ => None,
        };
        match (ask.query("error"), code, ask.query("otp")) {
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
                match self.current(ask, &started, &mut flow).await {
                    Ok(reply) => {
                        let notices = vec![Notice { kind: NoticeKind::Warn, text: self.who_failed(&reply) }];
                        self.page(ask, &started, &reply, super::Said { notices, ..super::Said::default() })
                    }
                    Err(step) => self.arrive(ask, &started, &mut flow, step, &[], false).await,
                }
            }
            (None, Some((code, grant)), _) => match Code::from_callback(code, grant) {
                Some(code) => self.arrive(ask, &started, &mut flow, Step::Success(code), &[], true).await,
                None => Response::see_other(&here),
            },
            (None, None, Some(otp)) => {
                let reply = match self.current(ask, &started, &mut flow).await {
                    Ok(reply) => reply,
                    Err(step) => return self.arrive(ask, &started, &mut flow, step, &[], false).await,
                };
                let asks_for_code = reply.first().filter(|first| {
                    matches!(first.kind, Kind::ChallengeAuthenticator | Kind::EnrollAuthenticator)
                        && reply.is_about(&AuthenticatorKey::Email)
                        && first.field("credentials").is_some()
                });
                let Some(challenge) =
                    asks_for_code.filter(|_| form::looks_like_a_code(otp) && flow.may_call("otp", ask.now).is_ok())
                else {
                    return Response::see_other(&here);
                };
                let mut answers = Answers::default();
                answers.set(["credentials", "passcode"], Answer::Text(otp.to_owned()));
                let step = self.client.submit(challenge, &answers, &ask.org_visitor()).await;
                // The code leaves the address bar, so even a page with messages is reached by a redirect where it can be.
                self.arrive(ask, &started, &mut flow, step, &[], true).await
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
            [only] if !self.settings.offers.hosted_fallback => Text::ours("provider-failed").with("name", *only),
            _ => Text::ours("provider-failed-unnamed"),
        }
    }
}

/// The link was opened in another browser: nobody is called, and the code is shown to be typed where it belongs.
fn show_code(ask: &Ask<'_>, otp: &str) -> Response {
    let paragraphs = vec![Text::ours("your-code-text"), Text::ours("your-code-warning")];
    let page = Message { code: Some(otp.to_owned()), ..Message::new(Text::ours("your-code"), paragraphs) };
    ask.page(StatusCode::OK, Page::Message(Box::new(page)))
}
