//! `plan`: what a fleet can do before it is bought. The sums are the daemon's own; this only asks and shows.

use std::time::Duration;

use daemon::{Capacity, SendWindow, SimAbility, capacity, kept_for_codes, share_for_codes};
use serde::Serialize;

use crate::args::PlanArguments;
use crate::failure::Failure;
use crate::output::{Output, duration_text};
use crate::paint::Tint;

/// What a fleet on paper can do, in parts.
#[derive(Debug, PartialEq, Serialize)]
struct Plan {
    sims: u32,
    target_per_minute: Option<u32>,
    /// At full speed, while every budget lasts.
    achievable_per_minute: u64,
    /// What the radios alone could do.
    radio_per_minute: u64,
    /// At full speed or at the target.
    throughput_per_minute: u64,
    /// Around the clock, by the budgets.
    steady_per_minute: u64,
    steady_per_day: u64,
    binds: &'static str,
    /// Hours until the budgets of a period are used up at this throughput, if they are before it ends.
    exhausted_in_hours: Option<f64>,
    /// SIMs that keep the target around the clock.
    sims_for_target: Option<u64>,
    /// Of a week, when parts may be sent.
    open_hours_a_week: f64,
    /// What is left to others than codes, around the clock.
    steady_per_day_without_codes: u64,
    /// SIMs that are kept free while codes come in.
    kept_for_codes: usize,
    /// What others than codes have at full speed then.
    throughput_per_minute_beside_codes: u64,
    /// What the sums leave out.
    left_out: &'static [&'static str],
}

/// Prints the plan of a fleet.
pub(crate) fn plan(out: &mut Output, fleet: &PlanArguments) -> Result<(), Failure> {
    let plan = Plan::of(fleet);
    if out.is_json() {
        return out.object(&plan);
    }
    show(out, &plan)
}

/// A duration as people write it, such as `5.65s`.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let span: jiff::SignedDuration = text.parse().map_err(|error| format!("{error}"))?;
    Duration::try_from(span).map_err(|_| "must not be negative".to_owned())
}

impl Plan {
    fn of(fleet: &PlanArguments) -> Plan {
        let sims = fleet_of(fleet, 0);
        let target = fleet.target.unwrap_or(u32::MAX);
        let found = capacity(target, &sims, PERIODS);
        let without_codes = capacity(target, &fleet_of(fleet, fleet.otp_share), PERIODS);
        let count = sims.len();
        let kept = kept_for_codes(fleet.otp_reserve, count);
        let beside_codes = capacity(target, &sims[kept..], PERIODS);
        let minutes = sims.first().map_or(0, |sim| sim.open.minutes);
        Plan {
            sims: fleet.sims,
            target_per_minute: fleet.target,
            achievable_per_minute: found.achievable_per_minute.round() as u64,
            radio_per_minute: found.radio_per_minute.round() as u64,
            throughput_per_minute: found.throughput_per_minute(target).round() as u64,
            steady_per_minute: found.steady_per_minute.round() as u64,
            steady_per_day: (found.steady_per_minute * MINUTES_A_DAY).round() as u64,
            binds: found.binds.as_str(),
            exhausted_in_hours: found.exhausted_in.map(|lasts| lasts.as_secs_f64() / 3600.0),
            sims_for_target: sims_for_target(fleet, &found),
            open_hours_a_week: f64::from(minutes) / 60.0,
            steady_per_day_without_codes: (without_codes.steady_per_minute * MINUTES_A_DAY).round()
                as u64,
            kept_for_codes: kept,
            throughput_per_minute_beside_codes: beside_codes.throughput_per_minute(target).round()
                as u64,
            left_out: &LEFT_OUT,
        }
    }
}

/// The SIMs, all alike, as far as `kept` percent of their budgets leave something.
fn fleet_of(fleet: &PlanArguments, kept: u8) -> Vec<SimAbility> {
    let left = |limit: u32| limit - share_for_codes(limit, kept);
    let per_month = match fleet.recipients_per_month {
        None => fleet.per_month,
        Some(recipients) => {
            let parts = recipients.saturating_mul(fleet.parts_per_recipient);
            Some(fleet.per_month.map_or(parts, |limit| limit.min(parts)))
        }
    };
    let limits = [fleet.per_minute, fleet.per_hour, fleet.per_day, per_month];
    let step = fleet.sms_time.max(fleet.min_interval);
    let all_day = || SendWindow::parse("00:00-24:00").expect("it is well formed");
    let window = match fleet.send_days.as_slice() {
        [] => fleet.send_window,
        days => Some(fleet.send_window.unwrap_or_else(all_day).on(days)),
    };
    let sim = SimAbility {
        life_left: fleet.per_life.map(left),
        open: SendWindow::open(&fleet.hours, window.as_slice()),
        ..SimAbility::fresh(step, limits.map(|limit| limit.map(left)))
    };
    vec![sim; usize::try_from(fleet.sims).unwrap_or(usize::MAX)]
}

fn sims_for_target(fleet: &PlanArguments, found: &Capacity) -> Option<u64> {
    let of_one = found.steady_per_minute / f64::from(fleet.sims);
    let target = f64::from(fleet.target?);
    (of_one > 0.0).then(|| (target / of_one - ROUNDING).ceil() as u64)
}

fn show(out: &mut Output, plan: &Plan) -> Result<(), Failure> {
    let target = plan.target_per_minute.map_or_else(
        || "none".to_owned(),
        |target| format!("{target} parts a minute"),
    );
    let lasts = plan.exhausted_in_hours.map_or_else(
        || "they are filled again before they are used up".to_owned(),
        |hours| format!("used up in {}", duration_text((hours * 3_600_000.0) as i64)),
    );
    let mut facts = vec![
        ("sims", plan.sims.to_string()),
        ("target", target),
        ("radio", format!("{} parts a minute", plan.radio_per_minute)),
        (
            "now",
            format!(
                "{} parts a minute; {} binds",
                plan.throughput_per_minute,
                plan.binds.replace('_', " ")
            ),
        ),
        (
            "steady",
            format!(
                "{} parts a minute around the clock, {} a day",
                plan.steady_per_minute, plan.steady_per_day
            ),
        ),
        ("budgets", lasts),
    ];
    if plan.open_hours_a_week < ALL_HOURS {
        let open = format!("{:.0} hours of a week", plan.open_hours_a_week);
        facts.push(("open", open));
    }
    if plan.steady_per_day_without_codes < plan.steady_per_day {
        let others = plan.steady_per_day_without_codes;
        let rest = "the rest of the budgets is kept for codes";
        facts.push(("others", format!("{others} parts a day; {rest}")));
    }
    if plan.kept_for_codes > 0 {
        let beside = format!(
            "{} SIMs stay free while codes come; others then have {} parts a minute",
            plan.kept_for_codes, plan.throughput_per_minute_beside_codes
        );
        facts.push(("codes", beside));
    }
    if let Some(sims) = plan.sims_for_target {
        facts.push((
            "needed",
            format!("{sims} SIMs keep the target around the clock"),
        ));
    }
    facts.push(("left out", plan.left_out.join(", ")));
    for (name, value) in facts {
        let label = out.paint(&format!("{name:<9}"), Tint::Dim);
        out.line(format_args!("{label} {value}"))?;
    }
    Ok(())
}

/// What happens to fleets that are not on paper.
const LEFT_OUT: [&str; 6] = [
    "refusals",
    "resends",
    "lost lines",
    "sticky waits",
    "narrow routes",
    "time zones",
];
const ALL_HOURS: f64 = 168.0;
/// A part of a SIM that is a division's remainder, and no SIM.
const ROUNDING: f64 = 1e-6;
const MINUTES_A_DAY: f64 = 1440.0;
/// Minute, hour, day and a month of 30 days, all just begun.
const PERIODS: [Duration; 4] = [
    Duration::from_secs(60),
    Duration::from_secs(3600),
    Duration::from_secs(86_400),
    Duration::from_secs(30 * 86_400),
];

#[cfg(test)]
mod tests;
