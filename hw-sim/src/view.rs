//! What a fleet is doing at this moment, as values to be shown: lines, operators, troubles.
//!
//! Made when somebody looks, never kept. Names are those of the control socket's JSON.

use serde::{Deserialize, Serialize};

/// A fleet at one moment.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct View {
    /// What each line does, by line.
    pub line_states: Vec<LineState>,
    /// Each operator with its SIMs.
    pub operators: Vec<OperatorView>,
    /// Troubles of the time line, or made by hand, that go on.
    pub troubles: Vec<TroubleView>,
    /// Faults by chance that are not off, such as `errors 2 %`.
    pub faults: Vec<String>,
    /// Status reports that are asked for and not yet given: on their way, or waiting for a modem that takes them.
    pub reports_owed: u64,
}

/// What a line does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineState {
    /// Waits for a command.
    Idle,
    /// No host has its port open.
    NoHost,
    /// A PDU or text is being entered.
    Entry,
    /// A submission is on the air.
    OnAir,
    /// Not registered: searching, denied or switched off.
    NoNetwork,
    /// No SIM, or a locked one.
    NoSim,
    /// Power came back.
    Boots,
    /// No byte passes: the modem hangs, or the wire is mute.
    Mute,
    /// The port is gone.
    Away,
}

impl LineState {
    /// All of them, from the best to the worst.
    pub const ALL: [LineState; 9] = [
        LineState::Idle,
        LineState::NoHost,
        LineState::Entry,
        LineState::OnAir,
        LineState::NoNetwork,
        LineState::NoSim,
        LineState::Boots,
        LineState::Mute,
        LineState::Away,
    ];
}

/// An operator at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OperatorView {
    /// What scenarios call it.
    pub name: String,
    /// Its SIMs.
    pub sims: u64,
    /// Of these, barred.
    pub barred: u64,
    /// Its SIMs' submissions on the air.
    pub on_air: u64,
    /// Accepted so far.
    pub accepted: u64,
    /// Refused so far.
    pub refused: u64,
    /// Status reports waiting for modems that take them.
    pub reports_waiting: u64,
    /// Whether its service centre is out of order.
    pub is_down: bool,
}

/// A trouble that goes on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TroubleView {
    /// As scenarios write it.
    pub what: String,
    /// How many lines it struck.
    pub lines: u64,
    /// How long it goes on.
    pub left_s: f64,
}
