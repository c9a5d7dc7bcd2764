//! The servers that the client is tested against.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::Client;

/// A folder with a socket in it.
pub(super) struct Place {
    dir: TempDir,
}

impl Place {
    pub(super) fn new() -> Place {
        Place {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.dir.path().join("s")
    }

    pub(super) fn client(&self) -> Client {
        Client::new(self.socket())
    }

    pub(super) fn listener(&self) -> UnixListener {
        UnixListener::bind(self.socket()).unwrap()
    }
}

/// What one request looked like: `METHOD target content-type accept body`.
pub(super) type Seen = Arc<Mutex<Vec<String>>>;

/// Answers every request with `status` and `body`, and notes what it saw.
pub(super) fn serve_fixed(place: &Place, status: u16, body: &'static str) -> Seen {
    let seen = Seen::default();
    let notes = Arc::clone(&seen);
    serve(place, move |request: Request<Incoming>| {
        let notes = Arc::clone(&notes);
        async move {
            let (head, incoming) = request.into_parts();
            let sent = incoming.collect().await.unwrap().to_bytes();
            let header = |name: &str| {
                head.headers
                    .get(name)
                    .map_or("-".to_owned(), |value| value.to_str().unwrap().to_owned())
            };
            notes.lock().unwrap().push(format!(
                "{} {} {} {} {}",
                head.method,
                head.uri,
                header("content-type"),
                header("accept"),
                String::from_utf8(sent.to_vec()).unwrap()
            ));
            Response::builder()
                .status(status)
                .body(http_body_util::Full::new(Bytes::from(body)))
                .unwrap()
        }
    });
    seen
}

/// Serves every connection with `answer`.
pub(super) fn serve<A, F, B>(place: &Place, answer: A)
where
    A: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let listener = place.listener();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let answer = answer.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let answered = answer(request);
                    async move { Ok::<_, Infallible>(answered.await) }
                });
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
}

/// Answers the n-th connection's first request with the n-th of `answers`, byte for byte, and closes it.
pub(super) fn serve_raw(place: &Place, answers: Vec<Vec<u8>>) {
    let listener = place.listener();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            read_head(&mut stream).await;
            let _ = stream.write_all(&answer).await;
        }
    });
}

async fn read_head(stream: &mut UnixStream) {
    let mut head = Vec::new();
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
        head.push(byte[0]);
    }
}
