//! Operators, cells and the people who are sent messages: how a network behaves, as values.
//!
//! `Default` is a country with one operator at the fleet's own times, cells without end and everybody within reach.
//! What becomes of a submission is decided by the network; this module only holds the rules and the measured profiles.

mod profile;

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;

use crate::scenario::read;

pub use profile::Profile;

/// What surrounds a fleet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Country {
    /// Each SIM has one of these; none is one operator with every default.
    pub operators: Vec<Operator>,
    /// How recipients behave; the longest prefix that fits decides, and who fits none is within reach.
    pub recipients: Vec<Recipients>,
    /// Antennas; `None` is one without end.
    pub cell: Option<Cell>,
    /// Time of day when the simulator starts, for congestion and for limits per day.
    pub day_starts_at: Duration,
}

/// A mobile operator and its tariff.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Operator {
    /// What scenarios call it.
    pub name: String,
    /// Country and network code, 5 or 6 digits: the first digits of its IMSIs.
    #[serde(deserialize_with = "read::network_code")]
    pub code: String,
    /// How many SIMs it has, in proportion to the others.
    #[serde(deserialize_with = "read::weight")]
    pub share: f64,
    /// Its times and errors.
    pub profile: Profile,
    /// When a status report comes after the accept, instead of as the profile says.
    #[serde(deserialize_with = "read::maybe_range")]
    pub report_delay: Option<RangeInclusive<Duration>>,
    /// Parts a SIM may send in a day before the operator takes it for a spammer.
    pub spam_per_day: Option<u64>,
    /// What it does then.
    pub spam_reaction: SpamReaction,
    /// Parts a SIM can pay for.
    pub credit: Option<u64>,
    /// SIMs it lets in per second when many register at once; `None` is all.
    #[serde(deserialize_with = "read::registrations")]
    pub registrations_per_second: Option<f64>,
    /// Hours at which everything takes longer.
    pub congestion: Vec<Congestion>,
}

/// What an operator does with a SIM that sent too much in a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpamReaction {
    /// Bars it for ever: `+CMS ERROR: 8`.
    #[default]
    Bar,
    /// Refuses until midnight: `+CMS ERROR: 21`.
    Refuse,
    /// Says yes and delivers nothing: reports tell that the service centre deleted it (TP-ST 0x48).
    Drop,
}

/// Hours of every day at which a network is slow.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Congestion {
    /// From this hour of the day, 0 to 23.
    #[serde(deserialize_with = "read::hour")]
    pub from: u64,
    /// To this hour, 1 to 24; before `from`, over midnight.
    #[serde(deserialize_with = "read::hour")]
    pub to: u64,
    /// How many times longer a send takes, 1 to 100.
    #[serde(deserialize_with = "read::factor")]
    pub factor: f64,
    /// Probability that a send is refused with `+CMS ERROR: 42`.
    #[serde(default, deserialize_with = "read::probability")]
    pub refused: f64,
}

/// Antennas of a site: how many lines share one, and how many sends it carries at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Neighbouring lines under one antenna.
    #[serde(deserialize_with = "read::some_lines")]
    pub lines: usize,
    /// Sends at once: the signalling channels. More are refused with `+CMS ERROR: 42`.
    #[serde(deserialize_with = "read::some_lines")]
    pub channels: usize,
}

/// Recipients whose number begins alike.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipients {
    /// First characters of the number as it is on the air, such as `+4915550`.
    pub prefix: String,
    /// What becomes of their messages.
    pub behaviour: Behaviour,
    /// When an absent one comes back, or the service centre gives up.
    #[serde(default = "read::a_minute", deserialize_with = "read::range")]
    pub after: RangeInclusive<Duration>,
}

/// How a recipient behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Receives at once.
    #[default]
    Reachable,
    /// Is away and receives later: a report "still trying" precedes the one that says so.
    AbsentThenReachable,
    /// Never comes back: "still trying", then the validity expires (TP-ST 0x46).
    Absent,
    /// There is no such number: `+CMS ERROR: 1`.
    Invalid,
    /// Takes no messages (TP-ST 0x42).
    Barred,
    /// Has no room: "still trying", then given up (TP-ST 0x65).
    Full,
}

impl Default for Operator {
    fn default() -> Operator {
        Operator {
            name: "home".to_owned(),
            code: "26201".to_owned(),
            share: 1.0,
            profile: Profile::Plain,
            report_delay: None,
            spam_per_day: None,
            spam_reaction: SpamReaction::Bar,
            credit: None,
            registrations_per_second: None,
            congestion: Vec::new(),
        }
    }
}

impl Country {
    /// Which operator the SIM of a line is of; 0 when there are none. Shares are spread over neighbouring lines.
    pub fn operator_of(&self, line: usize) -> usize {
        let total: f64 = self.operators.iter().map(|operator| operator.share).sum();
        // Multiples of the golden ratio fill the unit interval evenly, however few there are.
        let mut place = ((line as f64 + 0.5) * GOLDEN_RATIO).fract() * total;
        for (index, operator) in self.operators.iter().enumerate() {
            if place < operator.share {
                return index;
            }
            place -= operator.share;
        }
        self.operators.len().saturating_sub(1)
    }

    /// The rule for a recipient, if there is one.
    pub(crate) fn recipient(&self, number: &str) -> Option<&Recipients> {
        self.recipients
            .iter()
            .filter(|rule| number.starts_with(&rule.prefix))
            .max_by_key(|rule| rule.prefix.len())
    }

    /// Day and hour, counted from the midnight before the start.
    pub(crate) fn day_and_hour(&self, elapsed: Duration) -> (u64, u64) {
        let hours = (self.day_starts_at + elapsed).as_secs() / 3600;
        (hours / 24, hours % 24)
    }
}

impl Operator {
    /// How congested it is at this hour.
    pub(crate) fn congestion_at(&self, hour: u64) -> Option<&Congestion> {
        self.congestion.iter().find(|rush| {
            if rush.from < rush.to {
                (rush.from..rush.to).contains(&hour)
            } else {
                hour >= rush.from || hour < rush.to
            }
        })
    }
}

/// The fractional part of the golden ratio.
const GOLDEN_RATIO: f64 = 0.618_033_988_749_894_9;

#[cfg(test)]
mod tests;
