//! How many connections are open: in all, and per address.
//!
//! An IPv4 address counts as it is; of an IPv6 address its first 64 bits do, because one subscriber has as many
//! addresses below them as they like (RFC 6177 §2). What is counted is given back when the [`Slot`] is dropped,
//! and an address without a connection takes no memory: the table cannot outgrow the limit in all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::subscriber;

/// How many may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// By everybody together.
    pub in_all: usize,
    /// By one address.
    pub of_address: usize,
    /// To upstreams.
    pub to_upstreams: usize,
}

impl ConnectionLimits {
    /// The same for connections to upstreams, which are not counted by address.
    pub fn of_upstreams(self) -> Self {
        Self { in_all: self.to_upstreams, ..self }
    }
}

/// The connections that are open.
#[derive(Clone, Debug, Default)]
pub struct Connections(Arc<Open>);

#[derive(Debug, Default)]
struct Open {
    count: AtomicUsize,
    addresses: Mutex<HashMap<IpAddr, usize>>,
}

/// Why there is no place for another connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// As many are open as may be.
    InAll,
    /// As many of this address are open as may be.
    OfAddress,
}

/// One open connection, until it is dropped.
#[derive(Debug)]
pub struct Slot {
    open: Arc<Open>,
    address: Option<IpAddr>,
}

impl Connections {
    /// A place for one more connection, whose address is not counted yet.
    pub fn enter(&self, limits: ConnectionLimits) -> Result<Slot, Full> {
        let counted = self.0.count.fetch_add(1, Ordering::Relaxed);
        // From here on the slot gives back what was counted, also where there was no place.
        let slot = Slot { open: Arc::clone(&self.0), address: None };
        if counted < limits.in_all { Ok(slot) } else { Err(Full::InAll) }
    }
}

impl Slot {
    /// Counts the connection for `address` too.
    pub fn count_for(&mut self, address: IpAddr, limits: ConnectionLimits) -> Result<(), Full> {
        let address = subscriber(address);
        let mut addresses = self.open.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let count = addresses.entry(address).or_insert(0);
        if *count >= limits.of_address {
            return Err(Full::OfAddress);
        }
        *count += 1;
        drop(addresses);
        self.address = Some(address);
        Ok(())
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.open.count.fetch_sub(1, Ordering::Relaxed);
        let Some(address) = self.address else { return };
        let mut addresses = self.open.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = addresses.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(connections: &Connections, limits: (usize, usize), address: &str) -> Result<Slot, Full> {
        let limits = ConnectionLimits { in_all: limits.0, of_address: limits.1, to_upstreams: 0 };
        let mut slot = connections.enter(limits)?;
        slot.count_for(address.parse().expect("an address"), limits)?;
        Ok(slot)
    }

    #[test]
    fn an_address_has_its_share_and_gets_it_back() {
        let connections = Connections::default();
        let first = slot(&connections, (10, 2), "192.0.2.1");
        let second = slot(&connections, (10, 2), "::ffff:192.0.2.1");
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(slot(&connections, (10, 2), "192.0.2.1").err(), Some(Full::OfAddress));
        assert!(slot(&connections, (10, 2), "192.0.2.2").is_ok());
        drop(second);
        assert!(slot(&connections, (10, 2), "192.0.2.1").is_ok());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let connections = Connections::default();
        let first = slot(&connections, (10, 1), "2001:db8:0:1::1");
        assert!(first.is_ok());
        assert_eq!(slot(&connections, (10, 1), "2001:db8:0:1:ffff::9").err(), Some(Full::OfAddress));
        assert!(slot(&connections, (10, 1), "2001:db8:0:2::1").is_ok());
    }

    #[test]
    fn everybody_together_has_a_limit_and_refusals_leave_nothing_behind() {
        let connections = Connections::default();
        let kept = slot(&connections, (2, 1), "192.0.2.1");
        for _ in 0..5 {
            assert_eq!(slot(&connections, (2, 1), "192.0.2.1").err(), Some(Full::OfAddress));
        }
        let other = slot(&connections, (2, 1), "192.0.2.2");
        assert_eq!(slot(&connections, (2, 1), "192.0.2.3").err(), Some(Full::InAll));
        drop((kept, other));
        assert!(connections.0.addresses.lock().expect("no panic").is_empty());
        assert_eq!(connections.0.count.load(Ordering::Relaxed), 0);
    }
}
