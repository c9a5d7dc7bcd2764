//! The JSON of the fleet at a glance (`GET /v1/status`). Plain values, no behaviour.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::line_types::HubView;

/// The fleet at a glance. `accepted = queued + sending + in_doubt + sent + ended`, always.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StatusView {
    /// Version of the daemon.
    pub version: String,
    /// When it started.
    pub started_at: String,
    /// `running` or `draining`.
    pub state: String,
    /// Lines by state.
    pub lines: BTreeMap<String, u64>,
    /// SIMs by state.
    pub sims: BTreeMap<String, u64>,
    /// Messages by state.
    pub messages: MessageCounts,
    /// Queue of each class.
    pub queues: BTreeMap<String, QueueView>,
    /// Configured target, parts per minute.
    pub target_per_minute: u32,
    /// Parts sent in the last 60 s.
    pub sent_last_minute: u64,
    /// Parts per minute that the usable SIMs could send now.
    pub achievable_per_minute: u64,
    /// Parts per minute that their budgets allow around the clock.
    pub steady_per_minute: u64,
    /// What keeps the fleet from sending more: `target`, `radio`, `budget` or `lines_down`.
    pub binds: String,
    /// When the budgets are used up at the present rate, in milliseconds; absent if they are filled again before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exhausted_in_ms: Option<u64>,
    /// Last number of the event sequence.
    pub last_event: u64,
    /// Reports that could not be attributed yet.
    pub reports_unmatched: u64,
    /// Reports that fitted several parts when they came, since the start.
    #[serde(default)]
    pub reports_unclear: u64,
    /// False while the disk is too full to accept messages.
    pub accepting: bool,
    /// Hubs whose power can be cut, in the order of the configuration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hubs: Vec<HubView>,
    /// How many reports come, and how soon, by operator.
    #[serde(default)]
    pub reports: Vec<ReportRateView>,
}

/// How many reports of an operator's parts come, and how soon: of those that its SIMs sent in their last hour of sending with
/// a report asked for. A part counts from 5 minutes after it was sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReportRateView {
    /// As configured, else country and network of the IMSI.
    pub operator: String,
    /// Parts that count.
    pub parts: u64,
    /// Of these, those whose final report came within 5 minutes.
    pub came: u64,
    /// The share of these; absent below 10 parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// Within so many milliseconds half of the reports came that came, rounded up; absent below 10 reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms_p50: Option<u64>,
    /// Within so many milliseconds nine of ten came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms_p90: Option<u64>,
}

/// Messages since the store was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCounts {
    /// All that were ever accepted.
    pub accepted: u64,
    /// Waiting for a SIM.
    pub queued: u64,
    /// With a part on its way.
    pub sending: u64,
    /// With a part of unknown outcome.
    pub in_doubt: u64,
    /// On the air, the report outstanding.
    pub sent: u64,
    /// Ended, in any way.
    pub ended: u64,
    /// Of the ended: delivered.
    pub delivered: u64,
    /// Of the ended: sent, no report was asked for.
    pub sent_unreported: u64,
    /// Of the ended: the network said it was not delivered.
    pub undelivered: u64,
    /// Of the ended: no report or no answer ever came.
    pub unconfirmed: u64,
    /// Of the ended: certainly not sent.
    pub failed: u64,
    /// Of the ended: not sent in time.
    pub expired: u64,
    /// Of the ended: cancelled by the app.
    pub cancelled: u64,
}

/// One class's queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueView {
    /// Messages waiting.
    pub depth: u64,
    /// Age of the oldest, in milliseconds.
    pub oldest_ms: u64,
    /// Of these, those that wait for a time: the one asked for, or the end of their back-off.
    #[serde(default)]
    pub later: u64,
    /// Of these, those that only wait for their send window.
    #[serde(default)]
    pub window_closed: u64,
}
