//! What stands between a SIM and the service centre: coverage, bars, credit, limits a day, antennas, outages.
//!
//! Each check gives the `+CMS ERROR` code of a refusal (3GPP TS 24.011 §8.2.5.4).

use std::time::{Duration, Instant};

use super::Network;
use super::due::What;
use crate::air::Downlink;
use crate::country::{Operator, SpamReaction};
use crate::rng::{Rng, Stream};

/// What an operator makes of a submission before chance has its say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Free,
    /// Said yes to and thrown away.
    Dropped,
    Refused(u16),
}

/// What an operator is doing at the moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct OperatorState {
    /// Its service centre is out of order until then.
    pub(super) down_until: Instant,
    /// When the next of many SIMs is let in.
    registration_free: Instant,
    pub(super) accepted: u64,
    pub(super) refused: u64,
    pub(super) on_air: u64,
}

impl OperatorState {
    pub(super) fn new(started: Instant) -> OperatorState {
        OperatorState {
            down_until: started,
            registration_free: started,
            accepted: 0,
            refused: 0,
            on_air: 0,
        }
    }
}

impl Network {
    /// Whether the operator takes a submission of this SIM in this line; counts it against the limits.
    pub(super) fn admit(&mut self, now: Instant, line: usize, card: usize) -> Admission {
        let place = self.subscribers[card].operator;
        if now < self.operators[place].down_until {
            return Admission::Refused(OUT_OF_ORDER);
        }
        if self.cell_is_full(line) {
            return Admission::Refused(CONGESTION);
        }
        let (day, _) = self.day_and_hour(now);
        let Operator {
            spam_per_day,
            spam_reaction,
            credit,
            ..
        } = *self.operator(card);
        let subscriber = &mut self.subscribers[card];
        if subscriber.barred_until.is_some_and(|until| now < until) {
            return Admission::Refused(BARRED);
        }
        if credit.is_some_and(|credit| subscriber.spent >= credit) {
            return Admission::Refused(REJECTED);
        }
        if subscriber.day != day {
            (subscriber.day, subscriber.sent_today) = (day, 0);
        }
        let is_spam = spam_per_day.is_some_and(|limit| subscriber.sent_today >= limit);
        match spam_reaction {
            SpamReaction::Bar if is_spam => {
                subscriber.barred_until = Some(now + FOR_EVER);
                self.totals.barred += 1;
                return Admission::Refused(BARRED);
            }
            SpamReaction::Refuse if is_spam => return Admission::Refused(REJECTED),
            SpamReaction::Bar | SpamReaction::Refuse | SpamReaction::Drop => {}
        }
        subscriber.sent_today += 1;
        subscriber.spent += 1;
        if is_spam {
            Admission::Dropped
        } else {
            Admission::Free
        }
    }

    /// A SIM may not send until then.
    pub(super) fn bar(&mut self, card: usize, until: Instant) {
        self.totals.barred += 1;
        self.subscribers[card].barred_until = Some(until);
    }

    /// The operator's service centre is out of order until then.
    pub(super) fn fail(&mut self, operator: usize, until: Instant) {
        let state = &mut self.operators[operator];
        state.down_until = state.down_until.max(until);
    }

    pub(super) fn operator(&self, card: usize) -> &Operator {
        // `new` put a default operator into a country without any.
        &self.settings.country.operators[self.subscribers[card].operator]
    }

    pub(super) fn day_and_hour(&self, now: Instant) -> (u64, u64) {
        let elapsed = now.saturating_duration_since(self.settings.started);
        self.settings.country.day_and_hour(elapsed)
    }

    fn cell_is_full(&self, line: usize) -> bool {
        self.settings
            .country
            .cell
            .is_some_and(|cell| self.cells[line / cell.lines] >= cell.channels)
    }

    /// A submission holds a channel of its antenna, or lets it go.
    pub(super) fn hold_channel(&mut self, line: usize, held: bool) {
        if let Some(cell) = self.settings.country.cell {
            let channels = &mut self.cells[line / cell.lines];
            *channels = if held {
                *channels + 1
            } else {
                channels.saturating_sub(1)
            };
        }
    }

    /// A modem looks for its network: it is let in when its turn comes, unless there is no coverage.
    pub(super) fn search(&mut self, now: Instant, card: usize) {
        let subscriber = &mut self.subscribers[card];
        subscriber.searches += 1;
        let search = subscriber.searches;
        let from = subscriber.uncovered_until.max(now);
        let place = subscriber.operator;
        let operator = &self.settings.country.operators[place];
        let mut rng = Rng::keyed(self.settings.seed, Stream::Operator, card, !search);
        let time = match operator.profile.figures() {
            Some(figures) => figures.registration.draw(&mut rng),
            None => REGISTRATION_TIME,
        };
        let free = &mut self.operators[place].registration_free;
        let turn = (*free).max(from);
        if let Some(rate) = operator.registrations_per_second {
            *free = turn + Duration::from_secs_f64(1.0 / rate);
        }
        let at = (from + time).max(turn);
        self.schedule(at, What::Registered { card, search });
    }

    /// A SIM has no coverage until then; modems show `stat` meanwhile (3GPP TS 27.007 §7.2).
    pub(super) fn uncover(
        &mut self,
        now: Instant,
        card: usize,
        stat: u8,
        until: Instant,
        out: &mut super::NetworkEffects,
    ) {
        let subscriber = &mut self.subscribers[card];
        subscriber.uncovered_until = subscriber.uncovered_until.max(until);
        if let Some(line) = subscriber.line {
            out.downlinks
                .push_back((line, Downlink::Registration(stat)));
        }
        self.search(now, card);
    }

    /// A search succeeds, unless a later one has taken its place.
    pub(super) fn registered(&mut self, card: usize, search: u64, out: &mut super::NetworkEffects) {
        let subscriber = &self.subscribers[card];
        if let Some(line) = subscriber.line.filter(|_| subscriber.searches == search) {
            out.downlinks
                .push_back((line, Downlink::Registration(REGISTERED)));
        }
    }
}

/// `<stat>` of a SIM in its home network.
const REGISTERED: u8 = 1;
/// Operator determined barring.
const BARRED: u16 = 8;
/// Short message transfer rejected: no credit, or too many.
const REJECTED: u16 = 21;
/// Network out of order.
const OUT_OF_ORDER: u16 = 38;
/// Congestion.
const CONGESTION: u16 = 42;
/// From search to registration without a profile: short, since tests wait for it; real modems take 6 to 90 s.
const REGISTRATION_TIME: Duration = Duration::from_millis(500);
/// Longer than any run.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 86_400);
