//! A consumer of the event stream that holds a cursor and outlives every daemon.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use client::EventView;

use crate::api::Api;

/// What the events say, read by a cursor across all kills.
#[derive(Debug)]
pub(super) struct Reader {
    api: Api,
    /// Numbers of all events, in the order in which they came.
    pub(super) seqs: Vec<u64>,
    /// Attempts that a kill left in doubt.
    pub(super) doubts: Vec<Doubt>,
    /// When each daemon started that found some, in order.
    restarts: BTreeMap<String, usize>,
}

/// One attempt in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    /// Which restart found it.
    pub(super) restart: usize,
    pub(super) line: String,
    /// The message.
    pub(super) id: String,
    pub(super) part: u8,
}

impl Reader {
    pub(super) fn new(api: Api) -> Reader {
        Reader {
            api,
            seqs: Vec::new(),
            doubts: Vec::new(),
            restarts: BTreeMap::new(),
        }
    }

    /// Reads until it is told to stop.
    pub(super) fn run(&mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            if !self.read_on() {
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// Reads up to the present end.
    pub(super) fn catch_up(&mut self) {
        while self.read_on() {}
    }

    /// All numbers, read anew from the first: what a consumer would have seen that never lost its daemon.
    pub(super) fn anew(&self) -> Vec<u64> {
        let mut other = Reader::new(self.api.clone());
        other.catch_up();
        other.seqs
    }

    /// Reads what there is behind the cursor; whether there was anything.
    fn read_on(&mut self) -> bool {
        let cursor = self.seqs.last().copied().unwrap_or(0);
        let events = self.api.try_events(cursor);
        for event in &events {
            self.take(event);
        }
        !events.is_empty()
    }

    fn take(&mut self, event: &EventView) {
        self.seqs.push(event.seq);
        let is_doubt = event.outcome.as_deref() == Some("unknown");
        if !is_doubt || event.cause.as_deref() != Some("restart") {
            return;
        }
        // All that a start finds has the time of that start.
        let next = self.restarts.len();
        let restart = *self.restarts.entry(event.at.clone()).or_insert(next);
        self.doubts.push(Doubt {
            restart,
            line: event.line.clone().unwrap_or_default(),
            id: event.id.clone(),
            part: event.part.unwrap_or(1),
        });
    }
}

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);
