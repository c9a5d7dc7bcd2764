//! The event stream: all records that say where a message stands, and the last warnings of SIMs' budgets, in the order in
//! which they were committed.
//!
//! The tables are the outbox. A reader holds the number of the last event it saw and asks for what comes after it, so it
//! misses nothing, whoever was restarted in between.

use std::iter::Peekable;

use gateway::{EndReason, MessageId, MessageState, Record, Requeue, UnixMs, Warning};
use modem::{Doubt, Iccid, Outcome};
use rusqlite::{Connection, Row};

use crate::error::Fault;
use crate::rows::{Cells, message, record, warning};

/// Something became of a message, or a SIM's budget comes near its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Number of the record: the cursor of the stream.
    pub seq: u64,
    /// When it was made.
    pub at: UnixMs,
    /// What happened, as [`Record::kind`] calls it.
    pub kind: &'static str,
    /// The message, unless it is about a budget.
    pub id: Option<MessageId>,
    /// Its state after it.
    pub state: Option<MessageState>,
    /// Whether it had ended.
    pub ended: bool,
    /// Part, from 1, if it is about an attempt.
    pub part: Option<u8>,
    /// SIM, if it is about an attempt or a budget.
    pub sim: Option<Iccid>,
    /// Name of the line, if it is about an attempt.
    pub line: Option<Box<str>>,
    /// `sent`, `refused` or `unknown`, if an attempt finished.
    pub outcome: Option<&'static str>,
    /// Cause of a refusal, a doubt, a requeue or an end.
    pub cause: Option<Box<str>>,
    /// TP-MR, where it became known.
    pub mr: Option<u8>,
    /// TP-ST of a report.
    pub status: Option<sms::Status>,
    /// How far a budget is used.
    pub warning: Option<Warning>,
}

/// Some of the event stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventPage {
    /// The events, in their order.
    pub events: Vec<StoredEvent>,
    /// Events up to this one are not all kept any more: who has not seen them has missed some.
    pub whole_after: u64,
}

pub(super) fn events(
    connection: &Connection,
    after: u64,
    limit: usize,
) -> Result<Vec<StoredEvent>, Fault> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let limit = limit.min(EVENTS_MAX);
    let accepted = read(connection, ACCEPTED, after, limit, accepted)?;
    let happened = read(connection, &happened_query(), after, limit, happened)?;
    let warned = read(connection, warning::AFTER, after, limit, warned)?;
    let of_messages = merge(accepted, happened);
    Ok(merge(of_messages, warned).take(limit).collect())
}

fn read(
    connection: &Connection,
    query: &str,
    after: i64,
    limit: usize,
    event: fn(&Row<'_>) -> Result<StoredEvent, Fault>,
) -> Result<Vec<StoredEvent>, Fault> {
    let limit = i64::try_from(limit).expect("the limit is small");
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query([after, limit])?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(event(row)?);
    }
    Ok(events)
}

/// Both in one order.
fn merge(
    one: impl IntoIterator<Item = StoredEvent>,
    other: Vec<StoredEvent>,
) -> impl Iterator<Item = StoredEvent> {
    let mut one: Peekable<_> = one.into_iter().peekable();
    let mut other: Peekable<_> = other.into_iter().peekable();
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(left), Some(right)) if left.seq < right.seq => one.next(),
        (Some(_), None) => one.next(),
        (Some(_) | None, Some(_)) => other.next(),
        (None, None) => None,
    })
}

fn accepted(row: &Row<'_>) -> Result<StoredEvent, Fault> {
    let cells = Cells::new(row, "message");
    Ok(StoredEvent {
        seq: cells.count(0)?,
        at: cells.time(2)?,
        kind: "accepted",
        id: Some(message::id(&cells, 1)?),
        state: Some(MessageState::Queued),
        ended: false,
        part: None,
        sim: None,
        line: None,
        outcome: None,
        cause: None,
        mr: None,
        status: None,
        warning: None,
    })
}

fn warned(row: &Row<'_>) -> Result<StoredEvent, Fault> {
    let (seq, at, sim, warning) = warning::parts(row)?;
    let record = Record::BudgetWarned {
        sim: sim.clone(),
        warning,
    };
    Ok(StoredEvent {
        seq,
        at,
        kind: record.kind(),
        id: None,
        state: None,
        ended: false,
        part: None,
        sim: Some(sim),
        line: None,
        outcome: None,
        cause: None,
        mr: None,
        status: None,
        warning: Some(warning),
    })
}

/// Reads a row of [`record::COLUMNS`], followed by part, SIM and line of the attempt that it is about.
fn happened(row: &Row<'_>) -> Result<StoredEvent, Fault> {
    let cells = Cells::new(row, "record");
    let entry = record::entry(row)?;
    let standing = entry
        .standing
        .ok_or_else(|| cells.bad(record::STATE, "nothing"))?;
    let facts = Facts::of(&entry.record);
    Ok(StoredEvent {
        seq: entry.seq,
        at: entry.at,
        kind: entry.record.kind(),
        id: Some(standing.id),
        state: Some(standing.state),
        ended: standing.ended,
        part: cells.number_or_null(record::BEHIND)?,
        sim: cells
            .text_or_null(record::BEHIND + 1)?
            .map(|text| Iccid(text.into())),
        line: cells.text_or_null(record::BEHIND + 2)?.map(Into::into),
        outcome: facts.outcome,
        cause: facts.cause,
        mr: facts.mr,
        status: facts.status,
        warning: None,
    })
}

/// What an event tells of its record beyond the attempt.
#[derive(Default)]
struct Facts {
    outcome: Option<&'static str>,
    cause: Option<Box<str>>,
    mr: Option<u8>,
    status: Option<sms::Status>,
}

impl Facts {
    fn of(record: &Record) -> Facts {
        let none = Facts::default();
        match record {
            Record::Finished { outcome, .. } => Facts::of_outcome(outcome),
            Record::Resolved { mr, .. } => Facts {
                outcome: Some(record::SENT),
                mr: *mr,
                ..none
            },
            Record::Reported { report, .. } => Facts {
                status: Some(report.status),
                ..none
            },
            Record::Requeued { why, .. } => Facts {
                cause: word(Requeue::as_str(*why)),
                ..none
            },
            Record::Ended { reason, .. } => Facts {
                cause: word(EndReason::as_str(*reason)),
                ..none
            },
            Record::Accepted(_)
            | Record::Started { .. }
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

    fn of_outcome(outcome: &Outcome) -> Facts {
        let none = Facts {
            outcome: Some(record::outcome_word(outcome)),
            ..Facts::default()
        };
        match outcome {
            Outcome::Sent { mr } => Facts {
                mr: Some(*mr),
                ..none
            },
            Outcome::Refused(cause) => Facts {
                cause: word(&cause.to_string()),
                ..none
            },
            Outcome::Unknown(doubt) => Facts {
                cause: word(Doubt::as_str(*doubt)),
                ..none
            },
        }
    }
}

fn word(word: &str) -> Option<Box<str>> {
    Some(word.into())
}

pub(crate) fn happened_query() -> String {
    format!(
        "SELECT {}, coalesce(r.part, attempt.part), coalesce(r.sim, attempt.sim), coalesce(r.line, attempt.line) \
         FROM record r CROSS JOIN message m ON m.seq = r.message LEFT JOIN record attempt ON attempt.seq = r.ticket \
         WHERE r.seq > ?1 AND r.state IS NOT NULL ORDER BY r.seq LIMIT ?2",
        record::COLUMNS
    )
}

pub(crate) const ACCEPTED: &str =
    "SELECT seq, id, accepted_ms FROM message WHERE seq > ?1 ORDER BY seq LIMIT ?2";

/// Events in one answer at most: some megabytes, and some ten milliseconds of reading.
pub const EVENTS_MAX: usize = 10_000;
