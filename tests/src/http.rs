//! HTTP/1.1 over a Unix socket, as small as it can be: one request, one connection, the whole answer.
//!
//! It is not the `client` crate on purpose: what that crate and the daemon misunderstand alike shows here. An answer that
//! breaks off is told as far as it came, since a killed daemon is what these tests are about.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::poll::DEADLINE;

/// What came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it came.
    pub body: Vec<u8>,
    /// Whether it came whole.
    pub complete: bool,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as one JSON value.
    ///
    /// # Panics
    /// When it is not.
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error} in the answer {}: {}", self.status, self.text())
        })
    }

    /// The body as one JSON value a line; a torn last line of an incomplete answer is left out.
    ///
    /// # Panics
    /// When a line is something else.
    pub fn lines<T: DeserializeOwned>(&self) -> Vec<T> {
        let lines = self.body.split_inclusive(|byte| *byte == b'\n');
        lines
            .filter(|line| self.complete || line.ends_with(b"\n"))
            .filter(|line| !line.trim_ascii().is_empty())
            .map(|line| {
                serde_json::from_slice(line)
                    .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(line)))
            })
            .collect()
    }
}

/// One request; the body is written while the answer is read.
///
/// # Errors
/// When the socket can't be reached, or the connection ends before there is the head of an answer.
pub fn exchange(
    socket: &Path,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Answer> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(DEADLINE))?;
    stream.set_write_timeout(Some(DEADLINE))?;
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: simfleet\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let mut writing = stream.try_clone()?;
    let bytes = std::thread::scope(|scope| {
        // A refusal may come before the body is through: then the rest of it is nobody's business.
        scope.spawn(move || {
            let _ = writing
                .write_all(head.as_bytes())
                .and_then(|()| writing.write_all(body));
        });
        let bytes = read_to_end(&mut stream);
        // Whoever still writes is woken.
        let _ = stream.shutdown(Shutdown::Both);
        bytes
    })?;
    parse(&bytes)
}

/// All that comes until the other side closes, or breaks off after something came.
fn read_to_end(stream: &mut UnixStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if bytes.is_empty() => Err(error),
        Ok(_) | Err(_) => Ok(bytes),
    }
}

fn parse(bytes: &[u8]) -> std::io::Result<Answer> {
    let broken = || std::io::Error::from(ErrorKind::UnexpectedEof);
    let end = find(bytes, b"\r\n\r\n").ok_or_else(broken)?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .ok_or_else(broken)?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut answer = Answer {
        status,
        headers,
        ..Answer::default()
    };
    let rest = &bytes[end + 4..];
    let is_chunked = answer.header("transfer-encoding") == Some("chunked");
    let length = answer
        .header("content-length")
        .and_then(|length| length.parse::<usize>().ok());
    (answer.body, answer.complete) = match length {
        _ if is_chunked => unchunked(rest),
        Some(length) => (
            rest[..length.min(rest.len())].to_vec(),
            rest.len() >= length,
        ),
        None => (rest.to_vec(), true),
    };
    Ok(answer)
}

/// Joins the chunks (RFC 9112 §7.1), as far as they came, and whether the last one did.
fn unchunked(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(end) = find(rest, b"\r\n") else {
            return (body, false);
        };
        let size = std::str::from_utf8(&rest[..end])
            .ok()
            .and_then(|size| usize::from_str_radix(size.trim(), 16).ok());
        let Some(size) = size else {
            return (body, false);
        };
        if size == 0 {
            return (body, true);
        }
        rest = &rest[end + 2..];
        body.extend_from_slice(&rest[..size.min(rest.len())]);
        if rest.len() < size + 2 {
            return (body, false);
        }
        rest = &rest[size + 2..];
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
