//! Quarantine at work: what refusals and reports say of a SIM, who takes it out, and who lets it back.

use std::collections::BTreeSet;
use std::time::Duration;

use modem::Cause;

use super::{Gateway, Turn};
use crate::book::SimIdx;
use crate::causes::{self, CauseClass, QUARANTINE_AFTER};
use crate::decide::{self, Ruling};
use crate::gap;
use crate::quarantine::{Quarantine, Sick};
use crate::record::{Record, Target};
use crate::words::{MessageSeq, Now};

impl Gateway {
    /// What a refusal says of its SIM; `failures` of its line are in a row if the modem is at fault.
    pub(super) fn hold_against(
        &mut self,
        now: Now,
        sim: SimIdx,
        cause: Cause,
        ruling: Ruling,
        failures: u16,
        out: &mut Turn,
    ) {
        let volatile = self.floor.sim_mut(sim);
        volatile.gap = gap::after_refusal(volatile.gap, cause);
        if let Some(rest) = ruling.sick_for {
            let sick = match ruling.class == CauseClass::Barred {
                true => Sick::Barred(cause),
                false => Sick::Refused(cause),
            };
            return self.find_sick(now, sim, sick, rest, out);
        }
        let rest = match ruling.class {
            CauseClass::Permanent | CauseClass::Configuration | CauseClass::Unknown => return,
            CauseClass::Wait => ruling.wait,
            // The line's breaker sees to it; the SIM only does not run into it again at once.
            CauseClass::ModemSick => causes::sim_rest(failures),
            _ if ruling.incident => INCIDENT_REST,
            CauseClass::SameSim
            | CauseClass::OtherSim
            | CauseClass::SimSick
            | CauseClass::Barred => {
                volatile.refused_in_row = volatile.refused_in_row.saturating_add(1);
                causes::sim_rest(volatile.refused_in_row)
            }
        };
        volatile.rests_until = volatile.rests_until.max(Some(now.mono + rest));
        if volatile.refused_in_row >= QUARANTINE_AFTER {
            let known = self.book.sim(sim).quarantine;
            let sick = known.map_or(Sick::Refused(cause), |known| known.sick);
            self.quarantine(now, sim, sick, self.times_sick(sim), out);
        }
    }

    /// A final report came to a SIM; if nearly all of them are bad, the SIM is taken out.
    pub(super) fn hear_of_sim(
        &mut self,
        now: Now,
        sim: SimIdx,
        status: sms::Status,
        out: &mut Turn,
    ) {
        let times_sick = self.times_sick(sim);
        if let Some(rest) = self.floor.evidence.reported(sim, status, times_sick) {
            self.find_sick(now, sim, Sick::Filtered, rest, out);
            self.settle(now, sim);
        }
    }

    /// There is proof that a SIM is sick: it is taken out for a while.
    fn find_sick(&mut self, now: Now, sim: SimIdx, sick: Sick, rest: Duration, out: &mut Turn) {
        let times = self.times_sick(sim).saturating_add(1);
        let volatile = self.floor.sim_mut(sim);
        volatile.refused_in_row = volatile.refused_in_row.max(QUARANTINE_AFTER);
        volatile.rests_until = volatile.rests_until.max(Some(now.mono + rest));
        self.quarantine(now, sim, sick, times, out);
    }

    /// Notes durably that a SIM is taken out until it has rested.
    fn quarantine(&mut self, now: Now, sim: SimIdx, sick: Sick, times: u16, out: &mut Turn) {
        let volatile = self.floor.sim_mut(sim);
        let refused_in_row = volatile.refused_in_row;
        let left = volatile
            .rests_until
            .map(|until| until.saturating_duration_since(now.mono));
        let known = self.book.sim(sim);
        let quarantine = Quarantine {
            sick,
            since: known.quarantine.map_or(now.wall, |known| known.since),
            until: now.wall.plus(left.unwrap_or_default()),
            times,
            refused_in_row,
        };
        let record = Record::Quarantined {
            sim: known.iccid.clone(),
            quarantine: Some(quarantine),
        };
        self.emit(now, record, out);
        self.begin_anew_elsewhere(now, sim, out);
    }

    /// Long messages that would wait for a SIM in vain begin anew at once.
    fn begin_anew_elsewhere(&mut self, now: Now, sim: SimIdx, out: &mut Turn) {
        let doubtful = self.book.doubtful_on(sim);
        let doubtful = doubtful.map(|(_, attempt)| attempt.message);
        let waiting: BTreeSet<MessageSeq> = self.book.bound_on(sim).chain(doubtful).collect();
        for message in waiting {
            if let Some(record) = decide::forsaken(&self.book, message, now.wall) {
                self.emit(now, record, out);
            }
        }
    }

    /// A SIM has sent, or an operator has looked after it: nothing stands against it any more.
    pub(super) fn release(&mut self, now: Now, sim: SimIdx, out: &mut Turn) {
        self.floor.sim_mut(sim).refused_in_row = 0;
        let known = self.book.sim(sim);
        if known.quarantine.is_some() {
            let record = Record::Quarantined {
                sim: known.iccid.clone(),
                quarantine: None,
            };
            self.emit(now, record, out);
        }
    }

    pub(super) fn times_sick(&self, sim: SimIdx) -> u16 {
        let known = self.book.sim(sim).quarantine;
        known.map_or(0, |known| known.times)
    }

    /// An operator has looked after a SIM: its refusals are forgotten, the interval after its last part is not.
    pub(super) fn end_quarantine(&mut self, now: Now, target: &Target, out: &mut Turn) {
        let sim = match target {
            Target::Sim(iccid) => self.book.sim_by_iccid(iccid),
            Target::Line(_) => {
                let line = self.floor.line_of(&self.book, target);
                let place = line.and_then(|line| self.floor.lines.get(&line));
                place.and_then(|place| place.session).map(|(_, sim)| sim)
            }
        };
        let Some(sim) = sim else { return };
        let rested = self.book.sim(sim).used.plus(self.interval_min(sim));
        self.floor.evidence.forgive(sim);
        self.release(now, sim, out);
        let volatile = self.floor.sim_mut(sim);
        volatile.rests_until = (rested > now.wall).then(|| now.instant_of(rested));
        self.close_breaker(now, sim, out);
    }
}

/// How long the SIMs rest that were refused while their operator was in trouble; its breaker guards them after that.
const INCIDENT_REST: Duration = Duration::from_secs(15);
