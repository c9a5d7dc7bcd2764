//! The recipients' phones: parts in, whole messages shown.
//!
//! A phone keeps the parts of a long message by sender, reference and number of parts until it has them all (3GPP TS
//! 23.040 §9.2.3.24.1), and shows nothing of it before. It has no screen: what is shown is only counted.

use std::collections::{HashMap, VecDeque};

use crate::fragment::Fragment;
use crate::ledger::LedgerEntry;

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Phones {
    open: HashMap<Key, Fragment>,
    /// The keys of `open` and others, by age: with which delivery each began.
    ages: VecDeque<(u64, Key)>,
    deliveries: u64,
    shown: u64,
}

/// What parts of one message have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// The ICCID stands for the sender's number.
    sim: String,
    to: String,
    reference: Option<u16>,
    parts: u8,
}

impl Phones {
    /// A part arrives.
    pub(super) fn take(&mut self, entry: &LedgerEntry) {
        self.deliveries += 1;
        // Parts that say impossible things are shown each for itself, as phones do.
        if entry.parts <= 1 || entry.part == 0 || entry.part > entry.parts {
            self.shown += 1;
            return;
        }
        let key = Key {
            sim: entry.iccid.clone(),
            to: entry.to.clone(),
            reference: entry.reference,
            parts: entry.parts,
        };
        let text = entry.content();
        let fragment = self.open.remove(&key);
        // Another text under the same number: a new message, and the old one is never whole.
        let fragment = fragment.filter(|fragment| !fragment.has_other(entry.part, text));
        let mut fragment = fragment.unwrap_or_else(|| {
            self.ages.push_back((self.deliveries, key.clone()));
            Fragment::new(entry, self.deliveries)
        });
        fragment.add(entry.part, text);
        if fragment.is_complete() {
            self.shown += 1;
        } else {
            self.open.insert(key, fragment);
        }
        self.forget();
    }

    /// Whole messages shown.
    pub(super) fn shown(&self) -> u64 {
        self.shown
    }

    /// Long messages that wait for parts.
    pub(super) fn waiting(&self) -> u64 {
        self.open.len() as u64
    }

    fn forget(&mut self) {
        while self.ages.len() > WAITING_MAX {
            let Some((since, key)) = self.ages.pop_front() else {
                return;
            };
            if self.open.get(&key).is_some_and(|open| open.since == since) {
                self.open.remove(&key);
            }
        }
    }
}

/// Long messages begun and kept in mind, over all phones: far more than are ever under way at once, so that what is
/// forgotten is what nobody will complete.
const WAITING_MAX: usize = 50_000;

#[cfg(test)]
mod tests;
