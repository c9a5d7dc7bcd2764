//! What systemd is told (`sd_notify(3)`). Without systemd nothing happens.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::core::CoreHandle;

/// The daemon serves, in so many words.
pub(crate) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// The configuration is being read again; [`ready`] follows.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

/// The daemon stops, in so many words.
pub(crate) fn stopping(status: &str) {
    tell(&[NotifyState::Stopping, NotifyState::Status(status)]);
}

/// Tells the watchdog that the core takes turns, as long as it does; returns at once if no watchdog watches.
pub(crate) async fn feed_watchdog(core: CoreHandle) {
    let Some(within) = sd_notify::watchdog_enabled() else {
        return;
    };
    // Half of the time, as sd_watchdog_enabled(3) advises.
    let every = (within / 2).max(EVERY_MIN);
    while core.snapshot().await.is_ok() {
        tell(&[NotifyState::Watchdog]);
        tokio::time::sleep(every).await;
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd can't be told");
    }
}

/// A watchdog faster than this measures only itself.
const EVERY_MIN: Duration = Duration::from_millis(100);
