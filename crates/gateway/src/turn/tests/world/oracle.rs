//! Holds the committed records to the invariants of the design. It knows the records and the truth of the air, and
//! nothing of the gateway's inside.

use std::collections::{BTreeMap, BTreeSet};

use modem::{Iccid, Outcome, Ticket};

use super::super::rig::Rig;
use super::air::Air;
use crate::budget::Period;
use crate::record::{Entry, Message, Record, Report, Requeue};
use crate::settings::Settings;
use crate::words::{Class, InDoubt, MessageId, MessageSeq, UnixMs};

#[derive(Default)]
pub(super) struct Oracle {
    /// Records read so far.
    read: usize,
    messages: BTreeMap<MessageSeq, Message>,
    attempts: BTreeMap<Ticket, Tried>,
    resent: u64,
    given_up: u64,
    /// How often each message was begun anew.
    anews: BTreeMap<MessageSeq, u8>,
    ended: BTreeSet<MessageId>,
    /// Ended before a restart: the gateway does not know their numbers any more.
    forgotten: BTreeSet<MessageId>,
    /// Got a report of a forgotten message.
    mistaken: BTreeSet<MessageSeq>,
    /// The strictest settings need not hold across a change: budgets are checked from here on.
    since: Option<UnixMs>,
}

/// An attempt as the records tell it.
#[derive(Clone, Debug)]
struct Tried {
    message: MessageSeq,
    /// How often its message had been begun anew.
    set: u8,
    part: u8,
    sim: Iccid,
    reference: u8,
    at: UnixMs,
    fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Open,
    Sent,
    Unknown,
    /// Refused or returned.
    NotSent,
}

impl Oracle {
    /// New settings: budgets and intervals are the new ones from now on.
    pub(super) fn allow(&mut self, _settings: &Settings) {
        self.since = None;
    }

    /// The process died: what it had not told yet, the store tells.
    pub(super) fn restarted(&mut self, rig: &Rig, air: &Air) {
        self.learn(rig, air);
        self.forgotten = self.ended.clone();
    }

    /// Reads what was committed since the last time, and checks the gateway against it.
    pub(super) fn read(&mut self, rig: &Rig, air: &Air) {
        let entries = &rig.store.entries[self.read..];
        self.learn(rig, air);
        self.check_urgency(rig, entries);
        let totals = rig.snapshot().totals;
        assert_eq!(
            totals.resent_in_doubt, self.resent,
            "every resend in doubt is counted, and nothing else"
        );
        assert_eq!(
            totals.given_up, self.given_up,
            "every part of a set that was given up is counted"
        );
        assert_eq!(totals.accepted, self.messages.len() as u64);
        self.since.get_or_insert(rig.now.wall);
    }

    /// A delivered message was delivered: each of its parts on the air, by a report.
    pub(super) fn check_delivered(&self, delivered: impl Iterator<Item = MessageSeq>, air: &Air) {
        for seq in delivered.filter(|seq| !self.mistaken.contains(seq)) {
            let message = &self.messages[&seq];
            for part in 1..=message.parts {
                let mut aired = air
                    .parts
                    .iter()
                    .filter(|aired| aired.message == message.id && aired.part == part);
                assert!(
                    aired.any(|aired| aired.is_delivered),
                    "part {part} of {seq:?} was not delivered"
                );
            }
        }
    }

    fn learn(&mut self, rig: &Rig, air: &Air) {
        for entry in &rig.store.entries[self.read..] {
            self.one(rig, air, entry);
        }
        self.read = rig.store.entries.len();
    }

    fn one(&mut self, rig: &Rig, air: &Air, entry: &Entry) {
        match &entry.record {
            Record::Accepted(message) => {
                self.messages
                    .insert(MessageSeq(entry.seq), (**message).clone());
            }
            Record::Started {
                message,
                part,
                sim,
                reference,
                ..
            } => {
                let tried = Tried {
                    message: *message,
                    set: self.set(*message),
                    part: *part,
                    sim: sim.clone(),
                    reference: *reference,
                    at: entry.at,
                    fate: Fate::Open,
                };
                self.check_start(rig, &tried);
                self.attempts.insert(Ticket(entry.seq), tried);
            }
            Record::Finished {
                ticket, outcome, ..
            } => {
                let fate = match outcome {
                    Outcome::Sent { .. } => Fate::Sent,
                    Outcome::Refused(_) => Fate::NotSent,
                    Outcome::Unknown(_) => Fate::Unknown,
                };
                self.end(*ticket, fate);
            }
            Record::Returned { ticket, .. } => self.end(*ticket, Fate::NotSent),
            Record::Resolved { ticket, .. } => {
                let tried = self.attempts.get_mut(ticket).unwrap();
                assert_eq!(tried.fate, Fate::Unknown, "only doubt is resolved");
                tried.fate = Fate::Sent;
            }
            Record::Reported { ticket, report, .. } => {
                self.check_report(air, *ticket, report);
            }
            Record::Ended { message, .. } => self.message_ends(*message),
            Record::Requeued {
                message,
                why: Requeue::Anew,
                ..
            } => self.begin_anew(*message, entry.at),
            Record::ReportKept { .. }
            | Record::ReportDropped { .. }
            | Record::Requeued { .. }
            | Record::SimUsed { .. }
            | Record::Controlled { .. }
            | Record::PinTried { .. }
            | Record::RecipientUsed { .. }
            | Record::RecipientsForgotten { .. }
            | Record::BudgetWarned { .. }
            | Record::Quarantined { .. }
            | Record::BreakerMoved { .. }
            | Record::HubReset { .. }
            | Record::Suppressed { .. }
            | Record::Counted(_) => {}
        }
    }

    fn message_ends(&mut self, message: MessageSeq) {
        self.ended.insert(self.messages[&message].id);
        let mut mine = self
            .attempts
            .values()
            .filter(|tried| tried.message == message);
        assert!(
            !mine.any(|tried| tried.fate == Fate::Open),
            "{message:?} ended with a part on its way"
        );
    }

    /// The report of this part, of this message.
    fn check_report(&mut self, air: &Air, ticket: Ticket, report: &Report) {
        let about = air.reports[&report.discharged.unwrap()].map(|at| &air.parts[at]);
        let about = about.expect("a foreign report is about nothing here");
        let tried = &self.attempts[&ticket];
        assert_eq!(tried.fate, Fate::Sent);
        if self.forgotten.contains(&about.message) {
            self.mistaken.insert(tried.message);
        }
        if !self.mistaken.contains(&tried.message) {
            let id = self.messages[&tried.message].id;
            assert_eq!(
                (id, tried.part),
                (about.message, about.part),
                "{tried:?} gets {report:?}"
            );
        }
    }

    fn set(&self, message: MessageSeq) -> u8 {
        self.anews.get(&message).copied().unwrap_or(0)
    }

    /// The parts of a set that can't become a whole are given up, before the deadline and not too often.
    fn begin_anew(&mut self, message: MessageSeq, at: UnixMs) {
        let (set, asked) = (self.set(message), &self.messages[&message]);
        assert!(set < 2 && asked.parts > 1 && at < asked.expires);
        let on_air = |tried: &&Tried| {
            (tried.message, tried.set) == (message, set) && tried.fate != Fate::NotSent
        };
        let given_up: Vec<&Tried> = self.attempts.values().filter(on_air).collect();
        assert!(given_up.iter().all(|tried| tried.fate != Fate::Open));
        let is_tried = |part| given_up.iter().any(|tried| tried.part == part);
        assert!(
            !(1..=asked.parts).all(is_tried),
            "{message:?} is begun anew though it may be whole on the air"
        );
        self.given_up += given_up.len() as u64;
        self.anews.insert(message, set + 1);
    }

    fn end(&mut self, ticket: Ticket, fate: Fate) {
        let ended = self.attempts[&ticket].clone();
        assert_eq!(ended.fate, Fate::Open, "an attempt has one outcome");
        let is_second = self
            .rivals(&ended)
            .any(|rival| matches!(rival.fate, Fate::Sent | Fate::Unknown));
        self.resent += u64::from(is_second && fate != Fate::NotSent);
        self.attempts.get_mut(&ticket).unwrap().fate = fate;
    }

    /// Attempts of the same set.
    fn set_of<'a>(&'a self, tried: &'a Tried) -> impl Iterator<Item = &'a Tried> {
        let same = |other: &&Tried| (other.message, other.set) == (tried.message, tried.set);
        self.attempts.values().filter(same)
    }

    /// Other attempts of the same part.
    fn rivals<'a>(&'a self, tried: &'a Tried) -> impl Iterator<Item = &'a Tried> {
        self.set_of(tried).filter(|other| other.part == tried.part)
    }

    fn check_start(&self, rig: &Rig, tried: &Tried) {
        let message = &self.messages[&tried.message];
        assert!(
            tried.at < message.expires,
            "started after its deadline: {tried:?}"
        );
        for rival in self.rivals(tried) {
            let may = rival.fate == Fate::NotSent
                || (rival.fate == Fate::Unknown && message.in_doubt == InDoubt::Resend);
            assert!(may, "sent again though {rival:?}");
        }
        let is_long = message.parts > 1;
        for other in self
            .set_of(tried)
            .filter(|other| is_long && other.fate != Fate::NotSent)
        {
            assert_eq!(other.sim, tried.sim, "a message goes through one SIM");
            assert_eq!(
                other.reference, tried.reference,
                "a message has one reference"
            );
        }
        for part in 1..tried.part {
            let mut of_part = self.set_of(tried).filter(|other| other.part == part);
            assert!(
                of_part.any(|other| other.fate == Fate::Sent),
                "part {part} is not sent before {tried:?}"
            );
        }
        self.check_budget(rig, tried);
    }

    fn check_budget(&self, rig: &Rig, tried: &Tried) {
        let budget = &rig.settings.sim(&tried.sim).budget;
        let on_sim = || {
            self.attempts
                .values()
                .filter(|other| other.sim == tried.sim)
        };
        for (period, limit) in Period::ALL.into_iter().zip(budget.limits) {
            let start_of = |at| period.bounds(&budget.calendar, at).0;
            let start = start_of(tried.at);
            let counts =
                |other: &&Tried| other.fate != Fate::NotSent && start_of(other.at) == start;
            let used = on_sim().filter(counts).count() + 1;
            // A budget that was lowered meanwhile may have been used up already, but nothing more starts then.
            assert!(
                limit.is_none_or(|limit| used <= limit as usize),
                "{period:?} budget {limit:?} of {tried:?}"
            );
        }
        let last = on_sim()
            .map(|other| other.at)
            .max()
            .filter(|last| self.since.is_some_and(|since| *last > since));
        let rested = last.is_none_or(|last| tried.at >= last.plus(budget.interval_min));
        assert!(rested, "{tried:?} follows {last:?} too closely");
    }

    /// No message that is not a code was begun in a turn that left a code waiting.
    fn check_urgency(&self, rig: &Rig, entries: &[Entry]) {
        let book = &rig.gateway.book;
        let code_waits = book.lanes().len(Class::Otp) > 0;
        if !code_waits || !rig.settings.routes.is_empty() {
            return;
        }
        let last_turn = rig.turn.entries.first().map_or(u64::MAX, |entry| entry.seq);
        for entry in entries.iter().filter(|entry| entry.seq >= last_turn) {
            let Record::Started {
                message, part: 1, ..
            } = &entry.record
            else {
                continue;
            };
            let others = self
                .attempts
                .iter()
                .filter(|(ticket, other)| other.message == *message && ticket.0 < entry.seq);
            let is_first = others
                .filter(|(_, other)| other.fate != Fate::NotSent)
                .count()
                == 0;
            let class = self.messages[message].class;
            assert!(
                !is_first || class == Class::Otp,
                "{class:?} goes before a code"
            );
        }
    }
}
