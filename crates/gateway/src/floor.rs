//! The volatile state: which SIM is in which line, what is with a line, who rests, and the fleet's pace.
//!
//! Rebuilt from the lines' events after a restart, and from what the book knows of SIMs that are sick, breakers that are
//! open and hubs that were reset. It decides nothing.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use modem::{Session, SimIdentity, Ticket};

use crate::book::{Book, RouteIdx, SimIdx};
use crate::breaker::Breaker;
use crate::budget::{Allowance, Strangers};
use crate::centre_clock::CentreClock;
use crate::evidence::Evidence;
use crate::hub::Hub;
use crate::line_breaker::LineBreaker;
use crate::pace::Pace;
use crate::past::Past;
use crate::record::Target;
use crate::report_rate::Reporting;
use crate::shares::Shares;
use crate::unheard::Unheard;
use crate::words::{Class, LineId, MessageSeq};
use crate::zones::ZoneIdx;

/// The volatile state.
#[derive(Debug)]
pub(crate) struct Floor {
    pub(crate) lines: BTreeMap<LineId, Line>,
    /// By [`SimIdx`].
    pub(crate) sims: Vec<FloorSim>,
    /// SIMs that can take a part now.
    pub(crate) idle: BTreeSet<SimIdx>,
    /// SIMs that are looked at again when their time comes: they have rested, or an hour or a budget begins or ends.
    pub(crate) due: BTreeSet<(Instant, SimIdx)>,
    /// Lines with an operator's dialogue, and whether it was told to give way to a code.
    pub(crate) engaged: BTreeMap<LineId, bool>,
    pub(crate) pace: Pace,
    /// By operator, as [`FloorSim::operator`] names it.
    pub(crate) breakers: BTreeMap<Box<str>, Breaker>,
    /// Hubs that a line is plugged into, by name.
    pub(crate) hubs: BTreeMap<Box<str>, Hub>,
    /// Of lines that have failed since a part last went through.
    pub(crate) line_breakers: BTreeMap<LineId, LineBreaker>,
    /// How often they opened.
    pub(crate) line_trips: u64,
    pub(crate) starts: u64,
    pub(crate) otp_seen: Option<Instant>,
    pub(crate) shares: Shares,
    /// Routes whose SIMs can't serve them in this turn, for codes or for all else, and the fall-backs whose SIMs do.
    pub(crate) fallbacks: BTreeMap<(bool, RouteIdx), RouteIdx>,
    /// The minute since 1970 for which `windows` holds.
    pub(crate) minute: i64,
    /// By [`Class::index`] and zone: whether the send window is open in this minute; `None`: the class has none.
    pub(crate) windows: [Option<Box<[bool]>>; 3],
    /// Whether messages wait that only their send window holds back.
    pub(crate) waits_for_window: bool,
    /// Whether the last turn left messages waiting though there were SIMs for them.
    pub(crate) is_cut_short: bool,
    pub(crate) disk_low: bool,
    pub(crate) stopping: bool,
    /// Reports that came again, or after their message had ended.
    pub(crate) past_reports: u64,
    /// Reports that fitted several parts when they came.
    pub(crate) unclear_reports: u64,
    /// What refusals and reports say of SIMs, recipients and operators.
    pub(crate) evidence: Evidence,
    /// How long a part takes on most SIMs, as of this turn.
    pub(crate) service_typical: Option<Duration>,
    /// Whether a free SIM has so little left that it depends on the message whether it takes it, as of this turn.
    pub(crate) is_choosy: bool,
    sent: VecDeque<(Instant, u64)>,
}

/// One serial port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) name: Box<str>,
    pub(crate) session: Option<(Session, SimIdx)>,
    /// Manufacturer and model of its modem, as far as it has told.
    pub(crate) modem: Box<str>,
    /// What it told of a SIM that is another line's: its session is given nothing.
    pub(crate) held: Option<Claim>,
}

/// A line says that it has a SIM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) session: Session,
    pub(crate) sim: SimIdx,
    pub(crate) identity: SimIdentity,
}

/// What is volatile about a SIM.
#[derive(Clone, Debug, Default)]
pub(crate) struct FloorSim {
    pub(crate) place: Option<(LineId, Session)>,
    pub(crate) imsi: Option<Box<str>>,
    /// The configured one, else country and network of the IMSI; empty while the SIM was in no line.
    pub(crate) operator: Box<str>,
    /// With its line now.
    pub(crate) in_flight: Option<InFlight>,
    /// Not to be used before.
    pub(crate) rests_until: Option<Instant>,
    pub(crate) refused_in_row: u16,
    /// An operator paused it or its line, as of when it was looked at last.
    pub(crate) paused: bool,
    /// Kept after each part while its network is congested.
    pub(crate) gap: Duration,
    /// How long a part takes on it, smoothed.
    pub(crate) service: Option<Duration>,
    /// Number of the last start.
    pub(crate) last_start: u64,
    /// Whether it belongs to a route, by position.
    pub(crate) routes: Box<[bool]>,
    /// What its budget lets it send, as of when it was looked at last.
    pub(crate) allowance: Allowance,
    /// Parts of its messages that have ended.
    pub(crate) past: Past,
    /// How many of its reports come, and how soon.
    pub(crate) reporting: Reporting,
    /// Whether its reports fail to come, as of this minute.
    pub(crate) unheard: Option<Unheard>,
    /// The clock of its service centre.
    pub(crate) clock: CentreClock,
    /// TP-MR of the last part that was sent on it; most modems count on from there.
    pub(crate) last_mr: Option<u8>,
    look_at: Option<Instant>,
}

/// One part that is with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InFlight {
    pub(crate) ticket: Ticket,
    pub(crate) message: MessageSeq,
    /// The line, wherever the SIM is by now.
    pub(crate) line: LineId,
    /// When the line could begin with it.
    pub(crate) since: Instant,
}

/// Whether a SIM can take a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Availability {
    /// As long as nothing is sent, until this time.
    Idle(Option<Instant>),
    /// Not before this time.
    Resting(Instant),
    /// Not before something else happens.
    Unavailable,
}

impl Floor {
    pub(crate) fn new(target_per_minute: u32) -> Floor {
        Floor {
            lines: BTreeMap::new(),
            sims: Vec::new(),
            idle: BTreeSet::new(),
            due: BTreeSet::new(),
            engaged: BTreeMap::new(),
            pace: Pace::new(target_per_minute),
            breakers: BTreeMap::new(),
            hubs: BTreeMap::new(),
            line_breakers: BTreeMap::new(),
            line_trips: 0,
            starts: 0,
            otp_seen: None,
            shares: Shares::new(),
            fallbacks: BTreeMap::new(),
            minute: 0,
            windows: [None, None, None],
            waits_for_window: false,
            is_cut_short: false,
            disk_low: false,
            stopping: false,
            past_reports: 0,
            unclear_reports: 0,
            evidence: Evidence::default(),
            service_typical: None,
            is_choosy: false,
            sent: VecDeque::new(),
        }
    }

    /// Works out what choices of a turn have in common.
    pub(crate) fn survey(&mut self, parts_max: u8) {
        let free = self.idle.iter().filter_map(|sim| self.sim(*sim));
        let mut allowances = free.map(|sim| &sim.allowance);
        self.is_choosy = allowances.any(|allowance| {
            let is_tight = allowance.room.others < u32::from(parts_max);
            is_tight || allowance.strangers != Strangers::All
        });
        let mut services: Vec<Duration> = self.sims.iter().filter_map(|sim| sim.service).collect();
        let middle = services.len().saturating_sub(1) / 2;
        self.service_typical = match services.is_empty() {
            true => None,
            false => Some(*services.select_nth_unstable(middle).1),
        };
    }

    pub(crate) fn sim(&self, sim: SimIdx) -> Option<&FloorSim> {
        self.sims.get(sim.0 as usize)
    }

    pub(crate) fn sim_mut(&mut self, sim: SimIdx) -> &mut FloorSim {
        let at = sim.0 as usize;
        if at >= self.sims.len() {
            self.sims.resize_with(at + 1, FloorSim::default);
        }
        &mut self.sims[at]
    }

    /// The route whose SIMs serve a route in this turn.
    pub(crate) fn serving(&self, class: Class, route: RouteIdx) -> RouteIdx {
        let wanted = (class == Class::Otp, route);
        self.fallbacks.get(&wanted).copied().unwrap_or(route)
    }

    /// Whether a message of a class may be sent in this minute to a recipient in a zone.
    pub(crate) fn is_open(&self, class: Class, zone: ZoneIdx) -> bool {
        let windows = self.windows[class.index()].as_ref();
        windows.is_none_or(|zones| zones.get(zone.index()).copied().unwrap_or(true))
    }

    /// Notes whether a SIM can take a part.
    pub(crate) fn note(&mut self, sim: SimIdx, availability: Availability) {
        if let Some(at) = self.sim_mut(sim).look_at.take() {
            self.due.remove(&(at, sim));
        }
        match availability {
            Availability::Idle(until) => {
                self.idle.insert(sim);
                if let Some(until) = until {
                    self.look_again(until, sim);
                }
            }
            Availability::Resting(at) => {
                self.idle.remove(&sim);
                self.look_again(at, sim);
            }
            Availability::Unavailable => {
                self.idle.remove(&sim);
            }
        }
    }

    /// SIMs whose rest is over, or whose budget is another by now.
    pub(crate) fn due(&self, now: Instant) -> Vec<SimIdx> {
        self.due
            .iter()
            .take_while(|(at, _)| *at <= now)
            .map(|(_, sim)| *sim)
            .collect()
    }

    fn look_again(&mut self, at: Instant, sim: SimIdx) {
        self.due.insert((at, sim));
        self.sim_mut(sim).look_at = Some(at);
    }

    /// The line that is meant, or that the SIM is in that is.
    pub(crate) fn line_of(&self, book: &Book, target: &Target) -> Option<LineId> {
        match target {
            Target::Line(name) => {
                let mut lines = self.lines.iter();
                let found = lines.find(|(_, line)| line.name == *name);
                found.map(|(id, _)| *id)
            }
            Target::Sim(iccid) => {
                let sim = self.sim(book.sim_by_iccid(iccid)?)?;
                sim.place.map(|(line, _)| line)
            }
        }
    }

    /// Whether the line that a SIM is in has to prove itself.
    pub(crate) fn is_line_on_trial(&self, sim: &FloorSim) -> bool {
        let breaker = sim
            .place
            .and_then(|(line, _)| self.line_breakers.get(&line));
        breaker.is_some_and(LineBreaker::is_tripped)
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.sims
            .iter()
            .filter(|sim| sim.in_flight.is_some())
            .count()
    }

    /// How long a part takes on the SIMs that have sent one, on average.
    pub(crate) fn service_mean(&self) -> Option<Duration> {
        let measured = self.sims.iter().filter_map(|sim| sim.service);
        let (count, total) = measured.fold((0u32, Duration::ZERO), |(count, total), service| {
            (count + 1, total + service)
        });
        total.checked_div(count)
    }

    /// Counts a part as sent, for the rate of the last minute.
    pub(crate) fn count_sent(&mut self, now: Instant) {
        match self.sent.back_mut() {
            Some((since, count)) if now.saturating_duration_since(*since) < RATE_BUCKET => {
                *count += 1
            }
            Some(_) | None => self.sent.push_back((now, 1)),
        }
        if self.sent.len() > RATE_BUCKETS_MAX {
            self.sent.pop_front();
        }
    }

    /// Parts sent in the minute before `now`.
    pub(crate) fn sent_last_minute(&self, now: Instant) -> u64 {
        let recent = self
            .sent
            .iter()
            .filter(|(since, _)| now.saturating_duration_since(*since) < RATE_SPAN);
        recent.map(|(_, count)| count).sum()
    }
}

impl FloorSim {
    /// Whether it may serve a route; one past the last are messages that no route fits, and every SIM serves them.
    pub(crate) fn serves(&self, route: RouteIdx) -> bool {
        let at = usize::from(route.0);
        self.routes.get(at).copied().unwrap_or(true)
    }

    /// The part has left its line again.
    pub(crate) fn land(&mut self, ticket: Ticket) -> Option<InFlight> {
        self.in_flight.take_if(|flight| flight.ticket == ticket)
    }

    /// Learns how long a part takes.
    pub(crate) fn learn(&mut self, took: Duration) {
        self.service = Some(self.service.map_or(took, |known| (known * 7 + took) / 8));
    }
}

/// Places of a line's send queue: for the part of its SIM, and at a swap for one of the SIM before, which comes back. A SIM
/// is given one part at a time: a second one would save a turn of milliseconds beside seconds on the radio, could not be
/// overtaken by a code any more, and would be in doubt too when the daemon is killed.
pub const SEND_QUEUE_DEPTH: usize = 2;
const RATE_BUCKET: Duration = Duration::from_secs(1);
const RATE_SPAN: Duration = Duration::from_secs(60);
/// One more than a minute holds.
const RATE_BUCKETS_MAX: usize = 61;
