//! A modem as a machine: bytes from the host in, bytes to the host out, submissions to the network.
//!
//! ```text
//!            ┌──────────── ESC: OK, nothing sent ───────────┐
//!            ▼                                              │
//!   ┌─► Command ── AT+CMGS=n ──► Prompting ── "> " ──► Editing ── Ctrl-Z ──► OnAir ──┐
//!   │        ▲    (prompt may be late)                      │ bad PDU: 304           │
//!   │        └──────────────────────────────────────────────┘                        │
//!   │        └──────── +CMGS / +CMS ERROR / silence ◄────────────────────────────────┘
//!   └── RDY ── Booting ◄── restart, from any phase; a submission on the air stays with the network
//! ```
//!
//! While it prompts, is on the air or boots, bytes from the host are lost, as in modems that accept no other command
//! during a send. Unsolicited lines wait while a PDU is being entered. It has no text mode, no calls and no data.

mod answer;
mod command;
mod general;
mod messages;
mod radio;
mod submission;
mod timers;
mod upsets;

use std::time::Instant;

use crate::air::{Downlink, Readiness, Uplink};
use crate::faults::Faults;
use crate::memory::Memory;
use crate::rng::{Rng, Stream};
use crate::sim::Sim;
use answer::Final;
use command::Commands;
use timers::{Timer, Timers};

/// One simulated modem with its SIM.
#[derive(Debug)]
pub struct SimModem {
    sim: Sim,
    imei: String,
    phase: Phase,
    /// What was typed since the last line end, or the PDU being entered.
    typed: Vec<u8>,
    /// Unsolicited lines that wait for the end of editing.
    held: Vec<u8>,
    at: AtSettings,
    radio: Radio,
    indications: Indications,
    memories: [Memory; 3],
    /// Index into `memories` of mem1 (read and delete) and mem3 (receive).
    selected: [usize; 3],
    timers: Timers,
    submissions: u64,
    announced: Readiness,
    faults: Faults,
    rng: Rng,
    unlocked: bool,
    has_card: bool,
}

/// What happens to a modem.
#[derive(Debug)]
pub enum Input<'a> {
    /// Bytes from the host.
    Host(&'a [u8]),
    /// The host closed the port, or the port is gone: nobody listens until `AT+CNMI` is set again.
    HostGone,
    /// The network speaks.
    Downlink(Downlink),
    /// Power is cut and comes back.
    Restart,
    /// The SIM is pulled out, or put back.
    Card {
        /// Whether it is in its holder from now on.
        present: bool,
    },
    /// Somebody fills the message memories with old messages.
    FillStorage,
    /// Faults change.
    Faults(&'a Faults),
    /// The deadline has come.
    Wake,
}

/// What a modem does. The caller owns the buffers and empties them.
#[derive(Debug, Default)]
pub struct Effects {
    /// Bytes to the host, after everything in `uplinks` so far was acted upon.
    pub host: Vec<u8>,
    /// What the network is told, in order.
    pub uplinks: Vec<Uplink>,
    /// The port vanishes for this long.
    pub unplug: Option<std::time::Duration>,
}

impl SimModem {
    /// The modem of a line: powered, registered, with echo on and no settings made.
    pub fn new(line: usize, sim: Sim, seed: u64, faults: Faults, now: Instant) -> SimModem {
        let mut modem = SimModem {
            unlocked: sim.pin.is_none(),
            has_card: true,
            sim,
            imei: crate::sim::imei(line),
            phase: Phase::Command,
            typed: Vec::new(),
            held: Vec::new(),
            at: AtSettings::default(),
            radio: Radio::default(),
            indications: Indications::default(),
            memories: [
                Memory::new("SM", SM_CAPACITY),
                Memory::new("ME", ME_CAPACITY),
                Memory::new("SR", SR_CAPACITY),
            ],
            selected: [1; 3],
            timers: Timers::default(),
            submissions: 0,
            announced: Readiness::default(),
            faults,
            rng: Rng::keyed(seed, Stream::Upset, line, 0),
        };
        modem.radio.stat = u8::from(modem.unlocked);
        modem.radio.signal = 14 + modem.rng.below(15);
        modem.arm_upsets(now);
        modem
    }

    /// Its SIM.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// Takes one input. What is due by `now` happens first.
    pub fn step(&mut self, now: Instant, input: Input<'_>, out: &mut Effects) {
        while let Some(timer) = self.timers.take_due(now) {
            self.expire(now, timer, out);
        }
        match input {
            Input::Host(bytes) => self.host(now, bytes, out),
            Input::HostGone => self.indications.listening = false,
            Input::Downlink(downlink) => self.downlink(now, downlink, out),
            Input::Restart => self.restart(now),
            Input::Card { present } => self.card(present, out),
            Input::FillStorage => self.fill_storage(),
            Input::Faults(faults) => {
                self.faults = faults.clone();
                self.arm_upsets(now);
            }
            Input::Wake => {}
        }
        self.announce(out);
    }

    /// When to be woken, and why.
    pub fn deadline(&self) -> Option<(Instant, &'static str)> {
        self.timers.next().map(|(at, timer)| (at, timer.reason()))
    }

    /// Whether a submission is on the air.
    pub fn is_busy(&self) -> bool {
        matches!(self.phase, Phase::OnAir { .. })
    }

    fn host(&mut self, now: Instant, mut bytes: &[u8], out: &mut Effects) {
        while !bytes.is_empty() {
            let used = match self.phase {
                Phase::Command => self.command_bytes(now, bytes, out),
                Phase::Editing { length } => self.editing_bytes(length, bytes, out),
                Phase::Prompting { .. } | Phase::OnAir { .. } | Phase::Booting => return,
            };
            bytes = &bytes[used..];
        }
    }

    /// Takes bytes up to and including the end of a command line; returns how many.
    fn command_bytes(&mut self, now: Instant, bytes: &[u8], out: &mut Effects) -> usize {
        let end = bytes.iter().position(|byte| *byte == b'\r');
        let used = end.map_or(bytes.len(), |end| end + 1);
        if self.at.echo {
            out.host.extend_from_slice(&bytes[..used]);
        }
        let room = (LINE_OCTETS_MAX + 1).saturating_sub(self.typed.len());
        let content = &bytes[..end.unwrap_or(used)];
        self.typed
            .extend_from_slice(&content[..content.len().min(room)]);
        if end.is_some() {
            let typed = std::mem::take(&mut self.typed);
            self.command_line(now, &typed, out);
            if self.typed.capacity() == 0 {
                self.typed = typed;
                self.typed.clear();
            }
        }
        used
    }

    fn command_line(&mut self, now: Instant, typed: &[u8], out: &mut Effects) {
        if typed.len() > LINE_OCTETS_MAX {
            return self.finish(Final::Error, out);
        }
        let line = command::clean(typed);
        let Some(body) = command::after_prefix(&line) else {
            return;
        };
        for command in Commands::new(body) {
            match self.execute(now, &command, out) {
                Final::Ok => {}
                failed @ (Final::Error | Final::Cme(_) | Final::Cms(_)) => {
                    return self.finish(failed, out);
                }
                Final::Later => return,
            }
        }
        self.finish(Final::Ok, out);
    }

    fn downlink(&mut self, now: Instant, downlink: Downlink, out: &mut Effects) {
        match downlink {
            Downlink::Answer { id, answer } => self.answered(id, answer, out),
            Downlink::Report(tpdu) => self.report(now, &tpdu, out),
            Downlink::Deliver(tpdu) => self.deliver(now, &tpdu, out),
            Downlink::Registration(stat) => self.registration_changed(stat, out),
        }
    }

    fn expire(&mut self, now: Instant, timer: Timer, out: &mut Effects) {
        match timer {
            Timer::Prompt => self.prompt(out),
            Timer::Boot => self.booted(out),
            Timer::Ussd => self.ussd_answer(out),
            Timer::Acknowledge => self.indications.acknowledge_missed(),
            Timer::Noise => self.noise(now, out),
            Timer::Garbage => self.garbage(now, out),
            Timer::Reboot => self.reboot_fault(now),
            Timer::Unplug => self.unplug_fault(now, out),
        }
    }

    /// Tells the network what can be taken, when that changed.
    fn announce(&mut self, out: &mut Effects) {
        let readiness = self.readiness();
        if readiness != self.announced {
            self.announced = readiness;
            out.uplinks.push(Uplink::Ready(readiness));
        }
    }

    fn readiness(&self) -> Readiness {
        let reachable = self.radio.is_registered() && !matches!(self.phase, Phase::Booting);
        let routed = self.indications.listening && !self.indications.awaiting_acknowledge;
        let [_, _, reports] = &self.memories;
        Readiness {
            reports: reachable
                && match self.indications.ds {
                    1 => routed,
                    2 => reports.has_room(),
                    _ => false,
                },
            messages: reachable
                && match self.indications.mt {
                    2 | 3 => routed,
                    _ => self.memories[self.selected[2]].has_room(),
                },
        }
    }
}

/// Where a modem is between two bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Commands are taken.
    Command,
    /// `AT+CMGS` was taken, the prompt is yet to come.
    Prompting { length: usize },
    /// A PDU is being entered; `length` octets of TPDU were announced.
    Editing { length: usize },
    /// A submission is on the air.
    OnAir { id: u64, reference: u8 },
    /// Power came back.
    Booting,
}

/// What `ATZ` resets.
#[derive(Debug)]
struct AtSettings {
    echo: bool,
    verbose: bool,
    quiet: bool,
    /// `+CMEE`: 0 plain `ERROR`, 1 numbers, 2 words.
    cmee: u8,
    cscs: &'static str,
}

impl Default for AtSettings {
    fn default() -> AtSettings {
        AtSettings {
            echo: true,
            verbose: true,
            quiet: false,
            cmee: 0,
            cscs: "IRA",
        }
    }
}

/// Radio and registration.
#[derive(Debug)]
struct Radio {
    /// `+CFUN`: 0 off, 1 on, 4 flight mode.
    function: u8,
    /// `<stat>` of `+CREG` (3GPP TS 27.007 §7.2).
    stat: u8,
    /// `<n>` of `+CREG`, `+CGREG`, `+CEREG`.
    reporting: [u8; 3],
    operator_format: u8,
    /// `+CSQ` RSSI index.
    signal: usize,
}

impl Default for Radio {
    fn default() -> Radio {
        Radio {
            function: 1,
            stat: 1,
            reporting: [0; 3],
            operator_format: 0,
            signal: 20,
        }
    }
}

impl Radio {
    fn is_registered(&self) -> bool {
        matches!(self.stat, 1 | 5)
    }
}

/// How messages and reports are announced (3GPP TS 27.005 §3.4.1).
#[derive(Debug, Default)]
struct Indications {
    mode: u8,
    mt: u8,
    bm: u8,
    ds: u8,
    bfr: u8,
    /// `+CSMS` service: 1 wants every routed message acknowledged with `+CNMA`.
    service: u8,
    awaiting_acknowledge: bool,
    /// Whether a host that set `+CNMI` is still there.
    listening: bool,
    more_messages: u8,
    transport: u8,
}

/// Octets of a command line; common modules take 400 to 560.
const LINE_OCTETS_MAX: usize = 560;
/// Messages on the card; cards have 10 to 50.
const SM_CAPACITY: usize = 30;
/// Messages in the modem.
const ME_CAPACITY: usize = 100;
/// Stored status reports.
const SR_CAPACITY: usize = 20;

#[cfg(test)]
mod tests;
