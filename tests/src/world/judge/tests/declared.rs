//! What an operator or an app has declared is not to be gone against unseen.

use gateway::{BillingDay, Budget, Calendar, Hours, Refusal};

use super::*;

#[test]
fn what_goes_against_a_declaration_is_seen() {
    let two = || vec![begun(1), begun(2), start(1, 3), start(2, 4)];
    let one = || vec![accepted(), started(2)];
    check_in(setup(&[]), two(), None);
    check_in(
        setup(&[(Knob::PerMinute, 3), (Knob::OtpShare, 50)]),
        two(),
        None,
    );
    check_in(
        setup(&[(Knob::PerMinute, 2), (Knob::OtpShare, 50)]),
        two(),
        Some("of limit Some(1) for Bulk"),
    );
    check_in(
        setup(&[(Knob::PerLife, 1)]),
        two(),
        Some("starts 2 parts in a period"),
    );
    check_in(setup(&[(Knob::RecipientsPerMonth, 1)]), two(), None);
    let mut strangers = setup(&[(Knob::RecipientsPerMonth, 1)]);
    strangers.probes[2].to = "+4915100000009".to_owned();
    check_in(strangers, two(), Some("reaches 2 recipients"));
    check_in(
        setup(&[(Knob::Window, 1)]),
        one(),
        Some("outside its send window"),
    );
    check_in(
        setup(&[(Knob::Window, 3)]),
        one(),
        Some("its send window stays closed"),
    );
    check_in(
        setup(&[(Knob::Flood, 1)]),
        two(),
        Some("2 messages are accepted"),
    );
    let mut denied = setup(&[(Knob::Lists, 1)]);
    denied.probes[1].to = "+4915100000001".to_owned();
    check_in(denied, one(), Some("against the operator's lists"));
}

/// Two parts, the second ten minutes and a second after the first, in a world that begins at 23:50 UTC on the last of March.
#[test]
fn a_tariff_is_counted_by_the_clock_of_its_contract() {
    let ten_minutes = 600_000 + 1_000;
    let check = |change: &dyn Fn(&mut Budget), expected: Option<&str>| {
        let mut setup = setup(&[]);
        let budget = &mut setup.settings.sims_default.budget;
        budget.limits = [None; 4];
        change(budget);
        let story = vec![begun(1), begun(2), start(1, 3), start(2, ten_minutes)];
        check_in(setup, story, expected);
    };
    let calendar = |zone: &str, reset_min, billing_day| Calendar {
        zone: Calendar::zone_of(zone).expect("the judge has its clock"),
        reset_min,
        billing_day,
    };
    let first = BillingDay::Day(1);
    let too_many = Some("starts 2 parts in a period");
    let (utc, berlin, india) = ("UTC", "Europe/Berlin", "Asia/Kolkata");
    for (zone, reset_min, expected) in [
        (utc, 0, None),
        (utc, 1435, None),
        (utc, 1429, too_many),
        (utc, 10, too_many),
        (berlin, 0, too_many),
        (berlin, 115, None),
        (india, 325, None),
        (india, 331, too_many),
    ] {
        let day = |budget: &mut Budget| {
            budget.limits[2] = Some(1);
            budget.calendar = calendar(zone, reset_min, first);
        };
        check(&day, expected);
    }
    for (zone, billing_day, expected) in [
        (utc, first, None),
        (utc, BillingDay::Day(2), too_many),
        (utc, BillingDay::Day(28), too_many),
        (utc, BillingDay::Last, too_many),
        (berlin, first, too_many),
    ] {
        let month = |budget: &mut Budget| {
            budget.limits[3] = Some(1);
            budget.calendar = calendar(zone, 0, billing_day);
        };
        check(&month, expected);
    }
    check(&|budget| budget.limits[1] = Some(1), None);
    for (hours, expected) in [
        ((110, 121), None),
        ((110, 120), Some("outside its hours")),
        ((1200, 121), None),
    ] {
        let within = |budget: &mut Budget| {
            let (from_min, to_min) = hours;
            budget.calendar = calendar(berlin, 0, first);
            budget.hours = vec![Hours { from_min, to_min }];
        };
        check(&within, expected);
    }
    let apart = |ms| move |budget: &mut Budget| budget.interval_min = Duration::from_millis(ms);
    check(&apart(ten_minutes - 3), None);
    check(&apart(ten_minutes - 2), Some("after the last part"));
    let until = |ms| move |budget: &mut Budget| budget.ends = Some(at(ms));
    check(&until(ten_minutes + 1), None);
    check(&until(ten_minutes), Some("after its contract has ended"));
}

/// What the records say of the start decides about the period: so the ledger has to bear it out.
#[test]
fn a_start_that_the_air_gives_the_lie_is_seen() {
    let on_air = |ms: u64| {
        let Air(mut entry) = aired(7) else {
            unreachable!("it is on the air")
        };
        entry.t_ms = ms;
        Air(entry)
    };
    let story = |ms| vec![accepted(), started(2), on_air(ms)];
    check_in(setup(&[]), story(3), None);
    check_in(setup(&[]), story(0), Some("-3 ms after its start"));
    check_in(setup(&[]), story(150_003), None);
    check_in(
        setup(&[]),
        story(150_004),
        Some("150001 ms after its start"),
    );
}

#[test]
fn a_suppressed_recipient_is_left_alone() {
    check_in(
        setup(&[]),
        vec![accepted(), suppressed(2, true), started(3)],
        Some("though its recipient is suppressed"),
    );
    check_in(
        setup(&[]),
        vec![suppressed(1, true), begun(2)],
        Some("accepted to a suppressed recipient"),
    );
    check_in(
        setup(&[]),
        vec![
            accepted(),
            suppressed(2, true),
            suppressed(3, false),
            started(4),
        ],
        None,
    );
}

#[test]
fn a_message_that_goes_before_its_time_is_seen() {
    let mut setup = setup(&[]);
    let ahead = Duration::from_secs(60);
    setup.probes[1].ahead = Some(ahead);
    let mut message = message(1);
    message.send_at = Some(at(1).plus(ahead));
    message.expires = at(1).plus(ahead).plus(LIFE);
    let story = vec![record(1, Record::Accepted(Box::new(message))), started(2)];
    check_in(setup, story, Some("before its time"));
}

#[test]
fn a_refusal_for_no_reason_is_seen() {
    let mut judge = Judge::new(&setup(&[(Knob::Flood, 2), (Knob::Window, 1)]));
    let full = Refusal::RateLimited {
        limit: "flood".into(),
        retry_after_s: 1,
    };
    let closed = Refusal::OutsideSendWindow {
        class: gateway::Class::Bulk,
        opens: None,
    };
    for refusal in [full, closed, Refusal::Suppressed, Refusal::KeyConflict] {
        let wrong = judge.refused(1, &refusal, EPOCH, EPOCH).unwrap_err();
        assert!(wrong.contains("for no reason"), "{wrong}");
    }
}

#[test]
fn a_modem_that_is_restarted_too_often_is_seen() {
    let mut judge = Judge::new(&setup(&[]));
    let minutes = |minutes: u64| EPOCH.plus(Duration::from_secs(60 * minutes));
    for nth in 0..3 {
        judge
            .wrote(0, b"AT+CFUN=1,1\r", minutes(nth * 5))
            .expect("as often as it may");
    }
    let wrong = judge.wrote(0, b"AT+CFUN=1,1\r", minutes(59)).unwrap_err();
    assert!(wrong.contains("the rung reset 4 times"), "{wrong}");
    judge
        .wrote(1, b"AT+CFUN=1,1\r", minutes(59))
        .expect("another line");
}

/// Two apps of one weight have six messages each; one of them is given all that there is.
#[test]
fn an_app_that_is_passed_over_is_seen() {
    let mut fair = setup(&[(Knob::Apps, 3), (Knob::Messages, 12)]);
    for (number, probe) in fair.probes.iter_mut().enumerate() {
        probe.class = gateway::Class::Bulk;
        // The apps 0 and 2 have weight 1.
        probe.app = Some(number as u64 % 2 * 2);
    }
    let mut judge = Judge::new(&fair);
    for seq in 1..=12 {
        let mut message = message(seq);
        message.text = format!("m{};", seq - 1).into();
        show(&mut judge, record(seq, Record::Accepted(Box::new(message)))).expect("in order");
    }
    let mut give = |seq: u64| {
        show(&mut judge, start(seq, 20 + seq))?;
        judge.turn(at(20 + seq), &[Ticket(20 + seq)])
    };
    // Of either app in turn, then of one.
    assert_eq!(
        [1, 2, 3, 4].map(&mut give),
        [Ok(()), Ok(()), Ok(()), Ok(())]
    );
    let all: Checked = [5, 7, 9].into_iter().try_for_each(give);
    assert!(all.unwrap_err().contains("are given [5, 2] parts"));
}

fn suppressed(seq: u64, suppressed: bool) -> Shown {
    record(
        seq,
        Record::Suppressed {
            recipient: sms::Address::parse(TO).expect("a number"),
            suppressed,
            reason: None,
        },
    )
}
