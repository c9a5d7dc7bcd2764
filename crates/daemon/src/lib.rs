//! The shell of the gateway: ports, sockets, files, clocks, tasks, metrics, configuration; no decisions.
//!
//! ```text
//!  apps ─► api ─────► core thread: Gateway + SqliteStore ─► send queues ─► line tasks ─► ports
//!                        ▲        one turn, one commit                        │
//!                        └──────────────── events ◄──────────────────────────┘
//! ```
//!
//! [`config::Config::load`] reads the configuration, [`run`] runs the daemon until it is told to stop.

mod api;
mod board;
mod clock;
pub mod config;
mod core;
mod disk;
mod duration;
mod hubs;
mod line_link;
mod line_task;
mod lines;
mod logging;
mod machine;
mod metrics;
mod port;
mod process;
mod run_error;
mod runtime;
mod send_queue;
mod signals;
mod supervisor;
mod systemd;
mod talk;
#[cfg(test)]
mod testing;
mod trace;
pub mod upkeep;
mod webhooks;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use store::{Checkpointer, Deliveries, History, SqliteStore, Sweeper};

use config::Config;
use supervisor::{Opened, Supervisor};

/// Why a text takes the parts that it takes, as the API says it.
pub use api::{data_measure_view, measure_view};
/// What a fleet can do, on paper too.
pub use gateway::{
    Bound, Capacity, Day, SendWindow, SimAbility, capacity, kept_for_codes, share_for_codes,
};
pub use run_error::RunError;

/// Runs the daemon in the foreground until SIGTERM or SIGINT. Blocking: it builds its own runtime.
///
/// # Errors
/// Why it can't start, or what made it stop.
pub fn run(config: Config) -> Result<(), RunError> {
    logging::start();
    if let Err(error) = process::raise_open_files_limit() {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
    make_state_dir(&config.state_dir)?;
    let store = SqliteStore::open(&config.state_dir)?;
    let opened = Opened {
        sweeper: Arc::new(Sweeper::start(
            &store,
            config.retention.clone(),
            clock::wall,
        )?),
        store,
        history: History::open(&config.state_dir)?,
        checkpointer: Arc::new(Checkpointer::start(&config.state_dir)?),
        deliveries: Deliveries::open(&config.state_dir)?,
    };
    let runtime = runtime::build().map_err(RunError::System)?;
    let ended = runtime.block_on(async { Supervisor::start(config, opened).await?.run().await });
    runtime.shutdown_timeout(runtime::SHUTDOWN_WAIT_MAX);
    ended
}

/// Makes the state directory if it is missing, for its owner alone: the store holds texts and numbers.
fn make_state_dir(path: &Path) -> Result<(), RunError> {
    let mut builder = DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(path);
    made.map_err(|source| RunError::StateDir {
        path: path.to_owned(),
        source,
    })
}
