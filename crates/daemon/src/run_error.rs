//! Why the daemon can't start, or had to stop.

use std::io;
use std::path::PathBuf;

use store::{OpenError, StoreError};

use crate::api::ListenError;
use crate::webhooks::TlsError;

/// Why the daemon ended otherwise than on request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The folder of the store can't be made.
    #[error("can't make the folder {} (gateway.state_dir): {source}", path.display())]
    StateDir {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The store can't be opened: another daemon has it, it is damaged, or a newer program wrote it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store failed while the daemon ran. What was accepted is on disk; a restart recovers it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The API or the metrics can't listen.
    #[error("{0}")]
    Listen(String),
    /// Webhooks can't be posted as configured.
    #[error("{0}")]
    Webhooks(String),
    /// The operating system refused something.
    #[error("the system refused what the daemon needs: {0}")]
    System(io::Error),
    /// A fault of the daemon; its place is in the log. What was accepted is on disk; a restart recovers it.
    #[error("the core panicked: see the log; what was accepted is safe")]
    CorePanicked,
}

impl RunError {
    /// The exit code of a program that ends with this: 5 if the store is damaged, locked or another version's, which needs
    /// a person; else 1, which may pass.
    pub fn exit_code(&self) -> u8 {
        match self {
            RunError::Open(
                OpenError::Locked { .. }
                | OpenError::Newer { .. }
                | OpenError::Damaged { .. }
                | OpenError::Unsuitable { .. },
            )
            | RunError::Store(StoreError::Damaged { .. }) => 5,
            RunError::Open(
                OpenError::Exists { .. }
                | OpenError::Full { .. }
                | OpenError::Io { .. }
                | OpenError::Sqlite { .. },
            )
            | RunError::StateDir { .. }
            | RunError::Store(
                StoreError::Full { .. } | StoreError::Busy { .. } | StoreError::Sqlite { .. },
            )
            | RunError::Listen(_)
            | RunError::Webhooks(_)
            | RunError::System(_)
            | RunError::CorePanicked => 1,
        }
    }
}

impl From<TlsError> for RunError {
    fn from(error: TlsError) -> RunError {
        RunError::Webhooks(error.to_string())
    }
}

impl From<ListenError> for RunError {
    fn from(error: ListenError) -> RunError {
        RunError::Listen(error.to_string())
    }
}

#[cfg(test)]
mod tests;
