//! Routes at work: which of them are dry, and the dry run that explains a choice.

use std::collections::{BTreeMap, BTreeSet};

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
        let serving = routes::serving(listed, at, |at| self.is_dry(now, at));
        let name = |at: usize| listed.get(at).map(|route| route.name.clone());
        let chosen = decide::choose(
            &self.settings,
            &self.floor,
            now,
            query.class,
            route_idx(serving),
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

    /// Routes that messages wait for and whose SIMs can't serve them, and the fall-backs that do.
    pub(super) fn fallbacks(&self, now: Now) -> BTreeMap<RouteIdx, RouteIdx> {
        let listed = &self.settings.routes;
        if listed.iter().all(|route| route.fallback.is_empty()) {
            return BTreeMap::new();
        }
        let wanted: BTreeSet<RouteIdx> = self.book.lanes().routes().collect();
        let serving = |route: RouteIdx| {
            let at = usize::from(route.0);
            let serving = routes::serving(listed, at, |at| self.is_dry(now, at));
            (serving != at).then_some((route, route_idx(serving)))
        };
        wanted.into_iter().filter_map(serving).collect()
    }

    /// Finds out which routes each SIM belongs to.
    pub(super) fn find_routes(&mut self) {
        let all: Vec<SimIdx> = self.book.sims().map(|(sim, _)| sim).collect();
        all.into_iter().for_each(|sim| self.find_routes_of(sim));
    }

    pub(super) fn find_routes_of(&mut self, sim: SimIdx) {
        let iccid = &self.book.sim(sim).iccid;
        let declared = self.settings.sim(iccid);
        let imsi = self.floor.sim(sim).and_then(|sim| sim.imsi.as_deref());
        let routes = self.settings.routes.iter();
        let fits = routes.map(|route| route.sims.fits(iccid, declared, imsi));
        let fits: Box<[bool]> = fits.collect();
        self.floor.sim_mut(sim).routes = fits;
    }

    /// Whether no SIM of a route can serve it.
    fn is_dry(&self, now: Now, at: usize) -> bool {
        let mut sims = self.book.sims();
        sims.all(|(sim, known)| routes::is_dry(&self.sim_facts(now, at, sim, known), now.wall))
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
        if volatile.is_none_or(|sim| !sim.serves(route_idx(at))) {
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
            has_room: self.has_room(sim) && !self.is_engaged(sim),
        }
    }
}

fn route_idx(at: usize) -> RouteIdx {
    RouteIdx(u16::try_from(at).expect("the configuration allows fewer routes"))
}
