//! The judge: holds what the gateway believes (its durable records), what it says (answers, snapshots) and what is true
//! (the network's ledger) against each other and against the invariants of ARCHITECTURE.md.
//!
//! It shares no code with the gateway's decisions. `records` reads records one by one, `air` the ledger, `rungs` what lines
//! write; `limits`, `guards` and `shares` count for themselves what was declared; `ending` asks, when the troubles are over,
//! whether all has come to a good end.

mod air;
mod clock;
mod ending;
mod guards;
mod limits;
mod records;
mod rungs;
mod sets;
mod shares;

use std::collections::{BTreeMap, BTreeSet};

use gateway::{
    Answer, Class, Effect, EndReason, MessageId, MessageSeq, MessageState, Rotation, Route,
    Snapshot, UnixMs,
};
use modem::{Iccid, Ticket};

use super::Setup;
use super::options::Knob;
use super::plan::Probe;
use super::{EPOCH, site};

pub use air::Aired;
use guards::Guards;
use limits::Limits;
use rungs::Rungs;
use shares::Shares;

/// Nothing, or what is wrong.
pub(crate) type Checked = Result<(), String>;

/// What the judge knows.
#[derive(Debug)]
pub struct Judge {
    probes: Vec<Probe>,
    /// When the network's ledger began.
    epoch: UnixMs,
    /// How far the service centre's clock is ahead.
    skew_ms: i64,
    /// The one route there may be.
    route: Option<Route>,
    messages: BTreeMap<MessageSeq, Message>,
    by_id: BTreeMap<MessageId, MessageSeq>,
    by_key: BTreeMap<String, MessageSeq>,
    attempts: BTreeMap<Ticket, Tried>,
    /// By the message's number.
    tickets: Vec<Vec<Ticket>>,
    air: Vec<Aired>,
    /// Places in `air`, by the message's number.
    places: Vec<Vec<usize>>,
    reports: air::Reports,
    limits: Limits,
    guards: Guards,
    shares: Shares,
    rungs: Rungs,
    /// Codes that wait and could be sent, with the turn since which they do.
    waiting_codes: BTreeMap<MessageSeq, UnixMs>,
    /// Messages that have not ended.
    open: usize,
    /// Parts whose report was attributed, by message and part.
    reported: BTreeSet<(usize, u8)>,
    /// Messages whose acceptance was told to an app.
    promised: BTreeSet<MessageId>,
    /// What happened, for the summary.
    pub tally: Tally,
}

/// Counts of what a world met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Durable messages.
    pub accepted: u64,
    /// Parts on the air.
    pub aired: u64,
    /// Parts on the air again.
    pub doubled: u64,
    /// Attempts with a refusal.
    pub refused: u64,
    /// Attempts of unknown outcome.
    pub unknown: u64,
    /// Attempts that came back.
    pub returned: u64,
    /// Unknown outcomes that were resolved.
    pub resolved: u64,
    /// Reports that were attributed.
    pub reported: u64,
    /// Reports that fitted nothing at first.
    pub kept: u64,
    /// Kept reports that were given up.
    pub dropped: u64,
    /// Messages that ended as delivered.
    pub delivered: u64,
    /// Messages that ended as unconfirmed.
    pub unconfirmed: u64,
    /// Long messages that were begun anew.
    pub anews: u64,
    /// Parts that they left on the air, or perhaps.
    pub given_up: u64,
    /// Messages that a list, a flood guard or a send window kept out.
    pub guarded: u64,
    /// Messages that ended because a list came to exclude their recipient.
    pub barred: u64,
    /// Messages that began later than they were accepted, because they were to.
    pub scheduled: u64,
    /// Rungs that cost a line its session: the radio off and on, and resets.
    pub climbed: u64,
    /// Parts that were held against another app's share.
    pub shared: u64,
    /// Times that a limit of a SIM was used up to its last part or recipient, in the order of [`gateway::BUDGET_NAMES`].
    pub filled: [u64; 6],
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Tally) {
        self.accepted += other.accepted;
        self.aired += other.aired;
        self.doubled += other.doubled;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.returned += other.returned;
        self.resolved += other.resolved;
        self.reported += other.reported;
        self.kept += other.kept;
        self.dropped += other.dropped;
        self.delivered += other.delivered;
        self.unconfirmed += other.unconfirmed;
        self.anews += other.anews;
        self.given_up += other.given_up;
        self.guarded += other.guarded;
        self.barred += other.barred;
        self.scheduled += other.scheduled;
        self.climbed += other.climbed;
        self.shared += other.shared;
        for (mine, theirs) in self.filled.iter_mut().zip(other.filled) {
            *mine += theirs;
        }
    }
}

/// A message by its records.
#[derive(Clone, Debug)]
struct Message {
    number: usize,
    class: Class,
    parts: u8,
    /// How often it was begun anew.
    set: u8,
    report: bool,
    expires: UnixMs,
    not_before: UnixMs,
    end: Option<(MessageState, EndReason)>,
}

/// An attempt by its records.
#[derive(Clone, Debug)]
struct Tried {
    seq: MessageSeq,
    number: usize,
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
    /// Refused or returned: certainly not on the air.
    NotSent,
}

impl Judge {
    /// A judge who knows what apps will send, and what the operator has declared.
    pub fn new(setup: &Setup) -> Judge {
        let (probes, settings) = (&setup.probes, &setup.settings);
        Judge {
            tickets: vec![Vec::new(); probes.len()],
            places: vec![Vec::new(); probes.len()],
            probes: probes.clone(),
            epoch: EPOCH,
            skew_ms: i64::try_from(setup.options.value(Knob::SkewMs)).unwrap_or(0),
            route: settings.routes.first().cloned(),
            messages: BTreeMap::new(),
            by_id: BTreeMap::new(),
            by_key: BTreeMap::new(),
            attempts: BTreeMap::new(),
            air: Vec::new(),
            reports: air::Reports::default(),
            limits: Limits::new(settings),
            guards: Guards::new(settings, site::window_text(&setup.options)),
            shares: Shares::new(setup),
            rungs: Rungs::default(),
            waiting_codes: BTreeMap::new(),
            open: 0,
            reported: BTreeSet::new(),
            promised: BTreeSet::new(),
            tally: Tally::default(),
        }
    }

    /// An effect is about to leave: what justifies it has to be durable by now (invariant 2).
    ///
    /// # Errors
    /// When it is not.
    pub fn released(&mut self, effect: &Effect) -> Checked {
        match effect {
            Effect::Submit { submission, .. } => {
                let tried = self.attempts.get(&submission.ticket);
                demand(tried.is_some_and(|tried| tried.fate == Fate::Open), || {
                    format!(
                        "ticket {} is handed to a line without a durable record",
                        submission.ticket.0
                    )
                })
            }
            Effect::Reply {
                answer: Ok(Answer::Accepted { id, .. }),
                ..
            } => {
                self.promised.insert(*id);
                demand(self.by_id.contains_key(id), || {
                    format!("{id} is promised before it is durable")
                })
            }
            Effect::Reply {
                answer: Ok(Answer::Cancelled { id }),
                ..
            } => {
                let state = self.by_id.get(id).and_then(|seq| self.messages[seq].end);
                demand(
                    state == Some((MessageState::Cancelled, EndReason::Cancelled)),
                    || format!("{id} is told to be cancelled and its records say {state:?}"),
                )
            }
            Effect::Reply { .. } | Effect::Recall { .. } | Effect::Pin { .. } => Ok(()),
            Effect::Engaged { .. }
            | Effect::GiveWay { .. }
            | Effect::CheckSim { .. }
            | Effect::Trust { .. }
            | Effect::Hub { .. } => Ok(()),
        }
    }

    /// Every message is somewhere, and the counters say how many there are (invariants 3 and 10).
    ///
    /// # Errors
    /// When the sum is wrong.
    pub fn snapshot(&self, seen: &Snapshot) -> Checked {
        let ended: u64 = seen.totals.ended.iter().sum();
        let sum = seen.queued + seen.sending + seen.in_doubt + seen.sent + ended;
        demand(seen.totals.accepted == sum, || {
            format!(
                "{} accepted and {sum} are somewhere: {seen:?}",
                seen.totals.accepted
            )
        })?;
        demand(seen.totals.accepted == self.tally.accepted, || {
            format!(
                "{} are counted as accepted, {} are durable",
                seen.totals.accepted, self.tally.accepted
            )
        })?;
        let ends = self
            .messages
            .values()
            .filter(|message| message.end.is_some())
            .count() as u64;
        demand(ended == ends, || {
            format!("{ended} are counted as ended, {ends} have ended")
        })?;
        let resent = self.resent_in_doubt();
        demand(seen.totals.resent_in_doubt == resent, || {
            format!(
                "{} resends in doubt are counted, {resent} were made",
                seen.totals.resent_in_doubt
            )
        })?;
        let (counted, given_up) = (seen.totals.given_up, self.tally.given_up);
        demand(counted == given_up, || {
            format!("{counted} parts are counted as given up, {given_up} were")
        })
    }

    /// After a turn: no message that is not a code was begun on a SIM for which a code waited (invariant 9), and apps
    /// and classes had their shares.
    ///
    /// # Errors
    /// When one was.
    pub fn turn(&mut self, now: UnixMs, started: &[Ticket]) -> Checked {
        self.tally.shared += self.shares.turn(now)?;
        let due = |(_, since): &(&MessageSeq, &UnixMs)| **since <= now;
        let waiting: Vec<MessageSeq> = self
            .waiting_codes
            .iter()
            .filter(due)
            .map(|(code, _)| *code)
            .take(CODES_ASKED)
            .collect();
        for ticket in started {
            let tried = &self.attempts[ticket];
            let class = self.messages[&tried.seq].class;
            if class == Class::Otp || !self.is_first(*ticket) {
                continue;
            }
            let passed_over = waiting
                .iter()
                .find(|code| self.could_take(tried, **code, now));
            demand(passed_over.is_none(), || {
                format!(
                    "{class:?} {} goes before the code {:?}",
                    tried.number,
                    passed_over.map(|code| self.messages[code].number)
                )
            })?;
        }
        Ok(())
    }

    /// Whether nothing of its message may have been on the air when this attempt began.
    fn is_first(&self, ticket: Ticket) -> bool {
        self.tries(self.attempts[&ticket].number)
            .all(|(other, rival)| other >= ticket || rival.fate == Fate::NotSent)
    }

    /// Whether the SIM of an attempt could have sent a code that waits.
    fn could_take(&self, tried: &Tried, code: MessageSeq, now: UnixMs) -> bool {
        let to = self.probes[self.messages[&code].number].to.as_str();
        let route = self.route.as_ref();
        let route = route.filter(|route| to.starts_with(&*route.prefixes[0]));
        let serves = route.is_none_or(|route| {
            // A code that keeps to its recipient's SIM may wait for it.
            route.rotation != Rotation::Sticky && route.sims.iccids.contains(&tried.sim)
        });
        serves && self.limits.may_reach(&tried.sim, to, now)
    }

    /// A process begins: what the last one kept in mind is gone.
    pub fn born(&mut self) {
        self.shares.begin_anew();
        self.rungs.begin_anew();
    }

    /// A line writes to its modem.
    ///
    /// # Errors
    /// When it restarts the modem more often than it may.
    pub fn wrote(&mut self, line: usize, bytes: &[u8], at: UnixMs) -> Checked {
        self.tally.climbed += self.rungs.wrote(line, bytes, at)?;
        Ok(())
    }

    /// Messages that have not ended.
    pub fn open(&self) -> usize {
        self.open
    }

    /// Whether a report of this part was attributed.
    pub fn is_reported(&self, aired: &Aired) -> bool {
        self.reported.contains(&(aired.number, aired.part))
    }

    /// Whether nobody waits for a report of the part: its message ended in doubt, as its policy wants it, or was begun
    /// anew.
    pub fn is_given_up(&self, aired: &Aired) -> bool {
        let mut messages = self.messages.values();
        let Some(message) = messages.find(|message| message.number == aired.number) else {
            return false;
        };
        let is_of = |set| {
            self.of_set(aired.number, set)
                .any(|own| std::ptr::eq(own, aired))
        };
        let in_doubt = message
            .end
            .is_some_and(|(_, reason)| reason == EndReason::InDoubt);
        in_doubt || (0..message.set).any(is_of)
    }

    /// Attempts of a message, in their order.
    fn tries(&self, number: usize) -> impl Iterator<Item = (Ticket, &Tried)> {
        self.tickets[number]
            .iter()
            .map(|ticket| (*ticket, &self.attempts[ticket]))
    }

    /// What is on the air of a message.
    fn on_air(&self, number: usize) -> impl Iterator<Item = &Aired> {
        self.places[number].iter().map(|place| &self.air[*place])
    }

    /// Parts that may be on the air more than once, by the records.
    fn resent_in_doubt(&self) -> u64 {
        let mut of_part: BTreeMap<(MessageSeq, u8, u8), u64> = BTreeMap::new();
        for tried in self.attempts.values() {
            if matches!(tried.fate, Fate::Sent | Fate::Unknown) {
                *of_part
                    .entry((tried.seq, tried.set, tried.part))
                    .or_default() += 1;
            }
        }
        of_part.values().map(|times| times - 1).sum()
    }
}

/// `Ok` if it holds.
pub(crate) fn demand(holds: bool, otherwise: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// The gateway asks so many messages of a lane whether a SIM takes them.
const CODES_ASKED: usize = 16;

#[cfg(test)]
mod tests;
