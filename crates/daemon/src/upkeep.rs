//! What an operator does to a store by hand: check, backup, export. Works beside a running daemon and without one; changes
//! nothing in the store.

use std::io::{self, Write};
use std::path::Path;

use store::{Filter, History, PAGE_MAX, StoreError};

pub use store::{CheckReport, OpenError, backup, check};

use crate::api::summary_view;

/// Why an export broke off.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store can't be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store can't be read to its end.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was exported can't be written.
    #[error("the export can't be written: {0}")]
    Write(#[from] io::Error),
}

/// Writes every message of the store in a state directory as NDJSON, newest first, and gives their number. Read page by
/// page, so that it holds up nobody; messages that are accepted meanwhile are not in it.
///
/// # Errors
/// If the store can't be read or `out` can't be written.
pub fn export(dir: &Path, out: &mut dyn Write) -> Result<u64, ExportError> {
    let history = History::open(dir)?;
    let mut filter = Filter {
        limit: PAGE_MAX,
        ..Filter::default()
    };
    let mut exported = 0;
    loop {
        let page = history.search(&filter)?;
        for message in &page.messages {
            serde_json::to_writer(&mut *out, &summary_view(message)).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
            exported += 1;
        }
        if page.next.is_none() {
            out.flush()?;
            return Ok(exported);
        }
        filter.before = page.next;
    }
}
