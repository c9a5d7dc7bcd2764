//! The JSON of lines: what they show, and how they are reset. Plain values, no behaviour.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LineView {
    /// Stable name: the path below its folder, or the configured one.
    pub name: String,
    /// The port's path.
    pub path: String,
    /// As in `modem::LineState`: `ready`, `sending`, `no_sim`, …
    pub state: String,
    /// `active`, `paused` or `draining`.
    pub control: String,
    /// Why an operator paused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_reason: Option<String>,
    /// Since when it is in this state.
    pub since: String,
    /// Last error of the port or the modem, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// ICCID of the SIM in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<String>,
    /// Manufacturer, model and revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modem: Option<String>,
    /// IMEI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imei: Option<String>,
    /// Profile that drives the modem, as in `config/profiles`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Phone number that the SIM tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// MCC and MNC of the network that the SIM is in, 5 or 6 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Access technology as in `+COPS` (3GPP TS 27.007 §7.3): 0 GSM, 2 UMTS, 7 LTE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technology: Option<u8>,
    /// Whether that is another operator's network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roaming: Option<bool>,
    /// `+CSQ`, 0 to 31.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<u8>,
    /// How often the port was opened.
    pub opens: u64,
    /// Bytes that made no sense.
    pub garbage_bytes: u64,
    /// What it is at, until it is ready or waits for something outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// When its port is opened again, while it is closed for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<String>,
    /// What was done last to bring it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_recovery: Option<RecoveryView>,
    /// How often each rung of the ladder was climbed since the daemon found the line; those that were not are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub recoveries: BTreeMap<String, u64>,
    /// Calls that came in and were rejected, since the daemon found the line.
    #[serde(default)]
    pub calls_rejected: u64,
    /// What it is trusted with after it lost one part after the other; absent while it gets its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker: Option<BreakerView>,
    /// Name of the line that has the SIM which this one tells: it is given nothing as long as that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_sim_as: Option<String>,
    /// The hub that it has its power from, if one is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hub: Option<String>,
}

/// A hub whose power can be cut (`[[hubs]]`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubView {
    /// Its name.
    pub name: String,
    /// `well`, `wanted` (a reset is wanted and a limit forbids it now), `draining` or `resetting`.
    pub state: String,
    /// Why a reset is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// When it may be reset, if a limit forbids it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// Lines that are plugged into it.
    pub lines: u64,
    /// Of these, lines that are gone.
    pub gone: u64,
    /// How often it was reset since the daemon started, by result: `done`, `failed`, `timed_out`.
    #[serde(default)]
    pub resets: BTreeMap<String, u64>,
    /// When it was reset last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_reset_at: Option<String>,
    /// How that ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_result: Option<String>,
}

/// A line that loses what it is given gets nothing for a while, and then one part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerView {
    /// `open` (it gets nothing) or `half_open` (one part tries it).
    pub state: String,
    /// Why.
    pub reason: String,
    /// When one part is tried, while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<String>,
}

/// Something that was done to bring a line back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryView {
    /// `resync`, `initialise`, `radio`, `reset`, `reopen`, `power` or `rest`.
    pub rung: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: String,
}

/// Body of a reset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetRequest {
    /// `initialise`, `radio`, `reset` or `reopen` (the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rung: Option<String>,
}
