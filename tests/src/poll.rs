//! Waiting for the world: ask again until it is so, or until the deadline.
//!
//! Nothing here measures time; the deadline is only there so that a hang becomes a failure.

use std::time::{Duration, Instant};

/// Asks until there is an answer.
///
/// # Panics
/// When there is none within [`DEADLINE`]; `what` says what was waited for.
pub fn eventually<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    eventually_within(DEADLINE, what, ask)
}

/// Asks so long until there is an answer.
///
/// # Panics
/// When there is none; `what` says what was waited for.
pub fn eventually_within<T>(
    deadline: Duration,
    what: &str,
    mut ask: impl FnMut() -> Option<T>,
) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            started.elapsed() < deadline,
            "waited {} s for this: {what}",
            deadline.as_secs()
        );
        std::thread::sleep(PAUSE);
    }
}

/// How long a test waits for anything: generous, since the machine may be busy with other work.
pub const DEADLINE: Duration = Duration::from_secs(60);
/// Between two questions: short against what a person notices, long against what asking costs.
const PAUSE: Duration = Duration::from_millis(10);
