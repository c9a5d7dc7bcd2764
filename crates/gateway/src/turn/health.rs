//! The operators' breakers at work: who asks them, who tells them, and who has to wait for them.

use modem::{Outcome, SimIdentity};

use super::{Gateway, Turn};
use crate::book::SimIdx;
use crate::breaker::{Breaker, BreakerOf, Gate, Trip};
use crate::causes::CauseClass;
use crate::decide::Ruling;
use crate::record::Record;
use crate::words::Now;

impl Gateway {
    /// The operator that a SIM shares its troubles with: the configured one, else country and network of its IMSI.
    pub(super) fn operator_of(&self, sim: SimIdx, identity: &SimIdentity) -> Box<str> {
        let declared = self.settings.sim(&self.book.sim(sim).iccid);
        match &declared.operator {
            Some(operator) => operator.clone(),
            None => identity.imsi.chars().take(NETWORK_DIGITS).collect(),
        }
    }

    /// What its operator's breaker lets through to a SIM.
    pub(super) fn gate(&self, now: Now, sim: SimIdx) -> Gate {
        let operator = self.floor.sim(sim).map(|sim| &sim.operator);
        let breaker = operator.and_then(|operator| self.floor.breakers.get(operator));
        breaker.map_or(Gate::Open, |breaker| breaker.gate(now.mono))
    }

    /// Whether a SIM's operator refuses everything.
    pub(super) fn is_cut_off(&self, sim: SimIdx) -> bool {
        let operator = self.floor.sim(sim).map(|sim| &sim.operator);
        let breaker = operator.and_then(|operator| self.floor.breakers.get(operator));
        breaker.is_some_and(|breaker| breaker.is_tripped())
    }

    /// A part starts: if its operator is to be tried again, the others wait for its outcome.
    pub(super) fn probe_starts(&mut self, now: Now, sim: SimIdx) {
        let operator = self.floor.sim_mut(sim).operator.clone();
        let breaker = self.floor.breakers.get_mut(&operator);
        if breaker.is_some_and(|breaker| breaker.starts()) {
            self.settle_operator(now, &operator);
        }
    }

    /// A part has landed; `None`: untouched.
    pub(super) fn tell_breaker(
        &mut self,
        now: Now,
        sim: SimIdx,
        outcome: Option<&Outcome>,
        ruling: Option<Ruling>,
        out: &mut Turn,
    ) {
        let operator = self.floor.sim_mut(sim).operator.clone();
        let breaker = self.floor.breakers.entry(operator.clone()).or_default();
        let has_changed = match outcome {
            Some(Outcome::Sent { .. }) => breaker.sent(),
            Some(Outcome::Refused(cause)) => match ruling.map(|ruling| ruling.class) {
                // The network has looked at the message: it works.
                Some(CauseClass::Permanent | CauseClass::Configuration) => breaker.sent(),
                Some(
                    CauseClass::SameSim
                    | CauseClass::OtherSim
                    | CauseClass::SimSick
                    | CauseClass::Barred
                    | CauseClass::Wait,
                ) => breaker.refused(now.mono, sim, *cause),
                // The network was not asked.
                Some(CauseClass::ModemSick | CauseClass::Unknown) | None => {
                    breaker.returned(now.mono)
                }
            },
            // Only of the probe: silence is the line's trouble, and here it proves nothing.
            Some(Outcome::Unknown(_)) | None => breaker.returned(now.mono),
        };
        if has_changed {
            self.note_breaker(now, &operator, out);
            self.settle_operator(now, &operator);
        }
    }

    /// An operator of this gateway has looked after a SIM: its network is used again.
    pub(super) fn close_breaker(&mut self, now: Now, sim: SimIdx, out: &mut Turn) {
        let operator = self.floor.sim_mut(sim).operator.clone();
        self.floor.breakers.remove(&operator);
        self.note_breaker(now, &operator, out);
    }

    /// Operators that refused everything when the last process ended are tried when that one would have tried them.
    pub(super) fn restore_breakers(&mut self, now: Now) {
        for (breaker, trip) in self.book.trips() {
            if let BreakerOf::Operator(operator) = breaker {
                let restored = Breaker::restored(now, trip);
                self.floor.breakers.insert(operator.clone(), restored);
            }
        }
    }

    fn note_breaker(&mut self, now: Now, operator: &str, out: &mut Turn) {
        let breaker = self.floor.breakers.get(operator);
        let trip = breaker.and_then(|breaker| breaker.trip(now));
        self.note_trip(now, BreakerOf::Operator(operator.into()), trip, out);
    }

    /// Notes durably what a breaker does.
    pub(super) fn note_trip(
        &mut self,
        now: Now,
        breaker: BreakerOf,
        trip: Option<Trip>,
        out: &mut Turn,
    ) {
        if self.book.trip(&breaker) != trip.as_ref() {
            self.emit(now, Record::BreakerMoved { breaker, trip }, out);
        }
    }

    fn settle_operator(&mut self, now: Now, operator: &str) {
        let sims = (0u32..).map(SimIdx).zip(&self.floor.sims);
        let same: Vec<SimIdx> = sims
            .filter(|(_, sim)| *sim.operator == *operator)
            .map(|(sim, _)| sim)
            .collect();
        same.into_iter().for_each(|sim| self.settle(now, sim));
    }
}

/// Digits of an IMSI that name country and network at least (3GPP TS 23.003 §2.2): where a network has three digits of its
/// own, neighbours share a breaker, which a configured operator avoids.
const NETWORK_DIGITS: usize = 5;
