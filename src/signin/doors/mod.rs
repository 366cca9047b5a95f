//! Doors: how a code is come by. Today there is one, Okta's embedded protocol.

pub(super) mod idx;
