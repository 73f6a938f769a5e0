//! Requests handed to somebody else, one after the other: to whoever plays the world on.

use super::Answers;
use crate::faults::Fault;
use crate::refusal::Refusal;
use crate::wire::{self, Reply, Request};
use crate::world::World;
use aws_smithy_types::date_time::{DateTime, Format};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::{mpsc, oneshot};

/// Where requests are handed in.
#[derive(Clone, Debug)]
pub struct Desk(mpsc::UnboundedSender<Visit>);

/// A request that waits for its answer. Dropped, it is never answered.
#[derive(Debug)]
pub struct Visit {
    /// The request, of AWS or below `/_lab/`.
    pub request: Request,
    /// The query of its address.
    pub query: String,
    reply: oneshot::Sender<Option<Reply>>,
}

impl Desk {
    /// A desk, and what is handed in there.
    pub fn open() -> (Desk, mpsc::UnboundedReceiver<Visit>) {
        let (desk, visits) = mpsc::unbounded_channel();
        (Desk(desk), visits)
    }
}

impl Visit {
    /// Answers it; `None` is a reply that never comes.
    pub fn answer(self, reply: Option<Reply>) {
        // Whoever asked may have gone.
        let _ = self.reply.send(reply);
    }
}

impl Answers for Desk {
    async fn answer(&self, request: Request, query: String) -> Option<Reply> {
        let (reply, answered) = oneshot::channel();
        let visit = Visit { request, query, reply };
        if self.0.send(visit).is_err() {
            let gone = Refusal::new("ServiceUnavailable", "nobody plays this world any more");
            return Some(wire::unreadable(&gone.status(503)));
        }
        answered.await.ok().flatten()
    }
}

/// Answers a call to AWS at the world's present moment, with its faults, and with its time in the header `Date`;
/// `None` is a reply that never comes.
pub fn call(world: &mut World, request: &Request) -> Option<Reply> {
    // A panic would leave the caller with a closed connection and the person at the lab with no word, and a defect in
    // one service must not make the rest useless.
    let reply = catch_unwind(AssertUnwindSafe(|| exchange(world, request))).unwrap_or_else(|_| {
        let (service, operation) = wire::name(request);
        let defect = format!("simulator defect: {service} {operation} panicked; see the lab's standard error");
        Some(wire::unreadable(&Refusal::new("InternalFailure", defect).status(500)))
    });
    let mut reply = reply?;
    // AWS's clock, by which clients tell what is late; the server's own would be the machine's.
    if let Ok(date) = DateTime::from_millis(world.now.0).fmt(Format::HttpDate) {
        reply.headers.push(("date", date));
    }
    Some(reply)
}

fn exchange(world: &mut World, request: &Request) -> Option<Reply> {
    let (service, operation) = wire::name(request);
    let World { faults, rng, now, .. } = world;
    match faults.meet(rng, *now, &request.caller, service, &operation) {
        Some(Fault::HangBefore) => None,
        Some(Fault::HangAfter) => {
            world.answer(request);
            None
        }
        Some(fault) => Some(wire::refuse(request, fault)),
        None => Some(world.answer(request)),
    }
}
