//! Events: our own (`tracing`), and those of other crates (`tracing` and `log`).

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use super::gather;
use super::line::{Calendar, Format, Line};

/// The level from which on our own events are logged, as an index into [`LEVELS`].
static LEVEL: AtomicUsize = AtomicUsize::new(2);
const LEVELS: [Level; 5] = [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE];

/// Receives all events from now on.
pub(super) fn listen(level: Level, format: Format) -> Result<(), String> {
    set_level(level);
    tracing_subscriber::registry().with(Events(format)).try_init().map_err(|error| error.to_string())?;
    ::log::set_boxed_logger(Box::new(Events(format))).map_err(|error| error.to_string())
}

/// Logs our own events from `level` on, and those of other crates by [`of_others`].
pub fn set_level(level: Level) {
    LEVEL.store(LEVELS.iter().position(|known| *known == level).unwrap_or_default(), Ordering::Relaxed);
    ::log::set_max_level(match of_others(level) {
        Level::ERROR => ::log::LevelFilter::Error,
        Level::WARN => ::log::LevelFilter::Warn,
        _ => ::log::LevelFilter::Info,
    });
    // Whether an event is logged is decided once for each call site and then cached.
    tracing::callsite::rebuild_interest_cache();
}

fn level() -> Level {
    LEVELS[LEVEL.load(Ordering::Relaxed)]
}

/// From which level on other crates are logged: their `info` is about threads and services, and their `debug` writes down
/// whole requests.
fn of_others(level: Level) -> Level {
    match level {
        Level::ERROR => Level::ERROR,
        Level::WARN | Level::INFO => Level::WARN,
        _ => Level::INFO,
    }
}

fn is_logged(about: &Metadata<'_>) -> bool {
    let is_ours = about.target().starts_with("idx_gateway");
    *about.level() <= if is_ours { level() } else { of_others(level()) }
}

/// What pingora-core logs as an error where nothing failed: a connection to an upstream is kept at the very moment at which
/// it is wanted again, and a new one is made.
const ANOTHER_CONNECTION: &str = "failed to acquire reusable stream";

struct Events(Format);

impl Events {
    fn write(&self, level: Level, target: &str, values: impl FnOnce(&mut Line<'_>)) {
        // Written apart from the thread's buffer, since formatting a value may itself log.
        let mut event = Vec::with_capacity(256);
        let mut calendar = Calendar::default();
        let mut line = Line::begin(&mut event, self.0, calendar.write(crate::time::since_1970()), level, target);
        values(&mut line);
        line.end();
        gather::append(|out, _| out.extend_from_slice(&event));
    }
}

impl<S: Subscriber> Layer<S> for Events {
    fn register_callsite(&self, about: &'static Metadata<'static>) -> Interest {
        if is_logged(about) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, about: &Metadata<'_>, _: Context<'_, S>) -> bool {
        is_logged(about)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(level()))
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let about = event.metadata();
        self.write(*about.level(), about.target(), |line| event.record(&mut Values(line)));
    }
}

impl ::log::Log for Events {
    fn enabled(&self, about: &::log::Metadata<'_>) -> bool {
        // With an error pingora-proxy logs the bytes that caused it, cookies included; `proxy` logs the same without
        // them.
        about.level() <= ::log::max_level() && !about.target().starts_with("pingora_proxy")
    }

    fn log(&self, record: &::log::Record<'_>) {
        if !::log::Log::enabled(self, record.metadata()) {
            return;
        }
        let level = match record.level() {
            ::log::Level::Error => Level::ERROR,
            ::log::Level::Warn => Level::WARN,
            ::log::Level::Info => Level::INFO,
            ::log::Level::Debug | ::log::Level::Trace => return,
        };
        let message = record.args().to_string();
        if message != ANOTHER_CONNECTION {
            self.write(level, record.target(), |line| line.message(&message));
        }
    }

    fn flush(&self) {}
}

struct Values<'a, 'b>(&'a mut Line<'b>);

impl Visit for Values<'_, '_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.0.message(value),
            name => self.0.text(name, value.as_bytes()),
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.number(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.literal(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.literal(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
