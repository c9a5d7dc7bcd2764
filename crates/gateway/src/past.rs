//! Parts that no report is awaited of any more, as their messages have ended or were begun anew: their reports may still
//! come, or come once more, and must not be taken for those of parts that are awaited.
//!
//! A bounded memory per SIM that knows how far back it reaches. It is filled as messages end, and after a restart from
//! the store. It decides nothing.

use std::collections::VecDeque;

use modem::Ticket;

use crate::book::{Attempt, Book, Live, Phase, Recipient, SimIdx, Span};
use crate::record::{Entry, Record, Requeue};
use crate::report_rate::{self, News};
use crate::settings::Settings;
use crate::unheard::Judged;
use crate::words::UnixMs;

/// What is remembered of one SIM.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    parts: VecDeque<EndedPart>,
    /// Older parts that a report of a part in doubt could be about as well.
    beside_doubts: VecDeque<EndedPart>,
    /// Of what was started before, not everything is here.
    since: UnixMs,
    /// The same of what was started near a part that is in doubt now.
    beside_since: UnixMs,
}

/// A part of a message that has ended, or of a set that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndedPart {
    pub(crate) ticket: Ticket,
    /// `None` if its outcome was never known.
    pub(crate) mr: Option<u8>,
    pub(crate) recipient: Recipient,
    pub(crate) span: Span,
    /// When the service centre took it, if its report came and says so.
    pub(crate) taken: Option<UnixMs>,
    /// Whether its final report came.
    pub(crate) is_reported: bool,
}

impl Past {
    /// Remembers a part; the oldest is forgotten for it, unless it was started near a part in doubt.
    pub(crate) fn remember(&mut self, part: EndedPart, is_beside: impl Fn(&EndedPart) -> bool) {
        self.parts.push_back(part);
        if self.parts.len() <= PARTS_MAX {
            return;
        }
        let Some(oldest) = self.parts.pop_front() else {
            return;
        };
        self.since = self.since.max(after(&oldest));
        if !is_beside(&oldest) {
            return;
        }
        self.beside_doubts.push_back(oldest);
        if self.beside_doubts.len() > PARTS_MAX {
            self.beside_doubts.retain(is_beside);
        }
        if self.beside_doubts.len() > PARTS_MAX
            && let Some(forgotten) = self.beside_doubts.pop_front()
        {
            self.beside_since = self.beside_since.max(after(&forgotten));
        }
    }

    /// Nothing is known of what was started before.
    pub(crate) fn forget_before(&mut self, since: UnixMs) {
        self.since = self.since.max(since);
        self.beside_since = self.beside_since.max(since);
    }

    /// The parts that are remembered.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &EndedPart> {
        self.beside_doubts.iter().chain(&self.parts)
    }

    /// Whether everything that was started near a part in doubt, at this time or later, and has ended is here.
    pub(crate) fn reaches_beside(&self, at: UnixMs) -> bool {
        self.beside_since <= at
    }

    /// The parts that were sent and ended last.
    pub(crate) fn judged(&self) -> Judged {
        let mut judged = Judged::default();
        let sent = self.parts.iter().rev().filter(|part| part.mr.is_some());
        for part in sent.take(JUDGED_MAX) {
            judged.parts += 1;
            judged.came += u32::from(part.is_reported);
        }
        judged
    }

    /// Whether everything that was started at this time or later and has ended is here.
    pub(crate) fn reaches(&self, at: UnixMs) -> bool {
        self.since <= at
    }
}

impl Default for Past {
    fn default() -> Past {
        Past {
            parts: VecDeque::new(),
            beside_doubts: VecDeque::new(),
            since: UnixMs(i64::MIN),
            beside_since: UnixMs(i64::MIN),
        }
    }
}

impl EndedPart {
    /// What is left to remember of an attempt; `None` if no report of it will come.
    fn of(ticket: Ticket, attempt: &Attempt, live: &Live) -> Option<EndedPart> {
        let mr = match attempt.phase {
            Phase::Open => return None,
            Phase::Sent { mr } => mr,
            Phase::Doubt { .. } => None,
        };
        live.message.report.then(|| EndedPart {
            ticket,
            mr,
            recipient: live.message.to.clone(),
            span: attempt.span(),
            taken: attempt.reported.and_then(|report| report.taken),
            is_reported: attempt.reported.is_some(),
        })
    }
}

/// Whether a part was started near one of its SIM that is in doubt, and to the same recipient.
pub(crate) fn is_beside_doubt(book: &Book, sim: SimIdx, part: &EndedPart) -> bool {
    book.doubtful_on(sim).any(|(_, attempt)| {
        let apart_ms = attempt.started.0.abs_diff(part.span.from.0);
        let live = book.message(attempt.message);
        apart_ms <= BESIDE_MS && live.is_some_and(|live| live.message.to == part.recipient)
    })
}

/// What is to be remembered when a record is applied: the parts of the message that it ends or begins anew, with their
/// SIMs.
pub(crate) fn ended_by(book: &Book, record: &Record) -> Vec<(SimIdx, EndedPart)> {
    let (Record::Ended { message, .. }
    | Record::Requeued {
        message,
        why: Requeue::Anew,
        ..
    }) = record
    else {
        return Vec::new();
    };
    let Some(live) = book.message(*message) else {
        return Vec::new();
    };
    let part = |(ticket, attempt): (Ticket, &Attempt)| {
        Some((attempt.sim, EndedPart::of(ticket, attempt, live)?))
    };
    book.attempts_of(live).filter_map(part).collect()
}

/// Reads the past from entries of messages that have ended: a book of their own, to which they are applied anew.
#[derive(Debug)]
pub(crate) struct Reader {
    book: Book,
}

impl Reader {
    pub(crate) fn new(settings: &Settings) -> Reader {
        Reader {
            book: Book::new(settings),
        }
    }

    /// What an entry that is read next says of awaited reports, with the card of each.
    pub(crate) fn news(&self, entry: &Entry) -> Vec<(modem::Iccid, News)> {
        let news = report_rate::news(&self.book, entry.at, &entry.record);
        let named = |(sim, news)| (self.book.sim(sim).iccid.clone(), news);
        news.into_iter().map(named).collect()
    }

    /// Applies an entry; what it makes a part of the past, with the card that sent it.
    pub(crate) fn read(&mut self, entry: &Entry) -> Vec<(modem::Iccid, EndedPart)> {
        let ended = ended_by(&self.book, &entry.record);
        self.book.apply(entry);
        let named = |(sim, part)| (self.book.sim(sim).iccid.clone(), part);
        ended.into_iter().map(named).collect()
    }
}

/// The time behind a part.
fn after(part: &EndedPart) -> UnixMs {
    UnixMs(part.span.from.0.saturating_add(1))
}

/// Parts that are remembered of a SIM, two rounds of TP-MR, and as many beside doubts. What is forgotten is told from
/// the others by its time.
const PARTS_MAX: usize = 512;
/// What is further from each other than spans and the times of reports can be off is told apart.
const BESIDE_MS: u64 = 5 * 60 * 1000;
/// Parts by which a SIM's reports are judged: an hour or a day of them, as it sends.
const JUDGED_MAX: usize = 50;

const _: () = assert!(JUDGED_MAX <= PARTS_MAX);

#[cfg(test)]
mod tests;
