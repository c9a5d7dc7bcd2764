//! `[[webhooks]]` that can't work, and what is said about them.

use std::time::Duration;

use hyper::Uri;

use super::check;
use crate::config::webhooks::{WebhookConfig, WebhookUrl};
use crate::webhooks::Secret;

#[test]
fn webhooks_that_can_not_work_are_refused() {
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "tooshort").unwrap();
    let secret = secret.path().display().to_string();
    check(
        "[[webhooks]]",
        &[
            "simfleet.toml:1: webhooks[1].name: is missing: its cursor is kept under it",
            "simfleet.toml:1: webhooks[1].url: is missing: events are posted to it",
            "simfleet.toml:1: webhooks[1].secret_file: is missing: every delivery is signed with it",
        ],
    );
    let server = "is not the URL of a server: write http:// or https://, a host and a path, without user and password";
    for url in [
        "shop.example",
        "ftp://shop.example/",
        "http://",
        "http://me:pw@shop.example/",
        "http://a b/",
    ] {
        let text = format!(
            "[[webhooks]]\nname = \"a b\"\nurl = {url:?}\nsecret_file = {secret:?}\nevents = [\"ended\", \"sent\"]\nbatch_max = 0",
        );
        check(
            &text,
            &[
                "simfleet.toml:2: webhooks[1].name: `a b` is not a name: write 1 to 40 letters, digits, `-` or `_`",
                &format!("simfleet.toml:3: webhooks[1].url: {server}"),
                &format!(
                    "simfleet.toml:4: webhooks[1].secret_file: {secret}: the secret has 8 octets and must have at \
                     least 16: make one with `openssl rand -base64 32`"
                ),
                "simfleet.toml:5: webhooks[1].events: `sent` is not a kind of event; there are accepted, started, \
                 finished, returned, resolved, reported, requeued, ended, budget_warned",
                "simfleet.toml:6: webhooks[1].batch_max: 0 is out of range; allowed: 1 to 500 events",
            ],
        );
    }
}

#[test]
fn a_webhook_gets_what_happens_to_messages_and_more_only_by_name() {
    let webhook = |events: &[&str]| WebhookConfig {
        name: "shop".into(),
        url: WebhookUrl(Uri::from_static("http://shop.example/")),
        events: events.iter().map(|kind| (*kind).into()).collect(),
        batch_max: 1,
        timeout: Duration::from_secs(1),
        retry_for: Duration::from_secs(1),
        secret: Secret::parse("correct horse battery staple").unwrap(),
    };
    let check = |events: &[&str], kind: &str, expected: bool| {
        assert_eq!(webhook(events).wants(kind), expected, "{events:?}: {kind}");
    };
    check(&[], "accepted", true);
    check(&[], "ended", true);
    check(&[], "budget_warned", false);
    check(&["ended"], "accepted", false);
    check(&["ended", "budget_warned"], "budget_warned", true);
}
