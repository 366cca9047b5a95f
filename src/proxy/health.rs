//! Health checks of upstreams, each at the interval that its configuration says; and a line of the log when one that was
//! ejected for failed requests gets requests again.
//!
//! pingora's own `lb` (0.9.1) is not used: it looks no names up, ejects no upstream for failed requests, knows neither
//! least connections nor an upstream that stays with its client, and after an unhealthy choice draws from its unweighted
//! list, so that a dead upstream's neighbours get more than their share; each choice allocates two or three times. Its
//! health checks wait for one another unless told otherwise, speak HTTP/1.1 and trust the system's authorities alone.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use http::Uri;
use http::header::{HOST, USER_AGENT};
use pingora::connectors::http::Connector;
use pingora::http::RequestHeader;
use pingora::protocols::http::client::HttpSession;
use pingora::server::ShutdownWatch;
use pingora::services::background::BackgroundService;
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::runtime::{Current, Runtime};
use super::upstream::{self, Waits};
use crate::access::HealthCheck;
use crate::gateway::UpstreamPool;
use crate::metrics::Metrics;

/// How long until it is looked again whether a check is due.
const TICK: Duration = Duration::from_millis(250);

/// Checks every upstream of the runtime in use that is to be checked.
pub struct CheckHealth {
    /// Whose upstreams.
    pub current: Arc<Current>,
    /// Where it is counted.
    pub metrics: Arc<Metrics>,
}

#[async_trait]
impl BackgroundService for CheckHealth {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        let connector = Arc::new(Connector::new(None));
        let mut due: HashMap<u64, Instant> = HashMap::new();
        let mut known: Weak<Runtime> = Weak::new();
        loop {
            let runtime = self.current.get();
            // The upstreams of a new configuration are in the metrics before their first check or failure.
            if !std::ptr::eq(known.as_ptr(), Arc::as_ptr(&runtime)) {
                for pool in &runtime.pools {
                    let is_available = pool.is_available(crate::time::since_1970());
                    self.metrics.upstream_available(&pool.upstream().to_string(), is_available);
                }
                known = Arc::downgrade(&runtime);
            }
            let mut before = std::mem::take(&mut due);
            for pool in &runtime.pools {
                let since_1970 = crate::time::since_1970();
                if pool.comes_back(since_1970) {
                    let upstream = pool.upstream().to_string();
                    info!(upstream, "an upstream that was left alone gets requests again");
                    self.metrics.upstream_available(&upstream, pool.is_available(since_1970));
                }
                let Some(check) = &pool.upstream().health_check else { continue };
                let now = Instant::now();
                let later = before.remove(&pool.id()).filter(|due| *due > now);
                due.insert(pool.id(), later.unwrap_or(now + check.interval));
                if later.is_none() {
                    tokio::spawn(look_at(Arc::clone(&connector), Arc::clone(pool), Arc::clone(&self.metrics)));
                }
            }
            drop(runtime);
            tokio::select! {
                () = tokio::time::sleep(TICK) => {}
                _ = shutdown.changed() => return,
            }
        }
    }
}

async fn look_at(connector: Arc<Connector>, pool: Arc<UpstreamPool>, metrics: Arc<Metrics>) {
    let Some(check) = pool.upstream().health_check.clone() else { return };
    let asked = timeout(check.timeout, ask(&connector, &pool, &check)).await;
    let why = match asked {
        Ok(Ok(status)) if check.status.map_or((200..400).contains(&status), |good| good == status) => None,
        Ok(Ok(status)) => Some(format!("it answers {status}")),
        Ok(Err(error)) => Some(super::answer::cause(&error)),
        Err(_) => Some("it takes too long".to_owned()),
    };
    let name = pool.upstream().to_string();
    match (pool.checked(why.is_none()), why) {
        (Some(true), _) => info!(upstream = name, "the upstream is well again"),
        (Some(false), why) => warn!(upstream = name, cause = why, "the upstream is not well, and gets no requests"),
        (None, _) => {}
    }
    metrics.upstream_available(&name, pool.is_available(crate::time::since_1970()));
}

/// The status of the answer.
async fn ask(connector: &Connector, pool: &UpstreamPool, check: &HealthCheck) -> pingora::Result<u16> {
    let waits = Waits { connect: check.timeout, silence: Some(check.timeout), blocked: Some(check.timeout) };
    let mut peer =
        upstream::peer(pool, waits, false).ok_or_else(|| pingora::Error::new(pingora::ErrorType::ConnectError))?;
    upstream::connect_afresh(&mut peer);
    let (mut session, _) = connector.get_http_session(&peer).await?;
    let mut head = RequestHeader::build("GET", check.path.as_bytes(), None)?;
    match pool.authority() {
        // Over HTTP/2 the host is a part of the target, and a field beside it is refused (RFC 9113 §8.3.1).
        Some(authority) if matches!(session, HttpSession::H2(_)) => {
            let scheme = if pool.upstream().tls { "https" } else { "http" };
            let target = Uri::builder().scheme(scheme).authority(authority.as_bytes()).path_and_query(&*check.path);
            head.set_uri(target.build().map_err(|_| pingora::Error::new(pingora::ErrorType::InvalidHTTPHeader))?);
        }
        Some(authority) => head.insert_header(HOST, authority.clone())?,
        None => {}
    }
    head.insert_header(USER_AGENT, "idx-gateway (health check)")?;
    session.write_request_header(Box::new(head)).await?;
    session.finish_request_body().await?;
    session.read_response_header().await?;
    Ok(session.response_header().map_or(0, |head| head.status.as_u16()))
}
