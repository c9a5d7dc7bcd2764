//! What an operator or an app has declared is not to be gone against unseen.

use gateway::Refusal;

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
