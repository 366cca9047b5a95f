//! File descriptors: raises their limit, and keeps the number of connections below it.
//!
//! A process starts with a soft limit, often 1,024, that it may raise to the hard limit (getrlimit(2)). At the limit
//! nothing can be accepted, opened or connected, not even by the admin listener. So clients are refused before that,
//! and requests that would need a further connection to an upstream are not forwarded.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tracing::info;

use idx_gateway::limits::ConnectionLimits;

/// Descriptors for everything but connections of clients and to upstreams: listeners, the admin listener, files,
/// providers.
const RESERVED: u64 = 256;

/// Raises the soft limit, and returns how many connections may be open: at most `wanted`, and `of_address` of one
/// address.
pub(crate) fn connections(wanted: usize, of_address: usize) -> ConnectionLimits {
    let limit = match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, hard)) if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() => hard,
        Ok((soft, _)) => soft,
        // Every Unix has the limit. If it cannot be read, what is wanted is used.
        Err(_) => return ConnectionLimits { in_all: wanted, of_address, to_upstreams: wanted },
    };
    let (fit, to_upstreams) = shares(limit);
    if fit < wanted {
        info!("{fit} connections may be open at once, not {wanted}: this process may have {limit} descriptors");
    }
    ConnectionLimits { in_all: wanted.min(fit), of_address, to_upstreams }
}

/// How many connections clients may have, and how many may be open to upstreams. Most connections of clients are idle,
/// so they get twice as many. Both get a few, whatever the limit is.
fn shares(descriptors: u64) -> (usize, usize) {
    let third = usize::try_from(descriptors.saturating_sub(RESERVED) / 3).unwrap_or(usize::MAX / 3).max(8);
    (2 * third, third)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_everything_else() {
        assert_eq!(shares(1024), (512, 256));
        assert_eq!(shares(1_048_576), (698_880, 349_440));
        assert_eq!(shares(100), (16, 8));
        assert_eq!(connections(1, 1).in_all, 1);
    }
}
