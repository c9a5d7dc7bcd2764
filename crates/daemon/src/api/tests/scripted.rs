//! What the API makes of requests and of a core's answers.

use std::path::Path;
use std::sync::Arc;

use gateway::{Answer, LineId, MessageState, Refusal, UnixMs};
use modem::{Event, LineState};

use super::rig::Rig;
use crate::core::{Call, Said};
use crate::send_queue::SendQueue;
use crate::testing::{Wire, snapshot};

const GOOD: &str = r#"{"to":"+4915112345678","text":"hi","class":"otp"}"#;

fn yes(call: &Call) -> Said {
    match call {
        Call::Accept(request) => Ok(Answer::Accepted {
            id: request.id,
            state: MessageState::Queued,
            parts: request.parts,
            form: request.form,
            repeated: false,
        }),
        Call::Cancel(_) => Err(Refusal::NotFound),
        Call::Control { .. } | Call::Suppress { .. } => Ok(Answer::Controlled),
    }
}

fn always(refusal: Refusal) -> impl Fn(&Call) -> Said {
    move |_| Err(refusal.clone())
}

#[tokio::test]
async fn an_accepted_message_is_202() {
    let rig = Rig::scripted(yes, snapshot());
    let answer = rig.post("/v1/messages", GOOD).await;
    assert_eq!(answer.status, 202);
    let json = answer.json();
    assert_eq!(
        (&json["state"], &json["parts"], &json["encoding"]),
        (&"queued".into(), &1.into(), &"gsm7".into())
    );
    assert!(json["id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
    assert!(json.get("repeated").is_none());
}

/// A body's status and code, and a piece of what is said about it.
async fn check(rig: &Rig, body: &str, status: u16, code: &str, says: &str) {
    let answer = rig.post("/v1/messages", body).await;
    assert_eq!(answer.code(), (status, code.to_owned()), "{body}");
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(says), "{body}: {detail}");
    assert!(
        answer.head.contains("application/problem+json"),
        "{}",
        answer.head
    );
}

/// A message with one more field, or with one changed.
fn with(field: &str) -> String {
    format!(r#"{{"to":"+4915112345678","text":"x",{field}}}"#)
}

#[tokio::test]
async fn what_is_malformed_is_said() {
    let rig = Rig::scripted(yes, snapshot());
    let table = [
        (String::new(), "not JSON"),
        ("hello".to_owned(), "not JSON"),
        ("[]".to_owned(), ""),
        (format!("{GOOD} x"), "something follows"),
        (r#"{"text":"x"}"#.to_owned(), "missing field `to`"),
        (with(r#""data":"00""#), "text: not beside data"),
        (with(r#""destination_port":7"#), "only beside data"),
        (
            r#"{"to":"+4915112345678","data":"000"}"#.to_owned(),
            "data: an odd number of hexadecimal digits",
        ),
        (r#"{"to":5,"text":"x"}"#.to_owned(), "to: invalid type"),
        (with(r#""txt":1"#), "unknown field `txt`"),
        (
            with(r#""class":"fast""#),
            "class: `fast` is not one of otp, notification, bulk",
        ),
        (with(r#""in_doubt":"no""#), "in_doubt: `no`"),
        (with(r#""expires_in":"soon""#), "expires_in: `soon`"),
        (with(r#""expires_in":"99d""#), "not within 1s and 30d"),
        (with(r#""key":"""#), "key: "),
    ];
    for (body, says) in table {
        check(&rig, &body, 400, "malformed", says).await;
    }
}

#[tokio::test]
async fn what_can_not_be_sent_is_said() {
    let rig = Rig::scripted(yes, snapshot());
    let text = |text: &str| format!(r#"{{"to":"+4915112345678","text":"{text}"}}"#);
    check(
        &rig,
        r#"{"to":"12","text":"x"}"#,
        422,
        "invalid_recipient",
        "E.164",
    )
    .await;
    check(&rig, &text(""), 422, "empty_text", "").await;
    check(
        &rig,
        &with(r#""route":"moon""#),
        422,
        "unknown_route",
        "moon",
    )
    .await;
    check(
        &rig,
        &text(&"a".repeat(153 * 300)),
        422,
        "text_too_long",
        "300 parts",
    )
    .await;
    check(
        &rig,
        &text(&"a".repeat(70_000)),
        413,
        "body_too_large",
        "65536",
    )
    .await;
}

#[tokio::test]
async fn a_core_that_says_no_is_worded() {
    for (refusal, status, code) in [
        (Refusal::KeyConflict, 409, "key_conflict"),
        (Refusal::Draining, 503, "draining"),
        (Refusal::DiskFull, 507, "disk_full"),
    ] {
        let rig = Rig::scripted(always(refusal), snapshot());
        assert_eq!(
            rig.post("/v1/messages", GOOD).await.code(),
            (status, code.to_owned())
        );
    }
    let rig = Rig::scripted(
        always(Refusal::QueueFull {
            queued: 5,
            retry_after_s: 7,
        }),
        snapshot(),
    );
    let answer = rig.post("/v1/messages", GOOD).await;
    assert_eq!(answer.code(), (503, "queue_full".to_owned()));
    assert!(
        answer.head.to_ascii_lowercase().contains("retry-after: 7"),
        "{}",
        answer.head
    );
    assert_eq!(answer.json()["retry_after_s"], 7);
}

fn lines(answer: &Wire) -> Vec<(u64, String)> {
    let each = answer
        .body
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    each.map(|line| {
        let code = line["error"]["code"]
            .as_str()
            .unwrap_or("accepted")
            .to_owned();
        (line["line"].as_u64().unwrap(), code)
    })
    .collect()
}

#[tokio::test]
async fn an_upload_is_answered_line_by_line_in_order() {
    let rig = Rig::scripted(yes, snapshot());
    let body = format!("{GOOD}\nnonsense\n\n{GOOD}\r\n{{}}\n{GOOD}");
    let answer = rig.upload(body.as_bytes()).await;
    assert_eq!(answer.status, 200);
    let expected = [
        (1, "accepted"),
        (2, "malformed"),
        (4, "accepted"),
        (5, "malformed"),
        (6, "accepted"),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(line, code)| (*line, (*code).to_owned()))
        .collect();
    assert_eq!(lines(&answer), expected);
}

#[tokio::test]
async fn an_upload_without_messages_has_no_answers() {
    let rig = Rig::scripted(yes, snapshot());
    for body in ["", "\n\n \n"] {
        let answer = rig.upload(body.as_bytes()).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    }
}

#[tokio::test]
async fn a_line_of_ten_megabytes_is_one_error() {
    let rig = Rig::scripted(yes, snapshot());
    let mut body = format!("{GOOD}\n").into_bytes();
    body.extend(std::iter::repeat_n(b'a', 10_000_000));
    body.extend(format!("\n{GOOD}\n").bytes());
    let answer = rig.upload(&body).await;
    let expected = [(1, "accepted"), (2, "line_too_long"), (3, "accepted")];
    assert_eq!(
        lines(&answer),
        expected.map(|(line, code)| (line, code.to_owned()))
    );
}

#[tokio::test]
async fn an_upload_larger_than_the_window_is_answered_whole() {
    let rig = Rig::scripted(yes, snapshot());
    let body = format!("{GOOD}\n").repeat(5000);
    let answers = lines(&rig.upload(body.as_bytes()).await);
    assert_eq!(answers.len(), 5000);
    assert!(
        answers
            .iter()
            .enumerate()
            .all(|(at, (line, code))| *line == at as u64 + 1 && code == "accepted")
    );
}

#[tokio::test]
async fn refusals_of_an_upload_are_worded_per_line() {
    let rig = Rig::scripted(always(Refusal::DiskFull), snapshot());
    let answer = rig.upload(format!("{GOOD}\n{GOOD}\n").as_bytes()).await;
    assert_eq!(
        lines(&answer),
        [(1, "disk_full".to_owned()), (2, "disk_full".to_owned())]
    );
}

#[tokio::test]
async fn paths_and_methods_that_are_none_are_problems() {
    let rig = Rig::scripted(yes, snapshot());
    assert_eq!(
        rig.get("/v2").await.code(),
        (404, "no_such_path".to_owned())
    );
    assert_eq!(
        rig.post("/v1/status", "").await.code(),
        (405, "method_not_allowed".to_owned())
    );
    assert_eq!(
        rig.get("/v1/messages/7").await.code(),
        (404, "not_found".to_owned())
    );
    for query in [
        "limit=0",
        "limit=501",
        "limit=x",
        "state=odd",
        "class=x",
        "cursor=x",
        "since=monday",
        "wrong=1",
    ] {
        let answer = rig.get(&format!("/v1/messages?{query}")).await;
        assert_eq!(answer.code(), (400, "malformed".to_owned()), "{query}");
    }
    assert_eq!(
        rig.get("/v1/events?after=x").await.code(),
        (400, "malformed".to_owned())
    );
}

fn add_line(rig: &Rig, name: &str, state: LineState) {
    let queue = Arc::new(SendQueue::new());
    rig.board
        .add(name, LineId(0), Path::new("/dev/null"), UnixMs(0), queue);
    rig.board.update(name, |status| {
        status.note(UnixMs(5), &Event::State(state), Some("the SIM is locked"))
    });
}

#[tokio::test]
async fn ready_means_that_messages_are_taken_and_can_be_sent() {
    let rig = Rig::scripted(yes, snapshot());
    let answer = rig.get("/readyz").await;
    assert_eq!(answer.code(), (503, "not_ready".to_owned()));
    assert!(
        answer.json()["detail"]
            .as_str()
            .unwrap()
            .contains("no port was found")
    );
    add_line(&rig, "line0", LineState::NoSim);
    assert!(
        rig.get("/readyz").await.json()["detail"]
            .as_str()
            .unwrap()
            .contains("none of 1 lines")
    );
    add_line(&rig, "line1", LineState::Ready);
    assert_eq!(rig.get("/readyz").await.status, 200);
    let mut full = snapshot();
    full.accepting = false;
    let rig = Rig::scripted(yes, full);
    assert!(
        rig.get("/readyz").await.json()["detail"]
            .as_str()
            .unwrap()
            .contains("disk")
    );
    assert_eq!(rig.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn lines_are_shown_and_controlled() {
    let rig = Rig::scripted(yes, snapshot());
    add_line(&rig, "rack/line0", LineState::NoSim);
    let answer = rig.get("/v1/lines").await.json();
    let line = &answer["lines"][0];
    assert_eq!(
        (&line["name"], &line["state"], &line["error"]),
        (
            &"rack/line0".into(),
            &"no_sim".into(),
            &"the SIM is locked".into()
        )
    );
    assert_eq!(line["since"], "1970-01-01T00:00:00.005Z");
    let reset = "/v1/lines/rack%2Fline0/reset";
    for rung in ["initialise", "radio", "reset", "reopen"] {
        let body = format!(r#"{{"rung":"{rung}"}}"#);
        assert_eq!(rig.post(reset, &body).await.status, 200, "{rung}");
    }
    for bad in [
        r#"{"rung":"rest"}"#,
        r#"{"rung":"kick"}"#,
        r#"{"wrung":"radio"}"#,
    ] {
        assert_eq!(rig.post(reset, bad).await.status, 400, "{bad}");
    }
    let nowhere = rig.post("/v1/lines/nowhere/reset", "").await;
    assert_eq!(nowhere.status, 404);
    assert_eq!(rig.post(reset, "").await.status, 200);
    for action in ["pause", "resume", "drain"] {
        let path = format!("/v1/lines/rack%2Fline0/{action}");
        assert_eq!(
            rig.post(&path, r#"{"reason":"test"}"#).await.status,
            200,
            "{action}"
        );
        assert_eq!(rig.post(&path, "").await.status, 200, "{action}");
    }
    assert_eq!(rig.post("/v1/lines/rack%2Fline0/fly", "").await.status, 404);
    assert_eq!(
        rig.post("/v1/lines/none/pause", "").await.code(),
        (404, "not_found".to_owned())
    );
    assert_eq!(
        rig.post("/v1/sims/1/pause", "").await.code(),
        (404, "not_found".to_owned())
    );
    let long = format!(r#"{{"reason":"{}"}}"#, "x".repeat(201));
    assert_eq!(
        rig.post("/v1/lines/rack%2Fline0/pause", &long).await.status,
        400
    );
}

#[tokio::test]
async fn metrics_are_text() {
    let rig = Rig::scripted(yes, snapshot());
    rig.post("/v1/messages", GOOD).await;
    let answer = rig.get("/metrics").await;
    assert!(
        answer.head.contains("text/plain; version=0.0.4"),
        "{}",
        answer.head
    );
    assert!(
        answer
            .body
            .contains("simfleet_accept_seconds_count{class=\"otp\"} 1\n")
    );
    assert!(rig.get("/openapi.json").await.json()["openapi"].is_string());
}
