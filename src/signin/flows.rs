//! What this process remembers of sign-ins under way, for a short time and only to save calls.
//!
//! Everything works without it, on any replica: the cookie holds the sign-in, and the org tells the step.
//! With it, a page after a post needs no call, requests of one sign-in wait for each other (a double
//! click, a poll beside a post), the org's limit of ten calls in five seconds is kept, a code is not sent
//! twice in half a minute, and a finished sign-in answers a second click with the same session.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::return_to::ReturnTo;
use super::transaction::FlowId;
use crate::idx::Reply;
use crate::time::Instant;
use crate::web::SetCookie;

/// The most sign-ins that are remembered; then the ones longest untouched go.
const MOST: usize = 1024;
/// How long a reply stands for the current step.
const REPLY_AGE: Duration = Duration::from_secs(60);
/// How long a finished sign-in is remembered.
const FINISHED_AGE: Duration = Duration::from_secs(60);
/// The org's limit: calls of one sign-in within [`WINDOW`].
const CALLS: usize = 10;
const WINDOW: Duration = Duration::from_secs(5);
/// The shortest time between two sendings of a code.
pub(super) const RESEND: Duration = Duration::from_secs(30);

/// The sign-ins that this process has seen lately.
#[derive(Default)]
pub(super) struct Flows(Mutex<HashMap<FlowId, (Instant, Shared)>>);

/// What is remembered of one sign-in, for one request at a time.
type Shared = Arc<tokio::sync::Mutex<Flow>>;

impl Flows {
    /// What is remembered of this sign-in. Whoever locks it is alone with it.
    pub(super) fn of(&self, flow: &FlowId, now: Instant) -> Shared {
        // Nothing here can be left half-changed, so a panic elsewhere does not matter.
        let mut flows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if flows.len() >= MOST && !flows.contains_key(flow) {
            let mut touched: Vec<_> = flows.values().map(|(touched, _)| *touched).collect();
            touched.sort_unstable();
            let median = touched[touched.len() / 2];
            flows.retain(|_, (touched, _)| *touched > median);
        }
        let entry = flows.entry(flow.clone()).or_insert_with(|| (now, Arc::default()));
        entry.0 = now;
        Arc::clone(&entry.1)
    }
}

/// What is remembered of one sign-in.
#[derive(Default)]
pub(super) struct Flow {
    reply: Option<(Arc<Reply>, Instant)>,
    calls: VecDeque<Instant>,
    sent: Option<Instant>,
    finished: Option<(Finished, Instant)>,
}

/// How a sign-in ended: what a second click of the last form gets too.
#[derive(Clone)]
pub(super) struct Finished {
    /// Where to go.
    pub(super) return_to: ReturnTo,
    /// The session's cookies.
    pub(super) cookies: Vec<SetCookie>,
}

impl Flow {
    /// The last reply, if it is recent enough to stand for the current step.
    pub(super) fn reply(&self, now: Instant) -> Option<Arc<Reply>> {
        self.reply.as_ref().filter(|(_, at)| now.since(*at) < REPLY_AGE).map(|(reply, _)| Arc::clone(reply))
    }

    /// Keeps a reply that the org took a post with.
    pub(super) fn keep(&mut self, reply: Arc<Reply>, now: Instant) {
        self.reply = Some((reply, now));
    }

    /// Forgets the reply: the org knows better.
    pub(super) fn forget(&mut self) {
        self.reply = None;
    }

    /// Whether one more call keeps to the org's limit; if so, it counts.
    pub(super) fn may_call(&mut self, now: Instant) -> bool {
        // Whole seconds: one more than the window, so that no part of a second is lost.
        while self.calls.front().is_some_and(|call| now.since(*call) > WINDOW) {
            self.calls.pop_front();
        }
        let may = self.calls.len() < CALLS;
        if may {
            self.calls.push_back(now);
        }
        may
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_seconds(1_000);

    #[test]
    fn the_eleventh_call_in_five_seconds_waits() {
        let mut flow = Flow::default();
        for _ in 0..CALLS {
            assert!(flow.may_call(NOW));
        }
        assert!(!flow.may_call(NOW.after(WINDOW)));
        assert!(flow.may_call(NOW.after(WINDOW + Duration::from_secs(1))));
    }

    #[test]
    fn a_code_is_not_sent_twice_in_half_a_minute() {
        let mut flow = Flow::default();
        assert_eq!(flow.resend_wait(NOW), None);
        flow.sent(NOW);
        assert_eq!(flow.resend_wait(NOW.after(Duration::from_secs(10))), Some(Duration::from_secs(20)));
        assert_eq!(flow.resend_wait(NOW.after(RESEND)), None);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let flows = Flows::default();
        for index in 0..3 * MOST {
            let id = FlowId::parse(&format!("{index:022}")).unwrap();
            flows.of(&id, Instant::from_seconds(index as u64));
        }
        assert!(flows.0.lock().unwrap().len() <= MOST);
    }
}
