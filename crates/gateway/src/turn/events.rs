//! What a line tells: outcomes, late answers, reports. Sessions that begin and end are in `sessions`.

use modem::{Course, Doubt, Event, Outcome, Ticket};
use sms::StatusReport;

use super::{Gateway, Turn};
use crate::book::{Phase, SimIdx};
use crate::causes::CauseClass;
use crate::decide;
use crate::record::{Record, Usage};
use crate::reports::{self, Heard, Match};
use crate::words::{LineId, MessageSeq, Now};

impl Gateway {
    pub(super) fn line_event(&mut self, now: Now, line: LineId, event: Event, out: &mut Turn) {
        match event {
            Event::Ready {
                session,
                sim,
                modem,
            } => {
                if let Some(place) = self.floor.lines.get_mut(&line) {
                    place.modem = format!("{} {}", modem.manufacturer, modem.model).into();
                }
                self.session_begins(now, line, session, &sim, out);
            }
            Event::Down { session, .. } => self.session_ends(now, line, session, out),
            Event::Finished {
                ticket,
                outcome,
                course,
            } => self.landed(now, ticket, Some(&outcome), course, out),
            Event::Returned { ticket } => {
                self.landed(now, ticket, None, Course::default(), out);
            }
            Event::Resolved { ticket, mr } => self.resolved(now, ticket, mr, out),
            Event::Report(report) => self.report(now, line, &report, out),
            Event::State(_)
            | Event::Inbound(_)
            | Event::PinWanted { .. }
            | Event::Ussd(_)
            | Event::Manual(_)
            | Event::Signal(_)
            | Event::Network(_)
            | Event::Garbage { .. }
            | Event::Climbed { .. }
            | Event::CallRejected => {}
        }
    }

    fn report(&mut self, now: Now, line: LineId, report: &StatusReport, out: &mut Turn) {
        // A line holds its reports back until it has told its SIM.
        let Some(sim) = self.sim_heard_in(line) else {
            return;
        };
        let heard = Heard {
            sim,
            mr: report.reference,
            recipient: &report.recipient,
            report: reports::report_of(report),
            at: now.wall,
            kept: None,
        };
        let sample = reports::sample(&self.book, &self.floor, &heard);
        let matched = reports::find(&self.book, &self.floor, &heard);
        self.floor.past_reports += u64::from(matched == Match::Past);
        self.floor.unclear_reports += u64::from(matched == Match::Unclear);
        let records = decide::report(&self.book, &heard, matched);
        let message = records.iter().find_map(|record| record.message(0));
        let is_new = matches!(matched, Match::Sent(_) | Match::Doubt(_));
        for record in records {
            self.emit(now, record, out);
        }
        if is_new && report.status.is_final() {
            self.hear_of_sim(now, sim, report.status, out);
        }
        if let Some(message) = message {
            self.conclude(now, message, out);
        }
        if let Some(sample_ms) = sample {
            self.learn_clock(now, sim, sample_ms, out);
        }
    }

    /// A report has shown how far its service centre's clock is from ours. What is learnt outlives the process, and may
    /// say more about reports that were kept.
    fn learn_clock(&mut self, now: Now, sim: SimIdx, sample_ms: i64, out: &mut Turn) {
        let clock = &mut self.floor.sim_mut(sim).clock;
        if !clock.learn(sample_ms) {
            return;
        }
        let known = self.book.sim(sim);
        let record = Record::SimUsed {
            sim: known.iccid.clone(),
            usage: Usage {
                centre_offset_ms: clock.offset_ms(),
                ..known.usage
            },
        };
        self.emit(now, record, out);
        self.claim(now, sim, out);
    }

    /// An attempt has its outcome; `None`: it came back untouched.
    pub(super) fn landed(
        &mut self,
        now: Now,
        ticket: Ticket,
        outcome: Option<&Outcome>,
        course: Course,
        out: &mut Turn,
    ) {
        let known = self.book.attempt(ticket);
        let Some(attempt) = known.filter(|known| known.phase == Phase::Open).cloned() else {
            return;
        };
        let (message, sim) = (attempt.message, attempt.sim);
        let ruling = self.weigh(now, &attempt, outcome);
        let doubt = Outcome::Unknown(Doubt::Answer);
        let outcome = match ruling {
            Some(ruling) if ruling.class == CauseClass::Unknown => Some(&doubt),
            Some(_) | None => outcome,
        };
        self.land(now, ticket, sim, outcome, ruling, out);
        let record = match outcome.cloned() {
            Some(outcome) => Record::Finished {
                message,
                ticket,
                outcome,
                submitted: course.submitted.map(|at| now.wall_of(at)),
                raw: course.raw,
            },
            None => Record::Returned { message, ticket },
        };
        self.emit(now, record, out);
        self.claim(now, sim, out);
        if let Some(record) =
            decide::next_step(&self.book, &self.settings, now, &attempt, outcome, ruling)
        {
            self.emit(now, record, out);
        }
        self.conclude(now, message, out);
        self.settle(now, sim);
    }

    /// A late answer came for an attempt of unknown outcome.
    fn resolved(&mut self, now: Now, ticket: Ticket, mr: u8, out: &mut Turn) {
        let known = self.book.attempt(ticket);
        let Some(attempt) = known.filter(|known| known.is_in_doubt()) else {
            return;
        };
        let (message, sim) = (attempt.message, attempt.sim);
        let record = Record::Resolved {
            message,
            ticket,
            mr: Some(mr),
        };
        self.emit(now, record, out);
        self.claim(now, sim, out);
        self.conclude(now, message, out);
    }

    /// Attributes reports of a SIM that were kept for an outcome to come.
    fn claim(&mut self, now: Now, sim: SimIdx, out: &mut Turn) {
        while self.book.kept_len() > 0
            && let Some(record) = decide::claimed(&self.book, &self.floor, sim)
        {
            let message = record.message(0);
            self.emit(now, record, out);
            if let Some(message) = message {
                self.conclude(now, message, out);
            }
        }
    }

    /// Ends a message if nothing more is to come.
    fn conclude(&mut self, now: Now, message: MessageSeq, out: &mut Turn) {
        if let Some(record) = decide::conclusion(&self.book, message) {
            self.emit(now, record, out);
        }
    }
}
