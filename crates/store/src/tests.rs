//! Tests of the store at its boundary: what is committed comes back, and what is damaged is refused.

mod backup;
mod checkpoint;
mod concurrency;
mod damage;
mod deliveries;
mod erasure;
mod full;
mod history;
mod hostile;
mod lock;
mod past;
mod plans;
mod properties;
mod recovery;
mod retention;
mod round_trip;
mod sample;
mod schema;
mod warnings;
