//! One signed POST over HTTP or HTTPS. Knows nothing of events, cursors or retries.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Response, Uri, body::Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;

use super::policy::{self, Answer};

/// Opens connections and keeps them for the next POST; cheap to clone.
#[derive(Clone)]
pub(crate) struct Poster {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// The host has no certificates to check a server's against.
#[derive(Debug, thiserror::Error)]
#[error(
    "webhooks over https need the certificates of the system: install the package ca-certificates ({0})"
)]
pub(crate) struct TlsError(#[source] std::io::Error);

/// What is sent.
pub(super) struct Signed {
    pub(super) id: String,
    pub(super) timestamp_s: i64,
    pub(super) signature: String,
    pub(super) body: Bytes,
}

impl Poster {
    /// A client; with `https`, one that checks servers against the certificates of the system.
    ///
    /// # Errors
    /// If certificates are needed and the host has none.
    pub(crate) fn new(https: bool) -> Result<Poster, TlsError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_MAX));
        tcp.set_nodelay(true);
        let provider = rustls::crypto::ring::default_provider();
        let builder = HttpsConnectorBuilder::new();
        let builder = if https {
            builder
                .with_provider_and_native_roots(provider)
                .map_err(TlsError)?
        } else {
            let config = rustls::ClientConfig::builder_with_provider(provider.into())
                .with_safe_default_protocol_versions()
                .expect("the provider knows the versions of TLS")
                .with_root_certificates(rustls::RootCertStore::empty())
                .with_no_client_auth();
            builder.with_tls_config(config)
        };
        let connector = builder.https_or_http().enable_http1().wrap_connector(tcp);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_MAX)
            .pool_max_idle_per_host(1)
            .build(connector);
        Ok(Poster { client })
    }

    /// Sends once and tells what came of it. Redirects are not followed: they would be signed for another server.
    pub(super) async fn post(&self, url: &Uri, signed: &Signed, wait: Duration) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("simfleet/", env!("CARGO_PKG_VERSION")))
            .header("webhook-id", &signed.id)
            .header("webhook-timestamp", signed.timestamp_s)
            .header("webhook-signature", &signed.signature)
            .body(Full::new(signed.body.clone()))
            .expect("the headers are plain ASCII and the url was checked");
        match timeout(wait, self.client.request(request)).await {
            Ok(Ok(response)) => answer(response).await,
            Ok(Err(error)) => failed(reason(&error)),
            Err(_) => failed(format!("no answer within {} s", wait.as_secs_f32())),
        }
    }
}

/// What a response says. Its head is all that counts: a body that goes on for ever takes nothing back.
async fn answer(response: Response<Incoming>) -> Answer {
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok());
    let answer = policy::answer(response.status().as_u16(), retry_after);
    let _ = timeout(READ_OUT_MAX, read_out(response)).await;
    answer
}

/// Reads the body so that the connection can be used again; one that is long or broken is closed instead.
async fn read_out(response: Response<Incoming>) {
    let body = Limited::new(response.into_body(), ANSWER_OCTETS_MAX);
    // What a receiver says beyond its status means nothing to us.
    let _ = body.collect().await;
}

fn failed(why: impl Into<Box<str>>) -> Answer {
    Answer::Failed {
        why: why.into(),
        retry_after: None,
    }
}

/// The innermost cause is the one that tells an operator something: `connection refused`.
fn reason(error: &hyper_util::client::legacy::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let what = if error.is_connect() {
        "can't connect"
    } else {
        "the exchange broke off"
    };
    format!("{what}: {cause}")
}

const CONNECT_MAX: Duration = Duration::from_secs(10);

/// Shorter than the keep-alive of common servers, so that a kept connection is rarely a dead one.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// A body that takes longer is not read: the connection is closed.
const READ_OUT_MAX: Duration = Duration::from_millis(500);

/// An answer of more is not read: the connection is closed.
const ANSWER_OCTETS_MAX: usize = 64 << 10;
