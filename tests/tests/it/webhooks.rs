//! Webhooks end to end: what a server gets, what it misses while it is down, and that nobody waits for it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use client::EventView;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tests::{Daemon, Post, Receiver, Site, SiteSettings, eventually, numbered, repository};

const SECRET: &str = "whsec_c2l4dGVlbiBvY3RldHMgYXQgbGVhc3Q=";

/// A site whose daemon has one webhook.
fn site(receiver: &Receiver, keys: &str) -> Site {
    let site = Site::new(SiteSettings::default());
    let secret = site.dir().join("secret");
    std::fs::write(&secret, SECRET).expect("the folder can be written to");
    std::fs::set_permissions(&secret, Permissions::from_mode(0o600)).expect("it is ours");
    let section = format!(
        "[[webhooks]]\nname = \"shop\"\nurl = {:?}\nsecret_file = {secret:?}\n{keys}\n",
        receiver.url()
    );
    site.configure("", &section);
    site
}

fn send(site: &Site, count: usize) {
    let messages: Vec<_> = (0..count).map(numbered).collect();
    site.api().upload_all(&messages);
}

/// Waits until the webhook has nothing left to deliver, and gives what is known of it.
fn settled(site: &Site) -> Value {
    eventually("the webhook has everything", || {
        let counts = site.api().status().messages;
        let page: Value = site.api().fetch("/v1/webhooks");
        let webhook = &page["webhooks"][0];
        let is_done = counts.ended == counts.accepted
            && webhook["cursor"].as_u64() >= site.api().events(0).last().map(|event| event.seq);
        is_done.then(|| webhook.clone())
    })
}

fn numbers(events: &[EventView]) -> Vec<u64> {
    events.iter().map(|event| event.seq).collect()
}

fn is_signed(post: &Post) -> bool {
    let key = STANDARD
        .decode(SECRET.trim_start_matches("whsec_"))
        .expect("the secret is base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any key will do");
    let (id, at) = (post.header("webhook-id"), post.header("webhook-timestamp"));
    mac.update(format!("{id}.{at}.").as_bytes());
    mac.update(&post.body);
    post.header("webhook-signature")
        == format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[test]
fn every_event_comes_once_in_order_and_signed() {
    let receiver = Receiver::start();
    let site = site(&receiver, "");
    let daemon = site.start_ready();
    send(&site, 40);
    let webhook = settled(&site);
    assert_eq!(numbers(&receiver.taken()), numbers(&site.api().events(0)));
    assert!(receiver.posts().iter().all(is_signed));
    assert_eq!(webhook["dead"], 0);
    let server = webhook["server"].as_str().expect("it has a server");
    assert!(
        !server.contains("hidden"),
        "the path may hold a secret: {server}"
    );
    daemon.stop();
}

#[test]
fn a_server_that_was_down_gets_what_it_missed_also_after_a_restart_of_the_daemon() {
    let receiver = Receiver::start();
    let site = site(&receiver, "events = [\"ended\"]\nbatch_max = 7");
    let daemon = site.start_ready();
    receiver.answer(|_| 503);
    send(&site, 20);
    eventually("all have ended", || {
        let counts = site.api().status().messages;
        (counts.ended == 20).then_some(())
    });
    eventually("the webhook is known to fail", || {
        let page: Value = site.api().fetch("/v1/webhooks");
        let webhook = &page["webhooks"][0];
        let is_behind = webhook["behind_since"].is_string() && webhook["error"] == "answered 503";
        is_behind.then_some(())
    });
    daemon.kill();
    let daemon = site.start_ready();
    receiver.answer(|_| 200);
    let all = eventually("all are delivered", || {
        let taken = receiver.taken();
        (taken.len() == 20).then_some(taken)
    });
    assert!(all.iter().all(|event| event.kind == "ended"));
    assert!(numbers(&all).is_sorted());
    assert!(receiver.posts().iter().all(|post| post.events().len() <= 7));
    daemon.stop();
}

#[test]
fn what_a_server_calls_wrong_becomes_a_dead_letter_and_can_be_sent_again() {
    let receiver = Receiver::start();
    let site = site(&receiver, "events = [\"accepted\"]");
    let daemon = site.start_ready();
    receiver.answer(|post| {
        let is_wrong = post.events().iter().any(|event| event.seq == 1);
        if is_wrong { 422 } else { 200 }
    });
    send(&site, 5);
    let webhook = eventually("it has judged them all", || {
        let page: Value = site.api().fetch("/v1/webhooks");
        let webhook = page["webhooks"][0].clone();
        (webhook["delivered"] == 4).then_some(webhook)
    });
    assert_eq!(webhook["dead"], 1);
    let dead: Value = site.api().fetch("/v1/webhooks/shop/dead");
    assert_eq!(dead["dead"][0]["seq"], 1);
    assert_eq!(dead["dead"][0]["event"]["type"], "accepted");
    assert_eq!(dead["dead"][0]["reason"], "answered 422");
    let listed = site.simfleet(&["webhooks", "dead", "shop"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("answered 422"), "{listed}");

    receiver.answer(|_| 200);
    assert!(
        site.simfleet(&["webhooks", "resend", "shop"])
            .status
            .success()
    );
    eventually("the dead letter is delivered", || {
        let page: Value = site.api().fetch("/v1/webhooks");
        (page["webhooks"][0]["dead"] == 0).then_some(())
    });
    assert_eq!(numbers(&receiver.taken()).last(), Some(&1));
    let unknown = site.simfleet(&["webhooks", "resend", "nobody"]);
    assert_eq!(unknown.status.code(), Some(1));
    daemon.stop();
}

#[test]
fn a_server_that_never_answers_holds_up_nobody() {
    let receiver = Receiver::start();
    receiver.answer(|_| 0);
    let site = site(&receiver, "timeout = \"60s\"");
    let daemon = site.start_ready();
    send(&site, 200);
    eventually("all have ended", || {
        let counts = site.api().status().messages;
        (counts.ended == 200).then_some(())
    });
    assert!(receiver.taken().is_empty());
    let began = std::time::Instant::now();
    daemon.stop();
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "a stop does not wait for it either"
    );
}

/// Starts a daemon on the site that trusts this authority and no other, and waits until its lines are ready.
fn start_trusting(site: &Site, authority: &str) -> Daemon {
    let authority = repository().join("tests/certificates").join(authority);
    let environment = [("SSL_CERT_FILE", authority.into_os_string())];
    let daemon = Daemon::start(
        &[],
        &site.config(),
        &site.dir().join("daemon.log"),
        &environment,
    );
    eventually("the daemon answers", || {
        let answer = site.api().get("/healthz").ok()?;
        (answer.status == 200).then_some(())
    });
    site.api().lines_ready(8);
    daemon
}

#[test]
fn over_tls_events_come_signed_from_a_daemon_that_trusts_the_server() {
    let receiver = Receiver::start_tls();
    let site = site(&receiver, "");
    let daemon = start_trusting(&site, "authority.pem");
    send(&site, 20);
    settled(&site);
    assert_eq!(numbers(&receiver.taken()), numbers(&site.api().events(0)));
    assert!(receiver.posts().iter().all(is_signed));
    daemon.stop();
}

#[test]
fn a_server_that_nobody_vouches_for_gets_nothing_and_messages_go_on() {
    let receiver = Receiver::start_tls();
    let site = site(&receiver, "");
    let daemon = start_trusting(&site, "stranger.pem");
    send(&site, 20);
    let webhook: Value = eventually("the webhook says why it fails", || {
        let page: Value = site.api().fetch("/v1/webhooks");
        let webhook = &page["webhooks"][0];
        webhook["error"].is_string().then(|| webhook.clone())
    });
    let error = webhook["error"].as_str().unwrap_or_default();
    assert!(error.contains("certificate"), "{error}");
    site.api()
        .counts("all are delivered", |counts| counts.delivered == 20);
    assert_eq!(receiver.posts().len(), 0, "not one octet of an event left");
    daemon.stop();
}
