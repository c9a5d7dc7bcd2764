//! What each record does to the book: the only code that changes durable state, live and in replay.

use modem::{Iccid, Outcome, Ticket};
use sms::StatusClass;

use super::{Attempt, Book, KeptReport, Live, Part, Phase, Sim, SimIdx};
use crate::record::{Control, Entry, Message, Record, Report, Requeue, Usage};
use crate::words::{MessageSeq, MessageState, UnixMs};

impl Book {
    /// Applies one record. Records of a message that is not in the book (it has ended) change nothing.
    pub(crate) fn apply(&mut self, entry: &Entry) {
        self.last_seq = self.last_seq.max(entry.seq);
        match &entry.record {
            Record::Accepted(message) => self.accept(MessageSeq(entry.seq), entry.at, message),
            Record::Started {
                message,
                part,
                sim,
                reference,
                ..
            } => {
                let (message, part, sim) = (*message, *part, self.intern(sim));
                let attempt = Attempt {
                    message,
                    part,
                    sim,
                    started: entry.at,
                    phase: Phase::Open,
                };
                self.start(Ticket(entry.seq), attempt, *reference);
            }
            Record::Finished {
                ticket, outcome, ..
            } => self.finish(*ticket, outcome),
            Record::Returned { ticket, .. } => self.returned(*ticket),
            Record::Resolved { ticket, mr, .. } => self.sent(*ticket, *mr),
            Record::Reported {
                ticket,
                report,
                kept,
                ..
            } => self.report(*ticket, report, *kept),
            Record::ReportKept {
                sim,
                mr,
                recipient,
                report,
            } => {
                let (sim, recipient) = (self.intern(sim), recipient.clone());
                let kept = KeptReport {
                    sim,
                    mr: *mr,
                    recipient,
                    report: *report,
                    since: entry.at,
                };
                self.kept.insert(entry.seq, kept);
            }
            Record::ReportDropped { kept } => {
                self.kept.remove(kept);
            }
            Record::Requeued {
                message,
                not_before,
                why,
            } => {
                self.requeue(*message, *not_before, *why);
            }
            Record::Ended { message, .. } => self.end(*message),
            Record::SimUsed { sim, usage } => {
                let sim = self.intern(sim);
                self.sims[sim.0 as usize].usage = *usage;
            }
            Record::Controlled {
                target,
                control: Control::Active,
                ..
            } => {
                self.controls.remove(target);
            }
            Record::Controlled {
                target,
                control,
                reason,
            } => {
                self.controls
                    .insert(target.clone(), (*control, reason.clone()));
            }
            Record::Counted(totals) => self.totals = *totals,
        }
    }

    /// The SIM's place in the book; a new SIM gets one.
    pub(crate) fn intern(&mut self, iccid: &Iccid) -> SimIdx {
        if let Some(sim) = self.sim_index.get(iccid) {
            return *sim;
        }
        let sim = SimIdx(u32::try_from(self.sims.len()).expect("fewer SIM cards than that exist"));
        self.sims.push(Sim {
            iccid: iccid.clone(),
            usage: Usage::default(),
        });
        self.sim_index.insert(iccid.clone(), sim);
        sim
    }

    fn accept(&mut self, seq: MessageSeq, at: UnixMs, message: &Message) {
        let mut live = Live {
            message: Box::new(message.clone()),
            accepted: at,
            route: self.route_of(message),
            state: MessageState::Queued,
            parts: Vec::new(),
            attempts: 0,
            resends: 0,
            not_before: UnixMs(0),
            bound: None,
            reference: 0,
            tickets: Vec::new(),
            placed: super::Placed::default(),
        };
        self.ids.insert(message.id, seq);
        if let Some(key) = &message.key {
            self.keys.insert(key.clone(), seq);
        }
        self.put_in(seq, &mut live);
        self.messages.insert(seq, live);
    }

    fn start(&mut self, ticket: Ticket, attempt: Attempt, reference: u8) {
        let (seq, part, sim) = (attempt.message, attempt.part, attempt.sim);
        if !self.messages.contains_key(&seq) {
            return;
        }
        self.attempts.insert(ticket, attempt);
        self.open.insert((sim, ticket));
        self.replace(seq, |live| {
            live.parts
                .resize(usize::from(live.message.parts), Part::Waiting);
            set_part(live, part, Part::Open);
            live.state = live.state_of_parts();
            live.attempts = live.attempts.saturating_add(1);
            live.reference = reference;
            live.tickets.push(ticket);
            if live.message.parts > 1 {
                live.bound = Some(sim);
            }
        });
    }

    fn finish(&mut self, ticket: Ticket, outcome: &Outcome) {
        match outcome {
            Outcome::Sent { mr } => self.sent(ticket, Some(*mr)),
            Outcome::Refused(_) => self.forget_open(ticket, |_| ()),
            Outcome::Unknown(_) => {
                let Some(attempt) = self.attempts.get_mut(&ticket) else {
                    return;
                };
                attempt.phase = Phase::Doubt;
                let (sim, seq, part) = (attempt.sim, attempt.message, attempt.part);
                self.open.remove(&(sim, ticket));
                self.doubtful.insert((sim, ticket));
                self.replace(seq, |live| {
                    set_part(live, part, Part::Doubt);
                    live.state = live.state_of_parts();
                });
            }
        }
    }

    fn returned(&mut self, ticket: Ticket) {
        self.forget_open(ticket, |live| {
            live.attempts = live.attempts.saturating_sub(1)
        });
    }

    /// An attempt was sent: its answer came, late or in time, or a report proved it.
    fn sent(&mut self, ticket: Ticket, mr: Option<u8>) {
        let Some(attempt) = self.attempts.get_mut(&ticket) else {
            return;
        };
        attempt.phase = Phase::Sent { mr };
        let (sim, seq, part) = (attempt.sim, attempt.message, attempt.part);
        self.open.remove(&(sim, ticket));
        self.doubtful.remove(&(sim, ticket));
        if let Some(mr) = mr {
            self.awaiting.entry((sim, mr)).or_default().push(ticket);
        }
        // A part that is being sent again stays with its line until that attempt ends.
        if self.has_other(ticket, |phase| phase == Phase::Open) {
            return;
        }
        self.replace(seq, |live| {
            if !matches!(part_of(live, part), Part::Reported(_)) {
                set_part(live, part, Part::Sent);
            }
            live.state = live.state_of_parts();
        });
    }

    fn report(&mut self, ticket: Ticket, report: &Report, kept: Option<u64>) {
        if let Some(kept) = kept {
            self.kept.remove(&kept);
        }
        if !report.status.is_final() {
            return;
        }
        let Some(attempt) = self.attempts.get(&ticket) else {
            return;
        };
        let (seq, part, sim, phase) = (attempt.message, attempt.part, attempt.sim, attempt.phase);
        if let Phase::Sent { mr: Some(mr) } = phase {
            self.stop_awaiting(sim, mr, ticket);
        }
        self.replace(seq, |live| {
            let known = part_of(live, part);
            let overrides = report.status.class() == StatusClass::Delivered;
            if !matches!(known, Part::Open) && (overrides || !matches!(known, Part::Reported(_))) {
                set_part(live, part, Part::Reported(report.status));
            }
        });
    }

    fn requeue(&mut self, seq: MessageSeq, not_before: UnixMs, why: Requeue) {
        self.replace(seq, |live| {
            live.state = MessageState::Queued;
            live.not_before = not_before;
            if why == Requeue::InDoubt {
                live.resends = live.resends.saturating_add(1);
                for part in live.parts.iter_mut().filter(|part| **part == Part::Doubt) {
                    *part = Part::Waiting;
                }
            }
            let untouched = live.parts.iter().all(|part| *part == Part::Waiting);
            if untouched && live.resends == 0 {
                live.bound = None;
            }
        });
    }

    fn end(&mut self, seq: MessageSeq) {
        let Some(mut live) = self.messages.remove(&seq) else {
            return;
        };
        self.take_out(seq, &mut live);
        for ticket in &live.tickets {
            self.forget_attempt(*ticket);
        }
        self.ids.remove(&live.message.id);
        if let Some(key) = &live.message.key {
            self.keys.remove(key);
        }
    }

    /// An open attempt ends without a trace on the air: its part waits again.
    fn forget_open(&mut self, ticket: Ticket, change: impl FnOnce(&mut Live)) {
        let Some(attempt) = self.attempts.get(&ticket) else {
            return;
        };
        let (seq, part) = (attempt.message, attempt.part);
        // Its predecessor, once in doubt, may have been proven in the meantime.
        let proven = self.has_other(ticket, |phase| matches!(phase, Phase::Sent { .. }));
        self.forget_attempt(ticket);
        self.replace(seq, |live| {
            live.tickets.retain(|other| *other != ticket);
            set_part(live, part, if proven { Part::Sent } else { Part::Waiting });
            live.state = live.state_of_parts();
            change(live);
        });
    }

    /// Whether another attempt of the same part is in such a phase.
    fn has_other(&self, ticket: Ticket, is: impl Fn(Phase) -> bool) -> bool {
        let Some(attempt) = self.attempts.get(&ticket) else {
            return false;
        };
        let Some(live) = self.messages.get(&attempt.message) else {
            return false;
        };
        let others = live.tickets.iter().filter(|other| **other != ticket);
        others
            .filter_map(|other| self.attempts.get(other))
            .any(|other| other.part == attempt.part && is(other.phase))
    }

    fn forget_attempt(&mut self, ticket: Ticket) {
        let Some(attempt) = self.attempts.remove(&ticket) else {
            return;
        };
        self.open.remove(&(attempt.sim, ticket));
        self.doubtful.remove(&(attempt.sim, ticket));
        if let Phase::Sent { mr: Some(mr) } = attempt.phase {
            self.stop_awaiting(attempt.sim, mr, ticket);
        }
    }

    fn stop_awaiting(&mut self, sim: SimIdx, mr: u8, ticket: Ticket) {
        if let Some(tickets) = self.awaiting.get_mut(&(sim, mr)) {
            tickets.retain(|other| *other != ticket);
            if tickets.is_empty() {
                self.awaiting.remove(&(sim, mr));
            }
        }
    }
}

fn part_of(live: &Live, part: u8) -> Part {
    live.parts
        .get(usize::from(part).saturating_sub(1))
        .copied()
        .unwrap_or(Part::Waiting)
}

fn set_part(live: &mut Live, part: u8, to: Part) {
    if let Some(place) = live.parts.get_mut(usize::from(part).saturating_sub(1)) {
        *place = to;
    }
}
