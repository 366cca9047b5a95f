//! The life of a sign-in.
//!
//! | # | the visitor sees | here |
//! |---|---|---|
//! | 1 | a 303 to `/.gateway/sign-in?return=…` | made by the gateway: no cookie, no call |
//! | 2 | the form | [`SignIn::enter`] → [`SignIn::begin`]: a [`Transaction`] transaction in a cookie of its own |
//! | 3 | types, posts | [`SignIn::submit`]: token and origin, then answers against the current step |
//! | 4 | waits | [`SignIn::poll`]: one question to the org, "unchanged" or where to go |
//! | 5 | a 303 to where they wanted to go | [`SignIn::finish`]: code → tokens → identity → session |
//!
//! Around it: [`SignIn::show`] renders the step that the org holds now, [`SignIn::callback`] takes people
//! back from providers and links, [`SignIn::leave`] signs out. `respond` turns whatever the org said into
//! an answer; every path through a sign-in ends there.
//!
//! Handles, verifier, codes and tokens stay on this side; two addresses of the org cannot do without
//! (a provider's link and the logout). One visitor's requests of one sign-in wait for each other.

mod attempts;
mod begin;
mod callback;
mod doors;
mod entry_address;
mod external;
mod finish;
mod flow_cache;
mod poll;
mod request;
mod respond;
pub mod return_to;
pub mod screens;
mod settings;
mod sign_out;
pub mod transaction;
mod username_cookie;

use std::sync::Arc;

use http::{Method, StatusCode};

use crate::idx::{Client, Failure, Message, Remediation, Reply, Step};
use crate::limits::{Exhausted, Limits, Who};
use crate::metrics::{Metrics, SignInOutcome};
use crate::pages::{Notice, NoticeKind, Page, Pages, StringId, Text, strings};
use crate::session::{KeyRing, Session, Sessions};
use crate::time::Instant;
use crate::web::{Request, Response, Site};

pub use flow_cache::FlowCache;
use flow_cache::{FlowState, reply_digest};
use poll::is_same_step;
use request::SignInRequest;
use respond::{Feedback, is_too_often};
use screens::Posted;
pub use settings::{Offers, Settings};
use transaction::{Entry, FlowId, Transaction, TransactionCookies};

/// What a [`SignIn`] is made of.
pub struct SignInParts {
    /// The public side.
    pub site: Arc<Site>,
    /// What seals transactions.
    pub keys: Arc<KeyRing>,
    /// What a sign-in ends in.
    pub sessions: Arc<Sessions>,
    /// What people see.
    pub pages: Arc<Pages>,
    /// The org.
    pub client: Client,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What is remembered of sign-ins under way, whatever the configuration.
    pub flows: Arc<FlowCache>,
    /// What visitors did, whatever the configuration.
    pub limits: Arc<Limits>,
    /// The rest.
    pub settings: Settings,
}

/// Signs people in and out: everything under the reserved prefix, and the callback.
pub struct SignIn {
    site: Arc<Site>,
    keys: Arc<KeyRing>,
    sessions: Arc<Sessions>,
    pages: Arc<Pages>,
    client: Client,
    metrics: Arc<Metrics>,
    settings: Settings,
    flows: Arc<FlowCache>,
    limits: Arc<Limits>,
    /// Set once the log has been told that the org's passkeys are of another domain.
    passkeys_refused: std::sync::Once,
}

impl SignIn {
    /// Nobody has signed in yet.
    pub fn new(parts: SignInParts) -> Self {
        let SignInParts { site, keys, sessions, pages, client, metrics, flows, limits, settings } = parts;
        Self {
            site,
            keys,
            sessions,
            pages,
            client,
            metrics,
            settings,
            flows,
            limits,
            passkeys_refused: std::sync::Once::new(),
        }
    }

    /// Answers any request under the prefix, and the callback.
    pub async fn answer(&self, http: &Request<'_>, visitor: Option<&Session>, now: Instant) -> Response {
        let path = http.path();
        let request = &SignInRequest::new(self, http, visitor, now);
        if path == self.site.callback_path() {
            return self.callback(request).await;
        }
        let rest = path.strip_prefix(self.site.prefix()).unwrap_or_default().trim_start_matches('/');
        let parts: Vec<&str> = rest.split('/').collect();
        let (get, post) = (matches!(*http.method(), Method::GET | Method::HEAD), *http.method() == Method::POST);
        match parts[..] {
            ["static", name] if get => self.asset(request, name),
            ["sign-in"] if get => self.enter(request, Entry::SignIn).await,
            ["register"] if get => self.enter(request, Entry::Register).await,
            ["recover"] if get => self.enter(request, Entry::Recover).await,
            ["unlock"] if get => self.enter(request, Entry::Unlock).await,
            ["register"] if post => self.enter_with_token(request, Entry::Register).await,
            ["recover"] if post => self.enter_with_token(request, Entry::Recover).await,
            ["flow", id] if get => self.show(request, id).await,
            ["flow", id] if post => self.submit(request, id).await,
            ["flow", id, "poll"] if post => self.poll(request, id).await,
            ["flow", id, "idp", index] if get => self.provider(request, id, index).await,
            ["flow", id, "hosted"] if get => self.hosted(request, id).await,
            ["sign-out"] if get => self.ask_to_leave(request),
            ["sign-out"] if post => self.leave(request).await,
            ["signed-out"] if get => self.signed_out(request),
            ["account"] if get => self.account(request),
            ["language"] if post => self.language(request),
            [""] if get => Response::see_other(&format!("{}/account", self.site.prefix())),
            ["static", _]
            | ["sign-in" | "register" | "recover" | "unlock" | "sign-out" | "signed-out" | "account" | "language"]
            | ["flow", ..] => request.error(StatusCode::METHOD_NOT_ALLOWED, strings::DIDNT_WORK, strings::WRONG_METHOD),
            _ => request.error(StatusCode::NOT_FOUND, strings::PAGE_NOT_FOUND, strings::PAGE_NOT_FOUND_TEXT),
        }
    }

    /// The step that the org holds now.
    async fn show(&self, request: &SignInRequest<'_>, id: &str) -> Response {
        let Some(transaction) = self.find(request, id) else { return self.over(request, FlowId::parse(id)) };
        let flow = self.flows.of(&transaction.flow);
        let mut flow = flow.lock().await;
        if let Some(finished) = flow.finished(request.now) {
            return Response::see_other(finished.return_to.as_str()).with_cookies(finished.cookies.clone());
        }
        flow.look(request.query("s"), request.query("show").is_some(), request.now);
        match self.current(request, &transaction, &mut flow).await {
            Ok(reply) => match self.only_provider(request, &transaction, &reply) {
                Some(address) => Response::see_other(address),
                None => {
                    let text = Text::ours(strings::STEP_ALREADY_DONE);
                    let done = request.query("done").map(|_| Notice { kind: NoticeKind::Info, text });
                    self.page(
                        request,
                        &transaction,
                        &reply,
                        Feedback { notices: done.into_iter().collect(), ..Feedback::default() },
                    )
                }
            },
            Err(step) => self.respond(request, &transaction, &mut flow, step, &[], false).await,
        }
    }

    /// Posted answers, held against the current step; then wherever the org's reply leads.
    async fn submit(&self, request: &SignInRequest<'_>, id: &str) -> Response {
        if !self.site.is_same_origin_post(request.http) {
            return request.forged();
        }
        let Some(transaction) = self.find(request, id) else { return self.over(request, FlowId::parse(id)) };
        let posted = match request.http.form() {
            Ok(posted) => posted,
            Err(_) => return request.error(StatusCode::BAD_REQUEST, strings::DIDNT_WORK, strings::PAGE_OUT_OF_DATE),
        };
        let Some(made_of) = screens::value(&posted, "csrf").and_then(|token| transaction.made_of(token)) else {
            return request.forged();
        };
        let act = screens::value(&posted, "do").unwrap_or_default();
        let flow = self.flows.of(&transaction.flow);
        let mut flow = flow.lock().await;
        if let Some(finished) = flow.finished(request.now) {
            return Response::see_other(finished.return_to.as_str()).with_cookies(finished.cookies.clone());
        }
        let shown = screens::value(&posted, "step").unwrap_or_default();
        flow.invalidate_unless(|reply| reply_digest(reply) == made_of);
        let reply = match self.current(request, &transaction, &mut flow).await {
            Ok(reply) => reply,
            Err(step) => return self.respond(request, &transaction, &mut flow, step, &[], false).await,
        };
        if act == "cancel" {
            return self.cancel(request, &transaction, &mut flow, &reply).await;
        }
        if shown != screens::fingerprint(&reply) {
            return Response::see_other(&format!("{}?done", self.flow_url(&transaction.flow)));
        }
        let Some((form, resends)) = form_named(&reply, act) else {
            return Response::see_other(&self.flow_url(&transaction.flow));
        };
        if resends && let Some(wait) = flow.resend_wait(request.now) {
            let text = Text::ours(strings::JUST_SENT).with("n", i64::try_from(wait.as_secs()).unwrap_or(30));
            let notices = vec![Notice { kind: NoticeKind::Warn, text }];
            return self.page(request, &transaction, &reply, Feedback { notices, ..Feedback::default() });
        }
        let read = screens::read(form, &reply, &posted, self.settings.calling_code.as_deref());
        let answers = match (read, screens::check_password(form, &reply, &posted)) {
            (Ok(answers), problems) if problems.is_empty() => answers,
            (Ok(_), problems) | (Err(problems), _) => {
                return self.page(
                    request,
                    &transaction,
                    &reply,
                    Feedback { typed: &posted, problems, shown: Some(form.kind.clone()), ..Feedback::default() },
                );
            }
        };
        if let Err(wait) = flow.may_call(act, request.now) {
            return self.failed(request, Some(&transaction), &Failure::RateLimited(Some(wait)));
        }
        let typed = screens::value(&posted, "identifier");
        let username = typed.or(reply.user.as_ref().and_then(|user| user.identifier.as_deref()));
        let who = Who { address: request.http.peer, username, now: request.now };
        let attempt = self.limits.attempt(who, attempts::uses(form, resends), &self.settings.allowance).await;
        let attempt = match attempt {
            Ok(attempt) => attempt,
            Err(Exhausted { limit, wait }) => {
                return self.limited(request, limit, &self.flow_url(&transaction.flow), wait);
            }
        };
        let step = self.client.submit(form, &answers, &request.org_visitor()).await;
        attempts::settle(attempt, &step);
        flow.record_rate_limit(act, &step, request.now);
        if resends && matches!(&step, Step::Pending(reply) if reply.accepted) {
            flow.sent(request.now);
            if let Step::Pending(reply) = step {
                flow.keep(Arc::new(*reply.clone()), request.now);
                let notices = vec![Notice { kind: NoticeKind::Ok, text: Text::ours(sent_again(&reply)) }];
                return self.page(request, &transaction, &reply, Feedback { notices, ..Feedback::default() });
            }
        }
        self.respond(request, &transaction, &mut flow, step, &posted, true).await
    }

    /// The visitor goes back: the org is told, the transaction forgotten, and a new one may begin.
    async fn cancel(
        &self,
        request: &SignInRequest<'_>,
        transaction: &Transaction,
        flow: &mut FlowState,
        reply: &Reply,
    ) -> Response {
        if let Some(action) = reply.actions.iter().find(|action| action.name == "cancel")
            && flow.may_call("cancel", request.now).is_ok()
        {
            self.client.cancel(&action.form, &request.org_visitor()).await;
        }
        let forgotten = reply.user.as_ref().and_then(|_| self.forget_username(request));
        self.respond(request, transaction, flow, Step::Canceled, &[], true).await.with_cookies(forgotten)
    }

    /// Whatever the org said → an answer. `typed` was posted last; after a post that brought no message the
    /// browser is sent to GET the page, so that a reload repeats nothing.
    async fn respond(
        &self,
        request: &SignInRequest<'_>,
        transaction: &Transaction,
        flow: &mut FlowState,
        step: Step,
        typed: &Posted,
        posted: bool,
    ) -> Response {
        let before = flow.reply(request.now);
        let step = self.auto_advance(request, transaction, flow, step).await;
        match step {
            Step::Success(code) => match self.finish(request, transaction, flow, code).await {
                Ok(finished) => Response::see_other(finished.return_to.as_str()).with_cookies(finished.cookies),
                Err(failure) => {
                    flow.forget();
                    // A code counts once: whatever went wrong with it, a new sign-in is the way on.
                    let again = request.entry_url(Entry::SignIn, &transaction.return_to);
                    self.failed_at(request, &again, &failure)
                        .with_cookies([self.transactions().forget(&transaction.flow)])
                }
            },
            Step::Pending(reply) => {
                self.count(request, &reply);
                let moved = before.as_deref().is_none_or(|before| !is_same_step(before, &reply));
                // Refused or not, its handle is the newest.
                flow.keep(Arc::new(without_errors(&reply)), request.now);
                match reply.accepted {
                    true if posted && moved && reply.action("-resend").is_some() => flow.sent(request.now),
                    true => {}
                    false => self.metrics.sign_in(SignInOutcome::Rejected),
                }
                let silent =
                    reply.messages.is_empty() && reply.remediations.iter().all(|form| form.field_messages().is_empty());
                match posted && silent {
                    true => Response::see_other(&self.page_url(&transaction.flow, &reply)),
                    false => self.page(request, transaction, &reply, Feedback { typed, ..Feedback::default() }),
                }
            }
            Step::Terminal(reply) => self.ended(request, transaction, flow, &reply, typed, posted).await,
            Step::Failure(failure) => {
                self.metrics.sign_in(SignInOutcome::Provider);
                self.failed(request, Some(transaction), &failure)
            }
            Step::Canceled => {
                self.metrics.sign_in(SignInOutcome::Canceled);
                flow.forget();
                let again = request.entry_url(Entry::SignIn, &transaction.return_to);
                Response::see_other(&again).with_cookies([self.transactions().forget(&transaction.flow)])
            }
        }
    }

    /// A reply with a message and no form: the end, or a mistake after which the last form still stands.
    async fn ended(
        &self,
        request: &SignInRequest<'_>,
        transaction: &Transaction,
        flow: &mut FlowState,
        reply: &Reply,
        typed: &Posted,
        posted: bool,
    ) -> Response {
        self.count(request, reply);
        flow.forget();
        if let Some(wait) = reply.retry_after.filter(|_| reply.messages.iter().all(is_too_often)) {
            return self.failed(request, Some(transaction), &Failure::RateLimited(Some(wait)));
        }
        let over = reply.accepted || reply.retry_after.is_some() || reply.messages.iter().any(ends_it);
        if posted
            && !over
            && flow.may_call("introspect", request.now).is_ok()
            && let Step::Pending(mut current) =
                self.client.introspect(&transaction.handle, &request.org_visitor()).await
        {
            self.metrics.sign_in(SignInOutcome::Rejected);
            flow.remember(Arc::new(without_errors(&current)), request.now);
            current.messages = reply.messages.clone();
            return self.page(request, transaction, &current, Feedback { typed, ..Feedback::default() });
        }
        self.metrics.sign_in(SignInOutcome::Terminal);
        let again = request.entry_url(Entry::SignIn, &transaction.return_to);
        if let Some(address) = reply.leave.as_ref().filter(|_| reply.messages.is_empty()) {
            return request
                .hand_over(strings::SIGNING_YOU_IN, address.as_str())
                .with_cookies([self.transactions().forget(&transaction.flow)]);
        }
        let page = match reply.says("idx.session.expired") {
            true => screens::expired(&again),
            false => screens::terminal(
                reply,
                &again,
                self.settings.offers.request_access_url.as_deref(),
                &request.http.id.to_string(),
            ),
        };
        match reply.retry_after {
            Some(wait) => request
                .page(StatusCode::TOO_MANY_REQUESTS, Page::Message(Box::new(page)))
                .with_header(http::header::RETRY_AFTER, &wait.as_secs().to_string()),
            None => request.page(StatusCode::OK, Page::Message(Box::new(page))),
        }
    }

    /// The current step: what was remembered, else what the org says. What is not a step comes back as an error.
    async fn current(
        &self,
        request: &SignInRequest<'_>,
        transaction: &Transaction,
        flow: &mut FlowState,
    ) -> Result<Arc<Reply>, Step> {
        if let Some(reply) = flow.reply(request.now) {
            if reply.remediations.is_empty() {
                flow.forget();
                return Err(Step::Terminal(Box::new(Reply::clone(&reply))));
            }
            return Ok(reply);
        }
        if let Err(wait) = flow.may_call("introspect", request.now) {
            return Err(Step::Failure(Failure::RateLimited(Some(wait))));
        }
        let step = self.client.introspect(&transaction.handle, &request.org_visitor()).await;
        flow.record_rate_limit("introspect", &step, request.now);
        match self.auto_advance(request, transaction, flow, step).await {
            Step::Pending(reply) => {
                self.count(request, &reply);
                let reply = Arc::new(*reply);
                flow.remember(Arc::clone(&reply), request.now);
                Ok(reply)
            }
            step => Err(step),
        }
    }

    fn find(&self, request: &SignInRequest<'_>, id: &str) -> Option<Transaction> {
        self.transactions().find(request.http, &FlowId::parse(id)?, request.now)
    }

    /// There is no such sign-in under way: whoever finished it here goes where it led to.
    fn over(&self, request: &SignInRequest<'_>, flow: Option<FlowId>) -> Response {
        let led_to =
            request.visitor.and(flow).and_then(|flow| self.transactions().led_to(request.http, &flow, request.now));
        led_to.map_or_else(|| request.lost(), |return_to| Response::see_other(return_to.as_str()))
    }

    fn transactions(&self) -> TransactionCookies<'_> {
        TransactionCookies { site: &self.site, keys: &self.keys, lifetime: self.settings.lifetime }
    }

    fn flow_url(&self, flow: &FlowId) -> String {
        format!("{}/flow/{flow}", self.site.prefix())
    }

    /// Where the page of a reply that has just come is.
    fn page_url(&self, flow: &FlowId, reply: &Reply) -> String {
        format!("{}?s={}", self.flow_url(flow), screens::fingerprint(reply))
    }

    fn asset(&self, request: &SignInRequest<'_>, name: &str) -> Response {
        match self.pages.asset(name) {
            Some(asset) => Response::asset(asset.content_type, asset.body.clone()),
            None => request.error(StatusCode::NOT_FOUND, strings::PAGE_NOT_FOUND, strings::PAGE_NOT_FOUND_TEXT),
        }
    }
}

/// The form that a page's hidden `do` names, and whether it sends a code again.
fn form_named<'a>(reply: &'a Reply, act: &str) -> Option<(&'a Remediation, bool)> {
    if act == "poll" {
        return reply.poll().map(|form| (form, false));
    }
    let remediation =
        reply.remediations.iter().find(|form| form.kind.name() == act && !form.navigates).map(|form| (form, false));
    remediation.or_else(|| {
        let action = reply.actions.iter().find(|action| action.name == act)?;
        Some((&action.form, act.ends_with("-resend")))
    })
}

/// What went out once more.
fn sent_again(reply: &Reply) -> StringId {
    match reply.first().is_some_and(|first| first.kind == crate::idx::Kind::EnrollPoll) {
        true => strings::SET_UP_LINK_SENT,
        false => strings::NEW_CODE_SENT,
    }
}

/// A reply as it is remembered: what went wrong with one post is not said again.
fn without_errors(reply: &Reply) -> Reply {
    let mut reply = reply.clone();
    reply.messages.retain(|message| message.class != crate::idx::MessageClass::Error);
    reply
}

/// Messages after which the transaction cannot go on.
fn ends_it(message: &Message) -> bool {
    const KEYS: [&str; 12] = [
        "idx.session.expired",
        "tooManyRequests",
        "oie.tooManyRequests",
        "core.system.transaction_resource_not_found",
        "security.access_denied",
        "security.access_denied_custom_message",
        "oie.assurance.unsatisfiable",
        "idx.recovery.completed",
        "idx.email.verification.required",
        "oie.selfservice.unlock_user.success.message",
        "oie.selfservice.user.unlock.not.allowed",
        "api.users.auth.error.POST_PASSWORD_UPDATE_AUTH_FAILURE",
    ];
    message
        .key
        .as_deref()
        .is_some_and(|key| KEYS.contains(&key) || key.starts_with("idx.return") || key.starts_with("idx.error.code"))
}
