//! What a sign-in carries that is handed over between hosts: three values, each sealed, each for one place.
//!
//! ```text
//! Departure    cookie hop_<id> of the host that asks     where to go in the end, and a secret
//! HopRequest   address at the sign-in host               which host asks, and the secret's digest
//! Ticket       address back at the host that asks        a lease of the session, for the browser with that secret
//! ```
//!
//! An address can be read from a history, a log or over a shoulder, and sent to somebody else. So a ticket counts only
//! beside the cookie of the browser that asked for it, once, for [`TICKET_TIME`], at one host.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::return_to::ReturnTo;
use crate::access::AuthnRequirement;
use crate::secret::sha256;
use crate::session::{KeyRing, Purpose, random};
use crate::time::Instant;

/// How long a host waits for its ticket.
pub(super) const DEPARTED_TIME: Duration = Duration::from_secs(7200);
/// How long after a host asked the sign-in may begin.
pub(super) const BEGIN_TIME: Duration = Duration::from_secs(600);
/// How long a ticket counts.
pub(super) const TICKET_TIME: Duration = Duration::from_secs(60);
/// What the cookies' names begin with, after the site's prefix.
pub(super) const COOKIE: &str = "hop_";
/// The most tickets whose use is remembered, in each of two minutes: 6 MB.
const MOST_TICKETS: usize = 100_000;

/// The name of one hand-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HopId([u8; 16]);

impl HopId {
    /// The short name of its cookie.
    pub(super) fn cookie(self) -> String {
        format!("{COOKIE}{self}")
    }
}

impl fmt::Display for HopId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// What the host that asks keeps in the browser.
#[derive(Serialize, Deserialize)]
pub(super) struct Departure {
    pub(super) id: HopId,
    secret: [u8; 32],
    /// Where to go in the end.
    pub(super) return_to: ReturnTo,
    host: String,
    /// Since when.
    pub(super) at: Instant,
}

/// What the sign-in host is asked.
#[derive(Serialize, Deserialize)]
pub(super) struct HopRequest {
    id: HopId,
    /// Who asks.
    pub(super) host: String,
    digest: [u8; 32],
    /// When the host asked; once the sign-in has begun, when it began.
    pub(super) at: Instant,
    /// How strong and how recent the sign-in must be.
    pub(super) requirement: Option<AuthnRequirement>,
    /// What the route asks of the provider besides.
    pub(super) parameters: Vec<(String, String)>,
    /// Whether it leads to a part only of what was asked for.
    pub(super) is_cut: bool,
}

/// What the host that asked gets.
#[derive(Serialize, Deserialize)]
pub(super) struct Ticket {
    pub(super) id: [u8; 16],
    pub(super) hop: HopId,
    digest: [u8; 32],
    host: String,
    at: Instant,
    handle: Handle,
}

/// The handle of a lease, as the bytes that its base64url stands for, so that sealing makes it no longer than it was.
#[derive(Serialize, Deserialize)]
enum Handle {
    /// What stands before the last dot, and what is behind it.
    Packed(String, Vec<u8>),
    Text(String),
}

impl Handle {
    fn new(text: &str) -> Self {
        let packed = text.rsplit_once('.').and_then(|(label, body)| {
            let bytes = URL_SAFE_NO_PAD.decode(body).ok()?;
            Some(Self::Packed(label.to_owned(), bytes))
        });
        packed.filter(|packed| packed.text() == text).unwrap_or_else(|| Self::Text(text.to_owned()))
    }

    fn text(&self) -> String {
        match self {
            Self::Packed(label, bytes) => format!("{label}.{}", URL_SAFE_NO_PAD.encode(bytes)),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Departure {
    /// Somebody leaves `host` to come back to `return_to`.
    pub(super) fn new(host: &str, return_to: ReturnTo, now: Instant) -> Self {
        Self { id: HopId(random()), secret: random(), return_to, host: host.to_owned(), at: now }
    }

    /// What the sign-in host is asked.
    pub(super) fn request(
        &self,
        requirement: Option<AuthnRequirement>,
        parameters: Vec<(String, String)>,
    ) -> HopRequest {
        let (host, digest, is_cut) = (self.host.clone(), sha256(self.secret), self.return_to.is_cut());
        HopRequest { id: self.id, host, digest, at: self.at, requirement, parameters, is_cut }
    }

    /// The value of the cookie.
    pub(super) fn seal(&self, keys: &KeyRing) -> String {
        keys.seal_value(Purpose::Departure, self)
    }

    /// Opens such a cookie of `host`.
    pub(super) fn open(keys: &KeyRing, sealed: &str, host: &str, now: Instant) -> Option<Self> {
        let departure: Self = keys.open_value(Purpose::Departure, sealed)?;
        (departure.host == host && departure.at.began_within(DEPARTED_TIME, now)).then_some(departure)
    }

    /// Whether the ticket answers this departure.
    pub(super) fn fits(&self, ticket: &Ticket) -> bool {
        self.id == ticket.hop && bool::from(sha256(self.secret).ct_eq(&ticket.digest))
    }
}

impl HopRequest {
    /// What stands in the address.
    pub(super) fn seal(&self, keys: &KeyRing) -> String {
        keys.seal_value(Purpose::Hop, self)
    }

    /// The same once the sign-in has begun, which takes as long as it takes.
    pub(super) fn seal_begun(self, keys: &KeyRing, now: Instant) -> String {
        keys.seal_value(Purpose::HopBegun, &Self { at: now, ..self })
    }

    /// Opens either, with how long it counts; the caller checks that.
    pub(super) fn open(keys: &KeyRing, sealed: &str) -> Option<(Self, Duration)> {
        keys.open_value(Purpose::Hop, sealed)
            .map(|hop| (hop, BEGIN_TIME))
            .or_else(|| keys.open_value(Purpose::HopBegun, sealed).map(|hop| (hop, DEPARTED_TIME)))
    }

    /// The ticket that answers it, with the handle of a lease.
    pub(super) fn ticket(&self, handle: &str, now: Instant) -> Ticket {
        let host = self.host.clone();
        Ticket { id: random(), hop: self.id, digest: self.digest, host, at: now, handle: Handle::new(handle) }
    }
}

impl Ticket {
    /// What stands in the address.
    pub(super) fn seal(&self, keys: &KeyRing) -> String {
        keys.seal_value(Purpose::HandOver, self)
    }

    /// Opens one that came to `host`, however old it is.
    pub(super) fn open(keys: &KeyRing, sealed: &str, host: &str) -> Option<Self> {
        keys.open_value(Purpose::HandOver, sealed).filter(|ticket: &Self| ticket.host == host)
    }

    /// Whether it still counts.
    pub(super) fn is_in_time(&self, now: Instant) -> bool {
        self.at.began_within(TICKET_TIME, now)
    }

    /// The handle of the lease.
    pub(super) fn handle(&self) -> String {
        self.handle.text()
    }
}

/// Which tickets this process has seen used, for as long as they could be used again. Independent of any configuration.
#[derive(Default)]
pub struct UsedTickets(Mutex<Minutes>);

/// Of the minute that began at that moment, and of the one before.
#[derive(Default)]
struct Minutes {
    began: Option<Instant>,
    this: HashSet<[u8; 16]>,
    last: HashSet<[u8; 16]>,
}

impl UsedTickets {
    /// Uses a ticket; false where it was used before, or where there is no room to remember it.
    pub(super) fn take(&self, ticket: &Ticket, now: Instant) -> bool {
        let mut minutes = self.0.lock();
        if minutes.began.is_none_or(|began| now.since(began) >= TICKET_TIME) {
            minutes.last = std::mem::take(&mut minutes.this);
            minutes.began = Some(now);
        }
        !minutes.last.contains(&ticket.id) && minutes.this.len() < MOST_TICKETS && minutes.this.insert(ticket.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Deployment, Key};
    use crate::web::Site;

    const NOW: Instant = Instant::from_seconds(1_800_000_000);

    fn keys() -> KeyRing {
        let deployment = Deployment { origin: "https://login.example.com", issuer: "https://org", client_id: "id" };
        KeyRing::new(deployment, Key::parse(&"01".repeat(32)).expect("a key"), Vec::new())
    }

    fn departure() -> Departure {
        let url = url::Url::parse("https://wiki.example.org").expect("a URL");
        Departure::new("wiki.example.org", ReturnTo::home(&Site::new(url, "/.gateway", "/login/callback")), NOW)
    }

    fn after(seconds: u64) -> Instant {
        NOW.after(Duration::from_secs(seconds))
    }

    /// K-04, L-04.
    #[test]
    fn a_ticket_is_for_one_host_and_for_the_browser_that_asked() {
        let (keys, departure, other) = (keys(), departure(), departure());
        let sealed = departure.request(None, Vec::new()).ticket("v2.72cd6e84.AAAA", NOW).seal(&keys);
        let ticket = Ticket::open(&keys, &sealed, "wiki.example.org").expect("it opens");
        assert!(departure.fits(&ticket) && !other.fits(&ticket));
        assert!(!Departure { secret: [0; 32], ..departure }.fits(&ticket), "the name alone is not enough");
        assert!(Ticket::open(&keys, &sealed, "git.example.org").is_none());
        assert!(ticket.is_in_time(after(59)) && !ticket.is_in_time(after(60)));
        assert_eq!(ticket.handle(), "v2.72cd6e84.AAAA");
    }

    #[test]
    fn what_is_sealed_for_one_place_opens_in_no_other() {
        let (keys, departure) = (keys(), departure());
        let hop = departure.request(None, Vec::new());
        let texts =
            [departure.seal(&keys), hop.seal(&keys), hop.ticket("x", NOW).seal(&keys), hop.seal_begun(&keys, NOW)];
        let host = "wiki.example.org";
        for (at, text) in texts.iter().enumerate() {
            assert_eq!(Departure::open(&keys, text, host, NOW).is_some(), at == 0);
            assert_eq!(
                HopRequest::open(&keys, text).map(|(_, time)| time.as_secs()),
                [None, Some(600), None, Some(7200)][at]
            );
            assert_eq!(Ticket::open(&keys, text, host).is_some(), at == 2);
        }
        assert!(Departure::open(&keys, &texts[0], "git.example.org", NOW).is_none());
        assert!(Departure::open(&keys, &texts[0], host, after(7200)).is_none());
    }

    #[test]
    fn a_ticket_is_used_once() {
        let used = UsedTickets::default();
        let tickets: Vec<Ticket> = (0..3).map(|_| departure().request(None, Vec::new()).ticket("x", NOW)).collect();
        for (seconds, ticket, first) in [(0, 0, true), (1, 0, false), (59, 1, true), (61, 1, false), (61, 2, true)] {
            assert_eq!(used.take(&tickets[ticket], after(seconds)), first, "{ticket} after {seconds} s");
        }
    }

    /// D-02.
    #[test]
    fn what_is_remembered_of_tickets_is_bounded_and_closed_when_full() {
        let used = UsedTickets::default();
        let hop = departure().request(None, Vec::new());
        let taken = (0..MOST_TICKETS + 100).filter(|_| used.take(&hop.ticket("x", NOW), NOW)).count();
        assert_eq!(taken, MOST_TICKETS);
        assert!(used.take(&hop.ticket("x", NOW), after(60)), "the next minute has room");
    }
}
