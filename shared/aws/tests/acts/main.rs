//! What is done to AWS, on the simulator.

mod bench;
mod failing;
mod preparing;
mod stopping;
