//! The API with the real core and store: what is accepted can be found, followed and taken back.

use gateway::Settings;
use store::StoreError;

use super::rig::Rig;
use crate::core::CoreThread;
use crate::testing::settings;

async fn real() -> (Rig, CoreThread<StoreError>) {
    Rig::real(Settings {
        default_country: Some("49".into()),
        ..settings()
    })
    .await
}

async fn accept(rig: &Rig, body: &str) -> String {
    let answer = rig.post("/v1/messages", body).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_message_can_be_looked_up() {
    let (rig, _core) = real().await;
    let id = accept(&rig, r#"{"to":"0151 12345678","text":"grüße","class":"bulk","expires_in":"1h","key":"k","app":"shop","report":false,"in_doubt":"fail"}"#).await;
    let view = rig.get(&format!("/v1/messages/{id}")).await.json();
    for (field, expected) in [
        ("id", serde_json::json!(id)),
        ("to", "+4915112345678".into()),
        ("text", "grüße".into()),
        ("class", "bulk".into()),
        ("state", "queued".into()),
        ("ended", false.into()),
        ("key", "k".into()),
        ("app", "shop".into()),
        ("report", false.into()),
        ("in_doubt", "fail".into()),
        ("parts", 1.into()),
    ] {
        assert_eq!(view[field], expected, "{field}");
    }
    let unknown = uuid::Uuid::now_v7();
    assert_eq!(
        rig.get(&format!("/v1/messages/{unknown}")).await.code(),
        (404, "not_found".to_owned())
    );
}

#[tokio::test]
async fn data_can_be_looked_up_and_measured() {
    let (rig, _core) = real().await;
    let body = |more: &str| format!(r#"{{"to":"+4915112345678","data":"0b5aFF"{more}}}"#);
    let id = accept(&rig, &body("")).await;
    let view = rig.get(&format!("/v1/messages/{id}")).await.json();
    let fields = [
        "data",
        "text",
        "encoding",
        "destination_port",
        "source_port",
    ];
    let shown =
        |view: &serde_json::Value| serde_json::json!(fields.map(|field| view[field].clone()));
    assert_eq!(
        shown(&view),
        serde_json::json!(["0B5AFF", null, "8bit", null, null])
    );
    let id = accept(&rig, &body(r#","destination_port":16000"#)).await;
    let view = rig.get(&format!("/v1/messages/{id}")).await.json();
    assert_eq!(
        shown(&view),
        serde_json::json!(["0B5AFF", null, "8bit", 16000, 0])
    );
    let asked = body(r#","destination_port":1,"source_port":2,"dry_run":true"#);
    let found = rig.post("/v1/messages", &asked).await.json();
    assert_eq!(
        (&found["parts"], &found["encoding"], &found["measure"]),
        (
            &1.into(),
            &"8bit".into(),
            &serde_json::json!({"units": 3, "units_per_part": 133, "units_left": 130})
        )
    );
}

#[tokio::test]
async fn a_dry_run_explains_the_choice_and_sends_nothing() {
    let route = |name: &str, prefix: &str, app: &[&str]| gateway::Route {
        name: name.into(),
        prefixes: vec![prefix.into()],
        apps: app.iter().map(|name| (*name).into()).collect(),
        ..gateway::Route::default()
    };
    let (rig, _core) = Rig::real(Settings {
        routes: vec![route("home", "+49", &[]), route("shop", "+4915", &["shop"])],
        ..settings()
    })
    .await;
    let plain = rig.get("/v1/route?to=%2B4915112345678").await.json();
    assert_eq!(plain["route"], "home");
    assert_eq!(plain["chosen"], serde_json::Value::Null, "there is no SIM");
    assert_eq!(
        plain["routes"],
        serde_json::json!([
            {"name": "home", "fit": "fits", "prefix_length": 3},
            {"name": "shop", "fit": "other_app"},
        ])
    );
    let shop = "/v1/route?to=+4915112345678&class=otp&app=shop";
    assert_eq!(rig.get(shop).await.json()["route"], "shop");
    let foreign = rig.get("/v1/route?to=%2B33612345678").await.json();
    assert_eq!(foreign["route"], serde_json::Value::Null);
    for (query, code) in [
        ("", (400, "malformed")),
        ("?to=12", (422, "invalid_recipient")),
        ("?to=%2B4915112345678&class=fast", (400, "malformed")),
        ("?to=%2B4915112345678&app=", (400, "malformed")),
        ("?to=%2B4915112345678&route=gone", (422, "unknown_route")),
        ("?to=%2B4915112345678&from=x", (400, "malformed")),
    ] {
        let answer = rig.get(&format!("/v1/route{query}")).await;
        assert_eq!(answer.code(), (code.0, code.1.to_owned()), "{query}");
    }
    let status = rig.get("/v1/status").await.json();
    assert_eq!(status["messages"]["accepted"], 0);
}

#[tokio::test]
async fn a_key_answers_as_the_first_time() {
    let (rig, _core) = real().await;
    let body = r#"{"to":"+4915112345678","text":"hi","key":"order-77"}"#;
    let id = accept(&rig, body).await;
    let again = rig.post("/v1/messages", body).await;
    assert_eq!(
        (again.status, &again.json()["id"], &again.json()["repeated"]),
        (202, &id.into(), &true.into())
    );
    let other = rig.post("/v1/messages", &body.replace("hi", "ho")).await;
    assert_eq!(other.code(), (409, "key_conflict".to_owned()));
}

#[tokio::test]
async fn pages_are_newest_first_and_go_on() {
    let (rig, _core) = real().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let class = if number == 0 { "otp" } else { "bulk" };
        ids.push(
            accept(
                &rig,
                &format!(r#"{{"to":"+491511000000{number}","text":"m","class":"{class}"}}"#),
            )
            .await,
        );
    }
    ids.reverse();
    let page = rig.get("/v1/messages?limit=3").await.json();
    let found = |page: &serde_json::Value| {
        let messages = page["messages"].as_array().unwrap().clone();
        messages
            .iter()
            .map(|message| message["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found(&page), ids[..3]);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = rig
        .get(&format!("/v1/messages?limit=3&cursor={cursor}"))
        .await
        .json();
    assert_eq!(found(&rest), ids[3..]);
    assert!(rest["next_cursor"].is_null());
    for (query, count) in [
        ("class=otp", 1),
        ("state=queued", 5),
        ("state=sent", 0),
        ("to=%2B4915110000002", 1),
        ("to=+4915110000002", 1),
        ("to=015110000002", 1),
        ("since=1h", 5),
        ("since=2099-01-01T00:00:00Z", 0),
    ] {
        let page = rig.get(&format!("/v1/messages?{query}")).await.json();
        assert_eq!(page["messages"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn a_message_can_be_taken_back_once() {
    let (rig, _core) = real().await;
    let id = accept(&rig, r#"{"to":"+4915112345678","text":"hi"}"#).await;
    let path = format!("DELETE /v1/messages/{id}");
    let view = rig.http(&path, "", b"").await;
    assert_eq!(
        (view.status, &view.json()["state"], &view.json()["ended"]),
        (200, &"cancelled".into(), &true.into())
    );
    let again = rig.http(&path, "", b"").await;
    assert_eq!(again.code(), (409, "too_late".to_owned()));
    let unknown = format!("DELETE /v1/messages/{}", uuid::Uuid::now_v7());
    assert_eq!(
        rig.http(&unknown, "", b"").await.code(),
        (404, "not_found".to_owned())
    );
}

#[tokio::test]
async fn events_go_on_after_a_cursor() {
    let (rig, _core) = real().await;
    let id = accept(&rig, r#"{"to":"+4915112345678","text":"hi"}"#).await;
    rig.http(&format!("DELETE /v1/messages/{id}"), "", b"")
        .await;
    let head = "Accept: application/x-ndjson\r\n";
    let all = rig.http("GET /v1/events?follow=false", head, b"").await;
    let events: Vec<serde_json::Value> = all
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<_> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["accepted", "ended"]);
    assert!(events.iter().all(|event| event["id"] == id));
    let first = events[0]["seq"].as_u64().unwrap();
    let rest = rig
        .get(&format!("/v1/events?after={first}&follow=false"))
        .await;
    assert!(rest.head.contains("text/event-stream"));
    let last = events[1]["seq"].as_u64().unwrap();
    assert!(
        rest.body
            .starts_with(&format!("id: {last}\nevent: ended\ndata: {{")),
        "{}",
        rest.body
    );
    let resumed = format!("Last-Event-ID: {last}\r\n");
    assert_eq!(
        rig.http("GET /v1/events?follow=false", &resumed, b"")
            .await
            .body,
        ""
    );
}

#[tokio::test]
async fn a_follower_sees_what_happens_and_is_let_go_at_the_end() {
    let (rig, _core) = real().await;
    let head = "Accept: application/x-ndjson\r\n";
    let follower = rig.http("GET /v1/events", head, b"");
    let act = async {
        accept(&rig, r#"{"to":"+4915112345678","text":"hi"}"#).await;
        rig.api.stop.cancel();
    };
    let (followed, ()) = tokio::join!(follower, act);
    // Whether the event was seen before the end depends on who was first; the stream ends in any case, and whole.
    assert!(followed.status == 200 && followed.body.lines().all(|line| line.ends_with('}')));
}

#[tokio::test]
async fn the_status_adds_up() {
    let (rig, _core) = real().await;
    accept(&rig, r#"{"to":"+4915112345678","text":"hi","class":"otp"}"#).await;
    let status = rig.get("/v1/status").await.json();
    assert_eq!(status["state"], "running");
    assert_eq!(
        (
            &status["messages"]["accepted"],
            &status["messages"]["queued"]
        ),
        (&1.into(), &1.into())
    );
    assert_eq!(status["queues"]["otp"]["depth"], 1);
    assert_eq!(status["accepting"], true);
    assert_eq!(
        rig.get("/v1/sims").await.json()["sims"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[tokio::test]
async fn who_asks_after_the_core_has_ended_is_told() {
    let (rig, core) = real().await;
    core.handle.exit().await;
    core.ended.await.ok();
    let body = r#"{"to":"+4915112345678","text":"hi"}"#;
    assert_eq!(
        rig.post("/v1/messages", body).await.code(),
        (503, "draining".to_owned())
    );
    assert_eq!(rig.get("/healthz").await.status, 503);
    let upload = rig.upload(format!("{body}\n").as_bytes()).await;
    assert!(upload.body.contains("draining"), "{}", upload.body);
}

#[tokio::test]
async fn a_cursor_of_another_store_is_told() {
    let (rig, _core) = real().await;
    accept(&rig, r#"{"to":"+4915112345678","text":"hi"}"#).await;
    let last = rig.get("/v1/status").await.json()["last_event"]
        .as_u64()
        .unwrap();
    let ask = async |after: u64| {
        rig.get(&format!("/v1/events?after={after}&follow=false"))
            .await
    };
    assert_eq!(ask(last).await.status, 200);
    let gone = ask(last + 1).await;
    assert_eq!(gone.code(), (410, "events_gone".to_owned()));
    assert!(
        gone.body.contains(&format!("after={last}")),
        "{}",
        gone.body
    );
}

#[tokio::test]
async fn a_message_that_came_twice_and_went_is_described() {
    let (rig, _core) = real().await;
    let body = r#"{"to":"+4915112345678","text":"hi","key":"k"}"#;
    // The rig holds each answer against the description.
    accept(&rig, body).await;
    let path = format!("/v1/messages/{}", accept(&rig, body).await);
    rig.http(&format!("DELETE {path}"), "", b"").await;
    assert_eq!(rig.get(&path).await.json()["state"], "cancelled");
    for path in ["/v1/messages", "/v1/status", "/v1/lines", "/v1/sims"] {
        assert_eq!(rig.get(path).await.status, 200, "{path}");
    }
    assert_eq!(rig.get("/nowhere").await.status, 404);
    let ndjson = "Accept: application/x-ndjson\r\n";
    let events = rig.http("GET /v1/events?follow=false", ndjson, b"");
    assert!(events.await.body.contains("accepted"));
}
