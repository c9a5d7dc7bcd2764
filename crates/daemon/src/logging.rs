//! Logs on stderr: text on a terminal, JSON lines elsewhere (journald keeps them). `SIMFLEET_LOG` filters.
//!
//! Texts and whole numbers are never logged: whoever logs a recipient logs its masked form. A panic is logged with its
//! place only, since its message may quote what was being handled.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Starts logging; nothing happens if the process logs already.
pub(crate) fn start() {
    let is_terminal = std::io::stderr().is_terminal();
    let filter =
        EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    if subscribe(std::io::stderr, is_terminal, filter) {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            tracing::error!(place, "panic");
        }));
    }
}

/// True if this is the process' subscriber now.
fn subscribe<W>(writer: W, is_terminal: bool, filter: EnvFilter) -> bool
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer);
    let started = if is_terminal {
        builder.compact().with_target(false).try_init()
    } else {
        builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_target(false)
            .try_init()
    };
    started.is_ok()
}

const FILTER_VARIABLE: &str = "SIMFLEET_LOG";

#[cfg(test)]
mod tests;
