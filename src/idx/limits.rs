//! Every limit on what is read of a reply of the org. Its size is limited by [`crate::oidc::limits`].

/// The longest message that is shown, in characters.
pub(super) const MESSAGE_CHARS: usize = 500;
/// The most remediations, fields or options that are read in one list.
pub(super) const LIST_ITEMS: usize = 512;
