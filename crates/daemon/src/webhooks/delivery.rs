//! The delivery of one webhook: reads events after its cursor, posts them in batches, and moves the cursor on.
//!
//! ```text
//!        ┌────────────── read after cursor ◄───────────────┐
//!        ▼                                                 │
//!  nothing: wait   batch: post ── taken ──► note cursor ───┤
//!                    ▲  │ failed: wait, unless too old ────┤ dead letters
//!                    └──┘ refused: one by one ─────────────┘
//! ```
//!
//! However long a receiver is dead, what is kept for it is bounded: once it has failed with events that are too old, all that
//! are as old are given up without another POST, so that the cursor never lags much further behind; and of dead letters the
//! newest [`DEAD_LETTERS_MAX`] are kept.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gateway::UnixMs;
use serde::Serialize;
use store::{DeadLetter, StoredEvent};
use tokio::sync::Notify;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::Outbox;
use super::policy::{self, Answer};
use super::post::{Poster, Signed};
use crate::api::event_view;
use crate::clock;
use crate::config::WebhookConfig;

pub(super) struct Delivery {
    config: WebhookConfig,
    outbox: Outbox,
    poster: Poster,
    resend: Arc<Notify>,
    stop: CancellationToken,
    cursor: u64,
    /// The cursor that is kept.
    noted: u64,
    /// Up to here events are missing, and the log says so.
    gap_told: u64,
    /// How the receiver failed when events were given up as too old; `None` once it has answered again.
    lost_because: Option<Box<str>>,
}

/// An event on its way: its JSON is made once.
struct Letter {
    seq: u64,
    at: UnixMs,
    json: Box<str>,
}

/// What a POST carries.
#[derive(Serialize)]
struct Batch<'a> {
    webhook: &'a str,
    events: Vec<&'a serde_json::value::RawValue>,
}

/// Why a batch was given up.
enum GivenUp {
    /// The receiver calls the content wrong.
    Refused(Box<str>),
    /// It failed for so long that even the youngest event is too old.
    TooOld(Box<str>),
}

/// The daemon stops, or the webhook was taken out.
struct Stopped;

impl Delivery {
    pub(super) fn new(
        config: WebhookConfig,
        outbox: Outbox,
        poster: Poster,
        resend: Arc<Notify>,
        stop: CancellationToken,
    ) -> Delivery {
        Delivery {
            config,
            outbox,
            poster,
            resend,
            stop,
            cursor: 0,
            noted: 0,
            gap_told: 0,
            lost_because: None,
        }
    }

    pub(super) async fn run(mut self) {
        let stop = self.stop.clone();
        tokio::select! {
            () = stop.cancelled() => {}
            Stopped = self.deliver() => {}
        }
    }

    async fn deliver(&mut self) -> Stopped {
        self.find_cursor().await;
        loop {
            self.outbox.last_seq.mark_unchanged();
            let events = self.read().await;
            let Some(last) = events.last() else {
                tokio::select! {
                    changed = self.outbox.last_seq.changed() => if changed.is_err() { return Stopped },
                    () = self.resend.notified() => self.send_dead_letters().await,
                }
                // Lets a few more events come, so that they share a POST.
                sleep(GATHER).await;
                continue;
            };
            let read_to = last.seq;
            let wanted: Vec<Letter> = events
                .iter()
                .filter(|event| self.config.wants(event.kind))
                .map(letter)
                .collect();
            for batch in wanted.chunks(self.config.batch_max) {
                self.note_behind(Some(batch[0].at));
                let dead = self.post_all(batch).await;
                self.advance(batch[batch.len() - 1].seq, dead).await;
            }
            self.read_past(read_to).await;
            self.note_behind(None);
        }
    }

    /// Events that this webhook does not want need no note each: after a restart they are read past again.
    async fn read_past(&mut self, read_to: u64) {
        if read_to >= self.noted.saturating_add(NOTE_EVERY) {
            self.advance(read_to, Vec::new()).await;
        }
        self.cursor = read_to;
        self.change(|status| status.cursor = read_to);
    }

    /// A webhook that was there before goes on where it was; a new one begins with what happens from now on.
    async fn find_cursor(&mut self) {
        let name = self.config.name.clone();
        let (cursor, dead) = self
            .insist(move |deliveries| {
                Ok((deliveries.cursor(&name)?, deliveries.dead_count(&name)?))
            })
            .await;
        if let Some(cursor) = cursor {
            self.cursor = cursor;
            self.noted = cursor;
        } else {
            let now = *self.outbox.last_seq.borrow();
            self.advance(now, Vec::new()).await;
        }
        let cursor = self.cursor;
        self.change(|status| {
            status.cursor = cursor;
            status.dead = dead;
        });
    }

    async fn read(&mut self) -> Vec<StoredEvent> {
        loop {
            let (history, after) = (self.outbox.history.clone(), self.cursor);
            let read = tokio::task::spawn_blocking(move || history.events(after, READ_MAX));
            match read.await.expect("reading does not panic") {
                Ok(page) => {
                    self.note_gap(page.whole_after);
                    return page.events;
                }
                Err(error) => {
                    tracing::error!(webhook = %self.config.name, %error, "a webhook waits: the store can't be read");
                    sleep(STORE_AGAIN).await;
                }
            }
        }
    }

    /// Events are kept until each webhook has them: some are gone only for one that was out of the configuration for long.
    fn note_gap(&mut self, whole_after: u64) {
        if self.cursor < whole_after && self.gap_told < whole_after {
            tracing::warn!(webhook = %self.config.name, after = self.cursor, whole_after,
                "events were deleted before this webhook came back: it goes on with what is left");
            self.gap_told = whole_after;
        }
    }

    /// Posts until everything is taken or given up; tells what was given up.
    async fn post_all(&mut self, batch: &[Letter]) -> Vec<DeadLetter> {
        match self.post_until_answered(batch).await {
            Ok(()) => Vec::new(),
            Err(GivenUp::Refused(_)) if batch.len() > 1 => {
                // One of them is at fault: each is judged by itself.
                let mut dead = Vec::new();
                for letter in batch {
                    let alone = std::slice::from_ref(letter);
                    if let Err(given_up) = self.post_until_answered(alone).await {
                        dead.push(dead_letter(letter, given_up.why()));
                    }
                }
                dead
            }
            Err(given_up) => {
                let why = given_up.why();
                batch
                    .iter()
                    .map(|letter| dead_letter(letter, why))
                    .collect()
            }
        }
    }

    /// Posts until it is taken, the receiver refuses the content, or the youngest of it is too old to go on.
    async fn post_until_answered(&mut self, batch: &[Letter]) -> Result<(), GivenUp> {
        let youngest = batch.last().expect("a batch is never empty").at;
        if let Some(why) = &self.lost_because
            && self.is_too_old(youngest)
        {
            return Err(GivenUp::TooOld(why.clone()));
        }
        let mut failures = 0;
        let mut refusals = 0;
        loop {
            let (why, retry_after) = match self.post(batch).await {
                Answer::Taken => {
                    self.lost_because = None;
                    self.note_delivered(batch.len());
                    return Ok(());
                }
                Answer::Refused(why) => {
                    self.lost_because = None;
                    refusals += 1;
                    if batch.len() > 1 || refusals == REFUSALS_MAX {
                        return Err(GivenUp::Refused(why));
                    }
                    (why, None)
                }
                Answer::Failed { why, retry_after } => (why, retry_after),
            };
            failures += 1;
            let wait = policy::wait(failures, retry_after);
            self.note_failed(&why, wait);
            if self.is_too_old(youngest) {
                self.lost_because = Some(why.clone());
                return Err(GivenUp::TooOld(why));
            }
            sleep(wait).await;
        }
    }

    fn is_too_old(&self, at: UnixMs) -> bool {
        age(at) > self.config.retry_for
    }

    async fn post(&self, batch: &[Letter]) -> Answer {
        let first = batch.first().expect("a batch is never empty").seq;
        let last = batch.last().expect("a batch is never empty").seq;
        let id = format!("{}.{first}-{last}", self.config.name);
        let body = body(&self.config.name, batch);
        let timestamp_s = clock::wall().0 / 1000;
        let signed = Signed {
            signature: self.config.secret.sign(&id, timestamp_s, &body),
            id,
            timestamp_s,
            body,
        };
        let (url, wait) = (self.config.url.uri(), self.config.timeout);
        self.poster.post(url, &signed, wait).await
    }

    /// Sends dead letters again, oldest first, until all are taken or one is not.
    async fn send_dead_letters(&mut self) {
        let mut after = 0;
        loop {
            let (name, limit) = (self.config.name.clone(), self.config.batch_max);
            let dead = self
                .insist(move |deliveries| deliveries.dead(&name, after, limit))
                .await;
            let Some(last) = dead.last() else { return };
            after = last.seq;
            for letter in dead {
                let seq = letter.seq;
                let again = Letter {
                    seq,
                    at: letter.at,
                    json: letter.event,
                };
                match self.post(std::slice::from_ref(&again)).await {
                    Answer::Taken => {
                        self.note_delivered(1);
                        let name = self.config.name.clone();
                        self.insist(move |deliveries| deliveries.revived(&name, &[seq]))
                            .await;
                        self.change(|status| status.dead = status.dead.saturating_sub(1));
                    }
                    Answer::Refused(why) => self.bury_again(&again, &why).await,
                    Answer::Failed { why, .. } => {
                        self.bury_again(&again, &why).await;
                        return;
                    }
                }
            }
        }
    }

    async fn bury_again(&self, letter: &Letter, why: &str) {
        let dead = [dead_letter(letter, why)];
        let name = self.config.name.clone();
        self.insist(move |deliveries| deliveries.bury(&name, &dead))
            .await;
    }

    async fn advance(&mut self, seq: u64, dead: Vec<DeadLetter>) {
        let count = dead.len() as u64;
        if count > 0 {
            tracing::warn!(webhook = %self.config.name, count, "events were given up: see `simfleet webhooks`");
        }
        let name = self.config.name.clone();
        self.insist(move |deliveries| deliveries.advance(&name, seq, &dead))
            .await;
        self.cursor = seq;
        self.noted = seq;
        self.change(|status| {
            status.cursor = seq;
            status.given_up += count;
            status.dead += count;
        });
        self.forget_dead_letters().await;
    }

    /// Keeps the dead letters of a receiver that never comes back from filling the disk.
    async fn forget_dead_letters(&self) {
        let name = self.config.name.clone();
        let status = self.outbox.board.status(&name);
        if status.is_none_or(|status| status.dead <= DEAD_LETTERS_MAX + DEAD_LETTERS_MAX / 10) {
            return;
        }
        let forgotten = self
            .insist(move |deliveries| deliveries.forget_oldest(&name, DEAD_LETTERS_MAX))
            .await;
        tracing::warn!(webhook = %self.config.name, forgotten, "there are too many dead letters: the oldest are forgotten");
        self.change(|status| status.dead = status.dead.saturating_sub(forgotten));
    }

    /// Does something to the file of cursors, again and again until it succeeds: a full disk passes.
    async fn insist<T: Send + 'static>(
        &self,
        work: impl Fn(&mut store::Deliveries) -> Result<T, store::StoreError> + Send + Sync + 'static,
    ) -> T {
        let work = Arc::new(work);
        loop {
            let once = Arc::clone(&work);
            match self.outbox.on_deliveries(move |file| once(file)).await {
                Ok(value) => return value,
                Err(error) => {
                    tracing::error!(webhook = %self.config.name, %error, "a webhook waits: its cursor can't be kept");
                    sleep(STORE_AGAIN).await;
                }
            }
        }
    }

    fn note_behind(&self, since: Option<UnixMs>) {
        self.change(|status| status.behind_since = since);
    }

    fn note_delivered(&self, events: usize) {
        let events = events as u64;
        self.change(|status| {
            status.delivered += events;
            if status.error.take().is_some() {
                tracing::info!(webhook = %self.config.name, "the webhook takes events again");
            }
        });
    }

    fn note_failed(&self, why: &str, wait: Duration) {
        self.change(|status| {
            // Said once, and then only when it changes: a server that is down for a night is one line.
            if status.error.as_deref() != Some(why) {
                let wait_s = wait.as_secs();
                tracing::warn!(webhook = %self.config.name, why, wait_s, "the webhook does not take events");
                status.error = Some(why.into());
            }
        });
    }

    fn change(&self, change: impl FnOnce(&mut super::WebhookStatus)) {
        self.outbox.board.change(&self.config.name, change);
    }
}

impl GivenUp {
    fn why(&self) -> &str {
        match self {
            GivenUp::Refused(why) | GivenUp::TooOld(why) => why,
        }
    }
}

fn letter(event: &StoredEvent) -> Letter {
    let json = serde_json::to_string(&event_view(event)).expect("an event is strings and numbers");
    Letter {
        seq: event.seq,
        at: event.at,
        json: json.into(),
    }
}

fn body(webhook: &str, batch: &[Letter]) -> Bytes {
    let events = batch
        .iter()
        .map(|letter| serde_json::from_str(&letter.json).expect("it was made as JSON"));
    let batch = Batch {
        webhook,
        events: events.collect(),
    };
    serde_json::to_vec(&batch)
        .expect("a batch is strings and JSON")
        .into()
}

fn dead_letter(letter: &Letter, reason: &str) -> DeadLetter {
    DeadLetter {
        seq: letter.seq,
        at: clock::wall(),
        reason: reason.into(),
        event: letter.json.clone(),
    }
}

fn age(at: UnixMs) -> Duration {
    let ms = clock::wall().0.saturating_sub(at.0);
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

/// Events read from the store at a time.
const READ_MAX: usize = 500;

/// Events that nobody wanted are read past again after a restart, up to so many.
const NOTE_EVERY: u64 = 1_000;

/// How long a webhook with nothing to do lets events gather once the first has come.
const GATHER: Duration = Duration::from_millis(50);

/// A single event that the receiver calls wrong this often is a dead letter: the receiver's fault may be a passing one.
const REFUSALS_MAX: u32 = 3;

/// Dead letters kept of a webhook, and a tenth more: about 40 MB.
const DEAD_LETTERS_MAX: u64 = 100_000;

/// How long to wait when the store can't be read or written.
const STORE_AGAIN: Duration = Duration::from_secs(5);
