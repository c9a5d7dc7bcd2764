//! PINs: each goes to a SIM once, whatever was restarted meanwhile.

use super::rig::*;
use crate::exchange::{Input, PinWish};
use crate::record::Record;
use crate::words::LineId;

fn wish(rig: &mut Rig, number: u32, line: u32, sim: u32, fingerprint: u64) -> Option<bool> {
    rig.input(Input::Pin(PinWish {
        line: LineId(line),
        number,
        sim: iccid(sim),
        fingerprint,
    }));
    rig.turn();
    rig.pins
        .iter()
        .rev()
        .find(|said| said.0 == number)
        .map(|said| said.1)
}

#[test]
fn a_pin_is_recorded_before_it_may_be_given_and_never_given_again() {
    let mut rig = Rig::with_sims(2);
    assert_eq!(wish(&mut rig, 1, 0, 7, 42), Some(true));
    let recorded = rig.turn.entries.iter().any(|entry| {
        matches!(&entry.record, Record::PinTried { sim, fingerprint: 42, .. } if *sim == iccid(7))
    });
    assert!(recorded, "{:?}", rig.turn.entries);
    assert_eq!(wish(&mut rig, 2, 0, 7, 42), Some(false), "the same again");
    assert_eq!(wish(&mut rig, 3, 1, 7, 42), Some(false), "in another line");
    assert_eq!(wish(&mut rig, 4, 0, 7, 43), Some(true), "another PIN");
    assert_eq!(wish(&mut rig, 5, 0, 8, 42), Some(true), "another SIM");
    rig.restart();
    rig.add(0);
    assert_eq!(wish(&mut rig, 6, 0, 7, 42), Some(false), "after a restart");
}

#[test]
fn a_line_that_is_not_known_gives_no_pin() {
    let mut rig = Rig::with_sims(1);
    assert_eq!(wish(&mut rig, 1, 9, 7, 42), Some(false));
    assert!(rig.turn.entries.is_empty());
}
