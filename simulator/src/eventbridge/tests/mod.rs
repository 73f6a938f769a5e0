//! Laws of the bus.

mod deliveries;
mod matching;
mod refusals;
mod rules;
