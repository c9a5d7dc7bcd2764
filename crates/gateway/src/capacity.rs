//! What a fleet can send, what binds it, and when its budgets run out: pure sums over a table of SIMs.
//!
//! Used for the live fleet (status, metrics, the wait of a full queue) and for a fleet on paper (`simfleet plan`).

use std::time::Duration;

use crate::budget::Period;

/// What one SIM can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimAbility {
    /// Whether it can send.
    pub standing: Standby,
    /// Least time from the start of a part to the start of the next: what the radio takes, or the least interval.
    pub step: Duration,
    /// Its limits in parts, as in [`crate::Budget::limits`].
    pub limits: [Option<u32>; 4],
    /// What is left of them.
    pub left: [Option<u32>; 4],
    /// Parts that are left for life.
    pub life_left: Option<u32>,
    /// When it may send.
    pub open: Open,
}

/// How much of a week is open for sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// Minutes.
    pub minutes: u32,
    /// Days with any of them.
    pub days: u32,
}

impl Open {
    /// The whole week.
    pub const ALWAYS: Open = Open {
        minutes: WEEK_MINUTES,
        days: 7,
    };

    /// Counts the minutes of a week, by day (0 to 6) and minute of the day.
    pub(crate) fn count(is_open: impl Fn(usize, u16) -> bool) -> Open {
        let minutes_of = |day: usize| {
            (0..DAY_MINUTES)
                .filter(|minute| is_open(day, *minute))
                .count()
        };
        let of_days: Vec<usize> = (0..7).map(minutes_of).collect();
        let count = |count: usize| u32::try_from(count).expect("a week has 10,080 minutes");
        Open {
            minutes: count(of_days.iter().sum()),
            days: count(of_days.iter().filter(|minutes| **minutes > 0).count()),
        }
    }

    /// Share of the time.
    fn share(self) -> f64 {
        f64::from(self.minutes) / f64::from(WEEK_MINUTES)
    }

    fn share_of_days(self) -> f64 {
        f64::from(self.days) / 7.0
    }
}

/// Whether a SIM can send at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standby {
    /// It sends, or could.
    Usable,
    /// A budget is used up, or none is declared.
    Spent,
    /// In no line, paused or quarantined.
    Away,
}

/// What a fleet can do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// Parts per minute that the usable SIMs can send now, whatever the target.
    pub achievable_per_minute: f64,
    /// Parts per minute that the budgets of the usable SIMs allow around the clock.
    pub steady_per_minute: f64,
    /// Parts per minute that the radios of all SIMs could send.
    pub radio_per_minute: f64,
    /// What keeps the fleet from sending more.
    pub binds: Bound,
    /// When the budgets of the usable SIMs are used up at the present rate, if that is before they are filled again.
    pub exhausted_in: Option<Duration>,
}

/// What keeps a fleet from sending more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// `gateway.target_per_minute`: the SIMs could do more.
    Target,
    /// The radios: all SIMs together can't do more.
    Radio,
    /// The SIMs' budgets.
    Budget,
    /// SIMs that are in no line, paused or quarantined.
    LinesDown,
}

impl Bound {
    /// All bounds.
    pub const ALL: [Bound; 4] = [Bound::Target, Bound::Radio, Bound::Budget, Bound::LinesDown];

    /// The word of the API and the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Bound::Target => "target",
            Bound::Radio => "radio",
            Bound::Budget => "budget",
            Bound::LinesDown => "lines_down",
        }
    }
}

impl Capacity {
    /// Parts per minute that the fleet can send while it keeps to its target.
    pub fn throughput_per_minute(&self, target_per_minute: u32) -> f64 {
        self.achievable_per_minute.min(f64::from(target_per_minute))
    }
}

/// Adds up what the SIMs of a fleet can do. `resets_in`: when each of [`crate::BUDGET_NAMES`] begins anew.
pub fn capacity(target_per_minute: u32, sims: &[SimAbility], resets_in: [Duration; 4]) -> Capacity {
    let sum = |rate: fn(&SimAbility) -> f64, keep: fn(Standby) -> bool| -> f64 {
        sims.iter().filter(|sim| keep(sim.standing)).map(rate).sum()
    };
    let is_usable = |standing| standing == Standby::Usable;
    let achievable_per_minute = sum(SimAbility::now_per_minute, is_usable);
    let radio_per_minute = sum(SimAbility::radio_per_minute, |_| true);
    let away = sum(SimAbility::now_per_minute, |standing| {
        standing == Standby::Away
    });
    let withheld = sum(SimAbility::radio_per_minute, |standing| {
        standing != Standby::Away
    }) - achievable_per_minute;
    let target = f64::from(target_per_minute);
    let binds = if achievable_per_minute >= target {
        Bound::Target
    } else if away <= NOTHING_PER_MINUTE && withheld <= NOTHING_PER_MINUTE {
        Bound::Radio
    } else if away > withheld {
        Bound::LinesDown
    } else {
        Bound::Budget
    };
    let rate = achievable_per_minute.min(target);
    Capacity {
        achievable_per_minute,
        steady_per_minute: sum(SimAbility::steady_per_minute, is_usable),
        radio_per_minute,
        binds,
        exhausted_in: exhausted_in(sims, rate, resets_in),
    }
}

impl SimAbility {
    /// A SIM whose budgets are all full.
    pub fn fresh(step: Duration, limits: [Option<u32>; 4]) -> SimAbility {
        SimAbility {
            standing: Standby::Usable,
            step,
            limits,
            left: limits,
            life_left: None,
            open: Open::ALWAYS,
        }
    }

    fn radio_per_minute(&self) -> f64 {
        60.0 / self.step.max(STEP_MIN).as_secs_f64()
    }

    /// While nothing but the radio and the minute's budget holds it back.
    fn now_per_minute(&self) -> f64 {
        let [per_minute, ..] = self.limits;
        per_minute
            .map_or(f64::INFINITY, f64::from)
            .min(self.radio_per_minute())
    }

    /// Around the clock: what is limited in minutes and hours rests while it may not send, days are closed or not.
    fn steady_per_minute(&self) -> f64 {
        let (time, days) = (self.open.share(), self.open.share_of_days());
        let shares = [time, time, days, 1.0];
        let spread = |((limit, minutes), share): ((&Option<u32>, f64), f64)| {
            limit.map_or(f64::INFINITY, |limit| f64::from(limit) / minutes * share)
        };
        let limits = self.limits.iter().zip(MINUTES).zip(shares).map(spread);
        limits.fold(self.radio_per_minute() * time, f64::min)
    }
}

/// The first of the longer periods that ends before its budgets do, or the life of all SIMs, if they are used evenly.
fn exhausted_in(
    sims: &[SimAbility],
    rate_per_minute: f64,
    resets_in: [Duration; 4],
) -> Option<Duration> {
    let usable = || sims.iter().filter(|sim| sim.standing == Standby::Usable);
    // One SIM without a limit never runs out.
    let lasts = |left: &dyn Fn(&SimAbility) -> Option<u32>| {
        let left = usable()
            .map(|sim| left(sim).map(u64::from))
            .sum::<Option<u64>>()?;
        let minutes = left as f64 / rate_per_minute;
        Duration::try_from_secs_f64(minutes * 60.0).ok()
    };
    let in_period = |period: Period| {
        let index = period.index();
        lasts(&|sim| sim.left[index]).filter(|lasts| *lasts < resets_in[index])
    };
    let periods = [Period::Hour, Period::Day, Period::Month];
    let for_life = lasts(&|sim| sim.life_left);
    periods
        .into_iter()
        .filter_map(in_period)
        .chain(for_life)
        .min()
}

/// No part takes less: guards a division.
const STEP_MIN: Duration = Duration::from_millis(1);
/// Rates below this are rounding.
const NOTHING_PER_MINUTE: f64 = 1e-6;
const DAY_MINUTES: u16 = 24 * 60;
const WEEK_MINUTES: u32 = 7 * 24 * 60;
/// Of the periods of a budget; a month has 30 days here.
const MINUTES: [f64; 4] = [1.0, 60.0, 24.0 * 60.0, 30.0 * 24.0 * 60.0];

#[cfg(test)]
mod tests;
