//! The threads that tasks run on.

use std::io;
use std::time::Duration;

use crate::port::PORT_WORK_MAX;

/// Builds the runtime of lines, API and supervisor. The core has a thread of its own.
///
/// # Errors
/// If the operating system gives no threads.
pub(crate) fn build() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING_THREADS_MAX)
        .thread_name("shell")
        .enable_all()
        .build()
}

/// How long blocking work, such as the closing of a port, may go on after everything else has ended.
pub(crate) const SHUTDOWN_WAIT_MAX: Duration = Duration::from_secs(2);

/// All lines and all callers together use a small part of one.
const WORKERS: usize = 2;

/// Ports being opened or closed, and queries of the history.
const BLOCKING_THREADS_MAX: usize = 16;

const _: () = assert!(PORT_WORK_MAX < BLOCKING_THREADS_MAX);
