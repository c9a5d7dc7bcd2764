//! Reads the network's ledger: what is true of the air, and which report is about which part.

use std::collections::BTreeMap;

use gateway::{Report, UnixMs};
use hw_sim::{LedgerEntry, LedgerEvent};

use modem::Ticket;

use super::limits::ROUNDED_MS;
use super::{Checked, Fate, Judge, Tried, demand};
use crate::world::plan::number_in;

/// A part on the air.
#[derive(Clone, Debug)]
pub struct Aired {
    /// Number of its message.
    pub number: usize,
    /// Part, from 1.
    pub part: u8,
    /// Parts.
    pub parts: u8,
    /// Concatenation reference.
    pub reference: Option<u16>,
    /// ICCID.
    pub sim: String,
    /// TP-MR.
    pub mr: Option<u8>,
    /// Recipient.
    pub to: String,
    /// When the network accepted it.
    pub at: UnixMs,
    /// When the radio began with it.
    pub began: UnixMs,
    /// TP-ST of the reports that a modem took, in their order.
    pub reports: Vec<u8>,
}

/// Places in the air by what a report tells: SIM, TP-MR, the end of the recipient's number.
pub(super) type Reports = BTreeMap<(String, u8, String), Vec<usize>>;

impl Judge {
    /// The network wrote its ledger.
    ///
    /// # Errors
    /// What is on the air and should not be.
    pub fn heard(&mut self, entry: &LedgerEntry) -> Checked {
        match entry.event {
            LedgerEvent::Submit => self.aired(entry),
            LedgerEvent::Report => {
                self.report_taken(entry);
                Ok(())
            }
            LedgerEvent::Refuse | LedgerEvent::Inbound => Ok(()),
        }
    }

    /// Parts on the air.
    pub fn air(&self) -> &[Aired] {
        &self.air
    }

    /// Copies of an attempt's part on the air.
    pub(super) fn copies<'a>(&'a self, tried: &'a Tried) -> impl Iterator<Item = &'a Aired> {
        self.on_air(tried.number)
            .filter(|aired| aired.part == tried.part)
    }

    fn aired(&mut self, entry: &LedgerEntry) -> Checked {
        let text = entry.content();
        let Some(number) = number_in(text) else {
            return Err(format!(
                "line {} puts on the air what no app sent",
                entry.line
            ));
        };
        let at = self.epoch.0 + i64::try_from(entry.t_ms).unwrap_or(i64::MAX);
        let busy_ms = entry.busy_ms.unwrap_or_default() as i64;
        let aired = Aired {
            number,
            part: entry.part,
            parts: entry.parts,
            reference: entry.reference,
            sim: entry.iccid.clone(),
            mr: entry.mr,
            to: entry.to.clone(),
            at: UnixMs(at),
            began: UnixMs(at - busy_ms),
            reports: Vec::new(),
        };
        self.check_aired(&aired)?;
        self.tally.aired += 1;
        let is_double = self.on_air(number).any(|other| other.part == aired.part);
        self.tally.doubled += u64::from(is_double);
        let key = (
            aired.sim.clone(),
            aired.mr.unwrap_or_default(),
            subscriber(&aired.to),
        );
        self.reports.entry(key).or_default().push(self.air.len());
        self.places[number].push(self.air.len());
        self.air.push(aired);
        Ok(())
    }

    fn check_aired(&mut self, aired: &Aired) -> Checked {
        let Aired { number, part, .. } = *aired;
        let probe = &self.probes[number];
        demand(probe.to == aired.to, || {
            format!("part {part} of {number} goes to another recipient")
        })?;
        let copies = self
            .on_air(number)
            .filter(|other| other.part == part)
            .count();
        let mine = || {
            self.tries(number)
                .filter(|(_, tried)| tried.part == part && tried.fate != Fate::NotSent)
        };
        demand(copies < mine().count(), || {
            format!(
                "part {part} of {number} is on the air {} times and may be {} times",
                copies + 1,
                mine().count()
            )
        })?;
        let through = || mine().filter(|(_, tried)| tried.sim.0.as_ref() == aired.sim);
        demand(through().next().is_some(), || {
            format!("part {part} of {number} goes through a SIM that it was not given to")
        })?;
        let is_single = aired.reference.is_none();
        let is_its = |tried: &Tried| is_single || aired.reference == Some(tried.reference.into());
        let its = || through().filter(|(_, tried)| is_its(tried));
        // A modem that boots may have left a try with the network, which takes it when the next has been started.
        let had_begun = |tried: &Tried| tried.at.0 <= aired.began.0 + ROUNDED_MS;
        let before = its().filter(|(_, tried)| had_begun(tried)).last();
        let Some((ticket, tried)) = before.or_else(|| its().last()) else {
            return Err(format!(
                "part {part} of {number} has reference {:?} on the air and another on disk",
                aired.reference
            ));
        };
        let late_ms = aired.began.0 - self.messages[&tried.seq].expires.0;
        demand(late_ms <= LATE_MAX_MS, || {
            format!("part {part} of {number} is on the air {late_ms} ms after its deadline")
        })?;
        let sim = tried.sim.clone();
        self.limits.aired(ticket, &sim, aired.began)?;
        self.tally.filled = self.limits.filled;
        Ok(())
    }

    /// A modem took a report: the part that it is about has a report that the gateway may know.
    fn report_taken(&mut self, entry: &LedgerEntry) {
        let tpdu = sms::hex::decode(entry.tpdu.as_bytes()).expect("the ledger holds hex");
        let report = sms::StatusReport::decode(&tpdu).expect("the network makes good reports");
        let taken = report.time.as_ref().map(sms::ServiceCentreTime::unix_ms);
        let key = (
            entry.iccid.clone(),
            entry.mr.unwrap_or_default(),
            subscriber(&entry.to),
        );
        let places = self.reports.get(&key).cloned().unwrap_or_default();
        // Two parts with one number in one second do not happen: the number is the SIM's count.
        let about = places.into_iter().rev().find(|place| {
            taken.is_some_and(|taken| is_taken_at(&self.air[*place], taken, self.skew_ms))
        });
        if let Some(about) = about {
            self.air[about].reports.extend(entry.status);
        }
    }

    /// The report is about this part and no other (invariant 6).
    pub(super) fn check_report(&mut self, ticket: Ticket, report: &Report) -> Checked {
        let tried = &self.attempts[&ticket];
        demand(tried.fate == Fate::Sent, || {
            format!("a report is attributed to {tried:?}")
        })?;
        let Some(taken) = report.taken else {
            return Err("the network's reports tell their time".to_owned());
        };
        let is_about = |aired: &Aired| {
            aired.sim.as_str() == &*tried.sim.0
                && aired.part == tried.part
                && is_taken_at(aired, taken.0, self.skew_ms)
                && aired.reports.contains(&report.status.0)
        };
        if self.on_air(tried.number).any(is_about) {
            self.reported.insert((tried.number, tried.part));
            return Ok(());
        }
        Err(format!(
            "a report of {taken:?}, status {}, is attributed to {tried:?}, which it is not about",
            report.status.0
        ))
    }
}

/// What of a number is the same in international and national form.
fn subscriber(number: &str) -> String {
    let digits: Vec<char> = number.chars().rev().take(SUBSCRIBER_DIGITS).collect();
    digits.into_iter().rev().collect()
}

/// Whether the service centre took this part in that second of its clock.
fn is_taken_at(aired: &Aired, taken_ms: i64, skew_ms: i64) -> bool {
    (aired.at.0 + skew_ms).div_euclid(1000) == taken_ms.div_euclid(1000)
}

/// A line begins a part in time; then the modem may take its time for the prompt.
const LATE_MAX_MS: i64 = 15_000;
const SUBSCRIBER_DIGITS: usize = 8;
