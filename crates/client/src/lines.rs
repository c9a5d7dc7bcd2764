//! An answer in NDJSON, read line by line while it is still being written.
//!
//! It knows nothing of what a line means. Blank lines are keep-alives and are skipped.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::Incoming;
use serde::de::DeserializeOwned;

use crate::connection::{Connection, read_whole, refusal};
use crate::error::ClientError;

/// The longest line of a streamed answer; an answer or an event is a few hundred bytes.
pub const LINE_BYTES_MAX: usize = 64 * 1024;

/// The lines of one answer, and the connection that they come on.
pub(crate) struct Lines {
    body: Incoming,
    buffer: BytesMut,
    /// Bytes at the front of `buffer` known to hold no line end.
    searched: usize,
    ended: bool,
    _connection: Connection,
}

impl Lines {
    /// Takes over an answer; anything but success is read whole and becomes the error it stands for.
    pub(crate) async fn open(
        connection: Connection,
        answer: Response<Incoming>,
    ) -> Result<Lines, ClientError> {
        let status = answer.status();
        let body = answer.into_body();
        if !status.is_success() {
            return Err(refusal(status, &read_whole(body).await?));
        }
        Ok(Lines {
            body,
            buffer: BytesMut::new(),
            searched: 0,
            ended: false,
            _connection: connection,
        })
    }

    /// The next line as JSON; `None` after the last, or after an error. Cancel-safe.
    pub(crate) async fn next<T: DeserializeOwned>(&mut self) -> Option<Result<T, ClientError>> {
        let line = match self.next_line().await? {
            Ok(line) => line,
            Err(error) => return Some(Err(error)),
        };
        Some(serde_json::from_slice(&line).map_err(|error| {
            self.ended = true;
            // The category and the place, never the line itself: it may hold a number or a text.
            ClientError::Protocol(format!(
                "{:?} error at column {} of a line",
                error.classify(),
                error.column()
            ))
        }))
    }

    async fn next_line(&mut self) -> Option<Result<Bytes, ClientError>> {
        while !self.ended {
            while let Some(line) = self.take_line() {
                if !line.is_empty() {
                    return Some(Ok(line));
                }
            }
            if self.buffer.len() > LINE_BYTES_MAX {
                self.ended = true;
                return Some(Err(ClientError::TooLarge {
                    bytes_max: LINE_BYTES_MAX,
                }));
            }
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Some(chunk) = frame.data_ref() {
                        self.buffer.extend_from_slice(chunk);
                    }
                }
                Some(Err(error)) => {
                    self.ended = true;
                    return Some(Err(ClientError::from_hyper(&error)));
                }
                None => {
                    self.ended = true;
                    let rest = self.buffer.split().freeze();
                    return (!rest.trim_ascii().is_empty()).then_some(Ok(rest));
                }
            }
        }
        None
    }

    /// Takes the first complete line off the buffer, without its end.
    fn take_line(&mut self) -> Option<Bytes> {
        let Some(found) = self.buffer[self.searched..]
            .iter()
            .position(|&byte| byte == b'\n')
        else {
            self.searched = self.buffer.len();
            return None;
        };
        let mut line = self.buffer.split_to(self.searched + found + 1);
        self.searched = 0;
        let length = line.trim_ascii_end().len();
        line.truncate(length);
        Some(line.freeze())
    }
}
