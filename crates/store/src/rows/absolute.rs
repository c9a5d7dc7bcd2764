//! Tables `sim`, `control`, `totals` and `meta`: records with absolute values, of which only the last counts.

use std::collections::BTreeMap;

use gateway::{Control, Entry, Record, Target, Totals, UnixMs, Usage, Window};
use modem::Iccid;
use rusqlite::{Connection, Row, params};

use super::{Cells, health, pin, recipient, suppression, warning, words};
use crate::error::Fault;

/// The last of each absolute record of one commit.
#[derive(Default)]
pub(crate) struct Latest<'e> {
    sims: BTreeMap<&'e Iccid, (&'e Entry, &'e Usage)>,
    controls: BTreeMap<&'e Target, (&'e Entry, Control, Option<&'e str>)>,
    totals: Option<(&'e Entry, &'e Totals)>,
}

impl<'e> Latest<'e> {
    /// Takes the place of an earlier record that it replaces. Other records are none of its business.
    pub(crate) fn add(&mut self, entry: &'e Entry) {
        if let Record::SimUsed { sim, usage } = &entry.record {
            self.sims.insert(sim, (entry, usage));
        }
        if let Record::Controlled {
            target,
            control,
            reason,
        } = &entry.record
        {
            let last = (entry, *control, reason.as_deref());
            self.controls.insert(target, last);
        }
        if let Record::Counted(totals) = &entry.record {
            self.totals = Some((entry, totals));
        }
    }

    pub(crate) fn write(&self, connection: &Connection) -> Result<(), Fault> {
        for (sim, (entry, usage)) in &self.sims {
            write_sim(connection, entry, sim, usage)?;
        }
        for (target, (entry, control, reason)) in &self.controls {
            write_control(connection, entry, target, *control, *reason)?;
        }
        if let Some((entry, totals)) = self.totals {
            write_totals(connection, entry, totals)?;
        }
        Ok(())
    }
}

/// Where the sequence of records stands: the number and time of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) seq: u64,
    pub(crate) at: UnixMs,
}

/// Reads the number and time of the last record.
pub(crate) fn last(connection: &Connection) -> Result<Last, Fault> {
    let mut statement = connection.prepare_cached("SELECT last_seq, last_at_ms FROM meta")?;
    let mut rows = statement.query([])?;
    let row = rows
        .next()?
        .ok_or_else(|| Fault::Damaged("table `meta` is empty".to_owned()))?;
    let cells = Cells::new(row, "meta");
    Ok(Last {
        seq: cells.count(0)?,
        at: cells.time(1)?,
    })
}

/// The number of the last record below which some were deleted.
pub(crate) fn forgotten(connection: &Connection) -> Result<u64, Fault> {
    let mut statement = connection.prepare_cached("SELECT forgotten_seq FROM meta")?;
    let seq: i64 = statement.query_row([], |row| row.get(0))?;
    Ok(seq.cast_unsigned())
}

/// Writes the number and time of the last record.
pub(crate) fn write_last(connection: &Connection, last: Last) -> Result<(), Fault> {
    let mut statement =
        connection.prepare_cached("UPDATE meta SET last_seq = ?1, last_at_ms = ?2")?;
    statement.execute(params![last.seq.cast_signed(), last.at.0])?;
    Ok(())
}

/// Reads all absolute records, and the tries of PINs, in their order.
pub(crate) fn entries(connection: &Connection) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    collect(connection, SIMS, sim, &mut entries)?;
    collect(connection, CONTROLS, control, &mut entries)?;
    collect(connection, TOTALS, totals, &mut entries)?;
    collect(connection, pin::TRIES, pin::entry, &mut entries)?;
    collect(
        connection,
        recipient::REACHED,
        recipient::entry,
        &mut entries,
    )?;
    collect(
        connection,
        suppression::ALL,
        suppression::entry,
        &mut entries,
    )?;
    collect(connection, warning::ALL, warning::entry, &mut entries)?;
    collect(
        connection,
        health::QUARANTINES,
        health::quarantine,
        &mut entries,
    )?;
    collect(connection, health::BREAKERS, health::breaker, &mut entries)?;
    collect(connection, health::RESETS, health::reset, &mut entries)?;
    entries.sort_by_key(|entry| entry.seq);
    Ok(entries)
}

/// Finds out whether the tables and columns are there, without reading rows.
pub(crate) fn probe(connection: &Connection) -> Result<(), Fault> {
    for query in [
        SIMS,
        CONTROLS,
        TOTALS,
        pin::TRIES,
        recipient::REACHED,
        suppression::ALL,
        warning::ALL,
        health::QUARANTINES,
        health::BREAKERS,
        health::RESETS,
    ] {
        connection.prepare_cached(query)?;
    }
    Ok(())
}

fn collect(
    connection: &Connection,
    query: &str,
    read: fn(&Row<'_>) -> Result<Entry, Fault>,
    entries: &mut Vec<Entry>,
) -> Result<(), Fault> {
    let mut statement = connection.prepare_cached(query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        entries.push(read(row)?);
    }
    Ok(())
}

fn write_sim(
    connection: &Connection,
    entry: &Entry,
    sim: &Iccid,
    usage: &Usage,
) -> Result<(), Fault> {
    let [minute, hour, day, month] = usage.windows;
    let mut statement = connection.prepare_cached(REPLACE_SIM)?;
    statement.execute(params![
        sim.0,
        entry.seq.cast_signed(),
        entry.at.0,
        minute.start.0,
        minute.used,
        hour.start.0,
        hour.used,
        day.start.0,
        day.used,
        month.start.0,
        month.used,
        usage.started.cast_signed(),
        usage.sent.cast_signed(),
        usage.refused.cast_signed(),
        usage.in_doubt.cast_signed(),
        usage.delivered.cast_signed(),
        usage.reference,
        usage.centre_offset_ms,
        minute.end.0,
        minute.before,
        hour.end.0,
        hour.before,
        day.end.0,
        day.before,
        month.end.0,
        month.before,
    ])?;
    Ok(())
}

fn write_control(
    connection: &Connection,
    entry: &Entry,
    target: &Target,
    control: Control,
    reason: Option<&str>,
) -> Result<(), Fault> {
    let (kind, name) = match target {
        Target::Line(name) => (LINE, name),
        Target::Sim(iccid) => (SIM, &iccid.0),
    };
    let mut statement = connection.prepare_cached(REPLACE_CONTROL)?;
    let seq = entry.seq.cast_signed();
    statement.execute(params![
        kind,
        name,
        seq,
        entry.at.0,
        control.as_str(),
        reason
    ])?;
    Ok(())
}

fn write_totals(connection: &Connection, entry: &Entry, totals: &Totals) -> Result<(), Fault> {
    let ended = totals.ended.map(u64::cast_signed);
    let mut statement = connection.prepare_cached(REPLACE_TOTALS)?;
    statement.execute(params![
        entry.seq.cast_signed(),
        entry.at.0,
        totals.accepted.cast_signed(),
        ended[0],
        ended[1],
        ended[2],
        ended[3],
        ended[4],
        ended[5],
        ended[6],
        ended[7],
        ended[8],
        ended[9],
        totals.resent_in_doubt.cast_signed(),
        totals.given_up.cast_signed(),
    ])?;
    Ok(())
}

fn sim(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, "sim");
    let window = |index: usize| {
        let (begun, ends) = (3 + 2 * index, 18 + 2 * index);
        Ok::<_, Fault>(Window {
            start: cells.time(begun)?,
            used: cells.number(begun + 1)?,
            end: cells.time(ends)?,
            before: cells.number(ends + 1)?,
        })
    };
    Ok(Entry {
        seq: cells.count(0)?,
        at: cells.time(1)?,
        record: Record::SimUsed {
            sim: Iccid(cells.text(2)?.into()),
            usage: Usage {
                windows: [window(0)?, window(1)?, window(2)?, window(3)?],
                started: cells.count(11)?,
                sent: cells.count(12)?,
                refused: cells.count(13)?,
                in_doubt: cells.count(14)?,
                delivered: cells.count(15)?,
                reference: cells.number(16)?,
                centre_offset_ms: cells.integer_or_null(17)?,
            },
        },
        standing: None,
    })
}

fn control(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, "control");
    let name = cells.text(3)?;
    let target = match cells.text(2)? {
        LINE => Target::Line(name.into()),
        SIM => Target::Sim(Iccid(name.into())),
        kind => return Err(cells.bad_word(2, kind)),
    };
    Ok(Entry {
        seq: cells.count(0)?,
        at: cells.time(1)?,
        record: Record::Controlled {
            target,
            control: cells.word(4, words::control)?,
            reason: cells.text_or_null(5)?.map(Into::into),
        },
        standing: None,
    })
}

fn totals(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, "totals");
    let mut ended = [0; 10];
    for (ended, column) in ended.iter_mut().zip(3..) {
        *ended = cells.count(column)?;
    }
    Ok(Entry {
        seq: cells.count(0)?,
        at: cells.time(1)?,
        record: Record::Counted(Totals {
            accepted: cells.count(2)?,
            ended,
            resent_in_doubt: cells.count(13)?,
            given_up: cells.count(14)?,
        }),
        standing: None,
    })
}

const LINE: &str = "line";
const SIM: &str = "sim";

const SIMS: &str = "SELECT seq, at_ms, iccid, minute_start_ms, minute_used, hour_start_ms, hour_used, day_start_ms, \
     day_used, month_start_ms, month_used, started, sent, refused, in_doubt, delivered, reference, \
     centre_offset_ms, minute_end_ms, minute_before, hour_end_ms, hour_before, day_end_ms, day_before, \
     month_end_ms, month_before FROM sim";
const CONTROLS: &str = "SELECT seq, at_ms, kind, target, control, reason FROM control";
const TOTALS: &str = "SELECT seq, at_ms, accepted, ended_queued, ended_sending, ended_in_doubt, ended_sent, \
     ended_delivered, ended_undelivered, ended_unconfirmed, ended_expired, ended_cancelled, ended_failed, \
     resent_in_doubt, given_up FROM totals";

const REPLACE_SIM: &str = "INSERT OR REPLACE INTO sim (iccid, seq, at_ms, minute_start_ms, minute_used, hour_start_ms, \
     hour_used, day_start_ms, day_used, month_start_ms, month_used, started, sent, refused, in_doubt, delivered, \
     reference, centre_offset_ms, minute_end_ms, minute_before, hour_end_ms, hour_before, day_end_ms, day_before, \
     month_end_ms, month_before) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, \
     ?24, ?25, ?26)";
const REPLACE_CONTROL: &str = "INSERT OR REPLACE INTO control (kind, target, seq, at_ms, control, reason) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
const REPLACE_TOTALS: &str = "INSERT OR REPLACE INTO totals (one, seq, at_ms, accepted, ended_queued, ended_sending, \
     ended_in_doubt, ended_sent, ended_delivered, ended_undelivered, ended_unconfirmed, ended_expired, \
     ended_cancelled, ended_failed, resent_in_doubt, given_up) \
     VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
