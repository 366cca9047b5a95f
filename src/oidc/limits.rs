//! Every limit on what a provider may send us and on how often it is asked, in one place.

use std::time::Duration;

/// The longest reply that is read, in bytes. A real one is under 50 KiB, pictures included.
pub(crate) const REPLY_BYTES: usize = 1024 * 1024;
/// The deepest nesting of a reply. A real one is under 20.
pub(crate) const REPLY_DEPTH: usize = 32;
/// How long one call may take, from connecting to the last byte.
pub(crate) const CALL: Duration = Duration::from_secs(10);
/// How long connecting may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);
/// The longest token that is looked at, in bytes: somebody in a thousand groups of 120 characters has an ID token of
/// 165 KB.
pub(crate) const TOKEN_BYTES: usize = 512 * 1024;
/// For how many seconds' worth of calls there may be at once, where calls have a budget.
pub(crate) const BUDGET_BURST_SECONDS: u64 = 5;
/// How old an ID token may be that ends a sign-in, however long it counts. Entra ID's say that they are five minutes old.
pub(crate) const ID_TOKEN_AGE: Duration = Duration::from_secs(600);
/// The longest access token that a program may bring, in bytes.
pub(crate) const ACCESS_TOKEN_BYTES: usize = 8 * 1024;
/// The longest code that is redeemed, in bytes.
pub(crate) const CODE_BYTES: usize = 4096;
/// The longest id of a key, in bytes.
pub(crate) const KEY_ID_BYTES: usize = 256;
/// The most keys that are read from one key set. A real one has two or three.
pub(crate) const KEYS: usize = 64;

/// The most pages of a list of groups that are fetched, of a hundred each where the provider makes them.
pub(crate) const GROUP_PAGES: usize = 50;

/// A document (discovery, keys) older than this is fetched again, in the background.
pub(crate) const RENEW_AFTER: Duration = Duration::from_secs(3600);
/// A document counts so long after it was asked for, and not longer: a key that the provider has withdrawn
/// is believed for a day at most, and then only where nobody signed in or nothing could be fetched meanwhile.
pub(crate) const MOST_STALE: Duration = Duration::from_secs(24 * 3600);
/// The pause after a fetch that failed; twice as long after each further one.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest such pause.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How much of such a pause somebody waits out who has no copy; with more to go they are told at once.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How many fetches in a row unknown key ids may cause,
pub(crate) const KEY_FETCHES: u32 = 4;
/// and how often one more.
pub(crate) const KEY_FETCH_EVERY: Duration = Duration::from_secs(15);
/// How long a key id counts as unknown after a fetch that did not bring it.
pub(crate) const UNKNOWN_KEY: Duration = Duration::from_secs(10);
/// How many unknown key ids are remembered.
pub(crate) const UNKNOWN_KEYS: usize = 64;
