//! Table `budget_warning`: limits of SIMs that came near their end, the last time of each limit and mark.

use gateway::{Entry, Record, UnixMs, Warning};
use modem::Iccid;
use rusqlite::{Connection, Row, params};

use super::{Cells, words};
use crate::error::Fault;

/// Notes a warning, in place of the last one of the same limit and mark.
pub(crate) fn write(
    connection: &Connection,
    entry: &Entry,
    sim: &Iccid,
    warning: &Warning,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(REPLACE)?;
    statement.execute(params![
        entry.seq.cast_signed(),
        entry.at.0,
        sim.0,
        warning.budget,
        warning.percent,
        warning.used,
        warning.limit,
        warning.resets.map(|at| at.0),
    ])?;
    Ok(())
}

/// Reads the entry of a row of [`ALL`] or [`AFTER`].
pub(crate) fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    let (seq, at, sim, warning) = parts(row)?;
    Ok(Entry {
        seq,
        at,
        record: Record::BudgetWarned { sim, warning },
        standing: None,
    })
}

/// Reads number, time, SIM and warning of a row of [`ALL`] or [`AFTER`].
pub(crate) fn parts(row: &Row<'_>) -> Result<(u64, UnixMs, Iccid, Warning), Fault> {
    let cells = Cells::new(row, "budget_warning");
    let warning = Warning {
        budget: cells.word(3, words::budget)?,
        percent: cells.number(4)?,
        used: cells.number(5)?,
        limit: cells.number(6)?,
        resets: cells.time_or_null(7)?,
    };
    let sim = Iccid(cells.text(2)?.into());
    Ok((cells.count(0)?, cells.time(1)?, sim, warning))
}

/// All warnings.
pub(crate) const ALL: &str =
    "SELECT seq, at_ms, iccid, budget, percent, used, allowed, resets_ms FROM budget_warning";

/// Those after a record, in their order.
pub(crate) const AFTER: &str = "SELECT seq, at_ms, iccid, budget, percent, used, allowed, resets_ms FROM budget_warning \
     WHERE seq > ?1 ORDER BY seq LIMIT ?2";

const REPLACE: &str = "INSERT OR REPLACE INTO budget_warning (seq, at_ms, iccid, budget, percent, used, allowed, resets_ms) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
