//! Why a command failed, and the exit code that tells scripts so.
//!
//! | code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | the operation failed |
//! | 2 | usage |
//! | 3 | configuration |
//! | 4 | the daemon can't be reached |
//! | 5 | the store is damaged or locked |

use std::io;

use client::ClientError;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The operation was tried and failed.
    Operation(anyhow::Error),
    /// What was typed makes no sense.
    Usage(String),
    /// The configuration has faults; the text names each.
    Configuration(String),
    /// The daemon refused, or could not be talked to.
    Client(ClientError),
    /// The daemon itself ended with an error and said by which code.
    Daemon {
        /// Its exit code.
        code: u8,
        /// What it said.
        said: String,
    },
    /// Whoever read the output has gone, which is their right (`| head`).
    ReaderGone,
    /// The output could not be written.
    Output(io::Error),
    /// Everything was said already; only the code is left.
    Told(u8),
}

impl Failure {
    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::ReaderGone => DONE,
            Failure::Operation(_) | Failure::Output(_) => FAILED,
            Failure::Usage(_) => USAGE,
            Failure::Configuration(_) => CONFIGURATION,
            Failure::Client(error) if error.is_connection() => UNREACHABLE,
            Failure::Client(_) => FAILED,
            Failure::Daemon { code, .. } | Failure::Told(code) => *code,
        }
    }

    /// What to tell a person on stderr; nothing if all was said.
    pub(crate) fn text(&self, verbose: bool) -> Option<String> {
        match self {
            Failure::Operation(error) if verbose => Some(format!("{error:?}")),
            Failure::Operation(error) => Some(format!("{error:#}")),
            Failure::Usage(text) | Failure::Configuration(text) => Some(text.clone()),
            Failure::Client(error @ ClientError::Unreachable { .. }) => {
                Some(format!("{error}\n{UNREACHABLE_HINT}"))
            }
            Failure::Client(error) => Some(error.to_string()),
            Failure::Daemon { said, .. } => Some(said.clone()),
            Failure::Output(error) => Some(format!("the output can't be written: {error}")),
            Failure::ReaderGone | Failure::Told(_) => None,
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Failure {
        Failure::Client(error)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure::Operation(error)
    }
}

/// The exit codes of `product.md` §1.
pub(crate) const DONE: u8 = 0;
pub(crate) const FAILED: u8 = 1;
pub(crate) const USAGE: u8 = 2;
pub(crate) const CONFIGURATION: u8 = 3;
pub(crate) const UNREACHABLE: u8 = 4;

const UNREACHABLE_HINT: &str =
    "is it running? (systemctl status simfleet) another socket: --socket PATH or SIMFLEET_SOCKET";

#[cfg(test)]
mod tests;
