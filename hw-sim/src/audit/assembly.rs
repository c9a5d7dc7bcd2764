//! Putting parts together again, as a receiver does: by SIM, recipient, reference and number of parts.
//!
//! A reference comes round after 256 messages, so one key serves many messages one after another. It
//! decides only from the ledger; which accepted message an assembly is of is the caller's business.

use std::collections::HashMap;

use crate::ledger::{LedgerEntry, LedgerEvent};

/// The parts of one message from one SIM, as far as they came.
#[derive(Debug, Clone)]
pub(super) struct Assembly<'a> {
    pub(super) to: &'a str,
    pub(super) parts: u8,
    /// Which entry of the ledger began it.
    pub(super) since: usize,
    /// Whether it is a part that came again under its own reference.
    pub(super) is_again: bool,
    texts: Vec<Option<&'a str>>,
}

impl<'a> Assembly<'a> {
    fn new(key: Key<'a>) -> Assembly<'a> {
        let texts = vec![None; usize::from(key.parts)];
        Assembly {
            to: key.to,
            parts: key.parts,
            since: usize::MAX,
            is_again: false,
            texts,
        }
    }

    /// Whether every part came.
    pub(super) fn is_complete(&self) -> bool {
        self.texts.iter().all(Option::is_some)
    }

    /// The parts that came, joined.
    pub(super) fn text(&self) -> String {
        self.texts.iter().flatten().copied().collect()
    }

    /// The numbers of the parts that came, from 1.
    pub(super) fn present(&self) -> impl Iterator<Item = u8> {
        (1..=self.parts)
            .zip(&self.texts)
            .filter(|(_, text)| text.is_some())
            .map(|(part, _)| part)
    }

    /// Whether `text` could be the whole: neighbouring parts stand together in it, the first at its start,
    /// the last at its end, and all in order.
    pub(super) fn fits(&self, text: &str) -> bool {
        let mut rest = text;
        for (first, last, run) in self.runs() {
            let place = match (first == 0, last + 1 == self.texts.len()) {
                (true, false) => rest.starts_with(&run).then_some(0),
                (true, true) => (rest == run).then_some(0),
                (false, true) => rest.ends_with(&run).then(|| rest.len() - run.len()),
                (false, false) => rest.find(&run),
            };
            let Some(place) = place else { return false };
            rest = &rest[place + run.len()..];
        }
        true
    }

    /// Neighbouring parts joined: index of the first part, of the last, and their text.
    fn runs(&self) -> Vec<(usize, usize, String)> {
        let mut runs: Vec<(usize, usize, String)> = Vec::new();
        for (index, text) in self.texts.iter().enumerate() {
            let Some(text) = text else { continue };
            match runs.last_mut() {
                Some((_, last, run)) if *last + 1 == index => {
                    *last = index;
                    run.push_str(text);
                }
                Some(_) | None => runs.push((index, index, (*text).to_owned())),
            }
        }
        runs
    }

    /// A part that stands alone.
    fn loose(key: Key<'a>, part: u8, text: &'a str, at: usize) -> Assembly<'a> {
        let mut assembly = Assembly::new(key);
        assembly.add(part, text, at);
        assembly
    }

    fn again(key: Key<'a>, part: u8, text: &'a str, at: usize) -> Assembly<'a> {
        Assembly {
            is_again: true,
            ..Assembly::loose(key, part, text, at)
        }
    }

    fn add(&mut self, part: u8, text: &'a str, at: usize) {
        self.texts[usize::from(part) - 1] = Some(text);
        self.since = self.since.min(at);
    }

    fn part(&self, part: u8) -> Option<&'a str> {
        self.texts[usize::from(part) - 1]
    }
}

/// The assemblies of one key, one after another.
#[derive(Debug)]
struct Series<'a> {
    key: Key<'a>,
    open: Assembly<'a>,
    /// The last whole message, whose parts may still be repeated.
    last: Option<Assembly<'a>>,
}

impl<'a> Series<'a> {
    /// Takes a part and hands over what it settles.
    ///
    /// Senders keep the order of parts. So a later part that repeats the last whole message is a repetition, while a
    /// first part begins anew, even with the same text: long messages often begin alike.
    fn take(&mut self, part: u8, text: &'a str, at: usize, settled: &mut Vec<Assembly<'a>>) {
        let is_fresh = self.open.present().next().is_none();
        let repeats_last = self
            .last
            .as_ref()
            .is_some_and(|last| last.part(part) == Some(text));
        if is_fresh && repeats_last && part > 1 {
            settled.push(Assembly::again(self.key, part, text, at));
            return;
        }
        match self.open.part(part) {
            None => self.open.add(part, text, at),
            Some(present) if present == text => {
                settled.push(Assembly::again(self.key, part, text, at));
            }
            // Another message under the same reference: this one will not be completed.
            Some(_) => {
                let next = Assembly::loose(self.key, part, text, at);
                settled.push(std::mem::replace(&mut self.open, next));
            }
        }
        if self.open.is_complete() {
            let whole = std::mem::replace(&mut self.open, Assembly::new(self.key));
            self.last = Some(whole.clone());
            settled.push(whole);
        }
    }
}

/// All messages of a ledger, and fragments: what was never completed, and every part that came again.
pub(super) struct Assemblies<'a> {
    pub(super) all: Vec<Assembly<'a>>,
    /// Parts whose number is 0 or above the number of parts: no receiver could place them.
    pub(super) unplaceable: u64,
}

pub(super) fn assemble(entries: &[LedgerEntry]) -> Assemblies<'_> {
    let mut all = Vec::new();
    let mut unplaceable = 0;
    let mut order = Vec::new();
    let mut series: HashMap<Key<'_>, Series<'_>> = HashMap::new();
    let submissions = entries
        .iter()
        .filter(|entry| entry.event == LedgerEvent::Submit);
    for (at, entry) in submissions.enumerate() {
        if entry.part == 0 || entry.part > entry.parts {
            unplaceable += 1;
            continue;
        }
        let key = Key {
            iccid: &entry.iccid,
            to: &entry.to,
            // A single part is a message of its own: no later entry may join it.
            reference: entry.reference.filter(|_| entry.parts > 1),
            parts: entry.parts,
        };
        let series = series.entry(key).or_insert_with(|| {
            order.push(key);
            Series {
                key,
                open: Assembly::new(key),
                last: None,
            }
        });
        series.take(entry.part, entry.content(), at, &mut all);
    }
    let fragments = order
        .iter()
        .filter_map(|key| series.remove(key))
        .map(|series| series.open);
    all.extend(fragments.filter(|assembly| assembly.present().next().is_some()));
    Assemblies { all, unplaceable }
}

/// What a receiver keys on; the ICCID stands for the sender's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key<'a> {
    iccid: &'a str,
    to: &'a str,
    reference: Option<u16>,
    parts: u8,
}
