//! The shell of the gateway: ports, sockets, files, clocks, tasks, metrics, configuration; no decisions.

pub mod config;
mod duration;
