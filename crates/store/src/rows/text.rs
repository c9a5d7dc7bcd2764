//! Table `text`: what messages say. A row is written once, behind all others, and stays where it is until it says nothing.
//!
//! SQLite moves rows from page to page as their neighbours grow and shrink, and may leave a copy of a moved row in the
//! unused middle of its old page, where overwriting the row does not reach it. So texts have a table in which nothing
//! grows, shrinks or comes between others: one that goes is overwritten by as many spaces, in its place, and rows are
//! deleted only far from those that still say something (`sweep::texts`).

use gateway::MessageSeq;
use rusqlite::Connection;

use super::Cells;
use crate::error::Fault;

/// Writes the text of a message that was just accepted.
pub(crate) fn insert(connection: &Connection, of: u64, text: &str) -> Result<(), Fault> {
    let mut statement =
        connection.prepare_cached("INSERT INTO text (seq, text) VALUES (?1, ?2)")?;
    statement.execute((of.cast_signed(), text))?;
    Ok(())
}

/// Overwrites the text of a message.
pub(crate) fn overwrite(connection: &Connection, of: i64) -> Result<(), Fault> {
    connection.prepare_cached(OVERWRITE)?.execute([of])?;
    Ok(())
}

/// The texts of these messages, in their order.
pub(crate) fn read(connection: &Connection, of: &[MessageSeq]) -> Result<Vec<Box<str>>, Fault> {
    let mut statement = connection.prepare_cached(READ)?;
    let mut texts = Vec::with_capacity(of.len());
    for seq in of {
        let mut rows = statement.query([seq.0.cast_signed()])?;
        let row = rows.next()?.ok_or_else(|| {
            Fault::Damaged(format!(
                "the text of message {} is not there, and was accepted",
                seq.0
            ))
        })?;
        texts.push(Cells::new(row, "text").text(1)?.into());
    }
    Ok(texts)
}

pub(crate) const READ: &str = "SELECT seq, text FROM text WHERE seq = ?1";

/// A value of the same size is written over the old one, also where it fills pages of its own.
const OVERWRITE: &str =
    "UPDATE text SET text = format('%*s', octet_length(text), '') WHERE seq = ?1";
