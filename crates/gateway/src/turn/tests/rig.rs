//! A gateway with a store in memory and lines that do what the test tells them. After each turn it checks what must
//! hold after every turn.

use std::collections::VecDeque;
mod checks;

use std::collections::btree_map::{BTreeMap, Entry};
use std::time::{Duration, Instant};

use modem::{
    Cause, Course, Doubt, DownReason, Event, Iccid, ModemIdentity, Outcome, OwnNumber, Session,
    SimIdentity, Submission, Ticket,
};
use sms::{Address, ServiceCentreTime, Status, StatusReport};

use super::memory::{DiskFailed, MemoryStore};
use crate::admission::{RawRequest, admit};
use crate::exchange::{Answer, Effect, Input, LineTrust, Refusal};
use crate::floor::SEND_QUEUE_DEPTH;
use crate::hub::HubStep;
use crate::record::{Control, Record, Target};
use crate::settings::{Budget, Settings, SimSettings};
use crate::snapshot::Snapshot;
use crate::turn::{Gateway, Turn};
use crate::words::{Class, LineId, MessageId, MessageState, Now, ReplyTo, UnixMs};

pub(super) struct Rig {
    pub(super) settings: Settings,
    pub(super) gateway: Gateway,
    pub(super) store: MemoryStore,
    pub(super) now: Now,
    pub(super) lines: BTreeMap<LineId, RigLine>,
    pub(super) answers: BTreeMap<ReplyTo, Result<Answer, Refusal>>,
    /// The last turn that did something.
    pub(super) turn: Turn,
    /// Questions of this process; a restart forgets them.
    pub(super) asked: usize,
    /// What was said to wishes to give a PIN, by their numbers.
    pub(super) pins: Vec<(u32, bool)>,
    /// Lines that were promised to a dialogue.
    pub(super) engaged: Vec<LineId>,
    /// Lines whose dialogue was told to give way.
    pub(super) gave_way: Vec<LineId>,
    /// What became of hubs.
    pub(super) hub_steps: Vec<(Box<str>, HubStep)>,
    /// What was said of lines that lost what they were given.
    pub(super) trusts: Vec<(Box<str>, LineTrust)>,
    /// Lines that were to look at their SIM.
    pub(super) checked: Vec<LineId>,
    inputs: Vec<Input>,
    replies: u64,
    ids: u128,
}

/// A line: its send queue and its SIM.
#[derive(Default)]
pub(super) struct RigLine {
    /// Its SIM was pulled out, and it has not noticed.
    pub(super) is_empty: bool,
    pub(super) session: Option<Session>,
    pub(super) queue: VecDeque<Held>,
    pub(super) recalls: usize,
    sessions: u32,
}

/// A part in a send queue.
pub(super) struct Held {
    pub(super) submission: Submission,
    pub(super) not_after: Instant,
    /// The line has taken it out and begun to write it.
    pub(super) begun: bool,
}

impl Rig {
    pub(super) fn new(settings: Settings) -> Rig {
        Rig {
            gateway: Gateway::new(settings.clone()),
            settings,
            store: MemoryStore::default(),
            now: noon(),
            lines: BTreeMap::new(),
            answers: BTreeMap::new(),
            turn: Turn::default(),
            asked: 0,
            pins: Vec::new(),
            engaged: Vec::new(),
            gave_way: Vec::new(),
            trusts: Vec::new(),
            checked: Vec::new(),
            hub_steps: Vec::new(),
            inputs: Vec::new(),
            replies: 0,
            ids: 0,
        }
    }

    /// Generous settings and so many SIMs, each in the line of its number.
    pub(super) fn with_sims(sims: u32) -> Rig {
        let mut rig = Rig::new(generous());
        (0..sims).for_each(|line| rig.plug(line, line));
        rig
    }

    // What the world does.

    /// A SIM becomes ready in a line, which is new or had none.
    pub(super) fn plug(&mut self, line: u32, sim: u32) {
        self.add(line);
        self.ready(line, sim);
        self.turn();
    }

    pub(super) fn add(&mut self, line: u32) {
        if let Entry::Vacant(place) = self.lines.entry(LineId(line)) {
            place.insert(RigLine::default());
            self.input(Input::LineAdded {
                line: LineId(line),
                name: line_name(line),
            });
        }
    }

    pub(super) fn ready(&mut self, line: u32, sim: u32) {
        let place = self.line(line);
        place.sessions += 1;
        let session = Session(place.sessions);
        place.session = Some(session);
        place.is_empty = false;
        let sim = SimIdentity {
            iccid: iccid(sim),
            imsi: format!("26201{sim:010}"),
            number: OwnNumber::default(),
        };
        self.event(
            line,
            Event::Ready {
                session,
                sim,
                modem: ModemIdentity::default(),
            },
        );
    }

    pub(super) fn down(&mut self, line: u32) {
        if let Some(session) = self.line(line).session.take() {
            self.event(
                line,
                Event::Down {
                    session,
                    reason: DownReason::Closed,
                },
            );
        }
    }

    pub(super) fn unplug(&mut self, line: u32) {
        self.down(line);
        self.turn();
    }

    /// The first part in a line's queue gets its outcome.
    pub(super) fn finish(&mut self, line: u32, outcome: Outcome) -> Ticket {
        let ticket = self.pop(line);
        let course = Course {
            submitted: Some(self.now.mono),
            raw: None,
        };
        self.event(
            line,
            Event::Finished {
                ticket,
                outcome,
                course,
            },
        );
        self.turn();
        ticket
    }

    pub(super) fn sent(&mut self, line: u32, mr: u8) -> Ticket {
        self.finish(line, Outcome::Sent { mr })
    }

    pub(super) fn refused(&mut self, line: u32, cause: Cause) -> Ticket {
        self.finish(line, Outcome::Refused(cause))
    }

    pub(super) fn unknown(&mut self, line: u32) -> Ticket {
        self.finish(line, Outcome::Unknown(Doubt::Silence))
    }

    /// The line takes its next part out of the queue and begins to write it.
    pub(super) fn begin(&mut self, line: u32) {
        let head = self.line(line).queue.front_mut();
        head.expect("the line holds a part").begun = true;
    }

    pub(super) fn returned(&mut self, line: u32) -> Ticket {
        let ticket = self.pop(line);
        self.event(line, Event::Returned { ticket });
        self.turn();
        ticket
    }

    /// A late answer to a part of unknown outcome.
    pub(super) fn resolved(&mut self, line: u32, ticket: Ticket, mr: u8) {
        self.event(line, Event::Resolved { ticket, mr });
        self.turn();
    }

    /// A report on a part that the service centre took just now.
    pub(super) fn report(&mut self, line: u32, mr: u8, to: &str, status: u8) {
        let taken = self.now.wall;
        self.report_of(line, mr, to, status, taken);
    }

    pub(super) fn report_of(&mut self, line: u32, mr: u8, to: &str, status: u8, taken: UnixMs) {
        self.hear(line, mr, to, status, taken);
        self.turn();
    }

    /// A report comes, without a turn.
    pub(super) fn hear(&mut self, line: u32, mr: u8, to: &str, status: u8, taken: UnixMs) {
        let time = ServiceCentreTime::from_unix_ms(taken.0, 8);
        let to = Address::parse(to).unwrap();
        let report = StatusReport::new(mr, to, time, time, Status(status));
        self.event(line, Event::Report(report));
    }

    pub(super) fn event(&mut self, line: u32, event: Event) {
        self.input(Input::Line {
            line: LineId(line),
            event,
        });
    }

    pub(super) fn input(&mut self, input: Input) {
        self.inputs.push(input);
    }

    // What apps and operators do.

    /// Hands a message over without a turn.
    pub(super) fn offer(&mut self, raw: &RawRequest<'_>) -> (MessageId, ReplyTo) {
        self.ids += 1;
        let id = MessageId(uuid::Uuid::from_u128(self.ids));
        let request = admit(&self.settings, id, raw).unwrap();
        let reply = self.ask();
        self.input(Input::Accept {
            reply,
            request: Box::new(request),
        });
        (id, reply)
    }

    /// Hands a message over and expects a yes.
    pub(super) fn accept(&mut self, raw: &RawRequest<'_>) -> MessageId {
        let (id, reply) = self.offer(raw);
        self.turn();
        assert!(
            matches!(self.answers[&reply], Ok(Answer::Accepted { id: named, .. }) if named == id),
            "{:?}",
            self.answers[&reply]
        );
        id
    }

    /// Hands a message over and expects a no.
    pub(super) fn refusal(&mut self, raw: &RawRequest<'_>) -> Refusal {
        self.offer_answer(raw).unwrap_err()
    }

    pub(super) fn offer_answer(&mut self, raw: &RawRequest<'_>) -> Result<Answer, Refusal> {
        let (_, reply) = self.offer(raw);
        self.turn();
        self.answers[&reply].clone()
    }

    pub(super) fn cancel(&mut self, id: MessageId) -> Result<Answer, Refusal> {
        let reply = self.ask();
        self.input(Input::Cancel { reply, id });
        self.turn();
        self.answers[&reply].clone()
    }

    pub(super) fn control(&mut self, target: Target, control: Control) -> Result<Answer, Refusal> {
        let reply = self.ask();
        let reason = Some("by hand".into());
        self.input(Input::Control {
            reply,
            target,
            control,
            reason,
        });
        self.turn();
        self.answers[&reply].clone()
    }

    pub(super) fn reload(&mut self, settings: Settings) {
        self.settings = settings.clone();
        self.input(Input::Reload(Box::new(settings)));
        self.turn();
    }

    pub(super) fn ask(&mut self) -> ReplyTo {
        self.replies += 1;
        self.asked += 1;
        ReplyTo(self.replies)
    }

    // Time.

    pub(super) fn wait(&mut self, time: Duration) {
        self.pass(time);
        self.turn();
    }

    /// Lets time pass without a turn.
    pub(super) fn pass(&mut self, time: Duration) {
        self.now.mono += time;
        self.now.wall = self.now.wall.plus(time);
    }

    /// Sleeps until the gateway wants to be woken; returns why.
    pub(super) fn sleep(&mut self) -> &'static str {
        let (at, why) = self.gateway.deadline().expect("something is to come");
        let ms = at
            .saturating_duration_since(self.now.mono)
            .as_nanos()
            .div_ceil(1_000_000);
        self.wait(Duration::from_millis(ms.try_into().unwrap()));
        why
    }

    /// Turns, as the shell takes them: again at once while the gateway wants it.
    pub(super) fn turn(&mut self) {
        self.try_turn().unwrap();
        let is_due = |rig: &Rig| {
            let deadline = rig.gateway.deadline();
            deadline.is_some_and(|(at, _)| at <= rig.now.mono)
        };
        while !self.inputs.is_empty() || is_due(self) {
            let (is_woken, why) = (self.inputs.is_empty(), self.gateway.deadline());
            let steps = self.hub_steps.len();
            self.try_turn().unwrap();
            let has_worked = !self.turn.entries.is_empty() || self.hub_steps.len() > steps;
            assert!(has_worked || !is_woken, "woken for nothing by {why:?}");
        }
    }

    pub(super) fn try_turn(&mut self) -> Result<(), DiskFailed> {
        let mut out = Turn::default();
        let done = self
            .gateway
            .turn(self.now, &mut self.inputs, &mut self.store, &mut out);
        if done.is_err() {
            assert!(out.effects.is_empty(), "nothing leaves without its records");
            return done;
        }
        self.check_effects(&out);
        for effect in out.effects.drain(..) {
            self.perform(effect);
        }
        self.turn = out;
        self.check();
        Ok(())
    }

    /// The process dies; the next one recovers. Lines have to be plugged again.
    pub(super) fn restart(&mut self) {
        self.gateway = Gateway::new(self.settings.clone());
        self.inputs.clear();
        self.lines.clear();
        self.asked = self.answers.len();
        self.gateway.recover(self.now, &mut self.store).unwrap();
        self.turn();
        self.check_replay();
    }

    // What is seen.

    pub(super) fn snapshot(&self) -> Snapshot {
        self.gateway.snapshot(self.now)
    }

    pub(super) fn state(&self, id: MessageId) -> MessageState {
        self.store.told(id).state
    }

    /// The message and part at the head of a line's queue.
    pub(super) fn on_line(&self, line: u32) -> Option<(MessageId, u8)> {
        self.lines[&LineId(line)]
            .queue
            .front()
            .map(|held| self.part(held.submission.ticket))
    }

    /// The line that holds a part of this message.
    pub(super) fn line_of(&self, id: MessageId) -> Option<u32> {
        let holds = |line: &RigLine| {
            line.queue
                .iter()
                .any(|held| self.part(held.submission.ticket).0 == id)
        };
        self.lines
            .iter()
            .find(|(_, line)| holds(line))
            .map(|(line, _)| line.0)
    }

    /// The message and part that a ticket was given for.
    pub(super) fn part(&self, ticket: Ticket) -> (MessageId, u8) {
        let at = self
            .store
            .entries
            .binary_search_by_key(&ticket.0, |entry| entry.seq);
        let entry = &self.store.entries[at.expect("a ticket is a committed record")];
        let id = entry.standing.expect("a start is about a message").id;
        if let Record::Started { part, .. } = &entry.record {
            (id, *part)
        } else {
            panic!("{ticket:?} names no start: {entry:?}")
        }
    }

    pub(super) fn held(&self) -> usize {
        self.lines.values().map(|line| line.queue.len()).sum()
    }

    pub(super) fn line(&mut self, line: u32) -> &mut RigLine {
        self.lines
            .get_mut(&LineId(line))
            .expect("the line was added")
    }

    pub(super) fn pop(&mut self, line: u32) -> Ticket {
        let held = self.line(line).queue.pop_front();
        held.expect("the line holds a part").submission.ticket
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Reply { to, answer } => {
                assert!(self.answers.insert(to, answer).is_none(), "answered twice");
            }
            Effect::Pin { number, go, .. } => self.pins.push((number, go)),
            Effect::Submit {
                line,
                submission,
                not_after,
            } => {
                let line = self.lines.get_mut(&line).expect("the line was added");
                line.queue.push_back(Held {
                    submission,
                    not_after,
                    begun: false,
                });
                let waiting = line.queue.iter().filter(|held| !held.begun).count();
                assert!(waiting <= SEND_QUEUE_DEPTH, "a send queue overflows");
            }
            Effect::Recall { line } => self.recall(line),
            Effect::Engaged { line } => self.engaged.push(line),
            Effect::GiveWay { line } => self.gave_way.push(line),
            Effect::Hub { hub, step } => self.hub_steps.push((hub, step)),
            Effect::Trust { line, trust } => self.trusts.push((line, trust)),
            Effect::CheckSim { line } => self.check_sim(line),
        }
    }

    /// A line that was to look at its SIM: one that lost it without a word says so now.
    fn check_sim(&mut self, line: LineId) {
        self.checked.push(line);
        let place = self.lines.get_mut(&line).expect("the line was added");
        if let Some(session) = place.session.take_if(|_| place.is_empty) {
            let event = Event::Down {
                session,
                reason: DownReason::SimLost,
            };
            self.inputs.push(Input::Line { line, event });
        }
    }

    /// As the shell does it: what the line has not begun is back before the next turn.
    fn recall(&mut self, line: LineId) {
        let place = self.lines.get_mut(&line).expect("the line was added");
        place.recalls += 1;
        let (begun, back) = place.queue.drain(..).partition(|held| held.begun);
        place.queue = begun;
        let back: VecDeque<Held> = back;
        for held in back {
            let ticket = held.submission.ticket;
            let event = Event::Returned { ticket };
            self.inputs.push(Input::Line { line, event });
        }
    }
}

/// A message of a class to one recipient, with nothing special about it.
pub(super) fn raw(class: Class) -> RawRequest<'static> {
    RawRequest {
        to: RECIPIENT,
        text: "hello",
        class: Some(class),
        ..RawRequest::default()
    }
}

/// Settings in which neither pace nor budget gets in the way.
pub(super) fn generous() -> Settings {
    Settings {
        target_per_minute: 6_000_000,
        sims_default: SimSettings {
            budget: Budget {
                limits: [Some(100_000), None, None, None],
                ..Budget::default()
            },
            ..SimSettings::default()
        },
        ..Settings::default()
    }
}

pub(super) fn iccid(sim: u32) -> Iccid {
    Iccid(format!("8949000000000000{sim:04}").into())
}

pub(super) fn line_name(line: u32) -> Box<str> {
    format!("line{line:03}").into()
}

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// 2026-03-10T12:00:00Z.
pub(super) fn noon() -> Now {
    #[expect(
        clippy::disallowed_methods,
        reason = "an instant can't be made in another way"
    )]
    let mono = Instant::now();
    Now {
        mono,
        wall: UnixMs(1_773_144_000_000),
    }
}

/// A text of three parts.
pub(super) fn long_text() -> String {
    "0123456789".repeat(40)
}

pub(super) const RECIPIENT: &str = "+4915112345678";
pub(super) const DELIVERED: u8 = 0x00;
pub(super) const TRYING: u8 = 0x20;
pub(super) const FAILED: u8 = 0x43;
