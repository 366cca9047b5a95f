//! Descriptors: as many as the system allows, and no more connections than there are descriptors for.
//!
//! A process begins with a soft limit, often 1,024, that it may raise to the hard one itself (getrlimit(2)). At the
//! limit nothing can be accepted, opened or connected any more, the admin listener's connections included: so
//! clients are refused before that.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tracing::info;

/// For what is neither a client's connection nor made for one: listeners, the admin's, files, the org, the runtime.
const RESERVED: u64 = 256;

/// Raises the soft limit; gives how many connections may be open, `wanted` at most.
pub(crate) fn connections(wanted: usize) -> usize {
    let limit = match getrlimit(Resource::RLIMIT_NOFILE) {
        Ok((soft, hard)) if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() => hard,
        Ok((soft, _)) => soft,
        // It is there on every Unix; without it, what is wanted is all that is known.
        Err(_) => return wanted,
    };
    let fit = usize::try_from(affordable(limit)).unwrap_or(usize::MAX);
    if fit < wanted {
        info!("{fit} connections may be open at once, not {wanted}: this process may have {limit} descriptors");
    }
    wanted.min(fit)
}

/// A client's connection may need another one to an upstream. At least some are let in, whatever the limit.
const fn affordable(descriptors: u64) -> u64 {
    let half = descriptors.saturating_sub(RESERVED) / 2;
    if half < 16 { 16 } else { half }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_for_everything_else() {
        assert_eq!(affordable(1024), 384);
        assert_eq!(affordable(1_048_576), 524_160);
        assert_eq!(affordable(100), 16);
        assert_eq!(connections(1), 1);
    }
}
