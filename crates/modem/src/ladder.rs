//! The ladder by which a sick line is brought back: which rung is next, and how often each may be climbed.
//!
//! ```text
//!  one answer missing ──► resync ──── in step again: nothing else happens
//!                            │ fails, or two sends in a row without an answer
//!                            ▼
//!   initialise ×2 ──► radio off and on ──► reset ×2 ──► reopen ×5 ──► rest: 10 min, 1 h, 24 h
//!   a boot loop ──────────────────────────────────────────────────────►┘
//! ```
//!
//! A failure names the lowest rung that may help; the ladder goes on from there to the first one that the modem's profile
//! allows and whose budget is not spent. A line that sends, or stays well for a while, begins at the bottom again, but what
//! was climbed within the hour still counts. How a rung is climbed is in `recover`, `init` and `climb`.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::timing::{
    BOOTS_IN_ROW_MAX, EASE_PATIENCE, EASE_PATIENCE_DOUBLINGS_MAX, OUT_OF_SERVICE, RUNG_BUDGETS,
    RUNG_SPAN,
};
use crate::{RadioOff, RecoveryManners, Rung};

/// What was climbed lately.
#[derive(Debug, Default)]
pub(crate) struct Ladder {
    climbed: [Climbed; RUNG_BUDGETS.len()],
    boots_in_row: u8,
    rests: usize,
    /// Radio cycles for want of a SIM or a network, since the line was last well.
    eased: u8,
}

#[derive(Debug, Default)]
struct Climbed {
    in_row: u8,
    /// Within [`RUNG_SPAN`], the oldest first; at most the budget of its rung.
    lately: VecDeque<Instant>,
}

/// How often a rung may be climbed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RungBudget {
    pub(crate) rung: Rung,
    /// Without the line being well between.
    pub(crate) in_row: u8,
    /// However well it was between.
    pub(crate) per_hour: usize,
}

/// What is to be done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// This, by a modem that is sick.
    Climb(Rung),
    /// All is spent: the line is left alone for so long.
    Rest(Duration),
}

impl Ladder {
    /// A failure that `least` and the rungs above it may mend. `known` is what the modem's profile allows; nothing is
    /// allowed to a modem that has not said who it is.
    pub(crate) fn climb(
        &mut self,
        now: Instant,
        least: Rung,
        known: Option<&RecoveryManners>,
    ) -> Next {
        let rungs = RUNG_BUDGETS.iter().map(|budget| budget.rung);
        for rung in rungs.filter(|&rung| rung >= least) {
            if is_allowed(rung, known) && self.take(now, rung) {
                return Next::Climb(rung);
            }
        }
        self.rest()
    }

    /// The modem is well but waits in vain for its SIM or a network: turning the radio off and on may help, or a reset if
    /// the radio must not be turned off. `None` if neither is allowed now.
    pub(crate) fn ease(&mut self, now: Instant, known: &RecoveryManners) -> Option<Rung> {
        let rung = [Rung::Radio, Rung::Reset]
            .into_iter()
            .find(|&rung| is_allowed(rung, Some(known)))?;
        let climbed = self.of(rung)?;
        climbed.forget(now);
        if climbed.lately.len() >= budget(rung)?.per_hour {
            return None;
        }
        climbed.lately.push_back(now);
        self.eased = self.eased.saturating_add(1);
        Some(rung)
    }

    /// How long a modem may wait for its SIM or a network before [`Ladder::ease`]: longer each time, since a slot may be
    /// empty and a cellar deep.
    pub(crate) fn patience(&self) -> Duration {
        EASE_PATIENCE * (1 << u32::from(self.eased.min(EASE_PATIENCE_DOUBLINGS_MAX)))
    }

    /// The modem rebooted by itself soon after it was ready; how long to leave it alone if that was once too often.
    pub(crate) fn boot(&mut self) -> Option<Duration> {
        self.boots_in_row += 1;
        if self.boots_in_row < BOOTS_IN_ROW_MAX {
            return None;
        }
        match self.rest() {
            Next::Rest(rest) => Some(rest),
            Next::Climb(_) => None,
        }
    }

    /// How often a rung was climbed without the line being well between.
    pub(crate) fn in_row(&self, rung: Rung) -> u8 {
        let at = RUNG_BUDGETS.iter().position(|budget| budget.rung == rung);
        at.map_or(0, |at| self.climbed[at].in_row)
    }

    /// The line is well: the next failure begins at the bottom.
    pub(crate) fn heal(&mut self) {
        self.climbed
            .iter_mut()
            .for_each(|climbed| climbed.in_row = 0);
        self.boots_in_row = 0;
        self.rests = 0;
        self.eased = 0;
    }

    /// Takes one climb out of a rung's budget, if there is one left.
    fn take(&mut self, now: Instant, rung: Rung) -> bool {
        let (Some(budget), Some(climbed)) = (budget(rung), self.of(rung)) else {
            return false;
        };
        climbed.forget(now);
        let may = climbed.in_row < budget.in_row && climbed.lately.len() < budget.per_hour;
        if may {
            climbed.in_row += 1;
            climbed.lately.push_back(now);
        }
        may
    }

    fn rest(&mut self) -> Next {
        self.climbed
            .iter_mut()
            .for_each(|climbed| climbed.in_row = 0);
        self.boots_in_row = 0;
        let rest = OUT_OF_SERVICE[self.rests.min(OUT_OF_SERVICE.len() - 1)];
        self.rests += 1;
        Next::Rest(rest)
    }

    fn of(&mut self, rung: Rung) -> Option<&mut Climbed> {
        let at = RUNG_BUDGETS.iter().position(|budget| budget.rung == rung)?;
        self.climbed.get_mut(at)
    }
}

impl Climbed {
    fn forget(&mut self, now: Instant) {
        while self.lately.front().is_some_and(|&at| at + RUNG_SPAN <= now) {
            self.lately.pop_front();
        }
    }
}

fn budget(rung: Rung) -> Option<&'static RungBudget> {
    RUNG_BUDGETS.iter().find(|budget| budget.rung == rung)
}

fn is_allowed(rung: Rung, known: Option<&RecoveryManners>) -> bool {
    match rung {
        Rung::Radio => known.is_some_and(|known| known.radio_off != RadioOff::Never),
        Rung::Reset => known.is_some_and(|known| known.reset.iter().next().is_some()),
        Rung::Resync | Rung::Initialise | Rung::Reopen => true,
        // Not the line's own: its owner cuts the power, and a rest is no help.
        Rung::Power | Rung::Rest => false,
    }
}

#[cfg(test)]
mod tests;
