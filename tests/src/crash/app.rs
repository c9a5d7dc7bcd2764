//! The app: hands keyed messages over, and again until each is answered, while daemons come and go.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use client::{MessageRequest, StatusView};

use crate::api::{Api, numbered};
use crate::site::Site;

/// An app that does not know what a daemon that was killed had accepted.
#[derive(Debug)]
pub(super) struct App {
    api: Api,
    queued_max: u64,
    /// Messages handed over, answered or not: those with the numbers below.
    pub(super) handed: usize,
    /// The id of each message that was answered.
    pub(super) answered: BTreeMap<usize, String>,
    chunks: usize,
}

impl App {
    pub(super) fn new(site: &Site, queued_max: u64) -> App {
        App {
            api: site.api(),
            queued_max,
            handed: 0,
            answered: BTreeMap::new(),
            chunks: 0,
        }
    }

    /// Keeps so many messages waiting until it is told to stop.
    pub(super) fn run(&mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            match self.queued() {
                Some(queued) if queued < self.queued_max => self.hand_over(),
                Some(_) | None => std::thread::sleep(PAUSE),
            }
        }
    }

    /// Hands everything over once more, as an app does that does not know; each message that was answered before must be
    /// known under the same id.
    pub(super) fn finish(&mut self) {
        let numbers: Vec<usize> = (0..self.handed).collect();
        for chunk in numbers.chunks(FINISH_CHUNK) {
            let messages: Vec<MessageRequest> = chunk.iter().map(|number| keyed(*number)).collect();
            let accepted = self.api.upload_all(&messages);
            for (number, accepted) in chunk.iter().zip(accepted) {
                let before = self.answered.insert(*number, accepted.id.clone());
                assert!(
                    before.is_none_or(|before| accepted.repeated && before == accepted.id),
                    "message {number} had been accepted, and is not known"
                );
            }
        }
    }

    /// In one upload or one by one: first what got no answer, then new ones.
    fn hand_over(&mut self) {
        let size = usize::try_from(self.queued_max / 10).unwrap_or(1).max(1);
        let unanswered = (0..self.handed).rev().take(size * 4);
        let mut numbers: Vec<usize> = unanswered
            .filter(|number| !self.answered.contains_key(number))
            .collect();
        if numbers.is_empty() {
            numbers = (self.handed..self.handed + size).collect();
            self.handed += size;
        }
        self.chunks += 1;
        let messages: Vec<MessageRequest> = numbers.iter().map(|number| keyed(*number)).collect();
        if self.chunks.is_multiple_of(4) {
            for (number, message) in numbers.iter().zip(&messages).take(SINGLES) {
                let Some(accepted) = self.api.try_send(message) else {
                    return;
                };
                self.answered.insert(*number, accepted.id);
            }
            return;
        }
        for (number, answer) in numbers.iter().zip(self.api.upload(&messages)) {
            let accepted = answer
                .accepted
                .unwrap_or_else(|| panic!("message {number} was refused: {:?}", answer.error));
            self.answered.insert(*number, accepted.id);
        }
    }

    /// `None` while no daemon answers.
    fn queued(&self) -> Option<u64> {
        let answer = self.api.get("/v1/status").ok()?;
        let whole = answer.status == 200 && answer.complete;
        whole.then(|| answer.json::<StatusView>().messages.queued)
    }
}

/// Message number `number`: every other one may be sent again when its outcome is unknown, one in 16 has three parts.
pub(super) fn keyed(number: usize) -> MessageRequest {
    let mut message = numbered(number);
    if number.is_multiple_of(16) {
        message.text += &" and there is more to say about it".repeat(10);
    }
    MessageRequest {
        key: Some(format!("crash-{number}")),
        class: Some(["otp", "notification", "bulk"][number % 3].to_owned()),
        expires_in: Some("6h".to_owned()),
        in_doubt: Some(policy(number).to_owned()),
        ..message
    }
}

/// The policy in doubt of a message.
pub(super) fn policy(number: usize) -> &'static str {
    match number.is_multiple_of(2) {
        true => "hold",
        false => "resend",
    }
}

/// Between two looks at a daemon that has enough, or is not there.
const PAUSE: Duration = Duration::from_millis(20);
/// Messages that are handed over one by one, when it is their turn.
const SINGLES: usize = 20;
/// Messages of one upload at the end.
const FINISH_CHUNK: usize = 2_000;
