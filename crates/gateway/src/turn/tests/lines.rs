//! Lines come and go, and SIMs move between them.

use modem::{Cause, Doubt, Outcome};

use super::rig::*;
use crate::admission::RawRequest;
use crate::exchange::{Input, LineTrust};
use crate::snapshot::SimState;
use crate::words::{Class, InDoubt, LineId, MessageState};

#[test]
fn a_line_that_goes_down_gives_back_what_it_has_not_begun() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Notification));
    rig.unplug(0);
    assert_eq!(rig.lines[&LineId(0)].recalls, 1);
    assert_eq!((rig.state(id), rig.held()), (MessageState::Queued, 0));
    assert_eq!(rig.snapshot().sims[0].state, SimState::Absent);
    assert_eq!(rig.snapshot().sims[0].usage.started, 0, "it does not count");
    rig.plug(1, 1);
    assert_eq!(rig.line_of(id), Some(1));
}

#[test]
fn what_a_line_has_begun_ends_by_its_own_event() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&RawRequest {
        in_doubt: Some(InDoubt::Hold),
        ..raw(Class::Notification)
    });
    rig.begin(0);
    rig.unplug(0);
    assert_eq!((rig.state(id), rig.held()), (MessageState::Sending, 1));
    rig.finish(0, Outcome::Unknown(Doubt::LineLost));
    assert_eq!(rig.state(id), MessageState::InDoubt);
}

#[test]
fn a_sim_in_another_line_keeps_its_counters_and_its_rest() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    rig.refused(0, Cause::Cms(500));
    rig.unplug(0);
    rig.plug(1, 0);
    let sim = &rig.snapshot().sims[0];
    assert_eq!((sim.usage.refused, sim.state), (1, SimState::Waiting));
    assert_eq!(rig.line_of(id), None);
    rig.wait(seconds(5));
    assert_eq!(rig.line_of(id), Some(1));
}

#[test]
fn a_sim_that_moves_before_its_old_line_notices_is_used_once() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    rig.begin(0);
    rig.plug(1, 0);
    assert_eq!(rig.checked, [LineId(0)], "the old line is to look at it");
    let next = rig.accept(&raw(Class::Bulk));
    assert_eq!(
        rig.line_of(next),
        None,
        "the SIM still has a part in its old line"
    );
    rig.finish(0, Outcome::Unknown(Doubt::LineLost));
    rig.unplug(0);
    assert_eq!(rig.state(id), MessageState::InDoubt);
    assert_eq!(rig.line_of(next), Some(1));
    assert_eq!(rig.snapshot().sims[0].line, Some(LineId(1)));
}

#[test]
fn a_sim_that_two_lines_tell_stays_where_it_was() {
    let mut rig = Rig::with_sims(1);
    rig.plug(1, 0);
    rig.plug(2, 0);
    assert_eq!(rig.checked, [LineId(0), LineId(0)]);
    let held = |rig: &mut Rig| -> Vec<(u32, Box<str>)> {
        let held = rig.snapshot().held_lines;
        held.into_iter().map(|of| (of.line.0, of.holder)).collect()
    };
    assert_eq!(
        held(&mut rig),
        [(1, line_name(0)), (2, line_name(0))],
        "named with the line that has it"
    );
    for mr in 1..4 {
        let id = rig.accept(&raw(Class::Bulk));
        assert_eq!(rig.line_of(id), Some(0), "one radio");
        rig.sent(0, mr);
    }
    // A line that tells it again is still held back, one that has another SIM is not.
    rig.ready(1, 0);
    rig.ready(2, 5);
    rig.turn();
    assert_eq!(held(&mut rig), [(1, line_name(0))]);
    rig.unplug(0);
    let sim = &rig.snapshot().sims[0];
    assert_eq!((sim.line, sim.usage.sent), (Some(LineId(1)), 3));
    assert_eq!(held(&mut rig), []);
    let trust = |line, trust| (line_name(line), trust);
    let holder = line_name(0);
    let is_held = LineTrust::Held { holder };
    assert_eq!(
        rig.trusts,
        [
            trust(1, is_held.clone()),
            trust(2, is_held),
            trust(2, LineTrust::Back),
            trust(1, LineTrust::Back),
        ],
        "told once each"
    );
    // The line that had it comes back, and is the second now.
    rig.plug(0, 0);
    assert_eq!(held(&mut rig), [(0, line_name(1))]);
}

#[test]
fn a_line_that_was_held_back_and_goes_is_forgotten() {
    let mut rig = Rig::with_sims(1);
    rig.plug(1, 0);
    rig.unplug(1);
    rig.unplug(0);
    assert_eq!(rig.snapshot().sims[0].state, SimState::Absent);
}

#[test]
fn a_line_that_takes_another_sim_gives_its_own_to_the_line_that_waits() {
    let mut rig = Rig::with_sims(2);
    rig.ready(0, 1);
    rig.turn();
    let seen = rig.snapshot();
    assert_eq!((seen.sims[0].line, seen.held_lines.len()), (None, 1));
    rig.ready(1, 0);
    rig.turn();
    let seen = rig.snapshot();
    let lines = [&seen.sims[0], &seen.sims[1]].map(|sim| sim.line);
    assert_eq!(lines, [Some(LineId(1)), Some(LineId(0))]);
    assert_eq!(seen.held_lines, []);
}

#[test]
fn a_report_that_a_held_line_hears_is_its_sims() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    rig.sent(0, 8);
    rig.plug(1, 0);
    rig.report(1, 8, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Delivered);
}

#[test]
fn a_report_finds_its_message_in_the_sims_new_line() {
    let mut rig = Rig::with_sims(2);
    let id = rig.accept(&raw(Class::Bulk));
    let line = rig.line_of(id).unwrap();
    rig.sent(line, 8);
    rig.unplug(0);
    rig.unplug(1);
    rig.plug(7, line);
    rig.report(7, 8, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Delivered);
}

#[test]
fn a_report_of_another_sim_is_not_this_ones() {
    let mut rig = Rig::with_sims(2);
    let id = rig.accept(&raw(Class::Bulk));
    let line = rig.line_of(id).unwrap();
    rig.sent(line, 8);
    rig.report(1 - line, 8, RECIPIENT, DELIVERED);
    assert_eq!(rig.state(id), MessageState::Sent);
    assert_eq!(rig.snapshot().reports_kept, 1);
}

#[test]
fn another_sim_in_the_same_line_is_another_sim() {
    let mut rig = Rig::with_sims(1);
    rig.accept(&raw(Class::Bulk));
    rig.ready(0, 5);
    rig.turn();
    let seen = rig.snapshot();
    assert_eq!(
        (seen.sims[0].state, seen.sims[0].line),
        (SimState::Absent, None)
    );
    assert_eq!(
        seen.sims[1].state,
        SimState::Sending,
        "what came back goes on the new SIM"
    );
    assert_eq!(rig.held(), 1);
}

#[test]
fn a_new_session_of_the_same_sim_takes_its_parts_back_first() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    rig.ready(0, 0);
    rig.turn();
    assert_eq!(rig.line_of(id), Some(0));
    let session = rig.lines[&LineId(0)].session;
    let held = &rig.lines[&LineId(0)].queue[0];
    assert_eq!(Some(held.submission.session), session);
}

#[test]
fn events_of_unknown_lines_and_tickets_change_nothing() {
    let mut rig = Rig::with_sims(1);
    let id = rig.accept(&raw(Class::Bulk));
    let ticket = rig.sent(0, 1);
    let before = rig.store.entries.len();
    let strange = |event| Input::Line {
        line: LineId(77),
        event,
    };
    rig.input(strange(modem::Event::Down {
        session: modem::Session(3),
        reason: modem::DownReason::Closed,
    }));
    rig.input(strange(modem::Event::Garbage { bytes: 9 }));
    for ticket in [ticket, modem::Ticket(4711)] {
        rig.event(
            0,
            modem::Event::Finished {
                ticket,
                outcome: Outcome::Sent { mr: 2 },
                course: modem::Course::default(),
            },
        );
        rig.event(0, modem::Event::Returned { ticket });
        rig.event(0, modem::Event::Resolved { ticket, mr: 3 });
    }
    rig.turn();
    assert_eq!(rig.store.entries.len(), before);
    assert_eq!(rig.state(id), MessageState::Sent);
}
