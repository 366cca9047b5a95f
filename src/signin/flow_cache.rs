//! What this process remembers of sign-ins under way, for a short time and only to save calls.
//!
//! Everything works without it, on any replica: the cookie holds the sign-in, and the org tells the step.
//! With it, a page after a post needs no call, requests of one sign-in wait for each other (a double
//! click, a poll beside a post), the org's limit of ten calls in five seconds and its `Retry-After` are kept, a code is
//! not sent twice in half a minute, and a finished sign-in answers a second click with the same session.
//!
//! Another replica may have gone on in the meantime. So whatever comes from a page says which reply the page
//! was made of ([`reply_digest`]), and only that one is taken from memory; a second look at a page asks the org.

use std::collections::VecDeque;
use std::hash::RandomState;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use quick_cache::sync::Cache;
use quick_cache::{Lifecycle, UnitWeighter};

use super::flow_url::FlowView;
use super::return_to::ReturnTo;
use super::screens;
use super::transaction::FlowId;
use crate::idx::{Failure, Remediation, Reply, Shape, Step};
use crate::secret::sha256;
use crate::session::{Session, Unavailable};
use crate::time::Instant;
use crate::web::CookieChanges;

/// The most sign-ins that are remembered; those that no request is about go first.
const MAX_FLOWS: usize = 4096;
/// How long a reply stands for the current step.
const REPLY_AGE: Duration = Duration::from_secs(60);
/// How long a finished sign-in is remembered.
const FINISHED_AGE: Duration = Duration::from_secs(60);
/// The org's limit: calls of one sign-in within [`WINDOW`].
const CALLS: usize = 10;
const WINDOW: Duration = Duration::from_secs(5);
/// How long an org is not called after a 429 that does not say how long.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(60);
/// The call that asks for the current step; any other is named after the form that is posted, as the org's limits have it.
pub(super) const INTROSPECT: &str = "introspect";
/// The shortest time between two sendings of a code.
pub(super) const RESEND: Duration = Duration::from_secs(30);

/// The sign-ins that this process has seen lately. Independent of any configuration: flows are named by random ids.
pub struct FlowCache(Cache<FlowId, SharedFlow, UnitWeighter, RandomState, InUse>);

/// What is remembered of one sign-in, for one request at a time.
type SharedFlow = Arc<tokio::sync::Mutex<FlowState>>;

/// Keeps the entries that a request holds: without that the second click of a double click might not find the first.
#[derive(Clone)]
struct InUse;

impl Lifecycle<FlowId, SharedFlow> for InUse {
    type RequestState = ();

    fn is_pinned(&self, _: &FlowId, flow: &SharedFlow) -> bool {
        Arc::strong_count(flow) > 1
    }
}

impl Default for FlowCache {
    fn default() -> Self {
        Self(Cache::with(MAX_FLOWS, MAX_FLOWS as u64, UnitWeighter, RandomState::new(), InUse))
    }
}

impl FlowCache {
    /// What is remembered of this sign-in, to be locked for one request at a time.
    pub(super) fn of(&self, flow: &FlowId) -> SharedFlow {
        let remembered = self.0.get_or_insert_with(flow, || Ok::<_, std::convert::Infallible>(SharedFlow::default()));
        remembered.unwrap_or_default()
    }
}

/// What is remembered of one sign-in.
#[derive(Default)]
pub(super) struct FlowState {
    reply: Option<(Arc<Reply>, Instant)>,
    /// Whether the reply came with a post, and no page was made of it yet.
    is_news: bool,
    calls: VecDeque<Instant>,
    /// Until when the org wants no call of this form, or none at all.
    limits: Vec<(Option<String>, Instant)>,
    sent: Option<Instant>,
    /// What was declined for the visitor, by its address.
    declined: Vec<url::Url>,
    finished: Option<(Finished, Instant)>,
}

/// Why a code brought no session.
pub(super) enum NotFinished {
    /// The provider's answer.
    Org(Failure),
    /// The session store does not answer.
    Store,
    /// All sessions of this person ended so long ago, and the provider's page says that they last proved who they are before.
    EndedSince(Duration),
}

impl NotFinished {
    /// What [`NotFinished::EndedSince`] is where nobody can be asked.
    pub(super) const PROVEN_BEFORE: Failure = Failure::NotAllowed("its `auth_time` is before all their sessions ended");
}

impl From<Failure> for NotFinished {
    fn from(failure: Failure) -> Self {
        Self::Org(failure)
    }
}

impl From<Unavailable> for NotFinished {
    fn from(_: Unavailable) -> Self {
        Self::Store
    }
}

/// How a sign-in ended: what a second click of the last form gets too.
#[derive(Clone)]
pub(super) struct Finished {
    /// Which sign-in.
    pub(super) flow: FlowId,
    /// Where to go.
    pub(super) return_to: ReturnTo,
    /// The session.
    pub(super) session: Arc<Session>,
    /// How the browser gets it.
    pub(super) cookies: CookieChanges,
}

impl FlowState {
    /// The last reply, if it is recent enough to stand for the current step.
    pub(super) fn reply(&self, now: Instant) -> Option<Arc<Reply>> {
        self.reply.as_ref().filter(|(_, at)| now.since(*at) < REPLY_AGE).map(|(reply, _)| Arc::clone(reply))
    }

    /// Keeps the org's reply to a post, for the page that is made of it next.
    pub(super) fn keep(&mut self, reply: Arc<Reply>, now: Instant) {
        self.reply = Some((reply, now));
        self.is_news = true;
    }

    /// Keeps the org's answer to what the current step is.
    pub(super) fn remember(&mut self, reply: Arc<Reply>, now: Instant) {
        self.reply = Some((reply, now));
        self.is_news = false;
    }

    /// The page of this step is asked for. After the post that brought it, and for another form of it, it is made
    /// from memory; otherwise the org is asked.
    pub(super) fn look(&mut self, view: &FlowView, now: Instant) {
        let is_news = std::mem::take(&mut self.is_news);
        let step = match view {
            FlowView::Step(step) if is_news => Some(step),
            FlowView::Form(_, step) => step.as_ref(),
            _ => None,
        };
        match step {
            // Better an older page than none.
            _ if self.how_long(INTROSPECT, now).is_some() => {}
            Some(step) => self.invalidate_unless(|reply| screens::fingerprint(reply) == *step),
            None => self.forget(),
        }
    }

    /// A form or a poll came from a page that was made of such a reply: another reply is forgotten.
    pub(super) fn invalidate_unless(&mut self, is_it: impl Fn(&Reply) -> bool) {
        if self.reply.as_ref().is_some_and(|(reply, _)| !is_it(reply)) {
            self.forget();
        }
    }

    /// Forgets the reply, so that the org is asked for the next one.
    pub(super) fn forget(&mut self) {
        self.reply = None;
    }

    /// Counts one more call of this form, if that keeps to the org's limits; else says how long to wait.
    pub(super) fn may_call(&mut self, call: &str, now: Instant) -> Result<(), Duration> {
        self.how_long(call, now).map_or(Ok(()), Err)?;
        self.calls.push_back(now);
        Ok(())
    }

    fn how_long(&mut self, call: &str, now: Instant) -> Option<Duration> {
        self.limits.retain(|(_, until)| now < *until);
        let limits = self.limits.iter().filter(|(of, _)| of.as_deref().is_none_or(|of| of == call));
        let wanted = limits.map(|(_, until)| until.since(now)).max();
        // Whole seconds: one more than the window, so that no part of a second is lost.
        while self.calls.front().is_some_and(|call| now.since(*call) > WINDOW) {
            self.calls.pop_front();
        }
        wanted.or((self.calls.len() >= CALLS).then_some(WINDOW))
    }

    /// Records a reply that says how long the org wants no more calls: of the form that was posted where the reply still
    /// shows a form, since a code that was sent already may be typed; else of any.
    pub(super) fn record_rate_limit(&mut self, call: &str, step: &Step, now: Instant) {
        let (of, wait) = match step {
            Step::Pending(reply) => (Some(call.to_owned()), reply.retry_after),
            Step::Terminal(reply) => (None, reply.retry_after),
            Step::Failure(Failure::RateLimited(wait)) => (None, Some(wait.unwrap_or(DEFAULT_WAIT))),
            _ => return,
        };
        if let Some(wait) = wait {
            self.limits.push((of, now.after(wait)));
        }
    }

    /// How long to wait before a code may be sent again; nothing when it may be now.
    pub(super) fn resend_wait(&self, now: Instant) -> Option<Duration> {
        let passed = now.since(self.sent?);
        RESEND.checked_sub(passed).filter(|wait| !wait.is_zero())
    }

    /// A code was sent.
    pub(super) fn sent(&mut self, now: Instant) {
        self.sent = Some(now);
    }

    /// Declines this, unless it was declined before: then it is for the visitor to see.
    pub(super) fn declines(&mut self, form: &Remediation) -> bool {
        let Some(address) = form.href.as_ref().filter(|address| !self.declined.contains(address)) else { return false };
        self.declined.push(address.clone());
        true
    }

    /// How it ended, if it did a moment ago.
    pub(super) fn finished(&self, now: Instant) -> Option<&Finished> {
        self.finished.as_ref().filter(|(_, at)| now.since(*at) < FINISHED_AGE).map(|(finished, _)| finished)
    }

    /// It ended so.
    pub(super) fn finish(&mut self, finished: Finished, now: Instant) {
        self.reply = None;
        self.finished = Some((finished, now));
    }
}

/// Which reply a page was made of: a digest of its step and of the handle that goes with the next post.
pub(super) fn reply_digest(reply: &Reply) -> String {
    let handle = reply.remediations.iter().find_map(|form| match &form.field("stateHandle")?.shape {
        Shape::Fixed(handle) => handle.as_str(),
        _ => None,
    });
    let text = format!("{} {}", screens::fingerprint(reply), handle.unwrap_or_default());
    URL_SAFE_NO_PAD.encode(&sha256(text)[..6])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_seconds(1_000);

    #[test]
    fn the_eleventh_call_in_five_seconds_waits() {
        let mut flow = FlowState::default();
        for _ in 0..CALLS {
            assert_eq!(flow.may_call("identify", NOW), Ok(()));
        }
        assert_eq!(flow.may_call("identify", NOW.after(WINDOW)), Err(WINDOW));
        assert_eq!(flow.may_call("identify", NOW.after(WINDOW + Duration::from_secs(1))), Ok(()));
    }

    #[test]
    fn an_org_that_wants_to_be_left_alone_is() {
        let mut flow = FlowState::default();
        flow.record_rate_limit("resend", &Step::Failure(Failure::RateLimited(Some(Duration::from_secs(9)))), NOW);
        assert_eq!(flow.may_call("identify", NOW.after(Duration::from_secs(2))), Err(Duration::from_secs(7)));
        assert_eq!(flow.may_call("identify", NOW.after(Duration::from_secs(9))), Ok(()));
        let form = br#"{"version": "1.0.0", "remediation": {"value": [{"name": "challenge-authenticator"}]}}"#;
        let org = url::Url::parse("https://org.example").expect("an address");
        let again = Some(Duration::from_secs(20));
        flow.record_rate_limit("resend", &Step::parse(429, again, form, &org), NOW);
        assert_eq!(flow.may_call("resend", NOW), Err(Duration::from_secs(20)));
        assert_eq!(flow.may_call("challenge-authenticator", NOW), Ok(()), "a code that came may be typed");
    }

    #[test]
    fn a_code_is_not_sent_twice_in_half_a_minute() {
        let mut flow = FlowState::default();
        assert_eq!(flow.resend_wait(NOW), None);
        flow.sent(NOW);
        assert_eq!(flow.resend_wait(NOW.after(Duration::from_secs(10))), Some(Duration::from_secs(20)));
        assert_eq!(flow.resend_wait(NOW.after(RESEND)), None);
    }

    fn flow(index: usize) -> FlowId {
        FlowId::parse(&format!("{index:022}")).expect("an id")
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let flows = FlowCache::default();
        (0..3 * MAX_FLOWS).for_each(|index| drop(flows.of(&flow(index))));
        assert!(flows.0.len() <= MAX_FLOWS, "{}", flows.0.len());
    }

    #[tokio::test]
    async fn a_flood_of_strangers_does_not_part_the_two_clicks_of_a_double_click() {
        let flows = Arc::new(FlowCache::default());
        let (answered, org_answers) = tokio::sync::oneshot::channel::<()>();
        let (begun, first_has_begun) = tokio::sync::oneshot::channel::<()>();
        let first = tokio::spawn({
            let flows = Arc::clone(&flows);
            async move {
                let state = flows.of(&flow(0));
                let mut state = state.lock().await;
                begun.send(()).expect("the test waits");
                org_answers.await.expect("the org answers");
                let identity = crate::access::policy::tests::member_of(&[]);
                let session = Arc::new(Session {
                    id: [0; 16],
                    identity,
                    signed_in: NOW,
                    sid: None,
                    has_verified_email: false,
                    device: None,
                    stays: false,
                    lease: None,
                });
                let (return_to, cookies) = (ReturnTo::home(&site()), CookieChanges::default());
                state.finish(Finished { flow: flow(0), return_to, session, cookies }, NOW);
            }
        });
        first_has_begun.await.expect("the first click is under way");
        for index in 1..=3 * MAX_FLOWS {
            drop(flows.of(&flow(index)));
        }
        let second = flows.of(&flow(0));
        assert!(second.try_lock().is_err(), "the second click waits for the first");
        answered.send(()).expect("the first click waits");
        first.await.expect("the first click ends");
        assert!(second.lock().await.finished(NOW).is_some(), "the second click is answered with what the first led to");
    }

    fn site() -> crate::web::Site {
        let public_url = url::Url::parse("https://wiki.example.com").expect("an address");
        crate::web::Site::new(public_url, "/.gateway", "/login/callback")
    }
}
