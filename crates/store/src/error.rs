//! What can go wrong with a store, named by what the caller can do about it.
//!
//! Inside the crate everything fails with a [`Fault`], which does not know the file; the public functions turn it into an
//! [`OpenError`] or a [`StoreError`], which do. No error holds a message's text, key or recipient.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why a store can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error("the store {} is in use{}: stop that daemon or give this one a state_dir of its own",
            path.display(), holder(*pid))]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// The process that holds it, if the file names it.
        pid: Option<u32>,
    },
    /// A newer version of the program wrote it.
    #[error("the store {} has version {found} and this program knows versions up to {supported}: \
             use the program that wrote it, or a newer one", path.display())]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this program can read.
        supported: i64,
    },
    /// It is not what this program wrote.
    #[error("the store {} is damaged: {detail}; nothing was changed, and `simfleet store check` tells all that is wrong: \
             restore it from a backup, or move the files away to begin an empty store", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// A new file was to be made, and there is one.
    #[error("{} exists already, and a backup never overwrites: name a new file", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// It can't be used here or now.
    #[error("can't use the store {}: {detail}", path.display())]
    Unsuitable {
        /// The database file.
        path: PathBuf,
        /// Why, and what to do.
        detail: String,
    },
    /// The disk is full.
    #[error("can't open the store {}: its disk is full: make room and start again", path.display())]
    Full {
        /// The database file.
        path: PathBuf,
    },
    /// The operating system refused something.
    #[error("can't open the store {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// SQLite refused something.
    #[error("can't open the store {}: {source}", path.display())]
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

/// Why an open store can't do what is asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full; nothing of the transaction was kept.
    #[error("the disk that holds the store {} is full: make room and start again", path.display())]
    Full {
        /// The database file.
        path: PathBuf,
    },
    /// Another program holds the write lock and does not let go.
    #[error("another program keeps the store {} locked: close it", path.display())]
    Busy {
        /// The database file.
        path: PathBuf,
    },
    /// The file holds what no version of this program wrote.
    #[error("the store {} is damaged: {detail}; `simfleet store check` tells all that is wrong: restore it from a \
             backup, or move the files away to begin an empty store", path.display())]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// What is wrong; names table, row and column where one row is to blame.
        detail: String,
    },
    /// SQLite refused something.
    #[error("the store {} failed: {source}", path.display())]
    Sqlite {
        /// The database file.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

/// A failure that does not know its file yet.
#[derive(Debug)]
pub(crate) enum Fault {
    Sqlite(rusqlite::Error),
    Damaged(String),
}

impl Fault {
    pub(crate) fn opening(self, path: &Path) -> OpenError {
        let path = path.to_owned();
        match self {
            Fault::Damaged(detail) => OpenError::Damaged { path, detail },
            Fault::Sqlite(source) if is_damage(&source) => OpenError::Damaged {
                path,
                detail: source.to_string(),
            },
            Fault::Sqlite(source) if is_full(&source) => OpenError::Full { path },
            Fault::Sqlite(source) => OpenError::Sqlite { path, source },
        }
    }

    pub(crate) fn using(self, path: &Path) -> StoreError {
        let path = path.to_owned();
        match self {
            Fault::Damaged(detail) => StoreError::Damaged { path, detail },
            Fault::Sqlite(source) if is_damage(&source) => StoreError::Damaged {
                path,
                detail: source.to_string(),
            },
            Fault::Sqlite(source) => match source.sqlite_error_code() {
                Some(ErrorCode::DiskFull) => StoreError::Full { path },
                Some(ErrorCode::DatabaseBusy) => StoreError::Busy { path },
                Some(_) | None => StoreError::Sqlite { path, source },
            },
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Sqlite(error)
    }
}

/// Also if SQLite does not understand our statements: they never change, so tables or columns must be missing.
fn is_damage(error: &rusqlite::Error) -> bool {
    if let rusqlite::Error::SqlInputError { .. } = error {
        return true;
    }
    error.sqlite_error().is_some_and(|error| {
        matches!(
            error.code,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase
        ) || error.extended_code == rusqlite::ffi::SQLITE_ERROR
    })
}

/// Also if there is no room for the index of the log, which is made at every start.
fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        error.code == ErrorCode::DiskFull
            || error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE
    })
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" by process {pid}"))
}
