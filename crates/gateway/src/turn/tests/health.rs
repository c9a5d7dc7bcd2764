//! A network in trouble: its SIMs wait together, and others go on.

use modem::Cause;

use super::rig::*;
use crate::record::{Control, Target};
use crate::settings::SimSettings;
use crate::snapshot::SimState;
use crate::words::{Class, MessageId, MessageState};

#[test]
fn when_a_network_refuses_every_sim_no_attempts_are_burnt() {
    let mut rig = Rig::with_sims(12);
    let waiting: Vec<MessageId> = (0..40).map(|_| rig.accept(&raw(Class::Bulk))).collect();
    (0..8).for_each(|line| {
        rig.refused(line, Cause::Cms(38));
    });
    // What is under way ends; nothing new starts.
    (8..12).for_each(|line| {
        rig.refused(line, Cause::Cms(38));
    });
    assert_eq!(rig.held(), 0);
    let cut_off = |rig: &Rig| {
        let sims = rig.snapshot().sims;
        sims.iter()
            .filter(|sim| sim.state == SimState::Quarantined)
            .count()
    };
    assert_eq!(cut_off(&rig), 12);
    rig.wait(seconds(14));
    assert_eq!(rig.held(), 0);
    rig.wait(seconds(1));
    assert_eq!(rig.held(), 1, "one part is the probe");
    let probe = |rig: &Rig| (0..12).find(|line| rig.on_line(*line).is_some()).unwrap();
    rig.refused(probe(&rig), Cause::Cms(38));
    rig.wait(seconds(29));
    assert_eq!(rig.held(), 0);
    rig.wait(seconds(1));
    assert_eq!(rig.held(), 1);
    rig.sent(probe(&rig), 1);
    assert!(rig.held() > 1, "the network works again");
    assert!(
        waiting
            .iter()
            .all(|id| rig.state(*id) != MessageState::Failed)
    );
}

#[test]
fn another_operators_sims_go_on() {
    let mut settings = generous();
    let operator = |name: &str| SimSettings {
        operator: Some(name.into()),
        ..settings.sims_default.clone()
    };
    let sims = (0..12).map(|sim| (iccid(sim), operator(if sim < 8 { "down" } else { "up" })));
    settings.sims = sims.collect();
    let mut rig = Rig::new(settings);
    (0..12).for_each(|line| rig.plug(line, line));
    (0..40).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    (0..8).for_each(|line| {
        rig.refused(line, Cause::Cms(38));
    });
    assert!((0..8).all(|line| rig.on_line(line).is_none()));
    assert!((8..12).all(|line| rig.on_line(line).is_some()));
    rig.pass(seconds(1));
    rig.sent(8, 1);
    assert!(rig.on_line(8).is_some());
}

#[test]
fn an_operator_of_the_gateway_closes_the_breaker() {
    let mut rig = Rig::with_sims(8);
    (0..20).for_each(|_| {
        rig.accept(&raw(Class::Bulk));
    });
    (0..8).for_each(|line| {
        rig.refused(line, Cause::Cms(38));
    });
    assert_eq!(rig.held(), 0);
    rig.control(Target::Sim(iccid(0)), Control::Active).unwrap();
    assert!(rig.on_line(0).is_some());
}
