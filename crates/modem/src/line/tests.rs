//! The machine as a whole: transcripts, noise at every byte, and chaos.

mod bench;
mod chaos;
mod life;
mod noise;
mod transcripts;
