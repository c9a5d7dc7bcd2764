//! The event loop: bytes and deadlines in, ledger and bytes out, in that order, round after round.
//!
//! Each round takes what epoll reports, steps the machines, stores the ledger, and only then writes to ports.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::fd::OwnedFd;
use rustix::io::Errno;

use super::port::{Folder, Port, Read};
use super::{Request, Shared};
use crate::ledger::LedgerWriter;
use crate::rack::{Rack, RackEffects, RackInput, Unplugged};
use crate::view::{LineState, View};

/// Everything the thread owns.
#[derive(Debug)]
pub(super) struct Pump {
    rack: Rack,
    ports: Vec<Port>,
    /// How each port stands in the epoll set.
    interest: Vec<epoll::EventFlags>,
    /// When unplugged ports come back, by time and line.
    returns: BTreeSet<(Instant, usize)>,
    epoll: OwnedFd,
    ledger: Option<LedgerWriter>,
    effects: RackEffects,
    /// Bytes of this round, by line: several pieces leave in one write.
    outgoing: Vec<Vec<u8>>,
    /// Lines with outgoing bytes.
    talking: VecDeque<usize>,
    dropped_bytes: u64,
    /// Lines whose port a host has open.
    open_lines: usize,
    shared: Arc<Shared>,
    /// Held to the end, so that no other simulator uses the folder before the links are gone.
    _folder: Folder,
}

impl Pump {
    pub(super) fn new(
        rack: Rack,
        ports: Vec<Port>,
        folder: Folder,
        ledger: Option<LedgerWriter>,
        shared: Arc<Shared>,
    ) -> std::io::Result<Pump> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(
            &epoll,
            &shared.wake,
            epoll::EventData::new_u64(WAKE),
            epoll::EventFlags::IN,
        )?;
        let lines = ports.len();
        let mut pump = Pump {
            rack,
            ports,
            interest: vec![epoll::EventFlags::empty(); lines],
            returns: BTreeSet::new(),
            epoll,
            ledger,
            effects: RackEffects::default(),
            outgoing: vec![Vec::new(); lines],
            talking: VecDeque::new(),
            dropped_bytes: 0,
            open_lines: 0,
            shared,
            _folder: folder,
        };
        for line in 0..lines {
            pump.watch(line)?;
        }
        Ok(pump)
    }

    /// Serves until stopped. An error ends the fleet: it must not answer what it cannot put on record.
    pub(super) fn run(mut self) {
        if let Err(error) = self.serve() {
            self.shared.figures().failure = Some(error.to_string());
        }
    }

    fn serve(&mut self) -> std::io::Result<()> {
        let mut events = Vec::with_capacity(EVENTS_PER_ROUND);
        let mut buffer = vec![0; READ_OCTETS];
        while !self.shared.stop.load(Ordering::Acquire) {
            let timeout = self.timeout(Instant::now());
            match epoll::wait(&self.epoll, spare_capacity(&mut events), timeout.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(errno) => return Err(errno.into()),
            }
            let now = Instant::now();
            self.rack.step(now, RackInput::Wake, &mut self.effects);
            for event in events.drain(..) {
                match event.data.u64() {
                    WAKE => self.requests(now)?,
                    line => {
                        self.input(now, usize::try_from(line).expect("lines fit"), &mut buffer)?
                    }
                }
            }
            self.replug(now)?;
            self.settle(now)?;
        }
        self.settle(Instant::now())
    }

    fn timeout(&self, now: Instant) -> Option<Timespec> {
        let machine = self.rack.deadline().map(|(at, _)| at);
        let port = self.returns.first().map(|(at, _)| *at);
        let next = machine.into_iter().chain(port).min()?;
        let left = next.saturating_duration_since(now);
        // Round up to the clock of epoll: waking early would mean another round for nothing.
        let left_ms = u64::try_from(left.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
        Timespec::try_from(Duration::from_millis(left_ms.min(SLEEP_MAX_MS))).ok()
    }

    fn input(&mut self, now: Instant, line: usize, buffer: &mut [u8]) -> std::io::Result<()> {
        match self.ports[line].read(buffer) {
            Read::Bytes(count) => {
                self.rack.step(
                    now,
                    RackInput::Host {
                        line,
                        bytes: &buffer[..count],
                    },
                    &mut self.effects,
                );
            }
            Read::Nothing => {}
            Read::HungUp if self.ports[line].is_attached() => {
                self.dropped_bytes += self.ports[line].hang_up() as u64;
                self.rack
                    .step(now, RackInput::HostGone { line }, &mut self.effects);
            }
            Read::HungUp => {}
        }
        // The event may as well have said that a backlog can go on.
        if self.ports[line].has_backlog() {
            self.mark(line);
        }
        self.watch(line)
    }

    fn requests(&mut self, now: Instant) -> std::io::Result<()> {
        let mut counter = [0; 8];
        let _ = rustix::io::read(&self.shared.wake, &mut counter);
        let requests = std::mem::take(&mut *self.shared.requests());
        for request in requests {
            let input = match &request {
                Request::Faults(faults) => RackInput::Faults(faults),
                Request::Inbound { line, message } => RackInput::Inbound {
                    line: *line,
                    message,
                },
                Request::Trouble {
                    lines,
                    trouble,
                    lasts,
                } => RackInput::Trouble {
                    lines,
                    trouble,
                    lasts: *lasts,
                },
                Request::Restart { line } => RackInput::Restart { line: *line },
                Request::Modem { line, event } => RackInput::Modem {
                    line: *line,
                    event: event.clone(),
                },
                Request::View { answer } => {
                    // Nobody may wait any more.
                    let _ = answer.try_send(self.view(now));
                    continue;
                }
                Request::Unplug { line, down } => {
                    self.unplug(now, *line, *down, false);
                    continue;
                }
            };
            self.rack.step(now, input, &mut self.effects);
        }
        Ok(())
    }

    /// What happens, with what only the ports know.
    fn view(&self, now: Instant) -> View {
        let mut view = self.rack.view(now);
        for (state, port) in view.line_states.iter_mut().zip(&self.ports) {
            if !port.is_plugged() {
                *state = LineState::Away;
            } else if !port.is_attached() && *state == LineState::Idle {
                *state = LineState::NoHost;
            }
        }
        view
    }

    /// Ends a round: ports that vanish, then the ledger, then the bytes it justifies, then the figures.
    fn settle(&mut self, now: Instant) -> std::io::Result<()> {
        for unplugged in std::mem::take(&mut self.effects.unplugged) {
            let Unplugged {
                line,
                down,
                renamed,
            } = unplugged;
            self.unplug(now, line, down, renamed);
        }
        if let Some(ledger) = &mut self.ledger {
            for entry in &self.effects.ledger {
                ledger.push(entry);
            }
            ledger.flush()?;
        }
        self.publish();
        let effects = std::mem::take(&mut self.effects);
        for (line, bytes) in effects.host_pieces() {
            self.mark(line);
            self.outgoing[line].extend_from_slice(bytes);
        }
        self.effects = effects;
        self.effects.clear();
        while let Some(line) = self.talking.pop_front() {
            self.output(line)?;
        }
        Ok(())
    }

    fn mark(&mut self, line: usize) {
        if self.outgoing[line].is_empty() {
            self.talking.push_back(line);
        }
    }

    fn output(&mut self, line: usize) -> std::io::Result<()> {
        self.dropped_bytes += self.ports[line].write(&self.outgoing[line]) as u64;
        self.outgoing[line].clear();
        self.watch(line)
    }

    fn publish(&mut self) {
        let mut figures = self.shared.figures();
        for entry in &self.effects.ledger {
            figures.audit.add(entry.line, entry);
        }
        let network = self.rack.totals();
        figures.stats.network = network;
        figures.stats.busy_lines = usize::try_from(network.on_air).unwrap_or(usize::MAX);
        figures.stats.dropped_bytes = self.dropped_bytes;
        figures.stats.open_lines = self.open_lines;
    }

    fn unplug(&mut self, now: Instant, line: usize, down: Duration, renamed: bool) {
        if !self.ports[line].is_plugged() {
            // Whoever says so last says when it comes back.
            self.returns.retain(|(_, gone)| *gone != line);
            self.returns.insert((now + down, line));
            return;
        }
        // Closing the master takes it out of the epoll set.
        self.ports[line].unplug();
        if renamed {
            self.ports[line].rename();
        }
        self.note(line, epoll::EventFlags::empty());
        self.returns.insert((now + down, line));
        self.rack
            .step(now, RackInput::HostGone { line }, &mut self.effects);
    }

    /// Brings back the ports whose time has come. A port that cannot come back now is tried again later.
    fn replug(&mut self, now: Instant) -> std::io::Result<()> {
        while let Some((at, line)) = self.returns.first().copied().filter(|(at, _)| *at <= now) {
            self.returns.remove(&(at, line));
            match self.ports[line].plug_in() {
                Ok(()) => self.watch(line)?,
                Err(_) => drop(self.returns.insert((now + REPLUG_RETRY, line))),
            }
        }
        Ok(())
    }

    /// Brings the epoll set up to date with what a port waits for.
    fn watch(&mut self, line: usize) -> std::io::Result<()> {
        let wanted = interest_in(&self.ports[line]);
        if wanted == self.interest[line] {
            return Ok(());
        }
        let data = epoll::EventData::new_u64(line as u64);
        if let Some(master) = self.ports[line].master() {
            if self.interest[line].is_empty() {
                epoll::add(&self.epoll, master, data, wanted)?;
            } else {
                epoll::modify(&self.epoll, master, data, wanted)?;
            }
        }
        self.note(line, wanted);
        Ok(())
    }

    fn note(&mut self, line: usize, interest: epoll::EventFlags) {
        let was_open = usize::from(is_open(self.interest[line]));
        self.open_lines = self.open_lines + usize::from(is_open(interest)) - was_open;
        self.interest[line] = interest;
    }
}

/// Without a host the hang-up would be reported for ever: then only changes are.
fn interest_in(port: &Port) -> epoll::EventFlags {
    match (port.is_plugged(), port.is_attached()) {
        (false, _) => epoll::EventFlags::empty(),
        (true, false) => epoll::EventFlags::IN | epoll::EventFlags::ET,
        (true, true) if port.has_backlog() => epoll::EventFlags::IN | epoll::EventFlags::OUT,
        (true, true) => epoll::EventFlags::IN,
    }
}

fn is_open(interest: epoll::EventFlags) -> bool {
    interest.contains(epoll::EventFlags::IN) && !interest.contains(epoll::EventFlags::ET)
}

/// Marks the eventfd among the lines.
const WAKE: u64 = u64::MAX;
/// Events taken in one round: enough to amortise the system call, few enough to keep answers prompt.
const EVENTS_PER_ROUND: usize = 256;
/// A terminal hands over at most 4095 bytes at once.
const READ_OCTETS: usize = 4096;
/// An idle fleet wakes once in a while all the same: epoll takes no unbounded timeouts.
const SLEEP_MAX_MS: u64 = 60_000;
/// When no pseudo-terminal could be opened for a port that was to come back.
const REPLUG_RETRY: Duration = Duration::from_secs(1);
