//! What is known of each line, for people and Prometheus: written by the lines' tasks, read by API and metrics.
//!
//! No decision hangs on it. The map's guards never leave this module.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use gateway::{LineId, UnixMs};
use modem::{Event, Iccid, LineState, ModemIdentity, Network, OwnNumber, Rung};

use crate::clock;
use crate::send_queue::SendQueue;
use crate::talk::Talk;
use crate::trace::Trace;

/// All lines by name.
#[derive(Default)]
pub(crate) struct Board {
    lines: DashMap<Box<str>, Entry>,
    /// What the network last said to each SIM by USSD though nobody had asked; it stays with the SIM.
    said: DashMap<Iccid, NetworkSaid>,
    totals: Totals,
}

/// What all lines did since the start, those that are gone included.
#[derive(Default)]
struct Totals {
    /// Climbs, in the order of [`Rung::ALL`].
    climbs: [AtomicU64; Rung::ALL.len()],
    calls: AtomicU64,
}

struct Entry {
    status: LineStatus,
    queue: Arc<SendQueue>,
    trace: Arc<Trace>,
}

/// One line as it is now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LineStatus {
    pub(crate) line: LineId,
    pub(crate) path: PathBuf,
    pub(crate) state: LineState,
    pub(crate) since: UnixMs,
    /// The last trouble of port or modem, for people; `None` once the line is ready.
    pub(crate) error: Option<Box<str>>,
    /// Whether nothing is at the path.
    pub(crate) missing: bool,
    /// What it is at, until it is ready or waits for something outside.
    pub(crate) step: Option<&'static str>,
    /// When its port is opened again.
    pub(crate) opens_at: Option<UnixMs>,
    /// What was done last to bring it back.
    pub(crate) climbed: Option<Climbed>,
    /// How often each rung was climbed, in the order of [`Rung::ALL`].
    pub(crate) climbs: [u64; Rung::ALL.len()],
    pub(crate) calls_rejected: u64,
    pub(crate) sim: Option<Iccid>,
    pub(crate) modem: Option<ModemIdentity>,
    /// `+CSQ`, 0 to 31.
    pub(crate) signal: Option<u8>,
    /// As the SIM tells it; empty if it does not.
    pub(crate) number: OwnNumber,
    pub(crate) network: Option<Network>,
    pub(crate) opens: u64,
    pub(crate) garbage_bytes: u64,
    /// The hub that it has its power from.
    pub(crate) hub: Option<Box<str>>,
}

/// Words of the network that nobody asked for.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct NetworkSaid {
    pub(crate) text: Box<str>,
    pub(crate) at: UnixMs,
}

/// A rung of the ladder that a line has climbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Climbed {
    pub(crate) rung: Rung,
    pub(crate) reason: &'static str,
    pub(crate) at: UnixMs,
}

impl Board {
    /// Enters a line that is not open yet.
    pub(crate) fn add(
        &self,
        name: &str,
        line: LineId,
        path: &Path,
        at: UnixMs,
        queue: Arc<SendQueue>,
    ) {
        let status = LineStatus {
            line,
            path: path.to_owned(),
            state: LineState::Closed,
            since: at,
            error: None,
            missing: false,
            step: None,
            opens_at: None,
            climbed: None,
            climbs: [0; Rung::ALL.len()],
            calls_rejected: 0,
            sim: None,
            modem: None,
            signal: None,
            number: OwnNumber::default(),
            network: None,
            opens: 0,
            garbage_bytes: 0,
            hub: None,
        };
        let trace = Arc::default();
        let entry = Entry {
            status,
            queue,
            trace,
        };
        self.lines.insert(name.into(), entry);
    }

    /// Forgets a line, unless another one has taken its name.
    pub(crate) fn remove(&self, name: &str, line: LineId) {
        self.lines
            .remove_if(name, |_, entry| entry.status.line == line);
    }

    /// Changes what is known of a line; nothing happens if it is gone.
    pub(crate) fn update(&self, name: &str, change: impl FnOnce(&mut LineStatus)) {
        if let Some(mut entry) = self.lines.get_mut(name) {
            change(&mut entry.status);
        }
    }

    pub(crate) fn status(&self, name: &str) -> Option<LineStatus> {
        self.lines.get(name).map(|entry| entry.status.clone())
    }

    /// All lines, by name.
    pub(crate) fn all(&self) -> Vec<(Box<str>, LineStatus)> {
        let each = self
            .lines
            .iter()
            .map(|entry| (entry.key().clone(), entry.status.clone()));
        let mut all: Vec<_> = each.collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Notes what the network said to the SIM of a line; nothing if the line has none.
    pub(crate) fn network_said(&self, name: &str, said: NetworkSaid) {
        let Some(sim) = self.status(name).and_then(|status| status.sim) else {
            return;
        };
        if self.said.len() >= SAID_MAX && !self.said.contains_key(&sim) {
            let oldest = self.said.iter().min_by_key(|entry| entry.at);
            let oldest = oldest.map(|entry| entry.key().clone());
            oldest.map(|oldest| self.said.remove(&oldest));
        }
        self.said.insert(sim, said);
    }

    /// What the network last said to a SIM though nobody had asked.
    pub(crate) fn said_to(&self, sim: &Iccid) -> Option<NetworkSaid> {
        self.said.get(sim).map(|entry| entry.clone())
    }

    /// Asks something of a line; gives it back if there is none, or if others have asked already.
    pub(crate) fn talk(&self, name: &str, talk: Talk) -> Result<(), Talk> {
        let queue = self.lines.get(name).map(|entry| Arc::clone(&entry.queue));
        match queue {
            Some(queue) => queue.push_talk(talk),
            None => Err(talk),
        }
    }

    /// The recorder of a line.
    pub(crate) fn trace(&self, name: &str) -> Option<Arc<Trace>> {
        self.lines.get(name).map(|entry| Arc::clone(&entry.trace))
    }

    /// Wants a line's modem brought back by this rung. False if there is no such line.
    pub(crate) fn reset(&self, name: &str, rung: Rung) -> bool {
        let queue = self.lines.get(name).map(|entry| Arc::clone(&entry.queue));
        queue.inspect(|queue| queue.ask_reset(rung)).is_some()
    }

    /// The power of these lines was cut, by their owner: whoever waits with its port closed need not wait any more.
    pub(crate) fn power_was_cut(&self, is_there: impl Fn(&Path) -> bool) {
        let event = Event::Climbed {
            rung: Rung::Power,
            reason: "its hub was reset",
        };
        let at = clock::wall();
        for mut entry in self.lines.iter_mut() {
            if !is_there(&entry.status.path) {
                continue;
            }
            entry.status.note(at, &event, None);
            self.count(&event);
            if entry.status.state == LineState::Closed {
                entry.queue.tell_port_is_back();
            }
        }
    }

    /// Counts what a line tells, for all lines together.
    pub(crate) fn count(&self, event: &Event) {
        if let Event::Climbed { rung, .. } = event
            && let Some(at) = Rung::ALL.iter().position(|known| known == rung)
        {
            self.totals.climbs[at].fetch_add(1, Ordering::Relaxed);
        }
        if *event == Event::CallRejected {
            self.totals.calls.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often all lines climbed each rung since the start.
    pub(crate) fn climbs(&self) -> [(Rung, u64); Rung::ALL.len()] {
        let mut climbs = Rung::ALL.map(|rung| (rung, 0));
        for ((_, climbed), total) in climbs.iter_mut().zip(&self.totals.climbs) {
            *climbed = total.load(Ordering::Relaxed);
        }
        climbs
    }

    /// Calls that all lines rejected since the start.
    pub(crate) fn calls_rejected(&self) -> u64 {
        self.totals.calls.load(Ordering::Relaxed)
    }
}

impl LineStatus {
    /// Notes what a line tells; `reason` is the line's own word on why it is not ready.
    pub(crate) fn note(&mut self, at: UnixMs, event: &Event, reason: Option<&'static str>) {
        match event {
            Event::State(state) => self.enter(at, *state, reason),
            Event::Ready { sim, modem, .. } => {
                self.sim = Some(sim.iccid.clone());
                self.number = sim.number.clone();
                self.modem = Some(modem.clone());
                self.error = None;
            }
            Event::Down { reason: down, .. } => {
                self.forget_sim();
                self.error = Some(reason.unwrap_or(down.as_str()).into());
            }
            Event::Signal(signal) => self.signal = *signal,
            Event::Network(network) => self.network = Some(network.clone()),
            Event::Garbage { bytes } => self.garbage_bytes += u64::try_from(*bytes).unwrap_or(0),
            Event::Climbed { rung, reason } => {
                self.climbed = Some(Climbed {
                    rung: *rung,
                    reason,
                    at,
                });
                let place = Rung::ALL.iter().position(|known| known == rung);
                if let Some(count) = place.and_then(|place| self.climbs.get_mut(place)) {
                    *count += 1;
                }
            }
            Event::CallRejected => self.calls_rejected += 1,
            Event::Finished { .. }
            | Event::Returned { .. }
            | Event::Resolved { .. }
            | Event::Report(_)
            | Event::PinWanted { .. }
            | Event::Ussd(_)
            | Event::Manual(_)
            | Event::Inbound(_) => {}
        }
    }

    /// Notes that the port is closed.
    pub(crate) fn enter_closed(&mut self, at: UnixMs, error: Option<&str>) {
        self.enter(at, LineState::Closed, None);
        self.forget_sim();
        if let Some(error) = error {
            self.error = Some(error.into());
        }
    }

    fn forget_sim(&mut self) {
        self.sim = None;
        self.signal = None;
        self.number = OwnNumber::default();
        self.network = None;
    }

    fn enter(&mut self, at: UnixMs, state: LineState, reason: Option<&'static str>) {
        if self.state != state {
            self.state = state;
            self.since = at;
        }
        self.step = reason.filter(|_| state == LineState::Initialising);
        self.opens_at = None;
        match state {
            LineState::Ready => self.error = None,
            LineState::NoSim
            | LineState::NoNetwork
            | LineState::Recovering
            | LineState::OutOfService => {
                if let Some(reason) = reason {
                    self.error = Some(reason.into());
                }
            }
            LineState::Closed | LineState::Initialising | LineState::Sending => {}
        }
    }
}

impl std::fmt::Debug for NetworkSaid {
    /// A balance and a number are nobody else's business.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NetworkSaid(<{} characters>)", self.text.chars().count())
    }
}

/// SIMs whose last words are kept: eight for each of 512 lines, and a megabyte at most.
const SAID_MAX: usize = 4096;

#[cfg(test)]
mod tests;
