//! What happens, while it happens: a bar on a terminal, a line now and then elsewhere; always on stderr.

use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use client::MessageCounts;
use indicatif::{ProgressBar, ProgressStyle};

/// Tells people how far it is.
pub(crate) struct Progress {
    bar: ProgressBar,
    total: Cell<u64>,
    said_at: Cell<Instant>,
    quiet: bool,
}

impl Progress {
    /// Quiet for programs, unless somebody watches on a terminal.
    pub(crate) fn new(json: bool) -> Progress {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::hidden();
        Progress {
            bar,
            total: Cell::new(0),
            said_at: Cell::new(Instant::now()),
            quiet: json && !terminal,
        }
    }

    /// A step is done or begun.
    pub(crate) fn phase(&self, text: &str) {
        if !self.quiet {
            self.bar.suspend(|| eprintln!("{text}"));
        }
    }

    /// Messages will be counted up to this.
    pub(crate) fn begin(&self, messages: usize) {
        let total = messages as u64;
        self.total.set(total);
        self.bar.set_length(total);
        if std::io::stderr().is_terminal() {
            self.bar.set_style(
                ProgressStyle::with_template("{bar:40} {pos}/{len} ended, {msg}, {elapsed}")
                    .expect("the template is valid"),
            );
            self.bar
                .set_draw_target(indicatif::ProgressDrawTarget::stderr());
        }
    }

    /// The latest counts.
    pub(crate) fn show(&self, messages: &MessageCounts, parts: u64) {
        let text = format!("{parts} parts on the air, {} waiting", messages.queued);
        if self.bar.is_hidden() && !self.quiet && self.said_at.get().elapsed() > SAY_INTERVAL {
            self.said_at.set(Instant::now());
            eprintln!(
                "{}/{} messages ended, {text}",
                messages.ended,
                self.total.get()
            );
        }
        self.bar.set_message(text);
        self.bar.set_position(messages.ended);
    }

    /// No more to come.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// How often a log that nobody watches gets a line.
const SAY_INTERVAL: Duration = Duration::from_secs(10);
