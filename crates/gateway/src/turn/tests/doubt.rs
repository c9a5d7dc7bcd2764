//! The third outcome: nobody can say whether a part was sent.

use modem::{Cause, Ticket};

use super::rig::*;
use crate::admission::RawRequest;
use crate::words::{Class, InDoubt, MessageId, MessageState};

#[test]
fn resend_sends_it_once_more_and_counts_it() {
    let mut rig = Rig::with_sims(2);
    let id = accept(&mut rig, InDoubt::Resend);
    let first = rig.line_of(id).unwrap();
    rig.unknown(first);
    let second = rig.line_of(id).expect("it is sent again");
    assert_eq!(
        rig.snapshot().totals.resent_in_doubt,
        0,
        "it may still come back"
    );
    rig.sent(second, 9);
    assert_eq!(rig.snapshot().totals.resent_in_doubt, 1);
    assert_eq!(rig.state(id), MessageState::Sent);
    rig.report(second, 9, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Delivered);
}

#[test]
fn resend_happens_once() {
    let mut rig = Rig::with_sims(2);
    let id = accept(&mut rig, InDoubt::Resend);
    rig.unknown(rig.line_of(id).unwrap());
    rig.unknown(rig.line_of(id).unwrap());
    assert_eq!(
        (rig.state(id), rig.line_of(id)),
        (MessageState::InDoubt, None)
    );
    assert_eq!(rig.snapshot().in_doubt, 1);
    rig.wait(seconds(24 * 3600 + 600));
    assert_eq!(rig.state(id), MessageState::Unconfirmed);
}

#[test]
fn hold_waits_for_a_report_until_the_deadline() {
    let mut rig = Rig::with_sims(2);
    let id = accept(&mut rig, InDoubt::Hold);
    rig.unknown(rig.line_of(id).unwrap());
    assert_eq!((rig.state(id), rig.held()), (MessageState::InDoubt, 0));
    rig.wait(seconds(24 * 3600 + 599));
    assert_eq!(rig.state(id), MessageState::InDoubt);
    rig.wait(seconds(1));
    assert_eq!(rig.state(id), MessageState::Unconfirmed);
    assert_eq!(rig.snapshot().totals.resent_in_doubt, 0);
}

#[test]
fn a_report_proves_a_held_message() {
    let mut rig = Rig::with_sims(1);
    let id = accept(&mut rig, InDoubt::Hold);
    rig.unknown(0);
    rig.report(0, 77, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Delivered);
    assert_eq!(
        rig.store.story(id),
        [
            "accepted", "started", "finished", "resolved", "reported", "ended"
        ]
    );
    let usage = rig.snapshot().sims[0].usage;
    assert_eq!((usage.in_doubt, usage.sent, usage.delivered), (0, 1, 1));
}

#[test]
fn fail_ends_it_at_once() {
    let mut rig = Rig::with_sims(1);
    let id = accept(&mut rig, InDoubt::Fail);
    rig.unknown(0);
    assert_eq!(rig.state(id), MessageState::Unconfirmed);
    rig.report(0, 77, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Unconfirmed, "an end is an end");
    assert_eq!(rig.snapshot().reports_repeated, 1);
}

#[test]
fn a_report_that_came_before_the_doubt_settles_it_under_every_policy() {
    for policy in InDoubt::ALL {
        let mut rig = Rig::with_sims(2);
        let id = accept(&mut rig, policy);
        let line = rig.line_of(id).unwrap();
        rig.report(line, 5, RECIPIENT, DELIVERED);
        assert_eq!(rig.snapshot().reports_kept, 1);
        rig.unknown(line);
        assert_eq!(rig.state(id), MessageState::Delivered, "{policy:?}");
        assert_eq!(rig.snapshot().reports_kept, 0);
        assert_eq!(rig.held(), 0);
    }
}

#[test]
fn a_late_answer_settles_it() {
    let mut rig = Rig::with_sims(1);
    let id = accept(&mut rig, InDoubt::Hold);
    let ticket = rig.unknown(0);
    rig.resolved(0, ticket, 33);
    assert_eq!(rig.state(id), MessageState::Sent);
    rig.report(0, 33, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Delivered);
}

#[test]
fn a_late_answer_spares_the_resend() {
    let mut rig = Rig::with_sims(1);
    let id = accept(&mut rig, InDoubt::Resend);
    rig.accept(&raw(Class::Otp));
    let ticket = rig.unknown(0);
    assert_ne!(rig.on_line(0).unwrap().0, id, "the code goes first");
    rig.resolved(0, ticket, 33);
    assert_eq!(rig.state(id), MessageState::Sent);
    rig.pass(seconds(5));
    rig.sent(0, 34);
    assert_eq!(rig.held(), 0);
    assert_eq!(rig.snapshot().totals.resent_in_doubt, 0);
}

#[test]
fn once_the_first_try_is_proven_the_second_may_fail() {
    let ways: [fn(&mut Rig, u32) -> Ticket; 4] = [
        |rig, line| rig.refused(line, Cause::Cms(1)),
        |rig, line| rig.refused(line, Cause::Cms(500)),
        |rig, line| rig.returned(line),
        |rig, line| rig.unknown(line),
    ];
    for (at, way) in ways.into_iter().enumerate() {
        let mut rig = Rig::with_sims(2);
        let id = accept(&mut rig, InDoubt::Resend);
        let first = rig.line_of(id).unwrap();
        let ticket = rig.unknown(first);
        let second = rig.line_of(id).unwrap();
        rig.resolved(first, ticket, 33);
        way(&mut rig, second);
        assert_eq!(
            (rig.state(id), rig.held()),
            (MessageState::Sent, 0),
            "way {at}"
        );
        rig.report(first, 33, RECIPIENT, DELIVERED);
        assert_eq!(rig.state(id), MessageState::Delivered, "way {at}");
        rig.check_replay();
    }
}

#[test]
fn once_the_first_try_is_delivered_the_second_does_not_matter() {
    let ways: [fn(&mut Rig, u32) -> Ticket; 4] = [
        |rig, line| rig.refused(line, Cause::Cms(500)),
        |rig, line| rig.returned(line),
        |rig, line| rig.unknown(line),
        |rig, line| rig.sent(line, 40),
    ];
    for (at, way) in ways.into_iter().enumerate() {
        let mut rig = Rig::with_sims(2);
        let id = accept(&mut rig, InDoubt::Resend);
        let first = rig.line_of(id).unwrap();
        rig.unknown(first);
        let second = rig.line_of(id).unwrap();
        assert_ne!(first, second);
        rig.report(first, 33, RECIPIENT, DELIVERED);
        assert_eq!(
            rig.state(id),
            MessageState::Sending,
            "its second try is on its way"
        );
        way(&mut rig, second);
        assert_eq!(rig.state(id), MessageState::Delivered, "way {at}");
    }
}

#[test]
fn a_second_try_that_is_refused_for_good_leaves_the_first_in_doubt() {
    let mut rig = Rig::with_sims(2);
    let id = accept(&mut rig, InDoubt::Resend);
    rig.unknown(rig.line_of(id).unwrap());
    rig.refused(rig.line_of(id).unwrap(), Cause::Cms(1));
    assert_eq!(rig.state(id), MessageState::Unconfirmed);
}

#[test]
fn a_long_message_goes_on_where_it_was_in_doubt() {
    let mut rig = Rig::with_sims(2);
    let text = long_text();
    let id = rig.accept(&RawRequest {
        text: &text,
        in_doubt: Some(InDoubt::Resend),
        ..raw(Class::Bulk)
    });
    let line = rig.line_of(id).unwrap();
    rig.sent(line, 1);
    rig.unknown(line);
    assert_eq!(
        rig.on_line(line),
        Some((id, 2)),
        "the same part on the same SIM"
    );
    rig.sent(line, 3);
    assert_eq!(rig.on_line(line), Some((id, 3)));
    rig.sent(line, 4);
    assert_eq!(rig.snapshot().totals.resent_in_doubt, 1);
}

#[test]
fn a_long_message_on_hold_does_not_go_on_until_it_is_settled() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let id = rig.accept(&RawRequest {
        text: &text,
        in_doubt: Some(InDoubt::Hold),
        ..raw(Class::Bulk)
    });
    let ticket = rig.unknown(0);
    assert_eq!((rig.state(id), rig.held()), (MessageState::InDoubt, 0));
    rig.resolved(0, ticket, 1);
    assert_eq!(rig.on_line(0), Some((id, 2)));
}

#[test]
fn a_second_try_that_is_refused_too_often_leaves_the_first_in_doubt() {
    let mut rig = Rig::with_sims(1);
    let id = accept(&mut rig, InDoubt::Resend);
    rig.unknown(0);
    for _ in 0..8 {
        while rig.on_line(0).is_none() {
            rig.sleep();
        }
        rig.refused(0, Cause::Cms(42));
    }
    assert_eq!(rig.state(id), MessageState::Unconfirmed);
}

#[test]
fn a_late_answer_tells_two_doubts_apart() {
    let mut rig = Rig::with_sims(1);
    let ids = [(); 2].map(|()| accept(&mut rig, InDoubt::Hold));
    let tickets = [(); 2].map(|()| {
        rig.pass(seconds(5));
        rig.unknown(0)
    });
    rig.report(0, 5, RECIPIENT, DELIVERED);
    rig.report(0, 6, RECIPIENT, FAILED);
    assert_eq!(rig.snapshot().reports_kept, 2);
    rig.resolved(0, tickets[1], 6);
    assert_eq!(rig.state(ids[1]), MessageState::Undelivered);
    assert_eq!(
        rig.state(ids[0]),
        MessageState::Delivered,
        "no other is left for it"
    );
    assert_eq!(rig.snapshot().reports_kept, 0);
}

#[test]
fn two_doubts_about_one_recipient_are_not_guessed_at() {
    let mut rig = Rig::with_sims(1);
    let one = accept(&mut rig, InDoubt::Hold);
    let two = accept(&mut rig, InDoubt::Hold);
    rig.pass(seconds(5));
    rig.unknown(0);
    rig.pass(seconds(5));
    rig.unknown(0);
    rig.report(0, 5, RECIPIENT, DELIVERED);
    assert_eq!([rig.state(one), rig.state(two)], [MessageState::InDoubt; 2]);
    assert_eq!(rig.snapshot().reports_kept, 1);
}

fn accept(rig: &mut Rig, policy: InDoubt) -> MessageId {
    rig.accept(&RawRequest {
        in_doubt: Some(policy),
        ..raw(Class::Notification)
    })
}
