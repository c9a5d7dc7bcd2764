//! Searching messages, newest first, a page at a time.
//!
//! The store is walked from the newest message down, in windows of [`WINDOW`] record numbers, so that a search which
//! matches almost nothing is interrupted between two windows instead of holding a snapshot for long; for one recipient, in
//! windows of as many of its messages, so that years between two of them cost nothing. The cursor is the
//! number of a record: messages that are accepted while somebody pages through do not shift the pages.

use std::time::{Duration, Instant};

use gateway::{Class, MessageState, UnixMs};
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension};

use super::{Summary, summary};
use crate::error::Fault;
use crate::rows::message;

/// Which messages are wanted. The default is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// To this recipient, in canonical form.
    pub to: Option<String>,
    /// In this state now.
    pub state: Option<MessageState>,
    /// Of this class.
    pub class: Option<Class>,
    /// Accepted at this time or later.
    pub since: Option<UnixMs>,
    /// How many at most: 1 to [`PAGE_MAX`], and silently put into this range.
    pub limit: usize,
    /// Only those before this record: [`Page::next`] of the page before.
    pub before: Option<u64>,
}

/// Some of the messages that were searched for.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The messages, newest first. May be fewer than asked for, even none, though more follow.
    pub messages: Vec<Summary>,
    /// [`Filter::before`] of the next page; `None` if this is the last.
    pub next: Option<u64>,
}

/// How far one search goes.
pub(crate) struct Reach {
    /// Record numbers looked at by one statement.
    pub(crate) window: i64,
    /// After which no further window is looked at.
    pub(crate) time_max: Duration,
}

impl Default for Reach {
    fn default() -> Self {
        Reach {
            window: WINDOW,
            time_max: SEARCH_TIME_MAX,
        }
    }
}

pub(crate) fn search(
    connection: &Connection,
    filter: &Filter,
    reach: &Reach,
) -> Result<Page, Fault> {
    let begun = Instant::now();
    let wanted = filter.limit.clamp(1, PAGE_MAX);
    let mut messages = Vec::new();
    let (lowest, highest) = bounds(connection)?;
    let before = filter
        .before
        .map_or(i64::MAX, |seq| i64::try_from(seq).unwrap_or(i64::MAX));
    let mut before = before.min(highest.saturating_add(1));
    while before > lowest {
        let from = match &filter.to {
            Some(to) => oldest_to(connection, to, before, reach.window)?,
            None => before.saturating_sub(reach.window),
        };
        let from = from.max(lowest);
        // One more than is wanted tells whether another page follows.
        let limit = wanted + 1 - messages.len();
        window(connection, filter, from, before, limit, &mut messages)?;
        if messages.len() > wanted {
            messages.truncate(wanted);
            let next = messages.last().map(|last| last.seq.0);
            return Ok(Page { messages, next });
        }
        before = from;
        if begun.elapsed() >= reach.time_max && before > lowest {
            let next = Some(before.cast_unsigned());
            return Ok(Page { messages, next });
        }
    }
    Ok(Page {
        messages,
        next: None,
    })
}

/// The numbers of the oldest and the newest message; an empty range if there is none.
fn bounds(connection: &Connection) -> Result<(i64, i64), Fault> {
    let edge = |query| -> Result<Option<i64>, Fault> {
        let mut statement = connection.prepare_cached(query)?;
        Ok(statement.query_row([], |row| row.get(0)).optional()?)
    };
    let lowest = edge("SELECT seq FROM message ORDER BY seq LIMIT 1")?;
    let highest = edge("SELECT seq FROM message ORDER BY seq DESC LIMIT 1")?;
    Ok((lowest.unwrap_or(1), highest.unwrap_or(0)))
}

/// A recipient's messages are few and far between, so a window of them is counted in messages: the number of the oldest.
fn oldest_to(connection: &Connection, to: &str, before: i64, window: i64) -> Result<i64, Fault> {
    let mut statement = connection.prepare_cached(OLDEST_TO)?;
    let oldest: Option<i64> = statement
        .query_row((to, before, window), |row| row.get(0))
        .optional()?;
    Ok(oldest.unwrap_or(0))
}

/// Adds the messages from number `from` until just below `before`, newest first.
fn window(
    connection: &Connection,
    filter: &Filter,
    from: i64,
    before: i64,
    limit: usize,
    messages: &mut Vec<Summary>,
) -> Result<(), Fault> {
    let limit = i64::try_from(limit).expect("a page is short");
    let state = filter.state.map(message::number);
    let class = filter.class.map(Class::as_str);
    let since = filter.since.map(|since| since.0);
    let mut values: Vec<(&str, &dyn ToSql)> =
        vec![(":from", &from), (":before", &before), (":limit", &limit)];
    values.extend(filter.to.as_ref().map(|to| (":to", to as &dyn ToSql)));
    values.extend(state.as_ref().map(|state| (":state", state as &dyn ToSql)));
    values.extend(class.as_ref().map(|class| (":class", class as &dyn ToSql)));
    values.extend(since.as_ref().map(|since| (":since", since as &dyn ToSql)));
    let mut statement = connection.prepare_cached(&query(filter))?;
    let mut rows = statement.query(&*values)?;
    while let Some(row) = rows.next()? {
        messages.push(summary(row)?);
    }
    Ok(())
}

/// The statement for a filter: one text for each combination of conditions.
pub(crate) fn query(filter: &Filter) -> String {
    let mut query = format!(
        "SELECT {} FROM message WHERE seq >= :from AND seq < :before",
        message::COLUMNS
    );
    if filter.to.is_some() {
        query.push_str(" AND recipient = :to");
    }
    if filter.state.is_some() {
        // A recipient has few messages and a state has many: the `+` keeps the index of states out.
        query.push_str(match filter.to {
            Some(_) => " AND +state = :state",
            None => " AND state = :state",
        });
    }
    if filter.class.is_some() {
        query.push_str(" AND class = :class");
    }
    if filter.since.is_some() {
        query.push_str(" AND accepted_ms >= :since");
    }
    query.push_str(" ORDER BY seq DESC LIMIT :limit");
    query
}

/// Reads nothing but the index.
pub(crate) const OLDEST_TO: &str = "SELECT seq FROM message INDEXED BY message_recipient \
     WHERE recipient = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3 - 1";

/// Messages on a page at most, as the API promises.
pub const PAGE_MAX: usize = 500;
/// After this a search hands back what it has found so far.
pub const SEARCH_TIME_MAX: Duration = Duration::from_millis(250);
/// Record numbers looked at by one statement: some 10 ms of reading if every one is a message.
const WINDOW: i64 = 50_000;
