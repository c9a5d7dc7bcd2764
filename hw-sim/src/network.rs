//! The mobile network: service centre, radio times, status reports and messages from outside, for all SIMs.
//!
//! ```text
//!             Submit            radio time over
//!   modem ──────────► on the air ──────────────► accepted ─► ledger ─► answer to the modem
//!                                     │              └── report asked for: due later ─┐
//!                                     ├─► refused ─► answer                           ▼
//!                                     └─► silent (accepted or not)      waiting until the modem is ready
//! ```
//!
//! A machine: told the time, seeded, no I/O. A submission taken over the air is settled whatever becomes of the modem
//! or its host. It has one service centre, and phones
//! that only count what they show.

mod due;
mod fate;
mod limits;
mod phones;
mod record;
mod subscriber;
mod ussd;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use sms::{EncodingChoice, Submit};

use crate::air::{Answer, Downlink, Readiness, Uplink};
use crate::country::{Country, Operator};
use crate::faults::Faults;
use crate::ledger::LedgerEntry;
use crate::sim::Sim;
use due::{Due, OnAir, What};
use fate::{Fate, Outcome, Surroundings};
use limits::{Admission, OperatorState};
use phones::Phones;
use subscriber::{Offered, Report, Subscriber, Waiting};

pub use ussd::UssdItem;

/// How a network behaves.
#[derive(Debug, Clone)]
pub struct NetworkSettings {
    /// Mean radio time of a send.
    pub sms_time: Duration,
    /// Its coefficient of variation; 0 is constant.
    pub sms_time_spread: f64,
    /// How long after the accept a status report is due.
    pub report_delay: RangeInclusive<Duration>,
    /// Seed of every draw.
    pub seed: u64,
    /// What goes wrong.
    pub faults: Faults,
    /// Operators, antennas and recipients.
    pub country: Country,
    /// USSD codes and what they answer.
    pub ussd: Vec<UssdItem>,
    /// Zero of the ledger's `t_ms`.
    pub started: Instant,
    /// What the network's clock showed then, in milliseconds since 1970.
    pub started_unix_ms: i64,
}

/// What happens to a network.
#[derive(Debug)]
pub enum NetworkInput<'a> {
    /// A modem speaks.
    Uplink {
        /// Which line.
        line: usize,
        /// What it says.
        uplink: Uplink,
    },
    /// Somebody sends a message to the SIM of a line; long texts are split.
    Inbound {
        /// Which line.
        line: usize,
        /// The message.
        message: &'a Inbound,
    },
    /// Faults change from the next send on.
    Faults(&'a Faults),
    /// The operator bars the SIM of a line.
    Bar {
        /// Which line.
        line: usize,
        /// Until when.
        until: Instant,
    },
    /// The SIM of a line loses its network.
    Uncover {
        /// Which line.
        line: usize,
        /// What its modem shows meanwhile (3GPP TS 27.007 §7.2).
        stat: u8,
        /// Until when.
        until: Instant,
    },
    /// An operator's service centre is out of order.
    Outage {
        /// Which one, by its place in [`Country::operators`].
        operator: usize,
        /// Until when.
        until: Instant,
    },
    /// The deadline has come.
    Wake,
}

/// A message from outside.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    from: sms::Address,
    /// One per part, in order.
    parts: Vec<sms::UserData>,
}

/// Why a text from outside cannot be a short message.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InboundError {
    /// The originator is neither a number nor a name.
    #[error("originator: {0}")]
    Originator(#[from] sms::AddressError),
    /// The text has no coding or too many parts.
    #[error("text: {0}")]
    Text(#[from] sms::SegmentError),
}

/// What a network does.
#[derive(Debug, Default)]
pub struct NetworkEffects {
    /// What modems are told, in order.
    pub downlinks: VecDeque<(usize, Downlink)>,
    /// What goes to the ledger, before any of the downlinks is acted upon.
    pub ledger: Vec<LedgerEntry>,
}

/// Running totals of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NetworkTotals {
    /// Submissions taken over the air.
    pub submissions: u64,
    /// Of these, accepted.
    pub accepted: u64,
    /// Of these, refused.
    pub refused: u64,
    /// Of these, left without an answer (they may be accepted as well).
    pub silent: u64,
    /// Status reports handed to modems.
    pub reports: u64,
    /// Status reports waiting for a modem that takes them.
    pub reports_waiting: u64,
    /// Status reports given up because too many waited for one SIM.
    pub reports_dropped: u64,
    /// Messages from outside handed to modems.
    pub inbound: u64,
    /// Messages from outside given up because too many waited for one SIM.
    pub inbound_dropped: u64,
    /// Submissions on the air at this moment.
    pub on_air: u64,
    /// SIMs that were barred.
    pub barred: u64,
    /// Whole messages that recipients' phones showed.
    pub shown: u64,
    /// Long messages of which recipients' phones lack parts.
    pub in_pieces: u64,
}

/// The network.
#[derive(Debug)]
pub struct Network {
    settings: NetworkSettings,
    subscribers: Vec<Subscriber>,
    operators: Vec<OperatorState>,
    /// Sends on the air under each antenna.
    cells: Vec<usize>,
    phones: Phones,
    due: BinaryHeap<Reverse<Due>>,
    sequence: u64,
    totals: NetworkTotals,
}

impl Inbound {
    /// Splits a text into a message from `from`: a number, or a name of up to 11 characters.
    ///
    /// # Errors
    /// When the originator is neither, or the text cannot be coded.
    pub fn new(from: &str, text: &str, reference: u8) -> Result<Inbound, InboundError> {
        let from = match sms::Address::parse(from) {
            Ok(number) => number,
            Err(_) => sms::Address::alphanumeric(from)?,
        };
        Ok(Inbound {
            from,
            parts: sms::segment(text, EncodingChoice::Auto, reference)?,
        })
    }
}

impl Network {
    /// A network that serves these SIMs, one a line.
    pub fn new<'a>(mut settings: NetworkSettings, sims: impl Iterator<Item = &'a Sim>) -> Network {
        if settings.country.operators.is_empty() {
            settings.country.operators.push(Operator::default());
        }
        let country = &settings.country;
        let subscribers: Vec<Subscriber> = sims
            .enumerate()
            .map(|(line, sim)| Subscriber::of(sim, country.operator_of(line), settings.started))
            .collect();
        let cells = country
            .cell
            .map_or(0, |cell| subscribers.len().div_ceil(cell.lines));
        Network {
            operators: vec![OperatorState::new(settings.started); country.operators.len()],
            cells: vec![0; cells],
            settings,
            subscribers,
            phones: Phones::default(),
            due: BinaryHeap::new(),
            sequence: 0,
            totals: NetworkTotals::default(),
        }
    }

    /// Takes one input. What is due by `now` happens first.
    pub fn step(&mut self, now: Instant, input: NetworkInput<'_>, out: &mut NetworkEffects) {
        self.fire(now, out);
        match input {
            NetworkInput::Uplink { line, uplink } => self.uplink(now, line, uplink, out),
            NetworkInput::Inbound { line, message } => {
                self.inbound(line, message);
                self.serve(now, line, out);
            }
            NetworkInput::Faults(faults) => self.settings.faults = faults.clone(),
            NetworkInput::Bar { line, until } => self.bar(line, until),
            NetworkInput::Uncover { line, stat, until } => {
                self.uncover(now, line, stat, until, out);
            }
            NetworkInput::Outage { operator, until } => self.fail(operator, until),
            NetworkInput::Wake => {}
        }
        // A send without radio time ends in the step that began it.
        self.fire(now, out);
    }

    /// When to be woken, and why.
    pub fn deadline(&self) -> Option<(Instant, &'static str)> {
        self.due
            .peek()
            .map(|Reverse(due)| (due.at, due.what.reason()))
    }

    /// Running totals.
    pub fn totals(&self) -> NetworkTotals {
        NetworkTotals {
            shown: self.phones.shown(),
            in_pieces: self.phones.waiting(),
            ..self.totals
        }
    }

    fn uplink(&mut self, now: Instant, line: usize, uplink: Uplink, out: &mut NetworkEffects) {
        match uplink {
            Uplink::Submit { id, submit, tpdu } => self.begin(now, line, id, submit, tpdu),
            Uplink::Ready(readiness) => {
                self.subscribers[line].ready = readiness;
                self.serve(now, line, out);
            }
            Uplink::Taken => {
                if let Some(offered) = self.subscribers[line].offered.take() {
                    self.taken(now, line, &offered, out);
                }
                self.serve(now, line, out);
            }
            Uplink::Returned => self.returned(line),
            Uplink::Search => self.search(now, line),
            Uplink::Ussd(request) => self.ussd_answer(line, &request, out),
            Uplink::UssdEnd => self.subscribers[line].ussd.clear(),
            Uplink::Card(sim) => self.subscribers[line].change_card(*sim),
        }
    }

    /// A submission goes on the air.
    fn begin(&mut self, now: Instant, line: usize, id: u64, submit: Box<Submit>, tpdu: Vec<u8>) {
        let fate = self.fate(now, line, &submit);
        let subscriber = &mut self.subscribers[line];
        subscriber.sends += 1;
        // A restarted modem may submit while its last submission is still on the air: one radio, one after another.
        let done = subscriber.radio_free.max(now) + fate.busy;
        subscriber.radio_free = done;
        self.totals.submissions += 1;
        self.totals.on_air += 1;
        self.hold_channel(line, true);
        self.schedule(
            done,
            What::Radio(Box::new(OnAir {
                line,
                id,
                submit,
                tpdu,
                fate,
            })),
        );
    }

    fn fate(&mut self, now: Instant, line: usize, submit: &Submit) -> Fate {
        let admission = self.admit(now, line);
        let (_, hour) = self.day_and_hour(now);
        let operator = self.operator(line);
        let settings = &self.settings;
        Fate::draw(&Surroundings {
            seed: settings.seed,
            line,
            send: self.subscribers[line].sends,
            sms_time: settings.sms_time,
            sms_time_spread: settings.sms_time_spread,
            report_delay: operator
                .report_delay
                .as_ref()
                .unwrap_or(&settings.report_delay),
            operator,
            congestion: operator.congestion_at(hour),
            recipient: settings.country.recipient(&submit.destination.text()),
            faults: &settings.faults,
            refusal: match admission {
                Admission::Refused(code) => Some(code),
                Admission::Free | Admission::Dropped => None,
            },
            is_dropped: admission == Admission::Dropped,
        })
    }

    fn schedule(&mut self, at: Instant, what: What) {
        self.sequence += 1;
        self.due.push(Reverse(Due {
            at,
            sequence: self.sequence,
            what,
        }));
    }

    fn fire(&mut self, now: Instant, out: &mut NetworkEffects) {
        while self.due.peek().is_some_and(|Reverse(due)| due.at <= now) {
            let Some(Reverse(Due { at, what, .. })) = self.due.pop() else {
                return;
            };
            match what {
                What::Radio(on_air) => self.settle(at, *on_air, out),
                What::Answer { line, id, answer } => answered(line, id, answer, out),
                What::Report(report) => self.report_due(at, *report, out),
                What::Registered { line, search } => self.registered(line, search, out),
            }
        }
    }

    /// The radio time of a submission is over.
    fn settle(&mut self, at: Instant, on_air: OnAir, out: &mut NetworkEffects) {
        let OnAir { line, id, .. } = on_air;
        self.totals.on_air -= 1;
        self.hold_channel(line, false);
        match on_air.fate.outcome {
            Outcome::Accept => {
                self.accept(at, &on_air, out);
                answered(line, id, Answer::Accepted, out);
            }
            Outcome::Refuse(code) => {
                self.totals.refused += 1;
                answered(line, id, Answer::Refused(code), out);
            }
            Outcome::Silence { accepted, busy } => {
                self.totals.silent += 1;
                if accepted {
                    self.accept(at, &on_air, out);
                }
                self.schedule(
                    at + busy,
                    What::Answer {
                        line,
                        id,
                        answer: Answer::Silence,
                    },
                );
            }
        }
    }

    fn accept(&mut self, at: Instant, on_air: &OnAir, out: &mut NetworkEffects) {
        self.totals.accepted += 1;
        let entry = self.submit_entry(at, on_air);
        if on_air.fate.is_delivered {
            self.phones.take(&entry);
        }
        out.ledger.push(entry);
        if !on_air.submit.report {
            return;
        }
        let accepted = self.clock(at);
        for planned in on_air.fate.reports.iter().flatten() {
            let report = Report {
                line: on_air.line,
                reference: on_air
                    .submit
                    .reference
                    .wrapping_add(planned.reference_shift),
                recipient: recipient_named(&on_air.submit.destination, planned.is_national),
                accepted,
                status: planned.status,
            };
            match planned.delay {
                Some(delay) => self.schedule(at + delay, What::Report(Box::new(report))),
                None => self.report_due(at, report, out),
            }
        }
    }

    fn report_due(&mut self, at: Instant, report: Report, out: &mut NetworkEffects) {
        let line = report.line;
        let waiting = &mut self.subscribers[line].reports;
        if waiting.len() >= WAITING_MAX {
            self.totals.reports_dropped += 1;
            return;
        }
        waiting.push_back(Waiting::Report {
            report,
            discharge: at,
        });
        self.totals.reports_waiting += 1;
        self.serve(at, line, out);
    }

    fn inbound(&mut self, line: usize, message: &Inbound) {
        let waiting = &mut self.subscribers[line].messages;
        if waiting.len() + message.parts.len() > WAITING_MAX {
            self.totals.inbound_dropped += 1;
            return;
        }
        waiting.extend(message.parts.iter().map(|part| Waiting::Message {
            from: message.from.clone(),
            user_data: Box::new(part.clone()),
        }));
    }

    /// Offers the oldest thing the modem can take. One at a time: the next follows when this one was taken.
    fn serve(&mut self, now: Instant, line: usize, out: &mut NetworkEffects) {
        let subscriber = &mut self.subscribers[line];
        if subscriber.offered.is_some() {
            return;
        }
        let next = match subscriber.ready {
            Readiness { reports: true, .. } if !subscriber.reports.is_empty() => {
                subscriber.reports.pop_front()
            }
            Readiness { messages: true, .. } => subscriber.messages.pop_front(),
            Readiness { .. } => None,
        };
        let Some(waiting) = next else { return };
        let (tpdu, downlink) = match &waiting {
            Waiting::Report { report, discharge } => {
                let tpdu = self.report_tpdu(report, *discharge);
                (tpdu.clone(), Downlink::Report(tpdu))
            }
            Waiting::Message { from, user_data } => {
                let tpdu = self.deliver_tpdu(now, from, user_data);
                (tpdu.clone(), Downlink::Deliver(tpdu))
            }
        };
        self.subscribers[line].offered = Some(Offered { waiting, tpdu });
        out.downlinks.push_back((line, downlink));
    }

    fn taken(&mut self, now: Instant, line: usize, offered: &Offered, out: &mut NetworkEffects) {
        match &offered.waiting {
            Waiting::Report { .. } => {
                self.totals.reports += 1;
                self.totals.reports_waiting -= 1;
            }
            Waiting::Message { .. } => self.totals.inbound += 1,
        }
        out.ledger.push(self.taken_entry(now, line, offered));
    }

    fn returned(&mut self, line: usize) {
        let subscriber = &mut self.subscribers[line];
        match subscriber.offered.take() {
            Some(Offered {
                waiting: waiting @ Waiting::Report { .. },
                ..
            }) => {
                subscriber.ready.reports = false;
                subscriber.reports.push_front(waiting);
            }
            Some(Offered {
                waiting: waiting @ Waiting::Message { .. },
                ..
            }) => {
                subscriber.ready.messages = false;
                subscriber.messages.push_front(waiting);
            }
            None => {}
        }
    }
}

/// The recipient as a report names it; a number in national form begins with 0 and has no country code of two digits.
fn recipient_named(number: &sms::Address, is_national: bool) -> sms::Address {
    let text = number.text();
    let national = text
        .strip_prefix('+')
        .and_then(|digits| digits.get(2..))
        .and_then(|rest| sms::Address::parse(&format!("0{rest}")).ok());
    national
        .filter(|_| is_national)
        .unwrap_or_else(|| number.clone())
}

fn answered(line: usize, id: u64, answer: Answer, out: &mut NetworkEffects) {
    out.downlinks
        .push_back((line, Downlink::Answer { id, answer }));
}

/// Reports, and messages, a service centre keeps for one SIM. A host that is away sends nothing, so only what was on
/// its way when it left waits: minutes of sends. More would let a host that never listens fill the memory.
const WAITING_MAX: usize = 2_000;

#[cfg(test)]
mod tests;
