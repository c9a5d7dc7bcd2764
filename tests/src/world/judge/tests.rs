//! The judge is not blind: a story in order passes, and each of these falsehoods is seen.

mod declared;

use std::time::Duration;

use gateway::{
    Effect, EndReason, Entry, LineId, Message, MessageId, MessageSeq, MessageState, Record, Report,
    Requeue, Standing, UnixMs,
};
use hw_sim::{LedgerEntry, LedgerEvent};
use modem::{Cause, Doubt, Iccid, Outcome, Session, Submission, Ticket};
use sms::{ServiceCentreTime, Status, StatusReport};
use uuid::Uuid;

use super::{Checked, Judge};
use crate::world::options::{Knob, Options};
use crate::world::{EPOCH, Setup};

/// One thing that the judge is shown.
enum Shown {
    Record(u64, Record),
    Air(LedgerEntry),
    Leaves(Effect),
    End,
}
use Shown::{Air, End, Leaves};

fn record(seq: u64, record: Record) -> Shown {
    Shown::Record(seq, record)
}

fn check(story: Vec<Shown>, expected: Option<&str>) {
    check_in(setup(&[(Knob::PerMinute, 2)]), story, expected);
}

/// A world in which apps send the messages of this story.
fn setup(knobs: &[(Knob, u64)]) -> Setup {
    let mut options = Options::calm().with(Knob::Messages, 3);
    knobs
        .iter()
        .for_each(|(knob, value)| options.set(*knob, *value));
    let mut setup = Setup::with(1, options);
    for probe in &mut setup.probes {
        probe.in_doubt = gateway::InDoubt::Hold;
        probe.class = gateway::Class::Bulk;
        probe.to = TO.to_owned();
        probe.expires_in = LIFE;
    }
    setup
}

fn check_in(setup: Setup, story: Vec<Shown>, expected: Option<&str>) {
    let mut judge = Judge::new(&setup);
    let told = story
        .into_iter()
        .try_for_each(|shown| show(&mut judge, shown));
    match (told, expected) {
        (Ok(()), None) => {}
        (Err(wrong), Some(expected)) => assert!(wrong.contains(expected), "{wrong}"),
        (told, expected) => panic!("{told:?} instead of {expected:?}"),
    }
}

fn show(judge: &mut Judge, shown: Shown) -> Checked {
    match shown {
        Shown::Record(seq, record) => {
            let standing = Some(Standing {
                message: MessageSeq(1),
                id: MessageId(Uuid::nil()),
                state: MessageState::Queued,
                ended: false,
            });
            judge.learn(&[Entry {
                seq,
                at: at(seq),
                record,
                standing,
            }])
        }
        Air(entry) => judge.heard(&entry),
        Leaves(effect) => judge.released(&effect),
        End => judge.ended(),
    }
}

#[test]
fn a_true_story_passes() {
    check(
        vec![
            accepted(),
            started(2),
            submit(2),
            aired(7),
            finished(2, Outcome::Sent { mr: 7 }),
            reported_on_air(7),
            reported(2, 0),
            ended(MessageState::Delivered),
            End,
        ],
        None,
    );
}

#[test]
fn what_may_be_whole_is_not_begun_anew() {
    check(
        vec![
            accepted(),
            started(2),
            finished(2, Outcome::Unknown(Doubt::Silence)),
            requeued(Requeue::Anew),
        ],
        Some("all its parts may be on the air"),
    );
    check(
        vec![accepted(), started(2), requeued(Requeue::Anew)],
        Some("with a part on its way"),
    );
}

#[test]
fn falsehoods_are_seen() {
    let sent = Outcome::Sent { mr: 7 };
    let unknown = Outcome::Unknown(Doubt::Silence);
    let refused = Outcome::Refused(Cause::Cms(38));
    check(vec![accepted(), End], Some("never ends"));
    check(
        vec![accepted(), submit(2)],
        Some("without a durable record"),
    );
    check(
        vec![accepted(), started(2), finished(2, sent.clone())],
        Some("is not on the air"),
    );
    check(
        vec![accepted(), started(2), aired(7), finished(2, refused)],
        Some("only 0 attempts"),
    );
    check(vec![accepted(), aired(7)], Some("may be 0 times"));
    check(
        vec![accepted(), started(2), aired(7), aired(8)],
        Some("2 times"),
    );
    check(
        vec![
            accepted(),
            started(2),
            finished(2, unknown),
            requeued(Requeue::InDoubt),
            started(5),
        ],
        Some("is started again"),
    );
    check(
        vec![
            accepted(),
            started(2),
            aired(7),
            finished(2, sent.clone()),
            reported(2, 0),
        ],
        Some("which it is not about"),
    );
    check(
        vec![
            accepted(),
            ended(MessageState::Delivered),
            ended(MessageState::Delivered),
        ],
        Some("ends twice"),
    );
    check(
        vec![accepted(), ended(MessageState::Delivered), End],
        Some("was not"),
    );
    check(
        vec![accepted(), started(2), ended(MessageState::Failed)],
        Some("on its way"),
    );
    check(
        vec![
            accepted(),
            started(2),
            aired(7),
            finished(2, sent),
            ended(MessageState::Expired),
            End,
        ],
        Some("is on the air"),
    );
}

#[test]
fn a_part_too_many_is_seen() {
    let refused = || Outcome::Refused(Cause::Cms(38));
    let mut story = vec![accepted()];
    for ticket in [2, 4] {
        story.extend([
            started(ticket),
            finished(ticket, refused()),
            requeued(Requeue::InDoubt),
        ]);
    }
    story.push(started(6));
    check(story, None);
    check(vec![begun(1), begun(2), start(1, 3), start(2, 4)], None);
    check(
        vec![
            begun(1),
            begun(2),
            begun(12),
            start(1, 13),
            start(2, 14),
            start(12, 15),
        ],
        Some("starts 3 parts"),
    );
}

/// A record's time by its number.
fn at(seq: u64) -> UnixMs {
    EPOCH.plus(Duration::from_millis(seq))
}

fn accepted() -> Shown {
    begun(1)
}

fn begun(seq: u64) -> Shown {
    record(seq, Record::Accepted(Box::new(message(seq))))
}

fn start(message: u64, seq: u64) -> Shown {
    record(
        seq,
        Record::Started {
            message: MessageSeq(message),
            part: 1,
            sim: sim(),
            line: "line0".into(),
            reference: 0,
        },
    )
}

fn message(seq: u64) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(seq.into())),
        to: sms::Address::parse(TO).expect("a number"),
        text: format!("m{};", seq % 3).into(),
        class: gateway::Class::Bulk,
        key: None,
        digest: 0,
        app: None,
        route: None,
        report: true,
        in_doubt: gateway::InDoubt::Hold,
        form: sms::Encoding::Gsm7.into(),
        parts: 1,
        expires: at(seq).plus(LIFE),
        flash: false,
        replace: None,
        send_at: None,
    }
}

fn started(seq: u64) -> Shown {
    start(1, seq)
}

fn finished(ticket: u64, outcome: Outcome) -> Shown {
    record(
        ticket + 1,
        Record::Finished {
            message: MessageSeq(1),
            ticket: Ticket(ticket),
            outcome,
            submitted: None,
            raw: None,
        },
    )
}

fn requeued(why: Requeue) -> Shown {
    record(
        4,
        Record::Requeued {
            message: MessageSeq(1),
            not_before: UnixMs(0),
            why,
        },
    )
}

fn reported(ticket: u64, status: u8) -> Shown {
    let taken = UnixMs(EPOCH.0);
    let report = Report {
        status: Status(status),
        taken: Some(taken),
        discharged: None,
    };
    record(
        9,
        Record::Reported {
            message: MessageSeq(1),
            ticket: Ticket(ticket),
            report,
            kept: None,
        },
    )
}

fn ended(state: MessageState) -> Shown {
    record(
        10,
        Record::Ended {
            message: MessageSeq(1),
            state,
            reason: EndReason::Reported,
        },
    )
}

fn submit(ticket: u64) -> Shown {
    let submission = Submission {
        ticket: Ticket(ticket),
        session: Session(1),
        more_follow: false,
        tpdu: Box::default(),
    };
    Leaves(Effect::Submit {
        line: LineId(0),
        submission,
        not_after: std::time::Instant::now(),
    })
}

fn aired(mr: u8) -> Shown {
    Air(LedgerEntry {
        mr: Some(mr),
        text: Some("m1;".to_owned()),
        cause: None,
        busy_ms: Some(1.0),
        data: None,
        ..ledger(LedgerEvent::Submit)
    })
}

fn reported_on_air(mr: u8) -> Shown {
    let time = ServiceCentreTime::from_unix_ms(EPOCH.0, 0);
    let to = sms::Address::parse(TO).expect("a number");
    let report = StatusReport::new(mr, to, time, time, Status(0));
    let tpdu = sms::hex::encode_upper(&report.encode().expect("a plain report"));
    Air(LedgerEntry {
        mr: Some(mr),
        status: Some(0),
        tpdu,
        ..ledger(LedgerEvent::Report)
    })
}

fn ledger(event: LedgerEvent) -> LedgerEntry {
    let text = format!(
        r#"{{"t_ms":10,"event":"submit","line":0,"iccid":"{ICCID}","imsi":"","to":"{TO}","tpdu":""}}"#
    );
    let blank: LedgerEntry = serde_json::from_str(&text).expect("a ledger entry");
    LedgerEntry { event, ..blank }
}

fn sim() -> Iccid {
    Iccid(ICCID.into())
}

const ICCID: &str = "8949200000000000008";
const TO: &str = "+4915100000001";

const LIFE: Duration = Duration::from_secs(3600);
