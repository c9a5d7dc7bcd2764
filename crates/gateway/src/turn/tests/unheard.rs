//! A SIM whose reports fail to come gets less than the others of its operator, and its share again once they come.

use super::rig::*;
use crate::admission::RawRequest;
use crate::settings::{Budget, Settings};
use crate::words::Class;

#[test]
fn a_sim_whose_reports_fail_to_come_gets_less_until_they_come_again() {
    let mut rig = Rig::new(with_budget());
    (0..4).for_each(|line| rig.plug(line, line));
    let fair = day(&mut rig, |line| line != 0);
    assert!(fair.iter().all(|sent| (70..=80).contains(sent)), "{fair:?}");
    let reason = rig.snapshot().sims[0].reason.clone().unwrap();
    assert!(
        reason.starts_with("few of its reports come (0 of 50;"),
        "{reason}"
    );
    assert!(rig.snapshot().sims[1].reason.is_none());
    let less = day(&mut rig, |_| true);
    assert!((1..=30).contains(&less[0]), "{less:?}");
    assert!(less[1..].iter().all(|sent| *sent >= 85), "{less:?}");
    for _ in 0..4 {
        day(&mut rig, |_| true);
    }
    assert!(rig.snapshot().sims[0].reason.is_none());
    let again = day(&mut rig, |_| true);
    assert!(again[0] >= 70, "{again:?}");
}

#[test]
fn where_no_reports_come_at_all_nobody_gets_less() {
    let mut rig = Rig::new(with_budget());
    (0..4).for_each(|line| rig.plug(line, line));
    day(&mut rig, |_| false);
    let sims = rig.snapshot().sims;
    assert!(sims.iter().all(|sim| sim.reason.is_none()));
    let fair = day(&mut rig, |_| false);
    assert!(fair.iter().all(|sent| (70..=80).contains(sent)), "{fair:?}");
}

/// A day of 300 messages, one after the other, on which reports come to some lines only; what each line sent.
fn day(rig: &mut Rig, reports: impl Fn(u32) -> bool) -> [u32; 4] {
    let mut sent = [0; 4];
    for number in 0..300_u32 {
        let to = format!("+49151{number:08}");
        let id = rig.accept(&RawRequest {
            to: &to,
            expires_in: Some(seconds(3600)),
            ..raw(Class::Bulk)
        });
        rig.pass(seconds(1));
        let line = rig.line_of(id).unwrap();
        let mr = u8::try_from(number % 256).unwrap();
        rig.sent(line, mr);
        sent[line as usize] += 1;
        if reports(line) {
            rig.report(line, mr, &to, 0);
        }
    }
    rig.wait(seconds(86_400));
    sent
}

fn with_budget() -> Settings {
    let mut settings = generous();
    settings.sims_default.budget = Budget {
        limits: [None, None, Some(1000), None],
        ..Budget::default()
    };
    settings
}
