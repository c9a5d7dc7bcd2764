//! What an answer means, how long to wait, and the signature that receivers check.

use std::time::Duration;

mod hostile;

use super::policy::{Answer, answer, wait};
use super::{Poster, Secret, WebhookBoard};

fn failed(why: &str, retry_after_s: Option<u64>) -> Answer {
    Answer::Failed {
        why: why.into(),
        retry_after: retry_after_s.map(Duration::from_secs),
    }
}

#[test]
fn what_an_answer_means() {
    let redirect = "answered 302: redirects are not followed, so configure the final url";
    let cases = [
        (200, None, Answer::Taken),
        (204, Some("9"), Answer::Taken),
        (400, None, Answer::Refused("answered 400".into())),
        (413, None, Answer::Refused("answered 413".into())),
        (422, None, Answer::Refused("answered 422".into())),
        (302, None, failed(redirect, None)),
        (401, None, failed("answered 401", None)),
        (404, None, failed("answered 404", None)),
        (429, Some(" 17 "), failed("answered 429", Some(17))),
        (
            503,
            Some("Wed, 21 Oct 2026 07:28:00 GMT"),
            failed("answered 503", None),
        ),
        (500, Some("-1"), failed("answered 500", None)),
    ];
    for (status, retry_after, expected) in cases {
        assert_eq!(answer(status, retry_after), expected, "{status}");
    }
}

#[test]
fn waits_double_up_to_five_minutes_and_heed_the_receiver_within_them() {
    let cases = [
        (1, None, 1),
        (2, None, 2),
        (5, None, 16),
        (9, None, 256),
        (10, None, 300),
        (u32::MAX, None, 300),
        (1, Some(30), 30),
        (6, Some(3), 32),
        (1, Some(86_400), 300),
    ];
    for (failures, asked_s, expected_s) in cases {
        let waited = wait(failures, asked_s.map(Duration::from_secs));
        assert_eq!(
            waited,
            Duration::from_secs(expected_s),
            "{failures} {asked_s:?}"
        );
    }
}

/// Computed with another implementation: Python's `hmac`.
#[test]
fn the_signature_is_that_of_standard_webhooks() {
    let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
    let body = br#"{"test": 2432232314}"#;
    assert_eq!(
        secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body),
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    );
    let plain = Secret::parse("correct horse battery staple").unwrap();
    assert_eq!(
        plain.sign("shop.1-2", 0, b""),
        "v1,YHDjbwS7ZDv0ommZ2klCpV/UQCrhJgMRbmhBc7wIM3M="
    );
}

#[test]
fn secrets_that_are_none_are_refused_without_showing_them() {
    for text in [
        "",
        "short",
        "whsec_c2hvcnQ=",
        "whsec_not base64 at all, but long",
    ] {
        let what = Secret::parse(text).unwrap_err();
        assert!(text.is_empty() || !what.contains(text), "{what}");
    }
    let secret = Secret::parse("correct horse battery staple").unwrap();
    assert_eq!(format!("{secret:?}"), "Secret(…)");
}

#[test]
fn a_client_without_https_needs_no_certificates() {
    assert!(Poster::new(false).is_ok());
}

#[test]
fn nothing_is_sent_again_for_a_webhook_that_is_not_there() {
    assert!(!WebhookBoard::default().resend("shop"));
}
