//! Admission: who may do how much of what. Addresses and times come in, and a limit says whether to go on or how
//! long to wait; it answers nobody itself.

mod connections;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::time::Instant;

pub use connections::{ConnectionLimits, Connections, Full, Slot};

/// The most addresses that are remembered.
const MAX_ADDRESSES: usize = 10_000;
/// What starts are counted in.
const WINDOW: Duration = Duration::from_secs(60);

/// Whether somebody may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Admission {
    /// They may.
    Allowed,
    /// Not before this time has passed.
    Wait(Duration),
}

/// How many sign-ins each address began in its last minute.
#[derive(Default)]
pub struct Starts(Mutex<HashMap<IpAddr, (Instant, u32)>>);

impl Starts {
    /// Counts a start from this address at `now`, which has so many a minute. One without an address (a Unix socket)
    /// is not limited.
    pub fn admit(&self, address: Option<IpAddr>, per_minute: u32, now: Instant) -> Admission {
        let Some(address) = address else { return Admission::Allowed };
        let mut addresses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if addresses.len() >= MAX_ADDRESSES && !addresses.contains_key(&address) {
            addresses.retain(|_, (since, _)| now.since(*since) < WINDOW);
        }
        let (since, count) = addresses.entry(address).or_insert((now, 0));
        if now.since(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count += 1;
        match *count <= per_minute && addresses.len() <= MAX_ADDRESSES {
            true => Admission::Allowed,
            false => Admission::Wait(WINDOW),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_its_starts_back_after_a_minute() {
        let starts = Starts::default();
        let (one, other) = (Some(IpAddr::from([192, 0, 2, 1])), Some(IpAddr::from([192, 0, 2, 2])));
        let now = Instant::from_seconds(1000);
        for (address, at, admitted) in [
            (one, now, Admission::Allowed),
            (one, now, Admission::Allowed),
            (one, now, Admission::Wait(WINDOW)),
            (other, now, Admission::Allowed),
            (None, now, Admission::Allowed),
            (one, now.after(WINDOW), Admission::Allowed),
        ] {
            assert_eq!(starts.admit(address, 2, at), admitted, "{address:?} at {at:?}");
        }
    }
}
