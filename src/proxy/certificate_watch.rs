//! Certificates that change while the process runs: their files are looked at every [`LOOK_TIME`].

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pingora::server::ShutdownWatch;
use pingora::services::background::BackgroundService;
use tracing::{info, warn};

use super::runtime::Current;
use crate::metrics::Metrics;

/// How often the files are looked at.
const LOOK_TIME: Duration = Duration::from_secs(10);

/// Reads the files again when they change, until the process ends.
pub struct WatchCertificates {
    /// Whose files.
    pub current: Arc<Current>,
    /// Where it is shown until when they are good.
    pub metrics: Arc<Metrics>,
}

#[async_trait]
impl BackgroundService for WatchCertificates {
    async fn start(&self, mut shutdown: ShutdownWatch) {
        // A file that stays bad is logged once.
        let mut told = Vec::new();
        loop {
            if let Some(tls) = &self.current.get().tls {
                match tls.reload_changed() {
                    Ok(false) => {}
                    Ok(true) => {
                        info!("the certificates were read again");
                        told.clear();
                    }
                    Err(problems) => {
                        for problem in problems.iter().filter(|_| problems != told) {
                            warn!("the certificates stay as they were: {problem}");
                        }
                        told = problems;
                    }
                }
                for certificate in tls.certificates() {
                    self.metrics.certificate_not_after(&certificate.file, certificate.not_after.seconds());
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_TIME) => {}
                _ = shutdown.changed() => return,
            }
        }
    }
}
