//! The oracle over a stream: a ledger of any length, entry by entry, against what was accepted.
//!
//! It keeps the accepted messages, the long messages whose parts are coming in, and a few octets per report owed; never
//! the ledger. [`super::compare`] answers for tests that have everything in memory.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use serde::{Deserialize, Serialize};

use crate::fragment::Fragment;
use crate::ledger::{LedgerEntry, LedgerEvent};

/// A message that was accepted, as a line of a file says it; what `simfleet messages --json` prints will do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Promise {
    /// The recipient as it is on the air: `+4915…`.
    pub to: String,
    /// The whole text, or the data in upper-case hex.
    #[serde(alias = "data")]
    pub text: String,
    /// What the apps were told of it, if that is known.
    #[serde(default)]
    pub state: Option<String>,
    /// `resend` if it may be sent twice when the outcome is unknown.
    #[serde(default)]
    pub in_doubt: Option<String>,
    /// ICCID of the only SIM that may send it, if there is one.
    #[serde(default)]
    pub sim: Option<String>,
}

/// What an audit found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Findings {
    /// Messages accepted.
    pub accepted: u64,
    /// Parts that the network took.
    pub submissions: u64,
    /// Parts that it refused.
    pub refused: u64,
    /// Messages that came whole, in order and from a SIM that may send them, once.
    pub exactly_once: u64,
    /// Never whole, though nobody was told so; includes `incomplete`.
    pub lost: u64,
    /// Of the lost: some parts came.
    pub incomplete: u64,
    /// Never whole, and the apps were told, or told that it is not known.
    pub told_not_sent: u64,
    /// Parts of messages that came again.
    pub doubled: u64,
    /// The same for messages whose policy in doubt is to send again.
    pub resent: u64,
    /// Parts of sets that were never whole, of messages that were begun anew and came whole later: no phone shows them.
    pub given_up: u64,
    /// Messages or loose parts to a recipient of accepted messages, with a text that nobody accepted.
    pub wrong_text: u64,
    /// The same to somebody who is no recipient.
    pub wrong_recipient: u64,
    /// Messages whose parts came in another order than theirs.
    pub wrong_order: u64,
    /// Messages that came from another SIM than the one that may send them, or in parts from several.
    pub wrong_sim: u64,
    /// Reports that were asked for.
    pub reports_owed: u64,
    /// Of these: a final one was given.
    pub reports_given: u64,
    /// Final reports that came again.
    pub reports_again: u64,
    /// Reports that name no submission.
    pub reports_unmatched: u64,
    /// Messages from outside that were given to SIMs.
    pub inbound: u64,
}

/// Takes a ledger entry by entry.
#[derive(Debug)]
pub struct Auditor {
    hasher: RandomState,
    books: Vec<Book>,
    by_identity: HashMap<u64, Vec<usize>>,
    by_recipient: HashMap<String, Vec<usize>>,
    open: HashMap<u64, Fragment>,
    fragments: Vec<Fragment>,
    /// Reports owed and given, by SIM, TP-MR and recipient.
    reports: HashMap<u64, (u32, u32)>,
    findings: Findings,
}

/// Messages of one recipient and text.
#[derive(Debug)]
struct Book {
    promise: Promise,
    expected: u64,
    complete: u64,
    /// Which submission began the last that came whole.
    whole_since: u64,
    /// SIMs that sent a part of one that was never whole.
    sims_of_fragments: Vec<String>,
    /// Whether one of these has no first part: then it has the rest of another SIM's.
    is_split: bool,
    loose_parts: u64,
}

impl Findings {
    /// Nothing lost, doubled or wrong. Reports are the network's own business.
    pub fn is_good(&self) -> bool {
        let wrong = self.wrong_text + self.wrong_recipient + self.wrong_order + self.wrong_sim;
        self.lost + self.doubled + wrong == 0
    }
}

impl Auditor {
    /// An auditor who expects nothing yet.
    pub fn new() -> Auditor {
        Auditor {
            hasher: RandomState::new(),
            books: Vec::new(),
            by_identity: HashMap::new(),
            by_recipient: HashMap::new(),
            open: HashMap::new(),
            fragments: Vec::new(),
            reports: HashMap::new(),
            findings: Findings::default(),
        }
    }

    /// A message was accepted; all of them come before the ledger.
    pub fn expect(&mut self, promise: Promise) {
        self.findings.accepted += 1;
        if let Some(place) = self.place(&promise.to, &promise.text) {
            self.books[place].expected += 1;
            return;
        }
        let place = self.books.len();
        let identity = self.hasher.hash_one((&promise.to, &promise.text));
        self.by_identity.entry(identity).or_default().push(place);
        self.by_recipient
            .entry(promise.to.clone())
            .or_default()
            .push(place);
        self.books.push(Book {
            promise,
            expected: 1,
            complete: 0,
            whole_since: 0,
            sims_of_fragments: Vec::new(),
            is_split: false,
            loose_parts: 0,
        });
    }

    /// The next entry of the ledger.
    pub fn take(&mut self, entry: &LedgerEntry) {
        match entry.event {
            LedgerEvent::Submit => self.submission(entry),
            LedgerEvent::Refuse => self.findings.refused += 1,
            LedgerEvent::Report => self.report(entry),
            LedgerEvent::Inbound => self.findings.inbound += 1,
        }
    }

    /// The ledger is over.
    pub fn finish(mut self) -> Findings {
        let mut rest: Vec<Fragment> = self.open.drain().map(|(_, fragment)| fragment).collect();
        // The map's order is nobody's; the ledger's is.
        rest.sort_by_key(|fragment| fragment.since);
        self.fragments.append(&mut rest);
        for fragment in std::mem::take(&mut self.fragments) {
            self.fragment(&fragment);
        }
        for (owed, given) in self.reports.values() {
            let (owed, given) = (u64::from(*owed), u64::from(*given));
            self.findings.reports_given += owed.min(given);
            self.findings.reports_again += given.saturating_sub(owed).min(given * owed.min(1));
            self.findings.reports_unmatched += if owed == 0 { given } else { 0 };
        }
        for book in &self.books {
            book.close(&mut self.findings);
        }
        self.findings
    }

    fn submission(&mut self, entry: &LedgerEntry) {
        self.findings.submissions += 1;
        if wants_report(&entry.tpdu) {
            self.findings.reports_owed += 1;
            self.reports.entry(self.report_key(entry)).or_default().0 += 1;
        }
        let text = entry.content();
        if entry.parts <= 1 {
            let mut whole = Fragment::new(entry, self.findings.submissions);
            whole.add(1, text);
            return self.whole(&whole);
        }
        if entry.part == 0 || entry.part > entry.parts {
            return self.foreign(&entry.to);
        }
        let key = (&entry.iccid, &entry.to, entry.reference, entry.parts);
        let key = self.hasher.hash_one(key);
        let since = self.findings.submissions;
        let mut fragment = match self.open.remove(&key) {
            Some(fragment) if fragment.has_other(entry.part, text) => {
                self.fragments.push(fragment);
                Fragment::new(entry, since)
            }
            Some(fragment) => fragment,
            None => Fragment::new(entry, since),
        };
        fragment.add(entry.part, text);
        if fragment.is_complete() {
            self.count_again(&fragment.to, &fragment.text(), fragment.again);
            self.whole(&fragment);
        } else {
            self.open.insert(key, fragment);
        }
    }

    fn whole(&mut self, whole: &Fragment) {
        let (to, text) = (&whole.to, whole.text());
        let Some(place) = self.place(to, &text) else {
            return self.foreign(to);
        };
        let book = &mut self.books[place];
        if book.complete >= book.expected {
            return self.count_again(to, &text, whole.count());
        }
        book.complete += 1;
        book.whole_since = book.whole_since.max(whole.since);
        let only = book.promise.sim.as_deref();
        let is_elsewhere = only.is_some_and(|only| only != whole.sim);
        self.findings.wrong_order += u64::from(whole.is_disordered);
        self.findings.wrong_sim += u64::from(is_elsewhere);
        self.findings.exactly_once += u64::from(!whole.is_disordered && !is_elsewhere);
    }

    fn count_again(&mut self, to: &str, text: &str, parts: u64) {
        let policy = self
            .place(to, text)
            .and_then(|place| self.books[place].promise.in_doubt.as_deref());
        if policy == Some("resend") {
            self.findings.resent += parts;
        } else {
            self.findings.doubled += parts;
        }
    }

    /// Parts that never became a whole: of a message that is missing, or was begun anew, or again of one that came whole,
    /// or of none.
    fn fragment(&mut self, fragment: &Fragment) {
        let places = self.by_recipient.get(&fragment.to);
        let owner = places.and_then(|places| {
            let fitting = places
                .iter()
                .filter(|place| fragment.fits(&self.books[**place].promise.text));
            fitting.max_by_key(|place| {
                let book = &self.books[**place];
                (book.complete < book.expected, !book.has_sim(&fragment.sim))
            })
        });
        let Some(place) = owner.copied() else {
            return self.foreign(&fragment.to);
        };
        let book = &mut self.books[place];
        if book.complete < book.expected {
            book.sims_of_fragments.push(fragment.sim.clone());
            book.is_split |= !fragment.has_first();
            book.loose_parts += 1;
        }
        let is_first_try = book.complete < book.expected || fragment.since < book.whole_since;
        let was_begun_anew = is_first_try && book.complete == book.expected;
        let text = book.promise.text.clone();
        if was_begun_anew {
            self.findings.given_up += fragment.count();
        }
        let again = if is_first_try { 0 } else { fragment.count() };
        self.count_again(&fragment.to, &text, again + fragment.again);
    }

    fn foreign(&mut self, to: &str) {
        if self.by_recipient.contains_key(to) {
            self.findings.wrong_text += 1;
        } else {
            self.findings.wrong_recipient += 1;
        }
    }

    fn report(&mut self, entry: &LedgerEntry) {
        // TP-ST 0x20 to 0x3F: still trying (3GPP TS 23.040 §9.2.3.15).
        if entry.status.is_some_and(|status| status & 0x60 == 0x20) {
            return;
        }
        self.reports.entry(self.report_key(entry)).or_default().1 += 1;
    }

    fn report_key(&self, entry: &LedgerEntry) -> u64 {
        self.hasher.hash_one((&entry.iccid, entry.mr, &entry.to))
    }

    fn place(&self, to: &str, text: &str) -> Option<usize> {
        let places = self.by_identity.get(&self.hasher.hash_one((to, text)))?;
        places.iter().copied().find(|place| {
            let promise = &self.books[*place].promise;
            promise.to == to && promise.text == text
        })
    }
}

impl Default for Auditor {
    fn default() -> Auditor {
        Auditor::new()
    }
}

impl Book {
    fn has_sim(&self, sim: &str) -> bool {
        self.sims_of_fragments.iter().any(|other| other == sim)
    }

    fn close(&self, findings: &mut Findings) {
        let missing = self.expected - self.complete;
        if missing == 0 {
            return;
        }
        let first = self.sims_of_fragments.first();
        let are_several = self.sims_of_fragments.iter().any(|sim| Some(sim) != first);
        findings.wrong_sim += u64::from(are_several && self.is_split);
        let was_told = matches!(
            self.promise.state.as_deref(),
            Some(
                "failed"
                    | "expired"
                    | "cancelled"
                    | "unconfirmed"
                    | "in_doubt"
                    | "queued"
                    | "sending"
            )
        );
        if was_told {
            findings.told_not_sent += missing;
        } else {
            findings.lost += missing;
            findings.incomplete += missing.min(self.loose_parts);
        }
    }
}

/// TP-SRR (3GPP TS 23.040 §9.2.3.5).
fn wants_report(tpdu: &str) -> bool {
    let first = tpdu
        .get(..2)
        .and_then(|octet| u8::from_str_radix(octet, 16).ok());
    first.is_some_and(|octet| octet & 0x20 != 0)
}

#[cfg(test)]
mod tests;
