//! Logs on stderr: text on a terminal, JSON lines elsewhere, with the priority before each where journald reads them
//! (`sd-daemon(3)`), so that `journalctl -p warning` shows what needs a look. `SIMFLEET_LOG` filters.
//!
//! Texts and whole numbers are never logged: whoever logs a recipient logs its masked form. A panic is logged with its
//! place only, since its message may quote what was being handled.

use std::io::{self, IsTerminal, Stderr, Write};

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Starts logging; nothing happens if the process logs already.
pub(crate) fn start() {
    let is_terminal = io::stderr().is_terminal();
    let filter =
        EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    let started = if is_journal() {
        subscribe(Journal, false, filter)
    } else {
        subscribe(io::stderr, is_terminal, filter)
    };
    if started {
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

/// Whether stderr is the stream that systemd says it gave the journal: `device:inode` (`systemd.exec(5)`).
fn is_journal() -> bool {
    let given = std::env::var("JOURNAL_STREAM").unwrap_or_default();
    rustix::fs::fstat(io::stderr())
        .is_ok_and(|stderr| given == format!("{}:{}", stderr.st_dev, stderr.st_ino))
}

/// Stderr as journald reads it.
struct Journal;

impl MakeWriter<'_> for Journal {
    type Writer = Prioritised<Stderr>;

    fn make_writer(&self) -> Prioritised<Stderr> {
        Prioritised::new(Level::INFO, io::stderr())
    }

    fn make_writer_for(&self, event: &Metadata<'_>) -> Prioritised<Stderr> {
        Prioritised::new(*event.level(), io::stderr())
    }
}

/// Puts the priority of an event before its line, in one write, so that lines of several threads don't mix.
struct Prioritised<W> {
    priority: u8,
    out: W,
}

impl<W> Prioritised<W> {
    fn new(level: Level, out: W) -> Prioritised<W> {
        let priority = match level {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            _ => 7,
        };
        Prioritised { priority, out }
    }
}

impl<W: Write> Write for Prioritised<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut prioritised = format!("<{}>", self.priority).into_bytes();
        prioritised.extend_from_slice(line);
        self.out.write_all(&prioritised)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

const FILTER_VARIABLE: &str = "SIMFLEET_LOG";

#[cfg(test)]
mod tests;
