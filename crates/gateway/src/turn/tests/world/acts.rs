//! What can happen in the world.

use std::time::Duration;

use modem::{Cause, Doubt, Event, Outcome, Ticket};

use super::super::memory::CommitFault;
use super::super::rig::{iccid, line_name, long_text, raw};
use super::random::Random;
use super::{World, settings};
use crate::exchange::Input;
use crate::record::{Control, Target};
use crate::words::{Class, InDoubt};

impl World {
    pub(super) fn accept(&mut self) {
        let random = &mut self.random;
        let long = long_text();
        let key = format!("key {}", random.below(12));
        let mut message = raw(random.pick(&Class::ALL));
        message.to = random.pick(&RECIPIENTS);
        message.text = if random.one_in(4) {
            &long
        } else {
            random.pick(&["hello", "hi", "Привет"])
        };
        message.key = random.one_in(4).then_some(&*key);
        message.report = random.one_in(5).then_some(false);
        message.in_doubt = random.one_in(2).then(|| random.pick(&InDoubt::ALL));
        let lifetimes = [0, 1, 20, 300, 7200];
        message.expires_in = random
            .one_in(2)
            .then(|| Duration::from_secs(random.pick(&lifetimes)));
        message.route =
            (random.one_in(8) && !self.rig.settings.routes.is_empty()).then_some("even");
        // Dice of their own, so that what else happens under a seed stays as it is.
        let mut dice = Random(self.ids.len() as u64);
        let later = Duration::from_secs(dice.pick(&lifetimes));
        message.send_at = dice.one_in(8).then(|| self.rig.now.wall.plus(later));
        message.app = random.one_in(2).then(|| random.pick(&["shop", "bank"]));
        let (id, _) = self.rig.offer(&message);
        self.ids.push(id);
    }

    /// Something happens to the first part in a line's queue.
    pub(super) fn progress(&mut self, line: u32) {
        let mono = self.rig.now.mono;
        let place = self.rig.line(line);
        let Some(head) = place.queue.front() else {
            return;
        };
        let (ticket, submission) = (head.submission.ticket, head.submission.clone());
        let is_late =
            place.is_empty || place.session != Some(submission.session) || head.not_after <= mono;
        if let Some(aired) = self.begun.get(&ticket).copied() {
            let outcome = self.outcome(line, ticket, aired);
            return self.land(line, outcome);
        }
        if is_late || self.random.one_in(12) {
            return self.give_back(line);
        }
        if self.random.one_in(8) {
            let cause = self.random.pick(&CAUSES);
            return self.land(line, Outcome::Refused(cause));
        }
        let aired = (!self.random.one_in(8)).then(|| {
            let sim = self.places[&line];
            let (message, part) = self.rig.part(ticket);
            self.air
                .take(&submission, sim, message, part, self.rig.now.wall)
        });
        self.rig.begin(line);
        self.begun.insert(ticket, aired);
    }

    fn outcome(&mut self, line: u32, ticket: Ticket, aired: Option<usize>) -> Outcome {
        let Some(mr) = aired.map(|at| self.air.parts[at].mr) else {
            let cause = self.random.pick(&CAUSES);
            let unknown = Outcome::Unknown(Doubt::NetworkTimeout);
            return if self.random.one_in(3) {
                unknown
            } else {
                Outcome::Refused(cause)
            };
        };
        if !self.random.one_in(5) {
            return Outcome::Sent { mr };
        }
        if let Some(session) = self.rig.line(line).session {
            self.late.push((line, session, ticket, mr));
        }
        Outcome::Unknown(Doubt::Silence)
    }

    fn land(&mut self, line: u32, outcome: Outcome) {
        let ticket = self.rig.pop(line);
        self.begun.remove(&ticket);
        let course = modem::Course::default();
        let event = Event::Finished {
            ticket,
            outcome,
            course,
        };
        self.rig.event(line, event);
    }

    fn give_back(&mut self, line: u32) {
        let ticket = self.rig.pop(line);
        self.rig.event(line, Event::Returned { ticket });
    }

    pub(super) fn report(&mut self) {
        let Some((sim, report)) = self.air.report(&mut self.random) else {
            return;
        };
        let place = self.places.iter().find(|(_, at)| **at == sim);
        let Some(line) = place.map(|(line, _)| *line) else {
            return;
        };
        if self.rig.line(line).session.is_some() {
            self.rig.event(line, Event::Report(report));
        }
    }

    pub(super) fn resolve_late(&mut self) {
        if self.late.is_empty() {
            return;
        }
        let at = self.random.below(u32::try_from(self.late.len()).unwrap());
        let (line, session, ticket, mr) = self.late.swap_remove(at as usize);
        if self.rig.line(line).session == Some(session) {
            self.rig.event(line, Event::Resolved { ticket, mr });
        }
    }

    pub(super) fn pass_time(&mut self) {
        let ms = match self.random.below(8) {
            0..=3 => self.random.within(1, 50),
            4 | 5 => self.random.within(1000, 10_000),
            6 => self.random.within(10_000, 600_000),
            _ if self.random.one_in(4) => self.random.within(600_000, 7_200_000),
            _ => {
                self.settle();
                if self.rig.held() == 0 && self.rig.gateway.deadline().is_some() {
                    self.rig.sleep();
                }
                return;
            }
        };
        // A line takes minutes at most for what it holds.
        if ms > 100_000 {
            self.work_off();
        }
        self.rig.pass(Duration::from_millis(ms.into()));
    }

    /// Lets the lines finish what they hold.
    pub(super) fn work_off(&mut self) {
        for line in 0..self.lines {
            while self.rig.line(line).queue.front().is_some() {
                self.progress(line);
            }
        }
    }

    /// A line goes down, comes back, gets another SIM, or a SIM turns up elsewhere.
    pub(super) fn relocate(&mut self) {
        let line = self.random.below(self.lines);
        if self.places.contains_key(&line) && self.random.one_in(2) {
            self.unplug(line);
        } else {
            self.plug(line);
        }
    }

    pub(super) fn unplug(&mut self, line: u32) {
        let head = self
            .rig
            .line(line)
            .queue
            .front()
            .map(|held| held.submission.ticket);
        if let Some(aired) = head.and_then(|ticket| self.begun.get(&ticket).copied()) {
            let lost = Outcome::Refused(Cause::LineLost);
            let outcome = if aired.is_some() {
                Outcome::Unknown(Doubt::LineLost)
            } else {
                lost
            };
            self.land(line, outcome);
        }
        self.places.remove(&line);
        self.rig.down(line);
    }

    pub(super) fn plug(&mut self, line: u32) {
        let sim = self.random.below(self.sims);
        self.rig.add(line);
        // Its old line may not have noticed yet; what it holds is of an old session, and comes back.
        if let Some(old) = self
            .places
            .iter()
            .find(|(_, at)| **at == sim)
            .map(|(old, _)| *old)
        {
            let is_working = self
                .rig
                .line(old)
                .queue
                .front()
                .map(|held| held.submission.ticket);
            if old == line
                || is_working.is_some_and(|ticket| self.begun.contains_key(&ticket))
                || self.random.one_in(2)
            {
                self.unplug(old);
            } else {
                self.places.remove(&old);
                self.rig.line(old).is_empty = true;
            }
        }
        if self.places.contains_key(&line) {
            self.unplug(line);
        }
        self.places.insert(line, sim);
        self.rig.ready(line, sim);
    }

    pub(super) fn cancel(&mut self) {
        if self.ids.is_empty() {
            return;
        }
        let id = self.random.pick(&self.ids);
        let reply = self.rig.ask();
        self.rig.input(Input::Cancel { reply, id });
    }

    pub(super) fn control(&mut self) {
        let target = if self.random.one_in(2) {
            Target::Line(line_name(self.random.below(self.lines)))
        } else {
            Target::Sim(iccid(self.random.below(self.sims)))
        };
        let control = self.random.pick(&Control::ALL);
        self.order(target, control);
    }

    pub(super) fn order(&mut self, target: Target, control: Control) {
        let reply = self.rig.ask();
        self.rig.input(Input::Control {
            reply,
            target,
            control,
            reason: None,
        });
    }

    pub(super) fn disk(&mut self) {
        let low = self.random.one_in(3);
        self.rig.input(Input::DiskLow(low));
    }

    pub(super) fn reload(&mut self) {
        let settings = settings(&mut self.random);
        // What was offered was admitted under the old settings.
        self.settle();
        self.oracle.allow(&settings);
        self.rig.settings = settings.clone();
        self.rig.input(Input::Reload(Box::new(settings)));
    }

    pub(super) fn crash(&mut self) {
        self.begun.clear();
        self.late.clear();
        self.places.clear();
        self.oracle.restarted(&self.rig, &self.air);
        self.rig.restart();
        self.oracle.read(&self.rig, &self.air);
        (0..self.lines).for_each(|line| {
            if self.random.one_in(2) {
                self.plug(line);
            } else {
                self.rig.add(line);
            }
        });
    }

    pub(super) fn break_commit(&mut self) {
        let fault = self.random.pick(&[CommitFault::Lost, CommitFault::Written]);
        self.rig.store.fault = Some(fault);
        let done = self.rig.try_turn();
        self.rig.store.fault = None;
        if done.is_err() {
            self.crash();
        } else {
            self.settle();
        }
    }
}

/// Few, so that reports have rivals.
const RECIPIENTS: [&str; 4] = [
    "+4915112345678",
    "+4915187654321",
    "+33612345678",
    "+14155550123",
];
const CAUSES: [Cause; 8] = [
    Cause::Cms(38),
    Cause::Cms(42),
    Cause::Cms(1),
    Cause::Cms(500),
    Cause::Cme(14),
    Cause::Error,
    Cause::NoPrompt,
    Cause::LineLost,
];
