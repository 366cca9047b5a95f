//! The limits of open connections: in all, and for each address.
//!
//! Addresses are counted as [`super::subscriber`] says: IPv6 addresses with the same first 64 bits together (RFC 6177
//! §2). A connection is counted until its [`Slot`] is dropped, and an address without a connection takes no memory, so
//! the table cannot outgrow the limit in all.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;

use super::subscriber;

/// The most connections that may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Of all clients together.
    pub in_all: usize,
    /// Of one address.
    pub of_address: usize,
    /// To all upstreams together.
    pub to_upstreams: usize,
}

impl ConnectionLimits {
    /// The limits for counting connections to upstreams, of which only `in_all` matters.
    pub fn of_upstreams(self) -> Self {
        Self { in_all: self.to_upstreams, ..self }
    }
}

/// The count of open connections.
#[derive(Clone, Debug, Default)]
pub struct Connections(Arc<Open>);

#[derive(Debug, Default)]
struct Open {
    count: AtomicUsize,
    addresses: Mutex<HashMap<IpAddr, usize>>,
}

/// The limit that refuses a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// The limit of all clients together.
    InAll,
    /// The limit of one address.
    OfAddress,
}

/// One open connection; it is counted until this is dropped.
#[derive(Debug)]
pub struct Slot {
    open: Arc<Open>,
    address: Option<IpAddr>,
}

impl Connections {
    /// Counts one more connection, whose address is not known yet.
    pub fn enter(&self, limits: ConnectionLimits) -> Result<Slot, Full> {
        let counted = self.0.count.fetch_add(1, Ordering::Relaxed);
        // Dropping the slot undoes the count, also where the limit was reached.
        let slot = Slot { open: Arc::clone(&self.0), address: None };
        if counted < limits.in_all { Ok(slot) } else { Err(Full::InAll) }
    }
}

impl Slot {
    /// Counts the connection for `address` as well.
    pub fn count_for(&mut self, address: IpAddr, limits: ConnectionLimits) -> Result<(), Full> {
        let address = subscriber(address);
        let mut addresses = self.open.addresses.lock();
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
        let mut addresses = self.open.addresses.lock();
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
        assert!(connections.0.addresses.lock().is_empty());
        assert_eq!(connections.0.count.load(Ordering::Relaxed), 0);
    }
}
