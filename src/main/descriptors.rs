//! Descriptors: as many as the system allows, and no more connections than there are descriptors for.
//!
//! A process begins with a soft limit, often 1,024, that it may raise to the hard one itself (getrlimit(2)). At the
//! limit nothing can be accepted, opened or connected any more, the admin listener's connections included: so
//! clients are refused before that, and requests that would need one more connection to an upstream are not forwarded.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tracing::info;

use idx_gateway::limits::ConnectionLimits;

/// For what is neither a client's connection nor made for one: listeners, the admin's, files, the org, the runtime.
const RESERVED: u64 = 256;

/// Raises the soft limit; gives how many connections may be open, `wanted` at most, and `of_address` of one address.
pub(crate) fn connections(wanted: usize, of_address: usize) -> ConnectionLimits {
    let limit = match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, hard)) if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() => hard,
        Ok((soft, _)) => soft,
        // It is there on every Unix; without it, what is wanted is all that is known.
        Err(_) => return ConnectionLimits { in_all: wanted, of_address, to_upstreams: wanted },
    };
    let (fit, to_upstreams) = shares(limit);
    if fit < wanted {
        info!("{fit} connections may be open at once, not {wanted}: this process may have {limit} descriptors");
    }
    ConnectionLimits { in_all: wanted.min(fit), of_address, to_upstreams }
}

/// How many descriptors clients may have, and how many are for requests under way to upstreams. Most connections of
/// clients are idle, so theirs is the larger share. Some of each there are, whatever the limit.
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
