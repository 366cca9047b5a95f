//! What `idx-gateway check` says of a configuration: its problems, its warnings, and how large a session's cookies will be.

use std::time::Duration;

use idx_gateway::config::{Config, NewKeys, Problem, Refused};
use idx_gateway::proxy::Shared;
use idx_gateway::session::{CookieEstimate, KeyRing, RedisSettings};
use idx_gateway::time;

use crate::Problems;
use crate::assemble::{judged, kept_claims, needed_groups};

/// How long before the end of the session key that seals `check` begins to warn.
const KEY_ENDS_SOON: Duration = Duration::from_secs(30 * 86_400);

/// What `idx-gateway check` says of a configuration that could be read.
pub(crate) struct Checked {
    /// What is allowed and unwise: session keys that end, a store that evicts.
    pub(crate) warnings: Vec<String>,
    /// How large the cookies of a session will be; or every problem.
    pub(crate) cookie: Result<CookieEstimate, Problems>,
}

/// Checks whether a runtime can be made. Nothing is bound or written, and only a session store is called, about evictions.
pub(crate) fn check(config: Config) -> Checked {
    let claims = kept_claims(&config.ui, &config.headers, &config.routes);
    let groups = needed_groups(&config.routes);
    let (scope, store) = (refreshed_scope(&config), config.session.redis.clone());
    let eviction = store.and_then(|settings| eviction_warning(&settings));
    let (runtime, failed) = match judged(config, &Shared::default(), NewKeys::Discard) {
        Ok(judged) => judged,
        Err(problems) => return Checked { warnings: eviction.into_iter().collect(), cookie: Err(problems) },
    };
    let warnings = key_warnings(&runtime.gateway.keys, time::now()).into_iter().chain(eviction).collect();
    let cookie = match failed.is_empty() {
        true => Ok(runtime.gateway.sessions.estimate(&claims, &groups, scope.as_deref())),
        false => Err(failed),
    };
    Checked { warnings, cookie }
}

/// Every problem and every warning of a configuration that was refused, including those that show only when the rest of it
/// is put together.
pub(crate) fn told(refused: Refused) -> (Problems, Problems) {
    let lines = |found: &[Problem]| found.iter().map(ToString::to_string).collect::<Problems>();
    let (mut problems, mut warnings) = (lines(&refused.problems), lines(&refused.warnings));
    if let Some(checked) = refused.rest.map(|rest| check(*rest)) {
        problems.extend(checked.cookie.err().unwrap_or_default());
        warnings.extend(checked.warnings);
    }
    (problems, warnings)
}

/// A warning when the store evicts sessions; none where it does not, or does not say.
fn eviction_warning(settings: &RedisSettings) -> Option<String> {
    let waits = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let policy = waits.block_on(settings.eviction())?;
    Some(format!(
        "session.redis: maxmemory-policy is {policy}: sessions, and marks of what may count only once, are thrown away \
         when the server's memory is full; noeviction keeps them"
    ))
}

/// The longest scope that is requested from a provider whose sessions are refreshed.
fn refreshed_scope(config: &Config) -> Option<String> {
    let refreshed =
        config.providers.iter().filter(|provider| provider.scopes.iter().any(|scope| scope == "offline_access"));
    refreshed.map(|provider| provider.scopes.join(" ")).max_by_key(String::len)
}

/// Warnings about session keys at `now`.
fn key_warnings(keys: &KeyRing, now: time::Instant) -> Vec<String> {
    let sealing = keys.retire(now).id();
    let ends = keys.all().filter_map(|key| Some((key.id(), key.not_after?)));
    ends.filter_map(|(id, end)| match end.since(now) {
        left if left.is_zero() => Some(format!("session.keys: key {id} is past its not_after: it can go")),
        left if id == sealing && left < KEY_ENDS_SOON => {
            let days = left.as_secs() / 86_400;
            Some(format!(
                "session.keys: key {id}, which seals, is past its not_after in {days} days: put a new one first"
            ))
        }
        _ => None,
    })
    .collect()
}
