//! The JSON of events: what became of messages, and of the budgets of SIMs. Plain values, no behaviour.

use serde::{Deserialize, Serialize};

/// One event: something became of a message, or a SIM's budget comes near its end. `seq` is the cursor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EventView {
    /// Position in the event sequence; ask for what comes `after` it.
    pub seq: u64,
    /// When it was recorded.
    pub at: String,
    /// `accepted`, `started`, `finished`, `resolved`, `reported`, `requeued`, `ended` or `budget_warned`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The message; empty where the event is about a budget.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// The message's state after this event; empty as above.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub state: String,
    /// Part, from 1, where the event is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<u8>,
    /// ICCID, where the event is about an attempt or a budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sim: Option<String>,
    /// Line, where the event is about an attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Outcome of a finished attempt, as in [`crate::AttemptView::outcome`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Cause of a refusal or doubt, or reason of an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// TP-MR.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mr: Option<u8>,
    /// TP-ST of a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
    /// The budget that comes near its end, as in [`crate::BudgetView::name`], where the event is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    /// The mark that it has passed, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// Used of it by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// How much is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// When it counts from 0 again; absent if it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<String>,
}
