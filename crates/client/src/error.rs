//! What can go wrong between an app and the daemon, named by what the caller can do about it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::types::Problem;

/// Why a call did not answer as hoped.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody listens on the socket, or this user may not connect: start the daemon or look at the socket's mode.
    #[error("the daemon can't be reached at {socket}: {source}")]
    Unreachable {
        /// The socket's path.
        socket: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The connection ended before the answer was complete. Whether the request took effect is not known:
    /// repeat it with the same idempotency key.
    #[error("the connection ended before the answer was complete: {0}")]
    Interrupted(String),
    /// No complete answer within the wait. Whether the request took effect is not known.
    #[error("no answer from the daemon within {} s", wait.as_secs_f64())]
    TimedOut {
        /// How long the client waited.
        wait: Duration,
    },
    /// The daemon understood and said no; `code` says why.
    #[error("{} ({})", .0.detail, .0.code)]
    Problem(Box<Problem>),
    /// What answered does not speak this API: another program, or another version.
    #[error("unexpected answer on the socket: {0}")]
    Protocol(String),
    /// The answer is larger than the client is willing to hold.
    #[error("the answer is longer than {bytes_max} bytes")]
    TooLarge {
        /// The bound that it broke.
        bytes_max: usize,
    },
    /// The daemon ended the upload; the answers tell which lines were accepted, and their last error why it ended.
    #[error("the daemon ended the upload")]
    UploadEnded,
}

impl ClientError {
    /// The daemon's own word for the problem, if it answered with one: `invalid_recipient`, `not_found`, …
    pub fn code(&self) -> Option<&str> {
        match self {
            ClientError::Problem(problem) => Some(&problem.code),
            ClientError::Unreachable { .. }
            | ClientError::Interrupted(_)
            | ClientError::TimedOut { .. }
            | ClientError::Protocol(_)
            | ClientError::TooLarge { .. }
            | ClientError::UploadEnded => None,
        }
    }

    /// True if the daemon was not there, went away or stayed silent: trying again later may help.
    pub fn is_connection(&self) -> bool {
        match self {
            ClientError::Unreachable { .. }
            | ClientError::Interrupted(_)
            | ClientError::TimedOut { .. } => true,
            ClientError::Problem(_)
            | ClientError::Protocol(_)
            | ClientError::TooLarge { .. }
            | ClientError::UploadEnded => false,
        }
    }

    /// An error of the HTTP layer, told apart by whether the other side spoke HTTP at all.
    pub(crate) fn from_hyper(error: &hyper::Error) -> ClientError {
        if error.is_parse() {
            ClientError::Protocol(error.to_string())
        } else {
            ClientError::Interrupted(error.to_string())
        }
    }
}
