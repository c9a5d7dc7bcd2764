//! What can go wrong, as values: every rate and time of the simulator's faults, all off by default.
//!
//! Which send is hit is drawn from the seed by the machines; this module only says how often and how.

use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;

use crate::scenario::read;

/// All faults of a fleet. `Default` is a fleet without any.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Submissions the network refuses.
    pub errors: ErrorFault,
    /// Submissions that get no answer.
    pub silence: SilenceFault,
    /// Status reports lost, doubled, early, late, out of order, negative or wrong.
    pub reports: ReportFault,
    /// Prompts that come late.
    pub prompt: PromptFault,
    /// Ports that vanish and come back.
    pub port: PortFault,
    /// Random bytes on the line.
    pub garbage: GarbageFault,
    /// Unsolicited lines nobody asked for.
    pub noise: NoiseFault,
    /// Modems that restart by themselves.
    pub reboot: RebootFault,
}

impl Faults {
    /// Those that are not off, in a few words each: `errors 2 %`, `garbage every 30 s`.
    pub fn words(&self) -> Vec<String> {
        let reports = &self.reports;
        let rates = [
            ("errors", self.errors.rate),
            ("silence", self.silence.rate),
            ("late prompts", self.prompt.rate),
            ("reports lost", reports.lost),
            ("reports twice", reports.twice),
            ("reports early", reports.early),
            ("reports late", reports.late),
            ("reports out of order", reports.out_of_order),
            ("reports with another reference", reports.other_reference),
            ("reports undelivered", reports.undelivered),
            ("reports still trying", reports.trying),
            ("reports in national form", reports.national),
        ];
        let intervals = [
            ("ports lost", self.port.every),
            ("garbage", self.garbage.every),
            ("noise", self.noise.every),
            ("reboots", self.reboot.every),
        ];
        let rates = rates
            .into_iter()
            .filter(|(_, rate)| *rate > 0.0)
            .map(|(name, rate)| format!("{name} {} %", (rate * 1e4).round() / 100.0));
        let intervals = intervals.into_iter().filter_map(|(name, every)| {
            every.map(|every| format!("{name} every {} s", every.as_secs_f64()))
        });
        rates.chain(intervals).collect()
    }
}

/// Refused submissions: `+CMS ERROR: <code>` after the radio time.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ErrorFault {
    /// Probability per send, 0 to 1.
    #[serde(deserialize_with = "read::probability")]
    pub rate: f64,
    /// Which codes, and how often each in proportion.
    #[serde(deserialize_with = "read::codes")]
    pub codes: Vec<ErrorCode>,
}

/// One code of an [`ErrorFault`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorCode {
    /// The number after `+CMS ERROR:` (3GPP TS 27.005 §3.2.5).
    pub code: u16,
    /// How often, in proportion to the other codes.
    #[serde(default = "read::one", deserialize_with = "read::weight")]
    pub weight: f64,
}

/// Submissions whose answer never comes: neither `+CMGS` nor an error follows Ctrl-Z.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SilenceFault {
    /// Probability per send, 0 to 1.
    #[serde(deserialize_with = "read::probability")]
    pub rate: f64,
    /// Which share of the silent ones the network accepted all the same, 0 to 1.
    #[serde(deserialize_with = "read::probability")]
    pub accepted: f64,
    /// How long after the radio time the modem goes on ignoring every byte.
    #[serde(deserialize_with = "read::duration")]
    pub busy: Duration,
}

/// What happens to status reports.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportFault {
    /// Probability that a report never comes.
    #[serde(deserialize_with = "read::probability")]
    pub lost: f64,
    /// Probability that it comes twice.
    #[serde(deserialize_with = "read::probability")]
    pub twice: f64,
    /// Probability that it comes before the `+CMGS` answer.
    #[serde(deserialize_with = "read::probability")]
    pub early: f64,
    /// Probability that it says that the message was not delivered.
    #[serde(deserialize_with = "read::probability")]
    pub undelivered: f64,
    /// Probability that a report "still trying" precedes the final one.
    #[serde(deserialize_with = "read::probability")]
    pub trying: f64,
    /// Probability that it names another TP-MR than the submission had.
    #[serde(deserialize_with = "read::probability")]
    pub other_reference: f64,
    /// Probability that it names the recipient in national form.
    #[serde(deserialize_with = "read::probability")]
    pub national: f64,
    /// Probability that the next report of the same SIM comes before it.
    #[serde(deserialize_with = "read::probability")]
    pub out_of_order: f64,
    /// Probability that it is late.
    #[serde(deserialize_with = "read::probability")]
    pub late: f64,
    /// By how much.
    #[serde(deserialize_with = "read::range")]
    pub late_by: RangeInclusive<Duration>,
}

/// Late prompts after `AT+CMGS=`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromptFault {
    /// Probability per send, 0 to 1.
    #[serde(deserialize_with = "read::probability")]
    pub rate: f64,
    /// How late.
    #[serde(deserialize_with = "read::range")]
    pub delay: RangeInclusive<Duration>,
}

/// Ports that are closed and unlinked, and come back under the same name. The modem stays powered.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PortFault {
    /// Mean time between two losses of one line; `None` is never.
    #[serde(deserialize_with = "read::interval")]
    pub every: Option<Duration>,
    /// How long it is away.
    #[serde(deserialize_with = "read::range")]
    pub down: RangeInclusive<Duration>,
}

/// Bursts of random bytes towards the host.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GarbageFault {
    /// Mean time between two bursts of one line; `None` is never.
    #[serde(deserialize_with = "read::interval")]
    pub every: Option<Duration>,
    /// The longest burst in bytes, 1 to 4096.
    #[serde(deserialize_with = "read::burst")]
    pub bytes_max: usize,
}

/// Unsolicited lines (`RING`, `+CREG`, `+CSQ`, …), also between a command and its answer.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoiseFault {
    /// Mean time between two lines of one modem; `None` is never.
    #[serde(deserialize_with = "read::interval")]
    pub every: Option<Duration>,
}

/// Spontaneous restarts: silence, then `RDY` with every setting at its default and echo on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RebootFault {
    /// Mean time between two restarts of one modem; `None` is never.
    #[serde(deserialize_with = "read::interval")]
    pub every: Option<Duration>,
    /// How long it is mute.
    #[serde(deserialize_with = "read::range")]
    pub boot: RangeInclusive<Duration>,
}

impl Default for ErrorFault {
    fn default() -> ErrorFault {
        let code = |code, weight| ErrorCode { code, weight };
        ErrorFault {
            rate: 0.0,
            codes: vec![code(41, 3.0), code(42, 2.0), code(38, 1.0), code(500, 1.0)],
        }
    }
}

impl Default for SilenceFault {
    fn default() -> SilenceFault {
        SilenceFault {
            rate: 0.0,
            accepted: 0.5,
            busy: Duration::ZERO,
        }
    }
}

impl Default for ReportFault {
    fn default() -> ReportFault {
        ReportFault {
            lost: 0.0,
            twice: 0.0,
            early: 0.0,
            undelivered: 0.0,
            trying: 0.0,
            other_reference: 0.0,
            national: 0.0,
            out_of_order: 0.0,
            late: 0.0,
            late_by: seconds(60, 1_800),
        }
    }
}

impl Default for PromptFault {
    fn default() -> PromptFault {
        PromptFault {
            rate: 0.0,
            delay: seconds(1, 5),
        }
    }
}

impl Default for PortFault {
    fn default() -> PortFault {
        PortFault {
            every: None,
            down: seconds(1, 5),
        }
    }
}

impl Default for GarbageFault {
    fn default() -> GarbageFault {
        GarbageFault {
            every: None,
            bytes_max: 64,
        }
    }
}

impl Default for RebootFault {
    fn default() -> RebootFault {
        RebootFault {
            every: None,
            boot: seconds(3, 8),
        }
    }
}

fn seconds(start: u64, end: u64) -> RangeInclusive<Duration> {
    Duration::from_secs(start)..=Duration::from_secs(end)
}
