//! One request of a sign-in under way: opened once, answered once.
//!
//! [`SignInTurn::open`] finds the transaction in its cookie and locks what is remembered of it, so that requests of one
//! sign-in wait for each other. Every way through a turn ends in a method that takes it by value and gives the one
//! [`Response`]; [`SignInTurn::respond`] is the one for whatever the org said.

use std::sync::Arc;
use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{Method, StatusCode};
use tokio::sync::OwnedMutexGuard;
use tracing::warn;

use super::SignIn;
use super::attempts;
use super::flow_cache::{Finished, FlowState, NotFinished, reply_digest};
use super::flow_url::{FlowUrl, FlowView};
use super::form_action::FormAction;
use super::providers;
use super::request::SignInRequest;
use super::screens::{self, Posted, View};
use super::transaction::{Entry, FlowId, Transaction};
use crate::idx::{Failure, Kind, Message, MessageClass, Reply, Step};
use crate::limits::Who;
use crate::metrics::SignInOutcome;
use crate::pages::{Family, Notice, NoticeKind, Part, Post, Problem, Provider, Text, strings};
use crate::web::{CookieChanges, Csp, Response};

/// How long a click waits whose sign-in is over at the provider, before it looks whether another replica had the click before.
const OVERTAKEN: Duration = Duration::from_secs(1);

/// What a provider says of a code that was redeemed before, or is too old (RFC 6749 5.2).
const CODE_REFUSED: &str = "invalid_grant";

/// One request of a sign-in under way.
pub(super) struct SignInTurn<'a> {
    pub(super) signin: &'a SignIn,
    pub(super) request: &'a SignInRequest<'a>,
    pub(super) transaction: Transaction,
    pub(super) flow: OwnedMutexGuard<FlowState>,
}

/// Why a turn cannot be opened.
pub(super) enum Closed {
    /// This browser has no such sign-in under way; its id, where that can be one.
    Unknown(Option<FlowId>),
    /// It ended a moment ago.
    Finished(Finished),
    /// Another request of it is under way.
    Busy,
}

/// What led to an answer.
#[derive(Clone, Copy)]
pub(super) enum Cause<'p> {
    /// A page was asked for.
    Visit,
    /// A form was posted, or a link of the org's followed. Unless there is something to say, the browser is sent to GET
    /// the page, so that a reload repeats nothing.
    Post(&'p Posted),
}

/// What a page says besides the reply.
#[derive(Default)]
pub(super) struct Feedback<'a> {
    pub(super) typed: &'a Posted,
    pub(super) problems: Vec<Problem>,
    pub(super) notices: Vec<Notice>,
    pub(super) shown: Option<Kind>,
}

impl Feedback<'_> {
    pub(super) fn notice(kind: NoticeKind, text: Text) -> Self {
        Self { notices: vec![Notice { kind, text }], ..Self::default() }
    }
}

impl<'a> SignInTurn<'a> {
    /// Opens the turn of the sign-in of this id, after those before it.
    pub(super) async fn open(request: &'a SignInRequest<'a>, id: &str) -> Result<Self, Response> {
        let flow = FlowId::parse(id);
        let transaction =
            flow.as_ref().and_then(|flow| request.signin.transactions().find(request.http, flow, request.now));
        Self::wait(request, transaction.ok_or(flow)).await.map_err(|closed| closed.page(request))
    }

    /// The same, for a sign-in that was looked for already.
    pub(super) async fn wait(
        request: &'a SignInRequest<'a>,
        transaction: Result<Transaction, Option<FlowId>>,
    ) -> Result<Self, Closed> {
        let transaction = transaction.map_err(Closed::Unknown)?;
        let flow = request.signin.flows.of(&transaction.flow).lock_owned().await;
        Self::locked(request, transaction, flow)
    }

    /// The same, unless another request of it is under way.
    pub(super) fn try_open(request: &'a SignInRequest<'a>, transaction: Transaction) -> Result<Self, Closed> {
        let flow = request.signin.flows.of(&transaction.flow).try_lock_owned().map_err(|_| Closed::Busy)?;
        Self::locked(request, transaction, flow)
    }

    fn locked(
        request: &'a SignInRequest<'a>,
        transaction: Transaction,
        flow: OwnedMutexGuard<FlowState>,
    ) -> Result<Self, Closed> {
        match flow.finished(request.now) {
            // After a sign-out it brings nothing back.
            Some(end) if request.signin.sessions.has_ended(&end.session, request.now) => Err(Closed::Unknown(None)),
            Some(finished) => Err(Closed::Finished(finished.clone())),
            None => Ok(Self { signin: request.signin, request, transaction, flow }),
        }
    }

    /// Counts how it stands.
    pub(super) fn count_outcome(&self, outcome: SignInOutcome) {
        self.signin.metrics.sign_in(&self.transaction.provider, outcome);
    }

    /// Where it is.
    pub(super) fn url(&self) -> FlowUrl {
        FlowUrl::new(self.signin.site.prefix(), &self.transaction.flow)
    }

    /// Where to start again.
    pub(super) fn start_again_url(&self) -> String {
        self.request.entry_url_with(&self.transaction.return_to, &self.transaction.requested)
    }

    /// Sends the browser to a view of the sign-in.
    pub(super) fn redirect(self, view: &FlowView) -> Response {
        Response::see_other(&self.url().view(view))
    }

    /// The step that the org holds now.
    pub(super) async fn show(mut self) -> Response {
        let view = self.request.flow_view();
        self.flow.look(&view, self.request.now);
        let reply = match self.current().await {
            Ok(reply) => reply,
            Err(step) => return self.respond(step, Cause::Visit).await,
        };
        if let Some(address) = self.only_provider(&reply) {
            return Response::see_other(address);
        }
        let feedback = match view {
            FlowView::StepDone => Feedback::notice(NoticeKind::Info, Text::ours(strings::STEP_ALREADY_DONE)),
            _ => Feedback::default(),
        };
        self.page(&reply, feedback)
    }

    /// Posted answers, held against the current step; then wherever the org's reply leads.
    pub(super) async fn submit(mut self, posted: &Posted) -> Response {
        let Some(made_of) = screens::value(posted, "csrf").and_then(|token| self.transaction.made_of(token)) else {
            return self.request.forged();
        };
        self.flow.invalidate_unless(|reply| reply_digest(reply) == made_of);
        let reply = match self.current().await {
            Ok(reply) => reply,
            Err(step) => return self.respond(step, Cause::Visit).await,
        };
        let name = screens::value(posted, "do").unwrap_or_default();
        let action = FormAction::parse(name, &reply);
        if let Some(FormAction::Cancel) = action {
            return self.cancel(&reply).await;
        }
        if screens::value(posted, "step").unwrap_or_default() != screens::fingerprint(&reply) {
            return self.redirect(&FlowView::StepDone);
        }
        let (form, resends) = match action {
            Some(FormAction::Submit(form)) => (form, false),
            Some(FormAction::Resend(form)) => (form, true),
            Some(FormAction::Cancel) | None => return self.redirect(&FlowView::Current),
        };
        if resends && let Some(wait) = self.flow.resend_wait(self.request.now) {
            let text = Text::ours(strings::JUST_SENT).with("n", i64::try_from(wait.as_secs()).unwrap_or(30));
            return self.page(&reply, Feedback::notice(NoticeKind::Warn, text));
        }
        let answers = match screens::read(form, &reply, posted, self.signin.settings.calling_code.as_deref()) {
            Ok(answers) => answers,
            Err(problems) => {
                let shown = Some(form.kind.clone());
                return self.page(&reply, Feedback { typed: posted, problems, shown, ..Feedback::default() });
            }
        };
        let signin = self.signin;
        let username = screens::value(posted, "identifier").or(reply.user.as_deref());
        let who = Who { address: self.request.http.peer, username, now: self.request.now };
        let uses = attempts::uses(form, resends);
        let attempt = match signin.limits.attempt(who, uses, &signin.settings.allowance).await {
            Ok(attempt) => attempt,
            Err(exhausted) => return self.request.limited(exhausted, self.url().as_str()),
        };
        let step = match self.call(name, form, &answers).await {
            Ok(step) => step,
            Err(wait) => {
                let failure = Failure::RateLimited(Some(wait));
                attempts::record(attempt, &Step::Failure(failure.clone()));
                return self.failed(&failure);
            }
        };
        attempts::record(attempt, &step);
        self.transaction.stays = screens::stays(form, posted).or(self.transaction.stays);
        match step {
            Step::Pending(reply) if resends && reply.accepted => self.sent_again(&reply),
            step => self.respond(step, Cause::Post(posted)).await,
        }
    }

    /// What the browser keeps of this sign-in.
    fn keep(&self) -> CookieChanges {
        let (request, now) = (self.request.http, self.request.now);
        self.signin.transactions().keep(request, &self.transaction, &self.signin.sessions, now)
    }

    fn sent_again(mut self, reply: &Reply) -> Response {
        self.flow.sent(self.request.now);
        self.flow.keep(Arc::new(reply.clone()), self.request.now);
        let text = match reply.first().is_some_and(|first| first.kind == Kind::EnrollPoll) {
            true => strings::SET_UP_LINK_SENT,
            false => strings::NEW_CODE_SENT,
        };
        self.page(reply, Feedback::notice(NoticeKind::Ok, Text::ours(text)))
    }

    /// The visitor goes back: the transaction is cancelled at the org and forgotten here, and a new one may begin.
    async fn cancel(mut self, reply: &Reply) -> Response {
        self.cancel_at_org(reply).await;
        let forgotten = reply.user.as_ref().and_then(|_| self.signin.forget_username(self.request));
        self.canceled().with_cookies(forgotten)
    }

    fn canceled(mut self) -> Response {
        self.count_outcome(SignInOutcome::Canceled);
        self.flow.forget();
        let forgotten = self.signin.transactions().forget(&self.transaction.flow);
        Response::see_other(&self.start_again_url()).with_cookies([forgotten])
    }

    /// Makes the answer of a step, whatever it is.
    pub(super) async fn respond(mut self, step: Step, cause: Cause<'_>) -> Response {
        let before = self.flow.reply(self.request.now);
        match self.auto_advance(step).await {
            Step::Success(code) => {
                let end = self.finish(code).await;
                self.finished_with(end).await
            }
            Step::Pending(reply) => self.pending(&reply, before.as_deref(), cause),
            Step::Terminal(reply) => self.ended(&reply, cause).await,
            Step::Failure(failure) => {
                self.count_outcome(SignInOutcome::Provider);
                self.failed(&failure)
            }
            Step::Canceled => self.canceled(),
        }
    }

    /// Answers with what a code has brought.
    pub(super) async fn finished_with(mut self, end: Result<Finished, NotFinished>) -> Response {
        match end {
            Ok(finished) => self.signin.deliver(self.request, &finished),
            Err(NotFinished::Store) => {
                self.flow.forget();
                self.request.no_store(&self.start_again_url())
            }
            Err(NotFinished::Org(failure)) if failure.error() == Some(CODE_REFUSED) => {
                let (provider, reference) = (&self.transaction.provider, self.request.http.id.to_string());
                warn!(reference, provider, cause = %failure, "a code is not taken: perhaps another replica has used it");
                self.look_again().await
            }
            Err(NotFinished::EndedSince(_)) => self.failed(&NotFinished::PROVEN_BEFORE),
            Err(NotFinished::Org(failure)) => {
                self.flow.forget();
                // A code counts once: after a failure only a new sign-in can follow.
                let forgotten = self.signin.transactions().forget(&self.transaction.flow);
                self.request
                    .failed(&self.transaction.provider, &self.start_again_url(), &failure)
                    .with_cookies([forgotten])
            }
        }
    }

    /// Nothing more is taken of this sign-in. The other half of a double click may have ended it at another replica, which does
    /// not wait for this one: the browser is sent to look, once, and its cookies tell then.
    async fn look_again(mut self) -> Response {
        self.flow.forget();
        // The turn is over with it: other requests of this sign-in need not wait.
        let response = self.redirect(&FlowView::Overtaken);
        tokio::time::sleep(OVERTAKEN).await;
        response
    }

    /// The browser has looked, and nobody has ended the sign-in.
    pub(super) fn not_overtaken(self) -> Response {
        let forgotten = self.signin.transactions().forget(&self.transaction.flow);
        self.request.expired(&self.start_again_url()).with_cookies([forgotten])
    }

    /// Something is asked.
    fn pending(mut self, reply: &Reply, before: Option<&Reply>, cause: Cause<'_>) -> Response {
        self.signin.count(self.request, reply);
        let moved = before.is_none_or(|before| !screens::is_same_step(before, reply));
        // Refused or not, its handle is the newest.
        self.flow.keep(Arc::new(without_errors(reply)), self.request.now);
        let is_post = matches!(cause, Cause::Post(_));
        match reply.accepted {
            true if is_post && moved && reply.resend().is_some() => self.flow.sent(self.request.now),
            true => {}
            false => self.count_outcome(SignInOutcome::Rejected),
        }
        let silent =
            reply.messages.is_empty() && reply.remediations.iter().all(|form| form.field_messages().is_empty());
        let kept = match cause {
            // The wish to stay signed in must be known at the end, on any replica.
            Cause::Post(_) if self.transaction.stays.is_some() && self.signin.sessions.is_persistent() => self.keep(),
            Cause::Post(_) | Cause::Visit => CookieChanges::default(),
        };
        match cause {
            Cause::Post(_) if silent => self.redirect(&FlowView::Step(screens::fingerprint(reply))).with_cookies(kept),
            Cause::Post(typed) => self.page(reply, Feedback { typed, ..Feedback::default() }).with_cookies(kept),
            Cause::Visit => self.page(reply, Feedback::default()),
        }
    }

    /// A reply with a message and no form: the end, or a mistake after which the last form still stands.
    async fn ended(mut self, reply: &Reply, cause: Cause<'_>) -> Response {
        self.signin.count(self.request, reply);
        let acts = matches!(cause, Cause::Post(_)) || *self.request.http.method() == Method::POST;
        if acts && reply.says("idx.session.expired") {
            self.count_outcome(SignInOutcome::Terminal);
            return self.look_again().await;
        }
        self.flow.forget();
        if let Some(wait) = reply.retry_after.filter(|_| reply.messages.iter().all(screens::is_too_often)) {
            return self.failed(&Failure::RateLimited(Some(wait)));
        }
        let over =
            reply.accepted || reply.retry_after.is_some() || reply.messages.iter().any(screens::ends_transaction);
        if let (Cause::Post(typed), false) = (cause, over)
            && let Ok(Step::Pending(mut current)) = self.introspect().await
        {
            self.count_outcome(SignInOutcome::Rejected);
            self.flow.remember(Arc::new(without_errors(&current)), self.request.now);
            current.messages = reply.messages.clone();
            return self.page(&current, Feedback { typed, ..Feedback::default() });
        }
        self.count_outcome(SignInOutcome::Terminal);
        if let Some(address) = reply.leave.as_ref().filter(|_| reply.messages.is_empty()) {
            let forgotten = self.signin.transactions().forget(&self.transaction.flow);
            return self.request.hand_over(strings::SIGNING_YOU_IN, address.as_str()).with_cookies([forgotten]);
        }
        let offers = &self.signin.settings.offers;
        let reference = self.request.http.id.to_string();
        let page = screens::terminal(reply, &self.start_again_url(), offers.request_access_url.as_deref(), &reference);
        let status = if reply.retry_after.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
        with_retry_after(self.request.page(status, page), reply)
    }

    /// The current step: what was remembered, else what the org says. What is not a step comes back as an error.
    pub(super) async fn current(&mut self) -> Result<Arc<Reply>, Step> {
        if let Some(reply) = self.flow.reply(self.request.now) {
            if reply.remediations.is_empty() {
                self.flow.forget();
                return Err(Step::Terminal(Box::new(Reply::clone(&reply))));
            }
            return Ok(reply);
        }
        let step = self.introspect().await.map_err(|wait| Step::Failure(Failure::RateLimited(Some(wait))))?;
        match self.auto_advance(step).await {
            Step::Pending(reply) => {
                self.signin.count(self.request, &reply);
                let reply = Arc::new(*reply);
                self.flow.remember(Arc::clone(&reply), self.request.now);
                Ok(reply)
            }
            step => Err(step),
        }
    }

    /// The page of a step.
    pub(super) fn page(self, reply: &Reply, feedback: Feedback<'_>) -> Response {
        let (request, entry) = (self.request, self.transaction.entry);
        let asked_for = match request.flow_view() {
            FlowView::Form(form, _) => Some(form),
            _ => None,
        };
        let chosen = feedback.shown.or(asked_for).and_then(|kind| reply.remediation(&kind));
        let unlocking = (entry == Entry::Unlock).then(|| reply.remediation(&Kind::UnlockAccount)).flatten();
        let chosen = chosen.filter(|chosen| !chosen.navigates);
        let Some(shown) = chosen.or(unlocking).or(reply.first()) else { return request.lost() };
        if let (Kind::SuccessRedirect | Kind::FailureRedirect, Some(address)) = (&shown.kind, &shown.href) {
            return request.hand_over(strings::SIGNING_YOU_IN, address.as_str());
        }
        if let (Entry::Register, Kind::Identify) = (entry, &shown.kind) {
            return request.error(StatusCode::OK, strings::CANT_REGISTER, strings::CANT_REGISTER_TEXT);
        }
        let known = match (&shown.kind, screens::value(feedback.typed, "identifier")) {
            (Kind::Identify, None) => self.signin.known_username(request).map(|name| ("identifier".to_owned(), name)),
            _ => None,
        };
        let typed: Vec<_> = feedback.typed.iter().cloned().chain(known).collect();
        let waiting = screens::with_wait(reply);
        let (reply, wait) = waiting.as_ref().map_or((reply, None), |(reply, wait)| (reply, Some(wait.clone())));
        self.signin.warn_of_refused_passkeys(reply);
        let view = View {
            entry,
            post: Post {
                action: self.url().as_str().to_owned(),
                csrf: self.transaction.form_token() + &reply_digest(reply),
                step: screens::fingerprint(reply),
            },
            typed: &typed,
            problems: feedback.problems.into_iter().chain(wait).collect(),
            notices: feedback.notices.into_iter().chain(self.notice_of_cut()).collect(),
            passkeys: &self.signin.settings.passkeys,
            on_phone: request.is_on_phone(),
            reference: request.http.id.to_string(),
            hosted: self.signin.settings.offers.hosted_fallback,
            providers: self.other_providers(),
        };
        let mut step = screens::page(shown, reply, view);
        // Where the sign-in's cookie has expired by the time of the post, the address still says where it was to end.
        if let Some((_, target)) = self.start_again_url().split_once('?') {
            step.post.action = format!("{}?{target}", step.post.action);
        }
        let has_picture = step.parts.iter().any(|part| matches!(part, Part::Qr { .. }));
        let status = if reply.retry_after.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
        let response = request.page(status, step);
        with_retry_after(
            if has_picture { response.with_policy(&Csp::page().with_images("data:")) } else { response },
            reply,
        )
    }

    /// The notice that the address to come back to was too long and is kept in part.
    fn notice_of_cut(&self) -> Option<Notice> {
        let notice = || Notice { kind: NoticeKind::Info, text: Text::ours(strings::ADDRESS_TOO_LONG) };
        self.transaction.return_to.is_cut().then(notice)
    }

    /// Who else signs people in, where somebody may still choose.
    fn other_providers(&self) -> Vec<Provider> {
        let steps_up = self.transaction.requirement.is_some() && self.request.visitor.is_some();
        if self.transaction.entry != Entry::SignIn || steps_up {
            return Vec::new();
        }
        let rule = self.signin.rule_for(&self.transaction.return_to);
        let others = self.signin.providers.among(&rule.providers).filter(|other| other.name != providers::ORG);
        let entry = self.start_again_url();
        others.map(|other| other.button(&entry)).collect()
    }

    /// A failure: the visitor sees its general sort, the log says what happened.
    pub(super) fn failed(self, failure: &Failure) -> Response {
        let again = match failure.is_passing() {
            true => self.url().as_str().to_owned(),
            false => self.start_again_url(),
        };
        self.request.failed(&self.transaction.provider, &again, failure)
    }
}

impl Closed {
    /// The answer to a page visit or a posted form.
    pub(super) fn page(self, request: &SignInRequest<'_>) -> Response {
        match self {
            Self::Finished(finished) => request.signin.deliver(request, &finished),
            Self::Unknown(flow) => request.signin.over(request, flow),
            Self::Busy => request.lost(),
        }
    }
}

impl SignIn {
    /// Counts messages that the catalogue has no string for, and remediations of unknown names.
    pub(super) fn count(&self, request: &SignInRequest<'_>, reply: &Reply) {
        let fields = reply.remediations.iter().flat_map(|form| form.field_messages()).map(|(_, message)| message);
        for key in reply.messages.iter().cloned().chain(fields).filter_map(|message: Message| message.key) {
            if !self.pages.knows(&request.language, Family::Message, &key) {
                self.metrics.unmapped_message(&key);
            }
        }
        for form in &reply.remediations {
            if let Kind::Other(name) = &form.kind {
                self.metrics.unknown_remediation(name);
            }
        }
    }

    fn warn_of_refused_passkeys(&self, reply: &Reply) {
        if let Some(rp_id) = self.settings.passkeys.refused(reply) {
            self.passkeys_refused.call_once(|| {
                warn!(rp_id, "the org's passkeys are of another domain than public_url, so browsers refuse them here: set a custom RP ID at the org, or sign_in.passkeys_of_related_origin, or sign_in.passkeys = false");
            });
        }
    }
}

fn with_retry_after(response: Response, reply: &Reply) -> Response {
    match reply.retry_after {
        Some(wait) => response.with_header(RETRY_AFTER, &wait.as_secs().to_string()),
        None => response,
    }
}

/// A reply as it is remembered: what went wrong with one post is not said again.
fn without_errors(reply: &Reply) -> Reply {
    let mut reply = reply.clone();
    reply.messages.retain(|message| message.class != MessageClass::Error);
    reply
}
