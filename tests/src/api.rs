//! The daemon's API as an app sees it: requests and answers in the wire types of `client`, without its code.
//!
//! Calls that must succeed panic with what the daemon said; refusals are looked at with [`Api::post`] and [`Api::get`].

use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use client::{
    Accepted, EventView, LineAnswer, LinePage, LineView, MessageCounts, MessageRequest,
    MessageView, SimPage, SimView, StatusView,
};
use serde::de::DeserializeOwned;

use crate::described::{Description, Exchange};
use crate::http::{Answer, exchange};
use crate::poll::{DEADLINE, eventually, eventually_within};

/// A way to a daemon; the daemon may come and go.
#[derive(Clone, Debug)]
pub struct Api {
    socket: PathBuf,
}

impl Api {
    /// By the path of its socket.
    pub fn new(socket: &Path) -> Api {
        Api {
            socket: socket.to_owned(),
        }
    }

    /// `GET`, whatever the answer.
    ///
    /// # Errors
    /// When the daemon is not there, or goes away.
    pub fn get(&self, target: &str) -> std::io::Result<Answer> {
        self.exchange("GET", target, &[], b"")
    }

    /// `POST` of a body of that type, whatever the answer.
    ///
    /// # Errors
    /// When the daemon is not there, or goes away.
    pub fn post(&self, target: &str, media_type: &str, body: &[u8]) -> std::io::Result<Answer> {
        let headers = [("content-type", media_type)];
        self.exchange("POST", target, &headers, body)
    }

    /// `DELETE`, whatever the answer.
    ///
    /// # Errors
    /// When the daemon is not there, or goes away.
    pub fn delete(&self, target: &str) -> std::io::Result<Answer> {
        self.exchange("DELETE", target, &[], b"")
    }

    /// `GET` of what is there.
    ///
    /// # Panics
    /// When it is not, or the daemon is not.
    pub fn fetch<T: DeserializeOwned>(&self, target: &str) -> T {
        let answer = self
            .get(target)
            .unwrap_or_else(|error| panic!("GET {target}: {error}"));
        assert_eq!(answer.status, 200, "GET {target}: {}", answer.text());
        answer.json()
    }

    /// Hands one message over; `None` if nobody answered.
    ///
    /// # Panics
    /// When it is refused.
    pub fn try_send(&self, message: &MessageRequest) -> Option<Accepted> {
        let answer = self
            .post("/v1/messages", JSON, &to_json(message))
            .ok()
            .filter(|answer| answer.complete)?;
        assert!(
            matches!(answer.status, 200 | 202),
            "{}: {}",
            answer.status,
            answer.text()
        );
        Some(answer.json())
    }

    /// Hands one message over.
    ///
    /// # Panics
    /// When it is refused, or nobody answers.
    pub fn send(&self, message: &MessageRequest) -> Accepted {
        self.try_send(message).expect("the daemon answers")
    }

    /// Hands many messages over in one upload: an answer for each, as far as they came.
    ///
    /// # Panics
    /// When the upload as a whole is refused.
    pub fn upload(&self, messages: &[MessageRequest]) -> Vec<LineAnswer> {
        let body: Vec<u8> = messages
            .iter()
            .flat_map(|message| to_json(message).into_iter().chain(*b"\n"))
            .collect();
        match self.post("/v1/messages", NDJSON, &body) {
            Ok(answer) => {
                assert_eq!(answer.status, 200, "{}", answer.text());
                answer.lines()
            }
            Err(_) => Vec::new(),
        }
    }

    /// Hands many messages over in one upload, and has each accepted.
    ///
    /// # Panics
    /// When one is not.
    pub fn upload_all(&self, messages: &[MessageRequest]) -> Vec<Accepted> {
        let answers = self.upload(messages);
        assert_eq!(answers.len(), messages.len(), "an answer for each message");
        let accepted = answers.into_iter().map(|answer| {
            let LineAnswer {
                line,
                accepted,
                error,
            } = answer;
            accepted.unwrap_or_else(|| panic!("line {line} was refused: {error:?}"))
        });
        accepted.collect()
    }

    /// One message's story.
    ///
    /// # Panics
    /// When there is none.
    pub fn message(&self, id: &str) -> MessageView {
        self.fetch(&format!("/v1/messages/{id}"))
    }

    /// Waits until a message has ended.
    ///
    /// # Panics
    /// When it does not.
    pub fn ended(&self, id: &str) -> MessageView {
        eventually("the message ends", || {
            Some(self.message(id)).filter(|message| message.ended)
        })
    }

    /// The fleet at a glance.
    ///
    /// # Panics
    /// When the daemon is not there.
    pub fn status(&self) -> StatusView {
        self.fetch("/v1/status")
    }

    /// Waits until the counts are such.
    ///
    /// # Panics
    /// When they never are.
    pub fn counts(&self, what: &str, are_such: impl Fn(&MessageCounts) -> bool) -> MessageCounts {
        self.counts_within(DEADLINE, what, are_such)
    }

    /// Waits so long until the counts are such.
    ///
    /// # Panics
    /// When they never are.
    pub fn counts_within(
        &self,
        deadline: Duration,
        what: &str,
        are_such: impl Fn(&MessageCounts) -> bool,
    ) -> MessageCounts {
        let mut last = MessageCounts::default();
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            eventually_within(deadline, what, || {
                last = self.status().messages;
                are_such(&last).then_some(last)
            })
        }));
        found.unwrap_or_else(|_| panic!("{what}: never so, at last {last:?}"))
    }

    /// All lines.
    ///
    /// # Panics
    /// When the daemon is not there.
    pub fn lines(&self) -> Vec<LineView> {
        self.fetch::<LinePage>("/v1/lines").lines
    }

    /// All SIMs.
    ///
    /// # Panics
    /// When the daemon is not there.
    pub fn sims(&self) -> Vec<SimView> {
        self.fetch::<SimPage>("/v1/sims").sims
    }

    /// Waits until so many lines can send.
    ///
    /// # Panics
    /// When they never can.
    pub fn lines_ready(&self, lines: usize) {
        eventually(&format!("{lines} lines are ready"), || {
            let ready = self
                .lines()
                .into_iter()
                .filter(|line| line.state == "ready" || line.state == "sending");
            (ready.count() >= lines).then_some(())
        });
    }

    /// All events after one, up to the present end.
    ///
    /// # Panics
    /// When the daemon refuses, or goes away.
    pub fn events(&self, after: u64) -> Vec<EventView> {
        let answer = self.ask_events(after).expect("the daemon answers");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.complete, "the stream ends by itself");
        answer.lines()
    }

    /// Events after one, as far as they came; none if nobody answered.
    ///
    /// # Panics
    /// When the daemon refuses.
    pub fn try_events(&self, after: u64) -> Vec<EventView> {
        let Ok(answer) = self.ask_events(after) else {
            return Vec::new();
        };
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.lines()
    }

    fn ask_events(&self, after: u64) -> std::io::Result<Answer> {
        let target = format!("/v1/events?after={after}&follow=false");
        self.exchange("GET", &target, &[("accept", NDJSON)], b"")
    }

    /// One request, whose answer has to be as described for programs.
    fn exchange(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> std::io::Result<Answer> {
        static DESCRIPTION: LazyLock<Description> = LazyLock::new(|| Description::read(OPENAPI));
        let answer = exchange(&self.socket, method, target, headers, body)?;
        if answer.complete {
            let checked = DESCRIPTION.check(Exchange {
                method,
                target,
                status: answer.status,
                media_type: answer.header("content-type").unwrap_or_default(),
                body: &answer.text(),
            });
            checked.unwrap_or_else(|what| panic!("{what}"));
        }
        Ok(answer)
    }
}

/// Message number `number` of a test: a recipient and a text of its own.
pub fn numbered(number: usize) -> MessageRequest {
    MessageRequest {
        to: format!("+49151{number:08}"),
        text: format!("Parcel {number:05} is on its way to you"),
        ..MessageRequest::default()
    }
}

fn to_json(message: &MessageRequest) -> Vec<u8> {
    serde_json::to_vec(message).expect("a request is strings and a bool")
}

/// The description for programs, as the daemon serves it.
const OPENAPI: &str = include_str!("../../crates/daemon/src/api/openapi.json");

const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";
