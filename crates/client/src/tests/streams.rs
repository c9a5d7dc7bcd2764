//! Uploads answered while they run, and events cut into pieces anywhere.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc;

use super::server::{Place, serve, serve_fixed, serve_raw};
use crate::{ClientError, EventView, MessageRequest};

/// A body fed through a channel.
struct Fed(mpsc::Receiver<Bytes>);

impl Body for Fed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0
            .poll_recv(context)
            .map(|chunk| chunk.map(|chunk| Ok(Frame::data(chunk))))
    }
}

/// Accepts uploads: answers each line as it comes, lines with an empty text with an error; ends after `lines_max`.
fn serve_uploads(place: &Place, lines_max: u64) {
    serve(place, move |request| async move {
        let (feed, fed) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut body = request.into_body();
            let mut buffer = Vec::new();
            let mut line = 0;
            while let Some(frame) = body.frame().await {
                buffer.extend_from_slice(&frame.unwrap().into_data().unwrap());
                while let Some(end) = buffer.iter().position(|&byte| byte == b'\n') {
                    let rest = buffer.split_off(end + 1);
                    let message: MessageRequest = serde_json::from_slice(&buffer).unwrap();
                    buffer = rest;
                    line += 1;
                    if feed.send(answer(line, &message)).await.is_err() || line == lines_max {
                        return;
                    }
                }
            }
        });
        Response::new(Fed(fed))
    });
}

fn answer(line: u64, message: &MessageRequest) -> Bytes {
    let answer = if message.text.is_empty() {
        format!(
            r#"{{"line":{line},"error":{{"type":"u","title":"t","status":422,"detail":"d","code":"unencodable"}}}}"#
        )
    } else {
        format!(r#"{{"line":{line},"id":"i{line}","state":"queued","parts":1,"encoding":"gsm7"}}"#)
    };
    Bytes::from(answer + "\n")
}

fn message(text: &str) -> MessageRequest {
    MessageRequest {
        to: "+4915112345678".into(),
        text: text.into(),
        ..MessageRequest::default()
    }
}

#[tokio::test]
async fn an_answer_comes_before_the_upload_ends() {
    let place = Place::new();
    serve_uploads(&place, u64::MAX);
    let (mut sender, mut answers) = place.client().upload().await.unwrap().split();
    for line in 1..=3 {
        let text = if line == 2 { "" } else { "hi" };
        assert_eq!(sender.push(&message(text)).await.unwrap(), line);
        let answer = answers.next().await.unwrap().unwrap();
        assert_eq!(answer.line, line);
        assert_eq!(
            answer.accepted.is_some(),
            line != 2,
            "either accepted or not"
        );
        assert_eq!(
            answer.error.map(|problem| problem.code),
            (line == 2).then(|| "unencodable".to_owned())
        );
    }
    sender.finish();
    assert!(answers.next().await.is_none());
}

#[tokio::test]
async fn a_long_upload_keeps_its_order_under_backpressure() {
    const MESSAGES: u64 = 5_000;
    let place = Place::new();
    serve_uploads(&place, u64::MAX);
    let (mut sender, mut answers) = place.client().upload().await.unwrap().split();
    let pushing = async move {
        for _ in 0..MESSAGES {
            sender.push(&message(&"x".repeat(160))).await.unwrap();
        }
        sender.finish();
    };
    let reading = async move {
        let mut lines = 0;
        while let Some(answer) = answers.next().await {
            lines += 1;
            assert_eq!(answer.unwrap().line, lines);
        }
        lines
    };
    let ((), lines) = tokio::join!(pushing, reading);
    assert_eq!(lines, MESSAGES);
}

#[tokio::test]
async fn a_refused_upload_says_why() {
    let place = Place::new();
    serve_fixed(
        &place,
        503,
        r#"{"type":"u","title":"t","status":503,"detail":"d","code":"draining"}"#,
    );
    let (sender, mut answers) = place.client().upload().await.unwrap().split();
    sender.finish();
    let error = answers.next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), Some("draining"));
    assert!(answers.next().await.is_none());
}

#[tokio::test]
async fn an_upload_ended_by_the_daemon_stops_the_sender() {
    let place = Place::new();
    serve_uploads(&place, 2);
    let (mut sender, mut answers) = place.client().upload().await.unwrap().split();
    let pushing = async move {
        loop {
            if let Err(error) = sender.push(&message("hi")).await {
                return error;
            }
        }
    };
    let reading = async move {
        let mut answered = 0;
        while let Some(Ok(_)) = answers.next().await {
            answered += 1;
        }
        answered
    };
    let (error, answered) = tokio::join!(pushing, reading);
    assert!(matches!(error, ClientError::UploadEnded), "{error:?}");
    assert_eq!(answered, 2);
}

fn event(seq: u64) -> String {
    format!(
        r#"{{"seq":{seq},"at":"2026-01-01T00:00:00.000Z","type":"ended","id":"i","state":"delivered"}}"#
    )
}

#[tokio::test]
async fn events_survive_any_cut_blank_lines_and_a_missing_last_line_end() {
    let whole = format!("{}\n\n\r\n{}\r\n{}", event(1), event(2), event(3));
    for cut in 0..=whole.len() {
        let place = Place::new();
        let (first, second) = whole.split_at(cut);
        let pieces = [first.to_owned(), second.to_owned()];
        serve(&place, move |_| {
            let (feed, fed) = mpsc::channel(2);
            for piece in pieces.clone() {
                feed.try_send(Bytes::from(piece)).unwrap();
            }
            async move { Response::new(Fed(fed)) }
        });
        let mut events = place.client().events(0, false).await.unwrap();
        let mut seen = Vec::new();
        while let Some(event) = events.next().await {
            seen.push(event.unwrap().seq);
        }
        assert_eq!(seen, [1, 2, 3], "cut at {cut}");
    }
}

#[tokio::test]
async fn events_are_asked_for_after_a_cursor() {
    let place = Place::new();
    let seen = serve_fixed(&place, 200, "");
    assert!(
        place
            .client()
            .events(41, true)
            .await
            .unwrap()
            .next()
            .await
            .is_none()
    );
    assert_eq!(
        *seen.lock().unwrap(),
        ["GET /v1/events?after=41&follow=true - application/x-ndjson "]
    );
}

#[tokio::test]
async fn a_torn_event_stream_is_an_interruption_after_the_last_whole_event() {
    let line = event(1) + "\n";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{line}\r\n5\r\n{{\"se",
        line.len()
    );
    let place = Place::new();
    serve_raw(&place, vec![answer.into_bytes()]);
    let mut events = place.client().events(0, true).await.unwrap();
    let first: EventView = events.next().await.unwrap().unwrap();
    assert_eq!(first.seq, 1);
    let error = events.next().await.unwrap().unwrap_err();
    assert!(matches!(error, ClientError::Interrupted(_)), "{error:?}");
    assert!(events.next().await.is_none());
}
