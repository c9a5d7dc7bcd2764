//! What is erased and deleted while the daemon runs, and what is not.

use std::time::Duration;

use client::{MessageRequest, Problem};
use tests::{Api, Site, SiteSettings, eventually, numbered};

#[test]
fn a_code_is_erased_when_it_has_ended_and_nothing_of_it_is_left_on_disk() {
    let site = Site::new(SiteSettings {
        sections: "[retention]\nerase_recipients = true".to_owned(),
        ..SiteSettings::default()
    });
    let daemon = site.start_ready();
    let api = site.api();
    let code = MessageRequest {
        to: "+4915199988877".to_owned(),
        text: "Your code is ZEBRA-112233".to_owned(),
        class: Some("otp".to_owned()),
        key: Some("code-1".to_owned()),
        ..MessageRequest::default()
    };
    let sent = api.send(&code);
    let parcel = api.send(&numbered(1));
    assert_eq!(api.ended(&sent.id).state, "delivered");
    api.ended(&parcel.id);
    let erased = eventually("the text is erased", || {
        Some(api.message(&sent.id)).filter(|message| message.erased_at.is_some())
    });
    assert_eq!((erased.text, erased.to.as_str()), (None, "+4915…"));
    assert_eq!(erased.state, "delivered");
    assert_eq!(erased.attempts.len(), 1, "what happened to it is kept");
    let other = api.message(&parcel.id);
    assert_eq!(
        (other.text, other.erased_at),
        (Some(numbered(1).text), None)
    );
    let again = api.send(&code);
    assert!(again.repeated && again.id == sent.id, "its key is known");
    let other = MessageRequest {
        text: "Your code is ZEBRA-445566".to_owned(),
        ..code
    };
    let body = serde_json::to_vec(&other).expect("it is JSON");
    let answer = api.post("/v1/messages", "application/json", &body);
    let answer = answer.expect("the daemon answers");
    assert_eq!(answer.status, 409, "another body under the same key");
    daemon.stop();
    for file in std::fs::read_dir(site.state_dir()).expect("it is there") {
        let path = file.expect("it can be read").path();
        let octets = std::fs::read(&path).expect("it can be read");
        for secret in ["ZEBRA-112233", "99988877"] {
            let mut windows = octets.windows(secret.len());
            let is_there = windows.any(|at| at == secret.as_bytes());
            assert!(!is_there, "{secret} is in {}", path.display());
        }
    }
}

#[test]
fn a_store_that_is_too_large_forgets_and_says_so() {
    let site = small_store("");
    let daemon = site.start_ready();
    let api = site.api();
    send_a_lot(&api);
    let refused = eventually("events are gone", || {
        let answer = api.get("/v1/events?after=1&follow=false").ok()?;
        (answer.status == 410).then_some(answer)
    });
    assert_eq!(refused.json::<Problem>().code, "events_gone");
    eventually("the store is as small as wanted", || {
        (metric(&api, "simfleet_store_used_bytes") <= 1_048_576.0).then_some(())
    });
    assert!(metric(&api, DELETED) > 0.0);
    let left = api.events(0);
    let first = left.first().map_or(0, |event| event.seq);
    assert!(first > 1, "the oldest went first");
    let last = left.last().expect("the youngest are there").seq;
    assert_eq!(api.events(last), [], "who is up to date is not told of it");
    daemon.stop();
    let daemon = site.start();
    let counts = api.status().messages;
    assert_eq!(counts.delivered, MESSAGES as u64, "no count is forgotten");
    daemon.stop();
}

#[test]
fn events_that_a_webhook_has_not_got_are_kept_however_large_the_store_is() {
    let secret = tempfile::NamedTempFile::new().expect("there is room");
    std::fs::write(secret.path(), "a secret of many characters").expect("it can be written");
    // The port of the discard service: nobody listens there.
    let nobody = format!(
        "[[webhooks]]\nname = \"shop\"\nurl = \"http://127.0.0.1:9/\"\nsecret_file = {:?}",
        secret.path()
    );
    let site = small_store(&nobody);
    let daemon = site.start_ready();
    let api = site.api();
    send_a_lot(&api);
    eventually("deleting waits for the webhook", || {
        let held = metric(&api, "simfleet_retention_held");
        (held.to_bits() == 1.0_f64.to_bits()).then_some(())
    });
    assert!(metric(&api, DELETED) < 0.5, "nothing was deleted");
    assert!(api.events(1).len() > MESSAGES * 4);
    daemon.stop();
}

/// A site whose store may not be larger than 1 MiB.
fn small_store(sections: &str) -> Site {
    Site::new(SiteSettings {
        sms_time: Duration::ZERO,
        sections: format!("[retention]\nmax_size_mib = 1\n{sections}"),
        ..SiteSettings::default()
    })
}

fn send_a_lot(api: &Api) {
    let messages: Vec<MessageRequest> = (0..MESSAGES).map(numbered).collect();
    api.upload_all(&messages);
    api.counts("all are delivered", |counts| {
        counts.delivered == MESSAGES as u64
    });
}

fn metric(api: &Api, series: &str) -> f64 {
    let text = api.get("/metrics").expect("the daemon answers").text();
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    let value = value.unwrap_or_else(|| panic!("no {series} in\n{text}"));
    value.parse().expect("a value is a number")
}

const DELETED: &str = "simfleet_retention_deleted_total{what=\"message\"}";
/// More than 1 MiB of them, with all that happens to them.
const MESSAGES: usize = 4_000;
