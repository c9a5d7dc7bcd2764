//! The line machine as its task sees it, and the wall that its panics do not cross.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use modem::{Effect, Input, LineSettings};

/// A line machine; a trait so that tests can put another in the place of [`modem::Line`].
pub(crate) trait Machine: Send + 'static {
    /// A new machine whose port is not open.
    fn new(settings: LineSettings) -> Self;
    /// Takes one input.
    fn step(&mut self, now: Instant, input: Input<'_>, out: &mut Vec<Effect>);
    /// When to wake it.
    fn deadline(&self) -> Option<Instant>;
    /// Whether a submission would be started now.
    fn is_idle(&self) -> bool;
    /// Whether an operator's command would be written now.
    fn is_free_to_command(&self) -> bool;
    /// Why it is not ready.
    fn reason(&self) -> Option<&'static str>;
}

/// A machine that may have panicked; from then on it does nothing, until it is made anew.
pub(crate) struct Guarded<M> {
    machine: M,
    panicked: bool,
}

impl<M: Machine> Guarded<M> {
    pub(crate) fn new(settings: LineSettings) -> Guarded<M> {
        Guarded {
            machine: M::new(settings),
            panicked: false,
        }
    }

    pub(crate) fn has_panicked(&self) -> bool {
        self.panicked
    }

    /// Takes one input. What a panicking machine had appended to `out` stays there: it had been decided.
    pub(crate) fn step(&mut self, input: Input<'_>, out: &mut Vec<Effect>) {
        let machine = &mut self.machine;
        if !self.panicked {
            // Nothing reads a machine that has panicked, so its broken state is never seen.
            let step = AssertUnwindSafe(|| machine.step(Instant::now(), input, out));
            self.panicked = catch_unwind(step).is_err();
        }
    }

    pub(crate) fn deadline(&mut self) -> Option<Instant> {
        self.ask(M::deadline)
    }

    pub(crate) fn is_idle(&mut self) -> bool {
        self.ask(M::is_idle)
    }

    pub(crate) fn is_free_to_command(&mut self) -> bool {
        self.ask(M::is_free_to_command)
    }

    pub(crate) fn reason(&mut self) -> Option<&'static str> {
        self.ask(M::reason)
    }

    fn ask<T: Default>(&mut self, question: impl FnOnce(&M) -> T) -> T {
        if self.panicked {
            return T::default();
        }
        let machine = &self.machine;
        let answer = catch_unwind(AssertUnwindSafe(|| question(machine)));
        self.panicked = answer.is_err();
        answer.unwrap_or_default()
    }
}

impl Machine for modem::Line {
    fn new(settings: LineSettings) -> modem::Line {
        modem::Line::new(settings)
    }

    fn step(&mut self, now: Instant, input: Input<'_>, out: &mut Vec<Effect>) {
        self.step(now, input, out);
    }

    fn deadline(&self) -> Option<Instant> {
        self.deadline().map(|(at, _)| at)
    }

    fn is_idle(&self) -> bool {
        self.is_idle()
    }

    fn is_free_to_command(&self) -> bool {
        self.is_free_to_command()
    }

    fn reason(&self) -> Option<&'static str> {
        self.reason()
    }
}
