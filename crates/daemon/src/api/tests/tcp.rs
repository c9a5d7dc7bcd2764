//! What the API asks of callers over TCP.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::net::UnixListener;
use tokio::sync::watch;

use crate::api::guard;
use crate::config::Config;
use crate::testing::{Wire, http};

/// Asks a guarded router that has only these paths.
async fn ask(tokens: &str, request: &'static str, head: &'static str) -> Wire {
    let folder = tempfile::tempdir().unwrap();
    let file = tempfile::NamedTempFile::new_in(&folder).unwrap();
    std::fs::write(&file, "0123456789abcdef\nfedcba9876543210\n").unwrap();
    let text = format!(
        "[api]\n{}\n[[lines]]\npath = \"/dev/null\"\n[sims.default]\nper_day = 1\n",
        tokens.replace("FILE", &file.path().display().to_string())
    );
    let tokens = Config::parse(&text, file.path()).unwrap().api.tokens;
    let (_sender, tokens) = watch::channel(Arc::new(tokens));
    let router = Router::new()
        .route("/v1/status", get(|| async { "here" }))
        .route("/healthz", get(|| async { "ok" }))
        .layer(axum::middleware::from_fn_with_state(tokens, guard::check));
    let socket = folder.path().join("s");
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    let answer = tokio::task::spawn_blocking(move || http(&socket, request, head, b""));
    answer.await.unwrap()
}

const FILE: &str = "tokens_file = \"FILE\"";

#[tokio::test]
async fn a_token_opens_the_api() {
    for head in [
        "Authorization: Bearer 0123456789abcdef\r\n",
        "Authorization: Bearer fedcba9876543210\r\n",
    ] {
        assert_eq!(ask(FILE, "GET /v1/status", head).await.status, 200);
    }
    for head in [
        "",
        "Authorization: Bearer 0123456789abcdeF\r\n",
        "Authorization: Basic 0123456789abcdef\r\n",
    ] {
        let answer = ask(FILE, "GET /v1/status", head).await;
        assert_eq!(answer.code(), (401, "unauthorized".to_owned()), "{head}");
        assert!(
            answer
                .head
                .to_ascii_lowercase()
                .contains("www-authenticate: bearer")
        );
    }
    assert_eq!(
        ask(FILE, "GET /healthz", "").await.status,
        200,
        "probes need none"
    );
    assert_eq!(
        ask("", "GET /v1/status", "").await.status,
        200,
        "none is asked for"
    );
}

#[tokio::test]
async fn web_pages_are_kept_out() {
    let answer = ask("", "GET /v1/status", "Origin: http://evil.example\r\n").await;
    assert_eq!(answer.code(), (403, "browser_origin".to_owned()));
}
