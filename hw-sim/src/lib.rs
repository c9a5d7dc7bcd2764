//! SIMs, modems, a mobile network and its faults as machines, and a shell that puts them on pseudo-terminals.
//!
//! ```text
//!   host ⇄ bytes ⇄ SimModem ⇄ Uplink / Downlink ⇄ Network ─► ledger        machines, wired in a Rack
//!   Fleet:  a Rack behind N pseudo-terminals, one thread                   for daemons and the demo
//!   Driver: a Rack in the test's process, with a clock of its own          for tests without ports
//!   audit:  what became of accepted messages, from the ledger alone
//! ```
//!
//! Everything that happens follows from the settings and one seed. This crate must not depend on `modem`, whose
//! misunderstandings it is there to find, and it gives no timing guarantees beyond what the host's scheduler does.

pub mod air;
pub mod audit;
mod country;
mod driver;
pub mod duration;
mod faults;
mod fleet;
mod fragment;
pub mod ledger;
mod memory;
mod modem;
mod network;
mod profile;
mod rack;
mod rng;
mod scenario;
mod sim;
mod timeline;
mod view;
mod wire;

pub use audit::{Accepted, Audit, SimAudit, Verdict};
pub use country::{
    Behaviour, Cell, Congestion, Country, Operator, Profile, Recipients, SpamReaction,
};
pub use driver::{Driver, DriverSettings};
pub use faults::{
    ErrorCode, ErrorFault, Faults, GarbageFault, NoiseFault, PortFault, PromptFault, RebootFault,
    ReportFault, SilenceFault,
};
pub use fleet::{Fleet, FleetError, FleetSettings, LINES_MAX, SPREAD_MAX, Stats, Summary};
pub use ledger::{LedgerEntry, LedgerError, LedgerEvent};
pub use memory::Memory;
pub use modem::{Effects, Input, ModemEvent, ModemSetup, SimModem};
pub use network::{
    Inbound, InboundError, Network, NetworkEffects, NetworkInput, NetworkSettings, NetworkTotals,
    UssdItem,
};
pub use profile::{ModemProfile, ProfileError};
pub use rack::{HUB_LINES, Rack, RackEffects, RackInput, RackSettings, Unplugged};
pub use scenario::{Scenario, ScenarioError};
pub use sim::Sim;
pub use timeline::{Event, EventError, Lines, Trouble};
pub use view::{LineState, OperatorView, TroubleView, View};
