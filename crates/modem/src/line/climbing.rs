//! A sick line climbs the ladder: which failure asks for which rung, and what each rung does to the line.
//!
//! Which rung is next is decided in `ladder`. None is climbed while a send may be on the air: all that comes here comes
//! after the send had its outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::climb::{self, Climb};
use crate::init::Start;
use crate::ladder::Next;
use crate::manual::ManualEnd;
use crate::recover::Recover;
use crate::timing::{REOPEN, RESET_BOOT};
use crate::{DownReason, Effect, Event, LineState, Rung};

use super::{Line, Phase};

impl Line {
    /// The modem is out of step and may be brought back within the session.
    pub(super) fn resync(
        &mut self,
        now: Instant,
        edit_mode: bool,
        reason: &'static str,
        out: &mut Vec<Effect>,
    ) {
        if let Some(chores) = &mut self.chores {
            chores.interrupt();
        }
        let next = self.next_rung(now, Rung::Resync);
        if next != Next::Climb(Rung::Resync) {
            return self.go(now, next, reason, out);
        }
        self.tell_rung(Rung::Resync, reason, out);
        let recover = if edit_mode {
            Recover::escape(now, &mut self.wire, out)
        } else {
            Recover::listen(now, &mut self.wire)
        };
        self.phase = Phase::Recover(recover);
        self.set_state(LineState::Recovering, Some(reason), out);
    }

    /// The modem is sick; the lowest rung that may help is `least`.
    pub(super) fn sick(
        &mut self,
        now: Instant,
        least: Rung,
        reason: &'static str,
        out: &mut Vec<Effect>,
    ) {
        let next = self.next_rung(now, least);
        self.go(now, next, reason, out);
    }

    /// The modem works and waits in vain for its SIM or a network.
    pub(super) fn starve(&mut self, now: Instant, reason: &'static str, out: &mut Vec<Effect>) {
        if let Some(rung) = self.ladder.ease(now, &self.known.profile.recovery) {
            self.go(now, Next::Climb(rung), reason, out);
        }
    }

    /// An operator wants it; what is on its way has ended. Takes the next rung that the profile allows.
    pub(super) fn reset(&mut self, now: Instant, wanted: Rung, out: &mut Vec<Effect>) {
        match &self.phase {
            Phase::Closed | Phase::Parked => return,
            Phase::Sending(_) => {
                self.wanted = Some(wanted);
                return;
            }
            // A command that is cut off would answer the next one.
            Phase::Ready if self.wire.is_asking() => {
                self.wanted = Some(wanted);
                return;
            }
            Phase::Ready | Phase::Init(_) | Phase::Unlock(_) => {}
            Phase::Recover(_) | Phase::Climb(_) => {}
        }
        self.wanted = None;
        self.ladder.heal();
        self.end_session(DownReason::Operator, out);
        let next = self.next_rung(now, wanted.max(Rung::Initialise));
        self.go(now, next, "an operator asked for it", out);
        self.ladder.heal();
    }

    /// The rung went on, was climbed, or could not be.
    pub(super) fn climb_went(
        &mut self,
        now: Instant,
        progress: climb::Progress,
        out: &mut Vec<Effect>,
    ) {
        match progress {
            climb::Progress::Going => {}
            climb::Progress::Ended => {
                self.own_boot_until = Some(now + RESET_BOOT);
                self.initialise(now, Start::Climbed, out);
            }
            climb::Progress::Failed(reason) => self.sick(now, Rung::Initialise, reason, out),
        }
    }

    fn next_rung(&mut self, now: Instant, least: Rung) -> Next {
        let profile = Arc::clone(&self.known.profile);
        let known = self.known.is_identified().then_some(&profile.recovery);
        self.ladder.climb(now, least, known)
    }

    fn go(&mut self, now: Instant, next: Next, reason: &'static str, out: &mut Vec<Effect>) {
        self.end_session(DownReason::Unresponsive, out);
        // Its answer would be taken for that of the rung's first command, or the other way round.
        if let Some(manual) = self.manual.take() {
            let answer = manual.end(ManualEnd::LineLost);
            out.push(Effect::Event(Event::Manual(answer)));
        }
        let rung = match next {
            Next::Rest(rest) => return self.rest(rest, reason, out),
            Next::Climb(rung) => rung,
        };
        self.tell_rung(rung, reason, out);
        let profile = Arc::clone(&self.known.profile);
        let climb = match rung {
            Rung::Radio => Climb::radio(now, &profile, &mut self.wire, out),
            Rung::Reset => {
                let nth = usize::from(self.ladder.in_row(Rung::Reset).saturating_sub(1));
                Climb::reset(now, &profile, nth, &mut self.wire, out)
            }
            Rung::Reopen | Rung::Power | Rung::Rest => {
                self.park(out, REOPEN, reason);
                return self.set_state(LineState::Recovering, Some(reason), out);
            }
            Rung::Resync | Rung::Initialise => return self.initialise(now, Start::Failure, out),
        };
        if let Some(chores) = &mut self.chores {
            chores.interrupt();
        }
        self.forget_sim();
        self.sim_changed = false;
        self.own_boot_until = Some(now + RESET_BOOT);
        self.phase = Phase::Climb(climb);
        self.set_state(LineState::Recovering, Some(reason), out);
    }

    /// Leaves the line alone.
    pub(super) fn rest(&mut self, rest: Duration, reason: &'static str, out: &mut Vec<Effect>) {
        self.tell_rung(Rung::Rest, reason, out);
        self.park(out, rest, OUT_OF_SERVICE_REASON);
        self.set_state(LineState::OutOfService, Some(OUT_OF_SERVICE_REASON), out);
    }

    fn park(&mut self, out: &mut Vec<Effect>, after: Duration, reason: &'static str) {
        self.wire.reset();
        self.inbound.reset();
        self.phase = Phase::Parked;
        out.push(Effect::Reopen { after, reason });
    }

    fn tell_rung(&self, rung: Rung, reason: &'static str, out: &mut Vec<Effect>) {
        out.push(Effect::Event(Event::Climbed { rung, reason }));
    }
}

/// Why a line rests.
const OUT_OF_SERVICE_REASON: &str = "recovery failed too often: the line rests";
