//! One serial line as a machine: bytes in, SMS events out.
//!
//! ```text
//!              bytes ─► framer ─► lines, prompts ─► Line (line, line/hear)
//!                                                    │  init ─ send ─ chores ─ recover ─ climb   the phases
//!   Submit, Opened, Closed, Wake ───────────────────►│  urc ─ result ─ inbound ─ identity   what lines mean
//!                                                    ▼  wire ─ command ─ fields ─ timing    how to ask
//!                                                    │  profile                            what differs between modems
//!                                                    │  ussd ─ manual                      what an operator says
//!                              Write, Event, Reopen
//! ```
//!
//! [`Line`] has no clock, I/O, thread or randomness: time is an argument, and whatever it wants done is appended to the
//! caller's list. It knows nothing of messages but the TPDU of the part in hand: no queue, no retry, no expiry.

mod chores;
mod climb;
mod command;
mod fields;
mod framer;
mod identity;
mod inbound;
mod init;
mod interface;
mod known;
mod ladder;
mod line;
mod manual;
mod pin;
mod profile;
mod recover;
mod registration;
mod result;
mod send;
mod timing;
pub mod trace;
mod unlock;
mod urc;
mod ussd;
mod vocabulary;
mod wire;

pub use interface::{Effect, Input, LineSettings};
pub use line::Line;
pub use manual::{ManualAnswer, ManualCommand, ManualEnd};
pub use pin::{Pin, PinAnswer, PinScope};
pub use profile::*;
pub use ussd::{UssdAct, UssdAnswer, UssdEnd, UssdRequest, UssdState};
pub use vocabulary::*;
