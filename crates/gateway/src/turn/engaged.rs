//! Lines that an operator talks to: a dialogue keeps its SIM from messages, and gives way to a code that needs the SIM.
//!
//! What is said is the line's business. Nothing here is recorded: a dialogue does not survive its daemon.

use super::Gateway;
use crate::book::SimIdx;
use crate::exchange::Effect;
use crate::floor::Availability;
use crate::words::{Class, LineId, Now};

use super::Turn;

impl Gateway {
    /// A dialogue wants the line, or is over. From the answer on nothing new is pushed on its send queue.
    pub(super) fn engage(&mut self, now: Now, line: LineId, wanted: bool, out: &mut Turn) {
        if wanted {
            self.floor.engaged.insert(line, false);
            out.effects.push(Effect::Engaged { line });
        } else {
            self.floor.engaged.remove(&line);
        }
        let session = self.floor.lines.get(&line).and_then(|line| line.session);
        if let Some((_, sim)) = session {
            self.settle(now, sim);
        }
    }

    /// Whether the line that a SIM is in is engaged.
    pub(super) fn is_engaged(&self, sim: SimIdx) -> bool {
        let place = self.floor.sim(sim).and_then(|sim| sim.place);
        place.is_some_and(|(line, _)| self.floor.engaged.contains_key(&line))
    }

    /// A code that still waits after all idle SIMs were given their part takes the SIM of a dialogue, if that could send it.
    pub(super) fn give_way_to_codes(&mut self, now: Now, out: &mut Turn) {
        let engaged = &self.floor.engaged;
        if engaged.is_empty() || self.floor.is_cut_short {
            return;
        }
        // One SIM for each code, and those that are coming are awaited.
        let codes = usize::try_from(self.book.lanes().len(Class::Otp)).unwrap_or(usize::MAX);
        let coming = engaged.values().filter(|yields| **yields).count();
        let lines: Vec<LineId> = engaged
            .iter()
            .filter(|(line, yields)| !**yields && self.serves_a_code(now, **line))
            .map(|(line, _)| *line)
            .take(codes.saturating_sub(coming))
            .collect();
        for line in lines {
            self.floor.engaged.insert(line, true);
            out.effects.push(Effect::GiveWay { line });
        }
    }

    fn serves_a_code(&self, now: Now, line: LineId) -> bool {
        let session = self.floor.lines.get(&line).and_then(|line| line.session);
        let Some((_, sim)) = session else {
            return false;
        };
        let alone = self.availability_alone(now, sim);
        if !matches!(alone, Availability::Idle(_)) {
            return false;
        }
        let Some(volatile) = self.floor.sim(sim) else {
            return false;
        };
        let lanes = self.book.lanes();
        let mut heads = (lanes.apps(Class::Otp)).flat_map(|app| lanes.heads(Class::Otp, app));
        heads.any(|head| volatile.serves(self.floor.serving(Class::Otp, head.route)))
    }
}
