//! The settings that sessions are bound to: where a reload changes one, sessions from before may open no more.

use url::Url;

use super::providers::ProviderSettings;
use crate::session::{Deployment, RedisSettings, Servers};

/// What of a configuration sessions are bound to.
#[derive(Clone)]
pub struct SessionBindings {
    origin: String,
    /// In the order of the configuration; every session is sealed for the first.
    providers: Vec<Provider>,
    /// Where the session store is and what its keys begin with; none where browsers keep their sessions.
    store: Option<(Servers, String)>,
}

#[derive(Clone, PartialEq, Eq)]
struct Provider {
    name: String,
    issuer: String,
    client_id: String,
    /// The claim that says who somebody is: a refresh must find the same person.
    subject: String,
}

impl SessionBindings {
    /// Of the address of the site, the providers in their order, and the session store.
    pub(super) fn of(public_url: &Url, providers: &[ProviderSettings], redis: Option<&RedisSettings>) -> Self {
        let providers = providers.iter().map(|provider| Provider {
            name: provider.name.clone(),
            issuer: provider.issuer.as_str().to_owned(),
            client_id: provider.client_id.clone(),
            subject: provider.claims.subject.clone(),
        });
        Self {
            origin: public_url.origin().ascii_serialization(),
            providers: providers.collect(),
            store: redis.map(|redis| (redis.servers.clone(), redis.prefix.clone())),
        }
    }

    /// What every session is sealed for.
    pub fn deployment(&self) -> Deployment<'_> {
        let first = self.providers.first();
        Deployment {
            origin: &self.origin,
            issuer: first.map_or("", |provider| &provider.issuer),
            client_id: first.map_or("", |provider| &provider.client_id),
        }
    }

    /// What differs from `before`, by the keys of the settings.
    pub fn changed(&self, before: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let mut note = |key: &str, differs: bool| found.extend(differs.then(|| key.to_owned()));
        note("server.public_url", self.origin != before.origin);
        match (&self.store, &before.store) {
            (Some((servers, prefix)), Some((old_servers, old_prefix))) => {
                note("session.redis.url", servers != old_servers);
                note("session.redis.prefix", prefix != old_prefix);
            }
            (now, then) => note("session.store", now.is_some() != then.is_some()),
        }
        let first = |bindings: &Self| bindings.providers.first().map(|provider| provider.name.clone());
        note("the first provider", first(self) != first(before));
        for old in &before.providers {
            let now = self.providers.iter().find(|provider| provider.name == old.name);
            note(&format!("the provider `{}`", old.name), now != Some(old));
        }
        found
    }
}
