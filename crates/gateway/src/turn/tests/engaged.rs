//! An operator's dialogue keeps its SIM from messages, and gives way to a code.

use super::rig::*;
use crate::exchange::Input;
use crate::record::{Control, Target};
use crate::words::{Class, LineId};

fn engage(rig: &mut Rig, line: u32, wanted: bool) {
    let line = LineId(line);
    rig.input(Input::Engage { line, wanted });
    rig.turn();
}

#[test]
fn an_engaged_sim_takes_no_message_and_another_does() {
    let mut rig = Rig::with_sims(2);
    engage(&mut rig, 0, true);
    assert_eq!(rig.engaged, [LineId(0)]);
    let first = rig.accept(&raw(Class::Otp));
    assert_eq!(rig.line_of(first), Some(1));
    assert_eq!(rig.gave_way, [], "no code waits");
    let second = rig.accept(&raw(Class::Bulk));
    assert_eq!(rig.line_of(second), None);
    engage(&mut rig, 0, false);
    assert_eq!(
        rig.line_of(second),
        Some(0),
        "the SIM is free in the same turn"
    );
}

#[test]
fn a_code_that_no_other_sim_can_take_ends_the_dialogue() {
    let mut rig = Rig::with_sims(1);
    engage(&mut rig, 0, true);
    let bulk = rig.accept(&raw(Class::Bulk));
    assert_eq!(rig.gave_way, [], "bulk waits");
    let code = rig.accept(&raw(Class::Otp));
    assert_eq!(rig.gave_way, [LineId(0)]);
    rig.wait(seconds(1));
    assert_eq!(rig.gave_way, [LineId(0)], "told once");
    engage(&mut rig, 0, false);
    assert_eq!((rig.line_of(code), rig.line_of(bulk)), (Some(0), None));
}

#[test]
fn one_code_ends_one_dialogue() {
    let mut rig = Rig::with_sims(2);
    engage(&mut rig, 0, true);
    engage(&mut rig, 1, true);
    rig.accept(&raw(Class::Otp));
    assert_eq!(rig.gave_way, [LineId(0)]);
    rig.accept(&raw(Class::Otp));
    assert_eq!(rig.gave_way, [LineId(0), LineId(1)]);
}

#[test]
fn a_part_that_is_with_the_line_stays_there() {
    let mut rig = Rig::with_sims(1);
    let bulk = rig.accept(&raw(Class::Bulk));
    engage(&mut rig, 0, true);
    assert_eq!(rig.line_of(bulk), Some(0), "it goes before the dialogue");
    rig.sent(0, 1);
    let next = rig.accept(&raw(Class::Bulk));
    assert_eq!(rig.line_of(next), None);
}

#[test]
fn a_sim_that_moves_away_is_free() {
    let mut rig = Rig::with_sims(1);
    engage(&mut rig, 0, true);
    let bulk = rig.accept(&raw(Class::Bulk));
    rig.unplug(0);
    rig.plug(1, 0);
    assert_eq!(rig.line_of(bulk), Some(1));
}

#[test]
fn a_code_does_not_break_off_what_would_not_help_it() {
    let mut rig = Rig::with_sims(1);
    let pause = rig.control(Target::Line(line_name(0)), Control::Paused);
    assert!(pause.is_ok());
    engage(&mut rig, 0, true);
    let code = rig.accept(&raw(Class::Otp));
    assert_eq!(rig.gave_way, [], "a paused line sends no code");
    let resume = rig.control(Target::Line(line_name(0)), Control::Active);
    assert!(resume.is_ok());
    assert_eq!(rig.gave_way, [LineId(0)]);
    engage(&mut rig, 0, false);
    assert_eq!(rig.line_of(code), Some(0));
}
