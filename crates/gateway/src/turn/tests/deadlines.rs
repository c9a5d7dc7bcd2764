//! Deadlines, before a message is started and after.

use modem::Cause;

use super::rig::*;
use crate::admission::RawRequest;
use crate::words::{Class, InDoubt, MessageState};

#[test]
fn a_message_that_waits_too_long_expires() {
    let mut rig = Rig::with_sims(0);
    let id = rig.accept(&raw(Class::Otp));
    assert_eq!(rig.sleep(), "a message's deadline");
    assert_eq!(rig.now.wall, noon().wall.plus(seconds(300)));
    assert_eq!(rig.state(id), MessageState::Expired);
    rig.plug(0, 0);
    assert_eq!(rig.held(), 0);
}

#[test]
fn a_message_that_is_too_late_at_once_is_never_started() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&RawRequest {
        expires_in: Some(seconds(0)),
        ..raw(Class::Otp)
    });
    assert_eq!(rig.store.story(id), ["accepted", "ended"]);
    assert_eq!(rig.state(id), MessageState::Expired);
}

#[test]
fn a_deadline_ends_a_back_off() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&RawRequest {
        expires_in: Some(seconds(1)),
        ..raw(Class::Otp)
    });
    rig.refused(0, Cause::Cms(42));
    assert_eq!(rig.state(id), MessageState::Queued);
    rig.wait(seconds(1));
    assert_eq!(rig.state(id), MessageState::Expired);
}

#[test]
fn a_part_with_its_line_is_waited_for_and_then_not_tried_again() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&RawRequest {
        expires_in: Some(seconds(10)),
        ..raw(Class::Otp)
    });
    rig.wait(seconds(60));
    assert_eq!(rig.state(id), MessageState::Sending);
    rig.refused(0, Cause::Cms(500));
    assert_eq!((rig.state(id), rig.held()), (MessageState::Expired, 0));
}

#[test]
fn a_part_that_came_back_too_late_expires() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&RawRequest {
        expires_in: Some(seconds(10)),
        ..raw(Class::Otp)
    });
    let not_after = rig.line(0).queue[0].not_after;
    assert_eq!(not_after, rig.now.mono + seconds(10));
    rig.pass(seconds(10));
    rig.returned(0);
    assert_eq!((rig.state(id), rig.held()), (MessageState::Expired, 0));
}

#[test]
fn in_doubt_at_its_deadline_it_is_not_resent() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&RawRequest {
        expires_in: Some(seconds(10)),
        in_doubt: Some(InDoubt::Resend),
        ..raw(Class::Otp)
    });
    rig.pass(seconds(10));
    rig.unknown(0);
    assert_eq!((rig.state(id), rig.held()), (MessageState::Unconfirmed, 0));
    assert_eq!(rig.snapshot().totals.resent_in_doubt, 0);
}

#[test]
fn the_rest_of_a_long_message_has_the_same_deadline() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let id = rig.accept(&RawRequest {
        text: &text,
        expires_in: Some(seconds(10)),
        ..raw(Class::Bulk)
    });
    rig.sent(0, 1);
    rig.pass(seconds(10));
    rig.sent(0, 2);
    assert_eq!(
        (rig.state(id), rig.held()),
        (MessageState::Failed, 0),
        "two of three parts were sent"
    );
}

#[test]
fn thousands_that_expire_at_once_are_ended_in_portions_and_none_is_started() {
    let mut rig = Rig::with_sims(0);
    (0..1500).for_each(|_| {
        rig.offer(&raw(Class::Otp));
    });
    rig.turn();
    rig.pass(seconds(300));
    let commits = rig.store.commits;
    rig.add(0);
    rig.ready(0, 0);
    rig.turn();
    assert_eq!(rig.store.commits - commits, 3, "512 in one turn at most");
    let seen = rig.snapshot();
    assert_eq!(seen.totals.ended[MessageState::Expired.index()], 1500);
    assert_eq!(seen.sims[0].usage.started, 0);
}

#[test]
fn a_clock_that_is_set_back_wakes_nobody_for_nothing() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Notification));
    rig.refused(0, Cause::Cms(42));
    rig.now.wall.0 -= 3_600_000;
    rig.turn();
    assert_eq!(rig.state(id), MessageState::Queued);
    for _ in 0..5 {
        if rig.held() == 0 {
            rig.sleep();
        }
    }
    assert_eq!(rig.line_of(id), Some(0));
}
