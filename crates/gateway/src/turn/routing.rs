//! Routes at work: which of them are dry, and the dry run that explains a choice.

use super::Gateway;
use crate::book::{RouteIdx, Sim, SimIdx};
use crate::budget;
use crate::decide;
use crate::exchange::{RouteQuery, RouteTrial, SimTrial};
use crate::routes::{self, SimFacts, Traits};
use crate::settings::BUDGET_NAMES;
use crate::words::Now;

impl Gateway {
    /// What would become of a message now, and why. Nothing changes.
    pub fn try_route(&self, now: Now, query: &RouteQuery) -> RouteTrial {
        let to = query.to.text();
        let message = Traits {
            to: &to,
            class: query.class,
            app: query.app.as_deref(),
            asked: query.route.as_deref(),
        };
        let listed = &self.settings.routes;
        let at = routes::best(listed, &message).unwrap_or(listed.len());
        let dry = self.dry_routes(now);
        let serving = routes::serving(listed, &dry, at);
        let name = |at: usize| listed.get(at).map(|route| route.name.clone());
        let served = RouteIdx(u16::try_from(serving).expect("the configuration allows fewer"));
        let chosen = decide::choose(
            &self.settings,
            &self.book,
            &self.floor,
            now,
            query.class,
            served,
        );
        RouteTrial {
            route: name(at),
            serving: name(serving).filter(|_| serving != at),
            rotation: listed
                .get(serving)
                .map_or_else(Default::default, |route| route.rotation),
            routes: listed
                .iter()
                .map(|route| (route.name.clone(), routes::fit(route, &message)))
                .collect(),
            chosen: chosen.map(|sim| self.book.sim(sim).iccid.clone()),
            sims: self
                .book
                .sims()
                .map(|(sim, known)| self.sim_trial(now, serving, sim, known))
                .collect(),
        }
    }

    /// Of each route, whether none of its SIMs can serve it; empty if no route has a fall-back.
    pub(super) fn dry_routes(&self, now: Now) -> Vec<bool> {
        let listed = &self.settings.routes;
        if listed.iter().all(|route| route.fallback.is_empty()) {
            return Vec::new();
        }
        let is_dry = |at: usize| {
            let mut sims = self.book.sims();
            sims.all(|(sim, known)| routes::is_dry(&self.sim_facts(now, at, sim, known), now.wall))
        };
        (0..listed.len()).map(is_dry).collect()
    }

    fn sim_trial(&self, now: Now, at: usize, sim: SimIdx, known: &Sim) -> SimTrial {
        let declared = self.settings.sim(&known.iccid);
        let place = self.floor.sim(sim).and_then(|sim| sim.place);
        SimTrial {
            iccid: known.iccid.clone(),
            label: declared
                .label
                .clone()
                .unwrap_or_else(|| known.iccid.tail().into()),
            line: place.map(|(line, _)| line),
            headroom: budget::headroom(&declared.budget, &known.usage, now.wall),
            exclusion: routes::exclusion(&self.sim_facts(now, at, sim, known)),
        }
    }

    fn sim_facts(&self, now: Now, at: usize, sim: SimIdx, known: &Sim) -> SimFacts {
        let declared = self.settings.sim(&known.iccid);
        let volatile = self.floor.sim(sim);
        let imsi = volatile.and_then(|sim| sim.imsi.as_deref());
        let route = self.settings.routes.get(at);
        if route.is_some_and(|route| !route.sims.fits(&known.iccid, declared, imsi)) {
            return SimFacts::elsewhere();
        }
        let state = self.sim_state(now, sim, known);
        let rests_until = volatile
            .and_then(|sim| sim.rests_until)
            .map(|at| at.saturating_duration_since(now.mono))
            .filter(|left| !left.is_zero());
        SimFacts {
            in_route: true,
            state,
            reason: self.reason(sim, known, state),
            has_budget: declared.budget.is_declared(),
            spent: budget::binding(&declared.budget, &known.usage, now.wall)
                .map(|(index, until)| (BUDGET_NAMES[index], until)),
            rests_until: rests_until.map(|left| now.wall.plus(left)),
            has_room: self.has_room(sim),
        }
    }
}
