//! The smallest proxy that pingora makes: every request goes to one upstream, untouched.
//!
//! Two programs: `plain-proxy`, and `plain-proxy-mimalloc` with the gateway's allocator, which separates the cost of
//! the gateway from the gain of the allocator.

use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use pingora::Result;
use pingora::listeners::tls::TlsSettings;
use pingora::proxy::{ProxyHttp, Session, http_proxy_service};
use pingora::server::Server;
use pingora::server::configuration::ServerConf;
use pingora::upstreams::peer::HttpPeer;

struct Plain {
    upstream: String,
}

#[async_trait]
impl ProxyHttp for Plain {
    type CTX = ();

    fn new_ctx(&self) -> Self::CTX {}

    async fn upstream_peer(&self, _: &mut Session, (): &mut Self::CTX) -> Result<Box<HttpPeer>> {
        Ok(Box::new(HttpPeer::new(&*self.upstream, false, String::new())))
    }
}

/// Serves until stopped: `plain-proxy LISTEN UPSTREAM THREADS [TLS_LISTEN CERTIFICATE KEY]`. Over TLS HTTP/2 is offered too.
pub fn serve() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (plain, tls) = arguments.split_at(arguments.len().min(3));
    let ([listen, upstream, threads], [] | [_, _, _]) = (plain, tls) else {
        eprintln!("plain-proxy LISTEN UPSTREAM THREADS [TLS_LISTEN CERTIFICATE KEY]");
        return ExitCode::from(2);
    };
    let Ok(threads) = threads.parse() else {
        eprintln!("plain-proxy: THREADS is a number, not {threads}");
        return ExitCode::from(2);
    };
    let conf = ServerConf { threads, grace_period_seconds: Some(0), ..ServerConf::default() };
    let mut server = Server::new_with_opt_and_conf(None, conf);
    server.bootstrap();
    let mut proxy = http_proxy_service(&Arc::clone(&server.configuration), Plain { upstream: upstream.clone() });
    proxy.add_tcp(listen);
    if let [listen, certificate, key] = tls {
        match TlsSettings::intermediate(certificate, key) {
            Ok(mut settings) => {
                settings.enable_h2();
                proxy.add_tls_with_settings(listen, None, settings);
            }
            Err(error) => {
                eprintln!("plain-proxy: {error}");
                return ExitCode::from(2);
            }
        }
    }
    server.add_service(proxy);
    server.run_forever()
}
