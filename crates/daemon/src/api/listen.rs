//! Where the API listens: the Unix socket, TCP, the metrics port; with a bound on connections.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener as StdUnixListener, UnixStream as StdUnixStream};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::serve::Listener;
use rustix::fs::FlockOperation;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Config;

/// Everything the daemon listens on, bound and not yet served.
pub(crate) struct Listeners {
    pub(crate) socket: UnixListener,
    pub(crate) tcp: Option<TcpListener>,
    pub(crate) metrics: Option<TcpListener>,
    /// Removes the socket when the daemon ends.
    pub(crate) socket_file: SocketFile,
}

/// The socket in the file system.
pub(crate) struct SocketFile {
    path: PathBuf,
    inode: u64,
    /// Keeps a second daemon from taking the socket over.
    _lock: File,
}

/// Why the daemon can't listen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ListenError {
    /// Two daemons on one socket.
    #[error("another daemon answers at {}: stop it, or give this one another api.socket", .0.display())]
    Taken(PathBuf),
    /// Somebody's file is in the way.
    #[error("{} is there already and is not a socket: remove it, or name another api.socket", .0.display())]
    NotSocket(PathBuf),
    /// The folder, its permissions, the path's length.
    #[error("can't listen at {}: {source}", path.display())]
    Socket {
        /// The socket.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A port in use, an address of another host.
    #[error("can't listen at {address} ({key}): {source}")]
    Tcp {
        /// The key of the configuration.
        key: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

impl Listeners {
    /// Binds everything that the configuration names.
    ///
    /// # Errors
    /// What can't be bound, and why.
    pub(crate) async fn bind(config: &Config) -> Result<Listeners, ListenError> {
        let (socket, socket_file) = bind_socket(&config.api.socket, config.api.socket_mode)?;
        Ok(Listeners {
            socket,
            tcp: bind_tcp("api.listen", config.api.listen).await?,
            metrics: bind_tcp("metrics.listen", config.metrics_listen).await?,
            socket_file,
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Only our own: a successor may have put its socket there.
        let is_ours = std::fs::metadata(&self.path).is_ok_and(|found| found.ino() == self.inode);
        if is_ours && let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(socket = %self.path.display(), %error, "the socket can't be removed");
        }
    }
}

fn bind_socket(path: &Path, mode: u32) -> Result<(UnixListener, SocketFile), ListenError> {
    let failed = |source| ListenError::Socket {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let lock = lock(path)?;
    match std::fs::symlink_metadata(path) {
        Ok(found) if !found.file_type().is_socket() => {
            return Err(ListenError::NotSocket(path.to_owned()));
        }
        // A socket that somebody answers at is in use; one that refuses is what a killed daemon left behind.
        Ok(_) if StdUnixStream::connect(path).is_ok() => {
            return Err(ListenError::Taken(path.to_owned()));
        }
        Ok(_) | Err(_) => {}
    }
    // Bound elsewhere and moved, so that nobody can connect before the permissions are set.
    let fresh = with_suffix(path, ".new");
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    let socket = StdUnixListener::bind(&fresh).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    std::fs::set_permissions(&fresh, std::fs::Permissions::from_mode(mode)).map_err(failed)?;
    std::fs::rename(&fresh, path).map_err(failed)?;
    let inode = std::fs::metadata(path).map_err(failed)?.ino();
    let socket = UnixListener::from_std(socket).map_err(failed)?;
    Ok((
        socket,
        SocketFile {
            path: path.to_owned(),
            inode,
            _lock: lock,
        },
    ))
}

/// Takes the lock next to the socket, which ends with the process.
fn lock(socket: &Path) -> Result<File, ListenError> {
    let path = with_suffix(socket, ".lock");
    let open = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path);
    let file = open.map_err(|source| ListenError::Socket { path, source })?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(_) => Err(ListenError::Taken(socket.to_owned())),
    }
}

async fn bind_tcp(
    key: &'static str,
    address: Option<SocketAddr>,
) -> Result<Option<TcpListener>, ListenError> {
    let Some(address) = address else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).await;
    listener.map(Some).map_err(|source| ListenError::Tcp {
        key,
        address,
        source,
    })
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A listener that keeps callers waiting at the door while too many are inside.
pub(crate) struct Bounded<L> {
    listener: L,
    places: Arc<Semaphore>,
}

impl<L> Bounded<L> {
    pub(crate) fn new(listener: L) -> Bounded<L> {
        Bounded {
            listener,
            places: Arc::new(Semaphore::new(CONNECTIONS_MAX)),
        }
    }
}

impl<L: Listener> Listener for Bounded<L> {
    type Io = Connection<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.expect("the semaphore is never closed");
        let (io, address) = self.listener.accept().await;
        (Connection { io, _place: place }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A connection and its place.
pub(crate) struct Connection<I> {
    io: I,
    _place: OwnedSemaphorePermit,
}

impl<I: AsyncRead + Unpin> AsyncRead for Connection<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Connection<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

/// Connections per listener: more than the apps of a host keep open, and few enough for the files that lines need.
const CONNECTIONS_MAX: usize = 256;

#[cfg(test)]
mod tests;
