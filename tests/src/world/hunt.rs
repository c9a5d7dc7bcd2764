//! Runs worlds that may break, and makes what breaks small.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::time::{Duration, Instant};

use super::options::{Knob, Options};
use super::{Setup, Summary, Violation, World};

/// A world that breaks an invariant.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its numbers, as small as they could be made.
    pub options: Options,
    /// What breaks.
    pub violation: Violation,
}

/// Makes the world of a seed with some numbers.
pub type Make = fn(u64, Options) -> Setup;

/// Runs the world of a seed with these numbers; a panic counts as a violation.
///
/// # Errors
/// The violation.
pub fn trial(make: Make, seed: u64, options: &Options) -> Result<Summary, Violation> {
    let world = World::new(make(seed, options.clone()), false);
    // A world shares nothing with the next one.
    let outcome = catch_unwind(AssertUnwindSafe(|| world.run().map(|(summary, _)| summary)));
    outcome.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().map(String::as_str);
        let what = what
            .or(panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(Violation {
            seed,
            after: Duration::ZERO,
            what: format!("panic: {what}"),
        })
    })
}

/// Takes away trouble, lines and messages as long as the world still breaks, and no longer than `patience`.
pub fn shrink(make: Make, seed: u64, mut finding: Finding, patience: Duration) -> Finding {
    let begun = Instant::now();
    let mut goes_on = true;
    while goes_on && begun.elapsed() < patience {
        goes_on = false;
        for knob in Knob::ALL {
            for value in smaller(*knob, finding.options.value(*knob)) {
                let options = finding.options.clone().with(*knob, value);
                if let Err(violation) = trial(make, seed, &options)
                    && kind(&violation) == kind(&finding.violation)
                {
                    finding = Finding { options, violation };
                    goes_on = true;
                    break;
                }
            }
        }
    }
    finding
}

/// What sort of failure it is: its words without the numbers.
fn kind(violation: &Violation) -> String {
    violation
        .what
        .chars()
        .filter(|ch| !ch.is_ascii_digit())
        .take(KIND_CHARS)
        .collect()
}

/// The commit of the source, if git tells.
pub fn commit() -> String {
    let asked = Command::new("git")
        .args(["rev-parse", "--short", "HEAD"])
        .output();
    let told = asked
        .ok()
        .and_then(|told| String::from_utf8(told.stdout).ok());
    told.map_or("unknown".to_owned(), |told| told.trim().to_owned())
}

fn smaller(knob: Knob, value: u64) -> Vec<u64> {
    let calm = knob.calm();
    if value == calm {
        return Vec::new();
    }
    let mut values = vec![calm];
    if value > calm + 2 && COUNTS.contains(&knob) {
        values.extend([
            calm + (value - calm) / 4,
            calm + (value - calm) / 2,
            value - 1,
        ]);
    }
    values
}

/// Enough to tell one failure from another, without the values that differ from run to run.
const KIND_CHARS: usize = 30;

/// Numbers that may be lowered bit by bit.
const COUNTS: &[Knob] = &[
    Knob::Lines,
    Knob::Messages,
    Knob::SpanS,
    Knob::Recipients,
    Knob::Crashes,
    Knob::Moves,
    Knob::Controls,
    Knob::Cancels,
];
