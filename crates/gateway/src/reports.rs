//! Which attempt a status report is about.
//!
//! TP-MR is one octet and wraps after 256 parts of a SIM, while reports may come hours late: the number alone proves
//! nothing. A report is attributed by SIM, TP-MR, recipient and the service centre's time together. A report that comes
//! before its `+CMGS:` answer fits nothing yet: it is kept and tried again when the answer is in.

use modem::Ticket;
use sms::{Address, StatusReport};

use crate::book::{Attempt, Book, KeptReport, SimIdx};
use crate::record::Report;
use crate::words::UnixMs;

/// What a report belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Match {
    /// An attempt that was sent.
    Sent(Ticket),
    /// An attempt of unknown outcome: the report proves that it was sent.
    Doubt(Ticket),
    /// Nothing that is known yet.
    Nothing,
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
pub(crate) fn find(
    book: &Book,
    sim: SimIdx,
    mr: u8,
    recipient: &Address,
    report: &Report,
) -> Match {
    let to_recipient = |attempt: &Attempt| {
        book.message(attempt.message)
            .is_some_and(|live| live.message.to.same_subscriber(recipient))
    };
    let plausible =
        |attempt: &Attempt| distance_ms(attempt, report).is_none_or(|ms| ms <= WINDOW_MS);
    let nearest = |attempt: &Attempt| distance_ms(attempt, report).unwrap_or(0);

    let mine = || {
        book.awaiting(sim, mr)
            .filter(|(_, attempt)| to_recipient(attempt))
    };
    let strong = mine().filter(|(_, attempt)| plausible(attempt));
    // Without a time the latest attempt is the likeliest: its tickets are the highest.
    if let Some((ticket, _)) =
        strong.min_by_key(|(ticket, attempt)| (nearest(attempt), std::cmp::Reverse(*ticket)))
    {
        return Match::Sent(ticket);
    }
    if let Some(ticket) = only(
        book.doubtful_on(sim)
            .filter(|(_, a)| to_recipient(a) && plausible(a)),
    ) {
        return Match::Doubt(ticket);
    }
    if book.open_on(sim).any(|(_, attempt)| to_recipient(attempt)) {
        return Match::Nothing;
    }
    // The service centre's clock may be wrong by hours; then number and recipient must do, if they name just one.
    if let Some(ticket) = only(mine()) {
        return Match::Sent(ticket);
    }
    // The network may have rewritten the recipient beyond recognition; then number and time must do.
    let timed = |attempt: &Attempt| distance_ms(attempt, report).is_some_and(|ms| ms <= WINDOW_MS);
    only(book.awaiting(sim, mr).filter(|(_, attempt)| timed(attempt)))
        .map_or(Match::Nothing, Match::Sent)
}

/// The kept report that is about an attempt which has just got its outcome.
pub(crate) fn kept_for(book: &Book, ticket: Ticket, mr: Option<u8>) -> Option<(u64, &KeptReport)> {
    let attempt = book.attempt(ticket)?;
    let to = &book.message(attempt.message)?.message.to;
    let fits = |kept: &KeptReport| {
        kept.sim == attempt.sim
            && mr.is_none_or(|mr| mr == kept.mr)
            && kept.since >= attempt.started
            && to.same_subscriber(&kept.recipient)
            && distance_ms(attempt, &kept.report).is_none_or(|ms| ms <= WINDOW_MS)
    };
    book.kept().find(|(_, kept)| fits(kept))
}

/// How far the service centre's time is from the attempt's start.
fn distance_ms(attempt: &Attempt, report: &Report) -> Option<u64> {
    report
        .taken
        .map(|taken| taken.0.abs_diff(attempt.started.0))
}

fn only<'a>(mut attempts: impl Iterator<Item = (Ticket, &'a Attempt)>) -> Option<Ticket> {
    let (first, _) = attempts.next()?;
    if attempts.next().is_some() {
        None
    } else {
        Some(first)
    }
}

/// A part is taken within two minutes of its start; the rest allows for clocks that are set by hand.
const WINDOW_MS: u64 = 10 * 60 * 1000;

#[cfg(test)]
mod tests;
