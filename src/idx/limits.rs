//! Every limit on what the org may send us, in one place.

use std::time::Duration;

/// The longest reply that is read, in bytes. A real one is under 50 KiB, pictures included.
pub const REPLY_BYTES: usize = 1024 * 1024;
/// The deepest nesting of a reply. A real one is under 20.
pub const REPLY_DEPTH: usize = 32;
/// How long one call may take, from connecting to the last byte.
pub const CALL: Duration = Duration::from_secs(10);
/// How long connecting may take.
pub const CONNECT: Duration = Duration::from_secs(5);
/// The longest token that is looked at, in bytes.
pub const TOKEN_BYTES: usize = 64 * 1024;
/// How long a document that seldom changes (discovery, signing keys) is kept.
pub const DOCUMENT_AGE: Duration = Duration::from_secs(24 * 3600);
/// The shortest time between two fetches of the signing keys that an unknown key id may cause.
pub const KEY_REFETCH: Duration = Duration::from_secs(60);
/// The longest message that is shown, in characters.
pub const MESSAGE_CHARS: usize = 500;
/// The most remediations, fields or options that are read in one list.
pub const LIST_ITEMS: usize = 512;
