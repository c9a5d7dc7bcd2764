//! Routes at work: which of them are dry, and the dry run that explains a choice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use modem::Iccid;

use super::Gateway;
use crate::book::{Recipient, RouteIdx, Sim, SimIdx};
use crate::breaker::Gate;
use crate::budget::{self, Shut};
use crate::decide;
use crate::exchange::{Hold, RouteQuery, RouteTrial, SimTrial};
use crate::hours;
use crate::routes::{self, SimFacts, Traits};
use crate::words::{Class, Now, UnixMs};

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
        let serving = routes::serving(listed, at, |at| self.is_dry(now, at, query.class));
        let name = |at: usize| listed.get(at).map(|route| route.name.clone());
        let hold = self.hold(now, query);
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
            chosen: match hold {
                Some(_) => None,
                None => self.choice(now, query, serving),
            },
            refusal: self.guarded(now, &query.to, query.class, query.app.as_deref()),
            sims: self
                .book
                .sims()
                .map(|sim| self.sim_trial(now, serving, sim, query))
                .collect(),
            hold,
        }
    }

    /// The SIM that would get a message now on the route at this position of the settings, if there is one.
    pub fn choice(&self, now: Now, query: &RouteQuery, route: usize) -> Option<Iccid> {
        let query = decide::Query {
            class: query.class,
            recipient: &Recipient::of(&query.to),
            parts: query.parts,
            age: Duration::ZERO,
        };
        let route = route_idx(route);
        let sim = decide::choose(&self.settings, &self.book, &self.floor, now, &query, route)?;
        Some(self.book.sim(sim).iccid.clone())
    }

    /// Why a message waits whatever its SIMs could do.
    fn hold(&self, now: Now, query: &RouteQuery) -> Option<Hold> {
        if self.floor.stopping {
            return Some(Hold::Stopping);
        }
        if let Some(window) = self.settings.class(query.class).window {
            let zones = &self.settings.zones;
            let clocks = zones.clocks(zones.of(&query.to.text()));
            let opens = hours::next_opening(&window, clocks, now.wall);
            if opens != Some(now.wall) {
                return Some(Hold::SendWindow { opens });
            }
        }
        let is_kept = !self.floor.idle.is_empty()
            && decide::is_kept_for_codes(&self.settings, &self.floor, now, query.class);
        is_kept.then_some(Hold::OtpReserve)
    }

    /// Routes that messages wait for and whose SIMs can't serve them, and the fall-backs that do.
    pub(super) fn fallbacks(&self, now: Now) -> BTreeMap<(bool, RouteIdx), RouteIdx> {
        let listed = &self.settings.routes;
        if listed.iter().all(|route| route.fallback.is_empty()) {
            return BTreeMap::new();
        }
        let wanted: BTreeSet<(bool, RouteIdx)> = self
            .book
            .lanes()
            .keys()
            .map(|lane| (lane.class == Class::Otp, lane.route))
            .collect();
        let serving = |(is_code, route): (bool, RouteIdx)| {
            let class = if is_code { Class::Otp } else { Class::Bulk };
            let at = usize::from(route.0);
            let serving = routes::serving(listed, at, |at| self.is_dry(now, at, class));
            (serving != at).then_some(((is_code, route), route_idx(serving)))
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
    fn is_dry(&self, now: Now, at: usize, class: Class) -> bool {
        let mut sims = self.book.sims();
        sims.all(|sim| {
            let facts = self.sim_facts(now, at, sim, class, None);
            routes::is_dry(&facts, now.wall)
        })
    }

    fn sim_trial(
        &self,
        now: Now,
        at: usize,
        (sim, known): (SimIdx, &Sim),
        query: &RouteQuery,
    ) -> SimTrial {
        let mark = Recipient::of(&query.to).mark();
        let mut facts = self.sim_facts(now, at, (sim, known), query.class, Some(mark));
        let room = self.floor.sim(sim).map(|sim| sim.allowance.room);
        facts.holds_all = room.is_none_or(|room| room.holds(query.class, query.parts));
        let declared = self.settings.sim(&known.iccid);
        let place = self.floor.sim(sim).and_then(|sim| sim.place);
        SimTrial {
            iccid: known.iccid.clone(),
            label: declared
                .label
                .clone()
                .unwrap_or_else(|| known.iccid.tail().into()),
            line: place.map(|(line, _)| line),
            headroom: budget::headroom(&declared.budget, known.spent(), now.wall),
            exclusion: routes::exclusion(&facts),
        }
    }

    /// Why a SIM may send nothing of a class, or nothing to this recipient, and until when.
    fn shut_for(
        &self,
        now: Now,
        known: &Sim,
        class: Class,
        mark: Option<u64>,
    ) -> Option<(Shut, UnixMs)> {
        let budget = &self.settings.sim(&known.iccid).budget;
        let shut = budget::shut(budget, known.spent(), class, now.wall);
        let is_stranger = mark.is_some_and(|mark| known.parts_to(mark) == 0);
        let to_strangers = || budget::shut_to_strangers(budget, known.spent(), class, now.wall);
        shut.or_else(|| is_stranger.then(to_strangers).flatten())
    }

    fn sim_facts(
        &self,
        now: Now,
        at: usize,
        (sim, known): (SimIdx, &Sim),
        class: Class,
        mark: Option<u64>,
    ) -> SimFacts {
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
            reason: self.reason(now, sim, known, state),
            shut: self.shut_for(now, known, class, mark),
            rests_until: rests_until.map(|left| now.wall.plus(left)),
            has_room: self.has_room(sim) && !self.is_engaged(sim) && !self.is_hub_held(sim),
            holds_all: true,
            is_line_out: self.line_gate(now, sim) != Gate::Open
                && known.quarantine.is_none()
                && !self.is_cut_off(sim),
        }
    }
}

fn route_idx(at: usize) -> RouteIdx {
    RouteIdx(u16::try_from(at).expect("the configuration allows fewer routes"))
}
