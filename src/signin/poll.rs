//! Pages that wait: for a link to be opened, a push to be approved.
//!
//! The page's script asks here as often as the org wants, and gets "unchanged", another pause, or where
//! to go. One poll makes at most one call to the org, and none while a form of the same sign-in is
//! under way. Without script a button asks once.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use tracing::warn;

use super::SignIn;
use super::flow_cache::{DEFAULT_WAIT, NotFinished, reply_digest};
use super::flow_url::{FlowUrl, FlowView};
use super::form_action::FormAction;
use super::request::SignInRequest;
use super::screens;
use super::transaction::FlowId;
use super::turn::{Closed, SignInTurn};
use crate::idx::{Answers, Failure, Step};
use crate::web::Response;

/// How long a page waits whose poll came while a form of the same sign-in was under way.
const BUSY_WAIT: Duration = Duration::from_secs(2);
/// How long a page waits between two polls where the org does not say.
const USUAL_WAIT: Duration = Duration::from_secs(4);

impl SignIn {
    /// Answers a poll: unchanged, or where to go now.
    pub(super) async fn poll(&self, request: &SignInRequest<'_>, id: &str) -> Response {
        let found = FlowId::parse(id).and_then(|flow| self.transactions().find(request.http, &flow, request.now));
        let Some(transaction) = found else { return next(FlowUrl::new(self.site.prefix(), id).as_str()) };
        let token = request.http.header("x-csrf-token").unwrap_or_default();
        let ours = transaction.made_of(token).filter(|_| self.site.is_same_origin_post(request.http));
        let Some(made_of) = ours else {
            return Response::problem(StatusCode::FORBIDDEN, "Forbidden", "This did not come from our page.", &[]);
        };
        match SignInTurn::try_open(request, transaction) {
            Ok(turn) => turn.poll(made_of).await,
            // A form of the same sign-in is under way, and its answer is newer.
            Err(Closed::Busy) => unchanged(BUSY_WAIT),
            Err(Closed::Finished(finished)) => self.deliver_to_script(request, &finished),
            Err(Closed::Unknown(_)) => next(FlowUrl::new(self.site.prefix(), id).as_str()),
        }
    }
}

impl SignInTurn<'_> {
    async fn poll(mut self, made_of: &str) -> Response {
        let here = self.url();
        self.flow.invalidate_unless(|reply| reply_digest(reply) == made_of);
        let Ok(before) = self.current().await else { return next(here.as_str()) };
        let Some(form) = before.poll() else { return next(here.as_str()) };
        let wait = form.refresh.unwrap_or(USUAL_WAIT).clamp(Duration::from_secs(1), Duration::from_secs(60));
        let step = match self.call(FormAction::POLL, form, &Answers::default()).await {
            Ok(step) => step,
            Err(longer) => return unchanged(wait.max(longer)),
        };
        // Asked too often is not the end of a sign-in that waits.
        if let Some(wait) = asked_to_wait(&step) {
            return self.request.too_many(wait);
        }
        match step {
            Step::Pending(after) if screens::is_same_step(&before, &after) => {
                let wait = after.poll().and_then(|form| form.refresh).unwrap_or(wait);
                self.flow.keep(Arc::new(*after), self.request.now);
                unchanged(wait)
            }
            Step::Pending(after) | Step::Terminal(after) => {
                let view = FlowView::Step(screens::fingerprint(&after));
                self.flow.keep(Arc::new(*after), self.request.now);
                next(&here.view(&view))
            }
            Step::Success(code) => match self.finish(code).await {
                Ok(finished) => self.signin.deliver_to_script(self.request, &finished),
                Err(NotFinished::Org(failure)) => self.failed(&failure),
                Err(NotFinished::Store) => self.request.no_store(&self.start_again_url()),
                Err(NotFinished::EndedSince(_)) => self.failed(&NotFinished::PROVEN_BEFORE),
            },
            Step::Failure(failure) => {
                warn!(operation = "poll", cause = %failure, "the sign-in waits on");
                unchanged(wait * 2)
            }
            Step::Canceled => next(here.as_str()),
        }
    }
}

fn asked_to_wait(step: &Step) -> Option<Duration> {
    match step {
        Step::Pending(reply) | Step::Terminal(reply) => reply.retry_after,
        Step::Failure(Failure::RateLimited(wait)) => Some(wait.unwrap_or(DEFAULT_WAIT)),
        Step::Failure(Failure::OverBudget(wait)) => Some(*wait),
        _ => None,
    }
}

fn next(address: &str) -> Response {
    Response::json(StatusCode::OK, &json!({ "next": address }))
}

fn unchanged(wait: Duration) -> Response {
    Response::json(StatusCode::OK, &json!({ "refresh": wait.as_millis() as u64 }))
}
