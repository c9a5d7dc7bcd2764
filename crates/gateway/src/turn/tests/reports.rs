//! Status reports: early, late, twice, rewritten, or about nothing that is known.

use std::collections::BTreeSet;

use super::rig::*;
use crate::admission::RawRequest;
use crate::words::{Class, InDoubt, MessageState, UnixMs};

#[test]
fn a_report_before_the_answer_is_kept_until_it_comes() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    rig.report(0, 7, RECIPIENT, DELIVERED);
    assert_eq!(
        (rig.state(id), rig.snapshot().reports_kept),
        (MessageState::Sending, 1)
    );
    rig.sent(0, 7);
    assert_eq!(
        (rig.state(id), rig.snapshot().reports_kept),
        (MessageState::Delivered, 0)
    );
    rig.check_replay();
}

#[test]
fn trying_and_then_delivered_both_before_the_answer() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    rig.report(0, 7, RECIPIENT, TRYING);
    rig.report(0, 7, RECIPIENT, DELIVERED);
    rig.sent(0, 7);
    assert_eq!(
        (rig.state(id), rig.snapshot().reports_kept),
        (MessageState::Delivered, 0)
    );
}

#[test]
fn an_early_report_of_another_number_stays_kept() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    rig.report(0, 8, RECIPIENT, DELIVERED);
    rig.sent(0, 7);
    assert_eq!(
        (rig.state(id), rig.snapshot().reports_kept),
        (MessageState::Sent, 1)
    );
    rig.report(0, 7, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Delivered);
}

#[test]
fn a_repeated_report_of_one_part_proves_nothing_about_another() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let id = rig.accept(&RawRequest {
        text: &text,
        in_doubt: Some(InDoubt::Hold),
        ..raw(Class::Bulk)
    });
    rig.sent(0, 7);
    let taken = rig.now.wall;
    rig.report_of(0, 7, RECIPIENT, DELIVERED, taken);
    rig.pass(seconds(5));
    // Again, while the second part is on its way, and once more when it is in doubt.
    rig.report_of(0, 7, RECIPIENT, DELIVERED, taken);
    rig.unknown(0);
    assert_eq!(rig.state(id), MessageState::InDoubt);
    rig.report_of(0, 7, RECIPIENT, DELIVERED, taken);
    assert_eq!(rig.state(id), MessageState::InDoubt);
    let seen = rig.snapshot();
    assert_eq!((seen.reports_kept, seen.reports_repeated), (0, 2));
}

#[test]
fn a_report_after_the_end_is_counted_and_not_kept() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    rig.sent(0, 7);
    let taken = rig.now.wall;
    rig.report_of(0, 7, RECIPIENT, DELIVERED, taken);
    rig.report_of(0, 7, RECIPIENT, DELIVERED, taken);
    let seen = rig.snapshot();
    assert_eq!(
        (rig.state(id), seen.reports_kept, seen.reports_repeated),
        (MessageState::Delivered, 0, 1)
    );
}

#[test]
fn delivery_overrides_failure_of_a_part_while_the_message_lives() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let id = rig.accept(&RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    });
    (1..=3).for_each(|mr| {
        rig.sent(0, mr);
    });
    let taken = rig.now.wall;
    rig.report_of(0, 1, RECIPIENT, FAILED, taken);
    rig.report_of(0, 1, RECIPIENT, DELIVERED, taken);
    rig.report_of(0, 1, RECIPIENT, FAILED, taken);
    rig.report_of(0, 2, RECIPIENT, DELIVERED, taken);
    rig.report_of(0, 3, RECIPIENT, DELIVERED, taken);
    assert_eq!(rig.state(id), MessageState::Delivered);
}

#[test]
fn an_early_report_is_known_from_a_repeated_one_after_the_numbers_wrap() {
    let mut rig = Rig::with_sims(1);
    for count in 0..300_u32 {
        let id = rig.accept(&raw(Class::Bulk));
        let mr = u8::try_from(count % 256).unwrap();
        rig.report(0, mr, RECIPIENT, DELIVERED);
        rig.pass(seconds(5));
        rig.sent(0, mr);
        assert_eq!(rig.state(id), MessageState::Delivered, "message {count}");
    }
    assert_eq!(rig.snapshot().reports_repeated, 0);
}

#[test]
fn what_nobody_claims_is_given_up_after_three_days() {
    let mut rig = Rig::with_sims(1);
    rig.report(0, 7, "+33612345678", DELIVERED);
    rig.wait(seconds(72 * 3600 - 1));
    assert_eq!(rig.snapshot().reports_kept, 1);
    rig.wait(seconds(1));
    assert_eq!(rig.snapshot().reports_kept, 0);
}

#[test]
fn kept_reports_are_bounded() {
    let mut rig = Rig::with_sims(1);
    for count in 0..60 {
        for report in 0..200_i64 {
            let taken = UnixMs(rig.now.wall.0 - (count * 200 + report) * 1000);
            rig.hear(0, 7, "+33612345678", DELIVERED, taken);
        }
        rig.turn();
        assert!(rig.snapshot().reports_kept <= 10_000);
    }
    assert_eq!(rig.snapshot().reports_kept, 10_000);
}

#[test]
fn after_a_restart_a_repeated_report_of_an_ended_message_proves_nothing_about_another() {
    let mut rig = Rig::with_sims(1);
    let first = rig.accept(&raw(Class::Bulk));
    rig.sent(0, 7);
    let taken = rig.now.wall;
    rig.report_of(0, 7, RECIPIENT, DELIVERED, taken);
    assert_eq!(rig.state(first), MessageState::Delivered);
    rig.pass(seconds(5));
    let second = rig.accept(&RawRequest {
        in_doubt: Some(InDoubt::Hold),
        ..raw(Class::Bulk)
    });
    rig.unknown(0);
    rig.restart();
    rig.plug(0, 0);
    rig.report_of(0, 7, RECIPIENT, DELIVERED, taken);
    assert_eq!(rig.state(second), MessageState::InDoubt);
    assert_eq!(rig.snapshot().reports_repeated, 1);
}

#[test]
fn after_a_restart_a_late_report_of_an_ended_message_is_not_taken_for_the_next_of_its_number() {
    let mut rig = Rig::with_sims(1);
    let first = rig.accept(&RawRequest {
        expires_in: Some(seconds(300)),
        ..raw(Class::Bulk)
    });
    rig.sent(0, 7);
    let taken = rig.now.wall;
    rig.wait(seconds(3600));
    assert_eq!(rig.state(first), MessageState::Unconfirmed);
    let second = rig.accept(&raw(Class::Bulk));
    rig.sent(0, 7);
    rig.restart();
    rig.plug(0, 0);
    rig.report_of(0, 7, RECIPIENT, DELIVERED, taken);
    assert_eq!(rig.state(second), MessageState::Sent);
    rig.report_of(0, 7, RECIPIENT, DELIVERED, taken.plus(seconds(3600)));
    assert_eq!(rig.state(second), MessageState::Delivered);
}

#[test]
fn a_clock_that_is_wrong_by_hours_is_learnt_and_outlives_a_restart() {
    let mut rig = Rig::with_sims(1);
    let wrong = |rig: &Rig| UnixMs(rig.now.wall.0 - 5 * 3_600_000 - 45 * 60_000);
    for mr in 1..=3 {
        let id = rig.accept(&raw(Class::Bulk));
        rig.sent(0, mr);
        let taken = wrong(&rig);
        rig.report_of(0, mr, RECIPIENT, DELIVERED, taken);
        assert_eq!(
            rig.state(id),
            MessageState::Delivered,
            "the only one of its number"
        );
    }
    rig.check_replay();
    rig.restart();
    rig.plug(0, 0);
    // Two of one number, half an hour apart.
    let first = rig.accept(&raw(Class::Bulk));
    rig.sent(0, 9);
    let taken = wrong(&rig);
    rig.wait(seconds(1800));
    let second = rig.accept(&raw(Class::Bulk));
    rig.sent(0, 9);
    let again = wrong(&rig);
    rig.report_of(0, 9, RECIPIENT, DELIVERED, taken);
    assert_eq!(rig.state(first), MessageState::Delivered);
    assert_eq!(rig.state(second), MessageState::Sent);
    rig.report_of(0, 9, RECIPIENT, DELIVERED, again);
    assert_eq!(rig.state(second), MessageState::Delivered);
}

/// While another SIM is free, no part gets the number of one to its recipient that still waits for its report.
#[test]
fn a_number_that_still_waits_for_its_report_is_not_given_again_to_the_same_recipient() {
    let mut rig = Rig::with_sims(2);
    let mut last = [0_u8, 128];
    let mut waiting = [BTreeSet::new(), BTreeSet::new()];
    for number in 0..3000 {
        let other = format!("+4917{number:07}");
        let is_watched = number % 16 == 0;
        let id = rig.accept(&RawRequest {
            to: if is_watched { RECIPIENT } else { &other },
            ..raw(Class::Otp)
        });
        let line = rig.line_of(id).expect("both are free");
        let at = line as usize;
        let next = [0, 1].map(|at: usize| last[at].wrapping_add(1));
        last[at] = next[at];
        if is_watched {
            let repeats = [0, 1].map(|at: usize| waiting[at].contains(&next[at]));
            assert!(
                !repeats[at] || repeats[1 - at],
                "message {number} on {line}"
            );
            waiting[at].insert(next[at]);
        }
        rig.sent(line, next[at]);
    }
    assert!(waiting.iter().all(|numbers| numbers.len() > 20));
}
