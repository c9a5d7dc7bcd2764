//! The crate's tests: vectors of other projects, properties over generated input, and tables by hand.

mod choices;
mod limits;
mod national;
mod properties;
mod reasons;
mod tables;
mod vectors;
