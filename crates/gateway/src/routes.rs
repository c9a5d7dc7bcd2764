//! Which route a message takes, and which SIMs may serve it: pure functions over the routes and what is known of both.
//!
//! The route that was asked for, else the one with the longest fitting prefix among those that serve the message's class
//! and app; the first of the file wins among equals. While no SIM of a route can serve, its fall-backs are asked in their
//! order. A SIM that refuses is no reason to fall back: traffic never moves away from a bar.

use std::time::Duration;

use crate::budget::Shut;
use crate::settings::Route;
use crate::snapshot::SimState;
use crate::words::{Class, UnixMs};

/// What routes ask of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Traits<'a> {
    /// Recipient in canonical form.
    pub(crate) to: &'a str,
    pub(crate) class: Class,
    pub(crate) app: Option<&'a str>,
    /// Route that was asked for.
    pub(crate) asked: Option<&'a str>,
}

/// How a route stands to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteFit {
    /// It was asked for by name.
    Asked,
    /// So many characters of its longest prefix fit; 0: it serves all recipients.
    Prefix(usize),
    /// Another one was asked for.
    NotAsked,
    /// It does not serve the class.
    OtherClass,
    /// It does not serve the app.
    OtherApp,
    /// None of its prefixes fits.
    OtherPrefix,
}

impl RouteFit {
    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            RouteFit::Asked => "asked",
            RouteFit::Prefix(_) => "fits",
            RouteFit::NotAsked => "not_asked",
            RouteFit::OtherClass => "other_class",
            RouteFit::OtherApp => "other_app",
            RouteFit::OtherPrefix => "other_prefix",
        }
    }

    /// The greater, the better it fits; `None`: not at all.
    fn rank(self) -> Option<usize> {
        match self {
            RouteFit::Asked => Some(usize::MAX),
            RouteFit::Prefix(length) => Some(length),
            RouteFit::NotAsked
            | RouteFit::OtherClass
            | RouteFit::OtherApp
            | RouteFit::OtherPrefix => None,
        }
    }
}

/// How a route stands to a message.
pub(crate) fn fit(route: &Route, message: &Traits<'_>) -> RouteFit {
    if let Some(asked) = message.asked {
        return if *asked == *route.name {
            RouteFit::Asked
        } else {
            RouteFit::NotAsked
        };
    }
    if !route.classes.is_empty() && !route.classes.contains(&message.class) {
        return RouteFit::OtherClass;
    }
    let serves = |app: &str| route.apps.iter().any(|served| **served == *app);
    if !route.apps.is_empty() && !message.app.is_some_and(serves) {
        return RouteFit::OtherApp;
    }
    if route.prefixes.is_empty() {
        return RouteFit::Prefix(0);
    }
    let fitting = route
        .prefixes
        .iter()
        .filter(|prefix| message.to.starts_with(&***prefix));
    let longest = fitting.map(|prefix| prefix.len()).max();
    longest.map_or(RouteFit::OtherPrefix, RouteFit::Prefix)
}

/// Position of the route that fits best.
pub(crate) fn best(routes: &[Route], message: &Traits<'_>) -> Option<usize> {
    let fits = routes
        .iter()
        .enumerate()
        .filter_map(|(at, route)| Some((fit(route, message).rank()?, at)));
    let best = fits.max_by_key(|(rank, at)| (*rank, std::cmp::Reverse(*at)));
    best.map(|(_, at)| at)
}

/// Position of the route whose SIMs serve a route: its own, or while those are dry the first fall-back that is not.
/// `is_dry` tells of a route whether no SIM of it can serve; only those with a fall-back are asked.
pub(crate) fn serving(routes: &[Route], at: usize, is_dry: impl Fn(usize) -> bool) -> usize {
    let route = routes.get(at).filter(|route| !route.fallback.is_empty());
    let Some(route) = route.filter(|_| is_dry(at)) else {
        return at;
    };
    let position = |name: &str| routes.iter().position(|route| *route.name == *name);
    let mut backs = route.fallback.iter().filter_map(|name| position(name));
    backs.find(|back| !is_dry(*back)).unwrap_or(at)
}

/// What decides whether a SIM serves a message now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SimFacts {
    pub(crate) in_route: bool,
    pub(crate) state: SimState,
    /// Why it is in this state.
    pub(crate) reason: Option<Box<str>>,
    /// What keeps it from sending messages of the class longest, and until when.
    pub(crate) shut: Option<(Shut, UnixMs)>,
    /// When it has rested.
    pub(crate) rests_until: Option<UnixMs>,
    /// Whether its line takes another part.
    pub(crate) has_room: bool,
    /// Whether only its line is at fault, and given nothing for a while.
    pub(crate) is_line_out: bool,
    /// Whether its budgets leave room for all parts of the message.
    pub(crate) holds_all: bool,
}

impl SimFacts {
    /// A SIM that the route does not name: nothing else matters.
    pub(crate) fn elsewhere() -> SimFacts {
        SimFacts {
            in_route: false,
            state: SimState::Absent,
            reason: None,
            shut: None,
            rests_until: None,
            has_room: false,
            is_line_out: false,
            holds_all: true,
        }
    }
}

/// Why a SIM does not serve a message now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exclusion {
    /// The route does not name it.
    NotInRoute,
    /// It is in no line.
    Absent,
    /// An operator paused it or its line.
    Paused(Option<Box<str>>),
    /// It, or its network, refused too often.
    Quarantined(Option<Box<str>>),
    /// Its line lost one part after the other.
    LineOut(Option<Box<str>>),
    /// No budget is declared.
    NoBudget,
    /// Its contract has ended.
    ContractEnded,
    /// It may not send at this hour.
    OutsideHours {
        /// Until when.
        until: UnixMs,
    },
    /// A budget is used up.
    Spent {
        /// Which, as the configuration calls it.
        budget: &'static str,
        /// Until when; the end of time: until it is raised.
        until: UnixMs,
    },
    /// What is left of a budget is kept for codes.
    KeptForCodes {
        /// Which, as the configuration calls it.
        budget: &'static str,
        /// Until when; the end of time: until it is raised.
        until: UnixMs,
    },
    /// Its budgets leave fewer parts than the message has, and they stay together.
    TooFewLeft,
    /// It keeps a distance to its last part.
    Resting {
        /// Until when.
        until: UnixMs,
    },
    /// Its line has a part, or an operator's dialogue.
    Busy,
}

impl Exclusion {
    /// The word of the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            Exclusion::NotInRoute => "not_in_route",
            Exclusion::Absent => "absent",
            Exclusion::Paused(_) => "paused",
            Exclusion::Quarantined(_) => "quarantined",
            Exclusion::LineOut(_) => "line_out",
            Exclusion::NoBudget => "no_budget",
            Exclusion::ContractEnded => "contract_ended",
            Exclusion::OutsideHours { .. } => "outside_hours",
            Exclusion::Spent { .. } => "budget_used_up",
            Exclusion::KeptForCodes { .. } => "kept_for_codes",
            Exclusion::TooFewLeft => "too_few_left",
            Exclusion::Resting { .. } => "resting",
            Exclusion::Busy => "busy",
        }
    }
}

/// Why a SIM does not serve a message now: the reason that lasts longest first; `None` if it may.
pub(crate) fn exclusion(sim: &SimFacts) -> Option<Exclusion> {
    if !sim.in_route {
        return Some(Exclusion::NotInRoute);
    }
    match sim.state {
        SimState::Absent => return Some(Exclusion::Absent),
        SimState::Paused => return Some(Exclusion::Paused(sim.reason.clone())),
        SimState::Quarantined if sim.is_line_out => {
            return Some(Exclusion::LineOut(sim.reason.clone()));
        }
        SimState::Quarantined => return Some(Exclusion::Quarantined(sim.reason.clone())),
        SimState::Exhausted | SimState::Idle | SimState::Sending | SimState::Waiting => {}
    }
    if let Some((shut, until)) = sim.shut {
        return Some(match shut {
            Shut::Undeclared => Exclusion::NoBudget,
            Shut::Contract => Exclusion::ContractEnded,
            Shut::Hours => Exclusion::OutsideHours { until },
            Shut::Limit(budget) => Exclusion::Spent { budget, until },
            Shut::KeptForCodes(budget) => Exclusion::KeptForCodes { budget, until },
        });
    }
    if !sim.holds_all {
        return Some(Exclusion::TooFewLeft);
    }
    if !sim.has_room {
        return Some(Exclusion::Busy);
    }
    let until = sim.rests_until?;
    Some(Exclusion::Resting { until })
}

/// Whether a SIM can't serve its route for so long that the fall-back is asked.
pub(crate) fn is_dry(sim: &SimFacts, now: UnixMs) -> bool {
    match exclusion(sim) {
        Some(
            Exclusion::NotInRoute
            | Exclusion::Absent
            | Exclusion::Paused(_)
            | Exclusion::LineOut(_)
            | Exclusion::NoBudget
            | Exclusion::ContractEnded,
        ) => true,
        Some(
            Exclusion::Spent { until, .. }
            | Exclusion::KeptForCodes { until, .. }
            | Exclusion::OutsideHours { until },
        ) => until.since(now) > PATIENCE,
        Some(
            Exclusion::Quarantined(_)
            | Exclusion::TooFewLeft
            | Exclusion::Resting { .. }
            | Exclusion::Busy,
        )
        | None => false,
    }
}

/// A budget that is filled again within this time is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
