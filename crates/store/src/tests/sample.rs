//! Entries as the gateway makes them, numbered and timed, and stores to put them in.

use gateway::{
    BreakerOf, Class, Control, EndReason, Entry, InDoubt, Message, MessageId, MessageSeq,
    MessageState, Record, Report, Requeue, Standing, Store, Target, Totals, UnixMs, Usage,
};
use modem::{Iccid, Outcome, Ticket};
use sms::{Address, Encoding};
use tempfile::TempDir;
use uuid::Uuid;

use crate::SqliteStore;

/// A store in a directory of its own.
pub(super) fn store() -> (TempDir, SqliteStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    (dir, store)
}

/// All that a store gives back, and the last number.
pub(super) fn replayed(store: &mut SqliteStore) -> (Vec<Entry>, u64) {
    let mut entries = Vec::new();
    let last = store.replay(&mut |entry| entries.push(entry)).unwrap();
    (entries, last)
}

/// A message like any other.
pub(super) fn message(number: u64) -> Message {
    Message {
        id: MessageId(Uuid::from_u64_pair(0x0190_0000_0000_7000, number)),
        to: Address::parse(&format!("+4915112{number:06}")).unwrap(),
        text: format!("Your code is {number:06}").into(),
        class: Class::Otp,
        key: None,
        digest: number,
        app: None,
        route: None,
        report: true,
        in_doubt: InDoubt::Resend,
        form: Encoding::Gsm7.into(),
        parts: 1,
        expires: UnixMs(BEGIN_MS + 300_000),
        flash: false,
        replace: None,
        send_at: None,
    }
}

pub(super) fn iccid(number: u64) -> Iccid {
    Iccid(format!("89490200001{number:08}").into())
}

pub(super) fn report(status: u8) -> Report {
    Report {
        status: sms::Status(status),
        taken: Some(UnixMs(BEGIN_MS + 2_000)),
        discharged: Some(UnixMs(BEGIN_MS + 4_000)),
    }
}

/// Makes entries with the next number, one second apart, and the standing the gateway would give them.
#[derive(Default)]
pub(super) struct Journal {
    pub(super) entries: Vec<Entry>,
    /// Number, id, state and end of every message so far.
    pub(super) messages: Vec<Standing>,
    committed: usize,
}

impl Journal {
    /// The entries since the last call.
    pub(super) fn fresh(&mut self) -> &[Entry] {
        let begin = self.committed;
        self.committed = self.entries.len();
        &self.entries[begin..]
    }

    pub(super) fn next_seq(&self) -> u64 {
        self.entries.len() as u64 + 1
    }

    /// Adds a record that is about no message.
    pub(super) fn add(&mut self, record: Record) -> u64 {
        self.add_with(record, None)
    }

    pub(super) fn accept(&mut self, message: Message) -> MessageSeq {
        let standing = Standing {
            message: MessageSeq(self.next_seq()),
            id: message.id,
            state: MessageState::Queued,
            ended: false,
        };
        self.messages.push(standing);
        MessageSeq(self.add_with(Record::Accepted(Box::new(message)), Some(standing)))
    }

    /// Adds a record after which its message is in this state. A message that has ended has no standing any more.
    pub(super) fn about(
        &mut self,
        message: MessageSeq,
        state: MessageState,
        record: Record,
    ) -> u64 {
        let is_end = matches!(record, Record::Ended { .. });
        let known = self
            .messages
            .iter_mut()
            .find(|known| known.message == message);
        let known = known.expect("the message was accepted");
        if known.ended {
            return self.add_with(record, None);
        }
        known.state = state;
        known.ended = is_end;
        let standing = *known;
        self.add_with(record, Some(standing))
    }

    pub(super) fn start(&mut self, message: MessageSeq, part: u8, sim: u64) -> Ticket {
        let record = Record::Started {
            message,
            part,
            sim: iccid(sim),
            line: format!("line{sim:03}").into(),
            reference: 7,
        };
        Ticket(self.about(message, MessageState::Sending, record))
    }

    pub(super) fn finish(&mut self, message: MessageSeq, ticket: Ticket, outcome: Outcome) -> u64 {
        let state = match outcome {
            Outcome::Sent { .. } => MessageState::Sent,
            Outcome::Refused(_) => MessageState::Sending,
            Outcome::Unknown(_) => MessageState::InDoubt,
        };
        let record = Record::Finished {
            message,
            ticket,
            outcome,
            submitted: Some(UnixMs(20)),
            raw: Some("+CMGS: 7".into()),
        };
        self.about(message, state, record)
    }

    pub(super) fn reported(
        &mut self,
        message: MessageSeq,
        ticket: Ticket,
        kept: Option<u64>,
    ) -> u64 {
        let record = Record::Reported {
            message,
            ticket,
            report: report(0),
            kept,
        };
        self.about(message, MessageState::Sent, record)
    }

    pub(super) fn requeue(&mut self, message: MessageSeq, why: Requeue) -> u64 {
        let record = Record::Requeued {
            message,
            not_before: UnixMs(BEGIN_MS + 9_000),
            why,
        };
        self.about(message, MessageState::Queued, record)
    }

    pub(super) fn end(
        &mut self,
        message: MessageSeq,
        state: MessageState,
        reason: EndReason,
    ) -> u64 {
        self.about(
            message,
            state,
            Record::Ended {
                message,
                state,
                reason,
            },
        )
    }

    pub(super) fn keep_report(&mut self, sim: u64) -> u64 {
        self.add(Record::ReportKept {
            sim: iccid(sim),
            mr: 200,
            recipient: Address::parse("+491511200000").unwrap(),
            report: report(0x30),
        })
    }

    pub(super) fn use_sim(&mut self, sim: u64, started: u64) -> u64 {
        let usage = Usage {
            started,
            ..Usage::default()
        };
        self.add(Record::SimUsed {
            sim: iccid(sim),
            usage,
        })
    }

    pub(super) fn control(&mut self, target: Target, control: Control) -> u64 {
        self.add(Record::Controlled {
            target,
            control,
            reason: Some("card swapped".into()),
        })
    }

    pub(super) fn count(&mut self, accepted: u64) -> u64 {
        self.add(Record::Counted(Totals {
            accepted,
            ..Totals::default()
        }))
    }

    /// A message's whole life, from acceptance to its report.
    pub(super) fn deliver(&mut self, number: u64) -> MessageSeq {
        let message = self.accept(message(number));
        let ticket = self.start(message, 1, 1);
        self.finish(message, ticket, Outcome::Sent { mr: 41 });
        self.reported(message, ticket, None);
        self.end(message, MessageState::Delivered, EndReason::Reported);
        message
    }

    fn add_with(&mut self, record: Record, standing: Option<Standing>) -> u64 {
        let seq = self.next_seq();
        let at = UnixMs(BEGIN_MS + 1_000 * i64::try_from(seq).unwrap());
        self.entries.push(Entry {
            seq,
            at,
            record,
            standing,
        });
        seq
    }
}

/// What a store is to give back of these entries: the last of each absolute record, then everything about messages that
/// have not ended and all kept reports that were not settled, in order; without texts.
pub(super) fn what_matters(entries: &[Entry]) -> Vec<Entry> {
    let replaced = |at: usize, place: &Place| {
        let later = &entries[at + 1..];
        later.iter().any(|later| place_of(later) == *place)
    };
    let ended = |message: MessageSeq| {
        let standings = entries.iter().filter_map(|entry| entry.standing);
        standings
            .filter(|standing| standing.ended)
            .any(|standing| standing.message == message)
    };
    let settled = |kept: u64| {
        entries
            .iter()
            .any(|entry| settles(&entry.record) == Some(kept))
    };
    let mut absolute = Vec::new();
    let mut others = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        match place_of(entry) {
            Place::Message(message) if ended(message) => {}
            Place::Kept(kept) if settled(kept) => {}
            Place::Nowhere => {}
            Place::Suppression(_) | Place::Quarantine(_) | Place::Breaker(_)
                if is_release(&entry.record) => {}
            Place::Message(_) | Place::Kept(_) => others.push(without_text(entry)),
            place @ (Place::Sim(_)
            | Place::Control(_)
            | Place::Pin(_)
            | Place::Recipient(..)
            | Place::Suppression(_)
            | Place::Warning(..)
            | Place::Quarantine(_)
            | Place::Breaker(_)
            | Place::Reset(_)
            | Place::Totals) => {
                let later = &entries[at + 1..];
                let is_gone = is_forgotten(entry, later) || is_old_reset(entry, later);
                if !replaced(at, &place) && !is_gone {
                    absolute.push(entry.clone());
                }
            }
        }
    }
    absolute.extend(others);
    absolute
}

pub(super) fn without_text(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    if let Record::Accepted(message) = &mut entry.record {
        message.text = "".into();
    }
    entry
}

/// Whether a recipient counts no more: none of its parts was sent, or the SIM's month ended.
fn is_forgotten(entry: &Entry, later: &[Entry]) -> bool {
    let Record::RecipientUsed { sim, parts, .. } = &entry.record else {
        return false;
    };
    let forgets = |later: &Entry| matches!(&later.record, Record::RecipientsForgotten { sim: of } if of == sim);
    *parts == 0 || later.iter().any(forgets)
}

/// Whether a reset counts no more beside a later one of its hub.
fn is_old_reset(entry: &Entry, later: &[Entry]) -> bool {
    let Record::HubReset { hub, .. } = &entry.record else {
        return false;
    };
    let outlives = |later: &Entry| {
        let is_reset = matches!(&later.record, Record::HubReset { hub: of, .. } if of == hub);
        is_reset && later.at.since(entry.at) >= gateway::HUB_LIMIT_SPAN
    };
    later.iter().any(outlives)
}

/// Whether a record takes a recipient off the suppression list, a SIM out of quarantine, or closes a breaker, which leaves
/// nothing behind.
fn is_release(record: &Record) -> bool {
    matches!(
        record,
        Record::Suppressed {
            suppressed: false,
            ..
        } | Record::Quarantined {
            quarantine: None,
            ..
        } | Record::BreakerMoved { trip: None, .. }
    )
}

/// What a record is kept with.
#[derive(PartialEq)]
enum Place {
    Message(MessageSeq),
    Kept(u64),
    Sim(Iccid),
    Control(Target),
    Pin(u64),
    Recipient(Iccid, u64),
    Suppression(String),
    Warning(Iccid, &'static str, u8),
    Quarantine(Iccid),
    Breaker(BreakerOf),
    Reset(u64),
    Totals,
    Nowhere,
}

fn place_of(entry: &Entry) -> Place {
    match &entry.record {
        Record::Accepted(_) => Place::Message(MessageSeq(entry.seq)),
        Record::Started { message, .. }
        | Record::Finished { message, .. }
        | Record::Returned { message, .. }
        | Record::Resolved { message, .. }
        | Record::Reported { message, .. }
        | Record::Requeued { message, .. }
        | Record::Ended { message, .. } => Place::Message(*message),
        Record::ReportKept { .. } => Place::Kept(entry.seq),
        Record::ReportDropped { .. } => Place::Nowhere,
        Record::SimUsed { sim, .. } => Place::Sim(sim.clone()),
        Record::Controlled { target, .. } => Place::Control(target.clone()),
        Record::PinTried { .. } => Place::Pin(entry.seq),
        Record::Suppressed { recipient, .. } => Place::Suppression(recipient.text()),
        Record::Counted(_) => Place::Totals,
        Record::RecipientUsed { sim, mark, .. } => Place::Recipient(sim.clone(), *mark),
        Record::RecipientsForgotten { .. } => Place::Nowhere,
        Record::BudgetWarned { sim, warning } => {
            Place::Warning(sim.clone(), warning.budget, warning.percent)
        }
        Record::Quarantined { sim, .. } => Place::Quarantine(sim.clone()),
        Record::BreakerMoved { breaker, .. } => Place::Breaker(breaker.clone()),
        Record::HubReset { .. } => Place::Reset(entry.seq),
    }
}

/// The kept report that a record attributes or gives up.
fn settles(record: &Record) -> Option<u64> {
    if let Record::Reported { kept, .. } = record {
        return *kept;
    }
    if let Record::ReportDropped { kept } = record {
        return Some(*kept);
    }
    None
}

/// The message that a record is about.
pub(super) fn about(entry: &Entry) -> Option<MessageSeq> {
    match place_of(entry) {
        Place::Message(message) => Some(message),
        Place::Kept(_)
        | Place::Sim(_)
        | Place::Control(_)
        | Place::Pin(_)
        | Place::Recipient(..)
        | Place::Suppression(_)
        | Place::Warning(..)
        | Place::Quarantine(_)
        | Place::Breaker(_)
        | Place::Reset(_)
        | Place::Totals
        | Place::Nowhere => None,
    }
}

/// 2026-01-01T00:00:00Z.
pub(super) const BEGIN_MS: i64 = 1_767_225_600_000;
