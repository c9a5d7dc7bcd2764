//! The figures of a run, computed from the ledger and from when the API accepted what.
//!
//! Pure. All times are since the simulator started, which is the zero of the ledger's `t_ms` too.

use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::time::Duration;

use hw_sim::{LedgerEntry, LedgerEvent};

use super::hand_over::Handed;

/// The value that `share` of the values do not exceed (nearest rank); `None` of none.
pub(crate) fn percentile(values: &[Duration], share: f64) -> Option<Duration> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).copied()
}

/// From the first submission to the moment when fewer messages wait than there are lines, for good; `None` if never so
/// many waited. A message waits from its acceptance until its first part begins on the air.
pub(crate) fn loaded_span(
    entries: &[LedgerEntry],
    handed: &[Handed],
    lines: usize,
) -> Option<RangeInclusive<Duration>> {
    let starts: Vec<Duration> = submits(entries)
        .filter(|entry| entry.part == 1)
        .map(start_of)
        .collect();
    let first = submits(entries).map(start_of).min()?;
    let mut steps: Vec<(Duration, i64)> = handed.iter().map(|one| (one.accepted_at, 1)).collect();
    steps.extend(starts.iter().map(|start| (*start, -1)));
    // Acceptances first: a message that starts in the millisecond of its acceptance did wait, for no time.
    steps.sort_unstable_by_key(|(at, step)| (*at, -step));
    let lines = i64::try_from(lines).unwrap_or(i64::MAX);
    let mut waiting = 0;
    let mut end = None;
    for (at, step) in steps {
        let before = waiting;
        waiting += step;
        if before >= lines && waiting < lines {
            end = Some(at);
        }
    }
    end.filter(|end| *end > first).map(|end| first..=end)
}

/// From handing over to the start on the air, the accept included, of each of these messages that has one part and is
/// in the ledger.
pub(crate) fn queue_waits<'a>(
    entries: &[LedgerEntry],
    handed: impl Iterator<Item = &'a Handed>,
) -> Vec<Duration> {
    let mut starts: HashMap<(&str, &str), Duration> = HashMap::new();
    for entry in submits(entries).filter(|entry| entry.parts == 1) {
        if let Some(text) = &entry.text {
            let start = start_of(entry);
            let known = starts.entry((&entry.to, text)).or_insert(start);
            *known = start.min(*known);
        }
    }
    let wait = |one: &Handed| {
        Some(
            starts
                .get(&(&one.to, &one.text))?
                .saturating_sub(one.asked_at),
        )
    };
    handed.filter_map(wait).collect()
}

/// Parts of other messages than these that began within a span, a minute.
pub(crate) fn others_per_minute(
    entries: &[LedgerEntry],
    handed: &[Handed],
    span: &RangeInclusive<Duration>,
) -> f64 {
    let own: HashSet<&str> = handed.iter().map(|one| one.text.as_str()).collect();
    let others = submits(entries)
        .filter(|entry| span.contains(&start_of(entry)))
        .filter(|entry| entry.text.as_deref().is_none_or(|text| !own.contains(text)));
    let minutes = (*span.end() - *span.start()).as_secs_f64() / 60.0;
    others.count() as f64 / minutes.max(f64::EPSILON)
}

/// From the first part's start to the last part's acceptance by the network; `None` without parts.
pub(crate) fn on_air_span(entries: &[LedgerEntry]) -> Option<RangeInclusive<Duration>> {
    let first = submits(entries).map(start_of).min()?;
    let last = submits(entries)
        .map(|entry| Duration::from_millis(entry.t_ms))
        .max()?;
    Some(first..=last)
}

/// Parts per second from the first start to the last acceptance; `None` if that took no time.
pub(crate) fn parts_per_second(entries: &[LedgerEntry]) -> Option<f64> {
    let span = on_air_span(entries)?;
    let seconds = (*span.end() - *span.start()).as_secs_f64();
    (seconds > 0.0).then(|| submits(entries).count() as f64 / seconds)
}

fn submits(entries: &[LedgerEntry]) -> impl Iterator<Item = &LedgerEntry> {
    entries
        .iter()
        .filter(|entry| entry.event == LedgerEvent::Submit)
}

/// When the radio began with an accepted part.
fn start_of(entry: &LedgerEntry) -> Duration {
    let busy_ms = entry.busy_ms.unwrap_or(0.0).max(0.0);
    let busy = Duration::try_from_secs_f64(busy_ms / 1_000.0).unwrap_or_default();
    Duration::from_millis(entry.t_ms).saturating_sub(busy)
}

#[cfg(test)]
mod tests;
