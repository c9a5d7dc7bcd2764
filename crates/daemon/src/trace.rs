//! The flight recorder of one line: the last that went over its wire, for people who look after the line.
//!
//! ```text
//!  line's task ── bytes, notes ──► ring: 8 KiB, 256 KiB while somebody follows ──► API: masked, or not
//!                                    └─ the line fails: a copy of it is kept
//! ```
//!
//! It is always on, since what one wants to see has usually just happened: a copy of some bytes a line, and no more. It
//! lives in memory alone and decides nothing. PINs are starred before they are kept; the rest is masked when it is read.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gateway::UnixMs;
use modem::trace::{Direction, without_pins};
use tokio::sync::Notify;

/// The recorder of one line.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    ring: Mutex<Ring>,
    news: Notify,
    followers: AtomicUsize,
}

/// Something that went over the wire, or happened to the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// Counts the records of a line, from 1.
    pub(crate) seq: u64,
    pub(crate) at: UnixMs,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// A line, or a piece of one.
    Wire(Direction, Box<[u8]>),
    /// A change of the line's state, in words.
    Note(Box<str>),
}

/// What a reader gets at once.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// Records that were gone before they could be read.
    pub(crate) lost: u64,
    pub(crate) records: Vec<Record>,
}

/// Somebody who follows; the ring is larger as long as one lives.
pub(crate) struct Follower {
    trace: Arc<Trace>,
    /// The last record that was read.
    after: u64,
}

#[derive(Debug, Default)]
struct Ring {
    records: VecDeque<Record>,
    bytes: usize,
    last_seq: u64,
    /// The beginning of a line from the modem.
    partial: Vec<u8>,
    partial_at: UnixMs,
    /// The last records of the line before it failed.
    failure: Vec<Record>,
}

impl Trace {
    /// Bytes were written.
    pub(crate) fn wrote(&self, at: UnixMs, bytes: &[u8]) {
        let room = self.room();
        let mut ring = self.ring();
        ring.end_line();
        ring.push_bytes(at, Direction::ToModem, bytes);
        ring.trim(room);
        self.tell(ring);
    }

    /// Bytes were read. They are kept line by line.
    pub(crate) fn read(&self, at: UnixMs, bytes: &[u8]) {
        let room = self.room();
        let mut ring = self.ring();
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            ring.add(at, piece);
        }
        ring.trim(room);
        self.tell(ring);
    }

    /// Something happened to the line.
    pub(crate) fn note(&self, at: UnixMs, words: &str) {
        let room = self.room();
        let mut ring = self.ring();
        ring.end_line();
        ring.push(at, What::Note(words.into()));
        ring.trim(room);
        self.tell(ring);
    }

    /// The line fails: what led to it is kept.
    pub(crate) fn keep_failure(&self) {
        let mut ring = self.ring();
        let from = ring.records.len().saturating_sub(FAILURE_RECORDS_MAX);
        ring.failure = ring.records.range(from..).cloned().collect();
    }

    /// What is kept now.
    pub(crate) fn recent(&self) -> Excerpt {
        let mut ring = self.ring();
        ring.end_line();
        ring.after(0)
    }

    /// What led to the last failure; nothing if there was none.
    pub(crate) fn failure(&self) -> Excerpt {
        Excerpt {
            lost: 0,
            records: self.ring().failure.clone(),
        }
    }

    /// Begins to follow, from what is kept now on.
    pub(crate) fn follow(self: &Arc<Self>) -> Follower {
        self.followers.fetch_add(1, Ordering::AcqRel);
        Follower {
            trace: Arc::clone(self),
            after: 0,
        }
    }

    fn room(&self) -> usize {
        if self.followers.load(Ordering::Acquire) > 0 {
            FOLLOWED_BYTES_MAX
        } else {
            KEPT_BYTES_MAX
        }
    }

    fn tell(&self, ring: MutexGuard<'_, Ring>) {
        drop(ring);
        if self.followers.load(Ordering::Acquire) > 0 {
            self.news.notify_waiters();
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // A ring is whole after every push: a panic elsewhere leaves nothing half done.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Follower {
    /// What is new, as soon as something is. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Excerpt {
        loop {
            let news = self.trace.news.notified();
            tokio::pin!(news);
            // From here on no news is missed.
            news.as_mut().enable();
            let excerpt = self.trace.ring().after(self.after);
            if let Some(last) = excerpt.records.last() {
                self.after = last.seq;
                return excerpt;
            }
            news.await;
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.trace.followers.fetch_sub(1, Ordering::AcqRel);
        let room = self.trace.room();
        self.trace.ring().trim(room);
    }
}

impl Ring {
    /// Adds to the line that has begun, and ends it with its line feed. Empty lines go with the one after them.
    fn add(&mut self, at: UnixMs, piece: &[u8]) {
        if self.partial.is_empty() {
            self.partial_at = at;
        }
        self.partial.extend_from_slice(piece);
        let is_blank = self
            .partial
            .iter()
            .all(|byte| matches!(byte, b'\r' | b'\n'));
        let ends = piece.ends_with(b"\n") && !is_blank;
        if ends || self.partial.len() >= LINE_BYTES_MAX {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        if self.partial.is_empty() {
            return;
        }
        let partial = std::mem::take(&mut self.partial);
        self.push_bytes(self.partial_at, Direction::FromModem, &partial);
        self.partial = partial;
        self.partial.clear();
    }

    fn push_bytes(&mut self, at: UnixMs, direction: Direction, bytes: &[u8]) {
        let bytes = &bytes[..bytes.len().min(LINE_BYTES_MAX)];
        let kept = without_pins(bytes).into_owned().into_boxed_slice();
        self.push(at, What::Wire(direction, kept));
    }

    fn push(&mut self, at: UnixMs, what: What) {
        self.last_seq += 1;
        let seq = self.last_seq;
        let record = Record { seq, at, what };
        self.bytes += record.cost();
        self.records.push_back(record);
    }

    fn trim(&mut self, room: usize) {
        while self.bytes > room
            && let Some(oldest) = self.records.pop_front()
        {
            self.bytes -= oldest.cost();
        }
    }

    fn after(&self, seq: u64) -> Excerpt {
        let first = self
            .records
            .front()
            .map_or(self.last_seq + 1, |record| record.seq);
        let from = usize::try_from((seq + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        let lost = if seq == 0 {
            0
        } else {
            first.saturating_sub(seq + 1)
        };
        let records = self
            .records
            .range(from.min(self.records.len())..)
            .cloned()
            .collect();
        Excerpt { lost, records }
    }
}

impl Record {
    fn cost(&self) -> usize {
        let bytes = match &self.what {
            What::Wire(_, bytes) => bytes.len(),
            What::Note(words) => words.len(),
        };
        bytes + RECORD_BYTES
    }
}

/// Kept of each line: some ten messages, or the whole of an initialisation; 4 MiB for 512 lines.
const KEPT_BYTES_MAX: usize = 8 * 1024;
/// Kept while somebody follows: a reader may be slow for some minutes.
const FOLLOWED_BYTES_MAX: usize = 256 * 1024;
/// Kept of what led to a failure: all that the ring holds then, about.
const FAILURE_RECORDS_MAX: usize = 96;
/// Longer lines are cut: the framer of the machine drops them anyway.
const LINE_BYTES_MAX: usize = 2048;
/// What a record costs beside its bytes.
const RECORD_BYTES: usize = 48;

#[cfg(test)]
mod tests;
