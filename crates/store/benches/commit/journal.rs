//! Entries like those that the gateway makes, so many and so large.

use gateway::{
    Class, EndReason, Entry, InDoubt, Message, MessageId, MessageSeq, MessageState, Record, Report,
    Standing, Store, Totals, UnixMs, Usage,
};
use modem::{Iccid, Outcome, Ticket};
use sms::{Address, Encoding};
use store::SqliteStore;
use uuid::Uuid;

/// Makes entries like those of the gateway.
#[derive(Default)]
pub(crate) struct Journal {
    pub(crate) seq: u64,
    pub(crate) messages: u64,
    pub(crate) rows: usize,
    with_keys: bool,
    ended: u64,
    entries: Vec<Entry>,
}

impl Journal {
    pub(crate) fn with_keys(with_keys: bool) -> Journal {
        Journal {
            with_keys,
            ..Journal::default()
        }
    }

    pub(crate) fn commit(&mut self, store: &mut SqliteStore) {
        store.commit(&self.entries).expect("a commit");
        self.entries.clear();
    }

    pub(crate) fn accept(&mut self) -> MessageSeq {
        self.messages += 1;
        let number = self.messages;
        let message = Message {
            id: id(MessageSeq(self.seq + 1)),
            to: Address::parse(&recipient(number)).expect("a number"),
            text: "Your parcel will arrive tomorrow between 10 and 12 o'clock.".into(),
            class: Class::Notification,
            key: self.with_keys.then(|| format!("order-{number}").into()),
            digest: number,
            app: None,
            route: None,
            report: true,
            in_doubt: InDoubt::Hold,
            form: Encoding::Gsm7.into(),
            parts: 1,
            expires: UnixMs(BEGIN_MS + 86_400_000),
            flash: false,
            replace: None,
            send_at: None,
        };
        let seq = MessageSeq(self.seq + 1);
        self.add(
            seq,
            MessageState::Queued,
            Record::Accepted(Box::new(message)),
        );
        self.count();
        seq
    }

    pub(crate) fn start(&mut self, message: MessageSeq) -> Ticket {
        let sim = iccid(message);
        let record = Record::Started {
            message,
            part: 1,
            sim,
            line: "line001".into(),
            reference: 1,
        };
        let ticket = Ticket(self.add(message, MessageState::Sending, record));
        self.use_sim(message);
        ticket
    }

    pub(crate) fn finish(&mut self, message: MessageSeq, ticket: Ticket) {
        let outcome = Outcome::Sent { mr: 7 };
        self.add(
            message,
            MessageState::Sent,
            Record::Finished {
                message,
                ticket,
                outcome,
                submitted: Some(UnixMs(BEGIN_MS)),
                raw: Some("+CMGS: 7".into()),
            },
        );
        self.use_sim(message);
    }

    pub(crate) fn report(&mut self, message: MessageSeq, ticket: Ticket) {
        let report = Report {
            status: sms::Status(0),
            taken: Some(UnixMs(BEGIN_MS)),
            discharged: Some(UnixMs(BEGIN_MS)),
        };
        self.add(
            message,
            MessageState::Sent,
            Record::Reported {
                message,
                ticket,
                report,
                kept: None,
            },
        );
        self.use_sim(message);
    }

    pub(crate) fn end(&mut self, message: MessageSeq) {
        let state = MessageState::Delivered;
        let reason = EndReason::Reported;
        self.add(
            message,
            state,
            Record::Ended {
                message,
                state,
                reason,
            },
        );
        self.ended += 1;
        self.count();
    }

    fn use_sim(&mut self, message: MessageSeq) {
        let usage = Usage {
            started: self.seq,
            ..Usage::default()
        };
        self.push(
            Record::SimUsed {
                sim: iccid(message),
                usage,
            },
            None,
        );
    }

    fn count(&mut self) {
        let totals = Totals {
            accepted: self.messages,
            ended: [self.ended; 10],
            resent_in_doubt: 0,
            given_up: 0,
        };
        self.push(Record::Counted(totals), None);
    }

    fn add(&mut self, message: MessageSeq, state: MessageState, record: Record) -> u64 {
        self.rows += 1;
        let ended = matches!(record, Record::Ended { .. });
        self.push(
            record,
            Some(Standing {
                message,
                id: id(message),
                state,
                ended,
            }),
        )
    }

    fn push(&mut self, record: Record, standing: Option<Standing>) -> u64 {
        self.seq += 1;
        let at = UnixMs(BEGIN_MS + self.seq.cast_signed());
        self.entries.push(Entry {
            seq: self.seq,
            at,
            record,
            standing,
        });
        self.seq
    }
}

/// Ordered by time, like UUIDs of version 7.
fn id(message: MessageSeq) -> MessageId {
    MessageId(Uuid::from_u64_pair(message.0, message.0))
}

/// One of 512 SIMs.
pub(crate) fn iccid(message: MessageSeq) -> Iccid {
    Iccid(format!("8949020000{:09}", message.0 % 512).into())
}

/// Scattered, as numbers are.
pub(crate) fn recipient(number: u64) -> String {
    format!(
        "+4915{:09}",
        number.wrapping_mul(0x9e37_79b9) % 1_000_000_000
    )
}

pub(crate) const BEGIN_MS: i64 = 1_767_225_600_000;
