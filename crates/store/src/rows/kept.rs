//! Table `kept_report`: status reports that came before the attempt they belong to was known to be sent.
//!
//! A settled report stays in the table, with the record that settled it, for people who look for a lost report.

use gateway::{Entry, Record, Report, UnixMs};
use modem::Iccid;
use rusqlite::{Connection, Row, params};
use sms::Address;

use super::{Cells, address};
use crate::error::Fault;

/// A report as it came.
pub(crate) struct Kept<'a> {
    pub(crate) sim: &'a Iccid,
    pub(crate) mr: u8,
    pub(crate) recipient: &'a Address,
    pub(crate) report: &'a Report,
}

/// Writes a report that fits no attempt yet.
pub(crate) fn insert(connection: &Connection, entry: &Entry, kept: &Kept<'_>) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(INSERT)?;
    statement.execute(params![
        entry.seq.cast_signed(),
        entry.at.0,
        kept.sim.0,
        kept.mr,
        kept.recipient.text(),
        address::type_octet(kept.recipient),
        kept.report.status.0,
        kept.report.taken.map(|at| at.0),
        kept.report.discharged.map(|at| at.0),
    ])?;
    Ok(())
}

/// Notes which record attributed the report or gave it up.
pub(crate) fn settle(connection: &Connection, kept: u64, by: &Entry) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(SETTLE)?;
    let changed = statement.execute(params![kept.cast_signed(), by.seq.cast_signed(), by.at.0])?;
    if changed == 0 {
        return Err(Fault::Damaged(format!(
            "kept report {kept} is not there, and record {} was to settle it",
            by.seq
        )));
    }
    Ok(())
}

/// Reads the entry of a row of [`COLUMNS`].
pub(crate) fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, TABLE);
    let recipient = address::parse(cells.text(4)?, cells.number(5)?)
        .ok_or_else(|| cells.bad(4, "no address"))?;
    Ok(Entry {
        seq: cells.count(0)?,
        at: UnixMs(cells.integer(1)?),
        record: Record::ReportKept {
            sim: Iccid(cells.text(2)?.into()),
            mr: cells.number(3)?,
            recipient,
            report: Report {
                status: sms::Status(cells.number(6)?),
                taken: cells.time_or_null(7)?,
                discharged: cells.time_or_null(8)?,
            },
        },
        standing: None,
    })
}

const TABLE: &str = "kept_report";

const INSERT: &str = "INSERT INTO kept_report (seq, at_ms, sim, mr, recipient, recipient_type, status, taken_ms, \
     discharged_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

const SETTLE: &str = "UPDATE kept_report SET settled_seq = ?2, settled_ms = ?3 WHERE seq = ?1";

/// What [`entry`] reads.
pub(crate) const COLUMNS: &str =
    "seq, at_ms, sim, mr, recipient, recipient_type, status, taken_ms, discharged_ms";
