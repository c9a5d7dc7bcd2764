//! The daemon's process in small: the gateway, what waits for its next turn, and effects that wait for their commit.

use std::time::{Duration, Instant};

use gateway::{Effect, Gateway, Input, LineId, Record, Turn};
use modem::{Event, Ticket};

use super::World;
use super::disk::Torn;
use super::judge::{Checked, demand};
use super::options::Knob;
use super::shell::{Done, Shell};

/// A running process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) gateway: Gateway,
    pub(super) inputs: Vec<Input>,
    /// Effects of a turn whose commit is running.
    held: Option<(Instant, Vec<Effect>)>,
    turn: Turn,
    /// Turns it has taken.
    turns: u64,
    pub(super) is_stopping: bool,
    /// Turns without an input since the clock moved.
    spins: u32,
    spun_at: Option<Instant>,
}

impl World {
    /// When the process has something to do by itself.
    pub(super) fn process_deadline(&self) -> Option<Instant> {
        let process = self.process.as_ref()?;
        match &process.held {
            Some((until, _)) => Some(*until),
            None if !process.inputs.is_empty() => Some(self.now),
            None => process.gateway.deadline().map(|(at, _)| at),
        }
    }

    /// Starts the process: it reads the disk and settles what the last one left open.
    pub(super) fn start(&mut self) -> Checked {
        self.restart_at = None;
        self.disk.reopen();
        self.read_disk()?;
        self.judge.born();
        let mut gateway = Gateway::new(self.settings.clone());
        self.set_trap();
        let recovered = gateway.recover(self.clock(), &mut self.disk);
        if recovered.is_err() || self.is_trapped() {
            self.note(|| "the process ends in its recovery".to_owned());
            self.summary.deaths += 1;
            self.restart_at = Some(self.now + Duration::from_secs(1));
            return Ok(());
        }
        self.read_disk()?;
        let lines = (0..self.shells.len()).map(|line| Input::LineAdded {
            line: line_id(line),
            name: line_name(line),
        });
        self.process = Some(Process {
            gateway,
            inputs: lines.collect(),
            held: None,
            turn: Turn::default(),
            turns: 0,
            is_stopping: false,
            spins: 0,
            spun_at: None,
        });
        for line in 0..self.shells.len() {
            let pause = Duration::from_millis(self.dice.within(0, 200));
            self.shells[line] = Shell::new(self.now + pause);
            self.arm(line);
        }
        self.note(|| "the daemon is up".to_owned());
        self.ask_again()
    }

    /// The process is gone at once; the next one comes after a while.
    pub(super) fn die(&mut self, down: Duration) -> Checked {
        if self.process.take().is_none() {
            return Ok(());
        }
        self.note(|| format!("the daemon is down for {down:?}"));
        self.summary.deaths += 1;
        self.apps.hang_up();
        for line in 0..self.shells.len() {
            if self.shells[line].is_open() {
                self.leave_port(line)?;
            }
            self.shells[line] = Shell::new(self.now);
            self.disarm(line);
        }
        self.restart_at = Some(self.now + down);
        Ok(())
    }

    /// Takes turns and releases effects as long as there is something to do now.
    pub(super) fn run_process(&mut self) -> Checked {
        while self.process_deadline().is_some_and(|at| at <= self.now) {
            let process = self.process.as_mut().expect("it has a deadline");
            match process.held.take() {
                Some((_, effects)) => self.release(effects)?,
                None => self.take_turn()?,
            }
        }
        Ok(())
    }

    /// The disk fails under the commit that the options name.
    fn set_trap(&mut self) {
        let options = &self.setup.options;
        if self.disk.commits + 1 == options.value(Knob::DieAtCommit) {
            self.disk.fault = Torn::ALL.get(options.count(Knob::DieHow)).copied();
        }
    }

    /// The commit that the options name is done, and the process is not to live on.
    fn is_trapped(&self) -> bool {
        self.disk.commits == self.setup.options.value(Knob::DieAtCommit)
    }

    fn take_turn(&mut self) -> Checked {
        let now = self.clock();
        self.set_trap();
        let process = self.process.as_mut().expect("turns are taken by a process");
        process.check_spin(self.now)?;
        let rest = process
            .inputs
            .split_off(process.inputs.len().min(TURN_INPUTS_MAX));
        let mut inputs = std::mem::replace(&mut process.inputs, rest);
        let before = self.disk.commits;
        let done = process
            .gateway
            .turn(now, &mut inputs, &mut self.disk, &mut process.turn);
        let effects = std::mem::take(&mut process.turn.effects);
        self.summary.turns += 1;
        let is_written = self.disk.commits > before;
        let dies_now = is_written && self.is_trapped();
        if done.is_err() || dies_now {
            let down = self.dice.up_to(Duration::from_secs(20));
            self.note(|| "a commit fails, or is the last thing this process does".to_owned());
            self.read_disk()?;
            return self.die(down);
        }
        let started = self.read_disk()?;
        self.judge.turn(now.wall, &started)?;
        self.compare()?;
        let commit = if is_written {
            self.dice.up_to(self.setup.options.millis(Knob::CommitMs))
        } else {
            Duration::ZERO
        };
        let process = self.process.as_mut().expect("it did not die");
        if !effects.is_empty() || commit > Duration::ZERO {
            process.held = Some((self.now + commit, effects));
        }
        Ok(())
    }

    /// Now and then, and after the first turn of a process, compares the live state with the disk's.
    fn compare(&mut self) -> Checked {
        let process = self.process.as_mut().expect("it has taken a turn");
        let turns = process.turns;
        process.turns += 1;
        let every = self.setup.options.value(Knob::ReplayEvery);
        if every > 0 && turns.is_multiple_of(every) {
            self.check_state()
        } else {
            Ok(())
        }
    }

    /// Shows the judge what is durable now; the parts that were started.
    fn read_disk(&mut self) -> Result<Vec<Ticket>, String> {
        let fresh = self.disk.take_fresh();
        for entry in &fresh {
            self.note(|| {
                format!(
                    "record {} {:?} {:?}",
                    entry.seq,
                    entry.record,
                    entry.standing.map(|standing| standing.state)
                )
            });
        }
        self.judge.learn(&fresh)?;
        let starts = fresh
            .iter()
            .filter(|entry| matches!(entry.record, Record::Started { .. }));
        Ok(starts.map(|entry| Ticket(entry.seq)).collect())
    }

    fn release(&mut self, effects: Vec<Effect>) -> Checked {
        for effect in effects {
            self.judge.released(&effect)?;
            match effect {
                Effect::Reply { to, answer } => self.answered(to, answer)?,
                Effect::Submit {
                    line,
                    submission,
                    not_after,
                } => {
                    let line = place(line);
                    self.check_promise(line)?;
                    let has_room = self.shells[line].push(submission, not_after);
                    demand(has_room, || {
                        format!("the send queue of line {line} overflows")
                    })?;
                    self.wake_line(line)?;
                }
                // No line asks, nobody reads a log, and no hub is declared.
                Effect::Pin { .. } | Effect::Trust { .. } | Effect::Hub { .. } => {}
                Effect::Engaged { line } => self.engaged(place(line))?,
                Effect::GiveWay { line } => self.give_way(place(line))?,
                Effect::CheckSim { line } => self.check_sim(place(line))?,
                Effect::Recall { line } => {
                    let tickets = self.shells[place(line)].recall();
                    let back = tickets.into_iter().map(|ticket| Input::Line {
                        line,
                        event: Event::Returned { ticket },
                    });
                    self.tell(back);
                }
            }
        }
        let is_over = self.process.as_ref().is_some_and(|process| {
            process.is_stopping && process.gateway.is_drained() && process.inputs.is_empty()
        });
        if is_over {
            self.die(Duration::from_secs(2))
        } else {
            Ok(())
        }
    }

    /// Something for the gateway's next turn.
    pub(super) fn tell(&mut self, inputs: impl IntoIterator<Item = Input>) {
        if let Some(process) = &mut self.process {
            process.inputs.extend(inputs);
        }
    }

    /// What a restart would make of the disk is what the process believes (invariant 7), and adds up (invariant 10).
    pub(super) fn check_state(&mut self) -> Checked {
        let now = self.clock();
        let Some(process) = &self.process else {
            return Ok(());
        };
        self.judge.snapshot(&process.gateway.snapshot(now))?;
        let live = process.gateway.facts();
        let rebuilt = process
            .gateway
            .rebuilt_facts(&mut self.disk)
            .map_err(|error| error.to_string())?;
        if live == rebuilt {
            return Ok(());
        }
        let lost: Vec<_> = live.iter().filter(|fact| !rebuilt.contains(fact)).collect();
        let invented: Vec<_> = rebuilt.iter().filter(|fact| !live.contains(fact)).collect();
        Err(format!(
            "a replay loses {lost:#?} and invents {invented:#?}"
        ))
    }

    /// Carries out what a line's task did.
    pub(super) fn carry_out(&mut self, line: usize, done: Done) -> Checked {
        for event in &done.events {
            self.note(|| format!("line {line}: {event:?}"));
        }
        let id = line_id(line);
        self.tell(
            done.events
                .into_iter()
                .map(|event| Input::Line { line: id, event }),
        );
        if done.is_disengaged {
            let wanted = false;
            self.tell([Input::Engage { line: id, wanted }]);
        }
        self.arm(line);
        if !done.writes.is_empty() {
            self.write_to_modem(line, &done.writes)?;
        }
        if done.closed {
            self.leave_port(line)
        } else {
            Ok(())
        }
    }
}

impl Process {
    fn check_spin(&mut self, now: Instant) -> Checked {
        self.spins = if self.spun_at == Some(now) && self.inputs.is_empty() {
            self.spins + 1
        } else {
            0
        };
        self.spun_at = Some(now);
        demand(self.spins < SPINS_MAX, || {
            format!(
                "the gateway takes turns without end: {:?}",
                self.gateway.deadline()
            )
        })
    }
}

pub(super) fn line_id(line: usize) -> LineId {
    LineId(u32::try_from(line).expect("few lines"))
}

pub(super) fn line_name(line: usize) -> Box<str> {
    format!("line{line}").into()
}

fn place(line: LineId) -> usize {
    line.0 as usize
}

/// As the daemon's core.
const TURN_INPUTS_MAX: usize = 256;
/// More turns at one instant, with nothing coming in, than any backlog needs.
const SPINS_MAX: u32 = 10_000;
