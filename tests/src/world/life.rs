//! Time: what happens next, bytes on their way, lines and ports that wake.

use std::time::Instant;

use hw_sim::{RackEffects, RackInput};

use super::World;
use super::judge::Checked;
use super::options::Knob;
use super::shell::Done;

impl World {
    /// Lives until a moment.
    pub(super) fn advance(&mut self, until: Instant) -> Checked {
        loop {
            self.run_process()?;
            let next = self.next().filter(|at| *at <= until);
            let Some(next) = next else {
                self.now = until;
                return Ok(());
            };
            self.now = self.now.max(next);
            self.summary.events += 1;
            if self.summary.events == self.setup.options.value(Knob::DieAtEvent) {
                self.die(std::time::Duration::from_secs(3))?;
            }
            self.happen()?;
        }
    }

    fn next(&self) -> Option<Instant> {
        let act = self
            .setup
            .acts
            .get(self.next_act)
            .map(|(at, _)| self.start + *at);
        let away = self.returns.first().map(|(at, _)| *at);
        [
            act,
            away,
            self.process_deadline(),
            self.restart_at,
            self.rack.deadline().map(|(at, _)| at),
            self.wires.first_key_value().map(|((at, _), _)| *at),
            self.wakes.first().map(|(at, _)| *at),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// What is due happens: all that comes from outside, and one thing of each other kind.
    fn happen(&mut self) -> Checked {
        while let Some((at, act)) = self.setup.acts.get(self.next_act).copied()
            && self.start + at <= self.now
        {
            self.next_act += 1;
            self.act(act)?;
        }
        if self.restart_at.is_some_and(|at| at <= self.now) {
            self.start()?;
        }
        self.return_ports();
        if self.rack.deadline().is_some_and(|(at, _)| at <= self.now) {
            self.rack_step(RackInput::Wake)?;
        }
        if let Some(entry) = self
            .wires
            .first_entry()
            .filter(|entry| entry.key().0 <= self.now)
        {
            let (modem, bytes) = entry.remove();
            self.deliver(modem, &bytes)?;
        }
        if let Some((_, line)) = self
            .wakes
            .first()
            .copied()
            .filter(|(at, _)| *at <= self.now)
        {
            self.disarm(line);
            self.wake_line(line)?;
        }
        Ok(())
    }

    /// A step of modems and network: what it causes goes to the judge, on the wires, and to ports.
    pub(super) fn rack_step(&mut self, input: RackInput<'_>) -> Checked {
        let mut effects = std::mem::take(&mut self.rack_effects);
        self.rack.step(self.now, input, &mut effects);
        let done = self.spread(&effects);
        effects.clear();
        self.rack_effects = effects;
        done
    }

    fn spread(&mut self, effects: &RackEffects) -> Checked {
        for entry in &effects.ledger {
            self.note(|| {
                format!(
                    "air: {:?} line {} mr {:?} {:?} part {} status {:?}",
                    entry.event,
                    entry.line,
                    entry.mr,
                    entry
                        .text
                        .as_deref()
                        .map(|text| text.chars().take(8).collect::<String>()),
                    entry.part,
                    entry.status
                )
            });
            self.judge.heard(entry)?;
        }
        for (modem, bytes) in effects.host_pieces() {
            if self.shells[self.line_of[modem]].is_open() {
                let due = self.now + self.setup.options.millis(Knob::WireMs);
                self.wire_order += 1;
                self.wires
                    .insert((due, self.wire_order), (modem, bytes.to_vec()));
            }
        }
        for gone in &effects.unplugged {
            self.unplug(gone.line, gone.down)?;
        }
        Ok(())
    }

    fn deliver(&mut self, modem: usize, bytes: &[u8]) -> Checked {
        let line = self.line_of[modem];
        let most = match self.setup.options.count(Knob::Chunk) {
            0 => READ_BYTES_MAX,
            most => most,
        };
        let mut rest = bytes;
        while !rest.is_empty() {
            let size = if most == READ_BYTES_MAX {
                most
            } else {
                1 + self.dice.place(most)
            };
            let (piece, later) = rest.split_at(size.min(rest.len()));
            let mut done = Done::default();
            self.note(|| format!("line {line} reads {:?}", String::from_utf8_lossy(piece)));
            self.shells[line].hear(self.now, piece, &mut done);
            self.carry_out(line, done)?;
            rest = later;
        }
        Ok(())
    }

    pub(super) fn write_to_modem(&mut self, line: usize, bytes: &[u8]) -> Checked {
        self.note(|| format!("line {line} writes {:?}", String::from_utf8_lossy(bytes)));
        self.judge.wrote(line, bytes, self.clock().wall)?;
        let line = self.modem_of[line];
        self.rack_step(RackInput::Host { line, bytes })
    }

    /// The host closes a port: what was on its way to it is gone.
    pub(super) fn leave_port(&mut self, line: usize) -> Checked {
        let modem = self.modem_of[line];
        self.wires.retain(|_, (of, _)| *of != modem);
        self.rack_step(RackInput::HostGone { line: modem })
    }

    /// A port goes away for a while.
    pub(super) fn unplug(&mut self, modem: usize, down: std::time::Duration) -> Checked {
        let line = self.line_of[modem];
        self.note(|| format!("line {line} loses its port for {down:?}"));
        self.returns.insert((self.now + down, modem));
        self.away[modem] = self.away[modem].max(Some(self.now + down));
        let mut done = Done::default();
        self.shells[line].lose_port(self.now, &mut done);
        self.carry_out(line, done)
    }

    fn return_ports(&mut self) {
        while let Some((at, modem)) = self
            .returns
            .first()
            .copied()
            .filter(|(at, _)| *at <= self.now)
        {
            self.returns.remove(&(at, modem));
            if self.away[modem] == Some(at) {
                self.away[modem] = None;
                self.arm(self.line_of[modem]);
            }
        }
    }

    pub(super) fn wake_line(&mut self, line: usize) -> Checked {
        let has_port = self.away[self.modem_of[line]].is_none();
        let mut done = Done::default();
        self.shells[line].wake(self.now, has_port, &mut done);
        self.carry_out(line, done)
    }

    /// Notes when a line is to be woken.
    pub(super) fn arm(&mut self, line: usize) {
        let deadline = self.shells[line].deadline();
        if self.armed[line] != deadline {
            self.disarm(line);
            self.armed[line] = deadline;
            self.wakes.extend(deadline.map(|at| (at, line)));
        }
    }

    pub(super) fn disarm(&mut self, line: usize) {
        if let Some(at) = self.armed[line].take() {
            self.wakes.remove(&(at, line));
        }
    }
}

/// As the daemon's line tasks read.
const READ_BYTES_MAX: usize = 1024;
