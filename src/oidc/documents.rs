//! The discovery documents and keys of providers, by issuer. Each is fetched once for all callers and kept as
//! [`super::kept`] says: renewed after an hour, used for a day at most.
//!
//! One value serves all clients of a process and outlives them, so that a new client for the same issuer fetches
//! nothing. A key that is missing is fetched at once, also twice within a minute. Key ids that no key has may cause
//! [`limits::KEY_FETCHES`] fetches in a row, then one every [`limits::KEY_FETCH_EVERY`]; in between, their tokens are
//! refused without a fetch.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;

use super::discovery::Metadata;
use super::http::Http;
use super::jwks::KeySet;
use super::jws::Header;
use super::kept::Kept;
use super::{Failure, Issuer, limits};

/// The documents of all issuers.
#[derive(Default)]
pub struct Documents(Mutex<HashMap<Issuer, Arc<IssuerDocuments>>>);

/// The documents of one issuer.
#[derive(Default)]
pub(super) struct IssuerDocuments {
    metadata: Arc<Kept<Metadata>>,
    keys: Arc<Kept<KeySet>>,
    unknown: Mutex<Vec<(String, Instant)>>,
}

impl Documents {
    /// The documents of this issuer. Those of issuers that no client uses any more are dropped.
    pub(super) fn of(&self, issuer: &Issuer) -> Arc<IssuerDocuments> {
        let mut all = self.0.lock();
        let documents = Arc::clone(all.entry(issuer.clone()).or_default());
        all.retain(|_, documents| Arc::strong_count(documents) > 1);
        documents
    }
}

impl IssuerDocuments {
    /// The provider's metadata.
    pub(super) async fn metadata(&self, http: &Http, issuer: &Issuer, now: Instant) -> Result<Arc<Metadata>, Failure> {
        self.metadata.get(now, || Metadata::fetch(http.clone(), issuer.clone())).await
    }

    /// The provider's keys; if it has a key for `header`, that is among them.
    pub(super) async fn keys(
        &self,
        http: &Http,
        issuer: &Issuer,
        header: &Header,
        now: Instant,
    ) -> Result<Arc<KeySet>, Failure> {
        let fetch = || {
            let (http, issuer, metadata) = (http.clone(), issuer.clone(), Arc::clone(&self.metadata));
            async move {
                let metadata = metadata.get(now, || Metadata::fetch(http.clone(), issuer)).await?;
                KeySet::fetch(http, metadata.keys.clone()).await
            }
        };
        self.keys_by(header, now, fetch).await
    }

    /// The same with `fetch`, which fetches the keys.
    pub(super) async fn keys_by<F>(
        &self,
        header: &Header,
        now: Instant,
        fetch: impl Fn() -> F,
    ) -> Result<Arc<KeySet>, Failure>
    where
        F: Future<Output = Result<KeySet, Failure>> + Send + 'static,
    {
        let has = |keys: &KeySet| keys.fitting(header.key_id.as_deref(), header.algorithm).next().is_some();
        let id = header.key_id.as_deref().unwrap_or_default();
        let keys = self.keys.get(now, &fetch).await?;
        if has(&keys) || self.is_unknown(id, now) {
            return Ok(keys);
        }
        let Some(keys) = self.keys.newer(now, has, &fetch).await? else { return Ok(keys) };
        if !has(&keys) {
            self.keep_unknown(id, now);
        }
        Ok(keys)
    }

    fn is_unknown(&self, id: &str, now: Instant) -> bool {
        let unknown = self.unknown.lock();
        unknown.iter().any(|(known, until)| known == id && now < *until)
    }

    fn keep_unknown(&self, id: &str, now: Instant) {
        let mut unknown = self.unknown.lock();
        unknown.retain(|(known, until)| now < *until && known != id);
        if unknown.len() >= limits::UNKNOWN_KEYS {
            unknown.remove(0);
        }
        unknown.push((id.to_owned(), now + limits::UNKNOWN_KEY));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn issuer(text: &str) -> Issuer {
        Issuer::parse(text).expect("an issuer")
    }

    #[test]
    fn clients_of_one_issuer_share_its_documents() {
        let documents = Documents::default();
        let one = documents.of(&issuer("https://org.example"));
        assert!(Arc::ptr_eq(&one, &documents.of(&issuer("https://org.example"))));
        let other = documents.of(&issuer("https://org.example/"));
        assert!(!Arc::ptr_eq(&one, &other));
        // What no client uses any more is removed when another one is added.
        drop(one);
        let _third = documents.of(&issuer("https://third.example"));
        assert_eq!(documents.0.lock().len(), 2);
    }

    #[test]
    fn an_id_that_nobody_has_is_remembered_for_a_while_and_only_so_many() {
        let (documents, now) = (IssuerDocuments::default(), Instant::now());
        documents.keep_unknown("a", now);
        assert!(documents.is_unknown("a", now + limits::UNKNOWN_KEY - Duration::from_millis(1)));
        assert!(!documents.is_unknown("a", now + limits::UNKNOWN_KEY));
        assert!(!documents.is_unknown("b", now));
        for id in 0..limits::UNKNOWN_KEYS {
            documents.keep_unknown(&id.to_string(), now);
        }
        assert!(!documents.is_unknown("a", now), "the oldest goes");
        assert!(documents.is_unknown("0", now));
        assert_eq!(documents.unknown.lock().len(), limits::UNKNOWN_KEYS);
    }
}
