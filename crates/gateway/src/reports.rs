//! Which attempt a status report is about.
//!
//! TP-MR is one octet and wraps after 256 parts of a SIM, while reports may come hours late: the number alone proves
//! nothing. A report is attributed by SIM, TP-MR, recipient and the service centre's time together. A report that comes
//! before its `+CMGS:` answer fits nothing yet: it is kept and tried again when an outcome is in. Where two messages
//! could be meant, none is: a guess would be worse than no report.

use modem::Ticket;
use sms::{Address, StatusClass, StatusReport};

use crate::book::{Attempt, Book, SimIdx};
use crate::floor::{EndedPart, Floor};
use crate::record::Report;
use crate::words::UnixMs;

/// A report as it came, or as it was kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard<'a> {
    /// The SIM it came to.
    pub(crate) sim: SimIdx,
    pub(crate) mr: u8,
    pub(crate) recipient: &'a Address,
    pub(crate) report: Report,
    /// Number of its record, if it was kept: it is not about a part that was started later.
    pub(crate) kept: Option<u64>,
}

impl Heard<'_> {
    /// Whether it came after the attempt was started: both are numbered in one sequence.
    fn may_be_about(&self, ticket: Ticket) -> bool {
        self.kept.is_none_or(|kept| ticket.0 < kept)
    }
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
    let mine = || {
        book.numbered(heard.sim, heard.mr)
            .filter(|tried| is_for(book, *tried, heard))
    };
    let past = || ended(floor, heard);

    if mine().any(|(_, attempt)| is_repeated(attempt, heard))
        || past().any(|part| part.taken.is_some())
    {
        return Match::Past;
    }
    let distance = |attempt: &Attempt| plausible_ms(attempt.started, heard);
    let strong = mine()
        .filter(|(_, attempt)| !is_settled(attempt, heard))
        .filter_map(|(ticket, attempt)| Some((distance(attempt)?, ticket)));
    // Without a time the latest attempt is the likeliest: its tickets are the highest.
    let live = strong.min_by_key(|(ms, ticket)| (*ms, std::cmp::Reverse(*ticket)));
    let gone = past().filter(|part| part.mr == Some(heard.mr));
    let gone = gone
        .filter_map(|part| plausible_ms(part.started, heard))
        .min();
    match (live, gone) {
        (Some((ms, _)), Some(gone)) if gone < ms => return Match::Past,
        (Some((_, ticket)), _) => return Match::Sent(ticket),
        (None, Some(_)) => return Match::Past,
        (None, None) => {}
    }
    if book
        .open_on(heard.sim)
        .any(|tried| is_for(book, tried, heard))
    {
        return Match::Nothing;
    }
    let found = doubted(book, floor, heard);
    if found == Match::Nothing {
        weak(book, heard)
    } else {
        found
    }
}

/// The attempt of unknown outcome that a report proves, if no other can be meant. Its TP-MR is not known, so the time
/// has to fit better.
fn doubted(book: &Book, floor: &Floor, heard: &Heard<'_>) -> Match {
    let is_timed =
        |started: UnixMs| plausible_ms(started, heard).is_some_and(|ms| ms <= TAKEN_MAX_MS);
    let live = book
        .doubtful_on(heard.sim)
        .filter(|tried| is_for(book, *tried, heard))
        .filter(|(_, attempt)| is_timed(attempt.started))
        .map(|(ticket, _)| Match::Doubt(ticket));
    let gone = ended(floor, heard)
        .filter(|part| part.mr.is_none() && is_timed(part.started))
        .map(|_| Match::Past);
    only(live.chain(gone)).unwrap_or(Match::Nothing)
}

/// What fits only in part, if just one attempt does.
fn weak(book: &Book, heard: &Heard<'_>) -> Match {
    let awaiting = || {
        let numbered = book.numbered(heard.sim, heard.mr);
        numbered
            .filter(|(ticket, attempt)| attempt.reported.is_none() && heard.may_be_about(*ticket))
    };
    // The service centre's clock may be wrong by hours; then number and recipient must do.
    let by_number = only(awaiting().filter(|tried| is_for(book, *tried, heard)));
    // The network may have rewritten the recipient beyond recognition; then number and time must do.
    let is_timed = |attempt: &Attempt| {
        heard.report.taken.is_some() && plausible_ms(attempt.started, heard).is_some()
    };
    let found = by_number.or_else(|| only(awaiting().filter(|(_, attempt)| is_timed(attempt))));
    found.map_or(Match::Nothing, |(ticket, _)| Match::Sent(ticket))
}

/// Parts of ended messages that the report may be about: it names their recipient, and their number if they have one.
/// Of those whose report came, only those whose report it is.
fn ended<'a>(floor: &'a Floor, heard: &Heard<'a>) -> impl Iterator<Item = &'a EndedPart> {
    let heard = *heard;
    let parts = floor.sim(heard.sim).into_iter().flat_map(|sim| sim.ended());
    parts.filter(move |part| {
        part.mr.is_none_or(|mr| mr == heard.mr)
            && part.recipient.same_subscriber(heard.recipient)
            && (part.taken.is_none() || part.taken == heard.report.taken)
    })
}

fn is_for(book: &Book, (ticket, attempt): (Ticket, &Attempt), heard: &Heard<'_>) -> bool {
    let message = book.message(attempt.message);
    heard.may_be_about(ticket)
        && message.is_some_and(|live| live.message.to.address().same_subscriber(heard.recipient))
}

/// Whether the attempt has this very report already.
fn is_repeated(attempt: &Attempt, heard: &Heard<'_>) -> bool {
    let is_same = |report: &Report| report.taken.is_some() && report.taken == heard.report.taken;
    attempt.reported.as_ref().is_some_and(is_same) && is_settled(attempt, heard)
}

/// Whether a report can't change what is known of the attempt: it has its final one, and delivery overrides failure.
fn is_settled(attempt: &Attempt, heard: &Heard<'_>) -> bool {
    let is_delivered = |report: &Report| report.status.class() == StatusClass::Delivered;
    attempt
        .reported
        .is_some_and(|known| is_delivered(&known) || !is_delivered(&heard.report))
}

/// How far the service centre's time is from a start; `None` if too far, zero without a time.
fn plausible_ms(started: UnixMs, heard: &Heard<'_>) -> Option<u64> {
    let ms = heard
        .report
        .taken
        .map_or(0, |taken| taken.0.abs_diff(started.0));
    (ms <= WINDOW_MS).then_some(ms)
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    found.next().filter(|_| found.next().is_none())
}

/// A service centre takes a part within two minutes of its start.
const TAKEN_MAX_MS: u64 = 2 * 60 * 1000;
/// The same, for clocks that are set by hand.
const WINDOW_MS: u64 = 10 * 60 * 1000;

#[cfg(test)]
mod tests;
