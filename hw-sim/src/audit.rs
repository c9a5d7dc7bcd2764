//! The oracle: what became of accepted messages, counted from the ledger alone.
//!
//! [`Audit`] sums up the work of lines and SIMs; [`compare`] holds the ledger against the messages a
//! gateway accepted. Neither knows any gateway's own books.

mod assembly;
mod auditor;

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::ledger::{LedgerEntry, LedgerEvent};
use assembly::{Assembly, assemble};

pub use auditor::{Auditor, Findings, Promise};

/// The work of each SIM.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Audit {
    /// One per SIM, ordered by line.
    pub sims: Vec<SimAudit>,
    /// When the first accepted submission began, since the simulator started.
    pub first_start: Option<Duration>,
    /// When the last submission was accepted, since the simulator started.
    pub last_accept: Option<Duration>,
}

/// The work of one SIM.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SimAudit {
    /// Index of the line it is in.
    pub line: usize,
    /// Its ICCID.
    pub iccid: String,
    /// Parts the network accepted from it.
    pub parts: u64,
    /// Status reports it was given.
    pub reports: u64,
    /// Messages from outside it was given.
    pub inbound: u64,
    /// Radio time of the accepted parts.
    pub busy: Duration,
}

/// A message a gateway said yes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Accepted {
    /// The recipient as it is on the air: `+4915…`.
    pub to: String,
    /// The whole text, or the data in upper-case hex.
    pub text: String,
}

/// What the ledger says about accepted messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Accepted messages the network got whole at least once.
    pub complete: u64,
    /// Accepted messages of which the network never got all parts from one SIM; includes `incomplete`.
    pub lost: u64,
    /// Lost messages of which the network got some parts.
    pub incomplete: u64,
    /// Parts of accepted messages the network accepted again, beyond the first time; but no parts of a message that was
    /// begun anew, under another reference or from another SIM, before it came whole: no phone shows these.
    pub duplicates: u64,
    /// Messages, or loose parts of one, that nobody had accepted: a wrong text, number or order.
    pub foreign: u64,
}

impl Audit {
    /// Sums up a ledger.
    pub fn of(entries: &[LedgerEntry]) -> Audit {
        let mut audit = Audit::default();
        let mut places = BTreeMap::new();
        for entry in entries {
            let place = *places
                .entry((entry.line, entry.iccid.as_str()))
                .or_insert_with(|| {
                    audit.sims.push(SimAudit {
                        line: entry.line,
                        iccid: entry.iccid.clone(),
                        ..SimAudit::default()
                    });
                    audit.sims.len() - 1
                });
            audit.add(place, entry);
        }
        audit
            .sims
            .sort_by(|one, other| (one.line, &one.iccid).cmp(&(other.line, &other.iccid)));
        audit
    }

    /// Adds an entry of the SIM that is probably at `place`.
    pub(crate) fn add(&mut self, place: usize, entry: &LedgerEntry) {
        let place = self.place_of(place, entry);
        let sim = &mut self.sims[place];
        match entry.event {
            LedgerEvent::Submit => {
                let (start, end) = busy_span(entry);
                sim.parts += 1;
                sim.busy += end - start;
                self.first_start = Some(self.first_start.map_or(start, |first| first.min(start)));
                self.last_accept = Some(self.last_accept.map_or(end, |last| last.max(end)));
            }
            LedgerEvent::Refuse => {}
            LedgerEvent::Report => sim.reports += 1,
            LedgerEvent::Inbound => sim.inbound += 1,
        }
    }

    /// SIMs may have been swapped: then the entry is of another one, or of one that is not known yet.
    fn place_of(&mut self, place: usize, entry: &LedgerEntry) -> usize {
        let is_it = |sim: &SimAudit| sim.line == entry.line && sim.iccid == entry.iccid;
        if self.sims.get(place).is_some_and(is_it) {
            return place;
        }
        self.sims.iter().position(is_it).unwrap_or_else(|| {
            self.sims.push(SimAudit {
                line: entry.line,
                iccid: entry.iccid.clone(),
                ..SimAudit::default()
            });
            self.sims.len() - 1
        })
    }

    /// Accepted parts in all.
    pub fn parts(&self) -> u64 {
        self.sims.iter().map(|sim| sim.parts).sum()
    }

    /// Status reports in all.
    pub fn reports(&self) -> u64 {
        self.sims.iter().map(|sim| sim.reports).sum()
    }

    /// Radio time in all.
    pub fn busy(&self) -> Duration {
        self.sims.iter().map(|sim| sim.busy).sum()
    }

    /// Parts of the least used SIM among `sims` many; SIMs that are not in the ledger sent none.
    pub fn per_sim_min(&self, sims: usize) -> u64 {
        let least = self.sims.iter().map(|sim| sim.parts).min().unwrap_or(0);
        if self.sims.len() < sims { 0 } else { least }
    }

    /// Parts of the most used SIM.
    pub fn per_sim_max(&self) -> u64 {
        self.sims.iter().map(|sim| sim.parts).max().unwrap_or(0)
    }

    /// Jain's fairness index of the parts over `sims` many SIMs: 1 is even, 1/n is all on one; 1 when nothing was sent.
    pub fn jain_index(&self, sims: usize) -> f64 {
        let sum: f64 = self.sims.iter().map(|sim| sim.parts as f64).sum();
        let squares: f64 = self.sims.iter().map(|sim| (sim.parts as f64).powi(2)).sum();
        if squares == 0.0 {
            return 1.0;
        }
        sum * sum / (sims.max(self.sims.len()) as f64 * squares)
    }
}

/// The share of their time that `lines` radios were busy with accepted sends, within `span` (since the simulator
/// started). Sends that overlap an end of the span count with the part inside. 0 for an empty span.
pub fn capacity_share(
    entries: &[LedgerEntry],
    lines: usize,
    span: &RangeInclusive<Duration>,
) -> f64 {
    let busy: Duration = entries
        .iter()
        .filter(|entry| entry.event == LedgerEvent::Submit)
        .map(|entry| {
            let (start, end) = busy_span(entry);
            end.min(*span.end())
                .saturating_sub(start.max(*span.start()))
        })
        .sum();
    let capacity = span.end().saturating_sub(*span.start()).as_secs_f64() * lines as f64;
    if capacity > 0.0 {
        busy.as_secs_f64() / capacity
    } else {
        0.0
    }
}

/// Holds the ledger against what a gateway accepted. A message's identity is recipient and text; the same
/// pair accepted n times is expected n times.
pub fn compare(entries: &[LedgerEntry], accepted: &[Accepted]) -> Verdict {
    let mut books = Books::of(accepted);
    let assemblies = assemble(entries);
    let mut verdict = Verdict {
        foreign: assemblies.unplaceable,
        ..Verdict::default()
    };
    let mut fragments = Vec::new();
    for assembly in assemblies.all {
        if !assembly.is_complete() {
            fragments.push(assembly);
            continue;
        }
        match books.of_identity(assembly.to, &assembly.text()) {
            Some(book) if book.missing() > 0 => book.add_whole(&assembly),
            Some(_) => verdict.duplicates += u64::from(assembly.parts),
            None => verdict.foreign += 1,
        }
    }
    // Last, because a fragment belongs to a message that never came whole if one fits, and only else repeats one.
    for fragment in &fragments {
        match books.owner(fragment) {
            Some(book) => book.add(fragment),
            None => verdict.foreign += 1,
        }
    }
    for book in &books.books {
        verdict.complete += book.complete;
        verdict.lost += book.missing();
        verdict.incomplete += book.missing().min(book.fragments);
        verdict.duplicates += book.repeated_in_fragments();
    }
    verdict
}

/// One identity: how often it was accepted, and what the network got of it.
#[derive(Debug)]
struct Book<'a> {
    text: &'a str,
    expected: u64,
    complete: u64,
    /// Which entry began the last that came whole.
    whole_since: usize,
    fragments: u64,
    /// How often each part came in fragments, by (parts, part).
    loose: BTreeMap<(u8, u8), u64>,
}

impl Book<'_> {
    fn missing(&self) -> u64 {
        self.expected - self.complete
    }

    fn add_whole(&mut self, whole: &Assembly<'_>) {
        self.complete += 1;
        self.whole_since = self.whole_since.max(whole.since);
    }

    /// What was begun before the last whole one, though none is missing, was begun anew: nothing of it is shown.
    fn add(&mut self, fragment: &Assembly<'_>) {
        let is_first_try = !fragment.is_again && fragment.since < self.whole_since;
        if self.missing() == 0 && is_first_try {
            return;
        }
        self.fragments += 1;
        for part in fragment.present() {
            *self.loose.entry((fragment.parts, part)).or_default() += 1;
        }
    }

    /// Each missing copy of the message may account for one of each loose part; more are repetitions.
    fn repeated_in_fragments(&self) -> u64 {
        self.loose
            .values()
            .map(|count| count.saturating_sub(self.missing()))
            .sum()
    }
}

#[derive(Debug)]
struct Books<'a> {
    books: Vec<Book<'a>>,
    by_identity: HashMap<(&'a str, &'a str), usize>,
    by_recipient: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Books<'a> {
    fn of(accepted: &'a [Accepted]) -> Books<'a> {
        let mut books = Books {
            books: Vec::with_capacity(accepted.len()),
            by_identity: HashMap::with_capacity(accepted.len()),
            by_recipient: HashMap::new(),
        };
        for Accepted { to, text } in accepted {
            let place = *books.by_identity.entry((to, text)).or_insert_with(|| {
                books
                    .by_recipient
                    .entry(to)
                    .or_default()
                    .push(books.books.len());
                books.books.push(Book {
                    text,
                    expected: 0,
                    complete: 0,
                    whole_since: 0,
                    fragments: 0,
                    loose: BTreeMap::new(),
                });
                books.books.len() - 1
            });
            books.books[place].expected += 1;
        }
        books
    }

    fn of_identity(&mut self, to: &str, text: &str) -> Option<&mut Book<'a>> {
        let place = *self.by_identity.get(&(to, text))?;
        Some(&mut self.books[place])
    }

    /// The message a fragment is of: one that is missing and has no fragment yet, else one that is missing,
    /// else one that came whole.
    fn owner(&mut self, fragment: &Assembly<'_>) -> Option<&mut Book<'a>> {
        let places = self.by_recipient.get(fragment.to)?;
        let best = places
            .iter()
            .filter(|place| fragment.fits(self.books[**place].text))
            .max_by_key(|place| {
                let book = &self.books[**place];
                (book.missing() > book.fragments, book.missing() > 0)
            })?;
        Some(&mut self.books[*best])
    }
}

/// When the radio was busy with an accepted submission, since the simulator started.
fn busy_span(entry: &LedgerEntry) -> (Duration, Duration) {
    let end = Duration::from_millis(entry.t_ms);
    let busy_ms = entry
        .busy_ms
        .filter(|busy| busy.is_finite() && *busy > 0.0)
        .unwrap_or(0.0);
    let busy = Duration::try_from_secs_f64(busy_ms / 1000.0).unwrap_or(Duration::ZERO);
    (end.saturating_sub(busy), end)
}

#[cfg(test)]
mod tests;
