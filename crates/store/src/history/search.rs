//! Searching messages, newest first, a page at a time.
//!
//! The store is walked from the newest message down, in windows of [`WINDOW`] record numbers, so that a search which
//! matches almost nothing is interrupted between two windows instead of holding a snapshot for long; for one recipient, in
//! windows of as many of its messages, so that years between two of them cost nothing. The cursor is the
//! number of a record: messages that are accepted while somebody pages through do not shift the pages.
//!
//! The index of recipients has a message once something has happened to it. Until then its recipient is in an index of
//! [`BUCKET`]s of neighbours, in which messages that come at once share their pages.

use std::ops::Range;
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

/// A recipient's messages are few and far between, so a window of them is counted in messages: the number of the oldest
/// that something has happened to.
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
    if filter.to.is_none() {
        return select(
            connection,
            filter,
            Among::All,
            from..before,
            limit,
            messages,
        );
    }
    let mut found = Vec::new();
    select(
        connection,
        filter,
        Among::Touched,
        from..before,
        limit,
        &mut found,
    )?;
    untouched(connection, filter, from..before, limit, &mut found)?;
    found.sort_unstable_by_key(|message| std::cmp::Reverse(message.seq));
    found.truncate(limit);
    messages.append(&mut found);
    Ok(())
}

/// Adds those of a recipient's messages that nothing has happened to: looked for in each bucket that holds a queued one.
fn untouched(
    connection: &Connection,
    filter: &Filter,
    Range { start, mut end }: Range<i64>,
    mut limit: usize,
    messages: &mut Vec<Summary>,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(NEWEST_QUEUED)?;
    while limit > 0 {
        let newest: Option<i64> = statement.query_row([end], |row| row.get(0))?;
        let Some(newest) = newest.filter(|newest| *newest >= start) else {
            break;
        };
        let bucket = newest & !(BUCKET - 1);
        let before = messages.len();
        let within = start.max(bucket)..newest + 1;
        select(
            connection,
            filter,
            Among::Untouched,
            within,
            limit,
            messages,
        )?;
        limit -= messages.len() - before;
        end = bucket;
    }
    Ok(())
}

/// Adds what one statement finds.
fn select(
    connection: &Connection,
    filter: &Filter,
    among: Among,
    Range { start, end }: Range<i64>,
    limit: usize,
    messages: &mut Vec<Summary>,
) -> Result<(), Fault> {
    let limit = i64::try_from(limit).expect("a page is short");
    let state = filter.state.map(message::number);
    let class = filter.class.map(Class::as_str);
    let since = filter.since.map(|since| since.0);
    let mut values: Vec<(&str, &dyn ToSql)> =
        vec![(":from", &start), (":before", &end), (":limit", &limit)];
    values.extend(filter.to.as_ref().map(|to| (":to", to as &dyn ToSql)));
    values.extend(state.as_ref().map(|state| (":state", state as &dyn ToSql)));
    values.extend(class.as_ref().map(|class| (":class", class as &dyn ToSql)));
    values.extend(since.as_ref().map(|since| (":since", since as &dyn ToSql)));
    let mut statement = connection.prepare_cached(&query(filter, among))?;
    let mut rows = statement.query(&*values)?;
    while let Some(row) = rows.next()? {
        messages.push(summary(row)?);
    }
    Ok(())
}

/// Which messages a statement looks at; each has its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Among {
    /// All, by their numbers.
    All,
    /// Those of a recipient that something has happened to.
    Touched,
    /// Those of a recipient, in the bucket of `:from`, that nothing has happened to.
    Untouched,
}

/// The statement for a filter: one text for each combination of conditions.
pub(crate) fn query(filter: &Filter, among: Among) -> String {
    let mut query = format!(
        "SELECT {} FROM message WHERE seq >= :from AND seq < :before",
        message::COLUMNS
    );
    query.push_str(match among {
        Among::All => "",
        Among::Touched => " AND untouched = 0 AND recipient = :to",
        Among::Untouched => " AND untouched = 1 AND seq >> 12 = :from >> 12 AND recipient = :to",
    });
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
     WHERE untouched = 0 AND recipient = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3 - 1";

/// What nothing has happened to is queued; nothing if none is.
pub(crate) const NEWEST_QUEUED: &str = "SELECT max(seq) FROM message WHERE state = 0 AND seq < ?1";

/// Numbers in a bucket of `message_untouched`.
const BUCKET: i64 = 1 << 12;
/// Messages on a page at most, as the API promises.
pub const PAGE_MAX: usize = 500;
/// After this a search hands back what it has found so far.
pub const SEARCH_TIME_MAX: Duration = Duration::from_millis(250);
/// Record numbers looked at by one statement: some 10 ms of reading if every one is a message.
const WINDOW: i64 = 50_000;
