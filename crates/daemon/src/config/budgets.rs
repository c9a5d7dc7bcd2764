//! The keys of what a SIM may send: limits, calendar, hours, contract, cost.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use gateway::{BUDGET_NAMES, BillingDay, Budget, Calendar, Cost, Hours, SimSettings};
use jiff::civil::Date;
use toml::de::DeValue;

use super::section::{Found, Section};

/// Reads the keys of `[sims.default]` or of one `[[sims]]`; what is left out stays as it is.
pub(super) fn read(section: &mut Section<'_, '_>, sim: &mut SimSettings) {
    read_limits(section, &mut sim.budget);
    read_calendar(section, &mut sim.budget.calendar);
    read_hours(section, "hours", &mut sim.budget.hours);
    read_contract(section, sim);
    read_cost(section, &mut sim.cost);
}

fn read_limits(section: &mut Section<'_, '_>, budget: &mut Budget) {
    let [minute, hour, day, month] = &mut budget.limits;
    let limits = [
        minute,
        hour,
        day,
        month,
        &mut budget.per_life,
        &mut budget.recipients_per_month,
    ];
    for (limit, (name, (max, unit))) in limits.into_iter().zip(BUDGET_NAMES.into_iter().zip(MOST)) {
        if let Some(count) = section.count(name, 1..=max, unit) {
            *limit = Some(count);
        }
    }
    if let Some(interval) = section.duration("min_interval", INTERVAL) {
        budget.interval_min = interval;
    }
    if let Some(share) = section.count("otp_share", 0..=100, "percent") {
        budget.otp_share = u8::try_from(share).expect("100 fits");
    }
}

fn read_calendar(section: &mut Section<'_, '_>, calendar: &mut Calendar) {
    if let Some(found) = section.text("time_zone") {
        match Calendar::zone_of(found.value) {
            Some(zone) => calendar.zone = zone,
            None => {
                let what = format!(
                    "`{}` is not a zone of the IANA: write one such as \"Europe/Berlin\" or \"UTC\"",
                    found.value
                );
                section.fault(Some(found.at), "time_zone", what);
            }
        }
    }
    if let Some(found) = section.text("reset_at") {
        match time_of_day(found.value).filter(|minutes| *minutes < MINUTES_A_DAY) {
            Some(minutes) => calendar.reset_min = minutes,
            None => {
                let what = format!(
                    "`{}` is not a time of day: write one from \"00:00\" to \"23:59\"",
                    found.value
                );
                section.fault(Some(found.at), "reset_at", what);
            }
        }
    }
    if let Some(day) = read_billing_day(section) {
        calendar.billing_day = day;
    }
}

fn read_billing_day(section: &mut Section<'_, '_>) -> Option<BillingDay> {
    let is_last = matches!(
        section.value("billing_day")?.value,
        DeValue::String(text) if text == "last"
    );
    if is_last {
        return Some(BillingDay::Last);
    }
    let day = section.count("billing_day", 1..=28, "(day of the month), or \"last\"")?;
    Some(BillingDay::Day(i8::try_from(day).expect("28 fits")))
}

fn read_hours(section: &mut Section<'_, '_>, key: &'static str, hours: &mut Vec<Hours>) {
    if !section.has(key) {
        return;
    }
    let texts = section.texts(key);
    if texts.len() > HOURS_MAX {
        fault_at(section, key, format!("has more than {HOURS_MAX} spans"));
    }
    let read = |found: &Found<&str>| {
        let hours = span(found.value);
        if hours.is_none() {
            let what = format!(
                "`{}` is no span of a day: write two different times, as in \"06:00-22:00\", or over midnight \
                 \"20:00-06:00\"",
                found.value
            );
            section.fault(Some(found.at), key, what);
        }
        hours
    };
    *hours = texts.iter().filter_map(read).collect();
}

fn read_contract(section: &mut Section<'_, '_>, sim: &mut SimSettings) {
    if let Some(found) = section.text("contract") {
        let chars = found.value.chars();
        if (1..=CONTRACT_CHARS_MAX).contains(&chars.clone().count())
            && !chars.clone().any(char::is_control)
        {
            sim.contract = Some(found.value.into());
        } else {
            let what = format!("must have 1 to {CONTRACT_CHARS_MAX} characters");
            section.fault(Some(found.at), "contract", what);
        }
    }
    let Some(found) = section.text("contract_until") else {
        return;
    };
    match found.value.parse::<Date>().map(Date::tomorrow) {
        Ok(Ok(after)) => sim.budget.ends = Some(sim.budget.calendar.midnight(after)),
        Ok(Err(_)) | Err(_) => {
            let what = format!(
                "`{}` is not a day: write one as in \"2027-12-31\"",
                found.value
            );
            section.fault(Some(found.at), "contract_until", what);
        }
    }
}

fn read_cost(section: &mut Section<'_, '_>, cost: &mut Cost) {
    if let Some(part) = section.count("cost", 0..=COST_MAX, "per part, in a unit of yours") {
        cost.part = part;
    }
    let cheap = section.count("cheap_cost", 0..=COST_MAX, "per part, in the unit of cost");
    read_hours(section, "cheap_hours", &mut cost.cheap_hours);
    if let Some(cheap) = cheap {
        cost.cheap = cheap;
    } else if section.has("cheap_hours") && !section.has("cheap_cost") {
        fault_at(
            section,
            "cheap_hours",
            "says when a part is cheap, and nothing says how cheap: add cheap_cost",
        );
    }
    if cheap.is_some() && cost.cheap_hours.is_empty() {
        fault_at(
            section,
            "cheap_cost",
            "nothing says when a part costs that: add cheap_hours",
        );
    }
}

/// Notes a fault of a key that was read, at its place.
fn fault_at(section: &mut Section<'_, '_>, key: &'static str, what: impl Display) {
    let at = section.value(key).map(|found| found.at);
    section.fault(at, key, what);
}

/// `06:00-22:00`.
fn span(text: &str) -> Option<Hours> {
    let (from, to) = text.split_once('-')?;
    let (from_min, to_min) = (time_of_day(from.trim())?, time_of_day(to.trim())?);
    let is_span = from_min < MINUTES_A_DAY && from_min != to_min;
    is_span.then_some(Hours { from_min, to_min })
}

/// Minutes after midnight; `24:00` ends a day.
fn time_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let is_written_whole =
            digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u16>().ok().filter(|_| is_written_whole)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let at = hours * 60 + minutes;
    (minutes < 60 && at <= MINUTES_A_DAY).then_some(at)
}

pub(super) const NONE: &str = "no budget, no sending: set at least one of per_minute, per_hour, per_day, per_month, \
                               per_life to what the contract allows";

/// A SIM that may send less than once a day needs a budget, not an interval.
const INTERVAL: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(86_400);
/// The most that each of [`BUDGET_NAMES`] takes, and of what. Recipients are kept in memory, at some 50 octets each.
const MOST: [(u32, &str); 6] = [
    (10_000_000, "parts"),
    (10_000_000, "parts"),
    (10_000_000, "parts"),
    (10_000_000, "parts"),
    (1_000_000_000, "parts"),
    (100_000, "recipients"),
];
const MINUTES_A_DAY: u16 = 24 * 60;
/// Spans of a day in one list: a tariff with more is a misunderstanding.
const HOURS_MAX: usize = 8;
/// A reference is shown in lists.
const CONTRACT_CHARS_MAX: usize = 80;
const COST_MAX: u32 = 1_000_000;
