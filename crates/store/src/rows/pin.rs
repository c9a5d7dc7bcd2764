//! Table `pin_try`: PINs that were given to SIMs, by fingerprint. None is ever removed.

use gateway::{Entry, Record};
use modem::Iccid;
use rusqlite::{Connection, Row, params};

use super::Cells;
use crate::error::Fault;

/// Notes that a PIN is about to be given to a SIM.
pub(crate) fn insert(
    connection: &Connection,
    entry: &Entry,
    sim: &Iccid,
    line: &str,
    fingerprint: u64,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(INSERT)?;
    statement.execute(params![
        entry.seq.cast_signed(),
        entry.at.0,
        sim.0,
        line,
        fingerprint.cast_signed(),
    ])?;
    Ok(())
}

/// Reads the entry of a row of [`TRIES`].
pub(crate) fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, "pin_try");
    Ok(Entry {
        seq: cells.count(0)?,
        at: cells.time(1)?,
        record: Record::PinTried {
            sim: Iccid(cells.text(2)?.into()),
            line: cells.text(3)?.into(),
            fingerprint: cells.pattern(4)?,
        },
        standing: None,
    })
}

/// All tries.
pub(crate) const TRIES: &str = "SELECT seq, at_ms, iccid, line, fingerprint FROM pin_try";

const INSERT: &str =
    "INSERT INTO pin_try (seq, at_ms, iccid, line, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5)";
