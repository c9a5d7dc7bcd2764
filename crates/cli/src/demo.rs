//! The demonstration and the measurements; nothing in it yet.
