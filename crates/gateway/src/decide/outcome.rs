//! What follows from an outcome or a report.

use modem::{Cause, Outcome, Ticket};
use sms::{StatusClass, StatusReport};

use crate::book::{Book, Live, Phase, SimIdx};
use crate::causes::{self, ATTEMPTS_MAX, Verdict};
use crate::floor::Floor;
use crate::record::{EndReason, Record, Requeue};
use crate::reports::{self, Match};
use crate::words::{InDoubt, MessageSeq, MessageState, Now};

use super::Draft;

/// An attempt has its outcome: the record, and what its message does next.
pub(crate) fn finished(book: &Book, now: Now, ticket: Ticket, outcome: &Outcome) -> Draft {
    let Some(attempt) = book
        .attempt(ticket)
        .filter(|attempt| attempt.phase == Phase::Open)
    else {
        return Draft::default();
    };
    let message = attempt.message;
    let Some(live) = book.message(message) else {
        return Draft::default();
    };
    let mut draft = Draft::record(Record::Finished {
        message,
        ticket,
        outcome: outcome.clone(),
    });
    let next = match outcome {
        Outcome::Sent { .. } => None,
        Outcome::Refused(cause) => Some(after_refusal(live, message, now, *cause)),
        Outcome::Unknown(_) => after_doubt(live, message, now),
    };
    draft.records.extend(next);
    draft
}

/// An attempt came back untouched.
pub(crate) fn returned(book: &Book, now: Now, ticket: Ticket) -> Draft {
    let Some(attempt) = book
        .attempt(ticket)
        .filter(|attempt| attempt.phase == Phase::Open)
    else {
        return Draft::default();
    };
    let message = attempt.message;
    let requeued = Record::Requeued {
        message,
        not_before: now.wall,
        why: Requeue::Returned,
    };
    Draft {
        records: vec![Record::Returned { message, ticket }, requeued],
        effects: Vec::new(),
    }
}

/// A late answer came for an attempt of unknown outcome.
pub(crate) fn resolved(book: &Book, ticket: Ticket, mr: u8) -> Draft {
    let Some(attempt) = book
        .attempt(ticket)
        .filter(|attempt| attempt.phase == Phase::Doubt)
    else {
        return Draft::default();
    };
    Draft::record(Record::Resolved {
        message: attempt.message,
        ticket,
        mr: Some(mr),
    })
}

/// A status report came to a SIM. The flag tells whether it is one that came before.
pub(crate) fn report(
    book: &Book,
    floor: &Floor,
    sim: SimIdx,
    report: &StatusReport,
) -> (Draft, bool) {
    let (mr, recipient, said) = (
        report.reference,
        &report.recipient,
        reports::report_of(report),
    );
    let reported = |ticket: Ticket| {
        let message = book.attempt(ticket).map(|attempt| attempt.message);
        message.map(|message| Record::Reported {
            message,
            ticket,
            report: said,
            kept: None,
        })
    };
    match reports::find(book, sim, mr, recipient, &said) {
        Match::Sent(ticket) => (
            Draft {
                records: reported(ticket).into_iter().collect(),
                ..Draft::default()
            },
            false,
        ),
        Match::Doubt(ticket) => {
            let message = book.attempt(ticket).map(|attempt| attempt.message);
            let proof = message.map(|message| Record::Resolved {
                message,
                ticket,
                mr: Some(mr),
            });
            (
                Draft {
                    records: proof.into_iter().chain(reported(ticket)).collect(),
                    ..Draft::default()
                },
                false,
            )
        }
        Match::Nothing if floor.sim(sim).is_some_and(|sim| sim.knows(mr, recipient)) => {
            (Draft::default(), true)
        }
        Match::Nothing => {
            let sim = book.sim(sim).iccid.clone();
            let kept = Record::ReportKept {
                sim,
                mr,
                recipient: recipient.clone(),
                report: said,
            };
            (Draft::record(kept), false)
        }
    }
}

/// What a message does once its parts have changed: it may have ended, or a kept report may be about it.
pub(crate) fn consequence(book: &Book, ticket: Ticket) -> Option<Record> {
    let attempt = book.attempt(ticket)?;
    let live = book.message(attempt.message)?;
    if let Some(early) = early_report(book, ticket) {
        return Some(early);
    }
    if live.has_open() || !live.all_sent() {
        return None;
    }
    let ended = |state, reason| {
        Some(Record::Ended {
            message: attempt.message,
            state,
            reason,
        })
    };
    if !live.message.report {
        return ended(MessageState::Sent, EndReason::Unreported);
    }
    let reports = live.final_reports()?;
    let worst = reports.iter().map(|status| rank(status.class())).max()?;
    match worst {
        Rank::Delivered => ended(MessageState::Delivered, EndReason::Reported),
        Rank::Unconfirmed => ended(MessageState::Unconfirmed, EndReason::Reported),
        Rank::Undelivered => ended(MessageState::Undelivered, EndReason::Reported),
    }
}

/// A report that came before the outcome of its attempt.
fn early_report(book: &Book, ticket: Ticket) -> Option<Record> {
    let attempt = book.attempt(ticket)?;
    let message = attempt.message;
    match attempt.phase {
        Phase::Open => None,
        Phase::Sent { mr } => {
            let (seq, kept) = reports::kept_for(book, ticket, Some(mr?))?;
            Some(Record::Reported {
                message,
                ticket,
                report: kept.report,
                kept: Some(seq),
            })
        }
        Phase::Doubt => {
            let (_, kept) = reports::kept_for(book, ticket, None)?;
            Some(Record::Resolved {
                message,
                ticket,
                mr: Some(kept.mr),
            })
        }
    }
}

fn after_refusal(live: &Live, message: MessageSeq, now: Now, cause: Cause) -> Record {
    let verdict = causes::verdict(cause);
    let ended = |reason| {
        let reason = if live.is_on_air() {
            EndReason::Incomplete
        } else {
            reason
        };
        Record::Ended {
            message,
            state: MessageState::Failed,
            reason,
        }
    };
    // What was sent in doubt before stays in doubt: a refusal of the second try says nothing about the first.
    let is_final = verdict == Verdict::Message || live.attempts >= ATTEMPTS_MAX;
    if is_final && live.resends > 0 {
        return Record::Ended {
            message,
            state: MessageState::Unconfirmed,
            reason: EndReason::InDoubt,
        };
    }
    let wait = match verdict {
        Verdict::Message => return ended(EndReason::Refused),
        Verdict::Moment | Verdict::Sim if live.attempts >= ATTEMPTS_MAX => {
            return ended(EndReason::Attempts);
        }
        // It was certainly not sent: the next SIM may have it at once, unless the fault follows the message.
        Verdict::Sim if live.bound.is_none() && live.attempts <= FAILOVERS_AT_ONCE => {
            std::time::Duration::ZERO
        }
        Verdict::Moment | Verdict::Sim => causes::message_back_off(live.attempts),
    };
    Record::Requeued {
        message,
        not_before: now.wall.plus(wait),
        why: Requeue::Refused,
    }
}

fn after_doubt(live: &Live, message: MessageSeq, now: Now) -> Option<Record> {
    match live.message.in_doubt {
        InDoubt::Resend if live.resends < RESENDS_MAX => Some(Record::Requeued {
            message,
            not_before: now.wall,
            why: Requeue::InDoubt,
        }),
        InDoubt::Resend | InDoubt::Hold => None,
        InDoubt::Fail => Some(Record::Ended {
            message,
            state: MessageState::Unconfirmed,
            reason: EndReason::InDoubt,
        }),
    }
}

/// How good a final report is; a long message is as good as its worst part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Delivered,
    Unconfirmed,
    Undelivered,
}

fn rank(class: StatusClass) -> Rank {
    match class {
        StatusClass::Delivered => Rank::Delivered,
        StatusClass::DeliveredUnconfirmed | StatusClass::Replaced | StatusClass::Trying => {
            Rank::Unconfirmed
        }
        StatusClass::Failed | StatusClass::Expired | StatusClass::Deleted | StatusClass::GaveUp => {
            Rank::Undelivered
        }
    }
}

/// A code that is resent and in doubt again would soon reach its recipient three times.
const RESENDS_MAX: u8 = 1;
/// After that many refusals the message itself is suspect, and waits between tries.
const FAILOVERS_AT_ONCE: u16 = 3;
