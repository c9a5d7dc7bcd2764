//! What the network brings to SIMs: status reports and messages, one at a time, again when they were not acknowledged
//! (3GPP TS 23.040 §3.2.6, §10).
//!
//! What waits for a SIM waits for that SIM, whichever line it is in; a SIM in no line keeps it waiting.

use std::time::{Duration, Instant};

use super::due::What;
use super::subscriber::{Offered, Report, Subscriber, Waiting};
use super::{Inbound, Network, NetworkEffects};
use crate::air::{Downlink, Readiness};
use crate::sim::Sim;

impl Network {
    /// A status report is due, unless the next one of its SIM is to overtake it.
    pub(super) fn report_due(&mut self, at: Instant, report: Report, out: &mut NetworkEffects) {
        let card = report.card;
        if report.is_overtaken {
            let until = at + OVERTAKEN_MAX;
            self.subscribers[card].overtaken.push((until, report));
            return self.schedule(until, What::Overtaken { card });
        }
        self.wait(at, report);
        for (_, report) in std::mem::take(&mut self.subscribers[card].overtaken) {
            self.wait(at, report);
        }
        self.serve(at, card, out);
    }

    /// Reports that nothing has overtaken come all the same.
    pub(super) fn release_overtaken(&mut self, at: Instant, card: usize, out: &mut NetworkEffects) {
        let overtaken = std::mem::take(&mut self.subscribers[card].overtaken);
        let (due, later): (Vec<_>, Vec<_>) =
            overtaken.into_iter().partition(|(until, _)| *until <= at);
        self.subscribers[card].overtaken = later;
        for (_, report) in due {
            self.wait(at, report);
        }
        self.serve(at, card, out);
    }

    fn wait(&mut self, at: Instant, report: Report) {
        let waiting = &mut self.subscribers[report.card].reports;
        if waiting.len() >= WAITING_MAX {
            self.totals.reports_dropped += 1;
            return;
        }
        waiting.push_back(Waiting::Report {
            report,
            discharge: at,
        });
        self.totals.reports_waiting += 1;
    }

    pub(super) fn inbound(&mut self, card: usize, message: &Inbound) {
        let waiting = &mut self.subscribers[card].messages;
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
    pub(super) fn serve(&mut self, now: Instant, card: usize, out: &mut NetworkEffects) {
        let subscriber = &mut self.subscribers[card];
        let Some(line) = subscriber.line else { return };
        if subscriber.offered.is_some() || now < subscriber.tried_again_at {
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
        self.subscribers[card].offered = Some(Offered {
            waiting,
            tpdu,
            is_shown: false,
        });
        out.downlinks.push_back((line, downlink));
    }

    /// The modem has what was offered, and may have passed it on: that is on record, whatever becomes of it.
    pub(super) fn shown(&mut self, now: Instant, card: usize, out: &mut NetworkEffects) {
        let subscriber = &mut self.subscribers[card];
        let (Some(line), Some(offered)) = (subscriber.line, &mut subscriber.offered) else {
            return;
        };
        if std::mem::replace(&mut offered.is_shown, true) {
            return;
        }
        match &offered.waiting {
            Waiting::Report { .. } => {
                self.totals.reports += 1;
                self.totals.reports_waiting -= 1;
            }
            Waiting::Message { .. } => self.totals.inbound += 1,
        }
        let entry = self.shown_entry(now, line, card);
        out.ledger.extend(entry);
    }

    /// The modem could not take what was offered, or its host did not acknowledge it: the service centre keeps it.
    pub(super) fn returned(&mut self, now: Instant, card: usize) {
        let Some(offered) = self.subscribers[card].offered.take() else {
            return;
        };
        let was_shown = offered.is_shown;
        let subscriber = &mut self.subscribers[card];
        match offered.waiting {
            waiting @ Waiting::Report { .. } => {
                subscriber.ready.reports &= was_shown;
                subscriber.reports.push_front(waiting);
                self.totals.reports_waiting += u64::from(was_shown);
            }
            waiting @ Waiting::Message { .. } => {
                subscriber.ready.messages &= was_shown;
                subscriber.messages.push_front(waiting);
            }
        }
        // A modem that is full or away says when it is not; after an error the service centre tries after a while.
        if was_shown {
            let at = now + REDELIVERY_TIME;
            self.subscribers[card].tried_again_at = at;
            self.schedule(at, What::Redelivery { card });
        }
    }

    /// Another SIM takes the place of a line's: each keeps what the network holds for it.
    pub(super) fn change_card(&mut self, line: usize, sim: &Sim) {
        if let Some(card) = self.cards[line].take() {
            self.leave(card);
        }
        let known = self
            .subscribers
            .iter()
            .position(|subscriber| subscriber.iccid == sim.iccid);
        let card = known.unwrap_or_else(|| {
            let country = &self.settings.country;
            let operator = country
                .operators
                .iter()
                .position(|operator| sim.imsi.starts_with(&operator.code))
                .unwrap_or_else(|| country.operator_of(line));
            let started = self.settings.started;
            self.subscribers
                .push(Subscriber::of(sim, None, operator, started));
            self.subscribers.len() - 1
        });
        // One card is in one place.
        if let Some(elsewhere) = self.subscribers[card].line {
            self.cards[elsewhere] = None;
            self.leave(card);
        }
        self.cards[line] = Some(card);
        self.subscribers[card].line = Some(line);
    }

    /// What was on its way to a SIM that is pulled out was not acknowledged.
    fn leave(&mut self, card: usize) {
        let subscriber = &mut self.subscribers[card];
        subscriber.line = None;
        subscriber.ready = Readiness::default();
        subscriber.ussd.clear();
        // A search goes on no longer.
        subscriber.searches += 1;
        let Some(offered) = subscriber.offered.take() else {
            return;
        };
        match offered.waiting {
            waiting @ Waiting::Report { .. } => {
                subscriber.reports.push_front(waiting);
                self.totals.reports_waiting += u64::from(offered.is_shown);
            }
            waiting @ Waiting::Message { .. } => subscriber.messages.push_front(waiting),
        }
    }
}

/// Reports, and messages, a service centre keeps for one SIM. A host that is away sends nothing, so only what was on
/// its way when it left waits: minutes of sends. More would let a host that never listens fill the memory.
const WAITING_MAX: usize = 2_000;
/// How long a report waits for the one that is to overtake it.
const OVERTAKEN_MAX: Duration = Duration::from_secs(60);
/// When the service centre tries again what a host did not acknowledge: the first step of usual retry schedules.
const REDELIVERY_TIME: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
