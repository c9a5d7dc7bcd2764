//! Table `record`: what happened to a message after it was accepted.

use gateway::{Entry, MessageId, MessageSeq, Record, Report, Standing};
use modem::{Iccid, Outcome, Ticket};
use rusqlite::{Connection, Row, params};

use super::{Cells, message, words};
use crate::error::Fault;

/// Writes a record that is about a message.
pub(crate) fn insert(
    connection: &Connection,
    entry: &Entry,
    about: MessageSeq,
) -> Result<(), Fault> {
    let facts = Facts::of(&entry.record);
    let mut statement = connection.prepare_cached(INSERT)?;
    statement.execute(params![
        entry.seq.cast_signed(),
        about.0.cast_signed(),
        entry.at.0,
        entry.record.kind(),
        entry
            .standing
            .map(|standing| message::number(standing.state)),
        entry.standing.map(|standing| standing.ended),
        facts.ticket.map(|ticket| ticket.0.cast_signed()),
        facts.part,
        facts.sim,
        facts.line,
        facts.reference,
        facts.outcome,
        facts.cause,
        facts.mr,
        facts.report.map(|report| report.status.0),
        facts.report.and_then(|report| report.taken).map(|at| at.0),
        facts
            .report
            .and_then(|report| report.discharged)
            .map(|at| at.0),
        facts.kept.map(u64::cast_signed),
        facts.not_before,
        facts.reason,
        facts.submitted,
        facts.raw,
    ])?;
    Ok(())
}

/// Reads the entry of a row of [`COLUMNS`].
pub(crate) fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, TABLE);
    let about = MessageSeq(cells.count(1)?);
    let id = message::id(&cells, 22)?;
    Ok(Entry {
        seq: cells.count(0)?,
        at: cells.time(2)?,
        record: record(&cells, about)?,
        standing: standing(&cells, about, id)?,
    })
}

/// The word of an outcome.
pub(crate) fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent { .. } => SENT,
        Outcome::Refused(_) => REFUSED,
        Outcome::Unknown(_) => UNKNOWN,
    }
}

/// The columns of a record that not every kind has.
#[derive(Default)]
struct Facts<'a> {
    ticket: Option<Ticket>,
    part: Option<u8>,
    sim: Option<&'a str>,
    line: Option<&'a str>,
    reference: Option<u8>,
    outcome: Option<&'static str>,
    cause: Option<String>,
    mr: Option<u8>,
    report: Option<Report>,
    kept: Option<u64>,
    not_before: Option<i64>,
    reason: Option<&'static str>,
    submitted: Option<i64>,
    raw: Option<&'a str>,
}

impl<'a> Facts<'a> {
    fn of(record: &'a Record) -> Facts<'a> {
        let none = Facts {
            ticket: record.ticket(),
            ..Facts::default()
        };
        match record {
            Record::Started {
                part,
                sim,
                line,
                reference,
                ..
            } => Facts {
                part: Some(*part),
                sim: Some(&sim.0),
                line: Some(line),
                reference: Some(*reference),
                ..none
            },
            Record::Finished {
                outcome,
                submitted,
                raw,
                ..
            } => Facts {
                ticket: none.ticket,
                submitted: submitted.map(|at| at.0),
                raw: raw.as_deref(),
                ..Facts::of_outcome(outcome)
            },
            Record::Resolved { mr, .. } => Facts { mr: *mr, ..none },
            Record::Reported { report, kept, .. } => Facts {
                report: Some(*report),
                kept: *kept,
                ..none
            },
            Record::Requeued {
                not_before, why, ..
            } => Facts {
                not_before: Some(not_before.0),
                reason: Some(why.as_str()),
                ..none
            },
            Record::Ended { reason, .. } => Facts {
                reason: Some(reason.as_str()),
                ..none
            },
            Record::Accepted(_)
            | Record::Returned { .. }
            | Record::ReportKept { .. }
            | Record::ReportDropped { .. }
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
            | Record::Counted(_) => none,
        }
    }

    fn of_outcome(outcome: &Outcome) -> Facts<'static> {
        let none = Facts {
            outcome: Some(outcome_word(outcome)),
            ..Facts::default()
        };
        match outcome {
            Outcome::Sent { mr } => Facts {
                mr: Some(*mr),
                ..none
            },
            Outcome::Refused(cause) => Facts {
                cause: Some(cause.to_string()),
                ..none
            },
            Outcome::Unknown(doubt) => Facts {
                cause: Some(doubt.as_str().to_owned()),
                ..none
            },
        }
    }
}

/// The words must be those of [`Record::kind`].
fn record(cells: &Cells<'_>, about: MessageSeq) -> Result<Record, Fault> {
    let message = about;
    let ticket = || cells.count(6).map(Ticket);
    match cells.text(3)? {
        "started" => Ok(Record::Started {
            message,
            part: cells.number(7)?,
            sim: Iccid(cells.text(8)?.into()),
            line: cells.text(9)?.into(),
            reference: cells.number(10)?,
        }),
        "finished" => Ok(Record::Finished {
            message,
            ticket: ticket()?,
            outcome: outcome(cells)?,
            submitted: cells.time_or_null(20)?,
            raw: cells.text_or_null(21)?.map(Into::into),
        }),
        "returned" => Ok(Record::Returned {
            message,
            ticket: ticket()?,
        }),
        "resolved" => Ok(Record::Resolved {
            message,
            ticket: ticket()?,
            mr: cells.number_or_null(13)?,
        }),
        "reported" => Ok(Record::Reported {
            message,
            ticket: ticket()?,
            report: report(cells)?,
            kept: cells.count_or_null(17)?,
        }),
        "requeued" => Ok(Record::Requeued {
            message,
            not_before: cells.time(18)?,
            why: cells.word(19, words::requeue)?,
        }),
        "ended" => Ok(Record::Ended {
            message,
            state: message::state(cells, 4)?,
            reason: cells.word(19, words::end_reason)?,
        }),
        kind => Err(cells.bad_word(3, kind)),
    }
}

fn outcome(cells: &Cells<'_>) -> Result<Outcome, Fault> {
    match cells.text(11)? {
        SENT => Ok(Outcome::Sent {
            mr: cells.number(13)?,
        }),
        REFUSED => cells.word(12, words::cause).map(Outcome::Refused),
        UNKNOWN => cells.word(12, words::doubt).map(Outcome::Unknown),
        word => Err(cells.bad_word(11, word)),
    }
}

fn report(cells: &Cells<'_>) -> Result<Report, Fault> {
    Ok(Report {
        status: sms::Status(cells.number(14)?),
        taken: cells.time_or_null(15)?,
        discharged: cells.time_or_null(16)?,
    })
}

fn standing(
    cells: &Cells<'_>,
    message: MessageSeq,
    id: MessageId,
) -> Result<Option<Standing>, Fault> {
    if cells.integer_or_null(4)?.is_none() {
        return Ok(None);
    }
    Ok(Some(Standing {
        message,
        id,
        state: message::state(cells, 4)?,
        ended: cells.yes(5)?,
    }))
}

const TABLE: &str = "record";

/// What [`entry`] reads: table `record` as `r`, and its message as `m`.
pub(crate) const COLUMNS: &str = "r.seq, r.message, r.at_ms, r.kind, r.state, r.ended, r.ticket, r.part, r.sim, r.line, \
     r.reference, r.outcome, r.cause, r.mr, r.status, r.taken_ms, r.discharged_ms, r.kept, r.not_before_ms, r.reason, \
     r.handed_ms, r.raw, m.id";

const INSERT: &str = "INSERT INTO record (seq, message, at_ms, kind, state, ended, ticket, part, sim, line, reference, \
     outcome, cause, mr, status, taken_ms, discharged_ms, kept, not_before_ms, reason, handed_ms, raw) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)";

/// Column of [`COLUMNS`] that holds the state.
pub(crate) const STATE: usize = 4;
/// The first column behind [`COLUMNS`].
pub(crate) const BEHIND: usize = 23;

/// The outcome of an attempt that is on the air.
pub(crate) const SENT: &str = "sent";
const REFUSED: &str = "refused";
const UNKNOWN: &str = "unknown";
