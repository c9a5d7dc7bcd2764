//! The JSON of the API: what is sent and what is answered. Plain values, no behaviour.
//!
//! Times are RFC 3339 in UTC with milliseconds; durations in requests are text such as `5m`; names are those of `docs/api.md`.

use serde::{Deserialize, Serialize};

use crate::line_types::LineView;
use crate::measure::MeasureView;
use crate::talk::NetworkSaidView;

/// One message as an app hands it over (`POST /v1/messages`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessageRequest {
    /// Recipient: E.164 (`+4915112345678`); a national form needs a configured default country.
    pub to: String,
    /// The text; its encoding is chosen from it. Empty if there is `data`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// `otp`, `notification` (the default) or `bulk`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// How long the message is worth sending, e.g. `5m`; the class has a default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<String>,
    /// Idempotency key: the same key with the same body answers as the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The app that hands it over: routes may ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// Name of a configured route; otherwise the longest matching prefix decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Whether a delivery report is asked for; on by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<bool>,
    /// What to do when nobody can say whether a part was sent: `resend`, `hold` or `fail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_doubt: Option<String>,
    /// `auto` (the default: the cheapest that has every character), `gsm7` or `ucs2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Languages whose national tables may be used where that is cheaper, e.g. `["turkish"]`; the configuration has a default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub national_tables: Option<Vec<String>>,
    /// How far the text may be changed where that is cheaper: `off`, `punctuation` or `letters`; the configuration has a
    /// default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transliterate: Option<String>,
    /// Shown at once and not stored; off by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flash: Option<bool>,
    /// Takes the place of this sender's last message of the same type, 1 to 7, where the handset does so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace: Option<u8>,
    /// Only answer what would become of it: nothing is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<bool>,
    /// Not to be sent before this time, RFC 3339; `expires_in` counts from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<String>,
    /// Octets to send instead of a text, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Port of the application that `data` is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_port: Option<u16>,
    /// Port of the application that `data` is from; 0 if only the other is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_port: Option<u16>,
}

/// The answer to an accepted message: it is durable from here on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// UUID version 7.
    pub id: String,
    /// State now; `queued` for a new message, the present one for a repeated key.
    pub state: String,
    /// How many parts it takes on the air.
    pub parts: u8,
    /// `gsm7`, `ucs2` or `8bit`.
    pub encoding: String,
    /// Why it takes so many parts; absent if the key was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<MeasureView>,
    /// True if the key was known and nothing new was accepted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeated: bool,
}

/// One line of the answer to an NDJSON upload: the line's number and either the acceptance or the error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineAnswer {
    /// Line number in the upload, from 1.
    pub line: u64,
    /// Present if the message was accepted.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
    /// Present if it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Problem>,
}

/// An error as RFC 9457 describes it, with a stable `code`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A URI that names the kind of problem: `urn:simfleet:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request, and what to do.
    pub detail: String,
    /// Stable word for programs, e.g. `invalid_recipient`.
    pub code: String,
    /// When to try again, if waiting helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
}

/// A message as `GET /v1/messages/{id}` tells it; lists leave `attempts` out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MessageView {
    /// UUID version 7.
    pub id: String,
    /// Recipient; ends with `…` once it is erased.
    pub to: String,
    /// The text; absent once it is erased, and of data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// `otp`, `notification` or `bulk`.
    pub class: String,
    /// One of the states of `docs/api.md`.
    pub state: String,
    /// Whether it has ended: nothing more will happen to it.
    pub ended: bool,
    /// Why it is in this state, where there is more to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Parts on the air.
    pub parts: u8,
    /// `gsm7`, `ucs2` or `8bit`.
    pub encoding: String,
    /// The app's idempotency key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The app that handed it over, if it gave its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The route that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Whether delivery reports were asked for.
    pub report: bool,
    /// Policy in doubt: `resend`, `hold` or `fail`.
    pub in_doubt: String,
    /// When it became durable.
    pub accepted_at: String,
    /// When it is no longer worth sending.
    pub expires_at: String,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<String>,
    /// Language of the locking shift table that `gsm7` means, if it is not the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locking_shift: Option<String>,
    /// Language of the single shift table that `gsm7` means, if it is not the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single_shift: Option<String>,
    /// Whether it is shown at once and not stored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flash: bool,
    /// The type of message that it takes the place of, 1 to 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replace: Option<u8>,
    /// The time before which it was not to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send_at: Option<String>,
    /// While it waits for its send window: when that opens at the recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_opens_at: Option<String>,
    /// Every attempt, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<AttemptView>,
    /// When the text was erased, and with it, if so configured, all but the beginning of the recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<String>,
    /// The octets that are sent instead of a text, in hexadecimal digits; absent once they are erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Port of the application that the data is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_port: Option<u16>,
    /// Port of the application that the data is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_port: Option<u16>,
}

/// One try of one part on one SIM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AttemptView {
    /// Part, from 1.
    pub part: u8,
    /// ICCID of the SIM.
    pub sim: String,
    /// Name of the line.
    pub line: String,
    /// When it was recorded, just before it went to the line.
    pub started_at: String,
    /// `open`, `sent`, `refused`, `unknown` or `returned`.
    pub outcome: String,
    /// When the outcome was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<String>,
    /// The cause of a refusal (`cms_38`) or of a doubt (`silence`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// TP-MR of a sent part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mr: Option<u8>,
    /// The last delivery report of this part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ReportView>,
    /// When the last byte went to the modem (Ctrl-Z): from then on the part may be on the air.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted_at: Option<String>,
    /// What the modem said about it, word for word, e.g. `+CMS ERROR: 38`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
}

/// A delivery report as the network sent it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReportView {
    /// TP-ST.
    pub status: u8,
    /// TP-ST in words.
    pub status_name: String,
    /// When it was recorded.
    pub at: String,
    /// TP-DT: when the network delivered or gave up, by its own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discharged_at: Option<String>,
}

/// A page of messages, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MessagePage {
    /// The page.
    pub messages: Vec<MessageView>,
    /// Hand it back as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// One webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookView {
    /// As configured.
    pub name: String,
    /// Scheme, host and port.
    pub server: String,
    /// The last event it is done with: delivered, given up, or not wanted.
    pub cursor: u64,
    /// The last record there is.
    pub last_event: u64,
    /// Time of the oldest event that it should have taken and has not; absent while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind_since: Option<String>,
    /// Why the last attempt failed; absent after a success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Events delivered since the daemon started.
    pub delivered: u64,
    /// Events that were given up and can be sent again.
    pub dead: u64,
}

/// All webhooks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookPage {
    /// By name.
    pub webhooks: Vec<WebhookView>,
}

/// An event that a webhook would not take.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeadLetterView {
    /// Its number in the event sequence.
    pub seq: u64,
    /// When it was given up, RFC 3339.
    pub at: String,
    /// Why.
    pub reason: String,
    /// The event, as the stream tells it.
    pub event: serde_json::Value,
}

/// Dead letters of one webhook.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeadLetterPage {
    /// Oldest first.
    pub dead: Vec<DeadLetterView>,
}

/// One SIM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SimView {
    /// ICCID.
    pub iccid: String,
    /// Configured label, else the last six digits of the ICCID.
    pub label: String,
    /// Configured operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// IMSI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imsi: Option<String>,
    /// Line it is in; absent if it is in none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// `idle`, `sending`, `waiting` (pacing), `exhausted` (budget), `paused`, `quarantined` or `absent`.
    pub state: String,
    /// Why it is paused, quarantined or exhausted, or gets less to send than others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Parts sent since the store was made.
    pub sent: u64,
    /// Attempts certainly refused.
    pub refused: u64,
    /// Attempts of unknown outcome.
    pub in_doubt: u64,
    /// Parts reported as delivered.
    pub delivered: u64,
    /// What of each budget is used and allowed.
    pub budgets: Vec<BudgetView>,
    /// What keeps it from sending, else the budget that will first at the pace of the running periods: the name of a
    /// budget, `budget` (none is declared), `hours` or `contract`; absent while none will.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binds: Option<String>,
    /// When it binds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binds_at: Option<String>,
    /// Reference of its contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// Of the parts that it sent in its last hour of sending with a report asked for, at least 5 minutes ago, the share whose
    /// final report came within 5 minutes; absent below 10 parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report_ratio: Option<f64>,
    /// What the network last said to it by USSD though nobody had asked; absent after a restart of the daemon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_said: Option<NetworkSaidView>,
}

/// One budget of a SIM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BudgetView {
    /// `per_minute`, `per_hour`, `per_day`, `per_month`, `per_life` or `recipients_per_month`.
    pub name: String,
    /// Parts, or recipients, used in the running period.
    pub used: u64,
    /// How many are allowed in it.
    pub limit: u64,
    /// How many are left.
    #[serde(default)]
    pub left: u64,
    /// How many of those that are left only codes may use.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub for_codes: u64,
    /// When the period ends; absent if it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resets_at: Option<String>,
    /// When it is used up at the pace of the running period, if that is before its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binds_at: Option<String>,
    /// The highest mark that it has passed, 80 or 95 percent; absent below, and for limits of a minute or an hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<u8>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// All SIMs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SimPage {
    /// The SIMs.
    pub sims: Vec<SimView>,
}

/// Which route and SIM would serve a message now, and why no others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTrialView {
    /// The route; absent if none fits: then every SIM may serve the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The route whose SIMs serve it while none of its own can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// How one of the SIMs is picked.
    pub rotation: String,
    /// ICCID of the SIM that would take it now; absent while all that may are busy or resting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// Every route, in the order of the configuration.
    pub routes: Vec<RouteView>,
    /// Every SIM that was ever seen.
    pub sims: Vec<SimTrialView>,
    /// Code of the answer with which it would not be accepted now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What that answer says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused_because: Option<String>,
    /// What it would wait for though a SIM could take it: `send_window`, `otp_reserve` (the free SIMs are kept for codes) or
    /// `stopping`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<String>,
    /// When its send window opens; absent if it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<String>,
}

/// How a route stands to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteView {
    /// As configured.
    pub name: String,
    /// `asked`, `fits`, `not_asked`, `other_class`, `other_app` or `other_prefix`.
    pub fit: String,
    /// Characters of its longest prefix that fits; 0: it serves all recipients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix_length: Option<usize>,
}

/// How a SIM stands to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SimTrialView {
    /// ICCID.
    pub iccid: String,
    /// Configured label, else the last six digits of the ICCID.
    pub label: String,
    /// The line it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// What is left of its scarcest budget.
    pub headroom_percent: u64,
    /// Why it would not take the message now; absent if it may: `not_in_route`, `absent`, `paused`, `quarantined`, `line_out`,
    /// `no_budget`, `contract_ended`, `outside_hours`, `budget_used_up`, `kept_for_codes`, `too_few_left` (for all parts of the
    /// message), `resting` or `busy`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
    /// The budget that is used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<String>,
    /// Until when it is excluded, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// More on why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// All lines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LinePage {
    /// The lines.
    pub lines: Vec<LineView>,
}

/// Body of a pause, resume or drain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlRequest {
    /// Why, for the others who look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
