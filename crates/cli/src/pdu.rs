//! `simfleet pdu`: what is on the air, explained. Needs no daemon.
//!
//! `decode` reads PDUs as modems print them and `encode` writes those that a modem is given; the codec is the daemon's own.

mod decode;
mod encode;

pub(crate) use decode::decode;
pub(crate) use encode::encode;
