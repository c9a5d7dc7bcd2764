//! Webhooks: the event stream, pushed to the apps' own HTTP servers.
//!
//! ```text
//!  store (events) ──► delivery, one task a webhook ──► POST, signed ──► app
//!                        │    cursor, dead letters
//!                        └──► webhooks.db
//! ```
//!
//! Each webhook has a task of its own with a cursor into the event sequence, so nothing is missed across restarts of either
//! side, and a slow or dead server holds up nobody: neither the other webhooks nor, ever, the sending of messages. Events are
//! delivered in order and at least once. What can't be delivered in time becomes a dead letter and can be sent again.

mod delivery;
mod policy;
mod post;
mod signature;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dashmap::DashMap;
use gateway::UnixMs;
use store::{Deliveries, History, StoreError};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::WebhookConfig;
use delivery::Delivery;

pub(crate) use post::{Poster, TlsError};
pub(crate) use signature::Secret;

/// What all deliveries share.
#[derive(Clone)]
pub(crate) struct Outbox {
    pub(crate) history: History,
    pub(crate) deliveries: Arc<Mutex<Deliveries>>,
    pub(crate) last_seq: watch::Receiver<u64>,
    pub(crate) board: Arc<WebhookBoard>,
}

/// The running deliveries.
pub(crate) struct Webhooks {
    outbox: Outbox,
    running: HashMap<Box<str>, Running>,
}

struct Running {
    config: WebhookConfig,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// What is known of each webhook, for people and Prometheus.
#[derive(Default)]
pub(crate) struct WebhookBoard {
    webhooks: DashMap<Box<str>, Entry>,
}

struct Entry {
    status: WebhookStatus,
    resend: Arc<Notify>,
}

/// One webhook as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WebhookStatus {
    /// Scheme, host and port; the path may hold a secret.
    pub(crate) server: Box<str>,
    /// The last event it is done with.
    pub(crate) cursor: u64,
    /// Time of the oldest event that it has not taken; `None` while it has taken all.
    pub(crate) behind_since: Option<UnixMs>,
    /// Why the last attempt failed; `None` after a success.
    pub(crate) error: Option<Box<str>>,
    /// Events delivered since the daemon started.
    pub(crate) delivered: u64,
    /// Events given up since the daemon started.
    pub(crate) given_up: u64,
    /// Dead letters now.
    pub(crate) dead: u64,
}

impl Outbox {
    /// Runs `work` on the file of cursors and dead letters, where it may block.
    async fn on_deliveries<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Deliveries) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let deliveries = Arc::clone(&self.deliveries);
        let done = tokio::task::spawn_blocking(move || {
            // Each call is one transaction, so one that panicked left nothing half done.
            let mut deliveries = deliveries.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut deliveries)
        });
        done.await.expect("the work on the file does not panic")
    }
}

impl Webhooks {
    pub(crate) fn new(outbox: Outbox) -> Webhooks {
        Webhooks {
            outbox,
            running: HashMap::new(),
        }
    }

    /// Makes the running deliveries those of `configs`; what did not change goes on untouched.
    pub(crate) async fn reload(&mut self, configs: &[WebhookConfig], poster: &Poster) {
        let gone: Vec<Box<str>> = self
            .running
            .iter()
            .filter(|(_, running)| !configs.contains(&running.config))
            .map(|(name, _)| name.clone())
            .collect();
        for name in gone {
            if let Some(running) = self.running.remove(&name) {
                running.end().await;
            }
            self.outbox.board.webhooks.remove(&name);
        }
        for config in configs {
            if !self.running.contains_key(&config.name) {
                let running = self.start(config.clone(), poster.clone());
                self.running.insert(config.name.clone(), running);
            }
        }
    }

    /// The event up to which all webhooks are done.
    pub(crate) fn taken(&self) -> u64 {
        let all = self.outbox.board.all();
        let cursors = all.iter().map(|(_, status)| status.cursor);
        cursors.min().unwrap_or(u64::MAX)
    }

    /// Ends all deliveries. What was under way is delivered again after the next start.
    pub(crate) async fn stop(self) {
        for running in self.running.into_values() {
            running.end().await;
        }
    }

    fn start(&self, config: WebhookConfig, poster: Poster) -> Running {
        let stop = CancellationToken::new();
        let resend = Arc::new(Notify::new());
        let status = WebhookStatus {
            server: config.url.server().into(),
            cursor: 0,
            behind_since: None,
            error: None,
            delivered: 0,
            given_up: 0,
            dead: 0,
        };
        let entry = Entry {
            status,
            resend: Arc::clone(&resend),
        };
        self.outbox
            .board
            .webhooks
            .insert(config.name.clone(), entry);
        let delivery = Delivery::new(
            config.clone(),
            self.outbox.clone(),
            poster,
            resend,
            stop.clone(),
        );
        Running {
            config,
            stop,
            task: tokio::spawn(delivery.run()),
        }
    }
}

impl Running {
    async fn end(self) {
        self.stop.cancel();
        // A task that panicked has ended too; the panic is in the log.
        let _ = self.task.await;
    }
}

impl WebhookBoard {
    /// All webhooks by name, sorted.
    pub(crate) fn all(&self) -> Vec<(Box<str>, WebhookStatus)> {
        let mut all: Vec<_> = self
            .webhooks
            .iter()
            .map(|entry| (entry.key().clone(), entry.status.clone()))
            .collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        all
    }

    /// One webhook.
    pub(crate) fn status(&self, name: &str) -> Option<WebhookStatus> {
        self.webhooks.get(name).map(|entry| entry.status.clone())
    }

    /// Has a webhook's dead letters sent again. False if there is no such webhook.
    pub(crate) fn resend(&self, name: &str) -> bool {
        let Some(entry) = self.webhooks.get(name) else {
            return false;
        };
        entry.resend.notify_one();
        true
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut WebhookStatus)) {
        if let Some(mut entry) = self.webhooks.get_mut(name) {
            change(&mut entry.status);
        }
    }
}

#[cfg(test)]
mod tests;
