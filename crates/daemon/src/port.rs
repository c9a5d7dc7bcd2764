//! One open port: opened, locked, read and written; nothing about what is said on it.
//!
//! A port is a terminal on this host, or `tcp://host:port` behind a serial server (`tcp`).
//!
//! Never flushes and never shuts down: both end in `tcdrain(2)`, which blocks a worker for as long as a modem holds CTS
//! low. Opening and closing may block too, so both run on the blocking pool, a few at a time.

pub(crate) mod tcp;

use std::fs::FileType;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, Mode, OFlags};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_serial::{SerialPortBuilder, SerialStream};

/// An open port.
pub(crate) struct Port {
    stream: Stream,
}

enum Stream {
    /// A terminal that nobody else has open under the rules of `flock(2)`.
    Terminal {
        stream: SerialStream,
        /// Holds the lock; the kernel lets go of it however this process ends.
        _lock: OwnedFd,
    },
    /// A connection to a serial server.
    Network(TcpStream),
}

/// Why a port can't be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PortError {
    /// Try again when something is there.
    #[error("the port is not there")]
    Missing,
    /// Another line, daemon or program has it.
    #[error("the port is busy: another line, daemon or program has it open")]
    Busy,
    /// Files, folders and the like.
    #[error("not a serial port")]
    NotSerial,
    /// Nothing answers at the network address.
    #[error("the serial server does not answer: {0}")]
    NoServer(String),
    /// Permissions, drivers, hardware.
    #[error("the port can't be opened: {0}")]
    Failed(String),
}

impl Port {
    /// Opens a terminal in raw mode, 8 data bits, no parity, 1 stop bit, no flow control, and locks it; or connects to a
    /// serial server, whose settings are its own.
    ///
    /// # Errors
    /// If it is not there, is no serial port, is busy, or does not take the settings.
    pub(crate) async fn open(path: PathBuf, baud: u32) -> Result<Port, PortError> {
        if let Some(address) = tcp::address(&path) {
            let stream = Stream::Network(tcp::connect(address).await?);
            return Ok(Port { stream });
        }
        let _turn = PORT_WORK
            .acquire()
            .await
            .expect("the semaphore is never closed");
        let opened = spawn_blocking(move || open_blocking(&path, baud)).await;
        opened.unwrap_or_else(|_| Err(PortError::Failed("opening it panicked".to_owned())))
    }

    /// Reads what is there, at least one byte. Cancel-safe.
    ///
    /// # Errors
    /// If the port is gone; the end of the stream counts as that.
    pub(crate) async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.stream {
            Stream::Terminal { stream, .. } => stream.read(buffer).await?,
            Stream::Network(stream) => stream.read(buffer).await?,
        };
        match count {
            0 => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the port is gone",
            )),
            count => Ok(count),
        }
    }

    /// Hands all bytes to the driver. Not cancel-safe.
    ///
    /// # Errors
    /// If the port is gone, or takes nothing for [`WRITE_WAIT_MAX`].
    pub(crate) async fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let write = async {
            match &mut self.stream {
                Stream::Terminal { stream, .. } => stream.write_all(bytes).await,
                Stream::Network(stream) => stream.write_all(bytes).await,
            }
        };
        timeout(WRITE_WAIT_MAX, write).await.unwrap_or_else(|_| {
            Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the port takes no bytes",
            ))
        })
    }

    /// Closes the port, off the worker: a driver may wait for unsent bytes.
    pub(crate) async fn close(self) {
        let _turn = PORT_WORK
            .acquire()
            .await
            .expect("the semaphore is never closed");
        // A panic in a driver's close is of no consequence: the port is gone either way.
        let _ = spawn_blocking(move || drop(self)).await;
    }
}

fn open_blocking(path: &Path, baud: u32) -> Result<Port, PortError> {
    let lock = lock(path)?;
    let builder: SerialPortBuilder =
        tokio_serial::new(path.to_string_lossy(), baud).exclusive(false);
    match SerialStream::open(&builder) {
        Ok(stream) => Ok(Port {
            stream: Stream::Terminal {
                stream,
                _lock: lock,
            },
        }),
        Err(_) if !is_character_device(path) => Err(PortError::NotSerial),
        Err(error) => Err(PortError::Failed(error.description)),
    }
}

/// Takes the lock of a port. `TIOCEXCL` would outlive a killed daemon on a pseudo-terminal; `flock(2)` does not.
///
/// The library takes a shared lock on its own descriptor, so ours becomes shared too once the exclusive one has proved
/// that nobody else is there; a shared one still keeps every exclusive one out.
fn lock(path: &Path) -> Result<OwnedFd, PortError> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let port = rustix::fs::open(path, flags, Mode::empty()).map_err(|error| match error {
        rustix::io::Errno::NOENT | rustix::io::Errno::NODEV | rustix::io::Errno::NXIO => {
            PortError::Missing
        }
        rustix::io::Errno::ISDIR => PortError::NotSerial,
        rustix::io::Errno::BUSY => PortError::Busy,
        other => PortError::Failed(io::Error::from(other).to_string()),
    })?;
    for operation in [
        FlockOperation::NonBlockingLockExclusive,
        FlockOperation::NonBlockingLockShared,
    ] {
        rustix::fs::flock(&port, operation).map_err(|error| match error {
            rustix::io::Errno::WOULDBLOCK => PortError::Busy,
            other => PortError::Failed(io::Error::from(other).to_string()),
        })?;
    }
    Ok(port)
}

fn is_character_device(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| FileType::is_char_device(&found.file_type()))
}

/// The longest a driver may take no byte. A command or PDU is shorter than every driver's buffer, so a working port takes
/// it at once.
const WRITE_WAIT_MAX: Duration = Duration::from_secs(10);

/// Ports being opened or closed at a time: a hub that hangs must not take all blocking threads from the API.
static PORT_WORK: Semaphore = Semaphore::const_new(PORT_WORK_MAX);

/// Less than the blocking threads of the runtime (`BLOCKING_THREADS_MAX`).
pub(crate) const PORT_WORK_MAX: usize = 8;

#[cfg(test)]
mod tests;
