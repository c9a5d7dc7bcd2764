//! The gateway's records in SQLite: group commit, replay at start, history queries, checkpoints.
//!
//! ```text
//!  core thread ── SqliteStore ─── commit, find_keys, texts, replay ──► simfleet.db-wal ──► simfleet.db
//!  API tasks ──── History ─────── message, search, events ◄──┘       ▲
//!  own thread ─── Checkpointer ── copies the log to the database ────┤
//!  own thread ─── Sweeper ─────── deletes what need not be kept ─────┘
//! ```
//!
//! Stores what the gateway says and gives it back; what a record means is the gateway's business. No async: every call
//! blocks for as long as the disk takes. What is deleted, and when, is said in `retention`.

mod backup;
mod changes;
mod check;
mod checkpoint;
mod deliveries;
mod error;
mod file;
mod history;
mod lock;
mod log;
mod replay;
mod retention;
mod rows;
mod schema;
mod sweep;
mod sweeper;
mod writer;

pub use backup::backup;
pub use check::{CheckReport, FAULTS_MAX, check};
pub use checkpoint::{CheckpointHealth, Checkpointer};
pub use deliveries::{DeadLetter, Deliveries};
pub use error::{OpenError, StoreError};
pub use history::{
    EVENTS_MAX, EventPage, Filter, History, PAGE_MAX, Page, SEARCH_TIME_MAX, StoredEvent, Story,
    Summary,
};
pub use retention::Retention;
pub use rows::message::Erased;
pub use sweeper::{SweepHealth, Sweeper};
pub use writer::{KEY_REMEMBERED_MS, SqliteStore};

#[cfg(test)]
mod tests;
