//! The life of a message: admission, lanes, SIM choice, attempts, outcomes, reports, replay.

mod exchange;
mod record;
mod settings;
mod snapshot;
mod store;
mod words;

pub use exchange::*;
pub use record::*;
pub use settings::*;
pub use snapshot::*;
pub use store::*;
pub use words::*;
