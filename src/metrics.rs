//! What the gateway counts, in Prometheus text. Every name begins with `gateway_`.
//! The README's table says what each is; a test compares the two.
//!
//! Labels are bounded by type: enums, names from the configuration, and for words of the org at most
//! [`MOST_KEYS`] of them, the rest together as `other`.

mod labels;

use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::Duration;

use parking_lot::Mutex;
use prometheus::core::Collector;
use prometheus::{
    Encoder as _, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry,
};

use crate::time::Instant;

use labels::{CLASSES, class_label};

pub use labels::{
    BearerOutcome, ConnectionRefusal, DecisionLabel, IdpStatus, NO_PROVIDER, RefreshOutcome, SignInOutcome,
    StoreFailure,
};

/// How many different words of the org get a label of their own in one metric.
const MOST_KEYS: usize = 100;

/// Buckets of durations in seconds, from half a millisecond to half a minute.
const BUCKETS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Buckets of cookie sizes in bytes: a session in one part stays within 4,000, one in two parts within 8,000.
const COOKIE_BUCKETS: [f64; 8] = [500.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0, 6000.0, 8000.0];

/// The counter of dropped log lines. It is static, because the log starts before the metrics are made.
pub fn log_lines_dropped() -> &'static IntCounter {
    static DROPPED: LazyLock<IntCounter> = LazyLock::new(|| {
        let help = "Lines of the log that could not be written, or not fast enough.";
        IntCounter::new("gateway_log_lines_dropped_total", help).expect("a metric with a valid name")
    });
    &DROPPED
}

/// All metrics of a process.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGauge,
    decisions: IntCounterVec,
    unreadable: IntCounter,
    sign_ins: IntCounterVec,
    dropped_values: IntCounter,
    bearer: IntCounterVec,
    claims_left_out: IntCounter,
    cookie_bytes: Histogram,
    session_key_age: IntGauge,
    revocations: IntGauge,
    revocations_waiting: IntGauge,
    store: StoreMetrics,
    provider: ProviderMetrics,
    edge: EdgeMetrics,
    config: ConfigMetrics,
}

struct ProviderMetrics {
    calls: IntCounterVec,
    durations: HistogramVec,
    refreshes: IntCounterVec,
    unmapped: Words,
    remediations: Words,
}

struct StoreMetrics {
    missing: IntCounter,
    copies: IntCounter,
    up: IntGauge,
    failures: IntCounterVec,
}

struct EdgeMetrics {
    connections: IntGauge,
    connections_refused: IntCounterVec,
    requests_refused: IntCounterVec,
    certificates: IntGaugeVec,
    upstreams: IntGaugeVec,
    ejections: IntCounterVec,
    retries: IntCounterVec,
}

struct ConfigMetrics {
    taken: IntGauge,
    taken_at: IntGauge,
    info: IntGaugeVec,
}

/// Counts one open connection until it is dropped.
pub struct OpenConnection(IntGauge);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The metrics of one route, looked up once. A later route of the same name goes on with the same counts.
#[derive(Clone)]
pub struct RouteMetrics {
    name: String,
    requests: [IntCounter; 6],
    durations: Histogram,
    decisions: [IntCounter; DecisionLabel::ALL.len()],
}

impl RouteMetrics {
    /// The route's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Counts a response with `status`; none when the connection ended before there was one.
    pub fn answered(&self, status: Option<u16>, took: Duration) {
        let class = match status.map(|status| status / 100) {
            Some(class @ 1..=5) => usize::from(class) - 1,
            _ => 5,
        };
        self.requests[class].inc();
        self.durations.observe(took.as_secs_f64());
    }

    /// Counts a decision of a policy.
    pub fn decided(&self, decision: DecisionLabel) {
        self.decisions[decision as usize].inc();
    }
}

impl Metrics {
    /// All metrics, at zero.
    pub fn new() -> Self {
        let registry = Registry::new();
        of_the_process(&registry);
        let new = New(&registry);
        Self {
            requests: new.counters("gateway_requests_total", "Requests answered.", &["route", "status"]),
            durations: new.durations(
                "gateway_request_duration_seconds",
                "From the head read to the last byte sent.",
                &["route"],
            ),
            in_flight: new.gauge("gateway_requests_in_flight", "Requests that are being answered."),
            decisions: new.counters(
                "gateway_decisions_total",
                "What policies decided, and why.",
                &["route", "decision"],
            ),
            unreadable: new.counter(
                "gateway_sessions_unreadable_total",
                "Session cookies that did not open, or whose session had been ended.",
            ),
            sign_ins: new.counters(
                "gateway_sign_ins_total",
                "Sign-ins begun, and how they ended.",
                &["outcome", "provider"],
            ),
            cookie_bytes: new.kept(Histogram::with_opts(
                HistogramOpts::new("gateway_cookie_bytes", "What our cookies weigh in a request after a sign-in.")
                    .buckets(COOKIE_BUCKETS.to_vec()),
            )),
            session_key_age: new.gauge("gateway_session_key_age_seconds", "How old the session key is that seals."),
            revocations: new.gauge("gateway_revocations", "Ended sessions and people that this process remembers."),
            revocations_waiting: new
                .gauge("gateway_revocations_waiting", "Refresh tokens of ended sessions that are to be revoked."),
            claims_left_out: new.counter(
                "gateway_claims_left_out_total",
                "Claims of people who signed in that were too large for their session.",
            ),
            bearer: new.counters(
                "gateway_bearer_tokens_total",
                "Access tokens that programs brought, and what became of them.",
                &["issuer", "outcome"],
            ),
            dropped_values: new
                .counter("gateway_header_values_dropped_total", "Identity values that cannot stand in a header."),
            store: StoreMetrics::new(&new),
            provider: ProviderMetrics::new(&new),
            edge: EdgeMetrics::new(&new),
            config: ConfigMetrics::new(&new),
            registry,
        }
    }

    /// The metrics of the route of that name.
    pub fn route(&self, name: &str) -> RouteMetrics {
        RouteMetrics {
            name: name.to_owned(),
            requests: CLASSES.map(|class| self.requests.with_label_values(&[name, class_label(class)])),
            durations: self.durations.with_label_values(&[name]),
            decisions: DecisionLabel::ALL.map(|decision| self.decisions.with_label_values(&[name, decision.label()])),
        }
    }

    /// Counts a request as in flight, until [`Metrics::request_ended`].
    pub fn request_began(&self) {
        self.in_flight.inc();
    }

    /// Counts a request as no longer in flight.
    pub fn request_ended(&self) {
        self.in_flight.dec();
    }

    /// Records that a configuration with this hash is in use from `now` on.
    pub fn config_taken(&self, hash: &str, now: Instant) {
        self.config.taken.set(1);
        self.config.taken_at.set(i64::try_from(now.seconds()).unwrap_or(i64::MAX));
        self.config.info.reset();
        self.config.info.with_label_values(&[hash]).set(1);
    }

    /// Records that a configuration was refused and the one before stays in use.
    pub fn config_refused(&self) {
        self.config.taken.set(0);
    }

    /// The number of open connections.
    pub fn open_connections(&self) -> i64 {
        self.edge.connections.get()
    }

    /// Counts a session cookie that could not be read.
    pub fn unreadable_session(&self) {
        self.unreadable.inc();
    }

    /// Counts a session cookie for which the store has no session.
    pub fn missing_session(&self) {
        self.store.missing.inc();
    }

    /// Counts a request that used a copy of a session because the store did not answer.
    pub fn session_copy_used(&self) {
        self.store.copies.inc();
    }

    /// Records whether the session store answers.
    pub fn store_is_up(&self, is_up: bool) {
        self.store.up.set(i64::from(is_up));
    }

    /// Counts a command that the session store did not answer.
    pub fn store_failed(&self, how: StoreFailure) {
        self.store.failures.with_label_values(&[how.label()]).inc();
    }

    /// Records the age of the session key that seals.
    pub fn session_key_age(&self, age: Duration) {
        self.session_key_age.set(i64::try_from(age.as_secs()).unwrap_or(i64::MAX));
    }

    /// Records how many ended sessions and signed-out people are remembered.
    pub fn revocations(&self, count: usize) {
        self.revocations.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// So many more refresh tokens wait to be revoked, or fewer.
    pub fn revocations_wait(&self, more: i64) {
        self.revocations_waiting.add(more);
    }

    /// How many refresh tokens wait to be revoked.
    pub fn revocations_waiting(&self) -> i64 {
        self.revocations_waiting.get()
    }

    /// Records how many bytes of our cookies the browser of somebody who has just signed in sends.
    pub fn cookie_bytes(&self, bytes: usize) {
        self.cookie_bytes.observe(bytes as f64);
    }

    /// Counts claims that had no room in the session of somebody who signed in.
    pub fn claims_left_out(&self, count: usize) {
        self.claims_left_out.inc_by(count as u64);
    }

    /// Counts an access token, by the configured name of its issuer.
    pub fn bearer(&self, issuer: &str, outcome: BearerOutcome) {
        self.bearer.with_label_values(&[issuer, outcome.label()]).inc();
    }

    /// Counts a session that was due to be refreshed, by its provider.
    pub fn session_refresh(&self, provider: &str, outcome: RefreshOutcome) {
        self.provider.refreshes.with_label_values(&[outcome.label(), provider]).inc();
    }

    /// Counts an identity value that cannot be written into a header.
    pub fn dropped_value(&self) {
        self.dropped_values.inc();
    }

    /// Counts an open connection, until the value returned is dropped.
    pub fn connection(&self) -> OpenConnection {
        self.edge.connections.inc();
        OpenConnection(self.edge.connections.clone())
    }

    /// Counts a connection that was closed at once.
    pub fn connection_refused(&self, reason: ConnectionRefusal) {
        self.edge.connections_refused.with_label_values(&[reason.label()]).inc();
    }

    /// Records when the certificate in `file` expires, in Unix seconds.
    pub fn certificate_not_after(&self, file: &str, seconds: u64) {
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        self.edge.certificates.with_label_values(&[file]).set(seconds);
    }

    /// Counts a request that was refused because of its form.
    pub fn request_refused(&self, reason: &'static str) {
        self.edge.requests_refused.with_label_values(&[reason]).inc();
    }

    /// Records whether an upstream gets requests.
    pub fn upstream_available(&self, upstream: &str, is_available: bool) {
        self.edge.upstreams.with_label_values(&[upstream]).set(is_available.into());
    }

    /// Counts the ejection of an upstream, which gets no requests for a while.
    pub fn upstream_ejected(&self, upstream: &str) {
        self.edge.ejections.with_label_values(&[upstream]).inc();
        self.upstream_available(upstream, false);
    }

    /// Counts a request of a route that was sent again.
    pub fn upstream_retried(&self, route: &str) {
        self.edge.retries.with_label_values(&[route]).inc();
    }

    /// Counts an outcome of sign-ins with this provider, or [`NO_PROVIDER`].
    pub fn sign_in(&self, provider: &str, outcome: SignInOutcome) {
        self.sign_ins.with_label_values(&[outcome.label(), provider]).inc();
    }

    /// Counts a call to a provider, and how long it took.
    pub fn idp_call(&self, provider: &str, operation: &'static str, status: IdpStatus, took: Duration) {
        self.provider.calls.with_label_values(&[operation, provider, status.label()]).inc();
        self.provider.durations.with_label_values(&[operation, provider]).observe(took.as_secs_f64());
    }

    /// Counts a message of the org for which the catalogue has no text.
    pub fn unmapped_message(&self, key: &str) {
        self.provider.unmapped.count(key);
    }

    /// Counts a step of the org that is not known.
    pub fn unknown_remediation(&self, name: &str) {
        self.provider.remediations.count(name);
    }

    /// All metrics in Prometheus' text format (version 0.0.4).
    pub fn text(&self) -> String {
        let mut text = Vec::new();
        // Writing to memory fails only for a metric without samples, and `gather` leaves those out.
        let _ = prometheus::TextEncoder::new().encode(&self.registry.gather(), &mut text);
        String::from_utf8(text).unwrap_or_default()
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl StoreMetrics {
    fn new(new: &New<'_>) -> Self {
        Self {
            missing: new.counter("gateway_sessions_missing_total", "Session cookies that the store has nothing for."),
            copies: new.counter(
                "gateway_session_copies_used_total",
                "Requests that a copy of a session was good for while the store was away.",
            ),
            up: new.gauge("gateway_store_up", "Whether the session store answers."),
            failures: new.counters(
                "gateway_store_failures_total",
                "Commands that the session store did not answer.",
                &["reason"],
            ),
        }
    }
}

impl ProviderMetrics {
    fn new(new: &New<'_>) -> Self {
        Self {
            calls: new.counters("gateway_idp_calls_total", "Calls to providers.", &["operation", "provider", "status"]),
            durations: new.durations(
                "gateway_idp_call_duration_seconds",
                "How long calls to providers took.",
                &["operation", "provider"],
            ),
            refreshes: new.counters(
                "gateway_session_refreshes_total",
                "Sessions that were due to be refreshed, and what became of them.",
                &["outcome", "provider"],
            ),
            unmapped: Words::new(new.counters(
                "gateway_unmapped_messages_total",
                "Messages of the org that the catalogue has no words for.",
                &["key"],
            )),
            remediations: Words::new(new.counters(
                "gateway_unknown_remediations_total",
                "Steps of the org that this gateway does not know.",
                &["name"],
            )),
        }
    }
}

impl EdgeMetrics {
    fn new(new: &New<'_>) -> Self {
        Self {
            connections: new.gauge("gateway_connections", "Connections that are open."),
            connections_refused: new.counters(
                "gateway_connections_refused_total",
                "Connections closed at once.",
                &["reason"],
            ),
            requests_refused: new.counters(
                "gateway_requests_refused_total",
                "Requests refused for how they were sent.",
                &["reason"],
            ),
            upstreams: new.gauges(
                "gateway_upstream_available",
                "1 while an upstream gets requests; 0 while ejected, unhealthy or without address.",
                &["upstream"],
            ),
            ejections: new.counters(
                "gateway_upstream_ejections_total",
                "How often an upstream was ejected because requests failed.",
                &["upstream"],
            ),
            retries: new.counters("gateway_upstream_retries_total", "Requests that were sent once more.", &["route"]),
            certificates: new.gauges(
                "gateway_tls_certificate_not_after_timestamp_seconds",
                "Until when a certificate is good.",
                &["certificate"],
            ),
        }
    }
}

impl ConfigMetrics {
    fn new(new: &New<'_>) -> Self {
        Self {
            taken: new.gauge("gateway_config_last_reload_successful", "Whether the last configuration was taken."),
            taken_at: new.gauge(
                "gateway_config_last_reload_success_timestamp_seconds",
                "When a configuration was last taken, in Unix time.",
            ),
            info: new.gauges("gateway_config_info", "The configuration in use; always 1.", &["hash"]),
        }
    }
}

fn of_the_process(registry: &Registry) {
    let build = Opts::new("gateway_build_info", "The running gateway; always 1.");
    let build = build.const_label("version", env!("CARGO_PKG_VERSION"));
    New(registry).kept(IntGauge::with_opts(build)).set(1);
    let pid = i32::try_from(std::process::id()).unwrap_or_default();
    let process = prometheus::process_collector::ProcessCollector::new(pid, "gateway");
    registry.register(Box::new(process)).expect("a metric registered once");
    registry.register(Box::new(log_lines_dropped().clone())).expect("a metric registered once");
}

/// Makes metrics and registers them. Names and labels are literals of this file, so any test finds a mistake in them.
struct New<'r>(&'r Registry);

impl New<'_> {
    fn kept<C: Collector + Clone + 'static>(&self, metric: prometheus::Result<C>) -> C {
        let metric = metric.expect("a metric with a valid name");
        self.0.register(Box::new(metric.clone())).expect("a metric registered once");
        metric
    }

    fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.kept(IntCounter::new(name, help))
    }

    fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.kept(IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.kept(IntGauge::new(name, help))
    }

    fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.kept(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn durations(&self, name: &str, help: &str, labels: &[&str]) -> HistogramVec {
        self.kept(HistogramVec::new(HistogramOpts::new(name, help).buckets(BUCKETS.to_vec()), labels))
    }
}

/// Words of the org as a label: the first [`MOST_KEYS`] that look like a key; all others are counted as `other`.
struct Words {
    counter: IntCounterVec,
    known: Mutex<HashSet<String>>,
}

impl Words {
    fn new(counter: IntCounterVec) -> Self {
        Self { counter, known: Mutex::default() }
    }

    fn count(&self, word: &str) {
        let is_key = (1..=100).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
        let mut known = self.known.lock();
        let told_apart = is_key && (known.contains(word) || (known.len() < MOST_KEYS && known.insert(word.to_owned())));
        self.counter.with_label_values(&[if told_apart { word } else { "other" }]).inc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_begins_with_gateway() {
        let metrics = Metrics::new();
        metrics.route("wiki").answered(Some(200), Duration::from_millis(3));
        metrics.sign_in("okta", SignInOutcome::SignedIn);
        metrics.idp_call("okta", "token", IdpStatus::Http(200), Duration::from_millis(30));
        let text = metrics.text();
        assert!(text.lines().filter(|line| !line.starts_with('#')).all(|line| line.starts_with("gateway_")), "{text}");
        for line in [
            r#"gateway_requests_total{route="wiki",status="2xx"} 1"#,
            r#"gateway_sign_ins_total{outcome="signed_in",provider="okta"} 1"#,
            r#"gateway_idp_calls_total{operation="token",provider="okta",status="2xx"} 1"#,
            r#"gateway_request_duration_seconds_bucket{route="wiki",le="0.0025"} 0"#,
            r#"gateway_request_duration_seconds_bucket{route="wiki",le="0.005"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
        assert!(text.contains("gateway_build_info{version=") && text.contains("gateway_process_cpu_seconds_total"));
    }

    #[test]
    fn decisions_are_counted_under_their_own_names() {
        let metrics = Metrics::new();
        let route = metrics.route("wiki");
        for (decision, label) in [
            (DecisionLabel::Public, "pass_public"),
            (DecisionLabel::Optional, "pass_optional"),
            (DecisionLabel::SignedIn, "pass_signed_in"),
            (DecisionLabel::Conditions, "pass_conditions"),
            (DecisionLabel::InGroup, "pass_in_group"),
            (DecisionLabel::SignIn, "sign_in"),
            (DecisionLabel::Unauthorized, "unauthorized"),
            (DecisionLabel::NotInGroup, "refuse_not_in_group"),
            (DecisionLabel::ConditionsNotMet, "refuse_conditions"),
            (DecisionLabel::StepUp, "step_up"),
            (DecisionLabel::Maintenance, "maintenance"),
            (DecisionLabel::Unavailable, "unavailable"),
        ] {
            let line = format!(r#"gateway_decisions_total{{decision="{label}",route="wiki"}} "#);
            assert!(metrics.text().contains(&format!("{line}0")), "{label} is counted under another's name");
            route.decided(decision);
            assert!(metrics.text().contains(&format!("{line}1")), "{label} is not counted under its own");
        }
    }

    #[test]
    fn words_of_the_org_do_not_grow_the_metrics_without_end() {
        let metrics = Metrics::new();
        for number in 0..1000 {
            metrics.unmapped_message(&format!("errors.E{number}"));
        }
        metrics.unmapped_message("a \"b\"\n");
        let text = metrics.text();
        assert_eq!(text.matches("gateway_unmapped_messages_total{").count(), MOST_KEYS + 1);
        assert!(text.contains(r#"gateway_unmapped_messages_total{key="other"} 901"#));
    }

    #[test]
    fn one_configuration_is_in_use_at_a_time() {
        let metrics = Metrics::new();
        metrics.config_taken("aa", Instant::from_seconds(1_800_000_000));
        metrics.config_taken("bb", Instant::from_seconds(1_800_000_060));
        metrics.config_refused();
        let text = metrics.text();
        for line in [
            "gateway_config_last_reload_successful 0",
            "gateway_config_last_reload_success_timestamp_seconds 1800000060",
            r#"gateway_config_info{hash="bb"} 1"#,
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
        assert!(!text.contains(r#"hash="aa""#), "{text}");
    }
}
