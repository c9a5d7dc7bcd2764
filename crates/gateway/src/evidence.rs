//! A cause is evidence and no proof: who is at fault, the message, the recipient, the SIM or its operator?
//!
//! ```text
//!  refusals of one SIM from several recipients in a row, nothing sent between  ─► the SIM is sick
//!  the same recipient refused by SIMs of two operators                         ─► the recipient is wrong
//!  half of an operator's SIMs refused within a minute                          ─► the operator's trouble, not the SIMs'
//!  nearly all reports of one SIM bad while those of the others are good        ─► the SIM is filtered
//! ```
//!
//! Counters and what follows from them; what is done about it is decided elsewhere. Volatile: a restart begins anew.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use crate::book::SimIdx;
use crate::causes::{CauseClass, CauseRule, Suspect};

/// What was seen lately.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    sims: BTreeMap<SimIdx, OfSim>,
    /// By a hash of the number, and in the order of their last refusal.
    recipients: VecDeque<OfRecipient>,
    /// SIMs refused within [`INCIDENT_SPAN`], by operator.
    refused: BTreeMap<Box<str>, BTreeMap<SimIdx, Instant>>,
}

/// One refusal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused<'a> {
    pub(crate) sim: SimIdx,
    /// The SIM's operator, if one is declared.
    pub(crate) operator: Option<&'a str>,
    /// SIMs of that operator that are in a line.
    pub(crate) operator_sims: usize,
    pub(crate) recipient: &'a str,
    pub(crate) rule: &'a CauseRule,
    /// Refusals of the message, this one included.
    pub(crate) refusals: u16,
    /// How often the SIM was found sick since a part was last sent on it.
    pub(crate) times_sick: u16,
}

/// What a refusal comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    pub(crate) class: CauseClass,
    /// How long the SIM is taken out, if it is.
    pub(crate) sick_for: Option<Duration>,
    /// Whether the operator is at fault: nothing is held against the SIM.
    pub(crate) incident: bool,
}

#[derive(Clone, Debug, Default)]
struct OfSim {
    /// Recipients refused since the last success.
    recipients: BTreeSet<u64>,
    succeeded: Option<Instant>,
    /// The latest final reports: whether each looks filtered.
    reports: VecDeque<bool>,
}

#[derive(Clone, Debug)]
struct OfRecipient {
    hash: u64,
    operators: BTreeSet<Box<str>>,
    since: Instant,
}

impl Evidence {
    /// Weighs a refusal.
    pub(crate) fn weigh(&mut self, now: Instant, refused: &Refused<'_>) -> Judgement {
        let class = refused.rule.class_at(refused.refusals);
        let hash = hash(refused.recipient);
        if self.is_recipient_wrong(now, hash, refused) {
            return Judgement {
                class: CauseClass::Permanent,
                sick_for: None,
                incident: false,
            };
        }
        let incident = speaks_of_the_network(class) && self.is_incident(now, refused);
        let suspicious = self.is_sim_suspicious(now, hash, class, refused);
        let class = if incident && class == CauseClass::SimSick {
            CauseClass::OtherSim
        } else if suspicious && !incident {
            CauseClass::SimSick
        } else {
            class
        };
        let is_out = matches!(class, CauseClass::SimSick | CauseClass::Barred);
        let sick_for = is_out.then(|| self.take_out(refused.sim, refused.times_sick));
        Judgement {
            class,
            sick_for,
            incident,
        }
    }

    /// A part was sent: nothing before it speaks against its SIM or its operator any more.
    pub(crate) fn sent(&mut self, now: Instant, sim: SimIdx, recipient: &str) {
        let of_sim = self.sims.entry(sim).or_default();
        of_sim.recipients.clear();
        of_sim.succeeded = Some(now);
        self.refused.values_mut().for_each(|sims| {
            sims.remove(&sim);
        });
        let hash = hash(recipient);
        self.recipients.retain(|known| known.hash != hash);
    }

    /// A final report came; how long the SIM is taken out, if its reports say that it is filtered.
    pub(crate) fn reported(
        &mut self,
        sim: SimIdx,
        status: sms::Status,
        times_sick: u16,
    ) -> Option<Duration> {
        let looks_filtered = FILTERED.contains(&status.0);
        let of_sim = self.sims.entry(sim).or_default();
        of_sim.reports.push_back(looks_filtered);
        if of_sim.reports.len() > REPORTS_SEEN {
            of_sim.reports.pop_front();
        }
        if !looks_filtered || of_sim.reports.len() < REPORTS_SEEN {
            return None;
        }
        let bad = of_sim.reports.iter().filter(|bad| **bad).count();
        let others = self.sims.iter().filter(|(other, _)| **other != sim);
        let others: Vec<bool> = others
            .flat_map(|(_, of)| of.reports.iter().copied())
            .collect();
        let bad_others = others.iter().filter(|bad| **bad).count();
        let is_filtered = bad * 100 >= REPORTS_SEEN * FILTERED_PERCENT_MIN
            && others.len() >= REPORTS_SEEN
            && bad_others * 100 < others.len() * FILTERED_PERCENT_OTHERS_MAX;
        is_filtered.then(|| {
            self.sims.entry(sim).or_default().reports.clear();
            self.take_out(sim, times_sick)
        })
    }

    /// An operator has looked after the SIM.
    pub(crate) fn forgive(&mut self, sim: SimIdx) {
        self.sims.remove(&sim);
    }

    /// For how long a SIM is taken out: longer each time.
    fn take_out(&mut self, sim: SimIdx, times_sick: u16) -> Duration {
        self.sims.entry(sim).or_default().recipients.clear();
        SICK_RESTS[usize::from(times_sick).min(SICK_RESTS.len() - 1)]
    }

    fn is_recipient_wrong(&mut self, now: Instant, hash: u64, refused: &Refused<'_>) -> bool {
        let Some(operator) = refused.operator else {
            return false;
        };
        if refused.rule.suspect != Some(Suspect::Recipient) {
            return false;
        }
        let at = self.recipients.iter().position(|known| known.hash == hash);
        let known = at.and_then(|at| self.recipients.remove(at));
        let mut known = known
            .filter(|known| now.saturating_duration_since(known.since) < RECIPIENT_SPAN)
            .unwrap_or(OfRecipient {
                hash,
                operators: BTreeSet::new(),
                since: now,
            });
        known.operators.insert(operator.into());
        known.since = now;
        let is_wrong = known.operators.len() > 1;
        self.recipients.push_back(known);
        if self.recipients.len() > RECIPIENTS_MAX {
            self.recipients.pop_front();
        }
        is_wrong
    }

    fn is_incident(&mut self, now: Instant, refused: &Refused<'_>) -> bool {
        let Some(operator) = refused.operator else {
            return false;
        };
        let sims = self.refused.entry(operator.into()).or_default();
        sims.insert(refused.sim, now);
        sims.retain(|_, at| now.saturating_duration_since(*at) < INCIDENT_SPAN);
        refused.operator_sims >= INCIDENT_SIMS_MIN && sims.len() * 2 >= refused.operator_sims
    }

    fn is_sim_suspicious(
        &mut self,
        now: Instant,
        hash: u64,
        class: CauseClass,
        refused: &Refused<'_>,
    ) -> bool {
        let strong = refused.rule.suspect.is_some() || class == CauseClass::OtherSim;
        let enough = match class {
            CauseClass::OtherSim | CauseClass::SameSim if strong => RECIPIENTS_STRONG,
            CauseClass::SameSim => RECIPIENTS_WEAK,
            CauseClass::Permanent | CauseClass::Configuration => RECIPIENTS_STRONG,
            CauseClass::OtherSim
            | CauseClass::SimSick
            | CauseClass::Barred
            | CauseClass::ModemSick
            | CauseClass::Wait
            | CauseClass::Unknown => return false,
        };
        let of_sim = self.sims.entry(refused.sim).or_default();
        of_sim.recipients.insert(hash);
        if of_sim.recipients.len() < enough {
            return false;
        }
        // Recipients may all be wrong, and so may we be: only another SIM's success speaks against this one.
        let is_messages_fault = matches!(class, CauseClass::Permanent | CauseClass::Configuration);
        !is_messages_fault || self.others_succeed(now, refused.sim)
    }

    fn others_succeed(&self, now: Instant, sim: SimIdx) -> bool {
        let others = self.sims.iter().filter(|(other, _)| **other != sim);
        let mut successes = others.filter_map(|(_, of)| of.succeeded);
        successes.any(|at| now.saturating_duration_since(at) < SUCCESS_SPAN)
    }
}

fn speaks_of_the_network(class: CauseClass) -> bool {
    match class {
        CauseClass::SameSim | CauseClass::OtherSim | CauseClass::SimSick => true,
        // A bar is meant for its SIM, however many others are barred too.
        CauseClass::Barred
        | CauseClass::Permanent
        | CauseClass::ModemSick
        | CauseClass::Wait
        | CauseClass::Configuration
        | CauseClass::Unknown => false,
    }
}

fn hash(recipient: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    recipient.hash(&mut hasher);
    hasher.finish()
}

/// How long a sick SIM is taken out: the first, the second and every further time.
const SICK_RESTS: [Duration; 3] = [
    Duration::from_secs(10 * 60),
    Duration::from_secs(3600),
    Duration::from_secs(6 * 3600),
];
/// Recipients in a row that prove a SIM sick, where the cause suspects it.
const RECIPIENTS_STRONG: usize = 3;
/// The same, where the cause speaks of the moment.
const RECIPIENTS_WEAK: usize = 5;
/// Recipients whose refusals are remembered at a time.
const RECIPIENTS_MAX: usize = 1_000;
/// And for how long.
const RECIPIENT_SPAN: Duration = Duration::from_secs(24 * 3600);
/// Within this time refusals of several SIMs are one incident.
const INCIDENT_SPAN: Duration = Duration::from_secs(60);
/// Of fewer SIMs nothing can be said of their operator.
const INCIDENT_SIMS_MIN: usize = 4;
/// A success of another SIM counts for so long.
const SUCCESS_SPAN: Duration = Duration::from_secs(600);
/// Final reports by which a SIM is judged.
const REPORTS_SEEN: usize = 20;
/// TP-ST of messages that a filter took: not obtainable, deleted by the service centre, no response.
const FILTERED: [u8; 3] = [0x43, 0x48, 0x62];
/// From this share on a SIM's reports look filtered…
const FILTERED_PERCENT_MIN: usize = 80;
/// …if those of all others are below this one.
const FILTERED_PERCENT_OTHERS_MAX: usize = 20;

#[cfg(test)]
mod tests;
