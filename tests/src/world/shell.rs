//! One line's task in small: the real line machine, its send queue and its port, without tokio.
//!
//! As `line_task` of the daemon: it gives the machine bytes, submissions and wake-ups, carries out what it asks for, and
//! opens the port again after a pause. What it decides, the daemon's task decides the same way.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use gateway::SEND_QUEUE_DEPTH;
use modem::{Effect, Event, Input, Line, LineSettings, Submission, Ticket};

use super::talks::Talk;

/// A line's task.
#[derive(Debug)]
pub(crate) struct Shell {
    machine: Line,
    queue: VecDeque<(Submission, Instant)>,
    /// `None`: the port is open.
    shut_until: Option<Instant>,
    in_flight: Option<Ticket>,
    pub(super) talk: Talk,
    backoff: Duration,
    effects: Vec<Effect>,
    /// When the machine wants to be woken: it is asked once for each thing that happens to it.
    due: Option<Instant>,
}

/// What a task did.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Bytes for the modem.
    pub(crate) writes: Vec<u8>,
    /// What it tells the core, in order.
    pub(crate) events: Vec<Event>,
    /// It closed the port.
    pub(crate) closed: bool,
    /// An operator's dialogue is over.
    pub(crate) is_disengaged: bool,
}

impl Shell {
    /// A task that opens its port at that time.
    pub(crate) fn new(opens: Instant) -> Shell {
        Shell {
            machine: Line::new(LineSettings::default()),
            queue: VecDeque::new(),
            shut_until: Some(opens),
            in_flight: None,
            talk: Talk::Off,
            backoff: BACKOFF_MIN,
            effects: Vec::new(),
            due: None,
        }
    }

    /// Whether the port is open.
    pub(crate) fn is_open(&self) -> bool {
        self.shut_until.is_none()
    }

    /// When to wake it.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let talk = self.talk.deadline();
        self.due
            .into_iter()
            .chain(self.shut_until)
            .chain(talk)
            .min()
    }

    /// The core pushes a part. False if there is no room, which is a fault of the core.
    pub(crate) fn push(&mut self, submission: Submission, not_after: Instant) -> bool {
        self.queue.push_back((submission, not_after));
        self.queue.len() <= SEND_QUEUE_DEPTH
    }

    /// The core takes back what was not started.
    pub(crate) fn recall(&mut self) -> Vec<Ticket> {
        self.queue
            .drain(..)
            .map(|(submission, _)| submission.ticket)
            .collect()
    }

    /// Bytes came.
    pub(crate) fn hear(&mut self, now: Instant, bytes: &[u8], done: &mut Done) {
        if self.is_open() {
            self.machine
                .step(now, Input::Bytes(bytes), &mut self.effects);
            self.settle(now, done);
        }
    }

    /// The port vanished.
    pub(crate) fn lose_port(&mut self, now: Instant, done: &mut Done) {
        if self.is_open() {
            let pause = self.next_backoff();
            self.close(now, pause, done);
        }
    }

    /// Something may have changed: the send queue, or the time. `has_port`: whether the port could be opened.
    pub(crate) fn wake(&mut self, now: Instant, has_port: bool, done: &mut Done) {
        if let Some(until) = self.shut_until {
            self.give_back(done);
            if until <= now && has_port {
                self.shut_until = None;
                self.machine.step(now, Input::Opened, &mut self.effects);
            } else if until <= now {
                self.shut_until = Some(now + self.next_backoff());
            }
        }
        self.settle(now, done);
    }

    /// How far an operator's dialogue is.
    pub(super) fn talk(&self) -> Talk {
        self.talk
    }

    /// Nothing is queued, on its way or being done.
    pub(super) fn is_free(&self) -> bool {
        self.is_open()
            && self.queue.is_empty()
            && self.in_flight.is_none()
            && self.machine.is_idle()
    }

    pub(super) fn machine_step(&mut self, now: Instant, input: Input<'_>) {
        self.machine.step(now, input, &mut self.effects);
    }

    pub(super) fn settle(&mut self, now: Instant, done: &mut Done) {
        loop {
            if let Some(pause) = self.carry_out(done) {
                return self.close(now, pause, done);
            }
            let goes_on = self.go_on_talking(now, done);
            if goes_on || self.is_open() && self.start_next(now, done) {
                continue;
            }
            self.due = self.machine.deadline().map(|(at, _)| at);
            if self.due.is_none_or(|at| at > now) {
                return;
            }
            self.machine.step(now, Input::Wake, &mut self.effects);
        }
    }

    fn start_next(&mut self, now: Instant, done: &mut Done) -> bool {
        if !self.machine.is_idle() || self.in_flight.is_some() {
            return false;
        }
        let Some((submission, not_after)) = self.queue.pop_front() else {
            return false;
        };
        let ticket = submission.ticket;
        if now > not_after {
            self.tell(Event::Returned { ticket }, done);
        } else {
            self.in_flight = Some(ticket);
            self.machine
                .step(now, Input::Submit(submission), &mut self.effects);
        }
        true
    }

    /// Carries out what the machine asked for; how long to keep the port closed, if it wants that.
    fn carry_out(&mut self, done: &mut Done) -> Option<Duration> {
        let mut reopen = None;
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                Effect::Event(event) => self.tell(event, done),
                Effect::Reopen { after, .. } => reopen = Some(after),
                Effect::Write(bytes) if self.is_open() && reopen.is_none() => {
                    done.writes.extend_from_slice(&bytes);
                }
                Effect::Write(_) => {}
            }
        }
        reopen
    }

    fn close(&mut self, now: Instant, pause: Duration, done: &mut Done) {
        self.shut_until = Some(now + pause);
        done.closed = true;
        self.machine.step(now, Input::Closed, &mut self.effects);
        self.carry_out(done);
        self.due = self.machine.deadline().map(|(at, _)| at);
        self.give_back(done);
        self.stop_talking(done);
    }

    fn give_back(&mut self, done: &mut Done) {
        for ticket in self.recall() {
            self.tell(Event::Returned { ticket }, done);
        }
    }

    fn tell(&mut self, event: Event, done: &mut Done) {
        match &event {
            Event::Ready { .. } => self.backoff = BACKOFF_MIN,
            Event::Finished { ticket, .. } | Event::Returned { ticket } => {
                self.in_flight.take_if(|open| open == ticket);
            }
            Event::State(_) | Event::Signal(_) | Event::Network(_) | Event::Garbage { .. } => {
                return;
            }
            // No hub of this world can be switched off.
            Event::Climbed { .. } | Event::CallRejected => return,
            Event::Ussd(answer) => return self.heard_ussd(answer, done),
            // No SIM of this world has a PIN: the machine gives up waiting. Nobody types commands.
            Event::PinWanted { .. } | Event::Manual(_) => {
                return;
            }
            Event::Down { .. } | Event::Resolved { .. } | Event::Report(_) | Event::Inbound(_) => {}
        }
        done.events.push(event);
    }

    fn next_backoff(&mut self) -> Duration {
        let pause = self.backoff;
        self.backoff = (pause * 2).min(BACKOFF_MAX);
        pause
    }
}

/// As the daemon's.
const BACKOFF_MIN: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_secs(30);
