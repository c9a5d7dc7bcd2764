//! Ports behind a serial server: `tcp://host:port`, raw bytes both ways, kept alive.
//!
//! No telnet and no RFC 2217: speed and framing are set at the server, and the line's `baud` is not used. A server that
//! vanishes without a word is noticed by keep-alive probes, or by bytes that it does not acknowledge.

use std::io;
use std::path::Path;
use std::time::Duration;

use rustix::net::sockopt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PortError;

/// What a path begins with if it is a network address.
pub(crate) const SCHEME: &str = "tcp://";

/// The `host:port` of a path, if it is a network address.
pub(crate) fn address(path: &Path) -> Option<&str> {
    path.to_str()?.strip_prefix(SCHEME)
}

/// What is wrong with a `host:port`; `None` if it can be tried.
pub(crate) fn fault(address: &str) -> Option<&'static str> {
    let Some((host, port)) = address.rsplit_once(':') else {
        return Some("has no port: write tcp://host:port");
    };
    if !port.parse::<u16>().is_ok_and(|port| port > 0) || port.starts_with('+') {
        return Some("has no port from 1 to 65535 at its end: write tcp://host:port");
    }
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    let is_host = match inner {
        Some(inner) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            (1..=HOST_CHARS_MAX).contains(&host.len()) && host.chars().all(allowed)
        }
    };
    (!is_host).then_some("names no host: write a name, an IPv4 address, or an IPv6 address in [ ]")
}

/// Connects, and sets the connection up so that a dead server is noticed.
pub(super) async fn connect(address: &str) -> Result<TcpStream, PortError> {
    let no_server = |error: io::Error| PortError::NoServer(error.to_string());
    let stream = timeout(CONNECT_WAIT_MAX, TcpStream::connect(address))
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        .map_err(no_server)?;
    keep_alive(&stream).map_err(|error| PortError::Failed(error.to_string()))?;
    Ok(stream)
}

/// A prompt and its PDU are small and must not wait for each other: no delay.
fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, PROBE_AFTER)?;
    sockopt::set_tcp_keepintvl(stream, PROBE_EVERY)?;
    sockopt::set_tcp_keepcnt(stream, PROBES)?;
    sockopt::set_tcp_user_timeout(stream, UNACKNOWLEDGED_MAX_MS)?;
    Ok(())
}

/// A serial server is on the same site: a name and a handshake take milliseconds.
const CONNECT_WAIT_MAX: Duration = Duration::from_secs(5);

/// Idle time before the first probe: an idle line polls twice as rarely.
const PROBE_AFTER: Duration = Duration::from_secs(15);

/// Between two probes.
const PROBE_EVERY: Duration = Duration::from_secs(5);

/// Probes without an answer that end the connection: 15 s + 3 × 5 s.
const PROBES: u32 = 3;

/// How long bytes may stay without an acknowledgement, in milliseconds. As long as the probes take.
const UNACKNOWLEDGED_MAX_MS: u32 = 30_000;

/// Longest name of a host (RFC 1035 §2.3.4).
const HOST_CHARS_MAX: usize = 253;

const _: () = assert!(
    PROBE_AFTER.as_secs() + PROBE_EVERY.as_secs() * PROBES as u64
        == UNACKNOWLEDGED_MAX_MS as u64 / 1000
);
