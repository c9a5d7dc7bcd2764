//! The absolute numbers that follow from a record: a SIM's counters and the count of all messages.

use modem::{Outcome, Ticket};
use sms::StatusClass;

use crate::book::{Book, Phase, SimIdx};
use crate::budget;
use crate::record::{Record, Totals, Usage};
use crate::words::UnixMs;

/// What a record adds up to: for its SIM and for all messages. Asked before the record is applied.
pub(crate) fn tally(book: &Book, now: UnixMs, record: &Record) -> [Option<Record>; 2] {
    [of_sim(book, now, record), of_all(book, record)]
}

fn of_all(book: &Book, record: &Record) -> Option<Record> {
    match record {
        Record::Accepted(_) => Some(count(book, |totals| totals.accepted += 1)),
        Record::Ended { state, .. } => Some(count(book, |totals| totals.ended[state.index()] += 1)),
        // Now it may be on the air a second time.
        Record::Finished {
            ticket,
            outcome: Outcome::Sent { .. } | Outcome::Unknown(_),
            ..
        } if book.rivals(*ticket).any(|rival| rival.phase != Phase::Open) => {
            Some(count(book, |totals| totals.resent_in_doubt += 1))
        }
        Record::Started { .. }
        | Record::Finished { .. }
        | Record::Returned { .. }
        | Record::Resolved { .. }
        | Record::Reported { .. }
        | Record::ReportKept { .. }
        | Record::ReportDropped { .. }
        | Record::Requeued { .. }
        | Record::SimUsed { .. }
        | Record::Controlled { .. }
        | Record::PinTried { .. }
        | Record::Counted(_) => None,
    }
}

fn of_sim(book: &Book, now: UnixMs, record: &Record) -> Option<Record> {
    match record {
        Record::Started { sim, reference, .. } => {
            let sim = book.sim_by_iccid(sim)?;
            Some(used(book, sim, |usage| {
                budget::spend(usage, now);
                usage.started += 1;
                usage.reference = *reference;
            }))
        }
        Record::Finished {
            ticket, outcome, ..
        } => of_attempt(book, *ticket, |usage, started| match outcome {
            Outcome::Sent { .. } => usage.sent += 1,
            Outcome::Refused(_) => {
                budget::give_back(usage, started);
                usage.refused += 1;
            }
            Outcome::Unknown(_) => usage.in_doubt += 1,
        }),
        Record::Returned { ticket, .. } => of_attempt(book, *ticket, |usage, started| {
            budget::give_back(usage, started);
            usage.started = usage.started.saturating_sub(1);
        }),
        Record::Resolved { ticket, .. } => of_attempt(book, *ticket, |usage, _| {
            usage.in_doubt = usage.in_doubt.saturating_sub(1);
            usage.sent += 1;
        }),
        Record::Reported { ticket, report, .. }
            if report.status.class() == StatusClass::Delivered =>
        {
            of_attempt(book, *ticket, |usage, _| usage.delivered += 1)
        }
        Record::Accepted(_)
        | Record::Reported { .. }
        | Record::ReportKept { .. }
        | Record::ReportDropped { .. }
        | Record::Requeued { .. }
        | Record::Ended { .. }
        | Record::SimUsed { .. }
        | Record::Controlled { .. }
        | Record::PinTried { .. }
        | Record::Counted(_) => None,
    }
}

fn count(book: &Book, change: impl FnOnce(&mut Totals)) -> Record {
    let mut totals = book.totals();
    change(&mut totals);
    Record::Counted(totals)
}

fn of_attempt(
    book: &Book,
    ticket: Ticket,
    change: impl FnOnce(&mut Usage, UnixMs),
) -> Option<Record> {
    let attempt = book.attempt(ticket)?;
    Some(used(book, attempt.sim, |usage| {
        change(usage, attempt.started)
    }))
}

fn used(book: &Book, sim: SimIdx, change: impl FnOnce(&mut Usage)) -> Record {
    let known = book.sim(sim);
    let mut usage = known.usage;
    change(&mut usage);
    Record::SimUsed {
        sim: known.iccid.clone(),
        usage,
    }
}
