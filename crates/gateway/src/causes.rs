//! What a refusal means: whether the message, the SIM or the moment is at fault, and when to try again.
//!
//! The classes are those of 3GPP TS 24.011 annex E, TS 23.040 §9.2.3.22 and TS 27.005 §3.2.5, read as field experience
//! reads them: where a cause is used for different things, the message gets another chance elsewhere.

use std::time::Duration;

use modem::Cause;

/// What to do after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The message can't be sent by anybody: it ends.
    Message,
    /// The moment is wrong: the same or another SIM may succeed soon.
    Moment,
    /// The SIM or its line is in the way: another SIM, and this one rests.
    Sim,
}

/// Reads a cause.
pub(crate) fn verdict(cause: Cause) -> Verdict {
    match cause {
        Cause::Cms(code) => cms(code),
        Cause::Cme(code) => cme(code),
        Cause::Error | Cause::NoPrompt | Cause::LineLost => Verdict::Sim,
    }
}

/// How long a message waits after its `refusals`-th refusal.
pub(crate) fn message_back_off(refusals: u16) -> Duration {
    doubled(MESSAGE_BACK_OFF_FIRST, refusals, MESSAGE_BACK_OFF_MAX)
}

/// How long a SIM rests after so many refusals in a row that speak against it.
pub(crate) fn sim_rest(refused_in_row: u16) -> Duration {
    doubled(SIM_REST_FIRST, refused_in_row, SIM_REST_MAX)
}

fn doubled(first: Duration, times: u16, max: Duration) -> Duration {
    let factor = 1u32 << u32::from(times.saturating_sub(1).min(16));
    first.saturating_mul(factor).min(max)
}

fn cms(code: u16) -> Verdict {
    match code {
        // Unassigned number, no route, out of service, unknown subscriber, incompatible destination;
        // semantically incorrect or invalid mandatory information; TP-PID, TP-DCS and address faults; PDU faults.
        1 | 3 | 27 | 30 | 88 | 95 | 96 => Verdict::Message,
        128..=130 | 143..=145 | 159..=161 | 175 | 176 | 195 | 196 | 304 | 305 => Verdict::Message,
        // Barred, rejected, unidentified, not subscribed; subscription, storage and SIM faults; network out of order.
        8 | 10 | 21 | 28 | 29 | 38 | 50 | 69 | 193 | 208..=212 => Verdict::Sim,
        300..=303 | 310..=322 | 330 | 331 | 500 | 512..=u16::MAX => Verdict::Sim,
        0 | 2 | 4..=7 | 9 | 11..=20 | 22..=26 | 31..=37 | 39..=49 | 51..=68 | 70..=87 | 89..=94 => {
            Verdict::Moment
        }
        97..=127 | 131..=142 | 146..=158 | 162..=174 | 177..=192 | 194 | 197..=207 | 213..=299 => {
            Verdict::Moment
        }
        306..=309 | 323..=329 | 332..=499 | 501..=511 => Verdict::Moment,
    }
}

fn cme(code: u16) -> Verdict {
    match code {
        // Text or dial string faults: another SIM would refuse it too.
        24..=27 | 50 => Verdict::Message,
        _ => Verdict::Sim,
    }
}

/// First wait of a message: long enough for a busy cell, short for a code.
const MESSAGE_BACK_OFF_FIRST: Duration = Duration::from_secs(2);
/// Longest wait of a message.
const MESSAGE_BACK_OFF_MAX: Duration = Duration::from_secs(300);
/// First rest of a SIM.
const SIM_REST_FIRST: Duration = Duration::from_secs(5);
/// Longest rest of a SIM.
const SIM_REST_MAX: Duration = Duration::from_secs(600);
/// Refusals in a row after which a SIM counts as quarantined.
pub(crate) const QUARANTINE_AFTER: u16 = 5;
/// Refusals after which a message is given up.
pub(crate) const REFUSALS_MAX: u16 = 8;

#[cfg(test)]
mod tests;
