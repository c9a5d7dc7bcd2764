//! What each record does to the book: the only code that changes durable state, live and in replay.

use std::collections::BTreeMap;

use modem::{Iccid, Outcome, Ticket};
use sms::Address;

use super::{
    Attempt, Book, Brief, KeptReport, Live, Part, Phase, Place, Reset, Sim, SimIdx, brief,
};
use crate::breaker::{BreakerOf, Trip};
use crate::hub;
use crate::record::{Control, Entry, Message, Record, Report, Requeue, Target, Usage, Warning};
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
                let sim = self.intern(sim);
                let attempt = Attempt::new(*message, *part, sim, entry.at);
                self.start(Ticket(entry.seq), attempt, *reference);
            }
            Record::Finished {
                ticket,
                outcome,
                submitted,
                ..
            } => self.finish(*ticket, outcome, *submitted, entry.at),
            Record::Returned { ticket, .. } => self.untried(*ticket, |_| ()),
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
            } => self.keep(entry, sim, *mr, recipient, *report),
            Record::ReportDropped { kept } => {
                self.kept.remove(kept);
            }
            Record::Requeued {
                message,
                not_before,
                why,
            } => self.requeue(*message, *not_before, *why),
            Record::Ended { message, .. } => self.end(*message),
            Record::SimUsed { sim, usage } => self.use_sim(sim, *usage, entry.at),
            Record::Controlled {
                target,
                control,
                reason,
            } => self.control_by(target, *control, reason.as_deref()),
            Record::PinTried {
                sim, fingerprint, ..
            } => self.try_pin(sim, *fingerprint),
            Record::Suppressed {
                recipient,
                suppressed,
                ..
            } => self.suppress(recipient, *suppressed),
            Record::Counted(totals) => self.totals = *totals,
            Record::RecipientUsed { sim, mark, parts } => self.reach(sim, *mark, *parts),
            Record::RecipientsForgotten { sim } => self.forget_recipients(sim),
            Record::BudgetWarned { sim, warning } => self.warn(sim, *warning),
            Record::Quarantined { sim, quarantine } => {
                let sim = self.intern(sim);
                self.sims[sim.0 as usize].quarantine = *quarantine;
            }
            Record::BreakerMoved { breaker, trip } => self.trip_by(breaker, trip.as_ref()),
            Record::HubReset { hub, in_vain } => self.reset(hub, entry.at, *in_vain),
        }
    }

    fn keep(&mut self, entry: &Entry, sim: &Iccid, mr: u8, recipient: &Address, report: Report) {
        let kept = KeptReport {
            sim: self.intern(sim),
            mr,
            recipient: recipient.clone(),
            report,
            since: entry.at,
        };
        self.kept.insert(entry.seq, kept);
    }

    fn forget_recipients(&mut self, sim: &Iccid) {
        let sim = self.intern(sim);
        self.sims[sim.0 as usize].recipients.clear();
    }

    fn warn(&mut self, sim: &Iccid, warning: Warning) {
        let sim = self.intern(sim);
        let warnings = &mut self.sims[sim.0 as usize].warnings;
        warnings.insert(warning.budget, warning);
    }

    /// The SIM's place in the book; a new SIM gets one.
    pub(crate) fn intern(&mut self, iccid: &Iccid) -> SimIdx {
        if let Some(sim) = self.sim_index.get(iccid) {
            return *sim;
        }
        let sim = SimIdx(u32::try_from(self.sims.len()).expect("fewer SIM cards than that exist"));
        self.sims.push(Sim {
            iccid: iccid.clone(),
            mark: brief::mark_of(&iccid.0),
            usage: Usage::default(),
            used: UnixMs::default(),
            recipients: BTreeMap::new(),
            warnings: BTreeMap::new(),
            quarantine: None,
        });
        self.sim_index.insert(iccid.clone(), sim);
        sim
    }

    fn accept(&mut self, seq: MessageSeq, at: UnixMs, message: &Message) {
        let lane = self.apps.join(message.app.as_deref());
        let zone = self.zone_of(message.class, || message.to.text());
        let brief = Brief::of(message, lane, zone);
        let mut live = Live {
            since: message.send_at.map_or(at, |asked| asked.max(at)),
            route: self.route_of(&brief),
            message: brief,
            state: MessageState::Queued,
            parts: Box::default(),
            refusals: 0,
            resends: 0,
            anews: 0,
            anew_at: None,
            not_before: message.send_at.unwrap_or_default(),
            bound: None,
            reference: 0,
            tickets: Box::default(),
            place: Place::Nowhere,
        };
        self.put_in(seq, &mut live);
        self.messages.insert(seq, Box::new(live));
    }

    fn start(&mut self, ticket: Ticket, attempt: Attempt, reference: u8) {
        let (seq, sim) = (attempt.message, attempt.sim);
        if !self.messages.contains_key(&seq) {
            return;
        }
        self.attempts.insert(ticket, attempt);
        self.open.insert((sim, ticket));
        self.replace(seq, |live| {
            live.reference = reference;
            live.tickets = live.tickets.iter().copied().chain([ticket]).collect();
            if live.message.parts > 1 {
                live.bound = Some(sim);
            }
        });
    }

    fn finish(&mut self, ticket: Ticket, outcome: &Outcome, submitted: Option<UnixMs>, at: UnixMs) {
        if let Some(attempt) = self.attempts.get_mut(&ticket) {
            attempt.submitted = submitted;
            attempt.landed = Some(at);
        }
        match outcome {
            Outcome::Sent { mr } => self.sent(ticket, Some(*mr)),
            Outcome::Refused(_) => self.untried(ticket, |live| {
                live.refusals = live.refusals.saturating_add(1);
            }),
            Outcome::Unknown(_) => {
                let Some(attempt) = self.attempts.get_mut(&ticket) else {
                    return;
                };
                attempt.phase = Phase::Doubt { resent: false };
                let (sim, seq) = (attempt.sim, attempt.message);
                self.open.remove(&(sim, ticket));
                self.doubtful.insert((sim, ticket));
                self.replace(seq, |_| ());
            }
        }
    }

    /// An attempt was sent: its answer came, late or in time, or a report proved it.
    fn sent(&mut self, ticket: Ticket, mr: Option<u8>) {
        let Some(attempt) = self.attempts.get_mut(&ticket) else {
            return;
        };
        attempt.phase = Phase::Sent { mr };
        let (sim, seq) = (attempt.sim, attempt.message);
        self.open.remove(&(sim, ticket));
        self.doubtful.remove(&(sim, ticket));
        if let Some(mr) = mr {
            self.numbered.entry((sim, mr)).or_default().push(ticket);
        }
        self.replace(seq, |_| ());
    }

    fn report(&mut self, ticket: Ticket, report: &Report, kept: Option<u64>) {
        if let Some(kept) = kept {
            self.kept.remove(&kept);
        }
        if !report.status.is_final() {
            return;
        }
        let Some(attempt) = self.attempts.get_mut(&ticket) else {
            return;
        };
        attempt.reported = Some(*report);
        let seq = attempt.message;
        self.replace(seq, |_| ());
    }

    fn requeue(&mut self, seq: MessageSeq, not_before: UnixMs, why: Requeue) {
        let Some(live) = self.messages.get(&seq) else {
            return;
        };
        let tickets = live.tickets.clone();
        match why {
            Requeue::Refused | Requeue::Returned => {}
            Requeue::InDoubt => self.resend(&tickets),
            Requeue::Anew => tickets
                .iter()
                .for_each(|ticket| self.forget_attempt(*ticket)),
        }
        self.replace(seq, |live| {
            live.state = MessageState::Queued;
            live.not_before = not_before;
            live.requeued(why);
        });
    }

    /// Of these attempts those in doubt no longer hold their parts back.
    fn resend(&mut self, tickets: &[Ticket]) {
        for ticket in tickets {
            if let Some(attempt) = self.attempts.get_mut(ticket)
                && attempt.is_in_doubt()
            {
                attempt.phase = Phase::Doubt { resent: true };
            }
        }
    }

    fn end(&mut self, seq: MessageSeq) {
        let Some(mut live) = self.messages.remove(&seq) else {
            return;
        };
        self.take_out(seq, &mut live);
        self.apps.leave(live.message.lane);
        for ticket in &live.tickets {
            self.forget_attempt(*ticket);
        }
    }

    fn use_sim(&mut self, sim: &Iccid, usage: Usage, at: UnixMs) {
        let sim = self.intern(sim);
        let known = &mut self.sims[sim.0 as usize];
        known.usage = usage;
        known.used = at;
    }

    fn reach(&mut self, sim: &Iccid, mark: u64, parts: u32) {
        let sim = self.intern(sim);
        let recipients = &mut self.sims[sim.0 as usize].recipients;
        if parts == 0 {
            recipients.remove(&mark);
        } else {
            recipients.insert(mark, parts);
        }
    }

    fn try_pin(&mut self, sim: &Iccid, fingerprint: u64) {
        self.pins.insert((sim.clone(), fingerprint));
    }

    fn suppress(&mut self, recipient: &Address, suppressed: bool) {
        let recipient = recipient.text().into_boxed_str();
        if suppressed {
            self.suppressed.insert(recipient);
        } else {
            self.suppressed.remove(&recipient);
        }
    }

    fn control_by(&mut self, target: &Target, control: Control, reason: Option<&str>) {
        if control == Control::Active {
            self.controls.remove(target);
        } else {
            let noted = (control, reason.map(Into::into));
            self.controls.insert(target.clone(), noted);
        }
    }

    fn trip_by(&mut self, breaker: &BreakerOf, trip: Option<&Trip>) {
        match trip {
            Some(trip) => self.trips.insert(breaker.clone(), trip.clone()),
            None => self.trips.remove(breaker),
        };
    }

    /// Notes a reset, and forgets those that no limit counts beside it.
    fn reset(&mut self, hub: &str, at: UnixMs, in_vain: u16) {
        let resets = self.resets.entry(hub.into()).or_default();
        resets.retain(|before| at < before.at.plus(hub::LIMIT_SPAN));
        resets.push(Reset { at, in_vain });
    }

    /// An open attempt ends without a trace on the air: as if it had never been made.
    fn untried(&mut self, ticket: Ticket, change: impl FnOnce(&mut Live)) {
        let Some(attempt) = self.attempts.get(&ticket) else {
            return;
        };
        let seq = attempt.message;
        self.forget_attempt(ticket);
        self.replace(seq, |live| {
            let others = live.tickets.iter().filter(|other| **other != ticket);
            live.tickets = others.copied().collect();
            // With nothing on the air every SIM may serve the message again.
            if live.tickets.is_empty() {
                live.bound = None;
            }
            change(live);
        });
    }

    /// How far each part is by what became of its attempts.
    pub(super) fn parts_of(&self, live: &Live) -> Box<[Part]> {
        if live.tickets.is_empty() {
            return Box::default();
        }
        let mut parts: Box<[Part]> = vec![Part::Waiting; usize::from(live.message.parts)].into();
        for attempt in live
            .tickets
            .iter()
            .filter_map(|ticket| self.attempts.get(ticket))
        {
            if let Some(part) = parts.get_mut(usize::from(attempt.part).saturating_sub(1)) {
                *part = part.with(attempt.part());
            }
        }
        parts
    }

    fn forget_attempt(&mut self, ticket: Ticket) {
        let Some(attempt) = self.attempts.remove(&ticket) else {
            return;
        };
        self.open.remove(&(attempt.sim, ticket));
        self.doubtful.remove(&(attempt.sim, ticket));
        if let Phase::Sent { mr: Some(mr) } = attempt.phase
            && let Some(tickets) = self.numbered.get_mut(&(attempt.sim, mr))
        {
            tickets.retain(|other| *other != ticket);
            if tickets.is_empty() {
                self.numbered.remove(&(attempt.sim, mr));
            }
        }
    }
}
