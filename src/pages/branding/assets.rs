//! Static files, held in memory and named after their content, so that they may be cached for ever.
//!
//! `auth.css` is asked for as `auth.<first 12 hex digits of its SHA-256>.css`. Only what a page links to
//! is here: two files of ours, the theme, and what the operator brings.

use std::collections::HashMap;

use bytes::Bytes;
use data_encoding::HEXLOWER;

use crate::secret::sha256;

/// A static file.
#[derive(Clone, Debug)]
pub struct Asset {
    /// For `Content-Type`.
    pub content_type: &'static str,
    /// Its content.
    pub body: Bytes,
}

/// Files by the last part of their address.
#[derive(Default)]
pub(in crate::pages) struct Assets {
    files: HashMap<String, Asset>,
}

impl Assets {
    /// Keeps a file; gives the last part of its address.
    pub(in crate::pages) fn keep(&mut self, name: &str, extension: &str, body: impl Into<Bytes>) -> String {
        let body = body.into();
        let address = format!("{name}.{}.{extension}", HEXLOWER.encode(&sha256(&body)[..6]));
        self.files.insert(address.clone(), Asset { content_type: content_type(extension), body });
        address
    }

    /// Every address.
    #[cfg(test)]
    pub(in crate::pages) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The file of this name.
    pub(in crate::pages) fn find(&self, address: &str) -> Option<&Asset> {
        self.files.get(address)
    }
}

fn content_type(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "jpg" => "image/jpeg",
        "ico" => "image/x-icon",
        _ => "application/octet-stream",
    }
}
