//! The line machine.

use std::time::Instant;

use crate::{Effect, Event, Input, LineSettings, LineState};

/// One serial line and the modem behind it.
#[derive(Debug)]
pub struct Line {
    #[expect(dead_code, reason = "the phases follow")]
    settings: LineSettings,
}

impl Line {
    /// A line whose port is not open yet.
    pub fn new(settings: LineSettings) -> Line {
        Line { settings }
    }

    /// Takes one input and appends what follows from it to `out`. The only mutation.
    pub fn step(&mut self, _now: Instant, input: Input<'_>, out: &mut Vec<Effect>) {
        if let Input::Submit(submission) = input {
            let ticket = submission.ticket;
            out.push(Effect::Event(Event::Returned { ticket }));
        }
    }

    /// When to call `step` with `Wake`, and why.
    pub fn deadline(&self) -> Option<(Instant, &'static str)> {
        None
    }

    /// Where the line is in its life.
    pub fn state(&self) -> LineState {
        LineState::Closed
    }

    /// Why the line is not ready, in words for people; `None` if there is nothing to say.
    pub fn reason(&self) -> Option<&'static str> {
        None
    }

    /// Whether a submission given now would be started: the shell may pop the send queue.
    pub fn is_idle(&self) -> bool {
        false
    }
}
