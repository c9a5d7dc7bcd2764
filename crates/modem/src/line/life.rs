//! The life of a line: its port opens and closes, its modem is brought up, reboots, loses its SIM, or is given up.
//!
//! Every way out of a session goes through [`Line::end_session`], after the submission on its way has its outcome. When
//! each happens is decided in `line`, `hear`, `sending` and `climbing`.

use std::time::Instant;

use crate::chores::Chores;
use crate::init::{Init, Start};
use crate::known::Known;
use crate::send::Interruption;
use crate::timing::{BOOT_LENGTH, BOOT_LOOP};
use crate::unlock::{self, Unlock};
use crate::{Cause, Doubt, DownReason, Effect, Event, LineState, PinAnswer, Session};

use super::{Line, Live, Phase};

impl Line {
    pub(super) fn opened(&mut self, now: Instant, out: &mut Vec<Effect>) {
        if !matches!(self.phase, Phase::Closed) {
            self.closed(out);
        }
        self.chores = Some(Chores::new(now));
        self.initialise(now, Start::Opened, out);
    }

    pub(super) fn closed(&mut self, out: &mut Vec<Effect>) {
        self.interrupt_send(
            Interruption {
                before: Cause::LineLost,
                after: Doubt::LineLost,
            },
            out,
        );
        self.end_session(DownReason::Closed, out);
        self.phase = Phase::Closed;
        self.wire.reset();
        self.inbound.reset();
        self.known = Known::new(&self.settings);
        self.chores = None;
        self.late = None;
        self.sim_changed = false;
        self.wanted = None;
        self.early.clear();
        // The rest of a line that is out of service is spent with its port closed.
        if self.state != LineState::OutOfService {
            self.set_state(LineState::Closed, None, out);
        }
    }

    pub(super) fn initialise(&mut self, now: Instant, start: Start, out: &mut Vec<Effect>) {
        match start {
            Start::Network => {
                if let Some(chores) = &mut self.chores {
                    chores.interrupt();
                }
            }
            Start::Opened | Start::Boot | Start::Failure | Start::Climbed | Start::Sim => {
                self.forget_sim();
            }
        }
        self.sim_changed = false;
        let patience = self.ladder.patience() + self.settings.stagger;
        self.phase = Phase::Init(Init::start(now, start, patience, &mut self.wire, out));
        self.sync_init(out);
    }

    /// The SIM may be another one. Its store is read again; what came without being stored stays.
    pub(super) fn forget_sim(&mut self) {
        self.known.forget_sim();
        self.early.retain(|early| !early.is_stored);
        if let Some(chores) = &mut self.chores {
            chores.forget();
        }
    }

    /// The SIM wants its PIN.
    pub(super) fn unlock(&mut self, now: Instant, out: &mut Vec<Effect>) {
        let counter = self.known.profile.sim.pin_counter;
        let unlock = Unlock::start(now, counter, &mut self.wire, out);
        self.phase = Phase::Unlock(unlock);
        self.unlocked(now, unlock::Progress::Going, out);
    }

    /// Shows what the unlocking waits for; after its end the SIM is looked at again.
    pub(super) fn unlocked(
        &mut self,
        now: Instant,
        progress: unlock::Progress,
        out: &mut Vec<Effect>,
    ) {
        let Phase::Unlock(unlock) = &self.phase else {
            return;
        };
        let reason = unlock.reason();
        self.set_state(LineState::NoSim, Some(reason), out);
        if progress == unlock::Progress::Ended {
            self.initialise(now, Start::Sim, out);
        }
    }

    pub(super) fn pin_answered(&mut self, now: Instant, answer: &PinAnswer, out: &mut Vec<Effect>) {
        if let Phase::Unlock(unlock) = &mut self.phase {
            unlock.answer(now, answer, &mut self.wire, out);
            self.unlocked(now, unlock::Progress::Going, out);
        }
    }

    /// Shows what the initialisation waits for.
    pub(super) fn sync_init(&mut self, out: &mut Vec<Effect>) {
        if let Phase::Init(init) = &self.phase {
            let (state, reason) = (init.state(), init.reason());
            self.set_state(state, Some(reason), out);
        }
    }

    /// `waited` says that the line waited for the network: the SIM may have been swapped meanwhile without a word.
    pub(super) fn begin_session(&mut self, now: Instant, waited: bool, out: &mut Vec<Effect>) {
        let Some(sim) = self.known.sim() else {
            // The script does not end without an ICCID; a SIM lost in its last step begins it anew.
            self.initialise(now, Start::Sim, out);
            return;
        };
        let number = self.next_session;
        self.next_session = Session(number.0.wrapping_add(1));
        self.session = Some(Live {
            number,
            since: now,
            unregistered_since: None,
        });
        if let Some(chores) = &mut self.chores {
            chores.begin(now, &self.known);
            if waited {
                chores.check_sim(now);
            }
        }
        let modem = self.known.modem.clone();
        out.push(Effect::Event(Event::Ready {
            session: number,
            sim,
            modem,
        }));
        self.tell_network(out);
        out.extend(self.early.drain(..).map(|early| Effect::Event(early.event)));
        self.enter_ready(now, out);
    }

    /// Ends the session. The submission on its way has its outcome already.
    pub(super) fn end_session(&mut self, reason: DownReason, out: &mut Vec<Effect>) {
        if let Some(live) = self.session.take() {
            out.push(Effect::Event(Event::Down {
                session: live.number,
                reason,
            }));
        }
    }

    pub(super) fn rebooted(&mut self, now: Instant, out: &mut Vec<Effect>) {
        self.interrupt_send(
            Interruption {
                before: Cause::LineLost,
                after: Doubt::Reboot,
            },
            out,
        );
        // A modem that reboots now and then works; one that never gets far is in a boot loop.
        let got_far = self
            .session
            .is_some_and(|live| live.since + BOOT_LOOP <= now);
        let same_boot = self.last_boot.is_some_and(|boot| now < boot + BOOT_LENGTH);
        let is_ours = self.own_boot_until.is_some_and(|until| now < until);
        self.end_session(DownReason::Reboot, out);
        self.late = None;
        if !same_boot {
            self.last_boot = Some(now);
        }
        let rest = if same_boot || got_far || is_ours {
            None
        } else {
            self.ladder.boot()
        };
        match rest {
            Some(rest) => self.rest(rest, "the modem reboots again and again", out),
            None => self.initialise(now, Start::Boot, out),
        }
    }

    pub(super) fn lose_sim(&mut self, now: Instant, out: &mut Vec<Effect>) {
        self.end_session(DownReason::SimLost, out);
        // What came since the change was noticed is the next SIM's.
        if !self.sim_changed {
            self.early.clear();
        }
        self.initialise(now, Start::Sim, out);
    }
}
