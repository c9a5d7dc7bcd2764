//! The crate's tests: vectors of other projects, properties over generated input, and tables by hand.

mod choices;
mod limits;
mod properties;
mod tables;
mod vectors;
