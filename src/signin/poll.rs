//! Pages that wait: for a link to be opened, a push to be approved.
//!
//! The page's script asks here as often as the org wants, and is told "unchanged", another pause, or where
//! to go; every question to us is at most one to the org, and none while a form of the same sign-in is
//! under way. Without script a button asks once.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use tracing::warn;

use super::SignIn;
use super::flow_cache::{DEFAULT_WAIT, reply_digest};
use super::request::SignInRequest;
use super::screens;
use crate::idx::{Answers, Failure, Reply, Step};
use crate::web::Response;

impl SignIn {
    /// One question to the org, for a page that waits: unchanged, or where to go now.
    pub(super) async fn poll(&self, request: &SignInRequest<'_>, id: &str) -> Response {
        let token = request.http.header("x-csrf-token").unwrap_or_default();
        let Some(transaction) = self.find(request, id) else {
            return Response::json(StatusCode::OK, &json!({ "next": format!("{}/flow/{id}", self.site.prefix()) }));
        };
        let Some(made_of) = transaction.made_of(token).filter(|_| self.site.is_same_origin_post(request.http)) else {
            return Response::problem(StatusCode::FORBIDDEN, "Forbidden", "This did not come from our page.", &[]);
        };
        let here = self.flow_url(&transaction.flow);
        let unchanged = |wait: Duration| Response::json(StatusCode::OK, &json!({ "refresh": wait.as_millis() as u64 }));
        let flow = self.flows.of(&transaction.flow);
        // A form of the same sign-in is under way: it will know better.
        let Ok(mut flow) = flow.try_lock() else { return unchanged(Duration::from_secs(2)) };
        if let Some(finished) = flow.finished(request.now) {
            return Response::json(StatusCode::OK, &json!({ "next": finished.return_to.path() }))
                .with_cookies(finished.cookies.clone());
        }
        flow.invalidate_unless(|reply| reply_digest(reply) == made_of);
        let Ok(before) = self.current(request, &transaction, &mut flow).await else {
            return Response::json(StatusCode::OK, &json!({ "next": here }));
        };
        let Some(form) = before.poll() else { return Response::json(StatusCode::OK, &json!({ "next": here })) };
        let wait =
            form.refresh.unwrap_or(Duration::from_secs(4)).clamp(Duration::from_secs(1), Duration::from_secs(60));
        if let Err(longer) = flow.may_call("poll", request.now) {
            return unchanged(wait.max(longer));
        }
        let step = self.client.submit(form, &Answers::default(), &request.org_visitor()).await;
        flow.record_rate_limit("poll", &step, request.now);
        // NewTransaction too often is not the end of a sign-in that waits.
        let too_often = match &step {
            Step::Pending(after) | Step::Terminal(after) => after.retry_after,
            Step::Failure(Failure::RateLimited(wait)) => Some(wait.unwrap_or(DEFAULT_WAIT)),
            _ => None,
        };
        if let Some(wait) = too_often {
            return request.too_many(wait);
        }
        match step {
            Step::Pending(after) if is_same_step(&before, &after) => {
                let wait = after.poll().and_then(|form| form.refresh).unwrap_or(wait);
                flow.keep(Arc::new(*after), request.now);
                unchanged(wait)
            }
            Step::Pending(after) | Step::Terminal(after) => {
                let next = self.page_url(&transaction.flow, &after);
                flow.keep(Arc::new(*after), request.now);
                Response::json(StatusCode::OK, &json!({ "next": next }))
            }
            Step::Success(code) => match self.finish(request, &transaction, &mut flow, code).await {
                Ok(finished) => Response::json(StatusCode::OK, &json!({ "next": finished.return_to.path() }))
                    .with_cookies(finished.cookies),
                Err(failure) => self.failed(request, Some(&transaction), &failure),
            },
            Step::Failure(failure) => {
                warn!(operation = "poll", cause = %failure, "the sign-in waits on");
                unchanged(wait * 2)
            }
            Step::Canceled => Response::json(StatusCode::OK, &json!({ "next": here })),
        }
    }
}

/// Whether two replies show the same step, so that a page that waits need not change.
pub(super) fn is_same_step(one: &Reply, other: &Reply) -> bool {
    let number = |reply: &Reply| reply.authenticator.as_ref().and_then(|about| about.context.correct_answer.clone());
    let keys = |reply: &Reply| reply.messages.iter().map(|message| message.key.clone()).collect::<Vec<_>>();
    screens::fingerprint(one) == screens::fingerprint(other)
        && number(one) == number(other)
        && (keys(other).is_empty() || keys(one) == keys(other))
}
