//! Modems and the network wired together: one machine for a whole fleet, without ports or clocks.
//!
//! It routes what modems and network say to each other until nobody speaks, and knows which modem is to be woken
//! when. Both the pseudo-terminal shell and the in-process driver are built on it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;
use std::time::{Duration, Instant};

use crate::faults::Faults;
use crate::ledger::LedgerEntry;
use crate::modem::{Effects, Input, SimModem};
use crate::network::{
    Inbound, Network, NetworkEffects, NetworkInput, NetworkSettings, NetworkTotals,
};
use crate::sim::Sim;

/// Modems and a network.
#[derive(Debug)]
pub struct Rack {
    modems: Vec<SimModem>,
    network: Network,
    /// Deadlines of modems; an entry that no longer is its modem's deadline is skipped.
    wakes: BinaryHeap<Reverse<(Instant, usize)>>,
    modem_effects: Effects,
    network_effects: NetworkEffects,
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
    /// Faults change for modems and network.
    Faults(&'a Faults),
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
    /// Ports that vanish, and for how long.
    pub unplugged: Vec<(usize, Duration)>,
}

impl RackEffects {
    /// The bytes to hosts, piece by piece.
    pub fn host_pieces(&self) -> impl Iterator<Item = (usize, &[u8])> {
        self.pieces
            .iter()
            .map(|(line, range)| (*line, &self.host[range.clone()]))
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
    pub fn new(lines: usize, settings: NetworkSettings) -> Rack {
        let sims = (0..lines).map(|line| Sim::of_line(line, settings.seed));
        Rack::with_sims(sims.collect(), settings)
    }

    /// A modem for each of these SIMs.
    pub fn with_sims(sims: Vec<Sim>, settings: NetworkSettings) -> Rack {
        let (seed, now) = (settings.seed, settings.started);
        let network = Network::new(settings.clone(), sims.iter());
        let modem = |(line, sim)| SimModem::new(line, sim, seed, settings.faults.clone(), now);
        let mut rack = Rack {
            modems: sims.into_iter().enumerate().map(modem).collect(),
            network,
            wakes: BinaryHeap::new(),
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

    /// Takes one input. What is due by `now` happens first.
    pub fn step(&mut self, now: Instant, input: RackInput<'_>, out: &mut RackEffects) {
        self.fire(now, out);
        match input {
            RackInput::Host { line, bytes } => self.modem(now, line, Input::Host(bytes), out),
            RackInput::HostGone { line } => self.modem(now, line, Input::HostGone, out),
            RackInput::Restart { line } => self.modem(now, line, Input::Restart, out),
            RackInput::Inbound { line, message } => {
                self.network(now, NetworkInput::Inbound { line, message }, out);
            }
            RackInput::Faults(faults) => {
                self.network(now, NetworkInput::Faults(faults), out);
                for line in 0..self.modems.len() {
                    self.modem(now, line, Input::Faults(faults), out);
                }
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
        modem
            .into_iter()
            .chain(self.network.deadline())
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
            out.host.append(&mut effects.host);
            out.pieces.push((line, start..out.host.len()));
        }
        if let Some(down) = effects.unplug.take() {
            out.unplugged.push((line, down));
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

    fn arm(&mut self, line: usize) {
        if let Some((at, _)) = self.modems[line].deadline() {
            self.wakes.push(Reverse((at, line)));
        }
    }
}
