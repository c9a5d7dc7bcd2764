//! What needs more than one crate, as one binary: the repository's own order, and the product as processes.
//!
//! Tests with processes build the binaries themselves, so `cargo test --workspace` is enough.

mod air_explained;
mod bad_input;
mod binary_data;
mod command_line;
mod crash;
mod demonstration;
mod disk;
mod documents;
mod examples;
mod guards;
mod hubs;
mod journey;
mod lines;
mod metrics;
mod outcomes;
mod privacy;
mod restart;
mod retention;
mod serial_server;
mod strangers;
mod talking;
mod texts;
mod tidy;
mod webhooks;
mod world;
