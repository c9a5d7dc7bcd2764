//! Tables `quarantine`, `breaker` and `hub_reset`: what a restart has to know of what is sick.

use gateway::{BreakerOf, Entry, HUB_LIMIT_SPAN, Quarantine, Record, Sick, Trip};
use modem::Iccid;
use rusqlite::{Connection, Row, params};

use super::{Cells, words};
use crate::error::Fault;

/// Notes that a SIM is taken out, or used again.
pub(crate) fn write_quarantine(
    connection: &Connection,
    entry: &Entry,
    sim: &Iccid,
    quarantine: Option<&Quarantine>,
) -> Result<(), Fault> {
    let Some(of) = quarantine else {
        connection.prepare_cached(RELEASE)?.execute([&sim.0])?;
        return Ok(());
    };
    connection.prepare_cached(QUARANTINE)?.execute(params![
        sim.0,
        entry.seq.cast_signed(),
        entry.at.0,
        of.sick.as_str(),
        of.sick.cause().map(|cause| cause.to_string()),
        of.since.0,
        of.until.0,
        of.times,
        of.refused_in_row,
    ])?;
    Ok(())
}

/// Notes that a breaker has opened, or closed.
pub(crate) fn write_breaker(
    connection: &Connection,
    entry: &Entry,
    breaker: &BreakerOf,
    trip: Option<&Trip>,
) -> Result<(), Fault> {
    let (kind, name) = breaker.parts();
    let Some(trip) = trip else {
        connection.prepare_cached(CLOSE)?.execute([kind, name])?;
        return Ok(());
    };
    connection.prepare_cached(OPEN)?.execute(params![
        kind,
        name,
        entry.seq.cast_signed(),
        entry.at.0,
        trip.until.0,
        trip.times,
        trip.in_row,
        trip.cause,
    ])?;
    Ok(())
}

/// Notes a reset of a hub, and forgets those that no limit counts beside it.
pub(crate) fn add_reset(
    connection: &Connection,
    entry: &Entry,
    hub: &str,
    in_vain: u16,
) -> Result<(), Fault> {
    let span_ms = i64::try_from(HUB_LIMIT_SPAN.as_millis()).expect("an hour");
    let forgotten = entry.at.0.saturating_sub(span_ms);
    let mut statement = connection.prepare_cached(FORGET_RESETS)?;
    statement.execute(params![hub, forgotten])?;
    let mut statement = connection.prepare_cached(RESET)?;
    statement.execute(params![entry.seq.cast_signed(), entry.at.0, hub, in_vain])?;
    Ok(())
}

/// Reads the entry of a row of [`QUARANTINES`].
pub(crate) fn quarantine(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, "quarantine");
    let cause = || cells.word(4, words::cause);
    let sick = match cells.text(3)? {
        "barred" => Sick::Barred(cause()?),
        "refused" => Sick::Refused(cause()?),
        "filtered" => Sick::Filtered,
        word => return Err(cells.bad_word(3, word)),
    };
    let quarantine = Quarantine {
        sick,
        since: cells.time(5)?,
        until: cells.time(6)?,
        times: cells.number(7)?,
        refused_in_row: cells.number(8)?,
    };
    Ok(Entry {
        seq: cells.count(0)?,
        at: cells.time(1)?,
        record: Record::Quarantined {
            sim: Iccid(cells.text(2)?.into()),
            quarantine: Some(quarantine),
        },
        standing: None,
    })
}

/// Reads the entry of a row of [`BREAKERS`].
pub(crate) fn breaker(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, "breaker");
    let name = cells.text(3)?.into();
    let breaker = match cells.text(2)? {
        "operator" => BreakerOf::Operator(name),
        "line" => BreakerOf::Line(name),
        kind => return Err(cells.bad_word(2, kind)),
    };
    let trip = Trip {
        until: cells.time(4)?,
        times: cells.number(5)?,
        in_row: cells.number(6)?,
        cause: cells.text(7)?.into(),
    };
    Ok(Entry {
        seq: cells.count(0)?,
        at: cells.time(1)?,
        record: Record::BreakerMoved {
            breaker,
            trip: Some(trip),
        },
        standing: None,
    })
}

/// Reads the entry of a row of [`RESETS`].
pub(crate) fn reset(row: &Row<'_>) -> Result<Entry, Fault> {
    let cells = Cells::new(row, "hub_reset");
    Ok(Entry {
        seq: cells.count(0)?,
        at: cells.time(1)?,
        record: Record::HubReset {
            hub: cells.text(2)?.into(),
            in_vain: cells.number(3)?,
        },
        standing: None,
    })
}

/// All SIMs that are taken out.
pub(crate) const QUARANTINES: &str = "SELECT seq, at_ms, iccid, sick, cause, since_ms, until_ms, times, refused_in_row \
     FROM quarantine";
/// All breakers that are not closed.
pub(crate) const BREAKERS: &str =
    "SELECT seq, at_ms, kind, name, until_ms, times, in_row, cause FROM breaker";
/// All resets that are kept.
pub(crate) const RESETS: &str = "SELECT seq, at_ms, hub, in_vain FROM hub_reset";

const QUARANTINE: &str = "INSERT OR REPLACE INTO quarantine \
     (iccid, seq, at_ms, sick, cause, since_ms, until_ms, times, refused_in_row) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const RELEASE: &str = "DELETE FROM quarantine WHERE iccid = ?1";
const OPEN: &str = "INSERT OR REPLACE INTO breaker (kind, name, seq, at_ms, until_ms, times, in_row, cause) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
const CLOSE: &str = "DELETE FROM breaker WHERE kind = ?1 AND name = ?2";
const RESET: &str = "INSERT INTO hub_reset (seq, at_ms, hub, in_vain) VALUES (?1, ?2, ?3, ?4)";
const FORGET_RESETS: &str = "DELETE FROM hub_reset WHERE hub = ?1 AND at_ms <= ?2";
