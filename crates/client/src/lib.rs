//! The SimFleet API for Rust programs: its wire types, and a small client that speaks them over the Unix socket.

mod types;

pub use types::*;
