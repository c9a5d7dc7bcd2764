//! What follows from an outcome or a report.

use std::time::Duration;

use modem::{Outcome, Ticket};
use sms::StatusClass;

use crate::book::{Attempt, Book, KeptReport, Live, Part, SimIdx};
use crate::causes::{self, CauseClass, REFUSALS_MAX};
use crate::floor::Floor;
use crate::record::{EndReason, Record, Report, Requeue};
use crate::reports::{self, Heard, Match};
use crate::settings::Settings;
use crate::words::{InDoubt, MessageSeq, MessageState, Now};

/// What a refusal comes to, its cause, its number and its evidence weighed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ruling {
    pub(crate) class: CauseClass,
    /// Back-off of the message, without its jitter.
    pub(crate) wait: Duration,
    /// How long the SIM is taken out, if it is.
    pub(crate) sick_for: Option<Duration>,
    /// Whether the operator is at fault, and nothing is held against the SIM.
    pub(crate) incident: bool,
}

/// What a message does after an attempt of it was refused, came back or became unknown. Asked when that is applied and
/// kept reports have been looked through: `attempt` is as it was before.
pub(crate) fn next_step(
    book: &Book,
    settings: &Settings,
    now: Now,
    attempt: &Attempt,
    outcome: Option<&Outcome>,
    ruling: Option<Ruling>,
) -> Option<Record> {
    let message = attempt.message;
    let live = book.message(message)?;
    match (outcome, live.part(attempt.part)) {
        (None, Part::Waiting) => Some(Record::Requeued {
            message,
            not_before: now.wall,
            why: Requeue::Returned,
        }),
        (Some(Outcome::Refused(_)), Part::Waiting) => {
            let ruling = ruling.expect("a refusal was weighed");
            Some(after_refusal(
                book,
                live,
                message,
                now,
                ruling,
                settings.seed,
            ))
        }
        (Some(Outcome::Unknown(_)), Part::Doubt) => after_doubt(live, message, now),
        // It is on the air, or an earlier attempt of the same part has been proven to be.
        (None | Some(Outcome::Sent { .. } | Outcome::Refused(_) | Outcome::Unknown(_)), _) => None,
    }
}

/// A status report came to a SIM and was matched.
pub(crate) fn report(book: &Book, heard: &Heard<'_>, matched: Match) -> Vec<Record> {
    match matched {
        Match::Sent(ticket) => reported(book, ticket, heard.report, None)
            .into_iter()
            .collect(),
        Match::Doubt(ticket) => {
            let proof = proven(book, ticket, heard.mr);
            let report = reported(book, ticket, heard.report, None);
            proof.into_iter().chain(report).collect()
        }
        Match::Past => Vec::new(),
        Match::Nothing | Match::Unclear => vec![Record::ReportKept {
            sim: book.sim(heard.sim).iccid.clone(),
            mr: heard.mr,
            recipient: heard.recipient.clone(),
            report: heard.report,
        }],
    }
}

/// What a kept report of this SIM turns out to be about, now that an outcome is in.
pub(crate) fn claimed(book: &Book, floor: &Floor, sim: SimIdx) -> Option<Record> {
    let on_sim = book.kept().filter(|(_, kept)| kept.sim == sim);
    let claim = |(seq, kept): (u64, &KeptReport)| {
        let heard = Heard {
            sim,
            mr: kept.mr,
            recipient: &kept.recipient,
            report: kept.report,
            at: kept.since,
            kept: Some(seq),
        };
        match reports::find(book, floor, &heard) {
            Match::Sent(ticket) => reported(book, ticket, kept.report, Some(seq)),
            Match::Doubt(ticket) => proven(book, ticket, kept.mr),
            Match::Past => Some(Record::ReportDropped { kept: seq }),
            Match::Nothing | Match::Unclear => None,
        }
    };
    on_sim.filter_map(claim).next()
}

/// The end of a message whose parts are all on the air, once their reports are in.
pub(crate) fn conclusion(book: &Book, message: MessageSeq) -> Option<Record> {
    let live = book.message(message).filter(|live| live.all_sent())?;
    let ended = |state, reason| {
        Some(Record::Ended {
            message,
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

fn reported(book: &Book, ticket: Ticket, report: Report, kept: Option<u64>) -> Option<Record> {
    let message = book.attempt(ticket)?.message;
    Some(Record::Reported {
        message,
        ticket,
        report,
        kept,
    })
}

fn proven(book: &Book, ticket: Ticket, mr: u8) -> Option<Record> {
    let message = book.attempt(ticket)?.message;
    Some(Record::Resolved {
        message,
        ticket,
        mr: Some(mr),
    })
}

fn after_refusal(
    book: &Book,
    live: &Live,
    message: MessageSeq,
    now: Now,
    ruling: Ruling,
    seed: u64,
) -> Record {
    let refusals = u16::from(live.refusals);
    let is_hopeless = match ruling.class {
        CauseClass::Permanent => true,
        CauseClass::Configuration => refusals >= CONFIGURATION_TRIES,
        CauseClass::SameSim
        | CauseClass::OtherSim
        | CauseClass::SimSick
        | CauseClass::Barred
        | CauseClass::ModemSick
        | CauseClass::Wait
        | CauseClass::Unknown => false,
    };
    if is_hopeless || refusals >= REFUSALS_MAX {
        let reason = if is_hopeless {
            EndReason::Refused
        } else {
            EndReason::Attempts
        };
        return given_up(book, live, message, reason);
    }
    let at_once = match ruling.class {
        CauseClass::OtherSim
        | CauseClass::SimSick
        | CauseClass::ModemSick
        | CauseClass::Configuration => !book.is_begun(live) && refusals <= FAILOVERS_AT_ONCE,
        CauseClass::SameSim
        | CauseClass::Barred
        | CauseClass::Wait
        | CauseClass::Permanent
        | CauseClass::Unknown => false,
    };
    // It was certainly not sent: the next SIM may have it at once, unless the fault follows the message or the operator
    // has barred its SIM, which is nothing to walk around.
    let wait = if at_once {
        Duration::ZERO
    } else {
        causes::jittered(ruling.wait, seed, message.0, refusals)
    };
    let not_before = now.wall.plus(wait);
    super::forsaken(book, message, not_before).unwrap_or(Record::Requeued {
        message,
        not_before,
        why: Requeue::Refused,
    })
}

/// The end of a message that is not tried again. What was sent in doubt before stays in doubt: a refusal of the second
/// try says nothing about the first.
fn given_up(book: &Book, live: &Live, message: MessageSeq, reason: EndReason) -> Record {
    let (state, reason) = if book.is_in_doubt(live) {
        (MessageState::Unconfirmed, EndReason::InDoubt)
    } else if book.is_on_air(live) {
        (MessageState::Failed, EndReason::Incomplete)
    } else {
        (MessageState::Failed, reason)
    };
    Record::Ended {
        message,
        state,
        reason,
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
/// Refusals that blame the message's form, after which it ends: one SIM, and another to be sure.
const CONFIGURATION_TRIES: u16 = 2;
