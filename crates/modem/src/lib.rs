//! One serial line as a machine: bytes in, SMS events out.

mod interface;
mod line;
mod timing;
mod vocabulary;

pub use interface::{Effect, Input, LineSettings};
pub use line::Line;
pub use vocabulary::*;
