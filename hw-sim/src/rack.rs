//! Modems and the network wired together: one machine for a whole fleet, without ports or clocks.
//!
//! It routes what modems and network say to each other until nobody speaks, and knows which modem is to be woken
//! when. Both the pseudo-terminal shell and the in-process driver are built on it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::faults::Faults;
use crate::ledger::LedgerEntry;
use crate::modem::{Effects, Input, ModemEvent, ModemSetup, SimModem};
use crate::network::{
    Inbound, Network, NetworkEffects, NetworkInput, NetworkSettings, NetworkTotals,
};
use crate::profile::ModemProfile;
use crate::sim::Sim;
use crate::timeline::{Event, Lines, Mend, Step, Timeline, Trouble};
use crate::view::{LineState, TroubleView, View};
use crate::wire::Wire;

/// Modems and a network.
#[derive(Debug)]
pub struct Rack {
    modems: Vec<SimModem>,
    network: Network,
    /// Between each modem and its host.
    wires: Vec<Wire>,
    timeline: Timeline,
    /// What goes wrong when no event says otherwise.
    faults: Faults,
    /// What goes wrong by chance at this moment.
    faults_now: Faults,
    /// Troubles that go on: which, how many lines, until when.
    going_on: Vec<(&'static str, usize, Instant)>,
    /// Deadlines of modems; an entry that no longer is its modem's deadline is skipped.
    wakes: BinaryHeap<Reverse<(Instant, usize)>>,
    /// Deadlines of wires; one that came too early finds nothing.
    wire_wakes: BinaryHeap<Reverse<(Instant, usize)>>,
    modem_effects: Effects,
    network_effects: NetworkEffects,
}

/// What a rack is like.
#[derive(Debug, Clone)]
pub struct RackSettings {
    /// How its network behaves.
    pub network: NetworkSettings,
    /// What happens to it, and when.
    pub events: Vec<Event>,
    /// Neighbouring lines on one USB hub.
    pub hub_lines: usize,
    /// Models of the modems, dealt out to the lines in turn; none is the standard model.
    pub profiles: Vec<Arc<ModemProfile>>,
}

impl From<NetworkSettings> for RackSettings {
    /// Nothing happens.
    fn from(network: NetworkSettings) -> RackSettings {
        RackSettings {
            network,
            events: Vec::new(),
            hub_lines: HUB_LINES,
            profiles: Vec::new(),
        }
    }
}

/// What happens to a rack.
#[derive(Debug)]
pub enum RackInput<'a> {
    /// Bytes from the host of a line.
    Host {
        /// Which line.
        line: usize,
        /// What was written.
        bytes: &'a [u8],
    },
    /// The host of a line closed the port, or the port is gone.
    HostGone {
        /// Which line.
        line: usize,
    },
    /// The modem of a line loses power and boots.
    Restart {
        /// Which line.
        line: usize,
    },
    /// Somebody sends a message to the SIM of a line.
    Inbound {
        /// Which line.
        line: usize,
        /// The message.
        message: &'a Inbound,
    },
    /// Something happens to the modem of a line or its SIM.
    Modem {
        /// Which line.
        line: usize,
        /// What happens.
        event: ModemEvent,
    },
    /// Faults change for modems and network.
    Faults(&'a Faults),
    /// Nothing goes wrong any more: no faults by chance, and no further events. What goes on ends when it was to end.
    Heal,
    /// Something happens to lines, as an event of a scenario would do.
    Trouble {
        /// Which lines.
        lines: &'a Lines,
        /// What.
        trouble: &'a Trouble,
        /// How long, for what lasts.
        lasts: Duration,
    },
    /// The deadline has come.
    Wake,
}

/// What a rack does. The caller owns the buffers, stores the ledger before it passes on any byte, and empties them.
#[derive(Debug, Default)]
pub struct RackEffects {
    /// Ledger entries, in order.
    pub ledger: Vec<LedgerEntry>,
    /// Bytes to hosts.
    pub host: Vec<u8>,
    /// Which line which of `host` goes to, in order.
    pub pieces: Vec<(usize, Range<usize>)>,
    /// Ports that vanish.
    pub unplugged: Vec<Unplugged>,
}

/// A port that vanishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unplugged {
    /// Which line.
    pub line: usize,
    /// For how long.
    pub down: Duration,
    /// Whether it comes back under another name.
    pub renamed: bool,
}

impl RackEffects {
    /// The bytes to hosts, piece by piece.
    pub fn host_pieces(&self) -> impl Iterator<Item = (usize, &[u8])> {
        self.pieces
            .iter()
            .map(|(line, range)| (*line, &self.host[range.clone()]))
    }

    fn note_piece(&mut self, line: usize, start: usize) {
        if self.host.len() > start {
            self.pieces.push((line, start..self.host.len()));
        }
    }

    /// Empties every buffer and keeps its room.
    pub fn clear(&mut self) {
        self.ledger.clear();
        self.host.clear();
        self.pieces.clear();
        self.unplugged.clear();
    }
}

impl Rack {
    /// As many modems as `lines`, each with its SIM, and their network.
    pub fn new(lines: usize, settings: impl Into<RackSettings>) -> Rack {
        let settings = settings.into();
        let NetworkSettings { country, seed, .. } = &settings.network;
        let sims = (0..lines).map(|line| {
            let mut sim = Sim::of_line(line, *seed);
            if let Some(operator) = country.operators.get(country.operator_of(line)) {
                sim.join(&operator.code);
            }
            sim
        });
        let sims = sims.collect();
        Rack::with_sims(sims, settings)
    }

    /// A modem for each of these SIMs.
    pub fn with_sims(sims: Vec<Sim>, settings: impl Into<RackSettings>) -> Rack {
        let RackSettings {
            network: settings,
            events,
            hub_lines,
            profiles,
        } = settings.into();
        let (seed, now) = (settings.seed, settings.started);
        let network = Network::new(settings.clone(), sims.iter());
        let standard = Arc::default();
        let modem = |(line, sim)| {
            let model = line % profiles.len().max(1);
            let setup = ModemSetup {
                line,
                sim,
                profile: Arc::clone(profiles.get(model).unwrap_or(&standard)),
                seed,
                faults: settings.faults.clone(),
            };
            SimModem::new(setup, now)
        };
        let lines = sims.len();
        let mut rack = Rack {
            modems: sims.into_iter().enumerate().map(modem).collect(),
            network,
            wires: (0..lines).map(|line| Wire::new(seed, line)).collect(),
            timeline: Timeline::new(
                now,
                events,
                (0..lines)
                    .map(|line| settings.country.operator_of(line))
                    .collect(),
                hub_lines,
                seed,
            ),
            faults_now: settings.faults.clone(),
            faults: settings.faults,
            going_on: Vec::new(),
            wakes: BinaryHeap::new(),
            wire_wakes: BinaryHeap::new(),
            modem_effects: Effects::default(),
            network_effects: NetworkEffects::default(),
        };
        for line in 0..rack.modems.len() {
            rack.arm(line);
        }
        rack
    }

    /// The modems, by line.
    pub fn modems(&self) -> &[SimModem] {
        &self.modems
    }

    /// The network's running totals.
    pub fn totals(&self) -> NetworkTotals {
        self.network.totals()
    }

    /// What happens at this moment; ports are not known here.
    pub fn view(&self, now: Instant) -> View {
        let state = |(modem, wire): (&SimModem, &Wire)| {
            if wire.is_mute(now) {
                LineState::Mute
            } else {
                modem.line_state()
            }
        };
        let troubles = self.going_on.iter().filter(|(.., until)| *until > now);
        View {
            line_states: self.modems.iter().zip(&self.wires).map(state).collect(),
            operators: self.network.operator_views(now),
            troubles: troubles
                .map(|(what, lines, until)| TroubleView {
                    what: (*what).to_owned(),
                    lines: *lines as u64,
                    left_s: (*until - now).as_secs_f64(),
                })
                .collect(),
            faults: self.faults_now.words(),
            reports_owed: self.network.reports_owed(),
        }
    }

    /// Takes one input. What is due by `now` happens first.
    pub fn step(&mut self, now: Instant, input: RackInput<'_>, out: &mut RackEffects) {
        self.fire(now, out);
        match input {
            RackInput::Host { line, bytes } => {
                if self.wires[line].takes(now) {
                    self.modem(now, line, Input::Host(bytes), out);
                }
            }
            RackInput::HostGone { line } => {
                self.wires[line].drop_late();
                self.modem(now, line, Input::HostGone, out);
            }
            RackInput::Restart { line } => self.modem(now, line, Input::Restart, out),
            RackInput::Inbound { line, message } => {
                self.network(now, NetworkInput::Inbound { line, message }, out);
            }
            RackInput::Modem { line, event } => self.modem(now, line, Input::Event(event), out),
            RackInput::Faults(faults) => {
                self.faults = faults.clone();
                self.set_faults(now, faults, out);
            }
            RackInput::Heal => {
                self.timeline.end_events();
                self.faults = Faults::default();
                self.set_faults(now, &Faults::default(), out);
            }
            RackInput::Trouble {
                lines,
                trouble,
                lasts,
            } => {
                let lines = self.timeline.select(lines);
                self.strike(now, &lines, trouble, now + lasts, out);
            }
            RackInput::Wake => {}
        }
    }

    /// When to be woken, and why.
    pub fn deadline(&self) -> Option<(Instant, &'static str)> {
        let modem = self.wakes.peek().map(|Reverse((at, line))| {
            // A stale entry only wakes the rack once for nothing.
            let reason = self.modems[*line]
                .deadline()
                .map_or("stale deadline", |(_, reason)| reason);
            (*at, reason)
        });
        let wire = self
            .wire_wakes
            .peek()
            .map(|Reverse((at, _))| (*at, "late bytes"));
        let event = self.timeline.deadline().map(|at| (at, "event"));
        modem
            .into_iter()
            .chain(self.network.deadline())
            .chain(wire)
            .chain(event)
            .min_by_key(|(at, _)| *at)
    }

    fn fire(&mut self, now: Instant, out: &mut RackEffects) {
        while let Some(Reverse((at, line))) =
            self.wakes.peek().copied().filter(|wake| wake.0.0 <= now)
        {
            self.wakes.pop();
            if self.modems[line]
                .deadline()
                .is_some_and(|(due, _)| due == at)
            {
                self.modem(now, line, Input::Wake, out);
            }
        }
        if self.network.deadline().is_some_and(|(at, _)| at <= now) {
            self.network(now, NetworkInput::Wake, out);
        }
        while let Some(Reverse((_, line))) = self
            .wire_wakes
            .peek()
            .copied()
            .filter(|wake| wake.0.0 <= now)
        {
            self.wire_wakes.pop();
            let start = out.host.len();
            self.wires[line].arrive(now, &mut out.host);
            out.note_piece(line, start);
            self.arm_wire(line);
        }
        while let Some(step) = self.timeline.take_due(now) {
            match step {
                Step::Strike {
                    lines,
                    trouble,
                    until,
                } => self.strike(now, &lines, &trouble, until, out),
                Step::Mend { line, mend } => self.mend(now, line, mend, out),
            }
        }
    }

    fn strike(
        &mut self,
        now: Instant,
        lines: &[usize],
        trouble: &Trouble,
        until: Instant,
        out: &mut RackEffects,
    ) {
        self.going_on.retain(|(.., until)| *until > now);
        if until > now {
            self.going_on.push((trouble.name(), lines.len(), until));
        }
        if let Trouble::Faults(faults) = trouble {
            self.timeline.mend_at(until, 0, Mend::RestoreFaults);
            return self.set_faults(now, faults, out);
        }
        if matches!(trouble, Trouble::SwapSims) {
            self.swap_sims(now, lines, until, out);
        }
        for line in lines.iter().copied() {
            self.strike_line(now, line, trouble, until, out);
            self.arm_wire(line);
        }
    }

    fn strike_line(
        &mut self,
        now: Instant,
        line: usize,
        trouble: &Trouble,
        until: Instant,
        out: &mut RackEffects,
    ) {
        let wire = &mut self.wires[line];
        let unplugged = |renamed| Unplugged {
            line,
            down: until.saturating_duration_since(now),
            renamed,
        };
        match trouble {
            Trouble::Unplug { renamed } => out.unplugged.push(unplugged(*renamed)),
            Trouble::Mute => wire.mute(until),
            Trouble::Late { by } => wire.delay(until, *by),
            Trouble::Cut { rate } => wire.cut(until, *rate),
            Trouble::Garble { rate } => wire.garble(until, *rate),
            Trouble::Flood { every } => wire.flood(now, until, *every),
            Trouble::Reboot => self.modem(now, line, Input::Restart, out),
            Trouble::PowerCut => {
                wire.mute(until);
                out.unplugged.push(unplugged(false));
                self.timeline.mend_at(until, line, Mend::PowerOn);
            }
            Trouble::PullSim => {
                self.timeline.mend_at(until, line, Mend::InsertCard);
                self.modem(now, line, Input::Event(ModemEvent::PullSim), out);
            }
            Trouble::FillStorage => self.modem(now, line, Input::Event(ModemEvent::FillStore), out),
            Trouble::LoseNetwork { denied } => {
                let stat = if *denied { DENIED } else { SEARCHING };
                self.network(now, NetworkInput::Uncover { line, stat, until }, out);
            }
            Trouble::Outage => {
                let operator = self.timeline.operator_of(line);
                self.network(now, NetworkInput::Outage { operator, until }, out);
            }
            Trouble::Bar => self.network(now, NetworkInput::Bar { line, until }, out),
            Trouble::Inbound { from, text, count } => {
                for reference in 0..*count {
                    // A scenario's texts were checked when it was read.
                    if let Ok(message) = Inbound::new(from, text, reference.to_be_bytes()[3]) {
                        let message = &message;
                        self.network(now, NetworkInput::Inbound { line, message }, out);
                    }
                }
            }
            Trouble::Call { from, rings } => {
                let (from, rings) = (from.clone(), *rings);
                let event = ModemEvent::Call { from, rings };
                self.modem(now, line, Input::Event(event), out);
            }
            Trouble::Broadcast { text } => {
                let event = ModemEvent::Broadcast {
                    message_id: BROADCAST_ID,
                    text: text.clone(),
                };
                self.modem(now, line, Input::Event(event), out);
            }
            Trouble::Ussd { text } => {
                let text = text.clone();
                let event = ModemEvent::NetworkText { text };
                self.modem(now, line, Input::Event(event), out);
            }
            Trouble::SwapSims | Trouble::Faults(_) => {}
        }
    }

    /// Each line gets the SIM of the next one, and has none until then.
    fn swap_sims(&mut self, now: Instant, lines: &[usize], until: Instant, out: &mut RackEffects) {
        let mut sims: Vec<Sim> = lines.iter().map(|line| self.modems[*line].card()).collect();
        let turn = sims.len().min(1);
        sims.rotate_left(turn);
        for (line, sim) in lines.iter().copied().zip(sims) {
            self.timeline.mend_at(until, line, Mend::InsertCard);
            let event = ModemEvent::ReplaceSim(Box::new(sim));
            self.modem(now, line, Input::Event(event), out);
        }
    }

    fn mend(&mut self, now: Instant, line: usize, mend: Mend, out: &mut RackEffects) {
        match mend {
            Mend::PowerOn => self.modem(now, line, Input::Restart, out),
            Mend::InsertCard => self.modem(now, line, Input::Event(ModemEvent::InsertSim), out),
            Mend::RestoreFaults => {
                let faults = self.faults.clone();
                self.set_faults(now, &faults, out);
            }
        }
    }

    fn set_faults(&mut self, now: Instant, faults: &Faults, out: &mut RackEffects) {
        self.faults_now = faults.clone();
        self.network(now, NetworkInput::Faults(faults), out);
        for line in 0..self.modems.len() {
            self.modem(now, line, Input::Faults(faults), out);
        }
    }

    fn network(&mut self, now: Instant, input: NetworkInput<'_>, out: &mut RackEffects) {
        self.network.step(now, input, &mut self.network_effects);
        self.converse(now, out);
    }

    fn modem(&mut self, now: Instant, line: usize, input: Input<'_>, out: &mut RackEffects) {
        self.modem_step(now, line, input, out);
        self.converse(now, out);
    }

    /// Passes messages from the network to modems, and their replies back, until nobody speaks.
    fn converse(&mut self, now: Instant, out: &mut RackEffects) {
        while let Some((line, downlink)) = self.network_effects.downlinks.pop_front() {
            out.ledger.append(&mut self.network_effects.ledger);
            self.modem_step(now, line, Input::Downlink(downlink), out);
        }
        out.ledger.append(&mut self.network_effects.ledger);
    }

    fn modem_step(&mut self, now: Instant, line: usize, input: Input<'_>, out: &mut RackEffects) {
        let before = self.modems[line].deadline();
        let effects = &mut self.modem_effects;
        self.modems[line].step(now, input, effects);
        if !effects.host.is_empty() {
            let start = out.host.len();
            let wire = &mut self.wires[line];
            if wire.is_calm() {
                out.host.append(&mut effects.host);
            } else {
                wire.carry(now, &mut effects.host, &mut out.host);
                if let Some(at) = wire.deadline() {
                    self.wire_wakes.push(Reverse((at, line)));
                }
            }
            out.note_piece(line, start);
        }
        if let Some(down) = effects.unplug.take() {
            out.unplugged.push(Unplugged {
                line,
                down,
                renamed: false,
            });
        }
        for uplink in effects.uplinks.drain(..) {
            self.network.step(
                now,
                NetworkInput::Uplink { line, uplink },
                &mut self.network_effects,
            );
        }
        if self.modems[line].deadline() != before {
            self.arm(line);
        }
    }

    fn arm_wire(&mut self, line: usize) {
        if let Some(at) = self.wires[line].deadline() {
            self.wire_wakes.push(Reverse((at, line)));
        }
    }

    fn arm(&mut self, line: usize) {
        if let Some((at, _)) = self.modems[line].deadline() {
            self.wakes.push(Reverse((at, line)));
        }
    }
}

/// Ports of a large USB hub.
pub const HUB_LINES: usize = 16;
/// Message identifier of a cell broadcast for the public (3GPP TS 23.041 §9.4.1.2.2).
const BROADCAST_ID: u16 = 50;
/// `<stat>` while a modem looks for a network (3GPP TS 27.007 §7.2).
const SEARCHING: u8 = 2;
/// `<stat>` when the network denies it.
const DENIED: u8 = 3;
