//! What differs between modems, as data: one TOML file a family, a closed set of named values.
//!
//! ```text
//!  config/profiles/*.toml (in the binary) ─┐                       +CGMI +CGMM +CGMR
//!  the operator's own files ───────────────┴─► Profiles ── choose ◄──────┘ ─► Profile ─► init, send, chores, …
//! ```
//!
//! A new model is a file, not a branch. Reading files is the shell's business: this module takes their text. What a value
//! leads to is decided where it is used.

mod catalogue;
mod read;
mod values;

use std::time::Duration;

use serde::Deserialize;

pub use catalogue::{ProfileChoice, Profiles};
pub use read::ProfileError;
pub use values::*;

/// The peculiarities of one family of modems. Its file may leave out everything but `about`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The file's name without its ending.
    #[serde(skip)]
    pub name: Box<str>,
    /// Which modems it is for, for people.
    pub about: String,
    /// By what it is chosen.
    #[serde(default, rename = "match")]
    pub matches: Matches,
    /// How bytes are written.
    #[serde(default)]
    pub wire: WireManners,
    /// What is set before the SIM is looked for.
    #[serde(default)]
    pub setup: Setup,
    /// The SIM: its readiness and its PIN.
    #[serde(default)]
    pub sim: SimManners,
    /// Registration in the network.
    #[serde(default)]
    pub network: NetworkManners,
    /// Sending, receiving and storing messages.
    #[serde(default)]
    pub messages: MessageManners,
    /// Resets.
    #[serde(default)]
    pub recovery: RecoveryManners,
    /// Supplementary services.
    #[serde(default)]
    pub ussd: UssdManners,
    /// Voice calls.
    #[serde(default)]
    pub calls: CallManners,
}

/// By what a profile is chosen. A list that is empty does not matter; of the others each must have an entry that is part
/// of what the modem says, whatever the case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Matches {
    /// Parts of the answer to `+CGMI`.
    pub manufacturer: Vec<String>,
    /// Parts of the answer to `+CGMM`.
    pub model: Vec<String>,
    /// Parts of the answer to `+CGMR`.
    pub revision: Vec<String>,
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WireManners {
    /// Pause between the end of an answer and the next command: 20 ms for Telit, 100 ms for slow UARTs.
    pub gap_ms: Millis,
    /// Pause between the prompt and the PDU.
    pub prompt_gap_ms: Millis,
    /// The PDU is written in pieces of this many bytes; 0 writes it at once.
    pub pdu_chunk_bytes: ChunkBytes,
    /// Pause between two such pieces.
    pub pdu_chunk_gap_ms: Millis,
    /// What ends a command.
    pub line_end: LineEnd,
}

/// What is set before the SIM is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Setup {
    /// Commands without their `AT`, after the identity is read. What they answer does not matter.
    pub commands: Vec<VendorCommand>,
    /// What restores a sick modem's settings.
    pub restore: Restore,
}

/// The SIM: its readiness and its PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimManners {
    /// What tells that messages can be used.
    pub readiness: Readiness,
    /// What tells how many tries the PIN has left.
    pub pin_counter: PinCounter,
}

/// Registration in the network.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkManners {
    /// Which registrations are asked for, in this order.
    pub registration: Vec<Domain>,
    /// Whether registration in LTE or 5G alone is enough to send.
    pub lte_alone: LteAlone,
    /// `+CGSMS` (3GPP TS 27.007 §10.1.21): 0 packet, 1 circuit, 2 packet preferred, 3 circuit preferred; left out, it is
    /// not touched.
    pub transport: Option<Transport>,
    /// How long `+CFUN=1` may take, in seconds.
    pub radio_s: RadioSeconds,
}

/// Sending, receiving and storing messages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MessageManners {
    /// `+CSMS` (3GPP TS 27.005 §3.2.1): with 1, what is routed to us must be acknowledged with `+CNMA`.
    pub service: ServiceLevel,
    /// Values of `+CNMI` (3GPP TS 27.005 §3.4.1), the best first.
    pub indications: Vec<Indications>,
    /// Stores that messages are kept in, the best first.
    pub storage: Vec<Memory>,
    /// How many stores `+CPMS` takes.
    pub storage_parameters: StorageParameters,
    /// Whether the PDU begins with the service centre's address.
    pub smsc_in_pdu: SmscInPdu,
    /// Whether `+CMMS` keeps the link up between the parts of a message.
    pub more_messages: MoreMessages,
    /// How long the result may take after Ctrl-Z, in seconds, before the outcome is unknown.
    pub result_s: ResultSeconds,
}

/// Resets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecoveryManners {
    /// `+CFUN` value that turns the radio off.
    pub radio_off: RadioOff,
    /// The commands, without their `AT`, that restart the modem, the best first; empty if none may be used.
    pub reset: ResetCommands,
}

/// Supplementary services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UssdManners {
    /// How the request is written.
    pub request: UssdText,
}

/// Voice calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallManners {
    /// How one that comes in is rejected.
    pub hang_up: HangUp,
}

impl Default for NetworkManners {
    fn default() -> NetworkManners {
        NetworkManners {
            registration: vec![Domain::Circuit, Domain::Eps],
            lte_alone: LteAlone::default(),
            transport: None,
            radio_s: RadioSeconds::default(),
        }
    }
}

impl Default for MessageManners {
    fn default() -> MessageManners {
        MessageManners {
            service: ServiceLevel::default(),
            indications: Indications::portable(),
            storage: vec![Memory::Sim, Memory::Phone],
            storage_parameters: StorageParameters::default(),
            smsc_in_pdu: SmscInPdu::default(),
            more_messages: MoreMessages::default(),
            result_s: ResultSeconds::default(),
        }
    }
}

impl Profile {
    /// How long the result may take after Ctrl-Z.
    pub fn result_timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.messages.result_s.get()))
    }

    /// How long `+CFUN=1` may take.
    pub fn radio_timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.network.radio_s.get()))
    }
}

#[cfg(test)]
mod tests;
