//! A message's way when nothing goes wrong.

use modem::Cause;
use sms::{Direction, Tpdu};

use super::rig::*;
use crate::admission::RawRequest;
use crate::record::Record;
use crate::words::{Class, MessageState};

#[test]
fn from_the_app_to_the_report() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Notification));
    assert_eq!(rig.state(id), MessageState::Sending);
    assert_eq!(rig.on_line(0), Some((id, 1)));

    rig.wait(seconds(5));
    rig.sent(0, 17);
    assert_eq!(rig.state(id), MessageState::Sent);
    assert_eq!(rig.snapshot().sent, 1);

    rig.report(0, 17, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Delivered);
    assert_eq!(
        rig.store.story(id),
        ["accepted", "started", "finished", "reported", "ended"]
    );
    let usage = rig.snapshot().sims[0].usage;
    assert_eq!((usage.started, usage.sent, usage.delivered), (1, 1, 1));
    rig.check_replay();
}

#[test]
fn each_final_report_ends_it_and_trying_does_not() {
    let check = |status, expected| {
        let mut rig = Rig::with_sims(1);
        let id = rig.accept(&raw(Class::Bulk));
        rig.sent(0, 1);
        rig.report(0, 1, RECIPIENT, status);
        assert_eq!(rig.state(id), expected, "{status:#04x}");
    };
    check(DELIVERED, MessageState::Delivered);
    check(FAILED, MessageState::Undelivered);
    check(0x01, MessageState::Unconfirmed);
    check(0x46, MessageState::Undelivered);
    check(0x60, MessageState::Undelivered);
    check(TRYING, MessageState::Sent);
    check(0x30, MessageState::Sent);
}

#[test]
fn without_a_report_it_ends_when_it_is_sent() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&RawRequest {
        report: Some(false),
        ..raw(Class::Bulk)
    });
    rig.sent(0, 1);
    let told = rig.store.told(id);
    assert_eq!((told.state, told.ends), (MessageState::Sent, 1));
    assert_eq!(rig.snapshot().sent, 0);
    assert_eq!(rig.snapshot().totals.ended[MessageState::Sent.index()], 1);
}

#[test]
fn a_report_that_never_comes_leaves_it_unconfirmed() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Otp));
    rig.sent(0, 1);
    rig.wait(seconds(5 * 60 + 10 * 60 - 1));
    assert_eq!(rig.state(id), MessageState::Sent);
    rig.wait(seconds(1));
    assert_eq!(rig.state(id), MessageState::Unconfirmed);
    // It may come even later: nothing happens, but it is counted.
    rig.report(0, 1, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Unconfirmed);
}

#[test]
fn a_long_message_goes_in_order_through_one_sim_with_nothing_between() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let id = rig.accept(&RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    });
    let other = rig.accept(&raw(Class::Otp));
    for part in 1..=3 {
        assert_eq!(rig.on_line(0), Some((id, part)));
        assert_eq!(rig.held(), 1, "the next part waits for this one's outcome");
        rig.pass(seconds(5));
        rig.sent(0, part);
    }
    assert_eq!(rig.on_line(0), Some((other, 1)));
    for part in 1..=3 {
        assert_eq!(rig.state(id), MessageState::Sent);
        rig.report(0, part, RECIPIENT, DELIVERED);
    }
    assert_eq!(rig.state(id), MessageState::Delivered);
}

#[test]
fn a_long_message_is_as_good_as_its_worst_part() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let id = rig.accept(&RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    });
    (1..=3).for_each(|mr| {
        rig.sent(0, mr);
    });
    rig.report(0, 3, RECIPIENT, DELIVERED);
    rig.report(0, 1, RECIPIENT, FAILED);
    assert_eq!(rig.state(id), MessageState::Sent);
    rig.report(0, 2, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Undelivered);
}

#[test]
fn parts_on_the_air_carry_the_text_the_recipient_and_one_reference() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let mut sent = Vec::new();
    for _ in 0..2 {
        rig.accept(&RawRequest {
            text: &text,
            ..raw(Class::Bulk)
        });
        for _ in 0..3 {
            let held = rig.line(0).queue.front().unwrap();
            let tpdu = Tpdu::decode(&held.submission.tpdu, Direction::MobileOriginated).unwrap();
            let Tpdu::Submit(submit) = tpdu else {
                panic!("{tpdu:?}")
            };
            assert!(submit.report);
            assert_eq!(submit.destination.text(), RECIPIENT);
            let place = submit.user_data.concatenation().unwrap();
            sent.push((
                place.reference.number(),
                place.part,
                submit.user_data.text().unwrap().to_owned(),
            ));
            rig.sent(0, 1);
        }
    }
    let references: Vec<u16> = sent.iter().map(|(reference, _, _)| *reference).collect();
    assert_eq!(references, [1, 1, 1, 2, 2, 2]);
    let joined: String = sent[..3].iter().map(|(_, _, text)| text.as_str()).collect();
    assert_eq!(joined, text);
    assert_eq!(
        sent.iter().map(|(_, part, _)| *part).collect::<Vec<_>>(),
        [1, 2, 3, 1, 2, 3]
    );
}

/// A phone would put parts of two messages together.
#[test]
fn a_message_that_goes_on_after_another_gives_no_reference_away_twice() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let long = RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    };
    let send_all = |rig: &mut Rig| {
        let mut references = Vec::new();
        for _ in 0..60 {
            while let Some(held) = rig.line(0).queue.front() {
                references.push(reference_of(&held.submission.tpdu));
                rig.sent(0, 1);
            }
            rig.wait(seconds(2));
        }
        references
    };
    rig.accept(&long);
    rig.sent(0, 1);
    rig.refused(0, Cause::Cms(42));
    rig.accept(&long);
    let mut references = send_all(&mut rig);
    assert_eq!(references.last(), Some(&1), "the first goes on at last");
    references.sort_unstable();
    assert_eq!(references, [1, 1, 2, 2, 2]);
    rig.accept(&long);
    assert_eq!(send_all(&mut rig), [3, 3, 3]);
}

fn reference_of(tpdu: &[u8]) -> u16 {
    let Ok(Tpdu::Submit(submit)) = Tpdu::decode(tpdu, Direction::MobileOriginated) else {
        panic!("{tpdu:?}")
    };
    submit.user_data.concatenation().unwrap().reference.number()
}

#[test]
fn messages_spread_evenly_over_the_sims() {
    let mut rig = Rig::with_sims(4);
    for round in 1..=5_u64 {
        for _ in 0..4 {
            rig.accept(&raw(Class::Bulk));
        }
        for line in 0..4 {
            rig.sent(line, 1);
        }
        let sent: Vec<u64> = rig
            .snapshot()
            .sims
            .iter()
            .map(|sim| sim.usage.sent)
            .collect();
        assert_eq!(sent, [round; 4]);
    }
}

#[test]
fn a_sim_is_given_one_part_at_a_time_and_the_next_in_the_turn_that_hears_its_end() {
    let mut rig = Rig::with_sims(1);
    (0..5).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    for mr in 1..=4 {
        assert_eq!(rig.held(), 1);
        rig.pass(std::time::Duration::from_millis(20));
        rig.sent(0, mr);
    }
    assert_eq!(rig.held(), 1);
}

#[test]
fn absolute_records_of_one_turn_are_written_once() {
    let mut rig = Rig::with_sims(8);
    (0..8).for_each(|_| {
        rig.offer(&raw(Class::Bulk));
    });
    rig.turn();
    let counted = rig
        .turn
        .entries
        .iter()
        .filter(|entry| matches!(entry.record, Record::Counted(_)));
    assert_eq!(counted.count(), 1);
    let used = rig
        .turn
        .entries
        .iter()
        .filter(|entry| matches!(entry.record, Record::SimUsed { .. }));
    assert_eq!(used.count(), 8);
    assert_eq!(rig.snapshot().totals.accepted, 8);
    assert_eq!(rig.store.commits, 1);
    rig.check_replay();
}
