//! Which attempt a report is about, by tables of attempts and reports.
//!
//! Each test builds a book of single-part messages by records alone, and asks about one report.

use modem::{Doubt, Iccid, Outcome};
use sms::{Encoding, Status};
use uuid::Uuid;

use super::*;
use crate::book::Recipient;
use crate::record::{Entry, Message, Record};
use crate::settings::Settings;
use crate::words::{Class, InDoubt, MessageId, MessageSeq};

const HOUR: i64 = 3600;

/// A book of attempts on one SIM.
struct Desk {
    book: Book,
    floor: Floor,
    sim: SimIdx,
    seq: u64,
}

impl Desk {
    fn new() -> Desk {
        let mut book = Book::new(&Settings::default());
        let sim = book.intern(&card());
        let mut floor = Floor::new(60);
        floor.sim_mut(sim);
        Desk {
            book,
            floor,
            sim,
            seq: 0,
        }
    }

    /// An attempt that is with its line since `at_s`.
    fn open(&mut self, to: &str, at_s: i64) -> Ticket {
        let message = Message {
            id: MessageId(Uuid::from_u128(self.seq.into())),
            to: Address::parse(to).unwrap(),
            text: "hi".into(),
            class: Class::Bulk,
            key: None,
            digest: 0,
            app: None,
            route: None,
            report: true,
            in_doubt: InDoubt::Hold,
            form: Encoding::Gsm7.into(),
            parts: 1,
            expires: UnixMs(i64::MAX),
            flash: false,
            replace: None,
            send_at: None,
        };
        let seq = self.add(at_s, Record::Accepted(Box::new(message)));
        let started = Record::Started {
            message: MessageSeq(seq),
            part: 1,
            sim: card(),
            line: "line".into(),
            reference: 0,
        };
        Ticket(self.add(at_s, started))
    }

    fn sent(&mut self, to: &str, mr: u8, at_s: i64) -> Ticket {
        let ticket = self.open(to, at_s);
        self.finish(ticket, Outcome::Sent { mr });
        ticket
    }

    fn doubt(&mut self, to: &str, at_s: i64) -> Ticket {
        let ticket = self.open(to, at_s);
        self.finish(ticket, Outcome::Unknown(Doubt::Silence));
        ticket
    }

    fn finish(&mut self, ticket: Ticket, outcome: Outcome) {
        let attempt = self.book.attempt(ticket).unwrap();
        let (message, started) = (attempt.message, attempt.started);
        let at_s = (started.0 - time(0).0) / 1000;
        self.add(
            at_s + 1,
            Record::Finished {
                message,
                ticket,
                outcome,
                submitted: None,
                raw: None,
            },
        );
    }

    /// A part of a message that has ended, as the floor remembers it.
    fn ended(&mut self, to: &str, mr: Option<u8>, at_s: i64, taken_s: Option<i64>) {
        self.seq += 1;
        let part = EndedPart {
            ticket: Ticket(self.seq),
            mr,
            recipient: Recipient::of(&Address::parse(to).unwrap()),
            span: Span {
                from: time(at_s),
                until: time(at_s + 1),
            },
            taken: taken_s.map(time),
            is_reported: taken_s.is_some(),
        };
        self.floor.sim_mut(self.sim).past.remember(part, |_| false);
    }

    fn reported(&mut self, ticket: Ticket, status: u8, taken_s: i64) {
        let message = self.book.attempt(ticket).unwrap().message;
        let report = report(status, Some(taken_s));
        self.add(
            0,
            Record::Reported {
                message,
                ticket,
                report,
                kept: None,
            },
        );
    }

    fn add(&mut self, at_s: i64, record: Record) -> u64 {
        self.seq += 1;
        let entry = Entry {
            seq: self.seq,
            at: time(at_s),
            record,
            standing: None,
        };
        self.book.apply(&entry);
        self.seq
    }

    fn find(&self, mr: u8, from: &str, taken_s: Option<i64>) -> Match {
        self.find_with(mr, from, report(0, taken_s), None)
    }

    fn find_with(&self, mr: u8, from: &str, report: Report, kept: Option<u64>) -> Match {
        self.ask(mr, from, report, kept, 7 * HOUR, find)
    }

    /// A report that comes at `at_s`, delivered then by the centre's clock.
    fn find_at(&self, mr: u8, from: &str, taken_s: i64, discharged_s: i64, at_s: i64) -> Match {
        let report = journey(taken_s, discharged_s);
        self.ask(mr, from, report, None, at_s, find)
    }

    fn sample_at(
        &self,
        mr: u8,
        from: &str,
        taken_s: i64,
        discharged_s: i64,
        at_s: i64,
    ) -> Option<i64> {
        let report = journey(taken_s, discharged_s);
        self.ask(mr, from, report, None, at_s, sample)
    }

    fn ask<T>(
        &self,
        mr: u8,
        from: &str,
        report: Report,
        kept: Option<u64>,
        at_s: i64,
        question: fn(&Book, &Floor, &Heard<'_>) -> T,
    ) -> T {
        let recipient = Address::parse(from).unwrap();
        let heard = Heard {
            sim: self.sim,
            mr,
            recipient: &recipient,
            report,
            at: time(at_s),
            kept,
        };
        question(&self.book, &self.floor, &heard)
    }

    fn learn(&mut self, offset_s: i64) {
        let clock = &mut self.floor.sim_mut(self.sim).clock;
        (0..3).for_each(|_| {
            clock.learn(offset_s * 1000);
        });
    }
}

#[test]
fn by_number_recipient_and_time() {
    let mut desk = Desk::new();
    let one = desk.sent(A, 5, 0);
    let two = desk.sent(B, 6, 10);
    assert_eq!(desk.find(5, A, Some(2)), Match::Sent(one));
    assert_eq!(desk.find(6, B, Some(12)), Match::Sent(two));
    assert_eq!(desk.find(7, A, Some(2)), Match::Nothing);
    assert_eq!(desk.find(6, A, Some(9 * HOUR)), Match::Nothing);
}

#[test]
fn two_recipients_under_one_number() {
    let mut desk = Desk::new();
    let one = desk.sent(A, 5, 0);
    let two = desk.sent(B, 5, 30);
    for taken in [Some(0), Some(30), None] {
        assert_eq!(desk.find(5, A, taken), Match::Sent(one));
        assert_eq!(desk.find(5, B, taken), Match::Sent(two));
    }
}

#[test]
fn the_number_wraps() {
    let mut desk = Desk::new();
    let old = desk.sent(A, 5, 0);
    let new = desk.sent(A, 5, 1446);
    assert_eq!(desk.find(5, A, Some(3)), Match::Sent(old));
    assert_eq!(desk.find(5, A, Some(1449)), Match::Sent(new));
    assert_eq!(
        desk.find(5, A, None),
        Match::Unclear,
        "without a time both may be meant"
    );
    // Hours later, when it says so itself.
    assert_eq!(desk.find(5, A, Some(3)), Match::Sent(old));
}

#[test]
fn six_hours_late_is_early_enough() {
    let mut desk = Desk::new();
    let one = desk.sent(A, 5, 0);
    (1..=15).for_each(|wrap| {
        desk.sent(B, 5, wrap * 1446);
    });
    assert_eq!(
        desk.find(5, A, Some(3)),
        Match::Sent(one),
        "it names the time that it was taken"
    );
}

#[test]
fn the_recipient_in_other_forms() {
    let mut desk = Desk::new();
    let one = desk.sent(A, 5, 0);
    for form in [
        "+4915112345678",
        "4915112345678",
        "015112345678",
        "004915112345678",
        "15112345678",
    ] {
        assert_eq!(desk.find(5, form, Some(2)), Match::Sent(one), "{form}");
    }
    // Written beyond recognition: number and time alone, if just one fits.
    assert_eq!(desk.find(5, "22333", Some(2)), Match::Sent(one));
    assert_eq!(desk.find(5, "22333", None), Match::Nothing);
    assert_eq!(desk.find(5, "22333", Some(2 * HOUR)), Match::Nothing);
    desk.sent(B, 5, 3);
    assert_eq!(desk.find(5, "22333", Some(2)), Match::Unclear);
}

#[test]
fn a_short_code_is_compared_whole() {
    let mut desk = Desk::new();
    let one = desk.sent("70123", 5, 0);
    assert_eq!(desk.find(5, "70123", Some(2)), Match::Sent(one));
    desk.sent("90123", 5, 1);
    assert_eq!(desk.find(5, "0123", Some(2)), Match::Unclear);
}

#[test]
fn a_service_centres_clock_may_be_wrong_by_hours() {
    let mut desk = Desk::new();
    let one = desk.sent(A, 5, 0);
    for taken in [-12 * HOUR, -HOUR, HOUR, 12 * HOUR] {
        assert_eq!(desk.find(5, A, Some(taken)), Match::Sent(one), "{taken} s");
    }
    desk.sent(A, 5, 1446);
    assert_eq!(
        desk.find(5, A, Some(7 * HOUR)),
        Match::Unclear,
        "two could be meant"
    );
}

#[test]
fn an_early_one_waits_for_the_answer() {
    let mut desk = Desk::new();
    let one = desk.open(A, 0);
    assert_eq!(desk.find(5, A, Some(2)), Match::Nothing);
    // Not even a doubt about the same recipient takes it.
    desk.doubt(A, -20);
    assert_eq!(desk.find(5, A, Some(2)), Match::Nothing);
    desk.finish(one, Outcome::Sent { mr: 5 });
    assert_eq!(desk.find(5, A, Some(2)), Match::Sent(one));
}

#[test]
fn a_kept_one_is_not_about_what_was_started_later() {
    let mut desk = Desk::new();
    let kept = desk.seq;
    let one = desk.sent(A, 5, 0);
    assert_eq!(
        desk.find_with(5, A, report(0, Some(0)), Some(kept)),
        Match::Nothing
    );
    assert_eq!(
        desk.find_with(5, A, report(0, Some(0)), Some(desk.seq + 1)),
        Match::Sent(one)
    );
    desk.open(A, 1);
    let later = desk.find_with(5, A, report(0, Some(0)), Some(kept));
    assert_eq!(later, Match::Nothing);
}

#[test]
fn a_doubt_is_proven_by_recipient_and_time_if_it_is_the_only_one() {
    let mut desk = Desk::new();
    let one = desk.doubt(A, 0);
    assert_eq!(desk.find(5, A, Some(100)), Match::Doubt(one));
    assert_eq!(desk.find(9, A, None), Match::Doubt(one));
    assert_eq!(desk.find(5, B, Some(100)), Match::Nothing);
    assert_eq!(
        desk.find(5, A, Some(700)),
        Match::Unclear,
        "its number is unknown: the time must fit"
    );
    // A sent one under this number comes first.
    let two = desk.sent(A, 5, 10);
    assert_eq!(desk.find(5, A, Some(11)), Match::Sent(two));
    assert_eq!(desk.find(6, A, Some(11)), Match::Doubt(one));
    desk.doubt(A, 20);
    assert_eq!(
        desk.find(6, A, Some(11)),
        Match::Unclear,
        "two could be meant"
    );
}

#[test]
fn a_doubt_that_ended_competes() {
    let mut desk = Desk::new();
    desk.ended(A, None, 0, None);
    assert_eq!(desk.find(6, A, Some(3)), Match::Past);
    desk.doubt(A, 5);
    assert_eq!(
        desk.find(6, A, Some(3)),
        Match::Unclear,
        "two could be meant"
    );
}

#[test]
fn one_that_came_before_is_known_by_its_time() {
    let mut desk = Desk::new();
    let one = desk.sent(A, 5, 0);
    desk.reported(one, 0x00, 2);
    assert_eq!(desk.find(5, A, Some(2)), Match::Past);
    let two = desk.sent(A, 5, 60);
    assert_eq!(
        desk.find(5, A, Some(2)),
        Match::Past,
        "though the next of this number awaits one"
    );
    assert_eq!(desk.find(5, A, Some(61)), Match::Sent(two));
    desk.ended(B, Some(9), 0, Some(2));
    desk.sent(B, 9, 60);
    assert_eq!(desk.find(9, B, Some(2)), Match::Past);
}

#[test]
fn delivery_overrides_failure_and_nothing_overrides_delivery() {
    let mut desk = Desk::new();
    let one = desk.sent(A, 5, 0);
    desk.reported(one, 0x43, 2);
    let find = |desk: &Desk, status| desk.find_with(5, A, report(status, Some(2)), None);
    assert_eq!(find(&desk, 0x43), Match::Past);
    assert_eq!(find(&desk, 0x20), Match::Past);
    assert_eq!(find(&desk, 0x00), Match::Sent(one));
    desk.reported(one, 0x00, 2);
    assert_eq!(find(&desk, 0x43), Match::Past);
}

#[test]
fn one_for_an_ended_message_is_not_taken_for_the_next_of_its_number() {
    let mut desk = Desk::new();
    desk.ended(A, Some(5), 0, None);
    assert_eq!(desk.find(5, A, Some(3)), Match::Past);
    // The number wraps, and hours later the first one's report comes.
    let two = desk.sent(A, 5, 6 * HOUR);
    assert_eq!(desk.find(5, A, Some(3)), Match::Past);
    assert_eq!(desk.find(5, A, Some(6 * HOUR + 3)), Match::Sent(two));
    // Modems that always tell the same number: the nearer in time.
    desk.ended(A, Some(5), 6 * HOUR - 60, None);
    assert_eq!(desk.find(5, A, Some(6 * HOUR - 58)), Match::Past);
    assert_eq!(desk.find(5, A, Some(6 * HOUR - 2)), Match::Sent(two));
}

#[test]
fn a_learnt_clock_tells_what_the_number_does_not() {
    for offset in [-12 * HOUR, -HOUR, 900, 5 * HOUR + 2700, 14 * HOUR] {
        let mut desk = Desk::new();
        desk.learn(offset);
        let old = desk.sent(A, 5, 0);
        let new = desk.sent(A, 5, 400);
        assert_eq!(desk.find(5, A, Some(offset + 3)), Match::Sent(old));
        assert_eq!(desk.find(5, A, Some(offset + 403)), Match::Sent(new));
        assert_eq!(desk.find(5, A, Some(offset + 4000)), Match::Nothing);
        assert_eq!(desk.find(5, A, Some(offset + 202)), Match::Nothing);
        let doubt = desk.doubt(A, 900);
        assert_eq!(desk.find(9, A, Some(offset + 905)), Match::Doubt(doubt));
    }
}

#[test]
fn a_number_speaks_against_a_time_that_only_fits_a_doubt() {
    let mut desk = Desk::new();
    // Learnt from reports that waited while nobody listened: wrong by some 20 s.
    desk.learn(-25);
    desk.sent(A, 5, 0);
    let doubt = desk.doubt(A, 25);
    assert_eq!(desk.find(5, A, Some(0)), Match::Unclear);
    assert_eq!(desk.find(6, A, Some(0)), Match::Doubt(doubt));
    // Hours apart the number may have come again.
    let later = desk.doubt(A, 4000);
    assert_eq!(desk.find(5, A, Some(3976)), Match::Doubt(later));
}

#[test]
fn a_clock_that_was_set_by_an_hour_has_two_offsets() {
    let mut desk = Desk::new();
    desk.learn(0);
    desk.learn(HOUR);
    let old = desk.sent(A, 5, 0);
    let new = desk.sent(A, 5, 2000);
    assert_eq!(desk.find(5, A, Some(2)), Match::Sent(old));
    assert_eq!(desk.find(5, A, Some(HOUR + 2003)), Match::Sent(new));
    // Both at once: the older by the new offset, the newer by the old one.
    desk.sent(A, 5, HOUR + 1);
    assert_eq!(desk.find(5, A, Some(HOUR + 3)), Match::Unclear);
}

#[test]
fn a_journey_tells_a_part_that_did_not_exist_yet_though_no_clock_is_known() {
    let mut desk = Desk::new();
    // The first is forgotten; its report comes after the number was used again, from a clock that is wrong by hours.
    let new = desk.sent(A, 5, 1446);
    let offset = -3 * HOUR;
    assert_eq!(
        desk.find_at(5, A, offset + 2, offset + 1500, 1502),
        Match::Nothing
    );
    assert_eq!(
        desk.find_at(5, A, offset + 1448, offset + 1500, 1502),
        Match::Sent(new)
    );
    // Nor by a clock that is right within minutes.
    assert_eq!(desk.find_at(5, A, 1000, 1500, 1502), Match::Nothing);
}

#[test]
fn what_is_not_remembered_is_not_ruled_out() {
    let mut desk = Desk::new();
    let doubt = desk.doubt(A, 1000);
    let hours_off = desk.sent(B, 5, 1000);
    assert_eq!(desk.find(7, A, Some(1001)), Match::Doubt(doubt));
    assert_eq!(desk.find(5, B, Some(3 * HOUR)), Match::Sent(hours_off));
    let past = &mut desk.floor.sim_mut(desk.sim).past;
    past.forget_before(time(881));
    assert_eq!(desk.find(7, A, Some(1001)), Match::Unclear);
    assert_eq!(desk.find(5, B, Some(3 * HOUR)), Match::Unclear);
    assert_eq!(desk.find(5, B, None), Match::Unclear);
    assert_eq!(desk.find(5, B, Some(1001)), Match::Sent(hours_off));
}

#[test]
fn a_sample_needs_two_estimates_that_agree() {
    let mut desk = Desk::new();
    desk.sent(A, 5, 0);
    let offset = 2 * HOUR;
    let sample =
        |desk: &Desk, discharged, at| desk.sample_at(5, A, offset + 1, offset + discharged, at);
    assert_eq!(sample(&desk, 20, 21), Some(offset * 1000));
    assert_eq!(
        sample(&desk, 20, 3000),
        None,
        "it waited for the SIM, or is about another part"
    );
    assert_eq!(sample(&desk, 3000, 21), None);
    desk.sent(A, 5, 1446);
    assert_eq!(sample(&desk, 20, 21), None, "two could be meant");
}

#[test]
fn modems_that_always_tell_one_number() {
    let mut desk = Desk::new();
    desk.learn(0);
    let tickets: Vec<Ticket> = (0..10).map(|nth| desk.sent(A, 0, nth * 20)).collect();
    for (nth, ticket) in (0..).zip(tickets) {
        assert_eq!(desk.find(0, A, Some(nth * 20 + 1)), Match::Sent(ticket));
        if nth == 9 {
            break;
        }
        assert_eq!(
            desk.find(0, A, Some(nth * 20 + 11)),
            Match::Unclear,
            "between two"
        );
    }
    // One that is with its line, and whose report is early.
    let open = desk.open(A, 200);
    assert_eq!(desk.find(0, A, Some(201)), Match::Nothing);
    desk.finish(open, Outcome::Sent { mr: 0 });
    assert_eq!(desk.find(0, A, Some(201)), Match::Sent(open));
}

#[test]
fn the_words_of_the_records() {
    let time = |ms| Some(sms::ServiceCentreTime::from_unix_ms(ms, 8));
    let mut given = StatusReport::new(
        5,
        Address::parse(A).unwrap(),
        time(1000).unwrap(),
        time(2000).unwrap(),
        Status(0x46),
    );
    let expected = Report {
        status: Status(0x46),
        taken: Some(UnixMs(1000)),
        discharged: Some(UnixMs(2000)),
    };
    assert_eq!(report_of(&given), expected);
    (given.time, given.discharge) = (None, None);
    assert_eq!(
        report_of(&given),
        Report {
            taken: None,
            discharged: None,
            ..expected
        }
    );
}

fn journey(taken_s: i64, discharged_s: i64) -> Report {
    Report {
        discharged: Some(time(discharged_s)),
        ..report(0, Some(taken_s))
    }
}

fn report(status: u8, taken_s: Option<i64>) -> Report {
    Report {
        status: Status(status),
        taken: taken_s.map(time),
        discharged: None,
    }
}

fn time(s: i64) -> UnixMs {
    UnixMs(1_773_144_000_000 + s * 1000)
}

fn card() -> Iccid {
    Iccid("89490000000000000001".into())
}

const A: &str = "+4915112345678";
const B: &str = "+4915187654321";
