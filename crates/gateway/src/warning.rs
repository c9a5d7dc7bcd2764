//! Warnings before a SIM is exhausted: which limits come near their end, and what was said of them already.
//!
//! A limit passes a mark once in its period, however often parts are given back and used anew, and over restarts: what was
//! said is durable, and holds until the period that it was said in has ended. A limit that an operator changes is another
//! one. Limits of a minute or an hour are there to be used up, and nobody is told.

use crate::budget::Standing;
use crate::record::Warning;
use crate::settings::BUDGET_NAMES;
use crate::words::UnixMs;

/// The highest mark that a limit has passed.
pub(crate) fn passed(standing: &Standing) -> Option<u8> {
    let used = u64::from(standing.used) * 100;
    let is_passed = |mark: &u8| used >= u64::from(standing.limit) * u64::from(*mark);
    let counts = standing.index >= FIRST && standing.used > 0;
    let mut marks = MARKS.into_iter().rev();
    marks.find(is_passed).filter(|_| counts)
}

/// What is to be said of a limit that counts from 0 again at `resets`, after what was `told` of it last. Asked for every part
/// that starts: when that is takes a calendar, and is only worked out for news.
pub(crate) fn due(
    standing: &Standing,
    resets: impl FnOnce() -> Option<UnixMs>,
    told: Option<&Warning>,
    now: UnixMs,
) -> Option<Warning> {
    let percent = passed(standing)?;
    let is_told = told.is_some_and(|told| {
        let is_over = told.resets.is_some_and(|resets| now >= resets);
        !is_over && told.limit == standing.limit && told.percent >= percent
    });
    (!is_told).then(|| Warning {
        budget: standing.name(),
        percent,
        used: standing.used,
        limit: standing.limit,
        resets: resets(),
    })
}

/// Names of the limits that are warned of, of [`BUDGET_NAMES`].
pub fn warned_budgets() -> &'static [&'static str] {
    &BUDGET_NAMES[FIRST..]
}

/// Percent of a limit, rising: time to order more, and time to act.
pub const MARKS: [u8; 2] = [80, 95];
/// The first of [`BUDGET_NAMES`] that is warned of: `per_day`.
const FIRST: usize = 2;

#[cfg(test)]
mod tests;
