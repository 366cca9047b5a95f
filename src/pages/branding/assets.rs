//! Static files, held in memory and named after their content, so that they may be cached for ever.
//!
//! `auth.css` is asked for as `auth.<first 12 hex digits of its SHA-256>.css`. Only what a page links to is here: files of
//! ours, the theme, and what the operator brings.

use std::collections::HashMap;

use bytes::Bytes;
use data_encoding::HEXLOWER;

use crate::secret::sha256;

/// Files by the last part of their address.
#[derive(Default)]
pub(in crate::pages) struct Assets(HashMap<String, Bytes>);

impl Assets {
    /// Keeps a file; gives the last part of its address.
    pub(in crate::pages) fn keep(&mut self, name: &str, extension: &str, body: impl Into<Bytes>) -> String {
        let body = body.into();
        let address = format!("{name}.{}.{extension}", HEXLOWER.encode(&sha256(&body)[..6]));
        self.0.insert(address.clone(), body);
        address
    }

    /// Every address.
    #[cfg(test)]
    pub(in crate::pages) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The file of this name.
    pub(in crate::pages) fn find(&self, address: &str) -> Option<&Bytes> {
        self.0.get(address)
    }
}
