//! One HTTP/1.1 connection over the Unix socket, and the bounded exchange of one request and one answer on it.
//!
//! It does not know the API's paths and never repeats a request by itself.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, DuplexStream, ReadBuf};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::error::ClientError;
use crate::socket::Socket;
use crate::types::Problem;

/// How long connecting may take; a socket whose backlog is full blocks otherwise.
pub const CONNECT_WAIT_MAX: Duration = Duration::from_secs(5);

/// How long one answer may take. A durable accept takes milliseconds; this bounds a daemon that hangs.
pub const REPLY_WAIT_MAX: Duration = Duration::from_secs(30);

/// The longest answer held in memory: a page of 500 messages of 255 parts each still fits.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A request before it has a connection; cheap to build twice.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) content_type: Option<&'static str>,
    pub(crate) accept: &'static str,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn new(method: Method, target: impl Into<String>) -> Call {
        Call {
            method,
            target: target.into(),
            content_type: None,
            accept: JSON,
            body: Bytes::new(),
        }
    }

    pub(crate) fn with_json(mut self, body: Vec<u8>) -> Call {
        self.content_type = Some(JSON);
        self.body = Bytes::from(body);
        self
    }

    /// True if doing it twice is the same as doing it once.
    pub(crate) fn is_idempotent(&self) -> bool {
        self.method == Method::GET || self.method == Method::DELETE
    }

    /// The request with its body, or with `stream` in its place.
    pub(crate) fn request(
        &self,
        stream: Option<DuplexStream>,
    ) -> Result<Request<RequestBody>, ClientError> {
        let body = match stream {
            Some(stream) => RequestBody::Stream(stream),
            None => RequestBody::Whole(Some(self.body.clone()).filter(|body| !body.is_empty())),
        };
        let mut builder = Request::builder()
            .method(self.method.clone())
            .uri(&self.target)
            .header(HOST, "localhost")
            .header(ACCEPT, self.accept);
        if let Some(content_type) = self.content_type {
            builder = builder.header(CONTENT_TYPE, content_type);
        }
        builder
            .body(body)
            .map_err(|error| ClientError::Protocol(error.to_string()))
    }
}

/// An open connection and the task that drives it; dropping it closes both.
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<RequestBody>,
    driver: JoinHandle<()>,
}

impl Connection {
    /// Connects to the socket.
    pub(crate) async fn open(socket: &Path) -> Result<Connection, ClientError> {
        let unreachable = |source| ClientError::Unreachable {
            socket: socket.to_owned(),
            source,
        };
        let stream = timeout(CONNECT_WAIT_MAX, UnixStream::connect(socket))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(unreachable)?;
        let (sender, connection) = http1::handshake(TokioIo::new(Socket(stream)))
            .await
            .map_err(|error| ClientError::from_hyper(&error))?;
        let driver = tokio::spawn(async move {
            // The error also reaches whoever waits for the answer.
            let _ = connection.await;
        });
        Ok(Connection { sender, driver })
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Reads an answer whole.
///
/// # Errors
/// `TooLarge` beyond [`ANSWER_BYTES_MAX`], `Interrupted` if it is torn.
pub(crate) async fn read_whole(mut body: Incoming) -> Result<Bytes, ClientError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| ClientError::from_hyper(&error))?;
        let Some(chunk) = frame.data_ref() else {
            continue;
        };
        if whole.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(ClientError::TooLarge {
                bytes_max: ANSWER_BYTES_MAX,
            });
        }
        whole.extend_from_slice(chunk);
    }
    Ok(whole.freeze())
}

/// The error that an answer with this status and body stands for.
pub(crate) fn refusal(status: StatusCode, body: &[u8]) -> ClientError {
    match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => ClientError::Problem(Box::new(problem)),
        Err(_) => ClientError::Protocol(format!("status {status} without a problem object")),
    }
}

/// A request's body: nothing or one piece, or what an upload writes into its pipe.
pub(crate) enum RequestBody {
    Whole(Option<Bytes>),
    Stream(DuplexStream),
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            RequestBody::Whole(body) => Poll::Ready(body.take().map(|body| Ok(Frame::data(body)))),
            RequestBody::Stream(pipe) => {
                let mut chunk = vec![0; CHUNK_BYTES];
                let mut space = ReadBuf::new(&mut chunk);
                // A pipe in memory has no errors; its end is an empty read.
                let _ = ready!(Pin::new(pipe).poll_read(context, &mut space));
                let filled = space.filled().len();
                chunk.truncate(filled);
                Poll::Ready((filled > 0).then(|| Ok(Frame::data(Bytes::from(chunk)))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            RequestBody::Whole(body) => body.is_none(),
            RequestBody::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            RequestBody::Whole(body) => {
                hyper::body::SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64))
            }
            RequestBody::Stream(_) => hyper::body::SizeHint::default(),
        }
    }
}

/// Media type of single requests and answers.
const JSON: &str = "application/json";

/// How much of an upload is put on the socket at once: about 100 messages.
const CHUNK_BYTES: usize = 16 * 1024;
