//! Reloads the configuration on SIGHUP, all of it or nothing.
//!
//! The same file and environment are read as at the start, by a thread of its own, so that no request waits. If there
//! is any problem, the configuration in use stays, and every problem is a line of the log.

use std::path::PathBuf;
use std::sync::Arc;

use idx_gateway::config::{Admission, Config, Fixed, NewKeys, SessionBindings};
use idx_gateway::gateway::{Opening, openings};
use idx_gateway::proxy::{Current, Shared};
use idx_gateway::session::Redis;
use idx_gateway::time;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use crate::{Problems, assemble, check, log};

/// Receives SIGHUPs from when it is made. Before that, one would end the process.
pub(crate) struct Hangups {
    file: PathBuf,
    widening: Widening,
    signal: Signal,
    tasks: Runtime,
}

impl Hangups {
    /// SIGHUPs are kept from now on, until [`Hangups::reload`] reads `file`.
    pub(crate) fn new(file: PathBuf, widening: Widening) -> Result<Self, Problems> {
        let cannot = |error: std::io::Error| vec![format!("signals cannot be listened to: {error}")];
        let tasks = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(cannot)?;
        let signal = {
            let _tasks = tasks.enter();
            signal(SignalKind::hangup()).map_err(cannot)?
        };
        Ok(Self { file, widening, signal, tasks })
    }

    /// Starts the thread that reads the file at each SIGHUP and replaces what is `current`.
    pub(crate) fn reload(self, fixed: Fixed, mut compared: Compared, current: Arc<Current>, shared: Arc<Shared>) {
        let Self { file, widening, mut signal, tasks } = self;
        let run = move || {
            // Only the waits are async: what is told of a refused configuration asks its session store with a runtime of
            // its own, and within another that would panic.
            while tasks.block_on(signal.recv()).is_some() {
                let taken = reload(&file, &fixed, &current, &shared, (&compared, widening), &tasks);
                if let Err((problems, warnings)) = taken.map(|taken| compared = taken) {
                    shared.metrics.config_refused();
                    for problem in &problems {
                        error!("{problem}");
                    }
                    for warning in &warnings {
                        warn!("{warning}");
                    }
                    error!(problems = problems.len(), "the configuration was not taken; the one before stays");
                }
            }
        };
        if let Err(error) = std::thread::Builder::new().name("reload".to_owned()).spawn(run) {
            error!("SIGHUP will change nothing: {error}");
        }
    }
}

/// What a reload compares with the configuration before it.
pub(crate) struct Compared {
    admission: Admission,
    bindings: SessionBindings,
}

impl Compared {
    /// Of this configuration, before anything is made of it.
    pub(crate) fn of(config: &Config) -> Self {
        Self { admission: config.admission.clone(), bindings: config.session_bindings() }
    }
}

/// Whether a reload may let somebody reach more than before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Widening {
    Allowed,
    Refused,
}

/// Fails if the new configuration lets somebody reach more than before by what is not `allowed`; logs what it lets
/// through.
fn check_widening(openings: Vec<Opening>, allowed: &[String]) -> Result<(), Problems> {
    let is_allowed = |opening: &Opening| allowed.iter().any(|name| name == "*" || *name == opening.name);
    let (told, untold): (Vec<Opening>, Vec<Opening>) = openings.into_iter().partition(is_allowed);
    for Opening { what, .. } in &told {
        info!("{what}, as server.allow_widening says");
    }
    let problem = |Opening { name, what }| format!("{what}; server.allow_widening = [\"{name}\"] would allow that");
    if untold.is_empty() { Ok(()) } else { Err(untold.into_iter().map(problem).collect()) }
}

/// What the next reload compares; otherwise what is wrong, and what is unwise besides. Where widening is refused, it may let in
/// nobody whom the configuration `before` did not.
fn reload(
    file: &std::path::Path,
    fixed: &Fixed,
    current: &Current,
    shared: &Shared,
    (before, widening): (&Compared, Widening),
    tasks: &Runtime,
) -> Result<Compared, (Problems, Problems)> {
    let config = Config::reload(file, fixed).map_err(check::told)?;
    let (hash, level) = (config.hash.clone(), config.server.log.level);
    let warnings: Problems = config.warnings.iter().map(ToString::to_string).collect();
    let (allowed, compared) = (config.allow_widening.clone(), Compared::of(&config));
    let tested = assemble::tested(config, shared, NewKeys::Write).and_then(|runtime| {
        if widening == Widening::Refused {
            let mut found = openings(&current.get().gateway, &runtime.gateway, time::now());
            found.extend(compared.admission.openings(&before.admission));
            check_widening(found, &allowed)?;
        }
        Ok(runtime)
    });
    let runtime = match tested {
        Ok(runtime) => runtime,
        Err(problems) => return Err((problems, warnings)),
    };
    runtime.store.iter().for_each(Redis::start);
    tasks.block_on(runtime.look_up_new_names());
    current.replace(runtime);
    log::set_level(level);
    shared.metrics.config_taken(&hash, time::now());
    for warning in &warnings {
        warn!("{warning}");
    }
    for changed in compared.bindings.changed(&before.bindings) {
        warn!("{changed} is not what it was: sessions from before may open no more, and their people sign in again");
    }
    info!(hash, "the configuration was read again and taken");
    Ok(compared)
}
