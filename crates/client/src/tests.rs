//! The client against small servers on a Unix socket: one that behaves (hyper), and one that sends raw bytes.

mod misbehaviour;
mod requests;
mod server;
mod streams;
