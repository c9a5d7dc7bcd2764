//! Parts of messages that have ended: their reports may still come, or come once more, and must not be taken for those
//! of parts that are awaited.
//!
//! A bounded memory per SIM that knows how far back it reaches. It is filled as messages end, and after a restart from
//! the store. It decides nothing.

use std::collections::VecDeque;

use modem::Ticket;

use crate::book::{Attempt, Book, Live, Phase, Recipient, SimIdx, Span};
use crate::record::{Entry, Record};
use crate::words::UnixMs;

/// What is remembered of one SIM.
#[derive(Clone, Debug)]
pub(crate) struct Past {
    parts: VecDeque<EndedPart>,
    /// Of what was started before, not everything is here.
    since: UnixMs,
}

/// A part of a message that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndedPart {
    pub(crate) ticket: Ticket,
    /// `None` if its outcome was never known.
    pub(crate) mr: Option<u8>,
    pub(crate) recipient: Recipient,
    pub(crate) span: Span,
    /// When the service centre took it, if its report came and says so.
    pub(crate) taken: Option<UnixMs>,
}

impl Past {
    /// Remembers a part; the oldest is forgotten for it.
    pub(crate) fn remember(&mut self, part: EndedPart) {
        self.parts.push_back(part);
        if self.parts.len() > PARTS_MAX
            && let Some(forgotten) = self.parts.pop_front()
        {
            self.forget_before(UnixMs(forgotten.span.from.0.saturating_add(1)));
        }
    }

    /// Nothing is known of what was started before.
    pub(crate) fn forget_before(&mut self, since: UnixMs) {
        self.since = self.since.max(since);
    }

    /// The parts, the latest end last.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &EndedPart> {
        self.parts.iter()
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
            since: UnixMs(i64::MIN),
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
        })
    }
}

/// What is to be remembered when a record is applied: the parts of the message that it ends, with their SIMs.
pub(crate) fn ended_by(book: &Book, record: &Record) -> Vec<(SimIdx, EndedPart)> {
    let Record::Ended { message, .. } = record else {
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
#[derive(Debug, Default)]
pub(crate) struct Reader {
    book: Book,
}

impl Reader {
    /// Applies an entry; what it makes a part of the past, with the card that sent it.
    pub(crate) fn read(&mut self, entry: &Entry) -> Vec<(modem::Iccid, EndedPart)> {
        let ended = ended_by(&self.book, &entry.record);
        self.book.apply(entry);
        let named = |(sim, part)| (self.book.sim(sim).iccid.clone(), part);
        ended.into_iter().map(named).collect()
    }
}

/// Parts that are remembered of a SIM: two rounds of TP-MR. A part that is not is told from the others by its time.
const PARTS_MAX: usize = 512;
