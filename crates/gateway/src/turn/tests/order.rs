//! Who goes first: codes, then notifications, then bulk, and what keeps bulk from starving.

use modem::{Course, Event, Outcome};

use super::rig::*;
use crate::admission::RawRequest;
use crate::record::{Entry, Record};
use crate::settings::{AppSettings, Route, Settings, SimFilter};
use crate::words::{Class, MessageId, Rotation};

#[test]
fn a_code_overtakes_what_was_accepted_before() {
    let mut rig = busy();
    let bulk = rig.accept(&raw(Class::Bulk));
    let notification = rig.accept(&raw(Class::Notification));
    let code = rig.accept(&raw(Class::Otp));
    assert_eq!(sent_in_order(&mut rig, 3), [code, notification, bulk]);
}

#[test]
fn within_a_class_age_decides_and_for_codes_the_deadline() {
    let mut rig = busy();
    let patient = rig.accept(&RawRequest {
        expires_in: Some(seconds(300)),
        ..raw(Class::Otp)
    });
    let urgent = rig.accept(&RawRequest {
        expires_in: Some(seconds(200)),
        ..raw(Class::Otp)
    });
    let old = rig.accept(&RawRequest {
        expires_in: Some(seconds(9000)),
        ..raw(Class::Bulk)
    });
    let young = rig.accept(&RawRequest {
        expires_in: Some(seconds(8000)),
        ..raw(Class::Bulk)
    });
    assert_eq!(sent_in_order(&mut rig, 4), [urgent, patient, old, young]);
}

#[test]
fn bulk_gets_one_pick_in_twenty_while_notifications_wait() {
    let mut rig = busy();
    (0..60).for_each(|_| {
        rig.accept(&raw(Class::Notification));
    });
    let bulk: Vec<MessageId> = (0..3).map(|_| rig.accept(&raw(Class::Bulk))).collect();
    let order = sent_in_order(&mut rig, 63);
    let places: Vec<usize> = order
        .iter()
        .enumerate()
        .filter(|(_, id)| bulk.contains(id))
        .map(|(at, _)| at + 1)
        .collect();
    assert_eq!(places, [20, 40, 60]);
}

#[test]
fn apps_share_a_class_by_weight_however_much_one_of_them_brings() {
    let mut settings = generous();
    let weight = AppSettings { weight: 3 };
    settings.apps.insert("shop".into(), weight);
    let mut rig = Rig::new(settings);
    rig.plug(0, 0);
    rig.accept(&raw(Class::Otp));
    let of_app = |rig: &mut Rig, app, count| -> Vec<MessageId> {
        let message = RawRequest {
            app,
            ..raw(Class::Bulk)
        };
        (0..count).map(|_| rig.accept(&message)).collect()
    };
    let flood = of_app(&mut rig, None, 60);
    let shop = of_app(&mut rig, Some("shop"), 9);
    let bank = of_app(&mut rig, Some("bank"), 3);
    let order = sent_in_order(&mut rig, 15);
    let count = |ids: &[MessageId]| order.iter().filter(|id| ids.contains(id)).count();
    assert_eq!([&flood, &shop, &bank].map(|ids| count(ids)), [3, 9, 3]);
    // The lane was empty in the restart's eyes: all begin level, and nothing is lost.
    rig.restart();
    rig.plug(0, 0);
    let late = of_app(&mut rig, Some("bank"), 1);
    let order = sent_in_order(&mut rig, 3);
    assert!(order.contains(&late[0]), "{order:?}");
}

#[test]
fn a_code_goes_by_its_deadline_whichever_app_sends_it() {
    let mut rig = busy();
    let code = |app, lifetime| RawRequest {
        app: Some(app),
        expires_in: Some(seconds(lifetime)),
        ..raw(Class::Otp)
    };
    let third = rig.accept(&code("shop", 300));
    let first = rig.accept(&code("bank", 200));
    let second = rig.accept(&code("shop", 250));
    assert_eq!(sent_in_order(&mut rig, 3), [first, second, third]);
}

#[test]
fn a_backlog_of_bulk_without_a_sim_does_not_hold_up_notifications() {
    let route = |name: &str, class, sim| Route {
        name: name.into(),
        prefixes: Vec::new(),
        classes: vec![class],
        sims: SimFilter {
            iccids: vec![iccid(sim)],
            ..SimFilter::default()
        },
        rotation: Rotation::RoundRobin,
        ..Route::default()
    };
    let mut rig = Rig::new(Settings {
        routes: vec![
            route("n", Class::Notification, 0),
            route("b", Class::Bulk, 9),
        ],
        ..generous()
    });
    rig.plug(0, 0);
    rig.accept(&raw(Class::Bulk));
    for _ in 0..50 {
        let id = rig.accept(&raw(Class::Notification));
        assert_eq!(rig.line_of(id), Some(0));
        rig.pass(seconds(5));
        rig.sent(0, 1);
    }
}

#[test]
fn some_sims_stay_free_while_codes_come_in() {
    let mut rig = Rig::new(Settings {
        otp_reserve: Some(1),
        ..generous()
    });
    (0..3).for_each(|line| rig.plug(line, line));
    let code = rig.accept(&raw(Class::Otp));
    rig.pass(seconds(5));
    rig.sent(rig.line_of(code).unwrap(), 1);

    (0..5).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    assert_eq!(rig.held(), 2, "one of three is kept");
    let next = rig.accept(&raw(Class::Otp));
    assert!(rig.line_of(next).is_some(), "a code finds it");
    rig.pass(seconds(5));
    rig.sent(rig.line_of(next).unwrap(), 2);
    assert_eq!(rig.held(), 2);

    assert_eq!(rig.sleep(), "a SIM has rested, or its budget is another");
    assert_eq!(rig.held(), 2, "a new minute changes nothing");
    assert_eq!(rig.sleep(), "the reserve for codes ends");
    assert_eq!(rig.held(), 3, "no code has come for a minute");
}

#[test]
fn the_reserve_leaves_half_of_the_fleet_to_the_rest() {
    let mut rig = Rig::new(Settings {
        otp_reserve: Some(100),
        ..generous()
    });
    (0..4).for_each(|line| rig.plug(line, line));
    let code = rig.accept(&raw(Class::Otp));
    rig.pass(seconds(5));
    rig.sent(rig.line_of(code).unwrap(), 1);
    (0..5).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    assert_eq!(rig.held(), 2);
}

#[test]
fn parts_keep_the_fleets_pace_and_codes_do_not_wait_for_it() {
    let mut rig = Rig::new(Settings {
        target_per_minute: 60,
        ..generous()
    });
    (0..5).for_each(|line| rig.plug(line, line));
    (0..5).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    assert_eq!(rig.held(), 1);
    let before = rig.now.mono;
    assert_eq!(rig.sleep(), "the fleet's pace");
    assert_eq!(rig.held(), 2);
    let gap = rig.now.mono - before;
    assert!(
        gap >= seconds(1).mul_f64(1.0 / 1.11) && gap <= seconds(1),
        "{gap:?}"
    );
    rig.accept(&raw(Class::Otp));
    assert_eq!(rig.held(), 3);
}

/// One SIM that is sending, so that everything else waits.
fn busy() -> Rig {
    let mut rig = Rig::with_sims(1);
    rig.accept(&raw(Class::Bulk));
    rig
}

/// The next messages that the one line gets, in their order.
fn sent_in_order(rig: &mut Rig, count: usize) -> Vec<MessageId> {
    let next = |_| {
        rig.pass(seconds(5));
        rig.sent(0, 1);
        rig.on_line(0).unwrap().0
    };
    (0..count).map(next).collect()
}

#[test]
fn a_turn_begins_only_so_many_parts_and_the_others_keep_their_sims() {
    let mut rig = Rig::with_sims(200);
    let text = long_text();
    let long = RawRequest {
        text: &text,
        ..raw(Class::Bulk)
    };
    let ids: Vec<_> = (0..200).map(|_| rig.accept(&long)).collect();
    // The pace rises after a start.
    for _ in 0..10 {
        rig.pass(seconds(1));
        rig.turn();
    }
    let lines: Vec<u32> = ids.iter().map(|id| rig.line_of(*id).unwrap()).collect();
    // Short ones wait, and get none of these SIMs.
    for _ in 0..50 {
        rig.offer(&raw(Class::Notification));
    }
    for line in 0..200 {
        let ticket = rig.pop(line);
        rig.event(
            line,
            Event::Finished {
                ticket,
                outcome: Outcome::Sent { mr: 1 },
                course: Course::default(),
            },
        );
    }
    rig.try_turn().unwrap();
    let begun = |rig: &Rig| {
        let started = |entry: &&Entry| matches!(entry.record, Record::Started { .. });
        rig.turn.entries.iter().filter(started).count()
    };
    assert_eq!(begun(&rig), 128);
    rig.turn();
    assert_eq!(begun(&rig), 72);
    let continued: Vec<u32> = ids.iter().map(|id| rig.line_of(*id).unwrap()).collect();
    assert_eq!(continued, lines);
}
