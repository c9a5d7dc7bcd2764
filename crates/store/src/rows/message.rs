//! Table `message`: the `accepted` record of a message, and where the message stands now.

use gateway::{
    EndReason, Entry, Form, Handed, KnownKey, KnownMessage, Message, MessageId, MessageSeq,
    MessageState, RECOUNT_MAX, Record, Standing, UnixMs,
};
use rusqlite::{Connection, Row, Statement, params};
use sms::{Encoding, Language, Ports, Shifts};
use uuid::Uuid;

use super::{Cells, address, text, words};
use crate::error::Fault;

/// Where a message stands, as its row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Present {
    pub(crate) seq: MessageSeq,
    pub(crate) accepted: UnixMs,
    pub(crate) state: MessageState,
    pub(crate) ended: Option<UnixMs>,
    pub(crate) reason: Option<EndReason>,
    pub(crate) erased: Option<Erased>,
}

/// That a message's text is gone, and when it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erased {
    /// When it was erased.
    pub at: UnixMs,
    /// Whether the recipient is only the beginning of what it was.
    pub cut_recipient: bool,
}

/// What one commit makes of a message that was there before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) state: MessageState,
    pub(crate) ended: Option<UnixMs>,
    pub(crate) reason: Option<EndReason>,
}

/// Writes a message that was just accepted.
pub(crate) fn insert(
    connection: &Connection,
    entry: &Entry,
    message: &Message,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(INSERT)?;
    let (shifts, ports) = (message.form.shifts(), message.form.ports());
    statement.execute(params![
        entry.seq.cast_signed(),
        message.id.0.as_bytes(),
        entry.at.0,
        message.expires.0,
        number(MessageState::Queued),
        message.class.as_str(),
        message.in_doubt.as_str(),
        message.report,
        message.form.as_str(),
        message.parts,
        message.digest.cast_signed(),
        message.to.text(),
        address::type_octet(&message.to),
        message.route,
        message.key,
        message.app,
        shifts.locking.map(Language::as_str),
        shifts.single.map(Language::as_str),
        message.flash,
        message.replace,
        message.send_at.map(|at| at.0),
        ports.map(|ports| ports.source),
        ports.map(|ports| ports.destination),
    ])?;
    text::insert(connection, entry.seq, &message.text)
}

/// Writes where a message stands now. An end is never taken back, and its first time and reason stay.
pub(crate) fn update(connection: &Connection, seq: i64, change: &Change) -> Result<(), Fault> {
    let state = number(change.state);
    connection.prepare_cached(TOUCH)?.execute([seq])?;
    let changed = match change.ended {
        None => connection
            .prepare_cached(UPDATE)?
            .execute(params![seq, state])?,
        Some(ended) => connection.prepare_cached(UPDATE_ENDED)?.execute(params![
            seq,
            state,
            ended.0,
            change.reason.map(EndReason::as_str)
        ])?,
    };
    if changed == 0 {
        return Err(Fault::Damaged(format!(
            "message {seq} is not there, and a record about it was to be written"
        )));
    }
    Ok(())
}

/// The newest message under each of these keys, if it was accepted at `since` or later or has not ended. One transaction:
/// to begin one takes longer than to look a key up.
pub(crate) fn find_keys(
    connection: &mut Connection,
    keys: &[&str],
    since: UnixMs,
) -> Result<Vec<Option<KnownKey>>, Fault> {
    let snapshot = connection.transaction()?;
    let mut statement = snapshot.prepare_cached(FIND_KEY)?;
    let found = keys.iter().map(|key| find_key(&mut statement, key, since));
    found.collect()
}

fn find_key(
    statement: &mut Statement<'_>,
    key: &str,
    since: UnixMs,
) -> Result<Option<KnownKey>, Fault> {
    let mut rows = statement.query([key])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let cells = Cells::new(row, TABLE);
    if cells.time(6)? < since && cells.integer_or_null(7)?.is_some() {
        return Ok(None);
    }
    Ok(Some(KnownKey {
        seq: MessageSeq(cells.count(0)?),
        id: id(&cells, 1)?,
        digest: cells.pattern(2)?,
        state: state(&cells, 3)?,
        parts: cells.number(4)?,
        form: form(&cells, 5, [8, 9], [10, 11])?,
    }))
}

/// Where the message of this id stands.
pub(crate) fn find_id(
    connection: &Connection,
    id: MessageId,
) -> Result<Option<KnownMessage>, Fault> {
    let mut statement = connection.prepare_cached(FIND_ID)?;
    let mut rows = statement.query([id.0.as_bytes()])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let cells = Cells::new(row, TABLE);
    Ok(Some(KnownMessage {
        seq: MessageSeq(cells.count(0)?),
        state: state(&cells, 1)?,
    }))
}

/// What flood guards count of the messages accepted since a time, the oldest first.
pub(crate) fn accepted_since(
    connection: &Connection,
    since: UnixMs,
    each: &mut dyn FnMut(Handed),
) -> Result<(), Fault> {
    let last = |query: &str, bound: i64| -> Result<i64, Fault> {
        let mut statement = connection.prepare(query)?;
        let mut rows = statement.query([bound])?;
        match rows.next()? {
            Some(row) => Ok(row.get(0)?),
            None => Ok(0),
        }
    };
    // The number of the last message that does not count: numbers grow with time, so the scan from the end is short.
    let before = last(LAST_BEFORE, since.0)?.max(last(LAST_OF_TOO_MANY, RECOUNT_MAX.into())?);
    let mut statement = connection.prepare(HANDED)?;
    let mut rows = statement.query([before])?;
    while let Some(row) = rows.next()? {
        let cells = Cells::new(row, TABLE);
        let to = address::parse(cells.text(3)?, cells.number(4)?)
            .ok_or_else(|| cells.bad(3, "no recipient"))?;
        each(Handed {
            to,
            class: cells.word(2, |word| word.parse().ok())?,
            app: cells.text_or_null(5)?.map(Into::into),
            at: cells.time(1)?,
        });
    }
    Ok(())
}

/// Reads the `accepted` entry of a row of [`COLUMNS`].
pub(crate) fn accepted(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, TABLE);
    let seq = MessageSeq(cells.count(0)?);
    Ok(accepted_entry(seq, cells.time(2)?, message(row)?))
}

/// The entry that accepted a message.
pub(crate) fn accepted_entry(seq: MessageSeq, at: UnixMs, message: Message) -> Entry {
    Entry {
        seq: seq.0,
        at,
        standing: Some(Standing {
            message: seq,
            id: message.id,
            state: MessageState::Queued,
            ended: false,
        }),
        record: Record::Accepted(Box::new(message)),
    }
}

/// Reads where the message of a row of [`COLUMNS`] stands.
pub(crate) fn present(row: &Row<'_>) -> Result<Present, Fault> {
    let cells = Cells::new(row, TABLE);
    let reason = match cells.text_or_null(6)? {
        None => None,
        Some(_) => Some(cells.word(6, words::end_reason)?),
    };
    let cut_recipient = cells.integer(CUT)? > 0;
    let erased = cells.time_or_null(ERASED)?;
    Ok(Present {
        erased: erased.map(|at| Erased { at, cut_recipient }),
        seq: MessageSeq(cells.count(0)?),
        accepted: cells.time(2)?,
        state: state(&cells, 4)?,
        ended: cells.time_or_null(5)?,
        reason,
    })
}

/// Reads the message of a row of [`COLUMNS`].
pub(crate) fn message(row: &Row<'_>) -> Result<Message, Fault> {
    let cells = Cells::new(row, TABLE);
    let to = address::parse(cells.text(13)?, cells.number(14)?)
        .ok_or_else(|| cells.bad(13, "no recipient"))?;
    Ok(Message {
        id: id(&cells, 1)?,
        expires: cells.time(3)?,
        class: cells.word(7, |word| word.parse().ok())?,
        in_doubt: cells.word(8, |word| word.parse().ok())?,
        report: cells.yes(9)?,
        form: form(&cells, 10, [19, 20], [26, 27])?,
        parts: cells.number(11)?,
        digest: cells.pattern(12)?,
        to,
        app: cells.text_or_null(18)?.map(Into::into),
        route: cells.text_or_null(15)?.map(Into::into),
        key: cells.text_or_null(16)?.map(Into::into),
        text: cells.text(17)?.into(),
        flash: cells.yes(21)?,
        replace: cells.number_or_null(22)?,
        send_at: cells.time_or_null(25)?,
    })
}

/// Reads an encoding, the languages of its locking and single shift tables, and the ports that it is from and for.
fn form(
    cells: &Cells<'_>,
    column: usize,
    tables: [usize; 2],
    [source, destination]: [usize; 2],
) -> Result<Form, Fault> {
    let ports = (
        cells.number_or_null(source)?,
        cells.number_or_null(destination)?,
    );
    let ports = match ports {
        (Some(source), Some(destination)) => Some(Ports {
            destination,
            source,
        }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(cells.bad(destination, "half of a pair")),
    };
    if cells.text(column)? == DATA {
        return Ok(Form::Data(ports));
    }
    if ports.is_some() {
        return Err(cells.bad(destination, "ports of a text"));
    }
    encoding(cells, column, tables).map(Form::Text)
}

fn encoding(cells: &Cells<'_>, column: usize, tables: [usize; 2]) -> Result<Encoding, Fault> {
    let language = |column| match cells.text_or_null(column)? {
        None => Ok(None),
        Some(_) => cells.word(column, Language::from_name).map(Some),
    };
    let [locking, single] = tables.map(language);
    let shifts = Shifts {
        locking: locking?,
        single: single?,
    };
    match cells.word(column, words::encoding)? {
        Encoding::Gsm7 if !shifts.is_default() => Ok(Encoding::National(shifts)),
        Encoding::Ucs2 if !shifts.is_default() => {
            Err(cells.bad(column, "`ucs2` beside national tables"))
        }
        encoding @ (Encoding::Gsm7 | Encoding::National(_) | Encoding::Ucs2) => Ok(encoding),
    }
}

/// Reads a message's public name.
pub(crate) fn id(cells: &Cells<'_>, column: usize) -> Result<MessageId, Fault> {
    let octets = cells.octets(column)?;
    let uuid = Uuid::from_slice(octets).map_err(|_| cells.bad(column, "no UUID"))?;
    Ok(MessageId(uuid))
}

/// Reads a state by its number.
pub(crate) fn state(cells: &Cells<'_>, column: usize) -> Result<MessageState, Fault> {
    let number = cells.integer(column)?;
    words::state(number).ok_or_else(|| cells.bad(column, &number.to_string()))
}

/// The number of a state in the store.
pub(crate) fn number(state: MessageState) -> i64 {
    i64::try_from(state.index()).expect("there are ten states")
}

const TABLE: &str = "message";

/// The encoding of data.
const DATA: &str = "8bit";

macro_rules! columns {
    ($text:literal) => {
        concat!(
            "seq, id, accepted_ms, expires_ms, state, ended_ms, reason, class, in_doubt, report, encoding, parts, ",
            "digest, recipient, recipient_type, route, key, ",
            $text,
            " AS text, app, locking_shift, single_shift, flash, replaces, erased_ms, recipient_cut, send_at_ms, ",
            "source_port, destination_port"
        )
    };
}

/// What [`accepted`] and [`present`] read.
pub(crate) const COLUMNS: &str = columns!(
    "CASE WHEN erased_ms IS NULL THEN (SELECT text.text FROM text WHERE text.seq = message.seq) ELSE '' END"
);

/// The same for those who do not ask what messages say.
pub(crate) const COLUMNS_TEXTLESS: &str = columns!("''");

/// Columns of [`COLUMNS`] that tell of erasure.
const ERASED: usize = 23;
const CUT: usize = 24;

const INSERT: &str = "INSERT INTO message (seq, id, accepted_ms, expires_ms, state, class, in_doubt, report, encoding, \
     parts, digest, recipient, recipient_type, route, key, app, locking_shift, single_shift, flash, replaces, \
     send_at_ms, source_port, destination_port, untouched) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, \
     ?23, 1)";

/// The first change moves a message from the one index of recipients to the other; no other change touches these.
const TOUCH: &str = "UPDATE message SET untouched = 0 WHERE seq = ?1 AND untouched = 1";

/// Leaves `ended_ms` out, so that the index of open messages is not touched.
const UPDATE: &str = "UPDATE message SET state = ?2 WHERE seq = ?1";

const UPDATE_ENDED: &str = "UPDATE message SET state = ?2, ended_ms = coalesce(ended_ms, ?3), \
     reason = coalesce(reason, ?4) WHERE seq = ?1";

pub(crate) const FIND_ID: &str = "SELECT seq, state FROM message WHERE id = ?1";

const LAST_BEFORE: &str =
    "SELECT seq FROM message WHERE accepted_ms < ?1 ORDER BY seq DESC LIMIT 1";

const LAST_OF_TOO_MANY: &str = "SELECT seq FROM message ORDER BY seq DESC LIMIT 1 OFFSET ?1";

const HANDED: &str = "SELECT seq, accepted_ms, class, recipient, recipient_type, app FROM message \
     WHERE seq > ?1 ORDER BY seq";

/// Of all messages that ever had the key, the newest.
pub(crate) const FIND_KEY: &str = "SELECT seq, id, digest, state, parts, encoding, accepted_ms, ended_ms, \
     locking_shift, single_shift, source_port, destination_port FROM message WHERE key = ?1 ORDER BY seq DESC LIMIT 1";
