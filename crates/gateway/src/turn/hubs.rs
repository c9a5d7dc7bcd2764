//! Hubs at work: what their lines tell, who has to wait for a reset, and when it is ordered.

use std::time::Instant;

use modem::{Event, Rung};

use super::{Gateway, Turn};
use crate::book::SimIdx;
use crate::exchange::Effect;
use crate::hub::{Hub, HubResult, HubStep};
use crate::record::Record;
use crate::settings::HubSettings;
use crate::snapshot::HubSnapshot;
use crate::words::{LineId, Now};

impl Gateway {
    /// A line is plugged into this hub, or into none that could be reset.
    pub(super) fn place_line(&mut self, now: Now, line: LineId, hub: Option<&str>) {
        for (name, other) in &mut self.floor.hubs {
            if hub != Some(&**name) {
                other.remove(line);
            }
        }
        let declared = self.settings.hubs.iter().map(|hub| &hub.name);
        let Some(name) = declared.into_iter().find(|name| hub == Some(&***name)) else {
            return self.settle_lines(now, &[line]);
        };
        let place = self.floor.lines.get(&line);
        let is_ready = place.is_some_and(|place| place.session.is_some());
        let hub = self.floor.hubs.entry(name.clone());
        let hub = hub.or_insert_with(|| Hub::restored(now, self.book.resets(name)));
        hub.add(line, is_ready);
        self.settle_lines(now, &[line]);
    }

    /// What a line tells may be about its hub.
    pub(super) fn hub_hears(&mut self, now: Now, line: LineId, event: &Event) {
        let hub = self.floor.hubs.values_mut().find(|hub| hub.has(line));
        let (Some(hub), Some(place)) = (hub, self.floor.lines.get(&line)) else {
            return;
        };
        if let Event::Ready { .. } = event {
            hub.came_up(line);
        } else if let Event::Climbed {
            rung: Rung::Rest, ..
        } = event
        {
            hub.came_to_rest(line, &place.name);
        } else if let Event::Down { reason, .. } = event {
            hub.went_down(now.mono, line, *reason);
        }
    }

    /// Takes the hubs whose time has come one step further.
    pub(super) fn mind_hubs(&mut self, now: Now, out: &mut Turn) {
        let hubs = self.settings.hubs.iter();
        let due: Vec<HubSettings> = hubs
            .filter(|declared| self.is_hub_due(now, declared))
            .cloned()
            .collect();
        for declared in due {
            while let Some(step) = self.next_hub_step(now, &declared) {
                let lines: Vec<LineId> = match self.floor.hubs.get(&declared.name) {
                    Some(hub) => hub.lines().collect(),
                    None => Vec::new(),
                };
                self.settle_lines(now, &lines);
                if let HubStep::Drain(_) = step {
                    // What waits in their send queues goes elsewhere; what they have begun is waited for.
                    let recalls = lines.iter().map(|line| Effect::Recall { line: *line });
                    out.effects.extend(recalls);
                }
                let hub = declared.name.clone();
                if let HubStep::Reset(_) = step {
                    self.note_reset(now, &hub, out);
                }
                out.effects.push(Effect::Hub { hub, step });
            }
        }
    }

    /// Notes durably that a hub is reset: a process that is started again and again keeps its limits.
    fn note_reset(&mut self, now: Now, name: &str, out: &mut Turn) {
        let hub = self.floor.hubs.get(name);
        let record = Record::HubReset {
            hub: name.into(),
            in_vain: hub.map_or(0, Hub::in_vain),
        };
        self.emit(now, record, out);
    }

    /// Whether a hub may have to go a step further. Asked in every turn, and most hubs are well.
    fn is_hub_due(&self, now: Now, declared: &HubSettings) -> bool {
        let hub = self.floor.hubs.get(&declared.name);
        hub.is_some_and(|hub| {
            let deadline = hub.deadline(now.mono, declared);
            hub.is_held() || deadline.is_some_and(|at| at <= now.mono)
        })
    }

    fn next_hub_step(&mut self, now: Now, declared: &HubSettings) -> Option<HubStep> {
        let hub = self.floor.hubs.get_mut(&declared.name)?;
        if self.floor.stopping {
            hub.let_go();
            return None;
        }
        hub.forget(now.mono);
        let is_busy = self.has_work(self.floor.hubs.get(&declared.name)?);
        let hub = self.floor.hubs.get_mut(&declared.name)?;
        hub.step(now.mono, declared, is_busy)
    }

    /// The command that was ordered has ended.
    pub(super) fn hub_was_reset(&mut self, now: Now, name: &str, result: HubResult) {
        let Some(hub) = self.floor.hubs.get_mut(name) else {
            return;
        };
        hub.was_reset(now.wall, result);
        let lines: Vec<LineId> = hub.lines().collect();
        self.settle_lines(now, &lines);
    }

    /// Forgets the hubs that are not declared any more.
    pub(super) fn redeclare_hubs(&mut self) {
        let declared = &self.settings.hubs;
        let is_declared = |name: &str| declared.iter().any(|hub| *hub.name == *name);
        self.floor.hubs.retain(|name, _| is_declared(name));
    }

    /// Whether a SIM waits because the hub of its line is reset.
    pub(super) fn is_hub_held(&self, sim: SimIdx) -> bool {
        if self.floor.hubs.is_empty() {
            return false;
        }
        let place = self.floor.sim(sim).and_then(|sim| sim.place);
        place.is_some_and(|(line, _)| {
            let mut hubs = self.floor.hubs.values();
            hubs.any(|hub| hub.is_held() && hub.has(line))
        })
    }

    /// When a hub wants to be looked at.
    pub(super) fn hub_deadline(&self, now: Now) -> Option<(Instant, &'static str)> {
        if self.floor.stopping {
            return None;
        }
        let deadline = |declared: &HubSettings| {
            let hub = self.floor.hubs.get(&declared.name)?;
            hub.deadline(now.mono, declared)
        };
        let next = self.settings.hubs.iter().filter_map(deadline).min()?;
        Some((next, "a hub may have to be reset"))
    }

    /// Every hub that is declared.
    pub(super) fn hub_snapshots(&self, now: Now) -> Vec<HubSnapshot> {
        let nothing = Hub::default();
        let snapshot = |declared: &HubSettings| {
            let hub = self.floor.hubs.get(&declared.name).unwrap_or(&nothing);
            let (state, why, may_at) = hub.state(now.mono, declared);
            HubSnapshot {
                name: declared.name.clone(),
                state,
                why,
                not_before: may_at.map(|at| now.wall.plus(at - now.mono)),
                lines: hub.lines().count(),
                gone: hub.gone(),
                resets: hub.results,
                last: hub.last,
            }
        };
        self.settings.hubs.iter().map(snapshot).collect()
    }

    /// Whether something is with a line of a hub, or an operator talks to one.
    fn has_work(&self, hub: &Hub) -> bool {
        let mut flights = self.floor.sims.iter().flat_map(|sim| &sim.in_flight);
        let mut engaged = self.floor.engaged.keys();
        flights.any(|flight| hub.has(flight.line)) || engaged.any(|line| hub.has(*line))
    }

    fn settle_lines(&mut self, now: Now, lines: &[LineId]) {
        for line in lines {
            let session = self.floor.lines.get(line).and_then(|line| line.session);
            if let Some((_, sim)) = session {
                self.settle(now, sim);
            }
        }
    }
}
