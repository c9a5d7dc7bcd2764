//! What a SIM may still send: counting parts in the running minute, hour, day and month, for life, and recipients.
//!
//! Minutes and hours are full ones of UTC; days and months those of the SIM's calendar. Of each period the last window is
//! kept in which something was used; a window that has ended counts as empty, and nothing has to be reset.
//!
//! A clock that is set back gives no SIM a second budget: what was used in the window to come counts together with what
//! was used in the one before it, until that window begins. When the clock jumps further, or a reload moves the resets,
//! [`recut`] counts what may fall into the running period as used in it: rather too much than too little.

use crate::calendar::Calendar;
use crate::record::{Usage, Window};
use crate::settings::{BUDGET_NAMES, Budget, SimSettings};
use crate::snapshot::BudgetSnapshot;
use crate::warning;
use crate::words::{Class, UnixMs};

/// A length of time in which parts are limited, in the order of [`Usage::windows`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    Minute,
    Hour,
    Day,
    Month,
}

impl Period {
    pub(crate) const ALL: [Period; 4] = [Period::Minute, Period::Hour, Period::Day, Period::Month];

    /// Position in [`Period::ALL`].
    pub(crate) fn index(self) -> usize {
        match self {
            Period::Minute => 0,
            Period::Hour => 1,
            Period::Day => 2,
            Period::Month => 3,
        }
    }

    /// When the period that holds `now` began, and when it ends.
    pub(crate) fn bounds(self, calendar: &Calendar, now: UnixMs) -> (UnixMs, UnixMs) {
        match self {
            Period::Minute => full(now, MINUTE_MS),
            Period::Hour => full(now, HOUR_MS),
            Period::Day => calendar.day(now),
            Period::Month => calendar.month(now),
        }
    }
}

/// What a SIM has used, as its limits count it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent<'a> {
    pub(crate) usage: &'a Usage,
    /// Distinct recipients of the last month in which there were any.
    pub(crate) recipients: u32,
}

/// How one limit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Position in [`BUDGET_NAMES`].
    pub(crate) index: usize,
    pub(crate) limit: u32,
    pub(crate) used: u32,
    /// What only codes may use of it.
    pub(crate) for_codes: u32,
    /// When its window ends, if something was used in it.
    until: UnixMs,
}

/// What keeps a SIM from sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shut {
    /// No limit is declared.
    Undeclared,
    /// The contract has ended.
    Contract,
    /// It may not send at this hour.
    Hours,
    /// A limit is used up: its name.
    Limit(&'static str),
    /// Of a limit only that is left which codes may use: its name.
    KeptForCodes(&'static str),
}

/// What a SIM may send, worked out for one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Until when it may send nothing.
    pub(crate) shut_until: Option<UnixMs>,
    /// Until when it may send nothing but codes.
    pub(crate) codes_only_until: Option<UnixMs>,
    /// Whether it reaches recipients that it has not reached in this month: all, codes only, or none.
    pub(crate) strangers: Strangers,
    /// What is left of the scarcest limit, in billionths of it.
    pub(crate) headroom: u64,
    /// Parts that the limits of an hour and longer leave.
    pub(crate) room: Room,
    /// Parts used in the running month.
    pub(crate) used_in_month: u32,
    /// What a part costs.
    pub(crate) cost: u32,
    /// When all this is to be worked out anew though nothing was sent.
    pub(crate) holds_until: UnixMs,
}

/// Parts that a SIM may send before somebody has to wait for longer than a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) codes: u32,
    pub(crate) others: u32,
    /// What a fresh window would hold: more than that never fits.
    pub(crate) most: u32,
}

/// Which messages a SIM may take to recipients that it has not reached in this month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strangers {
    /// All.
    #[default]
    All,
    /// Codes: the rest of the limit is kept for them.
    Codes,
    /// None: the limit is reached.
    None,
}

impl Strangers {
    /// Whether a message may go to its recipient; `knows`: whether the SIM has reached that one in this month.
    pub(crate) fn may_reach(self, is_code: bool, knows: impl FnOnce() -> bool) -> bool {
        match self {
            Strangers::All => true,
            Strangers::Codes => is_code || knows(),
            Strangers::None => knows(),
        }
    }
}

/// Parts used in the period that holds `now`.
pub(crate) fn used(usage: &Usage, index: usize, now: UnixMs) -> u32 {
    let window = usage.windows[index];
    if now >= window.end {
        0
    } else if now >= window.start {
        window.used
    } else {
        window.used.saturating_add(window.before)
    }
}

/// Parts used ever: what was refused or came back untouched does not count.
pub(crate) fn used_for_life(usage: &Usage) -> u32 {
    u32::try_from(usage.started.saturating_sub(usage.refused)).unwrap_or(u32::MAX)
}

/// What only codes may use of a limit: so many percent, rounded down.
pub fn share_for_codes(limit: u32, percent: u8) -> u32 {
    let share = u64::from(limit) * u64::from(percent.min(100)) / 100;
    u32::try_from(share).unwrap_or(limit)
}

/// How each limit stands that is set.
pub(crate) fn standings(
    budget: &Budget,
    spent: Spent<'_>,
    now: UnixMs,
) -> impl Iterator<Item = Standing> {
    let usage = spent.usage;
    let month = usage.windows[Period::Month.index()];
    let of_period = |period: Period| {
        let window = usage.windows[period.index()];
        let until = if now < window.start {
            window.start
        } else {
            window.end
        };
        (used(usage, period.index(), now), until)
    };
    let reached = if now < month.end { spent.recipients } else { 0 };
    let of_life = (used_for_life(usage), UnixMs(i64::MAX));
    let [minute, hour, day, of_month] = budget.limits;
    let limits = [
        (minute, of_period(Period::Minute)),
        (hour, of_period(Period::Hour)),
        (day, of_period(Period::Day)),
        (of_month, of_period(Period::Month)),
        (budget.per_life, of_life),
        (budget.recipients_per_month, (reached, month.end)),
    ];
    let standing = move |(index, (limit, (used, until))): (usize, (Option<u32>, (u32, UnixMs)))| {
        let limit = limit?;
        Some(Standing {
            index,
            limit,
            used,
            for_codes: share_for_codes(limit, budget.otp_share),
            until,
        })
    };
    limits.into_iter().enumerate().filter_map(standing)
}

impl Standing {
    pub(crate) fn name(&self) -> &'static str {
        BUDGET_NAMES[self.index]
    }

    /// What messages of a class find of it.
    pub(crate) fn left(&self, class: Class) -> u32 {
        let kept = match class {
            Class::Otp => 0,
            Class::Notification | Class::Bulk => self.for_codes,
        };
        self.limit.saturating_sub(kept).saturating_sub(self.used)
    }

    /// Once nothing is left of it for a class: whether something is for codes.
    fn shut(&self) -> Shut {
        match self.left(Class::Otp) {
            0 => Shut::Limit(self.name()),
            _ => Shut::KeptForCodes(self.name()),
        }
    }

    /// What is left of it, in billionths.
    fn share_left(&self) -> u64 {
        u64::from(self.left(Class::Otp)) * HEADROOM_FULL / u64::from(self.limit.max(1))
    }

    /// When it is used up at the pace of its running period, if that is before it begins anew. A life has no pace.
    fn binds(&self, budget: &Budget, now: UnixMs) -> Option<UnixMs> {
        if self.left(Class::Otp) == 0 {
            return Some(now);
        }
        let end = self.resets(budget, now).filter(|_| self.used > 0)?;
        let period = match self.index {
            RECIPIENTS => Period::Month,
            index => Period::ALL[index],
        };
        let (start, ends) = period.bounds(&budget.calendar, now);
        let elapsed_ms = i64::try_from(now.since(start).as_millis()).unwrap_or(i64::MAX);
        // A burst at the beginning is no pace.
        let period_ms = ends.0.saturating_sub(start.0);
        if elapsed_ms < period_ms / PACE_FRACTION {
            return None;
        }
        let left = i64::from(self.left(Class::Otp));
        let lasts_ms = elapsed_ms.saturating_mul(left) / i64::from(self.used);
        let at = UnixMs(now.0.saturating_add(lasts_ms));
        (at < end).then_some(at)
    }

    /// When it counts from 0 again; `None`: never.
    pub(crate) fn resets(&self, budget: &Budget, now: UnixMs) -> Option<UnixMs> {
        let period = match self.index {
            LIFE => return None,
            RECIPIENTS => Period::Month,
            index => Period::ALL[index],
        };
        let is_running = self.used > 0 && self.until > now;
        let until = is_running.then_some(self.until);
        Some(until.unwrap_or_else(|| period.bounds(&budget.calendar, now).1))
    }
}

/// Why a SIM may send nothing of a class now, and until when: what lasts longest. A limit of recipients keeps a SIM from
/// some messages only, and is no reason here.
pub(crate) fn shut(
    budget: &Budget,
    spent: Spent<'_>,
    class: Class,
    now: UnixMs,
) -> Option<(Shut, UnixMs)> {
    if !budget.is_declared() {
        return Some((Shut::Undeclared, UnixMs(i64::MAX)));
    }
    if budget.ends.is_some_and(|ends| now >= ends) {
        return Some((Shut::Contract, UnixMs(i64::MAX)));
    }
    let used_up = standings(budget, spent, now)
        .filter(|standing| standing.index != RECIPIENTS && standing.left(class) == 0)
        .map(|standing| {
            let until = standing.resets(budget, now).unwrap_or(UnixMs(i64::MAX));
            (standing.shut(), until)
        });
    let closed = !budget.calendar.is_within(&budget.hours, now);
    let closed = closed.then(|| {
        let opens = budget.calendar.next_change(&budget.hours, now);
        (Shut::Hours, opens)
    });
    used_up.chain(closed).max_by_key(|(_, until)| *until)
}

/// Why a SIM may send nothing of a class to recipients that it has not reached in this month, and until when.
pub(crate) fn shut_to_strangers(
    budget: &Budget,
    spent: Spent<'_>,
    class: Class,
    now: UnixMs,
) -> Option<(Shut, UnixMs)> {
    let reach = standings(budget, spent, now).find(|standing| standing.index == RECIPIENTS)?;
    let until = reach.resets(budget, now).unwrap_or(UnixMs(i64::MAX));
    (reach.left(class) == 0).then(|| (reach.shut(), until))
}

/// The limits that are set, for people.
pub(crate) fn overview(budget: &Budget, spent: Spent<'_>, now: UnixMs) -> Vec<BudgetSnapshot> {
    let shown = |standing: Standing| BudgetSnapshot {
        name: standing.name(),
        limit: standing.limit,
        used: standing.used,
        for_codes: standing.for_codes,
        resets: standing.resets(budget, now),
        binds: standing.binds(budget, now),
        warning: warning::passed(&standing),
    };
    standings(budget, spent, now).map(shown).collect()
}

/// What keeps a SIM from sending now, else the limit that will first at the pace of the running periods, and when.
pub(crate) fn first_to_bind(
    budget: &Budget,
    spent: Spent<'_>,
    now: UnixMs,
) -> Option<(&'static str, UnixMs)> {
    let name = |shut| match shut {
        Shut::Undeclared => "budget",
        Shut::Contract => "contract",
        Shut::Hours => "hours",
        Shut::Limit(name) | Shut::KeptForCodes(name) => name,
    };
    let shut = shut(budget, spent, Class::Otp, now).map(|(shut, _)| (name(shut), now));
    let of_limits = || {
        let standings = standings(budget, spent, now);
        standings
            .filter_map(|standing| Some((standing.name(), standing.binds(budget, now)?)))
            .min_by_key(|(_, at)| *at)
    };
    shut.or_else(of_limits)
}

fn room(budget: &Budget, spent: Spent<'_>, now: UnixMs) -> Room {
    let full = Room {
        codes: u32::MAX,
        others: u32::MAX,
        most: u32::MAX,
    };
    let longer = standings(budget, spent, now).filter(|standing| {
        standing.index != Period::Minute.index() && standing.index != RECIPIENTS
    });
    longer.fold(full, |room, standing| Room {
        codes: room.codes.min(standing.left(Class::Otp)),
        others: room.others.min(standing.left(Class::Bulk)),
        most: room.most.min(standing.limit - standing.for_codes),
    })
}

/// What is left of the scarcest limit, in billionths of it.
pub(crate) fn headroom(budget: &Budget, spent: Spent<'_>, now: UnixMs) -> u64 {
    let shares = standings(budget, spent, now).map(|standing| standing.share_left());
    shares.min().unwrap_or(0)
}

/// All of it for one moment.
pub(crate) fn allowance(declared: &SimSettings, spent: Spent<'_>, now: UnixMs) -> Allowance {
    let budget = &declared.budget;
    let (cost, cost_changes) = cost(declared, now);
    let ends = standings(budget, spent, now)
        .filter(|standing| standing.used > 0 && standing.until > now)
        .map(|standing| standing.until)
        .min();
    let hours_change = match budget.hours.as_slice() {
        [] => None,
        hours => Some(budget.calendar.next_change(hours, now)),
    };
    let contract = budget.ends.filter(|ends| *ends > now);
    let changes = [ends, hours_change, contract, Some(cost_changes)];
    let until = |class| shut(budget, spent, class, now).map(|(_, until)| until);
    Allowance {
        shut_until: until(Class::Otp),
        codes_only_until: until(Class::Bulk),
        strangers: match shut_to_strangers(budget, spent, Class::Bulk, now) {
            Some((Shut::KeptForCodes(_), _)) => Strangers::Codes,
            Some(_) => Strangers::None,
            None => Strangers::All,
        },
        headroom: headroom(budget, spent, now),
        room: room(budget, spent, now),
        used_in_month: used(spent.usage, Period::Month.index(), now),
        cost,
        holds_until: changes
            .into_iter()
            .flatten()
            .min()
            .unwrap_or(UnixMs(i64::MAX)),
    }
}

impl Room {
    /// Whether all parts of a message fit; of one that never fits as a whole, as much as ever does.
    pub(crate) fn holds(self, class: Class, parts: u8) -> bool {
        let left = match class {
            Class::Otp => self.codes,
            Class::Notification | Class::Bulk => self.others,
        };
        left >= u32::from(parts).min(self.most)
    }
}

impl Default for Allowance {
    /// That of a SIM of which nothing is known yet: it may send nothing.
    fn default() -> Allowance {
        Allowance {
            shut_until: Some(UnixMs(i64::MAX)),
            codes_only_until: Some(UnixMs(i64::MAX)),
            strangers: Strangers::None,
            headroom: 0,
            room: Room::default(),
            used_in_month: 0,
            cost: 0,
            holds_until: UnixMs(i64::MAX),
        }
    }
}

/// What a part costs now, and when that changes.
fn cost(declared: &SimSettings, now: UnixMs) -> (u32, UnixMs) {
    let cost = &declared.cost;
    if cost.cheap_hours.is_empty() {
        return (cost.part, UnixMs(i64::MAX));
    }
    let calendar = &declared.budget.calendar;
    let is_cheap = calendar.is_within(&cost.cheap_hours, now);
    let changes = calendar.next_change(&cost.cheap_hours, now);
    (if is_cheap { cost.cheap } else { cost.part }, changes)
}

/// Counts one part as used.
pub(crate) fn spend(usage: &mut Usage, calendar: &Calendar, now: UnixMs) {
    for (window, period) in usage.windows.iter_mut().zip(Period::ALL) {
        if now >= window.end {
            let (start, end) = period.bounds(calendar, now);
            *window = Window {
                start,
                end,
                used: 0,
                before: window.used,
            };
        }
        window.used = window.used.saturating_add(1);
    }
}

/// Takes back one part that was counted at `started` and certainly was not sent.
pub(crate) fn give_back(usage: &mut Usage, started: UnixMs) {
    for window in &mut usage.windows {
        if window.start <= started && started < window.end {
            window.used = window.used.saturating_sub(1);
        }
    }
}

/// Fits the windows to the calendar and the clock, after either of them was changed; `used` is when the SIM was used last.
/// What may have been used in the running period counts in it.
pub(crate) fn recut(usage: &mut Usage, calendar: &Calendar, used: UnixMs, now: UnixMs) {
    for (window, period) in usage.windows.iter_mut().zip(Period::ALL) {
        let (start, end) = period.bounds(calendar, now);
        // The window to come, after a clock that was set back a little: see `used`.
        let is_next = window.start == end;
        let is_over = window.end <= start;
        if (window.start, window.end) == (start, end) || is_next || is_over {
            continue;
        }
        let counts = if used >= start { window.used } else { 0 };
        let before = if window.start > start {
            window.before
        } else {
            0
        };
        *window = Window {
            start,
            end,
            used: counts.saturating_add(before),
            before: 0,
        };
    }
}

fn full(now: UnixMs, length_ms: i64) -> (UnixMs, UnixMs) {
    let start = now.0.div_euclid(length_ms) * length_ms;
    (UnixMs(start), UnixMs(start.saturating_add(length_ms)))
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A full budget, as [`headroom`] counts.
const HEADROOM_FULL: u64 = 1_000_000_000;
/// Positions in [`BUDGET_NAMES`].
const LIFE: usize = 4;
const RECIPIENTS: usize = 5;
/// A period has a pace once this fraction of it has passed.
const PACE_FRACTION: i64 = 20;

#[cfg(test)]
mod tests;
