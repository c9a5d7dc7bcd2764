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

mod delivery;
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

use crate::air::{Answer, Downlink, Uplink};
use crate::country::{Country, Operator};
use crate::faults::Faults;
use crate::ledger::LedgerEntry;
use crate::sim::Sim;
use crate::view::OperatorView;
use due::{Due, OnAir, What};
use fate::{Fate, Outcome, Surroundings};
use limits::{Admission, OperatorState};
use phones::Phones;
use subscriber::{Report, Subscriber};

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
    /// Every SIM that was ever in a line: the first ones by line, then as they came.
    subscribers: Vec<Subscriber>,
    /// Which of them is in which line.
    cards: Vec<Option<usize>>,
    /// When the radio of each line is free.
    radio_free: Vec<Instant>,
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
            .map(|(line, sim)| {
                Subscriber::of(sim, Some(line), country.operator_of(line), settings.started)
            })
            .collect();
        let cells = country
            .cell
            .map_or(0, |cell| subscribers.len().div_ceil(cell.lines));
        Network {
            operators: vec![OperatorState::new(settings.started); country.operators.len()],
            cells: vec![0; cells],
            cards: (0..subscribers.len()).map(Some).collect(),
            radio_free: vec![settings.started; subscribers.len()],
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
                if let Some(card) = self.cards[line] {
                    self.inbound(card, message);
                    self.serve(now, card, out);
                }
            }
            NetworkInput::Faults(faults) => self.settings.faults = faults.clone(),
            NetworkInput::Bar { line, until } => {
                if let Some(card) = self.cards[line] {
                    self.bar(card, until);
                }
            }
            NetworkInput::Uncover { line, stat, until } => {
                if let Some(card) = self.cards[line] {
                    self.uncover(now, card, stat, until, out);
                }
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

    /// Its operators at this moment.
    pub(crate) fn operator_views(&self, now: Instant) -> Vec<OperatorView> {
        let operators = &self.settings.country.operators;
        let mut views: Vec<OperatorView> = operators
            .iter()
            .zip(&self.operators)
            .map(|(operator, state)| OperatorView {
                name: operator.name.clone(),
                on_air: state.on_air,
                accepted: state.accepted,
                refused: state.refused,
                is_down: now < state.down_until,
                ..OperatorView::default()
            })
            .collect();
        for subscriber in &self.subscribers {
            let view = &mut views[subscriber.operator];
            view.sims += 1;
            view.barred += u64::from(subscriber.barred_until.is_some_and(|until| now < until));
            view.reports_waiting += subscriber.reports.len() as u64;
        }
        views
    }

    /// Status reports that are asked for and not yet given.
    pub(crate) fn reports_owed(&self) -> u64 {
        let planned = self
            .due
            .iter()
            .filter(|Reverse(due)| matches!(due.what, What::Report(_)));
        let overtaken = self
            .subscribers
            .iter()
            .map(|one| one.overtaken.len() as u64);
        self.totals.reports_waiting + planned.count() as u64 + overtaken.sum::<u64>()
    }

    fn operator_state(&mut self, card: usize) -> &mut OperatorState {
        &mut self.operators[self.subscribers[card].operator]
    }

    fn uplink(&mut self, now: Instant, line: usize, uplink: Uplink, out: &mut NetworkEffects) {
        if let Uplink::Card(sim) = uplink {
            return self.change_card(line, &sim);
        }
        // A modem without a SIM has nothing to say.
        let Some(card) = self.cards[line] else { return };
        match uplink {
            Uplink::Submit {
                id,
                submit,
                tpdu,
                follows,
            } => {
                let fate = self.fate(now, (line, card), &submit, follows);
                let on_air = OnAir {
                    line,
                    card,
                    id,
                    submit,
                    tpdu,
                    fate,
                };
                self.begin(now, on_air);
            }
            Uplink::Ready(readiness) => {
                self.subscribers[card].ready = readiness;
                self.serve(now, card, out);
            }
            Uplink::Shown => self.shown(now, card, out),
            Uplink::Taken => {
                self.shown(now, card, out);
                self.subscribers[card].offered = None;
                self.serve(now, card, out);
            }
            Uplink::Returned => self.returned(now, card),
            Uplink::Search => self.search(now, card),
            Uplink::Ussd(request) => self.ussd_answer(card, &request, out),
            Uplink::UssdEnd => self.subscribers[card].ussd.clear(),
            Uplink::Card(_) => {}
        }
    }

    /// A submission goes on the air.
    fn begin(&mut self, now: Instant, on_air: OnAir) {
        let OnAir { line, card, .. } = on_air;
        self.subscribers[card].sends += 1;
        // A restarted modem may submit while its last submission is still on the air: one radio, one after another.
        let done = self.radio_free[line].max(now) + on_air.fate.busy;
        self.radio_free[line] = done;
        self.totals.submissions += 1;
        self.totals.on_air += 1;
        self.operator_state(card).on_air += 1;
        self.hold_channel(line, true);
        self.schedule(done, What::Radio(Box::new(on_air)));
    }

    fn fate(
        &mut self,
        now: Instant,
        (line, card): (usize, usize),
        submit: &Submit,
        follows: bool,
    ) -> Fate {
        let admission = self.admit(now, line, card);
        let (_, hour) = self.day_and_hour(now);
        let operator = self.operator(card);
        let settings = &self.settings;
        Fate::draw(&Surroundings {
            seed: settings.seed,
            card,
            send: self.subscribers[card].sends,
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
            follows,
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
                What::Overtaken { card } => self.release_overtaken(at, card, out),
                What::Redelivery { card } => self.serve(at, card, out),
                What::Registered { card, search } => self.registered(card, search, out),
            }
        }
    }

    /// The radio time of a submission is over.
    fn settle(&mut self, at: Instant, on_air: OnAir, out: &mut NetworkEffects) {
        let OnAir { line, id, card, .. } = on_air;
        self.totals.on_air -= 1;
        self.operator_state(card).on_air -= 1;
        self.hold_channel(line, false);
        match on_air.fate.outcome {
            Outcome::Accept => {
                self.accept(at, &on_air, out);
                answered(line, id, Answer::Accepted, out);
            }
            Outcome::Refuse(code) => {
                self.totals.refused += 1;
                self.operator_state(card).refused += 1;
                out.ledger.push(self.refusal_entry(at, &on_air, code));
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
        self.operator_state(on_air.card).accepted += 1;
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
                card: on_air.card,
                reference: on_air
                    .submit
                    .reference
                    .wrapping_add(planned.reference_shift),
                recipient: recipient_named(&on_air.submit.destination, planned.is_national),
                accepted,
                status: planned.status,
                is_overtaken: planned.is_overtaken,
            };
            match planned.delay {
                Some(delay) => self.schedule(at + delay, What::Report(Box::new(report))),
                None => self.report_due(at, report, out),
            }
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

#[cfg(test)]
mod tests;
