//! Laws of asynchronous invocation.

mod queue;
mod running;
