//! The versions of the schema, and how a file gets from one to the next.
//!
//! ```text
//!  empty ── v1.sql ──► 1 ── v2.sql ──► 2 ── v3.sql ──► 3 …       each arrow one transaction, its number set in the same one
//! ```
//!
//! `application_id` says that a file is a store, `user_version` which version it has. A power cut leaves the version
//! before or the one after a step; a failed step leaves the one before. A file of a later version is refused, never read.
//!
//! A released script is never changed: what is on an operator's disk was made by it. The last script counts as unreleased
//! until the program with it is released (see CHANGELOG.md); until then a table, column or index is added at its end:
//!
//! 1. `ALTER TABLE t ADD COLUMN c …` (NULL or with a DEFAULT: old rows have none), `CREATE TABLE … STRICT`, `CREATE INDEX`;
//! 2. the columns in `rows/`, always named, never `*`: an added column stands last in an old file;
//! 3. a probe of a new table in `replay::probe`, so that a file without it is called damaged at the start.
//!
//! `tests/schema.rs` migrates a filled file of every released version (`tests/fixtures/vN.sql`) and compares the result
//! with a new store. With a release comes a fixture of its version: `sqlite3 simfleet.db .dump`.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::Fault;

/// What a file says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// A store of this version, which is from 1 to `supported`.
    Store { version: i64 },
    /// A store of a later version than this program knows.
    Newer { version: i64 },
    /// Something else, or nothing at all.
    Foreign { application: i64, version: i64 },
}

/// Reads what the file says about itself.
pub(crate) fn identify(connection: &Connection, supported: i64) -> Result<Identity, Fault> {
    let application = pragma(connection, "application_id")?;
    let version = pragma(connection, "user_version")?;
    Ok(match (application, version) {
        (APPLICATION_ID, version) if version > supported => Identity::Newer { version },
        (APPLICATION_ID, version) if version >= 1 => Identity::Store { version },
        (application, version) => Identity::Foreign {
            application,
            version,
        },
    })
}

/// Brings a file from `version` (0: empty) to the last of `versions`, step by step.
pub(crate) fn migrate(
    connection: &mut Connection,
    version: i64,
    versions: &[&str],
) -> Result<(), Fault> {
    for (script, number) in versions.iter().zip(1_i64..) {
        if number <= version {
            continue;
        }
        let step = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        step.execute_batch(script)?;
        step.pragma_update(None, "application_id", APPLICATION_ID)?;
        step.pragma_update(None, "user_version", number)?;
        step.commit()?;
    }
    Ok(())
}

/// The version that `versions` lead to.
pub(crate) fn newest(versions: &[&str]) -> i64 {
    i64::try_from(versions.len()).expect("there are few versions")
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, Fault> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}

/// All versions, in order: the script at index n makes version n + 1 of version n.
pub(crate) const VERSIONS: &[&str] = &[
    include_str!("schema/v1.sql"),
    include_str!("schema/v2.sql"),
    include_str!("schema/v3.sql"),
];

/// `SFLT` in ASCII, so that `file` can tell what the database is.
pub(crate) const APPLICATION_ID: i64 = 0x5346_4c54;
