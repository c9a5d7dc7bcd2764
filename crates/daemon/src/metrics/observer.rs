//! Feeds the histograms from what was committed. Lives on the core thread.
//!
//! It remembers when messages and attempts of this process began; of those that an earlier process began it measures
//! nothing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use gateway::{Class, Entry, MessageSeq, Record, Settings, UnixMs};
use modem::{Doubt, Iccid, Outcome, Ticket};
use prometheus::Histogram;

use super::{Metrics, NO_OPERATOR};

/// What is remembered between two turns.
pub(crate) struct Observer {
    metrics: Arc<Metrics>,
    /// Handles by operator; SIMs without one are under [`NO_OPERATOR`].
    operators: BTreeMap<Box<str>, Operator>,
    by_sim: HashMap<Iccid, Box<str>>,
    /// Messages of which nothing was started yet; a million of them take about 30 MB.
    waiting: BTreeMap<MessageSeq, Waiting>,
    /// Those that were started and have not ended.
    messages: BTreeMap<MessageSeq, Track>,
}

#[derive(Clone)]
struct Operator {
    name: Box<str>,
    submit: Histogram,
    report_delay: Histogram,
}

/// A message of which nothing was started yet.
struct Waiting {
    /// When it was accepted, modulo 2^32 ms: a wait beyond 24 days is measured as none, and no histogram reaches so far.
    accepted_ms: u32,
    class: Class,
    /// Whether reports were asked for.
    report: bool,
}

/// A message that was started.
struct Track {
    /// Whether reports were asked for.
    report: bool,
    attempts: Vec<Attempt>,
}

struct Attempt {
    ticket: Ticket,
    /// When it was started, and from its outcome on, when it was sent.
    since: UnixMs,
    operator: Operator,
    /// While nobody can say whether it was sent.
    doubt: Option<Doubt>,
}

impl Observer {
    pub(crate) fn new(metrics: Arc<Metrics>, settings: &Settings) -> Observer {
        let mut observer = Observer {
            metrics,
            operators: BTreeMap::new(),
            by_sim: HashMap::new(),
            waiting: BTreeMap::new(),
            messages: BTreeMap::new(),
        };
        observer.reload(settings);
        observer
    }

    /// Takes over which SIM belongs to which operator.
    pub(crate) fn reload(&mut self, settings: &Settings) {
        for name in super::operators(settings) {
            let metrics = &self.metrics;
            metrics.truth.know(name);
            self.operators
                .entry(name.into())
                .or_insert_with(|| Operator {
                    name: name.into(),
                    submit: metrics.submit.with_label_values(&[name]),
                    report_delay: metrics.report_delay.with_label_values(&[name]),
                });
        }
        let named = settings.sims.iter().filter_map(|(iccid, sim)| {
            sim.operator
                .as_ref()
                .map(|operator| (iccid.clone(), operator.clone()))
        });
        self.by_sim = named.collect();
    }

    /// Notes what was committed.
    pub(crate) fn observe(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.note(entry);
            let Some(standing) = entry.standing.filter(|standing| standing.ended) else {
                continue;
            };
            self.waiting.remove(&standing.message);
            if let Some(track) = self.messages.remove(&standing.message) {
                let doubts = track.attempts.iter().filter_map(|attempt| attempt.doubt);
                doubts.for_each(|doubt| self.metrics.truth.unresolved(doubt));
            }
        }
    }

    fn note(&mut self, entry: &Entry) {
        let at = entry.at;
        match &entry.record {
            Record::Accepted(message) => {
                let waiting = Waiting {
                    accepted_ms: low(at),
                    class: message.class,
                    report: message.report,
                };
                self.waiting.insert(MessageSeq(entry.seq), waiting);
            }
            Record::Started { message, sim, .. } => {
                self.started(*message, Ticket(entry.seq), sim, at);
            }
            Record::Finished {
                message,
                ticket,
                outcome,
                ..
            } => {
                self.finished(*message, *ticket, outcome, at);
            }
            Record::Returned { message, ticket } => {
                if let Some(track) = self.messages.get_mut(message) {
                    track.attempts.retain(|attempt| attempt.ticket != *ticket);
                }
            }
            Record::Reported {
                message,
                ticket,
                report,
                ..
            } => {
                let metrics = Arc::clone(&self.metrics);
                if let Some(attempt) = self.attempt(*message, *ticket) {
                    let operator = &attempt.operator.name;
                    metrics.truth.reported(operator, report.status.class());
                    attempt
                        .operator
                        .report_delay
                        .observe(seconds(at.since(attempt.since)));
                }
            }
            Record::ReportDropped { .. } => self.metrics.reports_dropped.inc(),
            Record::Resolved {
                message, ticket, ..
            } => self.resolved(*message, *ticket),
            Record::ReportKept { .. }
            | Record::Requeued { .. }
            | Record::Ended { .. }
            | Record::SimUsed { .. }
            | Record::Controlled { .. }
            | Record::PinTried { .. }
            | Record::RecipientUsed { .. }
            | Record::RecipientsForgotten { .. }
            | Record::Suppressed { .. }
            | Record::Quarantined { .. }
            | Record::BreakerMoved { .. }
            | Record::HubReset { .. }
            | Record::Counted(_) => {}
            Record::BudgetWarned { warning, .. } => {
                let percent = warning.percent.to_string();
                self.metrics
                    .budget_warnings
                    .with_label_values(&[warning.budget, percent.as_str()])
                    .inc();
            }
        }
    }

    fn started(&mut self, message: MessageSeq, ticket: Ticket, sim: &Iccid, at: UnixMs) {
        let operator = self.by_sim.get(sim).map_or(NO_OPERATOR, |name| name);
        let Some(operator) = self.operators.get(operator).cloned() else {
            return;
        };
        if let Some(waiting) = self.waiting.remove(&message) {
            let waited_ms = low(at).wrapping_sub(waiting.accepted_ms).cast_signed();
            // A clock that was set back measures nothing.
            let waited = Duration::from_millis(waited_ms.max(0).unsigned_abs().into());
            self.metrics.queue_wait[waiting.class.index()].observe(seconds(waited));
            let track = Track {
                report: waiting.report,
                attempts: Vec::new(),
            };
            self.messages.insert(message, track);
        }
        let Some(track) = self.messages.get_mut(&message) else {
            return;
        };
        track.attempts.push(Attempt {
            ticket,
            since: at,
            operator,
            doubt: None,
        });
    }

    fn finished(&mut self, message: MessageSeq, ticket: Ticket, outcome: &Outcome, at: UnixMs) {
        if let Some(attempt) = self.attempt(message, ticket) {
            attempt
                .operator
                .submit
                .observe(seconds(at.since(attempt.since)));
            attempt.since = at;
        }
        match outcome {
            Outcome::Sent { .. } => self.await_report(message, ticket),
            Outcome::Refused(cause) => {
                let label = self.metrics.cause_label(cause.to_string());
                self.metrics
                    .refused
                    .with_label_values(&[label.as_str()])
                    .inc();
            }
            Outcome::Unknown(doubt) => {
                self.metrics
                    .in_doubt
                    .with_label_values(&[doubt.as_str()])
                    .inc();
                if let Some(attempt) = self.attempt(message, ticket) {
                    attempt.doubt = Some(*doubt);
                }
            }
        }
    }

    fn resolved(&mut self, message: MessageSeq, ticket: Ticket) {
        let attempt = self.attempt(message, ticket);
        if let Some(doubt) = attempt.and_then(|attempt| attempt.doubt.take()) {
            self.metrics.truth.resolved(doubt);
        }
        self.await_report(message, ticket);
    }

    /// A part was sent: its report may come.
    fn await_report(&mut self, message: MessageSeq, ticket: Ticket) {
        let is_asked = self
            .messages
            .get(&message)
            .is_some_and(|track| track.report);
        let metrics = Arc::clone(&self.metrics);
        if let Some(attempt) = self.attempt(message, ticket).filter(|_| is_asked) {
            metrics.truth.awaited(&attempt.operator.name);
        }
    }

    fn attempt(&mut self, message: MessageSeq, ticket: Ticket) -> Option<&mut Attempt> {
        let track = self.messages.get_mut(&message)?;
        track
            .attempts
            .iter_mut()
            .find(|attempt| attempt.ticket == ticket)
    }
}

/// The low 32 bits of a time.
fn low(at: UnixMs) -> u32 {
    u32::try_from(at.0.rem_euclid(1 << 32)).expect("below 2^32")
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
