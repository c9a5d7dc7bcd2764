//! The JSON of what an operator says to a line: USSD dialogues, and commands of his own. Plain values, no behaviour.

use serde::{Deserialize, Serialize};

/// A USSD code, or the reply to the menu that is open (`POST /v1/sims/{iccid}/ussd`): one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UssdRequest {
    /// A code such as `*100#`: begins a dialogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What to answer the menu.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}

/// What the network said by USSD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UssdView {
    /// The SIM that asked.
    pub iccid: String,
    /// The line that it is in.
    pub line: String,
    /// `open`: the network waits for a reply; `ended`: the dialogue is over.
    pub state: String,
    /// Why it is over: `done`, `terminated` (by the network) or `cancelled` (by an operator).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// The network's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// An operator's own command (`POST /v1/lines/{name}/at`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandRequest {
    /// One command with its `AT`.
    pub command: String,
}

/// What the modem said to an operator's command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandView {
    /// The line.
    pub line: String,
    /// The command as it was written.
    pub command: String,
    /// `ok`; `refused`: another final result, the last of `lines`; `no_answer`; `prompt`: it wanted input and was left
    /// with ESC; `line_lost`.
    pub end: String,
    /// All that the modem said, the final result last.
    pub lines: Vec<String>,
}

/// What the network said to a SIM by USSD though nobody had asked, such as what is left on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkSaidView {
    /// Its words.
    pub text: String,
    /// When it said them.
    pub at: String,
}
