//! What the operator's machines ask, on a listener of its own: metrics, liveness, readiness.
//!
//! | path | 200 | otherwise |
//! |---|---|---|
//! | `/metrics` | Prometheus text | |
//! | `/healthz` | the process answers | |
//! | `/readyz` | it takes requests | 503 while it begins or ends, and until the session store has answered once; names upstreams that have no address |
//!
//! None of these exists on the public listener, whatever its `Host` says. The org is not asked: people
//! who are signed in need it for nothing, and an outage there must not take the gateway away as well.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use http::header::{ALLOW, CONTENT_LENGTH};
use http::{HeaderValue, Method, Response, StatusCode};
use pingora::apps::http_app::ServeHttp;
use pingora::protocols::http::ServerSession;

use crate::metrics::Metrics;
use crate::proxy::{Address, Current, Draining};
use crate::web;

/// The admin listener's logic.
pub struct Admin {
    /// What `/metrics` shows.
    pub metrics: Arc<Metrics>,
    /// Whose upstreams must have addresses.
    pub current: Arc<Current>,
    /// Whether the process is about to end.
    pub draining: Draining,
    /// Where the public is let in.
    pub listeners: ListenerProbe,
}

/// The public listeners, and whether all of them have been found open. They open after this one does, and
/// nothing says when, so they are tried.
pub struct ListenerProbe {
    addresses: Vec<Address>,
    open: AtomicBool,
}

impl ListenerProbe {
    /// Not tried yet.
    pub fn new(addresses: Vec<Address>) -> Self {
        Self { addresses, open: AtomicBool::new(false) }
    }

    async fn are_open(&self) -> bool {
        if self.open.load(Ordering::Relaxed) {
            return true;
        }
        for address in &self.addresses {
            let tried = tokio::time::timeout(Duration::from_secs(1), address.is_open()).await;
            if tried != Ok(true) {
                return false;
            }
        }
        self.open.store(true, Ordering::Relaxed);
        true
    }
}

impl Admin {
    /// A store that goes away later is told to visitors: taking every replica away would not bring it back.
    fn waits_for_store(&self) -> bool {
        self.current.get().store.as_ref().is_some_and(|store| !store.has_been_connected())
    }

    fn answer(&self, method: &Method, path: &str, open: bool) -> (StatusCode, &'static str, String) {
        const PLAIN: &str = "text/plain; charset=utf-8";
        let said = |status, text: &str| (status, PLAIN, text.to_owned());
        if !matches!(*method, Method::GET | Method::HEAD) {
            return said(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        }
        let not_ready = |why| said(StatusCode::SERVICE_UNAVAILABLE, why);
        match path {
            "/metrics" => (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", self.metrics.text()),
            "/healthz" => said(StatusCode::OK, "ok\n"),
            "/readyz" if self.draining.is_on() => not_ready("ending\n"),
            "/readyz" if self.waits_for_store() => not_ready("the session store has not answered yet\n"),
            "/readyz" if !open => not_ready("not listening yet\n"),
            "/readyz" => {
                // The other routes work: taking the gateway away would not help the one that does not.
                let runtime = self.current.get();
                let unknown = runtime.pools.iter().filter(|pool| pool.addresses() == 0);
                let unknown: String =
                    unknown.map(|pool| format!("the upstream {} has no address yet\n", pool.upstream().host)).collect();
                (StatusCode::OK, PLAIN, format!("ready\n{unknown}"))
            }
            _ => said(StatusCode::NOT_FOUND, "there are /metrics, /healthz and /readyz\n"),
        }
    }
}

#[async_trait]
impl ServeHttp for Admin {
    async fn response(&self, session: &mut ServerSession) -> Response<Vec<u8>> {
        let head = session.req_header();
        let path = head.uri.path();
        let open = path != "/readyz" || self.listeners.are_open().await;
        let (status, content_type, text) = self.answer(&head.method, path, open);
        // What protects a page of the gateway protects these, too.
        let answer = web::Response::text(status, content_type, text);
        let mut response = Response::new(answer.body.to_vec());
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response.headers_mut().insert(CONTENT_LENGTH, answer.body.len().into());
        if status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Upstream;
    use crate::gateway::UpstreamPool;
    use crate::proxy::{Runtime, tests::runtime};

    fn admin(host: &str) -> Admin {
        let pool = UpstreamPool::new(Upstream::new(host, 80, false));
        Admin {
            metrics: Arc::default(),
            current: Current::new(Runtime { pools: vec![Arc::new(pool)], ..runtime() }),
            draining: Draining::default(),
            listeners: ListenerProbe::new(Vec::new()),
        }
    }

    #[test]
    fn each_path_says_what_it_should() {
        for (method, path, status) in [
            (Method::GET, "/metrics", 200),
            (Method::GET, "/healthz", 200),
            (Method::HEAD, "/readyz", 200),
            (Method::POST, "/metrics", 405),
            (Method::GET, "/", 404),
            (Method::GET, "/metrics/", 404),
        ] {
            assert_eq!(admin("127.0.0.1").answer(&method, path, true).0.as_u16(), status, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn it_is_not_ready_before_the_public_can_come_in() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a listener");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let listeners = ListenerProbe::new(vec![Address::Internet(address)]);
        assert!(!listeners.are_open().await);
        assert_eq!(admin("127.0.0.1").answer(&Method::GET, "/readyz", false).0, StatusCode::SERVICE_UNAVAILABLE);
        let _listener = std::net::TcpListener::bind(address).expect("the listener again");
        assert!(listeners.are_open().await);
    }

    #[test]
    fn it_is_not_ready_while_it_ends_and_names_upstreams_without_an_address() {
        let (status, _, said) = admin("app.internal").answer(&Method::GET, "/readyz", true);
        assert_eq!((status, &*said), (StatusCode::OK, "ready\nthe upstream app.internal has no address yet\n"));
        let ending = admin("127.0.0.1");
        ending.draining.begin();
        assert_eq!(ending.answer(&Method::GET, "/readyz", true).0, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(ending.answer(&Method::GET, "/healthz", true).0, StatusCode::OK, "alive all the same");
    }
}
