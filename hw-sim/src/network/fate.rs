//! What will become of one submission, drawn whole when it begins.
//!
//! Drawing everything at once from generators of the submission's own keeps runs repeatable: the n-th send on a line
//! has the same fate in every run with the same seed, settings and surroundings.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::country::{Behaviour, Congestion, Operator, Recipients};
use crate::faults::{Faults, ReportFault};
use crate::rng::{Rng, Stream};

/// Radio time, answer and reports of one submission.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fate {
    /// Radio time.
    pub(super) busy: Duration,
    pub(super) outcome: Outcome,
    /// At most an intermediate report, the final one and its repetition.
    pub(super) reports: [Option<PlannedReport>; 3],
    /// Whether what is accepted reaches the recipient's phone in the end.
    pub(super) is_delivered: bool,
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
    /// Added to the TP-MR, modulo 256: 0 but for a report with a wrong one.
    pub(super) reference_shift: u8,
    /// Whether the recipient is named in national form.
    pub(super) is_national: bool,
    /// Whether the next report of the SIM comes before it.
    pub(super) is_overtaken: bool,
}

/// What a submission meets.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) seed: u64,
    /// Which SIM.
    pub(super) card: usize,
    /// Submissions of this SIM before this one.
    pub(super) send: u64,
    pub(super) sms_time: Duration,
    pub(super) sms_time_spread: f64,
    pub(super) report_delay: &'a RangeInclusive<Duration>,
    pub(super) operator: &'a Operator,
    pub(super) congestion: Option<&'a Congestion>,
    pub(super) recipient: Option<&'a Recipients>,
    pub(super) faults: &'a Faults,
    /// A cause for which the operator refuses it whatever chance says.
    pub(super) refusal: Option<u16>,
    /// Whether the operator says yes and delivers nothing.
    pub(super) is_dropped: bool,
    /// Whether the link of the last submission was kept for it.
    pub(super) follows: bool,
}

impl Fate {
    pub(super) fn draw(around: &Surroundings<'_>) -> Fate {
        let mut rng = Rng::keyed(around.seed, Stream::Send, around.card, around.send);
        let mut operators = Rng::keyed(around.seed, Stream::Operator, around.card, around.send);
        let plain = rng.log_normal(around.sms_time, around.sms_time_spread);
        let busy = match around.operator.profile.figures() {
            Some(figures) => {
                let whole = figures.accept.draw(&mut operators);
                let saved = if around.follows { figures.link } else { 0.0 };
                let left = whole.saturating_sub(Duration::from_secs_f64(saved));
                left.max(whole / OWN_PART)
            }
            None => plain,
        };
        let outcome = outcome(&mut rng, around.faults);
        let outcome = overruled(&mut operators, around, outcome);
        let plan = reports(&mut rng, around.report_delay, &around.faults.reports);
        let reports = in_the_country(&mut operators, around, plan);
        Fate {
            busy: busy.mul_f64(around.congestion.map_or(1.0, |rush| rush.factor)),
            outcome,
            reports,
            is_delivered: is_delivered(around, &reports),
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

/// What operator, antenna and recipient make of it: a refusal for a reason wins over chance.
fn overruled(rng: &mut Rng, around: &Surroundings<'_>, outcome: Outcome) -> Outcome {
    let chance = rng.unit();
    let accepted = rng.chance(0.5);
    let congested = rng.unit();
    if let Some(code) = around.refusal {
        return Outcome::Refuse(code);
    }
    if around.recipient.map(|rule| rule.behaviour) == Some(Behaviour::Invalid) {
        return Outcome::Refuse(UNASSIGNED_NUMBER);
    }
    if around
        .congestion
        .is_some_and(|rush| congested < rush.refused)
    {
        return Outcome::Refuse(CONGESTION);
    }
    let Some(figures) = around.operator.profile.figures() else {
        return outcome;
    };
    let mut below = figures.silent / 1000.0;
    if chance < below {
        return Outcome::Silence {
            accepted,
            busy: SILENT_TIME,
        };
    }
    for (code, of_1000) in figures.refusals {
        below += of_1000 / 1000.0;
        if chance < below {
            return Outcome::Refuse(*code);
        }
    }
    outcome
}

fn reports(
    rng: &mut Rng,
    delay: &RangeInclusive<Duration>,
    faults: &ReportFault,
) -> [Option<PlannedReport>; 3] {
    let lost = rng.chance(faults.lost);
    let twice = rng.chance(faults.twice);
    let early = rng.chance(faults.early);
    let trying = rng.chance(faults.trying);
    let undelivered = rng.chance(faults.undelivered);
    let failure = UNDELIVERED[rng.below(UNDELIVERED.len())];
    let mut final_delay = rng.between(delay);
    let again_after = rng.between(delay);
    let trying_share = rng.unit();
    let other_reference = rng.chance(faults.other_reference);
    let reference_shift = u8::from(other_reference) * (1 + rng.bits().to_be_bytes()[0] / 2);
    let is_national = rng.chance(faults.national);
    let late = rng.chance(faults.late);
    let late_by = rng.between(&faults.late_by);
    let is_overtaken = rng.chance(faults.out_of_order);
    if lost {
        return [None; 3];
    }
    if late {
        final_delay += late_by;
    }
    let report = |delay, status| PlannedReport {
        delay,
        status,
        reference_shift,
        is_national,
        is_overtaken: is_overtaken && !early,
    };
    let status = if undelivered { failure } else { DELIVERED };
    let before = report(Some(final_delay.mul_f64(trying_share)), TRYING);
    let last = report((!early).then_some(final_delay), status);
    let again = report(Some(final_delay + again_after), status);
    [
        (trying && !early).then_some(before),
        Some(last),
        twice.then_some(again),
    ]
}

/// Delays as the operator's profile has them, and ends as the recipient brings them about.
fn in_the_country(
    rng: &mut Rng,
    around: &Surroundings<'_>,
    mut plan: [Option<PlannedReport>; 3],
) -> [Option<PlannedReport>; 3] {
    let unreported = rng.unit();
    if let (Some(figures), None) = (
        around.operator.profile.figures(),
        &around.operator.report_delay,
    ) {
        if unreported < figures.unreported {
            return [None; 3];
        }
        let at_once = figures.report.draw(rng);
        let delay = delay_of_profile(rng, at_once);
        for planned in plan.iter_mut().flatten() {
            planned.delay = planned.delay.map(|_| delay);
        }
    }
    let [_, Some(last), _] = plan else {
        return plan;
    };
    if around.is_dropped {
        return [
            None,
            Some(PlannedReport {
                status: DELETED,
                ..last
            }),
            None,
        ];
    }
    let Some(rule) = around.recipient else {
        return plan;
    };
    let after = last.delay.unwrap_or_default() + rng.between(&rule.after);
    let trying = |status| Some(PlannedReport { status, ..last });
    let end = |status| {
        Some(PlannedReport {
            status,
            delay: Some(after),
            ..last
        })
    };
    match rule.behaviour {
        Behaviour::Reachable | Behaviour::Invalid => plan,
        Behaviour::AbsentThenReachable => [trying(TRYING), end(DELIVERED), None],
        Behaviour::Absent => [trying(TRYING), end(EXPIRED), None],
        Behaviour::Barred => [None, trying(REJECTED), None],
        Behaviour::Full => [trying(MEMORY_FULL), end(GAVE_UP_FULL), None],
    }
}

/// What the final report says, if there is one; otherwise what the recipient is like.
fn is_delivered(around: &Surroundings<'_>, reports: &[Option<PlannedReport>; 3]) -> bool {
    let is_there = match around.recipient.map(|rule| rule.behaviour) {
        None | Some(Behaviour::Reachable | Behaviour::AbsentThenReachable) => true,
        Some(Behaviour::Absent | Behaviour::Invalid | Behaviour::Barred | Behaviour::Full) => false,
    };
    let mut statuses = reports.iter().flatten().map(|report| report.status);
    let says_no = statuses.any(|status| status >= PERMANENT_ERROR);
    is_there && !around.is_dropped && !says_no
}

/// 70 % of the reports come at once, 24 % within half an hour, 6 % within a day.
fn delay_of_profile(rng: &mut Rng, at_once: Duration) -> Duration {
    let share = rng.unit();
    if share < 0.70 {
        at_once
    } else if share < 0.94 {
        rng.between(&(Duration::from_secs(60)..=Duration::from_secs(1_800)))
    } else {
        rng.between(&(Duration::from_secs(1_800)..=Duration::from_secs(86_400)))
    }
}

/// TP-ST (3GPP TS 23.040 §9.2.3.15): received by the recipient.
const DELIVERED: u8 = 0x00;
/// TP-ST from here on: it was not delivered and will not be.
const PERMANENT_ERROR: u8 = 0x40;
/// TP-ST: no response from the recipient, still trying.
const TRYING: u8 = 0x22;
/// TP-ST: error in the recipient's phone (no room), still trying.
const MEMORY_FULL: u8 = 0x25;
/// TP-ST: connection rejected by the recipient.
const REJECTED: u8 = 0x42;
/// TP-ST: validity period expired.
const EXPIRED: u8 = 0x46;
/// TP-ST: deleted by the service centre's administration.
const DELETED: u8 = 0x48;
/// TP-ST: error in the recipient's phone, no further attempts.
const GAVE_UP_FULL: u8 = 0x65;
/// TP-ST: not obtainable, validity expired, deleted by the service centre, gave up with no response.
const UNDELIVERED: [u8; 4] = [0x43, 0x46, 0x48, 0x62];
/// +CMS ERROR (3GPP TS 24.011 §8.2.5.4): unassigned number.
const UNASSIGNED_NUMBER: u16 = 1;
/// +CMS ERROR: congestion.
const CONGESTION: u16 = 42;
/// A kept link saves the set-up; this part of the time is the message's own at least.
const OWN_PART: u32 = 4;
/// How long a modem waits for a service centre that says nothing.
const SILENT_TIME: Duration = Duration::from_secs(125);
