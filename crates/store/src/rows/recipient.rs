//! Table `sim_recipient`: whom SIMs with a limit of recipients have reached in their month, by marks.

use gateway::{Entry, Record};
use modem::Iccid;
use rusqlite::{Connection, Row, params};

use super::Cells;
use crate::error::Fault;

/// Notes how many parts went to a recipient; none: it was not reached after all.
pub(crate) fn write(
    connection: &Connection,
    entry: &Entry,
    sim: &Iccid,
    mark: u64,
    parts: u32,
) -> Result<(), Fault> {
    if parts == 0 {
        let mut statement = connection.prepare_cached(DELETE)?;
        statement.execute(params![sim.0, mark.cast_signed()])?;
        return Ok(());
    }
    let mut statement = connection.prepare_cached(REPLACE)?;
    statement.execute(params![
        sim.0,
        mark.cast_signed(),
        entry.seq.cast_signed(),
        entry.at.0,
        parts,
    ])?;
    Ok(())
}

/// Forgets all recipients of a SIM.
pub(crate) fn forget(connection: &Connection, sim: &Iccid) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(FORGET)?;
    statement.execute(params![sim.0])?;
    Ok(())
}

/// Reads the entry of a row of [`REACHED`].
pub(crate) fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, "sim_recipient");
    Ok(Entry {
        seq: cells.count(0)?,
        at: cells.time(1)?,
        record: Record::RecipientUsed {
            sim: Iccid(cells.text(2)?.into()),
            mark: cells.pattern(3)?,
            parts: cells.number(4)?,
        },
        standing: None,
    })
}

/// All that were reached.
pub(crate) const REACHED: &str = "SELECT seq, at_ms, iccid, mark, parts FROM sim_recipient";

const REPLACE: &str = "INSERT OR REPLACE INTO sim_recipient (iccid, mark, seq, at_ms, parts) \
     VALUES (?1, ?2, ?3, ?4, ?5)";
const DELETE: &str = "DELETE FROM sim_recipient WHERE iccid = ?1 AND mark = ?2";
const FORGET: &str = "DELETE FROM sim_recipient WHERE iccid = ?1";
