//! Every kind of record, with the values at the edges of its columns, comes back as it was.

use gateway::{
    BreakerOf, Class, Control, EndReason, Form, InDoubt, Message, MessageSeq, MessageState,
    Quarantine, Record, Report, Requeue, Sick, Store, Target, Totals, Trip, UnixMs, Usage, Window,
};
use modem::{Cause, Doubt, Iccid, Outcome, Ticket};
use sms::{Address, Encoding, Language, Ports, Shifts};

use super::sample::{Journal, iccid, message, replayed, store, what_matters};
use crate::SqliteStore;
use crate::rows::{address, words};

/// Commits the entries, and compares what comes back before and after the store was reopened.
fn check(mut journal: Journal) {
    let (dir, mut store) = store();
    store.commit(journal.fresh()).unwrap();
    let expected = (what_matters(&journal.entries), journal.next_seq() - 1);
    assert_eq!(replayed(&mut store), expected);
    drop(store);
    assert_eq!(
        replayed(&mut SqliteStore::open(dir.path()).unwrap()),
        expected
    );
}

fn check_accepted(change: impl FnOnce(&mut Message)) {
    let mut message = message(1);
    change(&mut message);
    let mut journal = Journal::default();
    journal.accept(message);
    check(journal);
}

#[test]
fn accepted_message() {
    check_accepted(|_| ());
    for class in Class::ALL {
        check_accepted(|message| message.class = class);
    }
    for in_doubt in InDoubt::ALL {
        check_accepted(|message| message.in_doubt = in_doubt);
    }
    for encoding in [Encoding::Gsm7, Encoding::Ucs2] {
        check_accepted(|message| message.form = encoding.into());
    }
    for language in Language::ALL {
        let all = [None, Some(language)];
        for (locking, single) in all.iter().flat_map(|one| all.map(|two| (*one, two))) {
            let shifts = Shifts { locking, single };
            if !shifts.is_default() {
                check_accepted(|message| message.form = Encoding::National(shifts).into());
            }
        }
    }
    for (source, destination) in [(0, 0), (9200, 2948), (u16::MAX, u16::MAX)] {
        let ports = Some(Ports {
            destination,
            source,
        });
        check_accepted(|message| message.form = Form::Data(ports));
    }
    check_accepted(|message| (message.form, message.text) = (Form::Data(None), "00FF".into()));
    for replace in [None, Some(1), Some(7)] {
        check_accepted(|message| (message.flash, message.replace) = (true, replace));
    }
    for (parts, digest) in [(0, 0), (1, u64::MAX), (255, 1 << 63), (255, (1 << 63) - 1)] {
        check_accepted(|message| (message.parts, message.digest) = (parts, digest));
    }
    for expires in [i64::MIN, -1, 0, i64::MAX] {
        check_accepted(|message| message.expires = UnixMs(expires));
        check_accepted(|message| message.send_at = Some(UnixMs(expires)));
    }
    check_accepted(|message| {
        message.report = false;
        message.key = Some("order-77".into());
        message.route = Some("otp-de".into());
        message.app = Some("shop".into());
    });
    check_accepted(|message| (message.key, message.route) = (Some("".into()), Some("".into())));
}

#[test]
fn accepted_texts() {
    for text in [
        "",
        "a",
        "\0",
        "it's \"quoted\"; --",
        "Grüße 🎉\r\n\u{1b}",
        "\u{fffd}\u{202e}",
    ] {
        check_accepted(|message| message.text = text.into());
        check_accepted(|message| message.key = Some(text.into()));
    }
    check_accepted(|message| message.text = "ж".repeat(67 * 255).into());
}

#[test]
fn recipients() {
    for text in [
        "+4915112345678",
        "72404",
        "0151123",
        "*#abc",
        "1",
        "+12345678901234567890",
    ] {
        check_accepted(|message| message.to = Address::parse(text).unwrap());
    }
    check_accepted(|message| message.to = Address::alphanumeric("Info Änder").unwrap());
}

#[test]
fn addresses_of_every_type() {
    for type_octet in 0x80..=0xff_u8 {
        for digits in ["", "1", "72404", "4915112345678", "12345678901234567890"] {
            let is_name = type_octet >> 4 & 7 == 5;
            if is_name && (type_octet != 0xd0 || digits.len() > 11) {
                continue;
            }
            let written = address::parse(digits, type_octet).unwrap();
            assert_eq!(address::type_octet(&written), type_octet);
            let read = address::parse(&written.text(), type_octet);
            assert_eq!(read, Some(written), "{type_octet:#x} {digits}");
        }
    }
    for (text, type_octet) in [
        ("12x", 0x81),
        ("+12+", 0x91),
        ("123456789012345678901", 0xa1),
    ] {
        assert_eq!(address::parse(text, type_octet), None);
    }
}

#[test]
fn started() {
    for (part, line, sim, reference) in [
        (1, "line000", "8949020000123456789", 0),
        (255, "", "", 255),
        (0, "é/ \"", "x", 1),
    ] {
        let mut journal = Journal::default();
        let about = journal.accept(message(1));
        let started = Record::Started {
            message: about,
            part,
            sim: Iccid(sim.into()),
            line: line.into(),
            reference,
        };
        journal.about(about, MessageState::Sending, started);
        check(journal);
    }
}

#[test]
fn finished_with_every_outcome() {
    let causes = [Cause::Error, Cause::NoPrompt, Cause::LineLost];
    let codes = [0, 38, 512, u16::MAX];
    let coded = codes
        .into_iter()
        .flat_map(|code| [Cause::Cms(code), Cause::Cme(code)]);
    let refused = causes.into_iter().chain(coded).map(Outcome::Refused);
    let unknown = DOUBTS.map(Outcome::Unknown);
    let sent = [0, 255].map(|mr| Outcome::Sent { mr });
    let mut journal = Journal::default();
    let about = journal.accept(message(1));
    for outcome in refused.chain(unknown).chain(sent) {
        let ticket = journal.start(about, 1, 1);
        journal.finish(about, ticket, outcome);
    }
    check(journal);
}

#[test]
fn returned_resolved_reported_requeued() {
    let mut journal = Journal::default();
    let about = journal.accept(message(1));
    let ticket = journal.start(about, 1, 1);
    journal.about(
        about,
        MessageState::Queued,
        Record::Returned {
            message: about,
            ticket,
        },
    );
    for mr in [None, Some(0), Some(255)] {
        journal.about(
            about,
            MessageState::Sent,
            Record::Resolved {
                message: about,
                ticket,
                mr,
            },
        );
    }
    for (status, taken, discharged) in [
        (0, None, None),
        (255, Some(UnixMs(i64::MIN)), Some(UnixMs(i64::MAX))),
        (0x46, None, Some(UnixMs(0))),
    ] {
        let report = Report {
            status: sms::Status(status),
            taken,
            discharged,
        };
        let record = Record::Reported {
            message: about,
            ticket,
            report,
            kept: None,
        };
        journal.about(about, MessageState::Sent, record);
    }
    for why in Requeue::ALL {
        journal.requeue(about, why);
    }
    check(journal);
}

#[test]
fn a_record_without_a_standing() {
    let mut journal = Journal::default();
    let about = journal.accept(message(1));
    let ticket = Ticket(1 << 48);
    journal.add(Record::Returned {
        message: about,
        ticket,
    });
    check(journal);
}

#[test]
fn kept_reports() {
    let mut journal = Journal::default();
    for recipient in ["+4915112345678", "72404"] {
        for (mr, status, taken) in [(0, 0, None), (255, 255, Some(UnixMs(-1)))] {
            journal.add(Record::ReportKept {
                sim: Iccid("8949".into()),
                mr,
                recipient: Address::parse(recipient).unwrap(),
                report: Report {
                    status: sms::Status(status),
                    taken,
                    discharged: taken,
                },
            });
        }
    }
    let first = journal.entries[0].seq;
    journal.add(Record::ReportDropped { kept: first });
    let about = journal.accept(message(1));
    let ticket = journal.start(about, 1, 1);
    journal.reported(about, ticket, Some(first + 1));
    check(journal);
}

#[test]
fn ended_messages_are_gone() {
    let mut journal = Journal::default();
    for (number, reason) in (0..).zip(EndReason::ALL) {
        let about = journal.accept(message(number));
        journal.end(about, MessageState::Failed, reason);
    }
    let about = MessageSeq(1);
    let ticket = journal.start(about, 1, 1);
    journal.finish(about, ticket, Outcome::Sent { mr: 1 });
    check(journal);
}

#[test]
fn absolute_records_replace_each_other() {
    let window = |start, used| Window {
        start: UnixMs(start),
        used,
        end: UnixMs(!start),
        before: !used,
    };
    let usage = Usage {
        windows: [
            window(i64::MIN, 0),
            window(-1, 1),
            window(0, 2),
            window(i64::MAX, u32::MAX),
        ],
        started: 1 << 48,
        sent: 1 << 47,
        refused: (1 << 48) - 1,
        in_doubt: 0,
        delivered: 1,
        reference: 255,
        centre_offset_ms: Some(i64::MIN),
    };
    let totals = Totals {
        accepted: 1 << 48,
        ended: [0, 1, 2, 3, 4, 5, 6, 7, 8, 1 << 48],
        resent_in_doubt: 11,
        given_up: 12,
    };
    let mut journal = Journal::default();
    journal.count(5);
    journal.use_sim(2, 1);
    journal.use_sim(1, 1);
    journal.add(Record::Counted(totals));
    for control in Control::ALL {
        journal.control(Target::Line("line000".into()), control);
        journal.control(Target::Sim(Iccid("line000".into())), control);
    }
    journal.add(Record::Controlled {
        target: Target::Line("".into()),
        control: Control::Paused,
        reason: None,
    });
    journal.add(Record::SimUsed {
        sim: Iccid("8949".into()),
        usage,
    });
    journal.use_sim(2, 9);
    for fingerprint in [0, 1, u64::MAX] {
        journal.add(Record::PinTried {
            sim: Iccid("8949".into()),
            line: "line000".into(),
            fingerprint,
        });
    }
    check(journal);
}

#[test]
fn recipients_are_counted_uncounted_and_forgotten() {
    let mut journal = Journal::default();
    let sim = |number: u8| Iccid(format!("894{number}").into());
    for (number, mark, parts) in [
        (1, 7, 1),
        (1, u64::MAX, 2),
        (2, 7, 1),
        (2, 8, 3),
        (1, 7, 5),
        (2, 7, 0),
    ] {
        let sim = sim(number);
        journal.add(Record::RecipientUsed { sim, mark, parts });
    }
    check(journal);
    let mut journal = Journal::default();
    for (number, mark) in [(1, 7), (1, 8), (2, 7)] {
        let sim = sim(number);
        journal.add(Record::RecipientUsed {
            sim,
            mark,
            parts: 1,
        });
    }
    journal.add(Record::RecipientsForgotten { sim: sim(1) });
    let sim = sim(1);
    journal.add(Record::RecipientUsed {
        sim,
        mark: 9,
        parts: 1,
    });
    check(journal);
}

#[test]
fn the_suppression_list() {
    let recipient = |number: &str| Address::parse(number).unwrap();
    let suppressed = |number: &str, suppressed, reason: Option<&str>| Record::Suppressed {
        recipient: recipient(number),
        suppressed,
        reason: reason.map(Into::into),
    };
    let mut journal = Journal::default();
    journal.add(suppressed("+4915112345678", true, Some("STOP")));
    journal.add(suppressed("80808", true, None));
    journal.add(suppressed("+4915112345678", true, Some("again")));
    journal.add(suppressed("+491", true, None));
    journal.add(suppressed("+491", false, None));
    check(journal);
}

#[test]
fn what_is_sick() {
    let mut journal = Journal::default();
    let quarantine = |sick, number: u16| Quarantine {
        sick,
        since: UnixMs(i64::MIN),
        until: UnixMs(i64::MAX),
        times: number,
        refused_in_row: u16::MAX - number,
    };
    for (number, sick) in [
        (1, Some(Sick::Barred(Cause::Cms(8)))),
        (2, Some(Sick::Refused(Cause::Error))),
        (3, Some(Sick::Filtered)),
        (1, Some(Sick::Refused(Cause::Cme(u16::MAX)))),
        (2, None),
        (4, None),
    ] {
        journal.add(Record::Quarantined {
            sim: iccid(number.into()),
            quarantine: sick.map(|sick| quarantine(sick, number)),
        });
    }
    let trip = |times| Trip {
        until: UnixMs(i64::MIN),
        times,
        in_row: u16::MAX,
        cause: "cms_38".into(),
    };
    // An operator may be called as a line is.
    let operator = || BreakerOf::Operator("o2".into());
    let line = || BreakerOf::Line("o2".into());
    for (breaker, trip) in [
        (operator(), Some(trip(1))),
        (line(), Some(trip(2))),
        (BreakerOf::Line("line007".into()), Some(trip(9))),
        (operator(), Some(trip(u16::MAX))),
        (line(), None),
    ] {
        journal.add(Record::BreakerMoved { breaker, trip });
    }
    // The entries are a second apart.
    for (hub, in_vain) in [("rack1", 1), ("rack1", 2), ("rack2", u16::MAX)] {
        let hub = hub.into();
        journal.add(Record::HubReset { hub, in_vain });
    }
    for _ in 0..3597 {
        journal.count(1);
    }
    journal.add(Record::HubReset {
        hub: "rack1".into(),
        in_vain: 1,
    });
    let resets = what_matters(&journal.entries);
    let resets = resets.iter();
    let resets = resets.filter(|entry| matches!(entry.record, Record::HubReset { .. }));
    assert_eq!(resets.count(), 3, "the first is more than an hour ago");
    check(journal);
}

#[test]
fn nothing_is_given_back_of_an_empty_store() {
    check(Journal::default());
}

#[test]
fn words_that_are_none() {
    for word in [
        "",
        "cms",
        "cms_",
        "cms_+1",
        "cms_65536",
        "cmx_1",
        "CMS_1",
        "error ",
        "cms_1_2",
    ] {
        assert_eq!(words::cause(word), None, "{word}");
    }
    assert_eq!(words::state(10), None);
    assert_eq!(words::state(-1), None);
    assert_eq!(words::doubt("silent"), None);
}

const DOUBTS: [Doubt; 7] = [
    Doubt::Silence,
    Doubt::LineLost,
    Doubt::Reboot,
    Doubt::NetworkTimeout,
    Doubt::NoReference,
    Doubt::Answer,
    Doubt::Restart,
];
