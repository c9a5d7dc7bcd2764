//! Looks for damage in a whole store, for people: reads everything, changes nothing.
//!
//! Slow (it reads every page) and thorough: SQLite's own check of pages and indices, whether every row can be read, and
//! whether the tables agree with each other. May run beside a daemon, but keeps its log from being emptied meanwhile.

use std::path::Path;

use rusqlite::{Connection, Row};

use crate::error::{Fault, OpenError};
use crate::file;
use crate::rows::{absolute, kept, message, record};

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// What is wrong, at most [`FAULTS_MAX`] of each kind; empty if all is well.
    pub faults: Vec<String>,
    /// Messages there are.
    pub messages: u64,
    /// Of these, messages that have not ended.
    pub open: u64,
    /// Records of messages there are, besides those that accepted them.
    pub records: u64,
    /// Number of the last record.
    pub last_seq: u64,
}

/// Checks the store in a state directory.
///
/// # Errors
/// If it can't be opened at all; whatever is wrong inside is in the report.
pub fn check(dir: &Path) -> Result<CheckReport, OpenError> {
    let connection = file::open_reader(dir)?;
    let mut report = CheckReport::default();
    if let Err(fault) = inspect(&connection, &mut report) {
        report
            .faults
            .push(fault.opening(&file::database(dir)).to_string());
    }
    Ok(report)
}

fn inspect(connection: &Connection, report: &mut CheckReport) -> Result<(), Fault> {
    let snapshot = connection.unchecked_transaction()?;
    check_pages(&snapshot, report)?;
    if !report.faults.is_empty() {
        return Ok(());
    }
    report.last_seq = absolute::last(&snapshot)?.seq;
    check_rows(
        &snapshot,
        &all_messages(),
        |row| message::present(row).and(message::message(row)).err(),
        report,
    )?;
    check_rows(
        &snapshot,
        &all_records(),
        |row| record::entry(row).err(),
        report,
    )?;
    check_rows(
        &snapshot,
        &all_reports(),
        |row| kept::entry(row).err(),
        report,
    )?;
    if let Err(Fault::Damaged(detail)) = absolute::entries(&snapshot) {
        report.faults.push(detail);
    }
    check_relations(&snapshot, report)?;
    report.messages = count(&snapshot, "SELECT count(*) FROM message")?;
    report.open = count(
        &snapshot,
        "SELECT count(*) FROM message WHERE ended_ms IS NULL",
    )?;
    report.records = count(&snapshot, "SELECT count(*) FROM record")?;
    Ok(())
}

/// SQLite's own check.
fn check_pages(connection: &Connection, report: &mut CheckReport) -> Result<(), Fault> {
    let query = format!("PRAGMA integrity_check({FAULTS_MAX})");
    let mut statement = connection.prepare(&query)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        if line != "ok" {
            report.faults.push(line);
        }
    }
    Ok(())
}

/// Whether this program can read every row.
fn check_rows(
    connection: &Connection,
    query: &str,
    fault: fn(&Row<'_>) -> Option<Fault>,
    report: &mut CheckReport,
) -> Result<(), Fault> {
    let mut statement = connection.prepare(query)?;
    let mut rows = statement.query([])?;
    let mut found = 0;
    while let Some(row) = rows.next()? {
        match fault(row) {
            None => {}
            Some(Fault::Damaged(detail)) => {
                report.faults.push(detail);
                found += 1;
            }
            Some(error @ Fault::Sqlite(_)) => return Err(error),
        }
        if found == FAULTS_MAX {
            break;
        }
    }
    Ok(())
}

/// Whether the tables agree with each other.
fn check_relations(connection: &Connection, report: &mut CheckReport) -> Result<(), Fault> {
    for (query, what) in RELATIONS {
        let found = count(connection, query)?;
        if found > 0 {
            report.faults.push(format!("{found} {what}"));
        }
    }
    Ok(())
}

fn count(connection: &Connection, query: &str) -> Result<u64, Fault> {
    let count: i64 = connection.query_row(query, [], |row| row.get(0))?;
    Ok(count.cast_unsigned())
}

fn all_messages() -> String {
    format!("SELECT {} FROM message ORDER BY seq", message::COLUMNS)
}

fn all_records() -> String {
    format!(
        "SELECT {} FROM record r CROSS JOIN message m ON m.seq = r.message ORDER BY r.seq",
        record::COLUMNS
    )
}

fn all_reports() -> String {
    format!("SELECT {} FROM kept_report ORDER BY seq", kept::COLUMNS)
}

/// Queries that count what must not be, and what to call it.
const RELATIONS: [(&str, &str); 4] = [
    (
        "SELECT count(*) FROM message WHERE erased_ms IS NULL AND seq NOT IN (SELECT seq FROM text)",
        "messages have no text, and it was not erased",
    ),
    (
        "SELECT count(*) FROM record WHERE message NOT IN (SELECT seq FROM message)",
        "records are about messages that are not there",
    ),
    (
        "SELECT count(*) FROM record JOIN message USING (seq)",
        "numbers belong to a message and to another record",
    ),
    (
        "SELECT count(*) FROM (SELECT seq FROM message UNION ALL SELECT seq FROM record UNION ALL \
         SELECT seq FROM kept_report) WHERE seq > (SELECT last_seq FROM meta)",
        "rows are newer than the last record",
    ),
];

/// Faults of one kind that are told.
pub const FAULTS_MAX: usize = 100;
