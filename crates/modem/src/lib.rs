//! One serial line as a machine: bytes in, SMS events out.

mod vocabulary;

pub use vocabulary::*;
