//! The life of a message: admission, lanes, SIM choice, budgets, attempts, reports, replay.
//!
//! ```text
//!  Input ─► turn: decide(&book, &floor, input) ─► Record ─► book.apply ─► store.commit ─► Effect
//! ```
//!
//! A machine: no clock, no I/O, no threads, no randomness; the time is an argument. [`Gateway::turn`] is the only mutation
//! and the only place where an effect can leave, after the records that justify it are durable. What is durable is in the
//! book, which changes only by applying records, live and in replay alike; what is volatile is on the floor.

mod admission;
mod book;
mod breaker;
mod budget;
mod calendar;
mod capacity;
mod causes;
mod centre_clock;
mod decide;
mod evidence;
mod exchange;
mod floor;
mod form;
mod gap;
mod hours;
mod hub;
mod limits;
mod line_breaker;
mod numbers;
mod pace;
mod past;
mod quarantine;
mod record;
mod report_rate;
mod reports;
mod rotation;
mod routes;
mod settings;
mod shares;
mod snapshot;
mod store;
mod tally;
mod texts;
mod turn;
mod unheard;
mod warning;
mod wish;
mod words;
mod zones;

pub use admission::*;
pub use book::APPS_MAX;
pub use breaker::{BreakerOf, Trip};
pub use budget::share_for_codes;
pub use calendar::{BillingDay, Calendar, Hours};
pub use capacity::*;
pub use causes::{CauseClass, CauseEntry, CauseFault, CauseRule, CauseScope, Causes, Suspect};
pub use decide::kept_for_codes;
pub use exchange::*;
pub use floor::SEND_QUEUE_DEPTH;
pub use form::{Data, Form};
pub use hours::{Day, SendWindow, window_opens};
pub use hub::{HubResult, HubState, HubStep, LIMIT_SPAN as HUB_LIMIT_SPAN};
pub use limits::{Each, Handed, LIMIT_PER_MAX, Limit};
pub use line_breaker::BreakerState;
pub use numbers::{NUMBERS_MAX, Numbers, Recipients};
pub use quarantine::{Quarantine, Sick};
pub use record::*;
pub use report_rate::{REPORT_DELAYS_S, REPORT_WAIT, ReportRate};
pub use routes::{Exclusion, RouteFit};
pub use settings::*;
pub use snapshot::*;
pub use store::*;
pub use turn::{Gateway, Turn};
pub use warning::{MARKS as WARNING_MARKS, warned_budgets};
pub use wish::{EncodingWish, TextWish, Transliterate, languages};
pub use words::*;
pub use zones::{UnknownZone, Zones};
