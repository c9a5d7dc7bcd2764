//! Servers that are broken, foreign, silent or endless: each is one named error, and never a hang or a heap of memory.

use std::time::Duration;

use super::server::{Place, serve_fixed, serve_raw};
use crate::{ANSWER_BYTES_MAX, Client, ClientError, LINE_BYTES_MAX, MessageRequest};

/// What the client makes of this answer to `GET /v1/lines`.
async fn check(answer: &[u8], expected: fn(&ClientError) -> bool) {
    let place = Place::new();
    serve_raw(&place, vec![answer.to_vec()]);
    let error = place.client().lines().await.unwrap_err();
    assert!(expected(&error), "{error:?}");
}

fn is_interrupted(error: &ClientError) -> bool {
    matches!(error, ClientError::Interrupted(_))
}

fn is_protocol(error: &ClientError) -> bool {
    matches!(error, ClientError::Protocol(_))
}

#[tokio::test]
async fn a_torn_answer_is_an_interruption() {
    check(b"", is_interrupted).await;
    check(
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"lines\":",
        is_interrupted,
    )
    .await;
    check(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"lin",
        is_interrupted,
    )
    .await;
}

#[tokio::test]
async fn a_foreign_server_is_a_protocol_error() {
    check(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", is_protocol).await;
    check(
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        is_protocol,
    )
    .await;
    check(
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnope",
        is_protocol,
    )
    .await;
}

#[tokio::test]
async fn the_answer_itself_never_shows_in_an_error() {
    let place = Place::new();
    serve_fixed(
        &place,
        200,
        r#"{"id":7,"to":"+4915112345678","text":"secret"}"#,
    );
    let error = place.client().message("0193").await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains("secret") && !shown.contains("4915112345678"),
        "{shown}"
    );
}

#[tokio::test]
async fn silence_ends_the_wait() {
    let place = Place::new();
    let _listener = place.listener(); // accepts in the backlog, never answers
    let client = Client::with_reply_wait(place.socket(), Duration::from_millis(20));
    let error = client.status().await.unwrap_err();
    assert!(matches!(error, ClientError::TimedOut { .. }), "{error:?}");
    let error = client.events(0, true).await.map(drop).unwrap_err();
    assert!(matches!(error, ClientError::TimedOut { .. }), "{error:?}");
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
        ANSWER_BYTES_MAX + 1
    )
    .into_bytes();
    answer.resize(answer.len() + ANSWER_BYTES_MAX + 1, b' ');
    check(&answer, |error| {
        matches!(error, ClientError::TooLarge { .. })
    })
    .await;
}

#[tokio::test]
async fn an_endless_line_is_cut_off() {
    let place = Place::new();
    let mut answer = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    answer.resize(answer.len() + 2 * LINE_BYTES_MAX, b' ');
    serve_raw(&place, vec![answer]);
    let mut events = place.client().events(0, true).await.unwrap();
    let error = events.next().await.unwrap().unwrap_err();
    assert!(matches!(error, ClientError::TooLarge { .. }), "{error:?}");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn a_kept_connection_that_died_is_replaced() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"lines\":[]}".to_vec();
    let place = Place::new();
    // Each connection is closed after one answer, without saying so.
    serve_raw(&place, vec![answer.clone(), answer.clone(), answer]);
    let client = place.client();
    for _ in 0..3 {
        client.lines().await.unwrap();
    }
}

#[tokio::test]
async fn a_message_goes_out_once_even_if_nobody_answers() {
    let place = Place::new();
    let accepted = b"HTTP/1.1 202 Accepted\r\nContent-Length: 56\r\n\r\n{\"id\":\"1\",\"state\":\"queued\",\"parts\":1,\"encoding\":\"gsm7\"} ";
    serve_raw(&place, vec![Vec::new(), accepted.to_vec()]);
    let client = place.client();
    let error = client.send(&MessageRequest::default()).await.unwrap_err();
    assert!(is_interrupted(&error), "{error:?}");
    client.send(&MessageRequest::default()).await.unwrap();
}
