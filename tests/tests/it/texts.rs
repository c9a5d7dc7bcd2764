//! How texts go on the air, as apps ask for it and as the network sees it.

use client::{Accepted, DryRun, MessageRequest};
use serde_json::{Value, json};
use sms::{Language, MessageClass, Submit};
use tests::{Api, Site, SiteSettings, numbered};

/// Hands a message over whose text is `text`, waits for its end, and says what was answered and what was on the air.
fn send(site: &Site, text: &str, wishes: Value) -> (Accepted, Vec<Submit>) {
    let before = site.submits().len();
    let mut request = json!({"to": numbered(1).to, "text": text, "class": "otp"});
    let more = wishes.as_object().expect("an object").clone();
    request.as_object_mut().expect("an object").extend(more);
    let request: MessageRequest = serde_json::from_value(request).expect("a request");
    let api = site.api();
    let accepted = api.send(&request);
    assert_eq!(api.ended(&accepted.id).state, "delivered");
    (accepted, site.submits().split_off(before))
}

fn control(api: &Api, action: &str) {
    for line in api.lines() {
        let target = format!("/v1/lines/{}/{action}", line.name);
        let answer = api
            .post(&target, "application/json", b"")
            .expect("an answer");
        assert_eq!(answer.status, 200);
    }
}

#[test]
fn wishes_are_seen_on_the_air_and_told() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();

    let turkish = "ş".repeat(100);
    let (plain, parts) = send(&site, &turkish, json!({}));
    assert_eq!(
        (plain.encoding.as_str(), plain.parts, parts.len()),
        ("ucs2", 2, 2)
    );
    let measure = plain.measure.expect("a new message is measured");
    assert_eq!(
        (measure.units, measure.units_per_part, measure.units_left),
        (100, 67, 34)
    );
    assert_eq!((measure.outside, measure.parts_without), (100, Some(1)));
    assert_eq!(
        (&*measure.because[0].char, &*measure.because[0].code),
        ("ş", "U+015F")
    );

    let (table, parts) = send(&site, &turkish, json!({"national_tables": ["turkish"]}));
    assert_eq!((table.encoding.as_str(), parts.len()), ("gsm7", 1));
    assert_eq!(parts[0].user_data.text(), Some(&*turkish));
    assert_eq!(parts[0].user_data.shifts().locking, Some(Language::Turkish));
    let told = site.api().message(&table.id);
    assert_eq!(told.locking_shift.as_deref(), Some("turkish"));

    let (quotes, parts) = send(&site, "“It’s”", json!({"transliterate": "punctuation"}));
    assert_eq!(parts[0].user_data.text(), Some("\"It's\""));
    let replaced = quotes.measure.expect("it is measured").replaced;
    assert_eq!(
        (&*replaced[0].char, &*replaced[0].by, replaced.len()),
        ("“", "\"", 3)
    );

    let (_, parts) = send(
        &site,
        "hi",
        json!({"flash": true, "replace": 3, "encoding": "ucs2"}),
    );
    assert_eq!(parts[0].coding.class(), Some(MessageClass::Flash));
    assert_eq!(parts[0].protocol_id, 0x43);
    assert_eq!(parts[0].coding.alphabet(), sms::Alphabet::Ucs2);
    daemon.stop();
}

#[test]
fn a_table_outlives_a_restart_while_the_message_waits() {
    let site = Site::new(SiteSettings::default());
    site.configure(
        "national_tables = [\"turkish\"]\ntransliterate = \"letters\"\n",
        "",
    );
    let daemon = site.start_ready();
    let api = site.api();
    control(&api, "pause");
    let text = "ş".repeat(150);
    let request = MessageRequest {
        text: text.clone(),
        key: Some("k".to_owned()),
        transliterate: Some("off".to_owned()),
        ..numbered(1)
    };
    let accepted = api.send(&request);
    assert_eq!((accepted.encoding.as_str(), accepted.parts), ("gsm7", 1));
    daemon.kill();

    let daemon = site.start_ready();
    let api = site.api();
    let again = api.send(&request);
    assert_eq!((&again.id, again.repeated), (&accepted.id, true));
    assert_eq!((again.encoding.as_str(), again.parts), ("gsm7", 1));
    control(&api, "resume");
    assert_eq!(api.ended(&accepted.id).state, "delivered");
    let parts = site.submits();
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].user_data.text(), Some(&*text));
    daemon.stop();
}

#[test]
fn a_dry_run_says_everything_and_sends_nothing() {
    let site = Site::new(SiteSettings::default());
    let daemon = site.start_ready();
    let body = json!({"to": numbered(1).to, "text": "It’s — fine 👍", "dry_run": true}).to_string();
    let post = |body: &str| {
        site.api()
            .post("/v1/messages", "application/json", body.as_bytes())
    };
    let answer = post(&body).expect("an answer");
    assert_eq!(answer.status, 200);
    let found: DryRun = serde_json::from_slice(&answer.body).expect("a dry run");
    assert_eq!((found.parts, found.encoding.as_str()), (1, "ucs2"));
    let because: Vec<&str> = found.measure.because.iter().map(|of| &*of.char).collect();
    assert_eq!(because, ["’", "—", "👍"]);
    assert!(found.route.chosen.is_some());
    let refused = json!({"to": "12", "text": "x", "dry_run": true}).to_string();
    assert_eq!(post(&refused).expect("an answer").status, 422);

    let out = site.simfleet(&[
        "send",
        "--dry-run",
        "--to",
        &numbered(1).to,
        "--text",
        "It’s",
    ]);
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(
        said.contains("not sent") && said.contains("U+2019"),
        "{said}"
    );
    assert_eq!(site.api().status().messages.accepted, 0);
    assert_eq!(site.parts_on_air(), 0);
    daemon.stop();
}
