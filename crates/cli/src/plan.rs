//! `plan`: what a fleet can do before it is bought. The sums are the daemon's own; this only asks and shows.

use std::time::Duration;

use daemon::{Capacity, SimAbility, capacity};
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
        let limits = [
            fleet.per_minute,
            fleet.per_hour,
            fleet.per_day,
            fleet.per_month,
        ];
        let sim = SimAbility::fresh(fleet.sms_time.max(fleet.min_interval), limits);
        let sims = vec![sim; usize::try_from(fleet.sims).unwrap_or(usize::MAX)];
        let target = fleet.target.unwrap_or(u32::MAX);
        let found = capacity(target, &sims, PERIODS);
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
        }
    }
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
    if let Some(sims) = plan.sims_for_target {
        facts.push((
            "needed",
            format!("{sims} SIMs keep the target around the clock"),
        ));
    }
    for (name, value) in facts {
        let label = out.paint(&format!("{name:<9}"), Tint::Dim);
        out.line(format_args!("{label} {value}"))?;
    }
    Ok(())
}

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
