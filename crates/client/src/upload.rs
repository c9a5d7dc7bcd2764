//! Many messages over one request: pushed one by one, answered line by line while the upload is still running.
//!
//! ```text
//!  UploadSender ── 64 KiB pipe ──► request body ──► daemon ──► answer body ──► UploadAnswers
//! ```
//!
//! Backpressure is the stream's own: when the daemon takes its time to make messages durable, `push` waits.
//! The two halves must be used at the same time (two tasks, or `tokio::join!`): answers that nobody reads stop the
//! daemon from reading messages.

use std::future::Future;
use std::pin::Pin;

use tokio::io::{AsyncWriteExt, DuplexStream};

use crate::error::ClientError;
use crate::lines::Lines;
use crate::types::{LineAnswer, MessageRequest};

/// An upload that has begun; see [`crate::Client::upload`].
pub struct Upload {
    sender: UploadSender,
    answers: UploadAnswers,
}

impl Upload {
    pub(crate) fn new(pipe: DuplexStream, opening: Opening) -> Upload {
        Upload {
            sender: UploadSender {
                pipe,
                line: Vec::new(),
                pushed: 0,
            },
            answers: UploadAnswers {
                stage: Stage::Opening(opening),
            },
        }
    }

    /// The two halves, for two tasks.
    pub fn split(self) -> (UploadSender, UploadAnswers) {
        (self.sender, self.answers)
    }
}

/// The half that hands messages over.
pub struct UploadSender {
    pipe: DuplexStream,
    line: Vec<u8>,
    pushed: u64,
}

impl UploadSender {
    /// Hands one message over and returns its line number, from 1; its answer carries the same number.
    /// Waits while the daemon is busy. Not cancel-safe: a line given up midway spoils the rest of the upload.
    ///
    /// # Errors
    /// `UploadEnded` if the daemon takes no more; the answers say why.
    pub async fn push(&mut self, message: &MessageRequest) -> Result<u64, ClientError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, message)
            .expect("a message request is strings, a bool and nothing else");
        self.line.push(b'\n');
        self.pipe
            .write_all(&self.line)
            .await
            .map_err(|_| ClientError::UploadEnded)?;
        self.pushed += 1;
        Ok(self.pushed)
    }

    /// Says that no more will come. Dropping the sender says the same.
    pub fn finish(self) {}
}

/// The half that reads the answers, in the order of the messages.
pub struct UploadAnswers {
    stage: Stage,
}

impl UploadAnswers {
    /// The next answer; `None` after the last one, or after an error. Cancel-safe.
    ///
    /// # Errors
    /// `Problem` if the daemon refused the upload as a whole, `Interrupted` if it went away: messages without an
    /// answer may or may not have been accepted; hand them over again with the same keys.
    pub async fn next(&mut self) -> Option<Result<LineAnswer, ClientError>> {
        if let Stage::Opening(opening) = &mut self.stage {
            self.stage = match opening.await {
                Ok(lines) => Stage::Open(lines),
                Err(error) => {
                    self.stage = Stage::Ended;
                    return Some(Err(error));
                }
            };
        }
        match &mut self.stage {
            Stage::Open(lines) => lines.next().await,
            Stage::Opening(_) | Stage::Ended => None,
        }
    }
}

/// The wait for the head of the answer.
pub(crate) type Opening = Pin<Box<dyn Future<Output = Result<Lines, ClientError>> + Send>>;

enum Stage {
    Opening(Opening),
    Open(Lines),
    Ended,
}

/// How many bytes of an upload may wait between the app and the socket.
pub(crate) const PIPE_BYTES: usize = 64 * 1024;
