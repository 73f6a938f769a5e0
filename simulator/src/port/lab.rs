//! A world that lives on wall time.

use super::Answers;
use crate::refusal::Refusal;
use crate::stepfunctions;
use crate::time::At;
use crate::wire::{self, Reply, Request};
use crate::world::{Delivery, World};
use serde_json::json;
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Further `/_lab/…` routes: world, path and body in, a reply out where the path is known.
///
/// They run with the world at the present moment. A route that moves the clock holds its own
/// [`Arc<LabClock>`]; the next request sees the jump.
pub type Routes = Box<dyn Fn(&mut World, &str, &[u8]) -> Option<Reply> + Send + Sync>;

/// Wall time × speed, from a moment of one's choice, with jumps ahead.
#[derive(Debug)]
pub struct LabClock {
    from: At,
    started: Instant,
    speed: f64,
    jumped_millis: AtomicI64,
}

impl LabClock {
    /// Starts now. Time never runs backwards: a speed below zero stands still.
    pub fn new(from: At, speed: f64) -> LabClock {
        LabClock {
            from,
            started: Instant::now(),
            speed: speed.max(0.0),
            jumped_millis: AtomicI64::new(0),
        }
    }

    /// The lab's present moment.
    pub fn now(&self) -> At {
        self.after(self.started.elapsed())
    }

    pub(super) fn after(&self, elapsed: Duration) -> At {
        let run_millis = (elapsed.as_secs_f64() * self.speed * 1000.0) as i64;
        let jumped_millis = self.jumped_millis.load(Ordering::Relaxed);
        At(self.from.0.saturating_add(run_millis).saturating_add(jumped_millis))
    }

    /// Jumps ahead.
    pub fn jump(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let add = |jumped: i64| Some(jumped.saturating_add(millis));
        let _ = self
            .jumped_millis
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }
}

/// A world, its clock, and what else is served beside AWS.
pub struct Lab {
    world: Mutex<World>,
    clock: Arc<LabClock>,
    routes: Routes,
    carries_calls: bool,
}

impl fmt::Debug for Lab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lab")
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}

impl Lab {
    /// A lab without routes of its own.
    pub fn new(world: World, clock: Arc<LabClock>) -> Lab {
        Lab {
            world: Mutex::new(world),
            clock,
            routes: Box::new(|_, _, _| None),
            carries_calls: false,
        }
    }

    /// The same with further routes below `/_lab/`.
    pub fn with_routes(mut self, routes: Routes) -> Lab {
        self.routes = routes;
        self
    }

    /// The same, where somebody takes every [`Delivery::Call`] from the outbox and says how it ended. Without, there
    /// are no functions, and state machines are told so.
    pub fn carrying_calls(mut self) -> Lab {
        self.carries_calls = true;
        self
    }

    /// The lab's clock.
    pub fn clock(&self) -> &Arc<LabClock> {
        &self.clock
    }

    /// The world, advanced to the present moment. Whoever carries deliveries on takes them from here,
    /// and says with [`crate::lambda::ended`] how an invocation ended.
    pub fn present(&self) -> MutexGuard<'_, World> {
        // A defect in a service must not make the rest of the lab useless.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        world.advance_to(now);
        if !self.carries_calls {
            answer_unheard_calls(&mut world);
        }
        world
    }

    fn route(&self, request: &Request) -> Reply {
        let mut world = self.present();
        if request.path == "/_lab/health" {
            let now = json!({ "now": world.now.iso_millis(), "epoch_seconds": world.now.seconds() });
            return Reply {
                status: 200,
                headers: vec![("content-type", "application/json".to_owned())],
                body: now.to_string().into_bytes(),
            };
        }
        (self.routes)(&mut world, &request.path, &request.body).unwrap_or_else(|| {
            wire::unreadable(&Refusal::new("NotFound", format!("no lab route {}", request.path)).status(404))
        })
    }
}

impl Answers for Lab {
    async fn answer(&self, request: Request, _: String) -> Option<Reply> {
        if request.path.starts_with(super::ROUTES) {
            return Some(self.route(&request));
        }
        super::call(&mut self.present(), &request)
    }
}

/// Each answer may lead to the next call, at the present moment or later.
fn answer_unheard_calls(world: &mut World) {
    let is_call = |delivery: &Delivery| matches!(delivery, Delivery::Call { .. });
    while let Some(found) = world.outbox.iter().position(is_call) {
        if let Delivery::Call { ticket, .. } = world.outbox.remove(found) {
            stepfunctions::finish_unheard(world, ticket);
            let now = world.now;
            world.advance_to(now);
        }
    }
}
