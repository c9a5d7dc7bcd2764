//! Which attempt a status report is about.
//!
//! TP-MR is one octet and wraps after 256 parts of a SIM, while reports may come hours late: the number alone proves
//! nothing. A report is attributed by SIM, TP-MR, recipient and time together (`timing` says how well a time fits).
//!
//! ```text
//!  parts of the SIM to the recipient ─┬─ of this number: sent, or of an ended message ─┐
//!  that can be meant                  ├─ with a line still: its number is not known    ├─► the nearest in time,
//!                                     └─ of unknown outcome, ended or not ─────────────┘   if no other is as near
//!  none of them in time, and nothing known of the centre's clock ─► the only one of this number that can be meant
//!  the recipient is not known                                    ─► the only one of this number at this time
//! ```
//!
//! A report that comes before its `+CMGS:` answer fits nothing yet: it is kept and tried again when an outcome is in, or
//! when more is known of the centre's clock. Where two parts could be meant, none is: a guess would be worse than no
//! report.

mod timing;

use modem::Ticket;
use sms::{Address, StatusClass, StatusReport};

use crate::book::{Attempt, Book, SimIdx, Span};
use crate::floor::{Floor, FloorSim};
use crate::past::EndedPart;
use crate::record::Report;
use crate::words::UnixMs;
use timing::{REPORTS_COME_FOR, Timing};

/// A report as it came, or as it was kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard<'a> {
    /// The SIM it came to.
    pub(crate) sim: SimIdx,
    pub(crate) mr: u8,
    pub(crate) recipient: &'a Address,
    pub(crate) report: Report,
    /// When it came.
    pub(crate) at: UnixMs,
    /// Number of its record, if it was kept: it is not about a part that was started later.
    pub(crate) kept: Option<u64>,
}

/// What a report belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// An attempt that was sent.
    Sent(Ticket),
    /// An attempt of unknown outcome: the report proves that it was sent.
    Doubt(Ticket),
    /// A part whose report came before, or whose message has ended.
    Past,
    /// Nothing that is known yet.
    Nothing,
    /// Any of several: nobody can say which.
    Unclear,
}

/// A part that may be meant.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    kind: Kind,
    /// How far from its time the report's is; `None`: too far.
    off_ms: Option<u64>,
    span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Sent under the report's number.
    Sent(Ticket),
    /// The same, of a message that has ended.
    Gone,
    /// With its line.
    Open,
    /// Of unknown outcome.
    Doubt(Ticket),
    /// The same, of a message that has ended.
    GoneDoubt,
}

impl Heard<'_> {
    /// Whether it came after the attempt was started: both are numbered in one sequence.
    fn may_be_about(&self, ticket: Ticket) -> bool {
        self.kept.is_none_or(|kept| ticket.0 < kept)
    }
}

impl Kind {
    fn is_numbered(self) -> bool {
        matches!(self, Kind::Sent(_) | Kind::Gone)
    }

    fn matched(self) -> Match {
        match self {
            Kind::Sent(ticket) => Match::Sent(ticket),
            Kind::Doubt(ticket) => Match::Doubt(ticket),
            Kind::Gone | Kind::GoneDoubt => Match::Past,
            Kind::Open => Match::Nothing,
        }
    }
}

/// The report in the words of the records.
pub(crate) fn report_of(report: &StatusReport) -> Report {
    let ms = |time: &sms::ServiceCentreTime| UnixMs(time.unix_ms());
    Report {
        status: report.status,
        taken: report.time.as_ref().map(ms),
        discharged: report.discharge.as_ref().map(ms),
    }
}

/// Finds the attempt that a report is about.
pub(crate) fn find(book: &Book, floor: &Floor, heard: &Heard<'_>) -> Match {
    let Some(volatile) = floor.sim(heard.sim) else {
        return Match::Nothing;
    };
    if is_repeated(book, volatile, heard) {
        return Match::Past;
    }
    let timing = Timing::new(&volatile.clock, heard.report, heard.at);
    let meant = candidates(book, volatile, heard, &timing);
    let near = meant.iter().filter(|one| timing.is_near(one.off_ms));
    if let Some(found) = nearest(near.copied(), &timing) {
        return found.map_or(Match::Unclear, |found| {
            if_remembered(found, volatile, heard)
        });
    }
    if meant.iter().any(|one| one.kind == Kind::Open) {
        return Match::Nothing;
    }
    // From here on the time says little: only what stands alone is believed.
    if timing.is_learnt() {
        return by_time(book, volatile, heard, &timing, &meant);
    }
    let fits: Vec<Candidate> = meant
        .iter()
        .filter(|one| one.off_ms.is_some())
        .copied()
        .collect();
    match fits.as_slice() {
        [] => {}
        [one] => return if_remembered(*one, volatile, heard),
        [_, ..] => return Match::Unclear,
    }
    let is_whole = volatile.past.reaches(timing.oldest());
    let possible: Vec<&Candidate> = meant
        .iter()
        .filter(|one| timing.is_possible(one.span))
        .collect();
    match possible.as_slice() {
        [one] if one.kind.is_numbered() && is_whole => one.kind.matched(),
        [] => by_time(book, volatile, heard, &timing, &meant),
        [..] => Match::Unclear,
    }
}

/// The offset of the service centre's clock that a report shows as it comes: two estimates of it agree, or the part that
/// it is about is the only one that can be meant.
pub(crate) fn sample(book: &Book, floor: &Floor, heard: &Heard<'_>) -> Option<i64> {
    let volatile = floor.sim(heard.sim)?;
    let taken = heard.report.taken?;
    let timing = Timing::new(&volatile.clock, heard.report, heard.at);
    let sent = numbered(book, heard).map(|(_, attempt)| attempt.span());
    let gone = past(volatile, heard).filter(|part| part.mr.is_some());
    let spans: Vec<Span> = sent.chain(gone.map(|part| part.span)).collect();
    let [span] = spans.as_slice() else {
        return None;
    };
    let is_sure = match timing.off_trip(*span) {
        Some(off_ms) => off_ms <= timing::TRIP_MS,
        None => volatile.past.reaches(timing.oldest()),
    };
    is_sure.then(|| taken.0.saturating_sub(span.until.0))
}

/// Every part that the report may be about, by what it says of number and recipient.
fn candidates(
    book: &Book,
    volatile: &FloorSim,
    heard: &Heard<'_>,
    timing: &Timing<'_>,
) -> Vec<Candidate> {
    let candidate = |kind, span| Candidate {
        kind,
        off_ms: timing.off(span),
        span,
    };
    let sent = numbered(book, heard)
        .filter(|(_, attempt)| !is_settled(attempt, heard))
        .map(|(ticket, attempt)| candidate(Kind::Sent(ticket), attempt.span()));
    let open = book
        .open_on(heard.sim)
        .filter(|tried| is_for(book, *tried, heard))
        .map(|(_, attempt)| candidate(Kind::Open, attempt.span()));
    let doubt = book
        .doubtful_on(heard.sim)
        .filter(|tried| is_for(book, *tried, heard))
        .map(|(ticket, attempt)| candidate(Kind::Doubt(ticket), attempt.span()));
    let gone = past(volatile, heard).filter(|part| part.taken.is_none());
    let gone = gone.map(|part| match part.mr {
        Some(_) => candidate(Kind::Gone, part.span),
        None => candidate(Kind::GoneDoubt, part.span),
    });
    sent.chain(open).chain(doubt).chain(gone).collect()
}

/// Of the candidates that are near, the nearest, if no other is as near; `None` if none is near.
fn nearest(
    near: impl Iterator<Item = Candidate>,
    timing: &Timing<'_>,
) -> Option<Option<Candidate>> {
    let mut near: Vec<Candidate> = near.collect();
    let is_numbered = near.iter().any(|one| one.kind.is_numbered());
    let best_ms = near.iter().filter_map(|one| one.off_ms).min()?;
    near.retain(|one| one.off_ms.is_some_and(|ms| ms <= best_ms + timing.tie_ms()));
    // The number speaks too.
    if near.iter().any(|one| one.kind.is_numbered()) {
        near.retain(|one| one.kind.is_numbered());
    }
    // Its number will be known.
    if let Some(open) = near.iter().find(|one| one.kind == Kind::Open) {
        return Some(Some(*open));
    }
    let first = *near.first()?;
    // A part of unknown outcome is near to all that came while its line waited: the number says that it may be another.
    if is_numbered && !first.kind.is_numbered() {
        return Some(None);
    }
    let is_one = near
        .iter()
        .all(|one| one.kind.matched() == first.kind.matched());
    Some(is_one.then_some(first))
}

/// What a candidate comes to. A part of unknown outcome has no number that would speak for it, and a report without a time
/// has only that: another part that is as good must not have been forgotten.
fn if_remembered(found: Candidate, volatile: &FloorSim, heard: &Heard<'_>) -> Match {
    let near = UnixMs(
        found
            .span
            .from
            .0
            .saturating_sub(timing::NEAR_MS.cast_signed()),
    );
    let oldest = UnixMs(heard.at.0.saturating_sub(REPORTS_COME_FOR.cast_signed()));
    let is_remembered = match heard.report.taken {
        None => volatile.past.reaches(oldest),
        Some(_) => found.kind.is_numbered() || volatile.past.reaches_beside(near),
    };
    if is_remembered {
        found.kind.matched()
    } else {
        Match::Unclear
    }
}

/// The network may have rewritten the recipient beyond recognition; then number and time must do.
fn by_time(
    book: &Book,
    volatile: &FloorSim,
    heard: &Heard<'_>,
    timing: &Timing<'_>,
    meant: &[Candidate],
) -> Match {
    if heard.report.taken.is_none() || !meant.is_empty() {
        return Match::Nothing;
    }
    let sent = book
        .numbered(heard.sim, heard.mr)
        .filter(|(ticket, attempt)| attempt.reported.is_none() && heard.may_be_about(*ticket))
        .map(|(ticket, attempt)| (Kind::Sent(ticket), attempt.span()));
    let gone = volatile
        .past
        .parts()
        .filter(|part| part.mr == Some(heard.mr));
    let gone = gone.map(|part| (Kind::Gone, part.span));
    let fits: Vec<Kind> = sent
        .chain(gone)
        .filter(|(_, span)| timing.off(*span).is_some())
        .map(|(kind, _)| kind)
        .collect();
    match fits.as_slice() {
        [] => Match::Nothing,
        [one] => one.matched(),
        [..] => Match::Unclear,
    }
}

/// Attempts of live messages that were sent under the report's number to its recipient.
fn numbered<'a>(
    book: &'a Book,
    heard: &'a Heard<'_>,
) -> impl Iterator<Item = (Ticket, &'a Attempt)> {
    book.numbered(heard.sim, heard.mr)
        .filter(|tried| is_for(book, *tried, heard))
}

/// Parts of ended messages that name the report's recipient, and its number if they have one.
fn past<'a>(volatile: &'a FloorSim, heard: &Heard<'a>) -> impl Iterator<Item = &'a EndedPart> {
    let heard = *heard;
    volatile.past.parts().filter(move |part| {
        part.mr.is_none_or(|mr| mr == heard.mr)
            && heard.may_be_about(part.ticket)
            && part.recipient.address().same_subscriber(heard.recipient)
    })
}

fn is_for(book: &Book, (ticket, attempt): (Ticket, &Attempt), heard: &Heard<'_>) -> bool {
    let message = book.message(attempt.message);
    heard.may_be_about(ticket)
        && message.is_some_and(|live| live.message.to.address().same_subscriber(heard.recipient))
}

/// Whether this very report came before.
fn is_repeated(book: &Book, volatile: &FloorSim, heard: &Heard<'_>) -> bool {
    let Some(taken) = heard.report.taken else {
        return false;
    };
    let is_same = |report: &Report| report.taken == Some(taken);
    numbered(book, heard).any(|(_, attempt)| {
        attempt.reported.as_ref().is_some_and(is_same) && is_settled(attempt, heard)
    }) || past(volatile, heard).any(|part| part.taken == Some(taken))
}

/// Whether a report can't change what is known of the attempt: it has its final one, and delivery overrides failure.
fn is_settled(attempt: &Attempt, heard: &Heard<'_>) -> bool {
    let is_delivered = |report: &Report| report.status.class() == StatusClass::Delivered;
    attempt.reported.is_some_and(|known| {
        let is_other = known.taken.is_some()
            && heard.report.taken.is_some()
            && known.taken != heard.report.taken;
        is_other || is_delivered(&known) || !is_delivered(&heard.report)
    })
}

#[cfg(test)]
mod tests;
