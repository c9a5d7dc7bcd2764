//! Who is held responsible, by what was refused before.

use super::*;
use crate::causes::Causes;
use modem::Cause;

struct Court {
    evidence: Evidence,
    now: Instant,
    /// As the book counts it.
    times_sick: u16,
}

impl Court {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs some instant to count from"
    )]
    fn new() -> Court {
        Court {
            evidence: Evidence::default(),
            now: Instant::now(),
            times_sick: 0,
        }
    }

    fn refuse(&mut self, sim: u32, operator: &str, recipient: &str, code: u16) -> Judgement {
        let causes = Causes::built_in();
        let rule = causes.rule(Cause::Cms(code), None, "");
        let refused = Refused {
            sim: SimIdx(sim),
            operator: (!operator.is_empty()).then_some(operator),
            operator_sims: 4,
            recipient,
            rule,
            refusals: 1,
            times_sick: self.times_sick,
        };
        self.now += Duration::from_secs(1);
        self.evidence.weigh(self.now, &refused)
    }

    fn send(&mut self, sim: u32, recipient: &str) {
        self.evidence.sent(self.now, SimIdx(sim), recipient);
    }
}

#[test]
fn a_sim_is_sick_when_three_recipients_in_a_row_are_refused() {
    for code in [21, 38, 41, 127, 500] {
        let mut court = Court::new();
        assert_ne!(court.refuse(1, "", "+491", code).class, CauseClass::SimSick);
        assert_ne!(court.refuse(1, "", "+491", code).class, CauseClass::SimSick);
        assert_ne!(court.refuse(1, "", "+492", code).class, CauseClass::SimSick);
        let third = court.refuse(1, "", "+493", code);
        assert_eq!(third.class, CauseClass::SimSick, "{code}");
        assert_eq!(third.sick_for, Some(Duration::from_secs(600)));
    }
}

#[test]
fn a_success_between_clears_the_sim() {
    let mut court = Court::new();
    court.refuse(1, "", "+491", 38);
    court.refuse(1, "", "+492", 38);
    court.send(1, "+494");
    assert_eq!(court.refuse(1, "", "+493", 38).class, CauseClass::SameSim);
}

#[test]
fn congestion_takes_longer_to_speak_against_a_sim() {
    let mut court = Court::new();
    for recipient in ["+491", "+492", "+493", "+494"] {
        assert_eq!(
            court.refuse(1, "", recipient, 42).class,
            CauseClass::SameSim
        );
    }
    assert_eq!(court.refuse(1, "", "+495", 42).class, CauseClass::SimSick);
}

#[test]
fn wrong_numbers_speak_against_a_sim_only_while_others_succeed() {
    for others_succeed in [false, true] {
        let mut court = Court::new();
        if others_succeed {
            court.send(2, "+499");
        }
        court.refuse(1, "", "+491", 1);
        court.refuse(1, "", "+492", 1);
        let third = court.refuse(1, "", "+493", 1).class;
        let expected = if others_succeed {
            CauseClass::SimSick
        } else {
            CauseClass::Permanent
        };
        assert_eq!(third, expected);
    }
}

#[test]
fn a_recipient_is_wrong_when_two_operators_say_so() {
    let mut court = Court::new();
    assert_eq!(
        court.refuse(1, "one", "+491", 28).class,
        CauseClass::OtherSim
    );
    assert_eq!(
        court.refuse(2, "one", "+491", 28).class,
        CauseClass::OtherSim
    );
    assert_eq!(
        court.refuse(3, "two", "+492", 28).class,
        CauseClass::OtherSim
    );
    assert_eq!(
        court.refuse(3, "two", "+491", 28).class,
        CauseClass::Permanent
    );
}

#[test]
fn an_operator_in_trouble_does_not_take_its_sims_out() {
    let mut court = Court::new();
    assert!(!court.refuse(1, "one", "+491", 29).incident);
    let second = court.refuse(2, "one", "+492", 29);
    assert!(second.incident);
    assert_eq!(
        (second.class, second.sick_for),
        (CauseClass::OtherSim, None)
    );
    court.now += INCIDENT_SPAN;
    assert_eq!(
        court.refuse(3, "one", "+493", 29).class,
        CauseClass::SimSick
    );
}

#[test]
fn a_bar_takes_every_barred_sim_out() {
    let mut court = Court::new();
    for sim in 1..=4 {
        let judgement = court.refuse(sim, "one", "+491", 8);
        assert!(!judgement.incident);
        assert_eq!(judgement.class, CauseClass::Barred);
        assert_eq!(judgement.sick_for, Some(Duration::from_secs(600)));
    }
}

#[test]
fn a_sim_is_taken_out_longer_each_time_until_it_succeeds() {
    let mut court = Court::new();
    let mut rests = Vec::new();
    for times_sick in [0, 1, 2, 3, u16::MAX, 0] {
        court.times_sick = times_sick;
        rests.push(court.refuse(1, "", "+491", 8).sick_for.unwrap().as_secs());
    }
    assert_eq!(rests, [600, 3600, 21_600, 21_600, 21_600, 600]);
}

#[test]
fn reports_tell_of_a_filtered_sim() {
    for (bad, others_bad, expected) in [(16, 0, true), (15, 0, false), (20, 5, false)] {
        let mut evidence = Evidence::default();
        for number in 0..20 {
            let status = if number < others_bad { 0x48 } else { 0 };
            evidence.reported(SimIdx(2), sms::Status(status), 0);
        }
        let mut taken_out = false;
        for number in 0..20 {
            let status = if number >= 20 - bad { 0x48 } else { 0 };
            taken_out |= evidence
                .reported(SimIdx(1), sms::Status(status), 0)
                .is_some();
        }
        assert_eq!(taken_out, expected, "{bad} bad, {others_bad} bad of others");
    }
}
