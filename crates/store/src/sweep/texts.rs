//! Erasing texts, and deleting the rows of those whose messages are deleted.
//!
//! ```text
//!  table `text`   ──────────── gone ────────────      ─────────── gone ───────────
//!                 ░░░░░░░░░░░░░░░░░░░░│ margin │▓▓▓▓▓▓│ margin │░░░░░░░│ margin │▓▓▓▓▓▓▓    ▓ message is there
//!                      deleted                                  deleted
//! ```
//!
//! Deleting a row may make SQLite join its page with the two beside it. A margin fills more than three pages, so that no
//! text of a message that is there is ever moved, and none leaves a copy.

use gateway::{Class, UnixMs};
use rusqlite::{Connection, OptionalExtension, params};

use super::{Slice, begin, each, numbers};
use crate::error::Fault;
use crate::rows::text;

/// Erases texts of a class, and of their recipients all but the beginning if so wanted.
pub(crate) fn erase(
    connection: &mut Connection,
    class: Class,
    until: UnixMs,
    now: UnixMs,
    with_recipients: bool,
) -> Result<Slice, Fault> {
    let transaction = begin(connection)?;
    let due = numbers(&transaction, READABLE, params![class.as_str(), until.0])?;
    let slice = each(&due, |seq| {
        text::overwrite(&transaction, *seq)?;
        let mut statement = transaction.prepare_cached(ERASE)?;
        statement.execute(params![seq, now.0, with_recipients])?;
        Ok(1)
    })?;
    transaction.commit()?;
    Ok(slice)
}

/// Deletes some of the rows whose messages are deleted, but for the margins: first before the first message, then after
/// message `place`, which moves on and begins anew behind the messages that were accepted until then.
pub(crate) fn delete(
    connection: &mut Connection,
    place: &mut i64,
    until: UnixMs,
) -> Result<Slice, Fault> {
    let transaction = begin(connection)?;
    let first: Option<i64> = transaction
        .prepare_cached(FIRST)?
        .query_row([], |row| row.get(0))
        .optional()?;
    let mut swept = delete_between(&transaction, 0, first.unwrap_or(i64::MAX))?;
    if swept == 0 {
        (swept, *place) = delete_after(&transaction, *place, until)?;
    }
    transaction.commit()?;
    Ok(Slice {
        swept,
        more: swept > 0,
        held: false,
    })
}

/// Looks for gaps between messages that are there, and deletes in the first one; says how much, and how far it got.
fn delete_after(
    connection: &Connection,
    mut place: i64,
    until: UnixMs,
) -> Result<(u64, i64), Fault> {
    let mut statement = connection.prepare_cached(FOLLOWING)?;
    let mut rows = statement.query([place])?;
    for _ in 0..WALK_MAX {
        let next = rows.next()?;
        let (next, accepted_ms) = match next {
            Some(row) => (row.get(0)?, row.get(1)?),
            None => (i64::MAX, i64::MAX),
        };
        let swept = match place {
            0 => 0,
            _ => delete_between(connection, place, next)?,
        };
        if swept > 0 {
            return Ok((swept, place));
        }
        // Whoever was accepted later than that has not been deleted.
        if accepted_ms > until.0 || next == i64::MAX {
            return Ok((0, 0));
        }
        place = next;
    }
    Ok((0, place))
}

/// Deletes rows between two messages (0: none), between which there is no other.
fn delete_between(connection: &Connection, one: i64, other: i64) -> Result<u64, Fault> {
    if other.saturating_sub(one) <= MARGIN {
        return Ok(0);
    }
    let edge = |query, of: i64| -> Result<Option<i64>, Fault> {
        let mut statement = connection.prepare_cached(query)?;
        let edge = statement.query_row([of, MARGIN], |row| row.get(0));
        Ok(edge.optional()?)
    };
    let from = match one {
        0 => Some(0),
        _ => edge(MARGIN_AFTER, one)?,
    };
    let (Some(from), Some(to)) = (from, edge(MARGIN_BEFORE, other)?) else {
        return Ok(0);
    };
    let mut delete = connection.prepare_cached(DELETE)?;
    Ok(delete.execute([from, to])? as u64)
}

pub(crate) const READABLE: &str = "SELECT seq FROM message INDEXED BY message_readable WHERE class = ?1 \
     AND ended_ms IS NOT NULL AND erased_ms IS NULL AND ended_ms <= ?2 ORDER BY ended_ms LIMIT 64";

/// Of a number, five characters stay, and never more than half: the country and the beginning of the operator's range.
const ERASE: &str = "UPDATE message SET erased_ms = ?2, \
     recipient_cut = CASE WHEN ?3 THEN length(recipient) - min(5, length(recipient) / 2) ELSE 0 END, \
     recipient = CASE WHEN ?3 THEN substr(recipient, 1, min(5, length(recipient) / 2)) ELSE recipient END \
     WHERE seq = ?1";

const FIRST: &str = "SELECT seq FROM message ORDER BY seq LIMIT 1";

pub(crate) const FOLLOWING: &str =
    "SELECT seq, accepted_ms FROM message WHERE seq > ?1 ORDER BY seq";

pub(crate) const MARGIN_AFTER: &str =
    "SELECT seq FROM text WHERE seq > ?1 ORDER BY seq LIMIT 1 OFFSET ?2";

pub(crate) const MARGIN_BEFORE: &str =
    "SELECT seq FROM text WHERE seq < ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2";

const DELETE: &str = "DELETE FROM text WHERE seq IN \
     (SELECT seq FROM text WHERE seq > ?1 AND seq < ?2 ORDER BY seq LIMIT 1024)";

/// Rows that stay beside a message that is there.
pub(crate) const MARGIN: i64 = 2_100;
/// Messages that a slice looks at: less than a millisecond.
const WALK_MAX: usize = 1_024;
/// The shortest row takes 6 octets of its page.
const ROWS_PER_PAGE_MAX: i64 = 4_096 / 6;

const _: () = assert!(MARGIN > 3 * ROWS_PER_PAGE_MAX);
