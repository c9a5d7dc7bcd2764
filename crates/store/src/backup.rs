//! A copy of a store while a daemon works on it: one snapshot, complete, in a file of its own.
//!
//! The copy is a store like any other: put it where `simfleet.db` was, and the daemon starts with it. Messages that were
//! accepted after the snapshot are not in it.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::error::{Fault, OpenError};
use crate::file;

/// Copies the store in a state directory to the new file `to`, and gives its size in octets. The file appears when it is
/// complete and on disk. A reader for that long: the store's log grows meanwhile.
///
/// # Errors
/// If there is no store, `to` exists already, or the disk refuses something.
pub fn backup(dir: &Path, to: &Path) -> Result<u64, OpenError> {
    let failed = |source| OpenError::Io {
        path: to.to_owned(),
        source,
    };
    if fs::exists(to).map_err(failed)? {
        return Err(OpenError::Exists {
            path: to.to_owned(),
        });
    }
    let connection = file::open_reader(dir)?;
    let half_done = file::beside(to, ".part");
    // Readable by its owner alone, as the store is: it holds texts and numbers. SQLite fills an empty file.
    let made = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&half_done);
    made.map_err(failed)?;
    if let Err(error) = copy_pages(&connection, &half_done) {
        // What is left of it is of no use; that it can't be removed is the smaller trouble.
        let _ = fs::remove_file(&half_done);
        return Err(Fault::from(error).opening(to));
    }
    let copy = File::open(&half_done).map_err(failed)?;
    copy.sync_all().map_err(failed)?;
    let octets = copy.metadata().map_err(failed)?.len();
    fs::rename(&half_done, to).map_err(failed)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = File::open(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    folder.sync_all().map_err(failed)?;
    Ok(octets)
}

/// All pages in one step: one snapshot, whatever is committed meanwhile.
fn copy_pages(from: &Connection, to: &Path) -> rusqlite::Result<()> {
    let mut copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let pages = Backup::new(from, &mut copy)?;
    if pages.step(-1)? == StepResult::Done {
        return Ok(());
    }
    Err(rusqlite::Error::SqliteFailure(
        rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
        Some("the store was locked for too long".to_owned()),
    ))
}
