//! The versions of the schema, and how a file gets from one to the next.
//!
//! `application_id` says that a file is a store, `user_version` which version it has. Each version is one script, run in
//! one transaction together with its number; scripts are never changed once they have been released.

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
pub(crate) const VERSIONS: &[&str] = &[include_str!("schema/v1.sql")];

/// `SFLT` in ASCII, so that `file` can tell what the database is.
pub(crate) const APPLICATION_ID: i64 = 0x5346_4c54;
