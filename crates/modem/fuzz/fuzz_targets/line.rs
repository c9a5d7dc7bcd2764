//! Arbitrary bytes and time steps against a line; the invariants are in `harness.rs`.

#![no_main]

#[path = "../harness.rs"]
mod harness;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    harness::run(input);
});
