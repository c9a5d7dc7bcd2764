//! The API over a real socket: with a core that says what the test wants, and with the real one.

pub(crate) mod described;
mod real;
mod rig;
mod scripted;
mod tcp;

pub(crate) use rig::Rig;

use std::time::Duration;

use axum::http::StatusCode;
use gateway::{Class, MessageState, Refusal, UnixMs};

use super::problem::Failure;

/// A refusal's status and code on the wire.
fn check(refusal: Refusal, status: u16, code: &str) {
    let failure = Failure::from(refusal);
    let problem = failure.problem();
    assert_eq!((problem.status, problem.code.as_str()), (status, code));
    assert_eq!(problem.kind, format!("urn:simfleet:problem:{code}"));
    assert!(!problem.title.is_empty() && !problem.detail.is_empty());
    assert!(StatusCode::from_u16(problem.status).is_ok());
}

#[test]
fn every_refusal_has_its_status_and_code() {
    check(
        Refusal::InvalidRecipient("too short"),
        422,
        "invalid_recipient",
    );
    check(Refusal::EmptyText, 422, "empty_text");
    check(
        Refusal::TextTooLong {
            parts: 300,
            parts_max: 10,
        },
        422,
        "text_too_long",
    );
    check(Refusal::Unencodable { position: 3 }, 422, "unencodable");
    check(Refusal::UnknownRoute("x".into()), 422, "unknown_route");
    check(Refusal::Policy("it is so"), 422, "policy");
    check(Refusal::Suppressed, 422, "suppressed");
    check(
        Refusal::RateLimited {
            limit: "x".into(),
            retry_after_s: 7,
        },
        429,
        "rate_limited",
    );
    check(Refusal::KeyConflict, 409, "key_conflict");
    check(Refusal::NotFound, 404, "not_found");
    check(Refusal::UnknownTarget, 404, "not_found");
    check(Refusal::TooLate(MessageState::Sent), 409, "too_late");
    check(
        Refusal::QueueFull {
            queued: 5,
            retry_after_s: 7,
        },
        503,
        "queue_full",
    );
    let (ahead, ahead_max) = (Duration::from_secs(86_400), Duration::ZERO);
    check(
        Refusal::ScheduledTooFar { ahead, ahead_max },
        422,
        "scheduled_too_far",
    );
    let expires = UnixMs(0);
    check(Refusal::DeadlinePassed { expires }, 422, "deadline_passed");
    for opens in [None, Some(expires)] {
        let class = Class::Bulk;
        check(
            Refusal::OutsideSendWindow { class, opens },
            422,
            "outside_send_window",
        );
    }
    check(Refusal::Draining, 503, "draining");
    check(Refusal::DiskFull, 507, "disk_full");
}

#[test]
fn the_description_for_programs_names_every_path() {
    let description: serde_json::Value = serde_json::from_str(super::fleet::OPENAPI).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let expected = [
        ("/v1/messages", vec!["get", "post"]),
        ("/v1/messages/{id}", vec!["delete", "get"]),
        ("/v1/events", vec!["get"]),
        ("/v1/webhooks", vec!["get"]),
        ("/v1/webhooks/{name}/dead", vec!["get"]),
        ("/v1/webhooks/{name}/resend", vec!["post"]),
        ("/v1/lines", vec!["get"]),
        ("/v1/lines/{name}/at", vec!["post"]),
        ("/v1/lines/{name}/trace", vec!["get"]),
        ("/v1/lines/{name}/{action}", vec!["post"]),
        ("/v1/lines/{name}/reset", vec!["post"]),
        ("/v1/sims", vec!["get"]),
        ("/v1/sims/{iccid}/ussd", vec!["delete", "post"]),
        ("/v1/sims/{iccid}/{action}", vec!["post"]),
        ("/v1/route", vec!["get"]),
        ("/v1/suppressions", vec!["get"]),
        ("/v1/suppressions/{number}", vec!["delete", "put"]),
        ("/v1/status", vec!["get"]),
        ("/healthz", vec!["get"]),
        ("/readyz", vec!["get"]),
        ("/metrics", vec!["get"]),
        ("/openapi.json", vec!["get"]),
    ];
    assert_eq!(paths.len(), expected.len());
    for (path, methods) in expected {
        let described: Vec<&String> = paths[path].as_object().unwrap().keys().collect();
        assert_eq!(described, methods, "{path}");
    }
}
