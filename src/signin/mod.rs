//! The life of a sign-in.
//!
//! | # | the visitor sees | here |
//! |---|---|---|
//! | 1 | a 303 to `/.gateway/sign-in?return=…` | made by the gateway: no cookie, no call |
//! | 2 | the form | [`SignIn::enter`] → [`SignIn::begin`]: a [`Started`] transaction in a cookie of its own |
//! | 3 | types, posts | [`SignIn::submit`]: token and origin, then answers against the current step |
//! | 4 | waits | [`SignIn::poll`]: one question to the org, "unchanged" or where to go |
//! | 5 | a 303 to where they wanted to go | [`SignIn::finish`]: code → tokens → identity → session |
//!
//! Around it: [`SignIn::show`] renders the step that the org holds now, [`SignIn::callback`] takes people
//! back from providers and links, [`SignIn::leave`] signs out. `arrive` turns whatever the org said into
//! an answer; every path through a sign-in ends there.
//!
//! Handles, verifier, codes and tokens stay on this side; two addresses of the org cannot do without
//! (a provider's link and the logout). One visitor's requests of one sign-in wait for each other.

mod ask;
mod automatic;
mod away;
mod callback;
mod entrance;
mod finish;
mod flows;
pub mod form;
mod leave;
mod remembered;
pub mod return_to;
mod settings;
mod shown;
pub mod transaction;
mod waiting;

use std::sync::Arc;

use http::header::CONTENT_SECURITY_POLICY;
use http::{Method, StatusCode};

use crate::access::AuthnRequirement;
use crate::idx::{Client, Failure, Message, Remediation, Reply, Step};
use crate::metrics::{Metrics, SignInOutcome};
use crate::pages::{Notice, NoticeKind, Page, Pages, Text};
use crate::session::{KeyRing, Session, Sessions};
use crate::time::Instant;
use crate::web::{Request, Response, Site};

use ask::Ask;
use flows::{Flow, Flows, mark};
use form::Posted;
pub use settings::{Offers, STARTS_A_MINUTE, Settings};
use shown::{Said, is_too_often};
use transaction::{Entry, FlowId, Started, Transactions};
use waiting::is_same_step;

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
    flows: Flows,
    starts: entrance::Starts,
    /// Set once the log has been told that the org's passkeys are of another domain.
    passkeys_refused: std::sync::Once,
}

impl SignIn {
    /// Nobody has signed in yet.
    pub fn new(parts: SignInParts) -> Self {
        let SignInParts { site, keys, sessions, pages, client, metrics, settings } = parts;
        let starts = entrance::Starts::new(settings.starts_a_minute);
        Self {
            site,
            keys,
            sessions,
            pages,
            client,
            metrics,
            settings,
            flows: Flows::default(),
            starts,
            passkeys_refused: std::sync::Once::new(),
        }
    }

    /// Where a visitor without a session is sent, to come back to what they asked for.
    pub fn sign_in_url(&self, request: &Request<'_>) -> String {
        let target: String = url::form_urlencoded::byte_serialize(request.target().as_bytes()).collect();
        format!("{}/sign-in?return={target}", self.site.prefix())
    }

    /// Where somebody who is signed in proves more, or again: an entrance that says what is asked.
    pub fn step_up_url(&self, sign_in_url: &str, asked: &AuthnRequirement) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(values) = asked.acr_values() {
            query.append_pair("acr_values", values);
        }
        if let Some(max_age) = asked.max_age() {
            query.append_pair("max_age", &max_age.as_secs().to_string());
        }
        format!("{sign_in_url}&{}", query.finish())
    }

    /// Answers any request under the prefix, and the callback.
    pub async fn answer(&self, request: &Request<'_>, visitor: Option<&Session>, now: Instant) -> Response {
        let ask = Ask::new(self, request, visitor, now);
        let path = request.path();
        if path == self.site.callback_path() {
            return self.callback(&ask).await;
        }
        let rest = path.strip_prefix(self.site.prefix()).unwrap_or_default().trim_start_matches('/');
        let parts: Vec<&str> = rest.split('/').collect();
        let (get, post) = (matches!(*request.method(), Method::GET | Method::HEAD), *request.method() == Method::POST);
        match parts[..] {
            ["static", name] if get => self.asset(&ask, name),
            ["sign-in"] if get => self.enter(&ask, Entry::SignIn).await,
            ["register"] if get => self.enter(&ask, Entry::Register).await,
            ["recover"] if get => self.enter(&ask, Entry::Recover).await,
            ["unlock"] if get => self.enter(&ask, Entry::Unlock).await,
            ["register"] if post => self.enter_with_token(&ask, Entry::Register).await,
            ["recover"] if post => self.enter_with_token(&ask, Entry::Recover).await,
            ["flow", id] if get => self.show(&ask, id).await,
            ["flow", id] if post => self.submit(&ask, id).await,
            ["flow", id, "poll"] if post => self.poll(&ask, id).await,
            ["flow", id, "idp", index] if get => self.provider(&ask, id, index).await,
            ["flow", id, "hosted"] if get => self.hosted(&ask, id).await,
            ["sign-out"] if get => self.ask_to_leave(&ask),
            ["sign-out"] if post => self.leave(&ask).await,
            ["signed-out"] if get => self.signed_out(&ask),
            ["account"] if get => self.account(&ask),
            ["language"] if post => self.language(&ask),
            [""] if get => Response::see_other(&format!("{}/account", self.site.prefix())),
            ["static", _]
            | ["sign-in" | "register" | "recover" | "unlock" | "sign-out" | "signed-out" | "account" | "language"]
            | ["flow", ..] => ask.error(StatusCode::METHOD_NOT_ALLOWED, "didnt-work", "wrong-method"),
            _ => ask.error(StatusCode::NOT_FOUND, "page-not-found", "page-not-found-text"),
        }
    }

    /// The step that the org holds now.
    async fn show(&self, ask: &Ask<'_>, id: &str) -> Response {
        let Some(started) = self.find(ask, id) else { return self.over(ask, FlowId::parse(id)) };
        let flow = self.flows.of(&started.flow, ask.now);
        let mut flow = flow.lock().await;
        if let Some(finished) = flow.finished(ask.now) {
            return Response::see_other(finished.return_to.as_str()).with_cookies(finished.cookies.clone());
        }
        flow.look(ask.query("s"), ask.query("show").is_some(), ask.now);
        match self.current(ask, &started, &mut flow).await {
            Ok(reply) => match self.only_provider(ask, &started, &reply) {
                Some(address) => Response::see_other(address),
                None => {
                    let text = Text::ours("step-already-done");
                    let done = ask.query("done").map(|_| Notice { kind: NoticeKind::Info, text });
                    self.page(ask, &started, &reply, Said { notices: done.into_iter().collect(), ..Said::default() })
                }
            },
            Err(step) => self.arrive(ask, &started, &mut flow, step, &[], false).await,
        }
    }

    /// Posted answers, held against the current step; then wherever the org's reply leads.
    async fn submit(&self, ask: &Ask<'_>, id: &str) -> Response {
        if !self.site.is_same_origin_post(ask.request) {
            return ask.forged();
        }
        let Some(started) = self.find(ask, id) else { return self.over(ask, FlowId::parse(id)) };
        let posted = match ask.request.form() {
            Ok(posted) => posted,
            Err(_) => return ask.error(StatusCode::BAD_REQUEST, "didnt-work", "page-out-of-date"),
        };
        let Some(made_of) = form::value(&posted, "csrf").and_then(|token| started.made_of(token)) else {
            return ask.forged();
        };
        let act = form::value(&posted, "do").unwrap_or_default();
        let flow = self.flows.of(&started.flow, ask.now);
        let mut flow = flow.lock().await;
        if let Some(finished) = flow.finished(ask.now) {
            return Response::see_other(finished.return_to.as_str()).with_cookies(finished.cookies.clone());
        }
        let shown = form::value(&posted, "step").unwrap_or_default();
        flow.trust(|reply| mark(reply) == made_of);
        let reply = match self.current(ask, &started, &mut flow).await {
            Ok(reply) => reply,
            Err(step) => return self.arrive(ask, &started, &mut flow, step, &[], false).await,
        };
        if act == "cancel" {
            return self.cancel(ask, &started, &mut flow, &reply).await;
        }
        if shown != form::fingerprint(&reply) {
            return Response::see_other(&format!("{}?done", self.flow_url(&started.flow)));
        }
        let Some((form, resends)) = form_named(&reply, act) else {
            return Response::see_other(&self.flow_url(&started.flow));
        };
        if resends && let Some(wait) = flow.resend_wait(ask.now) {
            let text = Text::ours("just-sent").with("n", i64::try_from(wait.as_secs()).unwrap_or(30));
            let notices = vec![Notice { kind: NoticeKind::Warn, text }];
            return self.page(ask, &started, &reply, Said { notices, ..Said::default() });
        }
        let read = form::read(form, &reply, &posted, self.settings.calling_code.as_deref());
        let answers = match (read, form::check_password(form, &reply, &posted)) {
            (Ok(answers), problems) if problems.is_empty() => answers,
            (Ok(_), problems) | (Err(problems), _) => {
                return self.page(
                    ask,
                    &started,
                    &reply,
                    Said { typed: &posted, problems, shown: Some(form.kind.clone()), ..Said::default() },
                );
            }
        };
        let step = match flow.may_call(act, ask.now) {
            Ok(()) => self.client.submit(form, &answers, &ask.org_visitor()).await,
            Err(wait) => return self.failed(ask, Some(&started), &Failure::RateLimited(Some(wait))),
        };
        flow.heed(act, &step, ask.now);
        if resends && matches!(&step, Step::Pending(reply) if reply.accepted) {
            flow.sent(ask.now);
            if let Step::Pending(reply) = step {
                flow.keep(Arc::new(*reply.clone()), ask.now);
                let notices = vec![Notice { kind: NoticeKind::Ok, text: Text::ours(sent_again(&reply)) }];
                return self.page(ask, &started, &reply, Said { notices, ..Said::default() });
            }
        }
        self.arrive(ask, &started, &mut flow, step, &posted, true).await
    }

    /// The visitor goes back: the org is told, the transaction forgotten, and a new one may begin.
    async fn cancel(&self, ask: &Ask<'_>, started: &Started, flow: &mut Flow, reply: &Reply) -> Response {
        if let Some(action) = reply.actions.iter().find(|action| action.name == "cancel")
            && flow.may_call("cancel", ask.now).is_ok()
        {
            self.client.cancel(&action.form, &ask.org_visitor()).await;
        }
        let forgotten = reply.user.as_ref().and_then(|_| self.forget_username(ask));
        self.arrive(ask, started, flow, Step::Canceled, &[], true).await.with_cookies(forgotten)
    }

    /// Whatever the org said → an answer. `typed` was posted last; after a post that brought no message the
    /// browser is sent to GET the page, so that a reload repeats nothing.
    async fn arrive(
        &self,
        ask: &Ask<'_>,
        started: &Started,
        flow: &mut Flow,
        step: Step,
        typed: &Posted,
        posted: bool,
    ) -> Response {
        let before = flow.reply(ask.now);
        let step = self.settle(ask, started, flow, step).await;
        match step {
            Step::Success(code) => match self.finish(ask, started, flow, code).await {
                Ok(finished) => Response::see_other(finished.return_to.as_str()).with_cookies(finished.cookies),
                Err(failure) => {
                    flow.forget();
                    // A code counts once: whatever went wrong with it, a new sign-in is the way on.
                    let again = ask.entry_url(Entry::SignIn, &started.return_to);
                    self.failed_at(ask, &again, &failure).with_cookies([self.transactions().forget(&started.flow)])
                }
            },
            Step::Pending(reply) => {
                self.count(ask, &reply);
                let moved = before.as_deref().is_none_or(|before| !is_same_step(before, &reply));
                // Refused or not, its handle is the newest.
                flow.keep(Arc::new(without_errors(&reply)), ask.now);
                match reply.accepted {
                    true if posted && moved && reply.action("-resend").is_some() => flow.sent(ask.now),
                    true => {}
                    false => self.metrics.sign_in(SignInOutcome::Rejected),
                }
                let silent =
                    reply.messages.is_empty() && reply.remediations.iter().all(|form| form.field_messages().is_empty());
                match posted && silent {
                    true => Response::see_other(&self.page_url(&started.flow, &reply)),
                    false => self.page(ask, started, &reply, Said { typed, ..Said::default() }),
                }
            }
            Step::Terminal(reply) => self.ended(ask, started, flow, &reply, typed, posted).await,
            Step::Failure(failure) => {
                self.metrics.sign_in(SignInOutcome::Provider);
                self.failed(ask, Some(started), &failure)
            }
            Step::Canceled => {
                self.metrics.sign_in(SignInOutcome::Canceled);
                flow.forget();
                let again = ask.entry_url(Entry::SignIn, &started.return_to);
                Response::see_other(&again).with_cookies([self.transactions().forget(&started.flow)])
            }
        }
    }

    /// A reply with a message and no form: the end, or a mistake after which the last form still stands.
    async fn ended(
        &self,
        ask: &Ask<'_>,
        started: &Started,
        flow: &mut Flow,
        reply: &Reply,
        typed: &Posted,
        posted: bool,
    ) -> Response {
        self.count(ask, reply);
        flow.forget();
        if let Some(wait) = reply.retry_after.filter(|_| reply.messages.iter().all(is_too_often)) {
            return self.failed(ask, Some(started), &Failure::RateLimited(Some(wait)));
        }
        let over = reply.accepted || reply.retry_after.is_some() || reply.messages.iter().any(ends_it);
        if posted
            && !over
            && flow.may_call("introspect", ask.now).is_ok()
            && let Step::Pending(mut current) = self.client.introspect(&started.handle, &ask.org_visitor()).await
        {
            self.metrics.sign_in(SignInOutcome::Rejected);
            flow.remember(Arc::new(without_errors(&current)), ask.now);
            current.messages = reply.messages.clone();
            return self.page(ask, started, &current, Said { typed, ..Said::default() });
        }
        self.metrics.sign_in(SignInOutcome::Terminal);
        let again = ask.entry_url(Entry::SignIn, &started.return_to);
        if let Some(address) = reply.leave.as_ref().filter(|_| reply.messages.is_empty()) {
            return ask
                .hand_over("signing-you-in", address.as_str())
                .with_cookies([self.transactions().forget(&started.flow)]);
        }
        let page = match reply.says("idx.session.expired") {
            true => form::expired(&again),
            false => form::terminal(
                reply,
                &again,
                self.settings.offers.request_access_url.as_deref(),
                &ask.request.id.to_string(),
            ),
        };
        match reply.retry_after {
            Some(wait) => ask
                .page(StatusCode::TOO_MANY_REQUESTS, Page::Message(Box::new(page)))
                .with_header(http::header::RETRY_AFTER, &wait.as_secs().to_string()),
            None => ask.page(StatusCode::OK, Page::Message(Box::new(page))),
        }
    }

    /// The current step: what was remembered, else what the org says. What is not a step comes back as an error.
    async fn current(&self, ask: &Ask<'_>, started: &Started, flow: &mut Flow) -> Result<Arc<Reply>, Step> {
        if let Some(reply) = flow.reply(ask.now) {
            if reply.remediations.is_empty() {
                flow.forget();
                return Err(Step::Terminal(Box::new(Reply::clone(&reply))));
            }
            return Ok(reply);
        }
        if let Err(wait) = flow.may_call("introspect", ask.now) {
            return Err(Step::Failure(Failure::RateLimited(Some(wait))));
        }
        let step = self.client.introspect(&started.handle, &ask.org_visitor()).await;
        flow.heed("introspect", &step, ask.now);
        match self.settle(ask, started, flow, step).await {
            Step::Pending(reply) => {
                self.count(ask, &reply);
                let reply = Arc::new(*reply);
                flow.remember(Arc::clone(&reply), ask.now);
                Ok(reply)
            }
            step => Err(step),
        }
    }

    fn find(&self, ask: &Ask<'_>, id: &str) -> Option<Started> {
        self.transactions().find(ask.request, &FlowId::parse(id)?, ask.now)
    }

    /// There is no such sign-in under way: whoever finished it here goes where it led to.
    fn over(&self, ask: &Ask<'_>, flow: Option<FlowId>) -> Response {
        let led_to = ask.visitor.and(flow).and_then(|flow| self.transactions().led_to(ask.request, &flow));
        led_to.map_or_else(|| ask.lost(), |return_to| Response::see_other(return_to.as_str()))
    }

    fn transactions(&self) -> Transactions<'_> {
        Transactions { site: &self.site, keys: &self.keys, lifetime: self.settings.lifetime }
    }

    fn flow_url(&self, flow: &FlowId) -> String {
        format!("{}/flow/{flow}", self.site.prefix())
    }

    /// Where the page of a reply that has just come is.
    fn page_url(&self, flow: &FlowId, reply: &Reply) -> String {
        format!("{}?s={}", self.flow_url(flow), form::fingerprint(reply))
    }

    fn asset(&self, ask: &Ask<'_>, name: &str) -> Response {
        match self.pages.asset(name) {
            Some(asset) => {
                let response = Response::asset(asset.content_type, asset.body.clone());
                // A picture that was opened as a page of its own may do nothing.
                asset
                    .policy
                    .into_iter()
                    .fold(response, |response, policy| response.with_header(CONTENT_SECURITY_POLICY, policy))
            }
            None => ask.error(StatusCode::NOT_FOUND, "page-not-found", "page-not-found-text"),
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
fn sent_again(reply: &Reply) -> &'static str {
    match reply.first().is_some_and(|first| first.kind == crate::idx::Kind::EnrollPoll) {
        true => "set-up-link-sent",
        false => "new-code-sent",
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
