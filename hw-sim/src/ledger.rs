//! The ledger: what the network saw, one JSON object a line, independent of what any gateway believes.
//!
//! An entry is in the file before the answer it belongs to leaves the modem. The network makes entries,
//! [`LedgerWriter`] stores them, [`read`] gives them back. It holds full numbers and texts: it is a test
//! instrument, never a log.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LedgerEvent {
    /// The network accepted a submission.
    Submit,
    /// The network refused a submission.
    Refuse,
    /// The network handed a status report to a modem.
    Report,
    /// The network handed a message from outside to a modem.
    Inbound,
}

/// One line of the ledger. Fields that mean nothing for an event are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Milliseconds since the simulator started: when the network accepted or delivered it.
    pub t_ms: u64,
    /// What happened.
    pub event: LedgerEvent,
    /// Index of the line, from 0.
    pub line: usize,
    /// ICCID of the SIM in that line.
    pub iccid: String,
    /// Its IMSI.
    pub imsi: String,
    /// The recipient as the gateway wrote it; for an inbound message the SIM's own number.
    pub to: String,
    /// Originator of an inbound message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// TP-MR of a submission, or the one a report answers (3GPP TS 23.040 §9.2.3.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mr: Option<u8>,
    /// The TPDU in upper-case hex, without SMSC octets, with the TP-MR the SIM gave it.
    pub tpdu: String,
    /// The text of this part; absent for 8-bit content and reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Concatenation reference, when there is one (3GPP TS 23.040 §9.2.3.24.1).
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<u16>,
    /// Which part this is, from 1.
    #[serde(default = "one")]
    pub part: u8,
    /// How many parts the message has.
    #[serde(default = "one")]
    pub parts: u8,
    /// TP-ST of a report (3GPP TS 23.040 §9.2.3.15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
    /// Why the network refused a submission: the number behind `+CMS ERROR:` (3GPP TS 27.005 §3.2.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<u16>,
    /// Radio time of a submission in milliseconds: the radio was busy from `t_ms - busy_ms` to `t_ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub busy_ms: Option<f64>,
    /// The octets of this part in upper-case hex, for 8-bit content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

impl LedgerEntry {
    /// The text of this part, or the hex of its octets; nothing for reports.
    pub fn content(&self) -> &str {
        let content = self.text.as_deref().or(self.data.as_deref());
        content.unwrap_or_default()
    }
}

/// Why a ledger could not be read.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file cannot be read.
    #[error("{path}: {cause}", path = .path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A line that is not an entry, other than a torn last one.
    #[error("{path}:{line}: not such an entry: {message}", path = .path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What the parser said.
        message: String,
    },
}

/// Reads a ledger. A last line without a line end is one being written and is left out when it is torn.
///
/// # Errors
/// When the file cannot be read or another line is not an entry.
pub fn read(path: &Path) -> Result<Vec<LedgerEntry>, LedgerError> {
    let mut entries = Vec::new();
    read_each(path, |entry| entries.push(entry))?;
    Ok(entries)
}

/// As [`read`], entry by entry: a ledger may be larger than the memory. Other files of JSON lines will do too.
///
/// # Errors
/// As [`read`].
pub fn read_each<T: DeserializeOwned>(
    path: &Path,
    mut take: impl FnMut(T),
) -> Result<(), LedgerError> {
    let unreadable = |cause| LedgerError::Unreadable {
        path: path.to_owned(),
        cause,
    };
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if file.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            break;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(&line) {
            Ok(entry) => take(entry),
            Err(_) if !line.ends_with(b"\n") => break,
            Err(error) => {
                return Err(LedgerError::Malformed {
                    path: path.to_owned(),
                    line: number,
                    message: error.to_string(),
                });
            }
        }
    }
    Ok(())
}

/// Appends entries to a file: gathered with [`LedgerWriter::push`], written by one [`LedgerWriter::flush`].
#[derive(Debug)]
pub struct LedgerWriter {
    file: File,
    pending: Vec<u8>,
}

impl LedgerWriter {
    /// Starts a new ledger; an older file of the same name is replaced.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(path: &Path) -> std::io::Result<LedgerWriter> {
        Ok(LedgerWriter {
            file: File::create(path)?,
            pending: Vec::new(),
        })
    }

    /// Gathers one entry.
    pub fn push(&mut self, entry: &LedgerEntry) {
        serde_json::to_writer(&mut self.pending, entry)
            .expect("an entry has only strings and finite numbers, and a Vec takes every byte");
        self.pending.push(b'\n');
    }

    /// Hands what was gathered to the kernel: after this a reader of the file sees it.
    ///
    /// # Errors
    /// When the file takes no more; what was gathered is kept.
    pub fn flush(&mut self) -> std::io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        // Not `write_all`: after a short write the rest must be kept, not written again from the start.
        while !self.pending.is_empty() {
            match self.file.write(&self.pending) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => drop(self.pending.drain(..written)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn one() -> u8 {
    1
}

#[cfg(test)]
mod tests;
