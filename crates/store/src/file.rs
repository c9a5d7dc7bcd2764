//! The files of a store and the connections to them: where they are, how they are made, checked and set up.
//!
//! ```text
//! state_dir/simfleet.lock        held by the daemon (see `lock`)
//!           simfleet.db          the database
//!           simfleet.db-wal, -shm   SQLite's log and its index, while a connection is open or after a crash
//!           simfleet.db.new      a database in the making; renamed when complete
//! ```
//!
//! A database is never made in place, so an empty `simfleet.db` is damage and never mistaken for a new store. The file
//! is never opened except by SQLite: closing a descriptor of our own would drop SQLite's POSIX locks on it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{Fault, OpenError};
use crate::schema::{self, Identity};

/// The database file of a state directory.
pub(crate) fn database(dir: &Path) -> PathBuf {
    dir.join("simfleet.db")
}

/// The lock file of a state directory.
pub(crate) fn lock(dir: &Path) -> PathBuf {
    dir.join("simfleet.lock")
}

/// Makes the state directory if it is missing, for its owner alone: the store holds texts and numbers.
pub(crate) fn make_dir(dir: &Path) -> Result<(), OpenError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(dir).map_err(io_error(dir))
}

/// Opens the database for writing; makes or migrates it first where needed. The caller holds the lock.
pub(crate) fn open_writer(dir: &Path, versions: &[&str]) -> Result<Connection, OpenError> {
    let path = database(dir);
    if !exists(&path)? {
        make(dir, &path, versions)?;
    }
    let mut connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    if connection.is_readonly("main").map_err(opening(&path))? {
        return Err(io_error(&path)(io::ErrorKind::PermissionDenied.into()));
    }
    let version = check_identity(&connection, &path, versions)?;
    set_up_writer(&connection, &path)?;
    schema::migrate(&mut connection, version, versions).map_err(|fault| fault.opening(&path))?;
    Ok(connection)
}

/// Opens a further connection that may write to the database but only checkpoints it, and waits no longer than this for
/// others.
pub(crate) fn open_checkpointer(dir: &Path, busy_max: Duration) -> Result<Connection, OpenError> {
    let path = database(dir);
    require(&path)?;
    let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    require_current(&connection, &path)?;
    connection
        .busy_timeout(busy_max)
        .and_then(|()| connection.pragma_update(None, "wal_autocheckpoint", 0))
        .and_then(|()| connection.pragma_update(None, "synchronous", "FULL"))
        .map_err(opening(&path))?;
    Ok(connection)
}

/// Opens a further connection that writes. Its commits are durable with the next one of the writer, whose log they share.
pub(crate) fn open_sweeper(dir: &Path) -> Result<Connection, OpenError> {
    let path = database(dir);
    require(&path)?;
    let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    require_current(&connection, &path)?;
    connection
        .pragma_update(None, "wal_autocheckpoint", 0)
        .and_then(|()| connection.pragma_update(None, "synchronous", "NORMAL"))
        .and_then(|()| connection.pragma_update(None, "cache_size", -READER_CACHE_KIB))
        .map_err(opening(&path))?;
    Ok(connection)
}

/// Size of the database's pages.
pub(crate) fn page_octets(dir: &Path, connection: &Connection) -> Result<u64, OpenError> {
    let octets: u32 = connection
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .map_err(opening(&database(dir)))?;
    Ok(u64::from(octets))
}

/// Opens a connection that only reads.
pub(crate) fn open_reader(dir: &Path) -> Result<Connection, OpenError> {
    let path = database(dir);
    require(&path)?;
    let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    require_current(&connection, &path)?;
    connection
        .pragma_update(None, "query_only", true)
        .and_then(|()| connection.pragma_update(None, "cache_size", -READER_CACHE_KIB))
        .map_err(opening(&path))?;
    Ok(connection)
}

fn connect(path: &Path, access: OpenFlags) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(opening(path))?;
    connection
        .busy_timeout(BUSY_MAX)
        // Otherwise some statements are planned anew for every value they are given, which takes longer than running them.
        .and_then(|()| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true))
        .and_then(|_| connection.pragma_update(None, "trusted_schema", false))
        .and_then(|()| connection.pragma_update(None, "cell_size_check", true))
        .and_then(|()| connection.pragma_update(None, "temp_store", "MEMORY"))
        // What is deleted, erased or moved within the file leaves no copy behind.
        .and_then(|()| connection.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(())))
        .map_err(opening(path))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    Ok(connection)
}

/// Durable commits, and checkpoints left to another connection.
fn set_up_writer(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let mode: String = connection
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
        .map_err(opening(path))?;
    if mode != "wal" {
        return Err(OpenError::Unsuitable {
            path: path.to_owned(),
            detail: format!(
                "its file system has no shared memory for a write-ahead log (journal mode stays `{mode}`): \
                 use a local disk"
            ),
        });
    }
    connection
        .pragma_update(None, "synchronous", "FULL")
        .and_then(|()| connection.pragma_update(None, "wal_autocheckpoint", 0))
        .and_then(|()| connection.pragma_update(None, "journal_size_limit", LOG_KEPT_OCTETS))
        .and_then(|()| connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB))
        .map_err(opening(path))
}

/// Makes an empty store beside its place and moves it there when it is complete.
fn make(dir: &Path, path: &Path, versions: &[&str]) -> Result<(), OpenError> {
    let log = beside(path, "-wal");
    if exists(&log)? {
        return Err(OpenError::Damaged {
            path: path.to_owned(),
            detail: "the database file is gone, but its log is still there".to_owned(),
        });
    }
    let new = beside(path, ".new");
    for leftover in [new.clone(), beside(&new, "-journal")] {
        if exists(&leftover)? {
            fs::remove_file(&leftover).map_err(io_error(&leftover))?;
        }
    }
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&new)
        .map_err(io_error(&new))?;
    let mut connection = connect(&new, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection
        .pragma_update(None, "auto_vacuum", "INCREMENTAL")
        .map_err(opening(&new))?;
    schema::migrate(&mut connection, 0, versions).map_err(|fault| fault.opening(&new))?;
    connection
        .close()
        .map_err(|(_, error)| opening(&new)(error))?;
    fs::rename(&new, path).map_err(io_error(path))?;
    File::open(dir)
        .and_then(|folder| folder.sync_all())
        .map_err(io_error(dir))
}

/// The version of the store in the file, which this program can bring up to date.
fn check_identity(
    connection: &Connection,
    path: &Path,
    versions: &[&str],
) -> Result<i64, OpenError> {
    let supported = schema::newest(versions);
    match schema::identify(connection, supported).map_err(|fault| fault.opening(path))? {
        Identity::Store { version } => Ok(version),
        Identity::Newer { version } => Err(OpenError::Newer {
            path: path.to_owned(),
            found: version,
            supported,
        }),
        Identity::Foreign {
            application: 0,
            version: 0,
        } => Err(OpenError::Damaged {
            path: path.to_owned(),
            detail: "the file is empty, cut off or made by another program".to_owned(),
        }),
        Identity::Foreign {
            application,
            version,
        } => Err(OpenError::Damaged {
            path: path.to_owned(),
            detail: format!(
                "the file was made by another program (application id {application:#x}, version {version})"
            ),
        }),
    }
}

/// Refuses a store that the writer would have to migrate first.
fn require_current(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    let version = check_identity(connection, path, schema::VERSIONS)?;
    let wanted = schema::newest(schema::VERSIONS);
    if version < wanted {
        return Err(OpenError::Unsuitable {
            path: path.to_owned(),
            detail: format!(
                "it has version {version} and {wanted} is needed: start the daemon once"
            ),
        });
    }
    Ok(())
}

fn require(path: &Path) -> Result<(), OpenError> {
    fs::metadata(path).map(|_| ()).map_err(io_error(path))
}

fn exists(path: &Path) -> Result<bool, OpenError> {
    fs::exists(path).map_err(io_error(path))
}

/// The file whose name is this one's with something more behind it.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> OpenError {
    move |source| OpenError::Io {
        path: path.to_owned(),
        source,
    }
}

fn opening(path: &Path) -> impl Fn(rusqlite::Error) -> OpenError {
    move |error| Fault::from(error).opening(path)
}

/// How long a connection waits for a lock: far longer than any checkpoint keeps it, and short for an operator who forgot
/// a transaction in a shell.
pub(crate) const BUSY_MAX: Duration = Duration::from_secs(5);
/// Prepared statements kept by a connection: more than there are, search combinations included.
const STATEMENTS_MAX: usize = 48;
/// The log file is cut back to this after a reset.
const LOG_KEPT_OCTETS: i64 = 64 << 20;
/// Page cache of the writer: the inner pages of all indexes of some million messages.
const WRITER_CACHE_KIB: i64 = 16 << 10;
/// Page cache of each reader.
const READER_CACHE_KIB: i64 = 4 << 10;
