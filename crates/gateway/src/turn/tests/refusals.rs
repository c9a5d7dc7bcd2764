//! What certainly was not sent is tried again, elsewhere or later, and not for ever.

use modem::Cause;

use super::rig::*;
use crate::admission::RawRequest;
use crate::record::{Control, Target};
use crate::snapshot::SimState;
use crate::words::{Class, MessageState};

#[test]
fn a_sims_fault_takes_the_message_to_another_sim_at_once() {
    let mut rig = Rig::with_sims(2);
    let id = rig.accept(&raw(Class::Notification));
    let first = rig.line_of(id).unwrap();
    rig.refused(first, Cause::Cms(500));
    assert_eq!(rig.line_of(id), Some(1 - first));
    assert_eq!(rig.snapshot().sims[first as usize].state, SimState::Waiting);
    rig.sent(1 - first, 1);
    assert_eq!(rig.state(id), MessageState::Sent);
    let refused: Vec<u64> = rig
        .snapshot()
        .sims
        .iter()
        .map(|sim| sim.usage.refused)
        .collect();
    assert_eq!(refused[first as usize], 1);
}

#[test]
fn a_wrong_moment_makes_the_message_wait() {
    let mut rig = Rig::with_sims(2);
    let id = rig.accept(&raw(Class::Notification));
    rig.refused(rig.line_of(id).unwrap(), Cause::Cms(41));
    assert_eq!(
        (rig.state(id), rig.line_of(id)),
        (MessageState::Queued, None)
    );
    rig.wait(seconds(3));
    assert_eq!(rig.line_of(id), None);
    rig.wait(seconds(3));
    assert!(rig.line_of(id).is_some());
    rig.check_replay();
}

#[test]
fn a_refusal_for_good_ends_it() {
    let mut rig = Rig::with_sims(2);
    let id = rig.accept(&raw(Class::Notification));
    rig.refused(rig.line_of(id).unwrap(), Cause::Cms(1));
    assert_eq!(rig.state(id), MessageState::Failed);
    assert_eq!(
        rig.store.story(id),
        ["accepted", "started", "finished", "ended"]
    );
    assert_eq!(
        rig.snapshot().sims[0].state,
        SimState::Idle,
        "the SIM is not to blame"
    );
}

#[test]
fn what_blames_the_form_is_tried_on_one_other_sim() {
    let mut rig = Rig::with_sims(3);
    let id = rig.accept(&raw(Class::Notification));
    let first = rig.line_of(id).unwrap();
    rig.refused(first, Cause::Cms(96));
    let second = rig.line_of(id).expect("at once");
    assert_ne!(first, second);
    rig.refused(second, Cause::Cms(96));
    assert_eq!(rig.state(id), MessageState::Failed);
}

#[test]
fn a_refusal_that_leaves_it_open_is_a_doubt() {
    let mut rig = Rig::with_sims(2);
    let id = rig.accept(&raw(Class::Notification));
    rig.refused(rig.line_of(id).unwrap(), Cause::Cms(197));
    assert_eq!(
        (rig.state(id), rig.line_of(id)),
        (MessageState::InDoubt, None)
    );
    rig.check_replay();
}

#[test]
fn a_barred_sim_is_taken_out_and_its_message_is_not_moved_on_at_once() {
    let mut rig = Rig::with_sims(2);
    let id = rig.accept(&raw(Class::Notification));
    let first = rig.line_of(id).unwrap();
    rig.refused(first, Cause::Cms(8));
    assert_eq!(
        rig.snapshot().sims[first as usize].state,
        SimState::Quarantined
    );
    rig.wait(seconds(47));
    assert_eq!(
        (rig.state(id), rig.line_of(id)),
        (MessageState::Queued, None)
    );
    rig.wait(seconds(26));
    assert_eq!(rig.line_of(id), Some(1 - first));
    rig.wait(seconds(520));
    assert!(rig.on_line(first).is_none());
}

#[test]
fn refusals_are_bounded() {
    let mut rig = Rig::with_sims(3);
    let id = rig.accept(&raw(Class::Bulk));
    for refusal in 1..=8 {
        assert_ne!(
            rig.state(id),
            MessageState::Failed,
            "after {} refusals",
            refusal - 1
        );
        for _ in 0..1000 {
            if rig.line_of(id).is_some() {
                break;
            }
            rig.sleep();
        }
        rig.refused(rig.line_of(id).expect("it is tried again"), Cause::Cms(38));
    }
    assert_eq!(rig.state(id), MessageState::Failed);
}

#[test]
fn parts_that_were_sent_are_no_refusals() {
    let mut rig = Rig::with_sims(1);
    let text = "0123456789".repeat(153);
    let id = rig.accept(&RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    });
    (1..=9).for_each(|mr| {
        rig.sent(0, mr);
    });
    assert_eq!(rig.on_line(0), Some((id, 10)));
    rig.refused(0, Cause::Cms(42));
    assert_eq!(
        rig.state(id),
        MessageState::Queued,
        "one refusal does not end it"
    );
    rig.wait(seconds(20));
    assert_eq!(rig.on_line(0), Some((id, 10)), "on the same SIM");
}

#[test]
fn the_rest_of_a_long_message_can_be_refused_for_good() {
    let mut rig = Rig::with_sims(1);
    let text = long_text();
    let id = rig.accept(&RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    });
    rig.sent(0, 1);
    rig.refused(0, Cause::Cms(1));
    assert_eq!(rig.state(id), MessageState::Failed);
    // The report of the part that was sent is known to belong to it.
    rig.report(0, 1, RECIPIENT, DELIVERED);
    assert_eq!(rig.snapshot().reports_kept, 0);
}

#[test]
fn a_long_message_of_which_nothing_was_sent_may_go_by_another_sim() {
    let mut rig = Rig::with_sims(2);
    let text = long_text();
    let id = rig.accept(&RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    });
    let first = rig.line_of(id).unwrap();
    rig.refused(first, Cause::Cms(500));
    assert_eq!(rig.line_of(id), Some(1 - first));
}

#[test]
fn a_sim_that_is_refused_again_and_again_rests_longer_and_is_named() {
    let mut rig = Rig::with_sims(1);
    (0..8).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    let mut rests = Vec::new();
    for _ in 0..5 {
        let refused_at = rig.now.mono;
        rig.refused(0, Cause::Cms(28));
        while rig.on_line(0).is_none() {
            rig.sleep();
        }
        rests.push((rig.now.mono - refused_at).as_secs());
    }
    assert_eq!(rests, [5, 10, 20, 40, 80]);
    rig.refused(0, Cause::Cms(28));
    assert_eq!(rig.snapshot().sims[0].state, SimState::Quarantined);
    while rig.on_line(0).is_none() {
        rig.sleep();
    }
    rig.sent(0, 1);
    while rig.on_line(0).is_some() {
        rig.pass(seconds(5));
        rig.sent(0, 1);
    }
    assert_eq!(rig.snapshot().sims[0].state, SimState::Idle);
}

#[test]
fn an_operator_ends_a_quarantine() {
    let mut rig = Rig::with_sims(1);
    (0..8).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    for _ in 0..5 {
        while rig.on_line(0).is_none() {
            rig.sleep();
        }
        rig.refused(0, Cause::Cms(28));
    }
    assert_eq!(rig.snapshot().sims[0].state, SimState::Quarantined);
    assert!(rig.on_line(0).is_none());
    rig.control(Target::Sim(iccid(0)), Control::Active).unwrap();
    assert!(rig.on_line(0).is_some(), "it is used at once");
}

#[test]
fn a_part_that_comes_back_untouched_costs_nothing() {
    let mut rig = Rig::with_sims(2);
    let id = rig.accept(&raw(Class::Bulk));
    let before = rig.line_of(id).unwrap();
    for _ in 0..20 {
        let line = rig.line_of(id).unwrap();
        rig.returned(line);
    }
    assert_eq!(rig.state(id), MessageState::Sending, "from {before}");
    let started: u64 = rig
        .snapshot()
        .sims
        .iter()
        .map(|sim| sim.usage.started)
        .sum();
    assert_eq!(started, 1);
    let used: u32 = rig
        .snapshot()
        .sims
        .iter()
        .map(|sim| sim.usage.windows[0].used)
        .sum();
    assert_eq!(used, 1);
}
