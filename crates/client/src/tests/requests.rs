//! Each method asks for the right thing and understands the answer and the refusal.

use super::server::{Place, serve_fixed};
use crate::{ClientError, LineAction, MessageFilter, MessageRequest, ResetRequest, SimAction};

/// Runs `call` against a server that answers `{}` and checks what it was asked.
async fn check<T>(call: impl AsyncFnOnce(crate::Client) -> T, expected: &str) {
    let place = Place::new();
    let seen = serve_fixed(&place, 200, "{}");
    call(place.client()).await;
    assert_eq!(*seen.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn requests_are_those_of_the_api() {
    let message = MessageRequest {
        to: "+4915112345678".into(),
        text: "hi".into(),
        class: Some("otp".into()),
        ..MessageRequest::default()
    };
    check(
        async |client| client.send(&message).await.map(drop),
        r#"POST /v1/messages application/json application/json {"to":"+4915112345678","text":"hi","class":"otp"}"#,
    )
    .await;
    check(
        async |client| client.message("0193/.. x").await.map(drop),
        "GET /v1/messages/0193%2F..%20x - application/json ",
    )
    .await;
    check(
        async |client| client.cancel("0193").await.map(drop),
        "DELETE /v1/messages/0193 - application/json ",
    )
    .await;
    check(
        async |client| client.status().await.map(drop),
        "GET /v1/status - application/json ",
    )
    .await;
    check(
        async |client| client.lines().await.map(drop),
        "GET /v1/lines - application/json ",
    )
    .await;
    check(
        async |client| client.sims().await.map(drop),
        "GET /v1/sims - application/json ",
    )
    .await;
}

#[tokio::test]
async fn searches_carry_their_terms() {
    check(
        async |client| client.messages(&MessageFilter::default()).await.map(drop),
        "GET /v1/messages - application/json ",
    )
    .await;
    let filter = MessageFilter {
        to: Some("+49151".into()),
        state: Some("queued".into()),
        class: Some("bulk".into()),
        since: Some("2h".into()),
        limit: Some(50),
        cursor: Some("a&b=c".into()),
    };
    check(
        async |client| client.messages(&filter).await.map(drop),
        "GET /v1/messages?to=%2B49151&state=queued&class=bulk&since=2h&limit=50&cursor=a%26b%3Dc - application/json ",
    )
    .await;
}

#[tokio::test]
async fn controls_name_the_thing_the_action_and_the_reason() {
    let cases = [
        (LineAction::Pause, "pause"),
        (LineAction::Resume, "resume"),
        (LineAction::Drain, "drain"),
    ];
    for (action, verb) in cases {
        check(
            async |client| {
                client
                    .control_line("usb/1", action, Some("hot"))
                    .await
                    .map(drop)
            },
            &format!(
                r#"POST /v1/lines/usb%2F1/{verb} application/json application/json {{"reason":"hot"}}"#
            ),
        )
        .await;
    }
    let reset = ResetRequest {
        rung: Some("radio".into()),
    };
    check(
        async |client| client.reset_line("usb/1", &reset).await.map(drop),
        r#"POST /v1/lines/usb%2F1/reset application/json application/json {"rung":"radio"}"#,
    )
    .await;
    for (action, verb) in [(SimAction::Pause, "pause"), (SimAction::Resume, "resume")] {
        check(
            async |client| client.control_sim("8949", action, None).await.map(drop),
            &format!("POST /v1/sims/8949/{verb} application/json application/json {{}}"),
        )
        .await;
    }
}

#[tokio::test]
async fn an_answer_is_understood() {
    let place = Place::new();
    serve_fixed(
        &place,
        202,
        r#"{"id":"0193","state":"queued","parts":2,"encoding":"ucs2","new_in_v2":1}"#,
    );
    let accepted = place
        .client()
        .send(&MessageRequest::default())
        .await
        .unwrap();
    assert_eq!(
        (accepted.id.as_str(), accepted.parts, accepted.repeated),
        ("0193", 2, false)
    );
}

#[tokio::test]
async fn one_connection_serves_many_calls() {
    let place = Place::new();
    let seen = serve_fixed(&place, 200, r#"{"lines":[]}"#);
    let client = place.client();
    for _ in 0..3 {
        client.lines().await.unwrap();
    }
    // A second listener can't be asked for a fresh connection any more, yet the kept one goes on.
    std::fs::remove_file(place.socket()).unwrap();
    client.lines().await.unwrap();
    assert_eq!(seen.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn readiness_is_an_answer_not_an_error() {
    for (status, expected) in [(200, true), (503, false)] {
        let place = Place::new();
        serve_fixed(&place, status, "whatever");
        assert_eq!(place.client().ready().await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_refusal_is_its_problem() {
    let place = Place::new();
    serve_fixed(
        &place,
        409,
        r#"{"type":"urn:simfleet:problem:too_late","title":"Too late","status":409,"detail":"it has started","code":"too_late"}"#,
    );
    let error = place.client().cancel("0193").await.unwrap_err();
    assert_eq!(error.code(), Some("too_late"));
    assert!(!error.is_connection());
    assert_eq!(error.to_string(), "it has started (too_late)");
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let place = Place::new();
    let error = place.client().status().await.unwrap_err();
    assert!(
        matches!(error, ClientError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(error.is_connection());
    drop(place.listener()); // leaves a socket that nobody listens on
    let error = place.client().upload().await.map(drop).unwrap_err();
    assert!(
        matches!(error, ClientError::Unreachable { .. }),
        "{error:?}"
    );
}
