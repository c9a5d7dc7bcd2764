//! Counts what each SIM sends in each period of its budget, by the records and by the air (invariant 5).
//!
//! A part counts in the period in which it was started. The calendar here is not the gateway's: days since 1970, and
//! civil months after Hinnant's algorithm.

use std::collections::{BTreeMap, HashMap};

use gateway::{Budget, Settings, UnixMs};
use modem::{Iccid, Ticket};

use super::{Checked, demand};

/// Limits and what is used of them.
#[derive(Debug)]
pub(crate) struct Limits {
    default: Budget,
    of_sim: BTreeMap<Iccid, Budget>,
    used: HashMap<(Iccid, usize, i64), Used>,
    started: HashMap<Ticket, UnixMs>,
    last_start: HashMap<Iccid, UnixMs>,
}

/// Parts in one period.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    by_records: u32,
    by_air: u32,
}

impl Limits {
    /// The limits of these settings.
    pub(crate) fn new(settings: &Settings) -> Limits {
        let of_sim = settings
            .sims
            .iter()
            .map(|(sim, declared)| (sim.clone(), declared.budget.clone()));
        Limits {
            default: settings.sims_default.budget.clone(),
            of_sim: of_sim.collect(),
            used: HashMap::new(),
            started: HashMap::new(),
            last_start: HashMap::new(),
        }
    }

    /// A part is given to a SIM.
    ///
    /// # Errors
    /// When that is one more than the SIM may send.
    pub(crate) fn started(&mut self, ticket: Ticket, sim: &Iccid, at: UnixMs) -> Checked {
        let budget = self.budget(sim);
        self.started.insert(ticket, at);
        for (period, limit) in budget.limits.into_iter().enumerate() {
            let used = self
                .used
                .entry((sim.clone(), period, window(period, at)))
                .or_default();
            used.by_records += 1;
            let count = used.by_records;
            demand(limit.is_none_or(|limit| count <= limit), || {
                format!(
                    "SIM {} starts {count} parts in a period of limit {limit:?}",
                    sim.tail()
                )
            })?;
        }
        let before = self.last_start.insert(sim.clone(), at);
        let gap = before.map(|before| at.since(before));
        demand(gap.is_none_or(|gap| gap >= budget.interval_min), || {
            format!(
                "SIM {} starts {gap:?} after the last part, and {:?} is the least",
                sim.tail(),
                budget.interval_min
            )
        })
    }

    /// A part came back, or was certainly not sent.
    pub(crate) fn gave_back(&mut self, ticket: Ticket, sim: &Iccid) {
        let Some(at) = self.started.get(&ticket).copied() else {
            return;
        };
        for period in 0..PERIODS {
            let used = self
                .used
                .entry((sim.clone(), period, window(period, at)))
                .or_default();
            used.by_records = used.by_records.saturating_sub(1);
        }
    }

    /// A part is on the air.
    ///
    /// # Errors
    /// When that is one more than the SIM may send.
    pub(crate) fn aired(&mut self, ticket: Ticket, sim: &Iccid) -> Checked {
        let budget = self.budget(sim);
        let at = self.started[&ticket];
        for (period, limit) in budget.limits.into_iter().enumerate() {
            let used = self
                .used
                .entry((sim.clone(), period, window(period, at)))
                .or_default();
            used.by_air += 1;
            let count = used.by_air;
            demand(limit.is_none_or(|limit| count <= limit), || {
                format!(
                    "SIM {} puts {count} parts on the air in a period of limit {limit:?}",
                    sim.tail()
                )
            })?;
        }
        Ok(())
    }

    fn budget(&self, sim: &Iccid) -> Budget {
        self.of_sim.get(sim).unwrap_or(&self.default).clone()
    }
}

/// Which minute, hour, day or month of UTC it is.
fn window(period: usize, at: UnixMs) -> i64 {
    match period {
        0 => at.0.div_euclid(60_000),
        1 => at.0.div_euclid(3_600_000),
        2 => at.0.div_euclid(86_400_000),
        _ => month(at.0.div_euclid(86_400_000)),
    }
}

/// The month of a day, counted from March of the year 0.
fn month(day: i64) -> i64 {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    (era * 400 + year) * 12 + (5 * of_year + 2) / 153
}

const PERIODS: usize = 4;
