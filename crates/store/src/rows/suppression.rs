//! Table `suppression`: recipients that nothing is sent to, while they are on the list.

use gateway::{Entry, Record};
use rusqlite::{Connection, Row, params};
use sms::Address;

use super::Cells;
use crate::error::Fault;

/// Puts a recipient on the list, or takes it off.
pub(crate) fn write(
    connection: &Connection,
    entry: &Entry,
    recipient: &Address,
    suppressed: bool,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let recipient = recipient.text();
    if suppressed {
        let mut statement = connection.prepare_cached(REPLACE)?;
        statement.execute(params![
            recipient,
            entry.seq.cast_signed(),
            entry.at.0,
            reason
        ])?;
    } else {
        connection.prepare_cached(DELETE)?.execute([recipient])?;
    }
    Ok(())
}

/// Reads the entry of a row of [`ALL`] or [`AFTER`].
pub(crate) fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, "suppression");
    let recipient = Address::parse(cells.text(2)?).map_err(|_| cells.bad(2, "no recipient"))?;
    Ok(Entry {
        seq: cells.count(0)?,
        at: cells.time(1)?,
        record: Record::Suppressed {
            recipient,
            suppressed: true,
            reason: cells.text_or_null(3)?.map(Into::into),
        },
        standing: None,
    })
}

/// The whole list.
pub(crate) const ALL: &str = "SELECT seq, at_ms, recipient, reason FROM suppression";

/// A page of it, by recipient.
pub(crate) const AFTER: &str = "SELECT seq, at_ms, recipient, reason FROM suppression \
     WHERE recipient > ?1 ORDER BY recipient LIMIT ?2";

const REPLACE: &str =
    "INSERT OR REPLACE INTO suppression (recipient, seq, at_ms, reason) VALUES (?1, ?2, ?3, ?4)";
const DELETE: &str = "DELETE FROM suppression WHERE recipient = ?1";
