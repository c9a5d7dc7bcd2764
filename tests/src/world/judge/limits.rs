//! Counts what each SIM sends in each period of its budget, by the records and by the air (invariant 5).
//!
//! A part counts in the period in which it was started. The calendar here is not the gateway's.

use std::collections::{BTreeMap, HashMap};

use gateway::{Budget, Class, Settings, UnixMs};
use modem::{Iccid, Ticket};

use super::clock::{Dates, Open};
use super::{Checked, demand};

/// Limits and what is used of them.
#[derive(Debug)]
pub(crate) struct Limits {
    default: Tariff,
    of_sim: BTreeMap<Iccid, Tariff>,
    used: HashMap<(Iccid, usize, i64), Used>,
    /// Parts to each recipient by SIM and month.
    reached: HashMap<(Iccid, i64), BTreeMap<Box<str>, u32>>,
    started: HashMap<Ticket, Begun>,
    last_start: HashMap<Iccid, UnixMs>,
    /// How often the last part, or recipient, of a limit was used, in the order of [`gateway::BUDGET_NAMES`].
    pub(crate) filled: [u64; PERIODS + 1],
}

/// What a SIM may send.
#[derive(Clone, Debug)]
struct Tariff {
    /// Parts in each minute, hour, day and month, and for life.
    parts: [Option<u32>; PERIODS],
    recipients: Option<u32>,
    /// Percent of each that only codes may use.
    otp_share: u64,
    interval_min: std::time::Duration,
    dates: Dates,
    hours: Vec<Open>,
    ends: Option<UnixMs>,
}

/// Parts in one period.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    by_records: u32,
    by_air: u32,
}

/// A part that was given to a SIM.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    pub(crate) at: UnixMs,
    pub(crate) class: Class,
    pub(crate) to: Box<str>,
}

impl Limits {
    /// The limits of these settings.
    pub(crate) fn new(settings: &Settings) -> Limits {
        let of_sim = settings
            .sims
            .iter()
            .map(|(sim, declared)| (sim.clone(), Tariff::of(&declared.budget)));
        Limits {
            default: Tariff::of(&settings.sims_default.budget),
            of_sim: of_sim.collect(),
            used: HashMap::new(),
            reached: HashMap::new(),
            started: HashMap::new(),
            last_start: HashMap::new(),
            filled: [0; PERIODS + 1],
        }
    }

    /// A part is given to a SIM.
    ///
    /// # Errors
    /// When the SIM may not send it.
    pub(crate) fn started(&mut self, ticket: Ticket, sim: &Iccid, begun: Begun) -> Checked {
        let tariff = self.tariff(sim);
        let (at, class) = (begun.at, begun.class);
        for (period, limit) in tariff.parts.into_iter().enumerate() {
            let used = self.used(sim, period, at);
            used.by_records += 1;
            let (count, limit) = (used.by_records, tariff.left_to(class, limit));
            demand(limit.is_none_or(|limit| count <= limit), || {
                format!(
                    "SIM {} starts {count} parts in a period of limit {limit:?} for {class:?}",
                    sim.tail()
                )
            })?;
        }
        self.check_recipients(sim, &begun)?;
        self.started.insert(ticket, begun);
        let before = self.last_start.insert(sim.clone(), at);
        let gap = before.map(|before| at.since(before));
        demand(gap.is_none_or(|gap| gap >= tariff.interval_min), || {
            format!(
                "SIM {} starts {gap:?} after the last part, and {:?} is the least",
                sim.tail(),
                tariff.interval_min
            )
        })?;
        let clock = tariff.dates.clock();
        let is_open =
            tariff.hours.is_empty() || tariff.hours.iter().any(|hours| clock.shows(*hours, at));
        demand(is_open, || {
            format!("SIM {} sends outside its hours", sim.tail())
        })?;
        demand(tariff.ends.is_none_or(|ends| at < ends), || {
            format!("SIM {} sends after its contract has ended", sim.tail())
        })
    }

    fn check_recipients(&mut self, sim: &Iccid, begun: &Begun) -> Checked {
        let tariff = self.tariff(sim);
        let month = tariff.dates.month(begun.at);
        let reached = self.reached.entry((sim.clone(), month)).or_default();
        let parts = reached.entry(begun.to.clone()).or_default();
        *parts += 1;
        if *parts > 1 {
            return Ok(());
        }
        let count = people(reached);
        self.filled[PERIODS] += u64::from(tariff.recipients == Some(count));
        let limit = tariff.left_to(begun.class, tariff.recipients);
        demand(limit.is_none_or(|limit| count <= limit), || {
            format!(
                "SIM {} reaches {count} recipients in a month of limit {limit:?} for {:?}",
                sim.tail(),
                begun.class
            )
        })
    }

    /// Whether a SIM may send a code to a recipient as far as the number of its recipients goes.
    pub(crate) fn may_reach(&self, sim: &Iccid, to: &str, at: UnixMs) -> bool {
        let tariff = self.tariff(sim);
        let Some(limit) = tariff.recipients else {
            return true;
        };
        let month = tariff.dates.month(at);
        let reached = self.reached.get(&(sim.clone(), month));
        reached.is_none_or(|reached| {
            people(reached) < limit || reached.get(to).is_some_and(|parts| *parts > 0)
        })
    }

    /// A part came back, or was certainly not sent.
    pub(crate) fn gave_back(&mut self, ticket: Ticket, sim: &Iccid) {
        let Some(begun) = self.started.get(&ticket).cloned() else {
            return;
        };
        for period in 0..PERIODS {
            let used = self.used(sim, period, begun.at);
            used.by_records = used.by_records.saturating_sub(1);
        }
        let month = self.tariff(sim).dates.month(begun.at);
        let reached = self.reached.entry((sim.clone(), month)).or_default();
        if let Some(parts) = reached.get_mut(&begun.to) {
            *parts = parts.saturating_sub(1);
        }
    }

    /// A part is on the air.
    ///
    /// # Errors
    /// When that is one more than the SIM may send.
    pub(crate) fn aired(&mut self, ticket: Ticket, sim: &Iccid, began: UnixMs) -> Checked {
        let tariff = self.tariff(sim);
        let at = self.started[&ticket].at;
        // The period is that of the start, which the network knows nothing of, but about when it was.
        let late_ms = began.0 - at.0;
        demand((-ROUNDED_MS..=LATE_MAX_MS).contains(&late_ms), || {
            format!(
                "SIM {} puts a part on the air {late_ms} ms after its start",
                sim.tail()
            )
        })?;
        for (period, limit) in tariff.parts.into_iter().enumerate() {
            let used = self.used(sim, period, at);
            used.by_air += 1;
            let count = used.by_air;
            self.filled[period] += u64::from(limit == Some(count));
            demand(limit.is_none_or(|limit| count <= limit), || {
                format!(
                    "SIM {} puts {count} parts on the air in a period of limit {limit:?}",
                    sim.tail()
                )
            })?;
        }
        Ok(())
    }

    fn used(&mut self, sim: &Iccid, period: usize, at: UnixMs) -> &mut Used {
        let window = self.tariff(sim).window(period, at);
        self.used.entry((sim.clone(), period, window)).or_default()
    }

    fn tariff(&self, sim: &Iccid) -> Tariff {
        self.of_sim.get(sim).unwrap_or(&self.default).clone()
    }
}

impl Tariff {
    fn of(budget: &Budget) -> Tariff {
        let [minute, hour, day, month] = budget.limits;
        let hours = budget.hours.iter().map(|hours| Open {
            from: hours.from_min.into(),
            until: hours.to_min.into(),
        });
        Tariff {
            parts: [minute, hour, day, month, budget.per_life],
            recipients: budget.recipients_per_month,
            otp_share: budget.otp_share.into(),
            interval_min: budget.interval_min,
            dates: Dates::of(&budget.calendar),
            hours: hours.collect(),
            ends: budget.ends,
        }
    }

    /// What a class may use of a limit.
    fn left_to(&self, class: Class, limit: Option<u32>) -> Option<u32> {
        let limit = limit?;
        let kept = u64::from(limit) * self.otp_share / 100;
        match class {
            Class::Otp => Some(limit),
            Class::Notification | Class::Bulk => Some(limit - u32::try_from(kept).unwrap_or(limit)),
        }
    }

    /// Which minute, hour, day or month it is; life is one.
    fn window(&self, period: usize, at: UnixMs) -> i64 {
        match period {
            0 => at.0.div_euclid(60_000),
            1 => at.0.div_euclid(3_600_000),
            2 => self.dates.day(at),
            3 => self.dates.month(at),
            _ => 0,
        }
    }
}

fn people(reached: &BTreeMap<Box<str>, u32>) -> u32 {
    let people = reached.values().filter(|parts| **parts > 0).count();
    u32::try_from(people).unwrap_or(u32::MAX)
}

const PERIODS: usize = 5;
/// From the start of a part to its first bit on the air: its line may have to bring its modem back before.
const LATE_MAX_MS: i64 = 150_000;
/// Records and ledger round their times.
pub(super) const ROUNDED_MS: i64 = 2;
