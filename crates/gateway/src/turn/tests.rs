//! The turn, driven as the shell drives it: scenarios by behaviour, and a world in small under random faults.

mod doubt;
mod entrance;
mod journey;
mod lines;
mod memory;
mod order;
mod refusals;
mod rig;
mod world;
