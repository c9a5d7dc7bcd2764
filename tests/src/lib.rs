//! A gateway host in a temporary folder, for tests with real processes: simulated modems on pseudo-terminals, the daemon
//! as a child process, the API over its socket, and a judgement from the simulator's ledger.
//!
//! ```text
//!  Site ── Fleet (this process) ═ ptys ═ Daemon (child process) ── socket ── Api (this process)
//!    └──── ledger ──► judge ◄── what the API says ───────────────────────────┘
//! ```
//!
//! A site knows no crate of the daemon's: what it believes comes over the socket, from files and from exit codes.
//! The [`world`] is the opposite: the machines themselves, on virtual time, from one seed.

mod api;
mod binaries;
pub mod crash;
mod daemon;
#[path = "../../crates/daemon/src/api/tests/described.rs"]
mod described;
mod http;
mod judge;
mod poll;
mod receiver;
mod site;
mod tree;
mod volume;
pub mod world;

pub use api::{Api, numbered};
pub use binaries::{Binary, binary};
pub use daemon::{Daemon, Ended};
pub use http::{Answer, exchange};
pub use judge::{Judgement, judge};
pub use poll::{DEADLINE, eventually, eventually_within};
pub use receiver::{Post, Receiver};
pub use site::{Site, SiteSettings};
pub use tree::{Tree, repository};
pub use volume::Volume;
