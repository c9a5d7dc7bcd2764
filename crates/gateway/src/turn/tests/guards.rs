//! Flood guards, lists of recipients and the suppression list, at the entrance and while messages wait.

use std::sync::Arc;
use std::time::Duration;

use sms::Address;

use super::rig::*;
use crate::admission::{RawRequest, admit};
use crate::exchange::{Answer, Input, Refusal, RouteQuery};
use crate::limits::{Each, Limit};
use crate::numbers::{Numbers, Recipients};
use crate::record::{EndReason, Record};
use crate::settings::Settings;
use crate::words::{Class, MessageId, MessageState};

#[test]
fn a_full_window_refuses_until_its_oldest_message_counts_no_more() {
    let mut rig = Rig::new(limited(2));
    let keyed = RawRequest {
        key: Some("k"),
        ..raw(Class::Otp)
    };
    let first = rig.accept(&keyed);
    rig.pass(seconds(10));
    rig.accept(&raw(Class::Otp));
    rig.pass(seconds(5));
    assert_eq!(rig.refusal(&raw(Class::Otp)), limit_reached(45));
    assert_eq!(trial(&rig), Some(limit_reached(45)));
    // A known key is answered, another class and recipient are not held up.
    let again = rig.offer_answer(&keyed);
    assert!(matches!(again, Ok(Answer::Accepted { id, repeated: true, .. }) if id == first));
    rig.accept(&raw(Class::Notification));
    rig.accept(&RawRequest {
        to: "+4915112345679",
        ..raw(Class::Otp)
    });
    // What is refused does not count: a minute after each of the two there is room for one more.
    rig.pass(seconds(45));
    assert_eq!(trial(&rig), None);
    rig.accept(&raw(Class::Otp));
    assert_eq!(rig.refusal(&raw(Class::Otp)), limit_reached(10));
    rig.pass(seconds(10));
    rig.accept(&raw(Class::Otp));
    assert_eq!(rig.refusal(&raw(Class::Otp)), limit_reached(50));
}

#[test]
fn windows_outlive_a_restart_and_a_reload() {
    let mut rig = Rig::new(limited(1));
    rig.accept(&raw(Class::Otp));
    rig.pass(seconds(20));
    rig.restart();
    assert_eq!(rig.refusal(&raw(Class::Otp)), limit_reached(40));
    let mut settings = limited(1);
    settings.parts_max = 3;
    rig.reload(settings);
    assert_eq!(rig.refusal(&raw(Class::Otp)), limit_reached(40));
    rig.reload(limited(2));
    rig.accept(&raw(Class::Otp));
}

#[test]
fn who_is_suppressed_is_refused_until_taken_off() {
    let mut rig = Rig::new(generous());
    assert_eq!(suppress(&mut rig, false), Err(Refusal::NotSuppressed));
    assert_eq!(suppress(&mut rig, true), Ok(Answer::Controlled));
    assert_eq!(suppress(&mut rig, true), Ok(Answer::Controlled));
    assert_eq!(rig.refusal(&raw(Class::Otp)), Refusal::Suppressed);
    assert_eq!(trial(&rig), Some(Refusal::Suppressed));
    rig.restart();
    assert_eq!(rig.refusal(&raw(Class::Otp)), Refusal::Suppressed);
    assert_eq!(suppress(&mut rig, false), Ok(Answer::Controlled));
    rig.restart();
    rig.accept(&raw(Class::Otp));
}

#[test]
fn what_waits_for_a_suppressed_recipient_ends_as_failed() {
    let mut rig = Rig::new(generous());
    let waiting = rig.accept(&raw(Class::Bulk));
    let other = rig.accept(&RawRequest {
        to: "+4915112345679",
        ..raw(Class::Bulk)
    });
    suppress(&mut rig, true).unwrap();
    rig.plug(0, 0);
    assert_eq!(
        ended(&rig, waiting),
        Some((MessageState::Failed, EndReason::Suppressed))
    );
    assert_eq!(
        rig.on_line(0),
        Some((other, 1)),
        "the next one takes its place"
    );
}

#[test]
fn what_is_on_its_way_goes_on() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let long = rig.accept(&RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    });
    rig.sent(0, 1);
    suppress(&mut rig, true).unwrap();
    assert_eq!(
        rig.on_line(0),
        Some((long, 2)),
        "half a message helps nobody"
    );
}

#[test]
fn a_list_that_comes_to_exclude_a_recipient_ends_what_waits() {
    let mut rig = Rig::new(generous());
    let waiting = rig.accept(&raw(Class::Otp));
    let mut deny = Numbers::default();
    deny.add("+49151*");
    let mut settings = generous();
    settings.recipients = Arc::new(Recipients { allow: None, deny });
    rig.reload(settings.clone());
    let refused = admit(&settings, MessageId(uuid::Uuid::nil()), &raw(Class::Otp));
    assert!(matches!(refused, Err(Refusal::Policy(_))));
    rig.plug(0, 0);
    assert_eq!(
        ended(&rig, waiting),
        Some((MessageState::Failed, EndReason::Policy))
    );
    assert_eq!(rig.on_line(0), None);
}

/// So many codes a minute to each recipient.
fn limited(messages: u32) -> Settings {
    Settings {
        limits: vec![Limit {
            name: "codes".into(),
            each: Each::Recipient,
            prefixes: Vec::new(),
            classes: vec![Class::Otp],
            apps: Vec::new(),
            messages,
            per: Duration::from_secs(60),
        }],
        ..generous()
    }
}

fn limit_reached(retry_after_s: u32) -> Refusal {
    Refusal::RateLimited {
        limit: "codes".into(),
        retry_after_s,
    }
}

/// What a dry run says of a code.
fn trial(rig: &Rig) -> Option<Refusal> {
    let query = RouteQuery {
        to: recipient(),
        class: Class::Otp,
        app: None,
        route: None,
        parts: 1,
    };
    rig.gateway.try_route(rig.now, &query).refusal
}

fn suppress(rig: &mut Rig, suppressed: bool) -> Result<Answer, Refusal> {
    let reply = rig.ask();
    rig.input(Input::Suppress {
        reply,
        recipient: recipient(),
        suppressed,
        reason: None,
    });
    rig.turn();
    rig.answers[&reply].clone()
}

fn recipient() -> Address {
    Address::parse(raw(Class::Otp).to).unwrap()
}

fn ended(rig: &Rig, id: MessageId) -> Option<(MessageState, EndReason)> {
    let seq = rig.store.messages()[&id].seq;
    rig.store.entries.iter().find_map(|entry| {
        let Record::Ended {
            message,
            state,
            reason,
        } = &entry.record
        else {
            return None;
        };
        (*message == seq).then_some((*state, *reason))
    })
}
