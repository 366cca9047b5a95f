//! What a visitor is shown: a step's page, a failure's page.

use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use tracing::{info, warn};

use super::SignIn;
use super::flow_cache::reply_digest;
use super::request::SignInRequest;
use super::screens::{self, Posted, View};
use super::transaction::{Entry, Transaction};
use crate::idx::{Failure, Kind, Message, Reply};
use crate::metrics::SignInOutcome;
use crate::pages::{self, Family, Link, Notice, Page, Part, Post, Problem, Text, To, strings};
use crate::web::{Csp, Response};

/// Whether it says that the org was asked too often.
pub(super) fn is_too_often(message: &Message) -> bool {
    message.key.as_deref().is_some_and(|key| matches!(key, "tooManyRequests" | "oie.tooManyRequests" | "E0000047"))
}

/// The reply without saying so, and how long to wait instead.
fn told_to_wait(reply: &Reply, wait: Duration) -> (Reply, Problem) {
    let mut reply = reply.clone();
    reply.messages.retain(|message| !is_too_often(message));
    let seconds = i64::try_from(wait.as_secs().max(1)).unwrap_or(60);
    (reply, Problem { text: Text::ours(strings::TOO_MANY_ATTEMPTS_WAIT).with("n", seconds), field: None })
}

/// What a page says besides the reply.
#[derive(Default)]
pub(super) struct Feedback<'a> {
    pub(super) typed: &'a Posted,
    pub(super) problems: Vec<Problem>,
    pub(super) notices: Vec<Notice>,
    pub(super) shown: Option<Kind>,
}

impl SignIn {
    /// The page of a step.
    pub(super) fn page(
        &self,
        request: &SignInRequest<'_>,
        transaction: &Transaction,
        reply: &Reply,
        said: Feedback<'_>,
    ) -> Response {
        let wanted = said.shown.or_else(|| request.query("show").map(Kind::parse));
        let chosen = wanted.and_then(|kind| reply.remediation(&kind)).filter(|chosen| !chosen.navigates);
        let unlocking = (transaction.entry == Entry::Unlock).then(|| reply.remediation(&Kind::UnlockAccount)).flatten();
        let Some(shown) = chosen.or(unlocking).or(reply.first()) else { return request.lost() };
        if let (Kind::SuccessRedirect | Kind::FailureRedirect, Some(address)) = (&shown.kind, &shown.href) {
            return request.hand_over(strings::SIGNING_YOU_IN, address.as_str());
        }
        if let (Entry::Register, Kind::Identify) = (transaction.entry, &shown.kind) {
            return request.error(StatusCode::OK, strings::CANT_REGISTER, strings::CANT_REGISTER_TEXT);
        }
        let known = match (&shown.kind, screens::value(said.typed, "identifier")) {
            (Kind::Identify, None) => self.known_username(request).map(|name| ("identifier".to_owned(), name)),
            _ => None,
        };
        let typed: Vec<_> = said.typed.iter().cloned().chain(known).collect();
        // The org's "too often" does not say how long; its header does.
        let told =
            reply.retry_after.filter(|_| reply.messages.iter().any(is_too_often)).map(|wait| told_to_wait(reply, wait));
        let (reply, wait) = told.as_ref().map_or((reply, None), |(reply, wait)| (reply, Some(wait.clone())));
        let view = View {
            entry: transaction.entry,
            post: Post {
                action: self.flow_url(&transaction.flow),
                csrf: transaction.form_token() + &reply_digest(reply),
                step: screens::fingerprint(reply),
            },
            typed: &typed,
            problems: said.problems.into_iter().chain(wait).collect(),
            notices: said.notices,
            passkeys: &self.settings.passkeys,
            on_phone: request.is_on_phone(),
            reference: request.http.id.to_string(),
            hosted: self.settings.offers.hosted_fallback,
        };
        if let Some(rp_id) = self.settings.passkeys.refused(reply) {
            self.passkeys_refused.call_once(|| {
                warn!(rp_id, "the org's passkeys are of another domain than public_url, so browsers refuse them here: set a custom RP ID at the org, or sign_in.passkeys_of_related_origin, or sign_in.passkeys = false");
            });
        }
        let step = screens::page(shown, reply, view);
        let has_picture = step.parts.iter().any(|part| matches!(part, Part::Qr { .. }));
        let response = request.page(StatusCode::OK, Page::Step(Box::new(step)));
        let response = if has_picture { response.with_policy(&Csp::page().with_images("data:")) } else { response };
        match reply.retry_after {
            Some(wait) => Response { status: StatusCode::TOO_MANY_REQUESTS, ..response }
                .with_header(RETRY_AFTER, &wait.as_secs().to_string()),
            None => response,
        }
    }

    /// A failure, told to the visitor in general and to the log in particular.
    pub(super) fn failed(
        &self,
        request: &SignInRequest<'_>,
        transaction: Option<&Transaction>,
        failure: &Failure,
    ) -> Response {
        let again = match (transaction, failure.is_passing()) {
            (Some(transaction), true) => self.flow_url(&transaction.flow),
            (Some(transaction), false) => request.entry_url(Entry::SignIn, &transaction.return_to),
            (None, _) => request.here_or_sign_in(),
        };
        self.failed_at(request, &again, failure)
    }

    /// One of our own limits refuses what a visitor wants: said to them, counted, and in the log once.
    pub(super) fn limited(
        &self,
        request: &SignInRequest<'_>,
        limit: &'static str,
        again: &str,
        wait: Duration,
    ) -> Response {
        let (seconds, reference) = (wait.as_secs(), request.http.id.to_string());
        let client = request.http.peer.map(|address| address.to_string()).unwrap_or_default();
        info!(reference, client, limit, seconds, "a visitor was asked to wait");
        self.metrics.sign_in(SignInOutcome::Limited);
        let text = Text::ours(strings::TOO_MANY_ATTEMPTS_WAIT).with("n", seconds.cast_signed());
        let page = pages::Message {
            actions: vec![Link { text: Text::ours(strings::TRY_AGAIN), to: To::Href(again.to_owned()) }],
            reference: Some(reference),
            ..pages::Message::new(Text::ours(strings::TOO_MANY_ATTEMPTS), vec![text])
        };
        request
            .page(StatusCode::TOO_MANY_REQUESTS, Page::Message(Box::new(page)))
            .with_header(RETRY_AFTER, &seconds.to_string())
    }

    /// The same, where it is known how to go on.
    pub(super) fn failed_at(&self, request: &SignInRequest<'_>, again: &str, failure: &Failure) -> Response {
        let reference = request.http.id.to_string();
        warn!(reference, cause = %failure, "a sign-in stopped");
        let (status, page, wait) = screens::failed(failure, again, reference);
        let response = request.page(status, Page::Message(Box::new(page)));
        match wait {
            Some(seconds) => response.with_header(RETRY_AFTER, &seconds.to_string()),
            None => response,
        }
    }

    /// Counts what the catalogue has no words for, and steps that nobody has heard of.
    pub(super) fn count(&self, request: &SignInRequest<'_>, reply: &Reply) {
        let fields = reply.remediations.iter().flat_map(|form| form.field_messages()).map(|(_, message)| message);
        for key in reply.messages.iter().cloned().chain(fields).filter_map(|message: Message| message.key) {
            if !self.pages.knows(&request.language, Family::Message, &key) {
                self.metrics.unmapped_message(&key);
            }
        }
        for name in reply
            .remediations
            .iter()
            .filter_map(|form| if let Kind::Other(name) = &form.kind { Some(name) } else { None })
        {
            self.metrics.unknown_remediation(name);
        }
    }
}
