//! Which SIM is in which line: sessions that begin and end, and lines whose SIM is another line's already.
//!
//! ```text
//!            Ready, the SIM is in no line
//!   no SIM ──────────────────────────────► has it ◄───────────────┐
//!     ▲ ▲                                     │ Down               │ the other line has it no more
//!     │ └─────────────────────────────────────┘                    │
//!     │      Ready, the SIM is in another line                     │
//!     └── Down ──────────────────────────────────── held back ─────┘
//! ```
//!
//! A SIM that two lines tell was moved and the old line has not noticed, or one of the two reads what is not so, or it is
//! a clone. Two radios must not spend one budget, so the line that had it keeps it and is asked to look at it again.

use modem::{Session, SimIdentity};

use super::{Gateway, Turn};
use crate::book::SimIdx;
use crate::exchange::{Effect, LineTrust};
use crate::floor::Claim;
use crate::snapshot::HeldLineSnapshot;
use crate::words::{LineId, Now};

impl Gateway {
    pub(super) fn session_begins(
        &mut self,
        now: Now,
        line: LineId,
        session: Session,
        identity: &SimIdentity,
        out: &mut Turn,
    ) {
        if !self.floor.lines.contains_key(&line) {
            return;
        }
        let sim = self.book.intern(&identity.iccid);
        let claim = Claim {
            session,
            sim,
            identity: identity.clone(),
        };
        let holder = self.floor.sim_mut(sim).place;
        let holder = holder.map(|(line, _)| line).filter(|other| *other != line);
        let Some(place) = self.floor.lines.get_mut(&line) else {
            return;
        };
        let before = match holder {
            Some(_) => place.session.take(),
            None => place.session.replace((session, sim)),
        };
        let held = holder.map(|_| claim.clone());
        let was_held = std::mem::replace(&mut place.held, held).is_some();
        if before.is_some() {
            out.effects.push(Effect::Recall { line });
        }
        match holder {
            Some(holder) => out.effects.push(Effect::CheckSim { line: holder }),
            None => self.occupy(now, line, &claim, out),
        }
        if was_held != holder.is_some() {
            self.tell_held(line, holder, out);
        }
        if let Some((_, other)) = before.filter(|(_, other)| *other != sim) {
            self.floor.sim_mut(other).place = None;
            self.settle(now, other);
            self.pass_on(now, other, out);
        }
    }

    pub(super) fn session_ends(
        &mut self,
        now: Now,
        line: LineId,
        session: Session,
        out: &mut Turn,
    ) {
        let Some(place) = self.floor.lines.get_mut(&line) else {
            return;
        };
        place.held.take_if(|held| held.session == session);
        let Some((_, sim)) = place.session.take_if(|(current, _)| *current == session) else {
            return;
        };
        self.floor.sim_mut(sim).place = None;
        out.effects.push(Effect::Recall { line });
        self.settle(now, sim);
        self.pass_on(now, sim, out);
    }

    /// The SIM that speaks through a line, whoever is given its messages.
    pub(super) fn sim_heard_in(&self, line: LineId) -> Option<SimIdx> {
        let place = self.floor.lines.get(&line)?;
        let held = place.held.as_ref().map(|held| held.sim);
        place.session.map(|(_, sim)| sim).or(held)
    }

    /// Lines whose SIM is another line's.
    pub(super) fn held_lines(&self) -> Vec<HeldLineSnapshot> {
        let held = self.floor.lines.iter().filter_map(|(line, place)| {
            let sim = place.held.as_ref()?.sim;
            let (holder, _) = self.floor.sim(sim)?.place?;
            let holder = self.floor.lines.get(&holder)?;
            Some(HeldLineSnapshot {
                line: *line,
                holder: holder.name.clone(),
            })
        });
        held.collect()
    }

    /// A SIM is in no line any more: the first of those that were held back for it has it.
    fn pass_on(&mut self, now: Now, sim: SimIdx, out: &mut Turn) {
        let mut lines = self.floor.lines.iter();
        let waits = lines.find_map(|(line, place)| {
            let held = place.held.as_ref().filter(|held| held.sim == sim)?;
            Some((*line, held.clone()))
        });
        if let Some((line, held)) = waits {
            self.session_begins(now, line, held.session, &held.identity, out);
        }
    }

    fn tell_held(&self, line: LineId, holder: Option<LineId>, out: &mut Turn) {
        let name = |line| self.floor.lines.get(&line).map(|line| line.name.clone());
        let Some(line) = name(line) else { return };
        let trust = match holder.and_then(name) {
            Some(holder) => LineTrust::Held { holder },
            None => LineTrust::Back,
        };
        out.effects.push(Effect::Trust { line, trust });
    }

    fn occupy(&mut self, now: Now, line: LineId, claim: &Claim, out: &mut Turn) {
        let sim = claim.sim;
        if self.floor.sims.iter().all(|sim| sim.place.is_none()) {
            self.floor.pace.ramp_up(now.mono);
        }
        let operator = self.operator_of(sim, &claim.identity);
        let volatile = self.floor.sim_mut(sim);
        volatile.place = Some((line, claim.session));
        volatile.imsi = Some(claim.identity.imsi.as_str().into());
        volatile.operator = operator;
        self.find_routes_of(sim);
        self.settle(now, sim);
        self.warn(now, sim, out);
    }
}
