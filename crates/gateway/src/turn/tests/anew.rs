//! A long message that its SIM can't finish begins anew on any SIM, as a whole.

use modem::Cause;

use super::rig::*;
use crate::admission::RawRequest;
use crate::record::{Control, Target};
use crate::words::{Class, InDoubt, MessageId, MessageState};

/// What befalls the set that a message has begun: its name, its policy, what happens, and whether it begins anew.
type Case = (&'static str, InDoubt, fn(&mut Rig, u32), bool);

const CASES: [Case; 7] = [
    (
        "unplugged between two parts",
        InDoubt::Hold,
        |rig, line| {
            rig.sent(line, 1);
            rig.unplug(line);
        },
        true,
    ),
    (
        "unplugged before the first part is written",
        InDoubt::Hold,
        |rig, line| rig.unplug(line),
        false,
    ),
    (
        "paused in the middle",
        InDoubt::Hold,
        |rig, line| {
            rig.control(Target::Sim(iccid(line)), Control::Paused)
                .unwrap();
            rig.sent(line, 1);
        },
        true,
    ),
    (
        "the first part in doubt, the others never tried",
        InDoubt::Hold,
        |rig, line| {
            rig.unknown(line);
        },
        true,
    ),
    (
        "the last part in doubt: it may be whole",
        InDoubt::Hold,
        |rig, line| {
            rig.sent(line, 1);
            rig.sent(line, 2);
            rig.unknown(line);
        },
        false,
    ),
    (
        "in doubt again after the resend",
        InDoubt::Resend,
        |rig, line| {
            rig.sent(line, 1);
            rig.unknown(line);
            rig.unknown(line);
        },
        true,
    ),
    (
        "in doubt, resent, and its SIM is gone",
        InDoubt::Resend,
        |rig, line| {
            rig.unknown(line);
            rig.unplug(line);
        },
        true,
    ),
];

#[test]
fn a_set_that_can_not_become_a_whole_is_given_up_after_a_while() {
    for (what, policy, befalls, is_anew) in CASES {
        let mut rig = Rig::with_sims(2);
        let id = accept(&mut rig, Class::Bulk, policy);
        let (line, reference) = (rig.line_of(id).unwrap(), reference(&rig, id));
        befalls(&mut rig, line);
        rig.wait(seconds(299));
        assert_eq!(given_up(&rig), 0, "{what}: too early");
        rig.check_replay();
        rig.wait(seconds(2));
        rig.check_replay();
        assert_eq!(given_up(&rig) > 0, is_anew, "{what}");
        if is_anew {
            let line = rig.line_of(id).expect(what);
            assert_eq!(rig.on_line(line), Some((id, 1)), "{what}: all its parts");
            assert_ne!(
                self::reference(&rig, id),
                reference,
                "{what}: a new reference"
            );
        }
    }
}

#[test]
fn a_message_that_began_anew_is_delivered_and_reports_of_the_old_set_change_nothing() {
    let mut rig = Rig::with_sims(2);
    let id = accept(&mut rig, Class::Notification, InDoubt::Hold);
    let old = rig.line_of(id).unwrap();
    let taken = rig.now.wall;
    rig.sent(old, 1);
    rig.unplug(old);
    rig.wait(seconds(300));
    let new = 1 - old;
    assert_eq!((rig.line_of(id), given_up(&rig)), (Some(new), 1));
    (11..14).for_each(|mr| {
        rig.sent(new, mr);
    });
    rig.plug(old, old);
    rig.report_of(old, 1, RECIPIENT, DELIVERED, taken);
    let seen = rig.snapshot();
    assert_eq!((seen.reports_repeated, seen.reports_kept), (1, 0));
    (11..14).for_each(|mr| rig.report(new, mr, RECIPIENT, DELIVERED));
    assert_eq!(rig.state(id), MessageState::Delivered);
}

#[test]
fn after_a_restart_the_old_set_is_still_known() {
    let mut rig = Rig::with_sims(1);
    let id = accept(&mut rig, Class::Notification, InDoubt::Hold);
    let taken = rig.now.wall;
    rig.sent(0, 1);
    rig.unplug(0);
    rig.wait(seconds(300));
    rig.restart();
    rig.plug(0, 0);
    rig.report_of(0, 1, RECIPIENT, DELIVERED, taken);
    let seen = rig.snapshot();
    assert_eq!((seen.reports_repeated, seen.reports_kept), (1, 0));
    assert_eq!(rig.on_line(0), Some((id, 1)));
    assert_eq!(given_up(&rig), 1);
}

#[test]
fn within_its_patience_a_message_goes_on_where_it_was() {
    let mut rig = Rig::with_sims(2);
    let id = accept(&mut rig, Class::Notification, InDoubt::Hold);
    let line = rig.line_of(id).unwrap();
    rig.sent(line, 1);
    rig.unplug(line);
    rig.wait(seconds(299));
    rig.plug(line, line);
    assert_eq!(rig.on_line(line), Some((id, 2)));
    assert_eq!(given_up(&rig), 0);
}

#[test]
fn a_message_does_not_wait_for_a_sim_that_is_taken_out_for_longer() {
    for (what, cause, gives_up) in [
        ("barred", Cause::Cms(8), 1),
        ("refused for a while only", Cause::Cms(42), 0),
    ] {
        let mut rig = Rig::with_sims(2);
        let id = accept(&mut rig, Class::Bulk, InDoubt::Hold);
        let line = rig.line_of(id).unwrap();
        rig.sent(line, 1);
        rig.refused(line, cause);
        assert_eq!(given_up(&rig), gives_up, "{what}");
        rig.check_replay();
        // Its own back-off it keeps: an operator that bars a SIM is nothing to walk around.
        assert_eq!(rig.line_of(id), None, "{what}");
        rig.restart();
        (0..2).for_each(|line| rig.plug(line, line));
        rig.wait(seconds(90));
        if gives_up > 0 {
            assert_eq!(
                rig.on_line(1 - line),
                Some((id, 1)),
                "{what}: all its parts"
            );
        }
    }
}

#[test]
fn what_waits_in_doubt_for_a_sim_that_is_taken_out_begins_anew_with_it() {
    let mut rig = Rig::with_sims(1);
    let id = accept(&mut rig, Class::Bulk, InDoubt::Hold);
    rig.unknown(0);
    let other = rig.accept(&raw(Class::Bulk));
    assert_eq!(rig.line_of(other), Some(0));
    assert_eq!(rig.state(id), MessageState::InDoubt);
    rig.refused(0, Cause::Cms(8));
    assert_eq!((rig.state(id), given_up(&rig)), (MessageState::Queued, 1));
    rig.check_replay();
}

#[test]
fn a_code_waits_a_sixteenth_of_its_life() {
    let mut rig = Rig::with_sims(2);
    let id = accept(&mut rig, Class::Otp, InDoubt::Hold);
    let line = rig.line_of(id).unwrap();
    rig.sent(line, 1);
    rig.unplug(line);
    rig.wait(seconds(18));
    assert_eq!(rig.line_of(id), None);
    rig.wait(seconds(1));
    assert_eq!(rig.line_of(id), Some(1 - line));
}

#[test]
fn it_begins_anew_twice_and_then_fails_at_its_deadline() {
    let mut rig = Rig::with_sims(1);
    let id = accept(&mut rig, Class::Bulk, InDoubt::Hold);
    for set in 0..3 {
        rig.sent(0, set);
        rig.unplug(0);
        assert!(rig.cancel(id).is_err(), "a part is on the air");
        rig.wait(seconds(300));
        rig.plug(0, 0);
    }
    assert_eq!(rig.on_line(0), Some((id, 2)), "now only its SIM will do");
    assert_eq!(given_up(&rig), 2);
    rig.unplug(0);
    rig.wait(seconds(72 * 3600));
    assert_eq!(rig.state(id), MessageState::Failed);
    rig.check_replay();
}

#[test]
fn at_its_deadline_a_message_that_began_anew_has_failed_and_not_expired() {
    let mut rig = Rig::with_sims(1);
    let id = accept(&mut rig, Class::Otp, InDoubt::Hold);
    rig.sent(0, 1);
    rig.unplug(0);
    rig.wait(seconds(60));
    assert_eq!((rig.state(id), given_up(&rig)), (MessageState::Queued, 1));
    rig.wait(seconds(240));
    assert_eq!(rig.state(id), MessageState::Failed);
}

fn accept(rig: &mut Rig, class: Class, policy: InDoubt) -> MessageId {
    let text = long_text();
    rig.accept(&RawRequest {
        text: &text,
        in_doubt: Some(policy),
        ..raw(class)
    })
}

fn given_up(rig: &Rig) -> u64 {
    rig.snapshot().totals.given_up
}

/// The SIM and the reference of the part of a message that is with a line.
fn reference(rig: &Rig, id: MessageId) -> (u32, sms::Reference) {
    let line = rig.line_of(id).expect("it is with a line");
    let held = &rig.lines[&crate::words::LineId(line)].queue[0];
    let tpdu = sms::Tpdu::decode(&held.submission.tpdu, sms::Direction::MobileOriginated);
    let Ok(sms::Tpdu::Submit(submit)) = tpdu else {
        panic!("only SUBMITs are sent");
    };
    let place = submit.user_data.concatenation().expect("it is long");
    (line, place.reference)
}
