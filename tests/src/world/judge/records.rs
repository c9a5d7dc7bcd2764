//! Reads the durable records and holds each against those before it and against the air.

use gateway::{
    Class, EndReason, Entry, InDoubt, MessageSeq, MessageState, Record, Requeue, UnixMs,
};
use modem::{Iccid, Outcome, Ticket};

use super::limits::Begun;
use super::shares::Waiting;
use super::{Checked, Fate, Judge, Message, Tried, demand};
use crate::world::plan::number_in;

impl Judge {
    /// Records became durable.
    ///
    /// # Errors
    /// What they break.
    pub fn learn(&mut self, entries: &[Entry]) -> Checked {
        entries.iter().try_for_each(|entry| self.learn_one(entry))
    }

    fn learn_one(&mut self, entry: &Entry) -> Checked {
        match &entry.record {
            Record::Accepted(message) => self.accepted(entry, message),
            Record::Started {
                message,
                part,
                sim,
                reference,
                ..
            } => {
                let tried = self.tried(entry.at, *message, *part, sim, *reference);
                self.begin(Ticket(entry.seq), tried)
            }
            Record::Finished {
                ticket, outcome, ..
            } => self.finished(*ticket, outcome),
            Record::Returned { ticket, .. } => {
                self.tally.returned += 1;
                self.end_attempt(*ticket, Fate::NotSent)
            }
            Record::Resolved { ticket, mr, .. } => self.resolved(*ticket, *mr),
            Record::Reported { ticket, report, .. } => {
                self.tally.reported += 1;
                self.check_report(*ticket, report)
            }
            Record::Requeued {
                message,
                not_before,
                why,
            } => {
                if *why == Requeue::Anew {
                    self.begun_anew(*message, entry.at)?;
                }
                self.wait(*message, *not_before);
                Ok(())
            }
            Record::Ended {
                message,
                state,
                reason,
            } => self.message_ended(*message, entry.at, *state, *reason),
            Record::ReportKept { .. } | Record::ReportDropped { .. } => {
                let is_kept = matches!(entry.record, Record::ReportKept { .. });
                self.tally.kept += u64::from(is_kept);
                self.tally.dropped += u64::from(!is_kept);
                Ok(())
            }
            Record::SimUsed { .. }
            | Record::Controlled { .. }
            | Record::PinTried { .. }
            | Record::RecipientUsed { .. }
            | Record::RecipientsForgotten { .. }
            | Record::BudgetWarned { .. }
            | Record::Quarantined { .. }
            | Record::BreakerMoved { .. }
            | Record::HubReset { .. }
            | Record::Counted(_) => Ok(()),
            Record::Suppressed {
                recipient,
                suppressed,
                ..
            } => {
                let to = recipient.text();
                self.guards.suppress(&to, *suppressed, entry.at);
                Ok(())
            }
        }
    }

    fn tried(&self, at: UnixMs, seq: MessageSeq, part: u8, sim: &Iccid, reference: u8) -> Tried {
        let known = &self.messages[&seq];
        Tried {
            seq,
            number: known.number,
            set: known.set,
            part,
            sim: sim.clone(),
            reference,
            at,
            fate: Fate::Open,
        }
    }

    fn accepted(&mut self, entry: &Entry, message: &gateway::Message) -> Checked {
        let seq = MessageSeq(entry.seq);
        let number = number_in(&message.text).expect("apps send probes only");
        self.tally.accepted += 1;
        self.open += 1;
        let twice = self.by_id.insert(message.id, seq);
        demand(twice.is_none(), || {
            format!("{number} is accepted twice under one id")
        })?;
        if let Some(key) = &message.key {
            let twice = self.by_key.insert(key.to_string(), seq);
            demand(twice.is_none(), || {
                format!("{number} is accepted twice under one key")
            })?;
        }
        let begins = message.send_at.unwrap_or(entry.at).max(entry.at);
        let known = Message {
            number,
            class: message.class,
            parts: message.parts,
            set: 0,
            report: message.report,
            expires: message.expires,
            not_before: begins,
            end: None,
        };
        self.messages.insert(seq, known);
        self.wait(seq, begins);
        self.check_entrance(entry.at, number, message)
    }

    /// A message that is accepted may come in, and can be sent in time.
    fn check_entrance(&mut self, at: UnixMs, number: usize, message: &gateway::Message) -> Checked {
        let probe = &self.probes[number];
        let begins = message.send_at.unwrap_or(at);
        demand(message.send_at.is_some() == probe.ahead.is_some(), || {
            format!("{number} is to be sent at {:?}", message.send_at)
        })?;
        demand(message.expires == begins.plus(probe.expires_in), || {
            format!("{number} has another deadline than its app wants")
        })?;
        demand(!self.guards.is_suppressed(&probe.to), || {
            format!("{number} is accepted to a suppressed recipient")
        })?;
        let (class, to) = (probe.class, probe.to.as_str());
        let can_go = self
            .guards
            .will_open(class, to, begins.max(at), message.expires);
        demand(can_go, || {
            format!("{number} is accepted and its send window stays closed")
        })?;
        self.guards.count(probe, at)
    }

    fn message_ended(
        &mut self,
        seq: MessageSeq,
        at: UnixMs,
        state: MessageState,
        reason: EndReason,
    ) -> Checked {
        self.waiting_codes.remove(&seq);
        self.shares.gone(seq);
        let ended = self
            .messages
            .get_mut(&seq)
            .expect("a message is accepted before it ends");
        let before = ended.end.replace((state, reason));
        self.open = self.open.saturating_sub(1);
        let number = ended.number;
        let is_barred = matches!(reason, EndReason::Suppressed | EndReason::Policy);
        self.tally.barred += u64::from(is_barred);
        self.tally.delivered += u64::from(state == MessageState::Delivered);
        self.tally.unconfirmed += u64::from(state == MessageState::Unconfirmed);
        demand(before.is_none(), || {
            format!("{number} ends twice: {before:?}, then {state:?}")
        })?;
        let to = self.probes[number].to.as_str();
        let is_true = (reason != EndReason::Suppressed || self.guards.is_suppressed(to))
            && (reason != EndReason::Policy || self.guards.excluded(to, at).maybe);
        demand(is_true, || {
            format!("{number} ends by {reason:?} for no reason")
        })?;
        let is_open = self
            .tries(number)
            .any(|(_, tried)| tried.fate == Fate::Open);
        demand(!is_open, || format!("{number} ends with a part on its way"))
    }

    /// A message is back in its lane.
    fn wait(&mut self, seq: MessageSeq, not_before: UnixMs) {
        let message = self.messages.get_mut(&seq).expect("accepted before");
        message.not_before = not_before;
        let is_bound = message.parts > 1;
        if message.class == Class::Otp && !is_bound {
            self.waiting_codes.insert(seq, not_before);
        }
        let waits = Waiting {
            seq,
            class: message.class,
            app: self.probes[message.number].app,
            parts: message.parts,
            not_before,
            expires: message.expires,
        };
        // Parts that follow those on the air wait for their SIM, and take no turn of their app; a set that is begun anew
        // takes one.
        let Message { number, set, .. } = self.messages[&seq];
        let has_begun =
            |(_, tried): (Ticket, &Tried)| tried.set == set && tried.fate != Fate::NotSent;
        if !is_bound || !self.tries(number).any(has_begun) {
            self.shares.wait(waits);
        }
    }

    /// A part is given to a SIM; of a message that begins, more has to hold.
    fn begin(&mut self, ticket: Ticket, tried: Tried) -> Checked {
        let (seq, number, at) = (tried.seq, tried.number, tried.at);
        self.waiting_codes.remove(&seq);
        self.shares.start(seq);
        self.started(ticket, tried)?;
        if !self.is_first(ticket) {
            return Ok(());
        }
        let probe = &self.probes[number];
        let to = probe.to.as_str();
        self.tally.scheduled += u64::from(probe.ahead.is_some());
        demand(self.guards.is_open(probe.class, to, at), || {
            format!("{number} begins outside its send window")
        })?;
        demand(!self.guards.is_suppressed(to), || {
            format!("{number} begins though its recipient is suppressed")
        })?;
        demand(!self.guards.excluded(to, at).surely, || {
            format!("{number} begins against the operator's lists")
        })
    }

    fn started(&mut self, ticket: Ticket, tried: Tried) -> Checked {
        let message = &self.messages[&tried.seq];
        let (number, part, parts) = (tried.number, tried.part, message.parts);
        demand(message.end.is_none(), || {
            format!("{number} is started after its end")
        })?;
        demand(tried.at < message.expires, || {
            format!("{number} is started after its deadline")
        })?;
        demand(tried.at >= message.not_before, || {
            format!("{number} is started before its time")
        })?;
        let policy = self.probes[number].in_doubt;
        let in_set = |other: &Tried| other.set == tried.set;
        for (_, rival) in self.tries(number).filter(|(_, rival)| in_set(rival)) {
            let is_same = rival.part == part;
            let may = rival.fate == Fate::NotSent
                || rival.fate == Fate::Unknown && policy == InDoubt::Resend;
            demand(!is_same || may, || {
                format!("part {part} of {number} is started again though {rival:?}")
            })?;
            let is_one = rival.fate == Fate::NotSent
                || rival.sim == tried.sim && rival.reference == tried.reference;
            demand(parts == 1 || is_one, || {
                format!("parts of {number} take two ways: {rival:?} and {tried:?}")
            })?;
        }
        for before in 1..part {
            let is_sent =
                |other: &Tried| in_set(other) && other.part == before && other.fate == Fate::Sent;
            let is_sent = self.tries(number).any(|(_, other)| is_sent(other));
            demand(is_sent, || {
                format!("part {part} of {number} is started before part {before}")
            })?;
        }
        let begun = Begun {
            at: tried.at,
            class: message.class,
            to: self.probes[number].to.as_str().into(),
        };
        self.limits.started(ticket, &tried.sim, begun)?;
        self.tickets[number].push(ticket);
        self.attempts.insert(ticket, tried);
        Ok(())
    }

    fn finished(&mut self, ticket: Ticket, outcome: &Outcome) -> Checked {
        match outcome {
            Outcome::Sent { mr } => {
                let tried = &self.attempts[&ticket];
                let is_true = self
                    .copies(tried)
                    .any(|aired| aired.mr == Some(*mr) && *aired.sim == *tried.sim.0);
                demand(is_true, || {
                    format!("{tried:?} is told as sent with TP-MR {mr} and is not on the air")
                })?;
                self.end_attempt(ticket, Fate::Sent)
            }
            Outcome::Refused(cause) => {
                self.tally.refused += 1;
                self.end_attempt(ticket, Fate::NotSent)
                    .map_err(|wrong| format!("{wrong} (refused: {cause})"))
            }
            Outcome::Unknown(_) => {
                self.tally.unknown += 1;
                self.end_attempt(ticket, Fate::Unknown)
            }
        }
    }

    fn resolved(&mut self, ticket: Ticket, mr: Option<u8>) -> Checked {
        self.tally.resolved += 1;
        let seq = self.attempts[&ticket].seq;
        self.waiting_codes.remove(&seq);
        self.shares.gone(seq);
        let tried = self.attempts.get_mut(&ticket).expect("started before");
        let was = std::mem::replace(&mut tried.fate, Fate::Sent);
        let tried = &self.attempts[&ticket];
        demand(was == Fate::Unknown, || {
            format!("{tried:?} is resolved and was {was:?}")
        })?;
        let is_true = self
            .copies(tried)
            .any(|aired| mr.is_none_or(|mr| aired.mr == Some(mr)));
        demand(is_true, || {
            format!("{tried:?} is resolved as sent with TP-MR {mr:?} and is not on the air")
        })
    }

    fn end_attempt(&mut self, ticket: Ticket, fate: Fate) -> Checked {
        let tried = self.attempts.get_mut(&ticket).expect("started before");
        let was = std::mem::replace(&mut tried.fate, fate);
        demand(was == Fate::Open, || {
            format!("an attempt has two outcomes: {was:?}, {fate:?}")
        })?;
        if fate == Fate::NotSent {
            let sim = tried.sim.clone();
            self.limits.gave_back(ticket, &sim);
        }
        // What is on the air of a part needs an attempt that may have put it there.
        let tried = &self.attempts[&ticket];
        let copies = self.copies(tried).count();
        let may = self
            .tries(tried.number)
            .filter(|(_, other)| other.part == tried.part && other.fate != Fate::NotSent);
        let may = may.count();
        demand(copies <= may, || {
            format!(
                "part {} of {} is {copies} times on the air and only {may} attempts may have done it",
                tried.part, tried.number
            )
        })
    }
}
