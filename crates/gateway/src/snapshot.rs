//! What the gateway shows of itself, taken between two turns.

use std::time::Duration;

use modem::Iccid;

use crate::capacity::Capacity;
use crate::hub::{HubResult, HubState};
use crate::line_breaker::BreakerState;
use crate::record::{Control, Totals, Usage};
use crate::report_rate::ReportRate;
use crate::words::{LineId, UnixMs};

/// The gateway at one moment. `totals.accepted = queued + sending + in_doubt + sent + the sum of totals.ended`, always.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// When.
    pub at: UnixMs,
    /// Messages there ever were.
    pub totals: Totals,
    /// Messages that wait.
    pub queued: u64,
    /// Messages with a part on its way.
    pub sending: u64,
    /// Messages in doubt.
    pub in_doubt: u64,
    /// Messages on the air whose reports are outstanding.
    pub sent: u64,
    /// Depth and age of the oldest of each class, by [`crate::Class::index`].
    pub lanes: [LaneSnapshot; 3],
    /// Configured target in parts per minute.
    pub target_per_minute: u32,
    /// What the fleet can do, and what keeps it from more.
    pub capacity: Capacity,
    /// Parts sent in the last 60 s.
    pub sent_last_minute: u64,
    /// Number of the last record.
    pub last_seq: u64,
    /// Reports kept because they fit no attempt yet.
    pub reports_kept: u64,
    /// Reports that came again, or after their message had ended, since the start.
    pub reports_repeated: u64,
    /// Reports that fitted several parts when they came, since the start.
    pub reports_unclear: u64,
    /// Whether messages are accepted.
    pub accepting: bool,
    /// Whether the daemon is stopping.
    pub stopping: bool,
    /// Submissions that are with a line now.
    pub in_flight: u64,
    /// Every SIM that was ever seen.
    pub sims: Vec<SimSnapshot>,
    /// Lines that an operator controls, by name.
    pub line_controls: Vec<(Box<str>, Control, Option<Box<str>>)>,
    /// Lines that lost one part after the other, and what they are trusted with.
    pub line_breakers: Vec<LineBreakerSnapshot>,
    /// How often a line's breaker opened, since the start.
    pub line_trips: u64,
    /// Hubs whose power can be cut, in the order of the configuration.
    pub hubs: Vec<HubSnapshot>,
    /// How many reports of each operator's parts come, by its configured name, else country and network of the IMSI.
    pub reports: Vec<(Box<str>, ReportRate)>,
    /// Lines whose SIM is another line's.
    pub held_lines: Vec<HeldLineSnapshot>,
}

/// A line that is given nothing, since another line has the SIM that it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldLineSnapshot {
    /// The line.
    pub line: LineId,
    /// Name of the line that has the SIM.
    pub holder: Box<str>,
}

/// A line whose breaker is not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineBreakerSnapshot {
    /// The line.
    pub line: LineId,
    /// What its breaker does.
    pub state: BreakerState,
    /// Why, for people.
    pub reason: Box<str>,
    /// When one part is tried, while it is open.
    pub retry_at: Option<UnixMs>,
}

/// A hub whose power can be cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HubSnapshot {
    /// Its name.
    pub name: Box<str>,
    /// What it is doing.
    pub state: HubState,
    /// Why a reset is wanted.
    pub why: Option<Box<str>>,
    /// When it may be reset, if a limit forbids it now.
    pub not_before: Option<UnixMs>,
    /// Lines that are plugged into it.
    pub lines: usize,
    /// Of these, lines that are gone.
    pub gone: usize,
    /// How often it was reset since the start, by [`HubResult::index`].
    pub resets: [u64; HubResult::ALL.len()],
    /// When it was last, and how that ended.
    pub last: Option<(UnixMs, HubResult)>,
}

/// One lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneSnapshot {
    /// Messages waiting, those in back-off included.
    pub depth: u64,
    /// How long the oldest has been waiting, of those that wait for no time of their own.
    pub oldest: Duration,
    /// Of these messages, those that wait for a time: the one asked for, or the end of their back-off.
    pub later: u64,
    /// Of these messages, those that only wait for their send window.
    pub window_closed: u64,
}

/// One SIM.
#[derive(Clone, Debug, PartialEq)]
pub struct SimSnapshot {
    /// The card.
    pub iccid: Iccid,
    /// Configured label, else the last digits of the card's number.
    pub label: Box<str>,
    /// Configured operator.
    pub operator: Option<Box<str>>,
    /// IMSI, if the SIM is in a line.
    pub imsi: Option<Box<str>>,
    /// The line it is in.
    pub line: Option<LineId>,
    /// What it is doing.
    pub state: SimState,
    /// Why it is paused or resting, or gets less to send than others.
    pub reason: Option<Box<str>>,
    /// Its counters.
    pub usage: Usage,
    /// Its limits that are set, in the order of [`crate::BUDGET_NAMES`].
    pub budgets: Vec<BudgetSnapshot>,
    /// What keeps it from sending, or would first at the pace of the running periods, and when.
    pub binds: Option<(&'static str, UnixMs)>,
    /// Reference of its contract.
    pub contract: Option<Box<str>>,
    /// How many reports of its parts come.
    pub reports: ReportRate,
}

/// One limit of a SIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BudgetSnapshot {
    /// One of [`crate::BUDGET_NAMES`].
    pub name: &'static str,
    /// Most that may be used.
    pub limit: u32,
    /// Used in the running period.
    pub used: u32,
    /// What only codes may use.
    pub for_codes: u32,
    /// When the running period ends; `None`: never.
    pub resets: Option<UnixMs>,
    /// When it is used up at the pace of the running period, if that is before it ends; in the past if it is already.
    pub binds: Option<UnixMs>,
    /// The highest of [`crate::WARNING_MARKS`] that it has passed.
    pub warning: Option<u8>,
}

/// What a SIM is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SimState {
    /// In no line.
    Absent,
    /// Ready for a message.
    Idle,
    /// Sending.
    Sending,
    /// Between two parts, or resting after refusals.
    Waiting,
    /// A budget is used up, or none is declared.
    Exhausted,
    /// Paused or draining by an operator.
    Paused,
    /// Taken out after repeated refusals, or because its line loses what it is given.
    Quarantined,
}

impl SimState {
    /// All states.
    pub const ALL: [SimState; 7] = [
        SimState::Absent,
        SimState::Idle,
        SimState::Sending,
        SimState::Waiting,
        SimState::Exhausted,
        SimState::Paused,
        SimState::Quarantined,
    ];

    /// The word of the API and the metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            SimState::Absent => "absent",
            SimState::Idle => "idle",
            SimState::Sending => "sending",
            SimState::Waiting => "waiting",
            SimState::Exhausted => "exhausted",
            SimState::Paused => "paused",
            SimState::Quarantined => "quarantined",
        }
    }
}
