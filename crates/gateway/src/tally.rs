//! The absolute numbers that follow from a record: a SIM's counters and the count of all messages.

use modem::{Outcome, Ticket};
use sms::StatusClass;

use crate::book::{Attempt, Book, Phase, SimIdx};
use crate::budget::{self, Period};
use crate::record::{Record, Requeue, Totals, Usage};
use crate::settings::Settings;
use crate::words::UnixMs;

/// What a record adds up to: for its SIM, the SIM's recipients, and all messages. Asked before the record is applied.
pub(crate) fn tally(
    book: &Book,
    settings: &Settings,
    now: UnixMs,
    record: &Record,
) -> [Option<Record>; 4] {
    let [forgotten, reached] = of_recipients(book, settings, now, record);
    [
        of_sim(book, settings, now, record),
        forgotten,
        reached,
        of_all(book, record),
    ]
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
        Record::Requeued {
            message,
            why: Requeue::Anew,
            ..
        } => {
            let live = book.message(*message)?;
            let parts = book.attempts_of(live).count() as u64;
            Some(count(book, |totals| totals.given_up += parts))
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
        | Record::RecipientUsed { .. }
        | Record::RecipientsForgotten { .. }
        | Record::BudgetWarned { .. }
        | Record::Quarantined { .. }
        | Record::BreakerMoved { .. }
        | Record::HubReset { .. }
        | Record::Suppressed { .. }
        | Record::Counted(_) => None,
    }
}

/// The recipients of a SIM that may reach only so many: forgotten when its month begins anew, and one counted or uncounted.
fn of_recipients(
    book: &Book,
    settings: &Settings,
    now: UnixMs,
    record: &Record,
) -> [Option<Record>; 2] {
    if let Record::Started { message, sim, .. } = record
        && let Some(known) = book.sim_by_iccid(sim).map(|sim| book.sim(sim))
        && let Some(live) = book.message(*message)
    {
        let month = known.usage.windows[Period::Month.index()];
        let is_over = now >= month.end && !known.recipients.is_empty();
        let forgotten = is_over.then(|| Record::RecipientsForgotten { sim: sim.clone() });
        if settings.sim(sim).budget.recipients_per_month.is_none() {
            return [forgotten, None];
        }
        let mark = live.message.to.mark();
        let parts = if is_over { 0 } else { known.parts_to(mark) };
        let reached = Record::RecipientUsed {
            sim: sim.clone(),
            mark,
            parts: parts.saturating_add(1),
        };
        return [forgotten, Some(reached)];
    }
    let untried = match record {
        Record::Finished {
            ticket,
            outcome: Outcome::Refused(_),
            ..
        }
        | Record::Returned { ticket, .. } => book.attempt(*ticket),
        Record::Accepted(_)
        | Record::Started { .. }
        | Record::Finished { .. }
        | Record::Resolved { .. }
        | Record::Reported { .. }
        | Record::ReportKept { .. }
        | Record::ReportDropped { .. }
        | Record::Requeued { .. }
        | Record::Ended { .. }
        | Record::SimUsed { .. }
        | Record::Controlled { .. }
        | Record::PinTried { .. }
        | Record::RecipientUsed { .. }
        | Record::RecipientsForgotten { .. }
        | Record::BudgetWarned { .. }
        | Record::Quarantined { .. }
        | Record::BreakerMoved { .. }
        | Record::HubReset { .. }
        | Record::Suppressed { .. }
        | Record::Counted(_) => None,
    };
    [None, untried.and_then(|attempt| uncounted(book, attempt))]
}

/// One part less to the recipient of an attempt that certainly was not sent, if it counts in the running month.
fn uncounted(book: &Book, attempt: &Attempt) -> Option<Record> {
    let known = book.sim(attempt.sim);
    let month = known.usage.windows[Period::Month.index()];
    let mark = book.message(attempt.message)?.message.to.mark();
    let parts = known.parts_to(mark);
    let counts = parts > 0 && (month.start..month.end).contains(&attempt.started);
    counts.then(|| Record::RecipientUsed {
        sim: known.iccid.clone(),
        mark,
        parts: parts - 1,
    })
}

fn of_sim(book: &Book, settings: &Settings, now: UnixMs, record: &Record) -> Option<Record> {
    match record {
        Record::Started { sim, reference, .. } => {
            let calendar = &settings.sim(sim).budget.calendar;
            let sim = book.sim_by_iccid(sim)?;
            Some(used(book, sim, |usage| {
                budget::spend(usage, calendar, now);
                usage.started += 1;
                // A message that goes on after others has an earlier one: only a new one is the next.
                if *reference == usage.reference.wrapping_add(1) {
                    usage.reference = *reference;
                }
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
        | Record::RecipientUsed { .. }
        | Record::RecipientsForgotten { .. }
        | Record::BudgetWarned { .. }
        | Record::Quarantined { .. }
        | Record::BreakerMoved { .. }
        | Record::HubReset { .. }
        | Record::Suppressed { .. }
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
