//! What survives a crash, and what leaves when a commit fails: nothing.

use modem::{Cause, Event, Outcome};

use super::memory::CommitFault;
use super::rig::*;
use crate::admission::RawRequest;
use crate::exchange::{Effect, Input};
use crate::turn::Turn;
use crate::words::{Class, InDoubt, LineId, MessageState};

#[test]
fn a_commit_that_fails_withholds_every_effect() {
    for fault in [CommitFault::Lost, CommitFault::Written] {
        let mut rig = Rig::with_sims(1);
        let (id, reply) = rig.offer(&raw(Class::Otp));
        rig.store.fault = Some(fault);
        rig.try_turn().unwrap_err();
        assert_eq!((rig.held(), rig.answers.len()), (0, 0));
        rig.restart();
        rig.plug(0, 0);
        assert!(!rig.answers.contains_key(&reply));
        let is_known = rig.store.messages().contains_key(&id);
        assert_eq!(is_known, fault == CommitFault::Written);
    }
}

#[test]
fn a_store_that_can_not_be_read_withholds_what_was_decided_before() {
    let mut rig = Rig::with_sims(1);
    rig.offer(&raw(Class::Otp));
    rig.offer(&RawRequest {
        key: Some("k"),
        ..raw(Class::Otp)
    });
    rig.store.key_fault = true;
    rig.try_turn().unwrap_err();
    assert_eq!(
        (rig.held(), rig.answers.len(), rig.store.entries.len()),
        (0, 0, 0)
    );
}

#[test]
fn waiting_messages_survive_in_their_order() {
    let mut rig = Rig::with_sims(0);
    let old = rig.accept(&raw(Class::Bulk));
    let young = rig.accept(&raw(Class::Bulk));
    let code = rig.accept(&raw(Class::Otp));
    rig.restart();
    rig.plug(0, 0);
    let order = [code, old, young].map(|id| {
        assert_eq!(rig.on_line(0), Some((id, 1)));
        rig.pass(seconds(5));
        rig.sent(0, 1);
        id
    });
    assert_eq!(order.len() as u64, rig.snapshot().totals.accepted);
}

#[test]
fn what_was_with_a_line_is_in_doubt_after_a_restart() {
    let check = |policy, expected, is_resent| {
        let mut rig = Rig::with_sims(1);
        let id = rig.accept(&RawRequest {
            in_doubt: Some(policy),
            ..raw(Class::Notification)
        });
        rig.restart();
        assert_eq!(rig.state(id), expected, "{policy:?}");
        rig.plug(0, 0);
        assert_eq!(rig.line_of(id).is_some(), is_resent, "{policy:?}");
        assert_eq!(rig.snapshot().sims[0].usage.in_doubt, 1);
    };
    check(InDoubt::Resend, MessageState::Queued, true);
    check(InDoubt::Hold, MessageState::InDoubt, false);
    check(InDoubt::Fail, MessageState::Unconfirmed, false);
}

#[test]
fn a_report_settles_what_a_restart_left_in_doubt() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Notification));
    rig.restart();
    rig.plug(0, 0);
    rig.report(0, 3, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Delivered);
}

#[test]
fn a_report_after_a_restart_finds_its_message() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Notification));
    rig.sent(0, 3);
    rig.restart();
    rig.plug(4, 0);
    rig.report(4, 3, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Delivered);
}

#[test]
fn a_kept_report_survives_and_is_claimed_after_the_restart() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Notification));
    rig.report(0, 3, RECIPIENT, DELIVERED);
    assert_eq!(rig.snapshot().reports_kept, 1);
    rig.restart();
    assert_eq!(
        rig.state(id),
        MessageState::Delivered,
        "it proves what the restart left open"
    );
    assert_eq!(rig.snapshot().reports_kept, 0);
}

#[test]
fn a_back_off_survives() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Notification));
    rig.refused(0, Cause::Cms(41));
    rig.restart();
    rig.plug(1, 1);
    assert_eq!(rig.line_of(id), None);
    rig.wait(seconds(6));
    assert_eq!(rig.line_of(id), Some(1));
}

#[test]
fn a_long_message_goes_on_through_its_sim_after_a_restart() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let id = rig.accept(&RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    });
    rig.sent(0, 1);
    rig.input(Input::Stop);
    rig.turn();
    rig.restart();
    rig.plug(1, 1);
    assert_eq!(
        rig.line_of(id),
        None,
        "only the SIM that has the other parts"
    );
    rig.plug(0, 0);
    assert_eq!(rig.on_line(0), Some((id, 2)));
}

#[test]
fn a_turn_with_nothing_to_say_commits_nothing() {
    let mut rig = Rig::with_sims(1);
    let commits = rig.store.commits;
    (0..10).for_each(|_| rig.wait(seconds(1)));
    rig.event(0, Event::Signal(Some(20)));
    rig.turn();
    assert_eq!(rig.store.commits, commits);
    assert_eq!(rig.gateway.deadline(), None, "and nothing wakes it");
}

#[test]
fn a_turn_clears_what_the_last_one_left() {
    let mut rig = Rig::with_sims(1);
    let mut out = Turn::default();
    out.effects.push(Effect::Recall { line: LineId(0) });
    rig.gateway
        .turn(rig.now, &mut Vec::new(), &mut rig.store, &mut out)
        .unwrap();
    assert!(out.effects.is_empty() && out.entries.is_empty());
}

#[test]
fn numbers_go_on_after_a_restart() {
    let mut rig = Rig::with_sims(1);
    rig.accept(&RawRequest {
        report: Some(false),
        ..raw(Class::Bulk)
    });
    rig.finish(0, Outcome::Sent { mr: 1 });
    let last = rig.store.last_seq();
    rig.restart();
    assert_eq!(rig.snapshot().last_seq, last);
    assert_eq!(rig.snapshot().totals.accepted, 1);
    rig.accept(&raw(Class::Bulk));
    assert_eq!(rig.store.entries.last().unwrap().seq, last + 2);
}
