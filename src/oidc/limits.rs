//! Every limit on what a provider may send and on how often it is called.

use std::time::Duration;

/// The longest reply that is read, in bytes. A real one is under 50 KiB, pictures included.
pub(crate) const REPLY_BYTES: usize = 1024 * 1024;
/// The deepest nesting of a reply. A real one is under 20.
pub(crate) const REPLY_DEPTH: usize = 32;
/// How long one call may take, from connecting to the last byte.
pub(crate) const CALL: Duration = Duration::from_secs(10);
/// How long connecting may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(5);
/// The longest token that is read, in bytes. An ID token with a thousand groups of 120 characters has 165 KB.
pub(crate) const TOKEN_BYTES: usize = 512 * 1024;
/// The budget of calls holds this many seconds' worth of calls, which may all be made at once.
pub(crate) const BUDGET_BURST_SECONDS: u64 = 5;
/// The greatest age of the ID token of a sign-in, by its `iat`; its `exp` may be later. Entra ID sets `iat` five
/// minutes back.
pub(crate) const ID_TOKEN_AGE: Duration = Duration::from_secs(600);
/// The longest access token that a program may send, in bytes.
pub(crate) const ACCESS_TOKEN_BYTES: usize = 8 * 1024;
/// The longest authorization code, interaction code or `request_uri`, in bytes.
pub(crate) const CODE_BYTES: usize = 4096;
/// The longest body of a logout token or an order to revoke, in bytes. A token of either kind has a few hundred.
pub(crate) const ORDER_BYTES: usize = 64 * 1024;
/// The longest `kid`, in bytes.
pub(crate) const KEY_ID_BYTES: usize = 256;
/// The most keys that are read from one key set. A real one has two or three.
pub(crate) const KEYS: usize = 64;

/// The most pages of a list of groups that are fetched; Microsoft Graph puts a hundred groups on a page.
pub(crate) const GROUP_PAGES: usize = 50;

/// A document (discovery, keys) older than this is fetched again, in the background.
pub(crate) const RENEW_AFTER: Duration = Duration::from_secs(3600);
/// A document is used for so long after it was requested, and no longer. So a key that the provider has withdrawn
/// verifies for a day at most, and that only if nobody signed in or nothing could be fetched in the meantime.
pub(crate) const MOST_STALE: Duration = Duration::from_secs(24 * 3600);
/// The pause after a failed fetch; it doubles with each further failure.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest such pause.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The longest part of such a pause that a caller without a copy waits; with more to go, the failure is returned at
/// once.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(1);
/// How many fetches in a row may be caused by unknown key ids.
pub(crate) const KEY_FETCHES: u32 = 4;
/// How often unknown key ids may cause one more fetch after that.
pub(crate) const KEY_FETCH_EVERY: Duration = Duration::from_secs(15);
/// How long a key id counts as unknown after a fetch that did not bring it; no fetch is made for it until then.
pub(crate) const UNKNOWN_KEY: Duration = Duration::from_secs(10);
/// The most unknown key ids that are remembered.
pub(crate) const UNKNOWN_KEYS: usize = 64;
