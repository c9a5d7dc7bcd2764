//! The turn, driven as the shell drives it: scenarios by behaviour, and a world in small under random faults.

mod anew;
mod deadlines;
mod doubt;
mod durability;
mod engaged;
mod entrance;
mod guards;
mod health;
mod journey;
mod limits;
mod line_health;
mod lines;
mod memory;
mod operators;
mod order;
mod pins;
mod refusals;
mod reports;
mod rig;
mod rotations;
mod routing;
mod schedule;
mod tariffs;
mod texts;
mod warnings;
mod world;
