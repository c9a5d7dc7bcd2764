//! Lines that an operator talks to: a dialogue keeps its SIM from messages, and gives way to a code that needs the SIM.
//!
//! What is said is the line's business. Nothing here is recorded: a dialogue does not survive its daemon.

use super::Gateway;
use crate::book::SimIdx;
use crate::exchange::Effect;
use crate::routes;
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

    /// What is still waiting after all idle SIMs were given their part has none: a code takes the SIM of a dialogue.
    pub(super) fn give_way_to_codes(&mut self, out: &mut Turn) {
        if self.floor.engaged.is_empty() || self.book.waiting(Class::Otp) == 0 {
            return;
        }
        let lines: Vec<LineId> = self
            .floor
            .engaged
            .iter()
            .filter(|(line, yields)| !**yields && self.serves_a_code(**line))
            .map(|(line, _)| *line)
            .collect();
        for line in lines {
            self.floor.engaged.insert(line, true);
            out.effects.push(Effect::GiveWay { line });
        }
    }

    fn serves_a_code(&self, line: LineId) -> bool {
        let session = self.floor.lines.get(&line).and_then(|line| line.session);
        let Some((_, sim)) = session else {
            return false;
        };
        let known = self.book.sim(sim);
        let declared = self.settings.sim(&known.iccid);
        let imsi = self.floor.sim(sim).and_then(|sim| sim.imsi.as_deref());
        self.book.heads(Class::Otp).any(|(route, _, _)| {
            let at = routes::serving(
                &self.settings.routes,
                &self.floor.dry_routes,
                usize::from(route.0),
            );
            let route = self.settings.routes.get(at);
            route.is_none_or(|route| route.sims.fits(&known.iccid, declared, imsi))
        })
    }
}
