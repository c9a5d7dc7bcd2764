//! The machine as a whole: transcripts, noise at every byte, and chaos.

mod bench;
mod chaos;
mod course;
mod ladder;
mod life;
mod manners;
mod noise;
mod quirks;
mod transcripts;
