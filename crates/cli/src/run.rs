//! `run` and `check`: the only place that calls the daemon itself.

use std::path::Path;

use anyhow::Context;
use daemon::config::{Config, ConfigErrors};
use rustix::process::{Signal, set_parent_process_death_signal};

use crate::args::RunArguments;
use crate::failure::{CONFIGURATION, Failure};
use crate::output::{Output, counted, say};

/// Runs the daemon until it is told to stop. Blocking: it builds its own runtime.
pub(crate) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    if arguments.with_parent {
        set_parent_process_death_signal(Some(Signal::TERM))
            .context("can't ask to be told when the parent ends")?;
    }
    let config = load(&arguments.config.config)?;
    daemon::run(config).map_err(|error| Failure::Daemon {
        code: error.exit_code(),
        said: error.to_string(),
    })
}

/// Validates a configuration.
pub(crate) fn check(out: &mut Output, config: &Path) -> Result<(), Failure> {
    let loaded = Config::load(config);
    if out.is_json()
        && let Err(faults) = &loaded
    {
        out.object(&serde_json::json!({
            "file": config, "valid": false, "faults": faults.faults(),
        }))?;
        return Err(Failure::Told(CONFIGURATION));
    }
    let warnings = loaded.map_err(told)?.warnings();
    if out.is_json() {
        return out
            .object(&serde_json::json!({ "file": config, "valid": true, "warnings": warnings }));
    }
    for warning in &warnings {
        out.line(format_args!("{}: warning: {warning}", config.display()))?;
    }
    out.line(format_args!("{}: valid", config.display()))
}

/// Reads a configuration.
pub(crate) fn load(config: &Path) -> Result<Config, Failure> {
    Config::load(config).map_err(told)
}

/// Tells every fault, each on a line that begins with its place, as compilers do.
fn told(faults: ConfigErrors) -> Failure {
    say(&faults);
    let count = counted(faults.faults().len() as u64, "fault");
    Failure::Configuration(format!("{} has {count}", faults.origin().display()))
}
