//! What really is on the air, and the reports that the network makes of it.

use std::collections::BTreeMap;

use modem::Submission;
use sms::{Address, Direction, ServiceCentreTime, Status, StatusReport, Tpdu};

use super::random::Random;
use crate::words::{MessageId, UnixMs};

/// The network: every part it took, every report it made.
pub(super) struct Air {
    pub(super) parts: Vec<Aired>,
    /// By discharge time, which the gateway only stores: the part that a report is about.
    pub(super) reports: BTreeMap<UnixMs, Option<usize>>,
    mrs: BTreeMap<u32, u8>,
}

/// A part that the network took.
pub(super) struct Aired {
    pub(super) sim: u32,
    pub(super) message: MessageId,
    pub(super) part: u8,
    pub(super) mr: u8,
    pub(super) is_delivered: bool,
    to: Address,
    taken: ServiceCentreTime,
    wants_report: bool,
    last: Option<StatusReport>,
}

impl Air {
    pub(super) fn new() -> Air {
        Air {
            parts: Vec::new(),
            reports: BTreeMap::new(),
            mrs: BTreeMap::new(),
        }
    }

    /// Takes a part; returns its place in the ledger.
    pub(super) fn take(
        &mut self,
        submission: &Submission,
        sim: u32,
        message: MessageId,
        part: u8,
        now: UnixMs,
    ) -> usize {
        let tpdu = Tpdu::decode(&submission.tpdu, Direction::MobileOriginated).unwrap();
        let Tpdu::Submit(submit) = tpdu else {
            panic!("only SUBMITs go on the air: {tpdu:?}");
        };
        let concatenation = submit.user_data.concatenation();
        assert_eq!(concatenation.map_or(1, |place| place.part), part);
        let mr = self.mrs.entry(sim).or_insert(250);
        *mr = mr.wrapping_add(1);
        self.parts.push(Aired {
            sim,
            message,
            part,
            mr: *mr,
            is_delivered: false,
            to: submit.destination,
            taken: ServiceCentreTime::from_unix_ms(now.0 + 1000, 4),
            wants_report: submit.report,
            last: None,
        });
        self.parts.len() - 1
    }

    /// A report, perhaps early, late, repeated, rewritten or about nothing here; and the SIM that it comes to.
    pub(super) fn report(&mut self, random: &mut Random) -> Option<(u32, StatusReport)> {
        if self.parts.is_empty() {
            return None;
        }
        // Mostly of the latest parts: a message that waits for a report for long makes room for little else.
        let count = u32::try_from(self.parts.len()).unwrap();
        let from = if random.one_in(4) {
            0
        } else {
            count.saturating_sub(8)
        };
        let at = random.within(from, count - 1) as usize;
        let sim = self.parts[at].sim;
        if random.one_in(20) {
            return Some((sim, self.foreign(random)));
        }
        let id = UnixMs(1_000_000_000_000 + i64::try_from(self.reports.len()).unwrap() * 1000);
        let part = &mut self.parts[at];
        if !part.wants_report {
            return None;
        }
        if let Some(last) = part.last.clone().filter(|_| random.one_in(2)) {
            return Some((sim, last));
        }
        if part
            .last
            .as_ref()
            .is_some_and(|last| last.status.is_final())
        {
            return None;
        }
        let status = Status(random.pick(&[0x00, 0x00, 0x00, 0x00, 0x01, 0x20, 0x30, 0x43, 0x46]));
        part.is_delivered |= status == Status(0);
        let discharge = ServiceCentreTime::from_unix_ms(id.0, 0);
        let to = rewritten(&part.to, random);
        let report = StatusReport::new(part.mr, to, part.taken, discharge, status);
        part.last = Some(report.clone());
        self.reports.insert(id, Some(at));
        Some((sim, report))
    }

    /// A report on what was sent with the SIM elsewhere, another day.
    fn foreign(&mut self, random: &mut Random) -> StatusReport {
        let id = UnixMs(1_000_000_000_000 + i64::try_from(self.reports.len()).unwrap() * 1000);
        self.reports.insert(id, None);
        let mr = u8::try_from(random.below(256)).unwrap();
        let to = Address::parse("+99999999999").unwrap();
        let yesterday = ServiceCentreTime::from_unix_ms(1_700_000_000_000, 0);
        StatusReport::new(
            mr,
            to,
            yesterday,
            ServiceCentreTime::from_unix_ms(id.0, 0),
            Status(0),
        )
    }
}

/// The recipient as some networks write it.
fn rewritten(to: &Address, random: &mut Random) -> Address {
    let digits = to.digits().unwrap();
    let form = match random.below(4) {
        0 => digits.to_owned(),
        1 => format!("0{}", &digits[2..]),
        _ => return to.clone(),
    };
    Address::parse(&form).unwrap()
}
