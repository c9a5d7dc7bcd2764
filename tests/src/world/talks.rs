//! Operators who dial USSD codes: the line's part, in small, as the daemon's line task does it.
//!
//! ```text
//!   Off ─ an operator asks: Engage ─► Asked ─ Engaged ─► Promised ─ queue empty, line idle ─► Dialled ─ answer ─► Off
//!                                       └──── 20 s, a code needs the SIM, the port is gone ─────┘
//! ```

use std::time::{Duration, Instant};

use gateway::Input as CoreInput;
use hw_sim::{RackInput, Trouble};
use modem::{Input, UssdAct, UssdAnswer, UssdRequest, UssdState};

use super::World;
use super::judge::{Checked, demand};
use super::process::line_id;
use super::shell::{Done, Shell};

/// How far a dialogue of a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Talk {
    #[default]
    Off,
    /// The core was asked to engage the line.
    Asked { until: Instant },
    /// The core pushes nothing new.
    Promised { until: Instant },
    /// The machine has the code.
    Dialled,
}

impl Talk {
    /// When to give up waiting for the line.
    pub(super) fn deadline(self) -> Option<Instant> {
        match self {
            Talk::Asked { until } | Talk::Promised { until } => Some(until),
            Talk::Off | Talk::Dialled => None,
        }
    }
}

impl World {
    /// An operator dials a code on some line.
    pub(super) fn dial(&mut self) -> Checked {
        let line = self.dice.place(self.shells.len());
        if self.process.is_some() && self.shells[line].ask_to_talk(self.now) {
            self.summary.dialogues += 1;
            let line = line_id(line);
            self.tell([CoreInput::Engage { line, wanted: true }]);
        }
        Ok(())
    }

    /// The core pushes nothing new on a line's queue from here on.
    pub(super) fn engaged(&mut self, line: usize) -> Checked {
        self.shells[line].promised();
        self.wake_line(line)
    }

    /// Another line tells the SIM of this one.
    pub(super) fn check_sim(&mut self, line: usize) -> Checked {
        let mut done = Done::default();
        let shell = &mut self.shells[line];
        if shell.is_open() {
            shell.machine_step(self.now, Input::CheckSim);
            shell.settle(self.now, &mut done);
        }
        self.carry_out(line, done)
    }

    /// A code needs the SIM of a dialogue.
    pub(super) fn give_way(&mut self, line: usize) -> Checked {
        let mut done = Done::default();
        self.shells[line].give_way(self.now, &mut done);
        self.carry_out(line, done)
    }

    /// A part is pushed on a line's queue: not while the line was promised to an operator.
    pub(super) fn check_promise(&self, line: usize) -> Checked {
        let talk = self.shells[line].talk();
        let is_promised = matches!(talk, Talk::Promised { .. } | Talk::Dialled);
        demand(!is_promised, || {
            format!("line {line} is given a part while an operator has it: {talk:?}")
        })
    }

    /// A voice call or a cell broadcast comes in.
    pub(super) fn call(&mut self) -> Checked {
        let line = self.dice.place(self.away.len());
        let trouble = if self.dice.one_in(3) {
            let text = "a page for all".to_owned();
            Trouble::Broadcast { text }
        } else {
            let from = "+4915777".to_owned();
            let rings = self.dice.within(1, 12) as u8;
            Trouble::Call { from, rings }
        };
        self.rack_step(RackInput::Trouble {
            lines: &hw_sim::Lines::Ranges(vec![(line, line)]),
            trouble: &trouble,
            lasts: Duration::ZERO,
        })
    }
}

impl Shell {
    /// Whether the line can be asked for: nobody else talks.
    fn ask_to_talk(&mut self, now: Instant) -> bool {
        let is_free = self.is_open() && self.talk == Talk::Off;
        if is_free {
            let until = now + LINE_WAIT_MAX;
            self.talk = Talk::Asked { until };
        }
        is_free
    }

    fn promised(&mut self) {
        if let Talk::Asked { until } = self.talk {
            self.talk = Talk::Promised { until };
        }
    }

    fn give_way(&mut self, now: Instant, done: &mut Done) {
        match self.talk {
            Talk::Off => {}
            Talk::Asked { .. } | Talk::Promised { .. } => self.stop_talking(done),
            Talk::Dialled => {
                self.machine_step(now, Input::Ussd(UssdAct::GiveUp));
                self.settle(now, done);
            }
        }
    }

    /// Begins a dialogue whose time has come, or gives it up. True if the machine was given something.
    pub(super) fn go_on_talking(&mut self, now: Instant, done: &mut Done) -> bool {
        if self.talk.deadline().is_some_and(|until| until <= now) {
            self.stop_talking(done);
        }
        let is_promised = matches!(self.talk, Talk::Promised { .. });
        if !is_promised || !self.is_free() {
            return false;
        }
        self.talk = Talk::Dialled;
        let code = UssdRequest::parse("*100#").expect("it is a code");
        self.machine_step(now, Input::Ussd(UssdAct::Dial(code)));
        true
    }

    /// The machine has told what the network said.
    pub(super) fn heard_ussd(&mut self, answer: &UssdAnswer, done: &mut Done) {
        if answer.asked && answer.state != UssdState::Open {
            self.stop_talking(done);
        }
    }

    /// The dialogue is over, or will never be.
    pub(super) fn stop_talking(&mut self, done: &mut Done) {
        if std::mem::take(&mut self.talk) != Talk::Off {
            done.is_disengaged = true;
        }
    }
}

/// As the daemon's.
const LINE_WAIT_MAX: Duration = Duration::from_secs(20);
