//! What will become of one submission, drawn whole when it begins.
//!
//! Drawing everything at once from a generator of the submission's own keeps runs repeatable: the n-th send
//! on a line has the same fate in every run with the same seed and settings.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::faults::Faults;
use crate::rng::{Rng, Stream};

/// Radio time, answer and reports of one submission.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fate {
    /// Radio time.
    pub(super) busy: Duration,
    pub(super) outcome: Outcome,
    /// At most an intermediate report, the final one and its repetition.
    pub(super) reports: [Option<PlannedReport>; 3],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Accept,
    Refuse(u16),
    Silence { accepted: bool, busy: Duration },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PlannedReport {
    /// After the accept; `None` is before the modem hears of the accept.
    pub(super) delay: Option<Duration>,
    /// TP-ST.
    pub(super) status: u8,
}

/// The distributions of times.
#[derive(Debug)]
pub(super) struct Times<'a> {
    pub(super) sms_time: Duration,
    pub(super) sms_time_spread: f64,
    pub(super) report_delay: &'a RangeInclusive<Duration>,
}

impl Fate {
    pub(super) fn draw(
        seed: u64,
        line: usize,
        send: u64,
        times: &Times<'_>,
        faults: &Faults,
    ) -> Fate {
        let mut rng = Rng::keyed(seed, Stream::Send, line, send);
        let busy = rng.log_normal(times.sms_time, times.sms_time_spread);
        let outcome = outcome(&mut rng, faults);
        Fate {
            busy,
            outcome,
            reports: reports(&mut rng, times.report_delay, faults),
        }
    }
}

fn outcome(rng: &mut Rng, faults: &Faults) -> Outcome {
    let silent = rng.chance(faults.silence.rate);
    let accepted = rng.chance(faults.silence.accepted);
    let refused = rng.chance(faults.errors.rate);
    let code = rng.weighted(faults.errors.codes.iter().map(|code| code.weight));
    if silent {
        return Outcome::Silence {
            accepted,
            busy: faults.silence.busy,
        };
    }
    match code {
        Some(index) if refused => Outcome::Refuse(faults.errors.codes[index].code),
        Some(_) | None => Outcome::Accept,
    }
}

fn reports(
    rng: &mut Rng,
    delay: &RangeInclusive<Duration>,
    faults: &Faults,
) -> [Option<PlannedReport>; 3] {
    let faults = &faults.reports;
    let lost = rng.chance(faults.lost);
    let twice = rng.chance(faults.twice);
    let early = rng.chance(faults.early);
    let trying = rng.chance(faults.trying);
    let undelivered = rng.chance(faults.undelivered);
    let failure = UNDELIVERED[rng.below(UNDELIVERED.len())];
    let final_delay = rng.between(delay);
    let again_after = rng.between(delay);
    let trying_share = rng.unit();
    if lost {
        return [None; 3];
    }
    let status = if undelivered { failure } else { DELIVERED };
    let last = PlannedReport {
        delay: (!early).then_some(final_delay),
        status,
    };
    let before = PlannedReport {
        delay: Some(final_delay.mul_f64(trying_share)),
        status: TRYING,
    };
    let again = PlannedReport {
        delay: Some(final_delay + again_after),
        status,
    };
    [
        (trying && !early).then_some(before),
        Some(last),
        twice.then_some(again),
    ]
}

/// TP-ST (3GPP TS 23.040 §9.2.3.15): received by the recipient.
const DELIVERED: u8 = 0x00;
/// TP-ST: no response from the recipient, still trying.
const TRYING: u8 = 0x22;
/// TP-ST: not obtainable, validity expired, deleted by the service centre, gave up with no response.
const UNDELIVERED: [u8; 4] = [0x43, 0x46, 0x48, 0x62];
