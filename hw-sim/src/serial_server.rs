//! Lines as TCP ports, as a serial server offers them: raw bytes, one client a line.
//!
//! Each port passes bytes on to the line's pseudo-terminal and back. A client that goes away closes the line; a line
//! that goes away closes the connection. No telnet, no RFC 2217.

use std::fs::File;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::fs::{Mode, OFlags};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::net::{TcpListener, TcpStream};

/// Listens on 127.0.0.1 for every line, from `base` on, and serves for as long as the runtime lives.
///
/// # Errors
/// When there are not so many ports, or one is taken.
pub(crate) async fn start(base: u16, links: &[PathBuf]) -> anyhow::Result<()> {
    let mut listeners = Vec::with_capacity(links.len());
    for (line, link) in links.iter().enumerate() {
        let port = u16::try_from(usize::from(base) + line);
        let Ok(port) = port else {
            bail!(
                "there are no {} TCP ports from {base} on; choose a lower one",
                links.len()
            );
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("TCP port {port}: can't listen; choose another with --tcp"))?;
        listeners.push((listener, link.clone()));
    }
    for (listener, link) in listeners {
        tokio::spawn(serve(listener, link));
    }
    Ok(())
}

/// One client after another.
async fn serve(listener: TcpListener, link: PathBuf) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            // The process has no file descriptor left: others may give theirs back.
            tokio::time::sleep(ACCEPT_RETRY).await;
            continue;
        };
        // A line without its port, or a connection that breaks, is the client's to notice: it is closed.
        if let Ok(port) = open(&link) {
            let _ = pass(client, port).await;
        }
    }
}

/// The two halves of a terminal. For epoll it is what a pipe is, and that is all tokio has to know.
fn open(link: &Path) -> std::io::Result<(Receiver, Sender)> {
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let port = File::from(rustix::fs::open(link, flags, Mode::empty())?);
    let receiver = Receiver::from_file_unchecked(port.try_clone()?)?;
    Ok((receiver, Sender::from_file_unchecked(port)?))
}

/// Passes bytes both ways until either side ends.
async fn pass(mut client: TcpStream, port: (Receiver, Sender)) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let (mut from_port, mut to_port) = port;
    let (mut from_client, mut to_client) = client.split();
    tokio::select! {
        done = tokio::io::copy(&mut from_client, &mut to_port) => done?,
        done = tokio::io::copy(&mut from_port, &mut to_client) => done?,
    };
    Ok(())
}

/// Before the next connection is taken, when the system had nothing for the last.
const ACCEPT_RETRY: Duration = Duration::from_millis(100);
