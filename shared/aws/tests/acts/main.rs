//! What is done to AWS, on the simulator.

mod bench;
mod preparing;
mod stopping;
