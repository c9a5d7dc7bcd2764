//! The durable state: every message that has not ended, every SIM's counters, every kept report.
//!
//! [`Book::apply`] is the only way in, for live records and for replayed ones. Beside the state itself the book keeps
//! indices over it (lanes, timers, tickets): they hold nothing that the state does not say. It decides nothing, and it
//! knows no lines, no queues and no monotonic time.

mod anew;
mod apply;
mod apps;
mod brief;
mod digest;
mod lanes;
mod live;
mod place;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use modem::{Iccid, Ticket};
use sms::Address;

use crate::breaker::{BreakerOf, Trip};
use crate::budget::Spent;
use crate::quarantine::Quarantine;
use crate::record::{Control, Report, Target, Totals, Usage, Warning};
use crate::settings::{Route, Settings};
use crate::words::{Class, MessageSeq, MessageState, UnixMs};
use crate::zones::Zones;

pub use apps::DECLARED_MAX as APPS_MAX;

pub(crate) use apps::{AppIdx, Apps};
pub(crate) use brief::{Brief, Recipient};
pub(crate) use lanes::{Head, LaneKey, Lanes};
pub(crate) use live::{Attempt, Live, Part, Phase, Span};
use place::Place;

/// Position of a SIM in the book; never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SimIdx(pub(crate) u32);

/// Position of a route in the settings; one past the last is the route of messages that no route fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RouteIdx(pub(crate) u16);

impl RouteIdx {
    pub(crate) const FIRST: RouteIdx = RouteIdx(0);
    pub(crate) const LAST: RouteIdx = RouteIdx(u16::MAX);
}

/// The durable state and its indices.
#[derive(Debug)]
pub(crate) struct Book {
    messages: BTreeMap<MessageSeq, Box<Live>>,
    attempts: BTreeMap<Ticket, Attempt>,
    sims: Vec<Sim>,
    sim_index: BTreeMap<Iccid, SimIdx>,
    kept: BTreeMap<u64, KeptReport>,
    controls: BTreeMap<Target, (Control, Option<Box<str>>)>,
    /// PINs that were ever given to SIMs, by their fingerprints.
    pins: BTreeSet<(Iccid, u64)>,
    /// Recipients that nothing is sent to, in canonical form.
    suppressed: BTreeSet<Box<str>>,
    /// Breakers that are not closed.
    trips: BTreeMap<BreakerOf, Trip>,
    /// The last resets of each hub, the oldest first.
    resets: BTreeMap<Box<str>, Vec<Reset>>,
    totals: Totals,
    counts: [u64; MessageState::ALL.len()],
    last_seq: u64,
    routes: Vec<Route>,
    apps: Apps,
    zones: Arc<Zones>,
    /// By [`Class::index`]: whether it has a send window.
    has_window: [bool; Class::ALL.len()],

    // Indices.
    numbered: BTreeMap<(SimIdx, u8), Vec<Ticket>>,
    open: BTreeSet<(SimIdx, Ticket)>,
    doubtful: BTreeSet<(SimIdx, Ticket)>,
    lanes: Lanes,
    waiting: [u64; Class::ALL.len()],
    later: [u64; Class::ALL.len()],
    bound: BTreeSet<(SimIdx, MessageSeq)>,
    timers: BTreeSet<(UnixMs, MessageSeq)>,
    clock: UnixMs,
}

/// A SIM that was ever seen.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sim {
    pub(crate) iccid: Iccid,
    /// Stands for the card in hashes.
    pub(crate) mark: u64,
    pub(crate) usage: Usage,
    /// When its counters changed last; no part was started on it later.
    pub(crate) used: UnixMs,
    /// Parts to each recipient in the last month in which there were any, by [`brief::Recipient::mark`]; empty unless its
    /// recipients are limited.
    pub(crate) recipients: BTreeMap<u64, u32>,
    /// The last warning of each limit, by its name.
    pub(crate) warnings: BTreeMap<&'static str, Warning>,
    /// Why it is taken out, if it is.
    pub(crate) quarantine: Option<Quarantine>,
}

/// A reset of a hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reset {
    pub(crate) at: UnixMs,
    /// Resets since a line last came up, this one included.
    pub(crate) in_vain: u16,
}

/// A report that fits no attempt yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeptReport {
    pub(crate) sim: SimIdx,
    pub(crate) mr: u8,
    pub(crate) recipient: Address,
    pub(crate) report: Report,
    pub(crate) since: UnixMs,
}

impl Sim {
    /// What its limits count.
    pub(crate) fn spent(&self) -> Spent<'_> {
        Spent {
            usage: &self.usage,
            recipients: u32::try_from(self.recipients.len()).unwrap_or(u32::MAX),
        }
    }

    /// Parts to one recipient.
    pub(crate) fn parts_to(&self, mark: u64) -> u32 {
        self.recipients.get(&mark).copied().unwrap_or(0)
    }
}

impl Book {
    pub(crate) fn new(settings: &Settings) -> Book {
        Book {
            messages: BTreeMap::new(),
            attempts: BTreeMap::new(),
            sims: Vec::new(),
            sim_index: BTreeMap::new(),
            kept: BTreeMap::new(),
            controls: BTreeMap::new(),
            pins: BTreeSet::new(),
            suppressed: BTreeSet::new(),
            trips: BTreeMap::new(),
            resets: BTreeMap::new(),
            totals: Totals::default(),
            counts: [0; MessageState::ALL.len()],
            last_seq: 0,
            routes: settings.routes.clone(),
            apps: Apps::new(settings.apps.keys().map(Box::as_ref)),
            zones: Arc::clone(&settings.zones),
            has_window: settings.has_window(),
            numbered: BTreeMap::new(),
            open: BTreeSet::new(),
            doubtful: BTreeSet::new(),
            lanes: Lanes::default(),
            waiting: [0; Class::ALL.len()],
            later: [0; Class::ALL.len()],
            bound: BTreeSet::new(),
            timers: BTreeSet::new(),
            clock: UnixMs::default(),
        }
    }

    pub(crate) fn message(&self, seq: MessageSeq) -> Option<&Live> {
        self.messages.get(&seq).map(Box::as_ref)
    }

    /// Whether this PIN was ever given to this SIM.
    pub(crate) fn is_pin_tried(&self, sim: &Iccid, fingerprint: u64) -> bool {
        self.pins.contains(&(sim.clone(), fingerprint))
    }

    /// Whether a recipient is on the suppression list.
    pub(crate) fn is_suppressed(&self, recipient: &str) -> bool {
        self.suppressed.contains(recipient)
    }

    /// How many recipients are on the suppression list.
    pub(crate) fn suppressed(&self) -> usize {
        self.suppressed.len()
    }

    pub(crate) fn attempt(&self, ticket: Ticket) -> Option<&Attempt> {
        self.attempts.get(&ticket)
    }

    pub(crate) fn sim(&self, sim: SimIdx) -> &Sim {
        &self.sims[sim.0 as usize]
    }

    pub(crate) fn sims(&self) -> impl Iterator<Item = (SimIdx, &Sim)> {
        (0u32..).map(SimIdx).zip(&self.sims)
    }

    pub(crate) fn sim_by_iccid(&self, iccid: &Iccid) -> Option<SimIdx> {
        self.sim_index.get(iccid).copied()
    }

    /// Sent attempts on a SIM under one TP-MR, in the order of their answers.
    pub(crate) fn numbered(&self, sim: SimIdx, mr: u8) -> impl Iterator<Item = (Ticket, &Attempt)> {
        let tickets = self.numbered.get(&(sim, mr)).into_iter().flatten();
        tickets.filter_map(|ticket| Some((*ticket, self.attempts.get(ticket)?)))
    }

    /// Attempts on a SIM that have no outcome yet.
    pub(crate) fn open_on(&self, sim: SimIdx) -> impl Iterator<Item = (Ticket, &Attempt)> {
        self.tickets_on(&self.open, sim)
    }

    /// Attempts on a SIM whose outcome is unknown.
    pub(crate) fn doubtful_on(&self, sim: SimIdx) -> impl Iterator<Item = (Ticket, &Attempt)> {
        self.tickets_on(&self.doubtful, sim)
    }

    /// Attempts of a message that are open, sent or in doubt.
    pub(crate) fn attempts_of(&self, live: &Live) -> impl Iterator<Item = (Ticket, &Attempt)> {
        let attempt = |ticket: &Ticket| Some((*ticket, self.attempts.get(ticket)?));
        live.tickets.iter().filter_map(attempt)
    }

    /// Whether a part of a message is, or may be, on the air, and the others belong to it.
    pub(crate) fn is_begun(&self, live: &Live) -> bool {
        self.attempts_of(live)
            .any(|(_, attempt)| attempt.phase != Phase::Open)
    }

    /// Whether a part of a message is, or may be, on the air, be it in vain.
    pub(crate) fn is_on_air(&self, live: &Live) -> bool {
        live.anews > 0 || self.is_begun(live)
    }

    /// Whether an attempt of unknown outcome is unresolved, even if its part is sent again.
    pub(crate) fn is_in_doubt(&self, live: &Live) -> bool {
        self.attempts_of(live)
            .any(|(_, attempt)| attempt.is_in_doubt())
    }

    /// Other attempts of the same part: there are some only after a resend in doubt.
    pub(crate) fn rivals(&self, ticket: Ticket) -> impl Iterator<Item = &Attempt> {
        let attempt = self.attempts.get(&ticket);
        let live = attempt.and_then(|attempt| self.messages.get(&attempt.message));
        let of_message = live.into_iter().flat_map(|live| self.attempts_of(live));
        of_message.filter_map(move |(other, rival)| {
            (other != ticket && Some(rival.part) == attempt.map(|attempt| attempt.part))
                .then_some(rival)
        })
    }

    /// All attempts without an outcome, in their order.
    pub(crate) fn open_tickets(&self) -> Vec<Ticket> {
        let mut tickets: Vec<Ticket> = self.open.iter().map(|(_, ticket)| *ticket).collect();
        tickets.sort_unstable();
        tickets
    }

    pub(crate) fn kept(&self) -> impl Iterator<Item = (u64, &KeptReport)> {
        self.kept.iter().map(|(seq, kept)| (*seq, kept))
    }

    pub(crate) fn kept_len(&self) -> usize {
        self.kept.len()
    }

    pub(crate) fn control(&self, target: &Target) -> Control {
        self.controls
            .get(target)
            .map_or(Control::Active, |(control, _)| *control)
    }

    pub(crate) fn has_controls(&self) -> bool {
        !self.controls.is_empty()
    }

    pub(crate) fn controls(&self) -> impl Iterator<Item = (&Target, Control, Option<&str>)> {
        self.controls
            .iter()
            .map(|(target, (control, reason))| (target, *control, reason.as_deref()))
    }

    /// What is known of a breaker; `None`: it is closed.
    pub(crate) fn trip(&self, breaker: &BreakerOf) -> Option<&Trip> {
        self.trips.get(breaker)
    }

    pub(crate) fn trips(&self) -> impl Iterator<Item = (&BreakerOf, &Trip)> {
        self.trips.iter()
    }

    /// The resets of a hub within [`crate::hub::LIMIT_SPAN`] of its last one, the oldest first.
    pub(crate) fn resets(&self, hub: &str) -> &[Reset] {
        self.resets.get(hub).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }

    /// Messages that have not ended, in a state.
    pub(crate) fn count(&self, state: MessageState) -> u64 {
        self.counts[state.index()]
    }

    /// Messages that are not done with: those on the air that only wait for a report do not count.
    pub(crate) fn unsent(&self) -> u64 {
        [
            MessageState::Queued,
            MessageState::Sending,
            MessageState::InDoubt,
        ]
        .map(|state| self.count(state))
        .iter()
        .sum()
    }

    /// Queued messages of a class, those in back-off included.
    pub(crate) fn waiting(&self, class: Class) -> u64 {
        self.waiting[class.index()]
    }

    /// Of the waiting messages of a class, those that wait for a time: the one asked for, or the end of their back-off.
    pub(crate) fn later(&self, class: Class) -> u64 {
        self.later[class.index()]
    }

    /// Messages that could be sent now.
    pub(crate) fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// The app whose lanes a message waits in, as it calls itself; empty for those that share a lane.
    pub(crate) fn app_name(&self, app: AppIdx) -> &str {
        self.apps.name(app)
    }

    /// SIMs that messages wait for because their other parts went through them, in their order.
    pub(crate) fn bound_sims(&self) -> impl Iterator<Item = SimIdx> {
        let first = self.bound.first().map(|(sim, _)| *sim);
        std::iter::successors(first, |sim| {
            let after = (SimIdx(sim.0 + 1), MessageSeq(0))..;
            self.bound.range(after).next().map(|(sim, _)| *sim)
        })
    }

    /// Messages that wait for just this SIM, the oldest first.
    pub(crate) fn bound_on(&self, sim: SimIdx) -> impl Iterator<Item = MessageSeq> {
        let on_sim = (sim, MessageSeq(0))..=(sim, MessageSeq(u64::MAX));
        self.bound.range(on_sim).map(|(_, seq)| *seq)
    }

    /// When the next message wants attention because of the time.
    pub(crate) fn next_timer(&self) -> Option<UnixMs> {
        self.timers.first().map(|(at, _)| *at)
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.last_seq
    }

    pub(crate) fn skip_to(&mut self, seq: u64) {
        self.last_seq = self.last_seq.max(seq);
    }

    fn tickets_on<'a>(
        &'a self,
        index: &'a BTreeSet<(SimIdx, Ticket)>,
        sim: SimIdx,
    ) -> impl Iterator<Item = (Ticket, &'a Attempt)> {
        let tickets = index.range((sim, Ticket(0))..=(sim, Ticket(u64::MAX)));
        tickets.filter_map(|(_, ticket)| Some((*ticket, self.attempts.get(ticket)?)))
    }
}
