//! Laws of asynchronous invocation.

mod queue;
mod role;
mod running;
