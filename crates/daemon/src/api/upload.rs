//! Many messages in one request: NDJSON in, NDJSON out, answered in order as each message becomes durable.
//!
//! ```text
//!  body ─► lines ─► prepare ─► chunks of up to 64 ─► core ─► answers, chunk by chunk, in order ─► body
//!                              └──── at most WINDOW messages unanswered: then the body is not read ────┘
//! ```

mod splitter;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use client::{LineAnswer, MeasureView};
use futures_util::StreamExt;
use futures_util::stream;
use gateway::{Class, Refusal};
use tokio::sync::oneshot;

use super::prepare::Prepared;
use super::problem::Failure;
use super::{Api, messages, prepare};
use crate::core::{CALLS_MAX, Call, Said, TURN_INPUTS_MAX};
use splitter::{Line, Splitter};

/// Answers an upload while it is still running.
pub(super) fn answer(api: Arc<Api>, body: Body) -> Response {
    let upload = Upload {
        api,
        body: body.into_data_stream(),
        splitter: Splitter::new(LINE_BYTES_MAX),
        line: 0,
        chunk: Chunk::default(),
        sent: VecDeque::new(),
        unanswered: 0,
        ended: false,
    };
    let answers = stream::unfold(upload, |mut upload| async move {
        let bytes = upload.next().await?;
        Some((Ok::<_, Infallible>(bytes), upload))
    });
    (
        [(header::CONTENT_TYPE, "application/x-ndjson")],
        Body::from_stream(answers),
    )
        .into_response()
}

struct Upload {
    api: Arc<Api>,
    body: BodyDataStream,
    splitter: Splitter,
    /// Number of the last line that was read.
    line: u64,
    /// Lines that are not with the core yet.
    chunk: Chunk,
    sent: VecDeque<Sent>,
    /// Lines read and not answered.
    unanswered: usize,
    /// Whether the whole body is read.
    ended: bool,
}

/// Lines that go to the core together.
#[derive(Default)]
struct Chunk {
    items: Vec<Item>,
    calls: Vec<Call>,
}

/// One line, and what is known of its answer.
struct Item {
    line: u64,
    /// What is known of a message that the core answers for.
    fate: Result<(Class, MeasureView), Failure>,
}

/// Lines whose answers the core owes.
struct Sent {
    items: Vec<Item>,
    since: Instant,
    answers: Answers,
}

enum Answers {
    /// Some of the lines are with the core.
    Owed(oneshot::Receiver<Vec<Said>>),
    /// None of the lines was a message.
    None,
}

impl Upload {
    /// The next answers, as soon as some are there; `None` after the last.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            self.read_lines().await;
            if self.sent.is_empty() && self.ended {
                return None;
            }
            let may_read = !self.ended && self.unanswered < WINDOW;
            tokio::select! {
                biased;
                said = owed(self.sent.front_mut()), if !self.sent.is_empty() => {
                    return Some(self.word_answers(said));
                }
                data = self.body.next(), if may_read => self.take_data(data),
            }
        }
    }

    fn take_data(&mut self, data: Option<Result<Bytes, axum::Error>>) {
        match data {
            Some(Ok(data)) => self.splitter.push(&data),
            // A sender who went away midway left a torn last line: it is not a message.
            Some(Err(_)) => {
                self.splitter.give_up();
                self.ended = true;
            }
            None => {
                self.splitter.finish();
                self.ended = true;
            }
        }
    }

    /// Prepares the complete lines that are there, as far as the window allows, and hands them to the core.
    async fn read_lines(&mut self) {
        let settings = Arc::clone(&self.api.settings.borrow());
        while self.unanswered < WINDOW {
            let Some(line) = self.splitter.next() else {
                break;
            };
            self.line += 1;
            let prepared = match line {
                Line::Blank => continue,
                Line::TooLong => Err(Failure::line_too_long(LINE_BYTES_MAX)),
                Line::Text(text) => prepare::prepare(&settings, &text),
            };
            self.unanswered += 1;
            self.chunk.add(self.line, prepared);
            if self.chunk.items.len() == CALLS_MAX {
                self.send_chunk().await;
            }
        }
        self.send_chunk().await;
    }

    async fn send_chunk(&mut self) {
        let Chunk { items, calls } = std::mem::take(&mut self.chunk);
        if items.is_empty() {
            return;
        }
        let since = Instant::now();
        let answers = if calls.is_empty() {
            Answers::None
        } else {
            match self.api.core.calls(calls).await {
                Ok(receiver) => Answers::Owed(receiver),
                // Each message is then answered as not accepted.
                Err(_) => Answers::None,
            }
        };
        self.sent.push_back(Sent {
            items,
            since,
            answers,
        });
    }

    /// Words the answers of the first chunk, and of those after it that are complete too.
    fn word_answers(&mut self, said: Vec<Said>) -> Bytes {
        let mut out = Vec::new();
        let mut said = Some(said);
        while let Some(answers) = said.take() {
            let Some(sent) = self.sent.pop_front() else {
                break;
            };
            self.word_chunk(&mut out, sent, answers);
            said = self
                .sent
                .front_mut()
                .and_then(|next| match &mut next.answers {
                    Answers::Owed(receiver) => receiver.try_recv().ok(),
                    Answers::None => Some(Vec::new()),
                });
        }
        out.into()
    }

    fn word_chunk(&mut self, out: &mut Vec<u8>, sent: Sent, said: Vec<Said>) {
        let after = sent.since.elapsed();
        let mut said = said.into_iter();
        self.unanswered -= sent.items.len();
        for Item { line, fate } in sent.items {
            let accepted = fate.and_then(|(class, measure)| {
                let said = said.next().unwrap_or(Err(Refusal::Draining));
                let accepted = messages::accepted(said?, measure)?;
                self.api.metrics.accepted(class, after);
                Ok(accepted)
            });
            let answer = match accepted {
                Ok(accepted) => LineAnswer {
                    line,
                    accepted: Some(accepted),
                    error: None,
                },
                Err(failure) => {
                    let problem = failure.problem();
                    self.api.metrics.not_accepted(&problem.code);
                    LineAnswer {
                        line,
                        accepted: None,
                        error: Some(problem.clone()),
                    }
                }
            };
            serde_json::to_writer(&mut *out, &answer).expect("an answer is strings and numbers");
            out.push(b'\n');
        }
    }
}

impl Chunk {
    fn add(&mut self, line: u64, prepared: Result<Prepared, Failure>) {
        let fate = prepared.and_then(|prepared| {
            if prepared.dry_run {
                return Err(Failure::malformed(
                    "dry_run: asks about one message; send it as application/json",
                ));
            }
            let class = prepared.request.class;
            self.calls.push(Call::Accept(Box::new(prepared.request)));
            Ok((class, prepared.measure))
        });
        self.items.push(Item { line, fate });
    }
}

/// The core's answers for a chunk; none if it has ended. Cancel-safe.
async fn owed(sent: Option<&mut Sent>) -> Vec<Said> {
    match sent.map(|sent| &mut sent.answers) {
        Some(Answers::Owed(receiver)) => receiver.await.unwrap_or_default(),
        Some(Answers::None) | None => Vec::new(),
    }
}

/// The longest line: as much as a single body.
const LINE_BYTES_MAX: usize = super::body::BODY_BYTES_MAX;

/// Messages of one upload that may be unanswered: enough to fill several turns, so that the core never waits for the
/// socket, and little enough to hold.
const WINDOW: usize = 4 * TURN_INPUTS_MAX;
