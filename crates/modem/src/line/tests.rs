//! The machine as a whole: transcripts, noise at every byte, and chaos.

mod bench;
mod chaos;
mod noise;
mod transcripts;
