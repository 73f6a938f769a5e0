//! A single-threaded executor under the virtual clock: time moves only when every task waits.

use crate::connector::{Connector, Life};
use crate::lambda;
use crate::stepfunctions::{self, FunctionError};
use crate::time::At;
use crate::world::{Delivery, World};
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, SystemTime};

/// How long an invocation may run: the time-out of every function here.
pub const FUNCTION_TIMEOUT: Duration = Duration::from_secs(60);

/// The outcome of an invocation that crashed.
const DIED: &str = "died";

/// One run of a function: what it is given instead of Lambda and the network.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Function name.
    pub function: String,
    /// The event.
    pub payload: Value,
    /// Label under which its calls are logged.
    pub label: String,
    /// For SDK clients.
    pub http: SharedHttpClient,
    /// For SDK clients and for the function itself.
    pub sleep: SharedAsyncSleep,
    /// For SDK clients and for the function itself.
    pub time: SharedTimeSource,
}

/// A future that the executor owns.
pub type Running = Pin<Box<dyn Future<Output = Result<Value, String>>>>;

/// Runs functions; implemented by whoever has some.
pub trait Functions {
    /// Starts one invocation.
    fn invoke(&self, invocation: Invocation) -> Running;
    /// What a delivery starts: function name and event, none for what nobody listens to.
    ///
    /// Asked of everything that leaves. Rules and subscriptions invoke by themselves: what they handle needs no start
    /// for its event or message here, only for the [`Delivery::Invoke`] that follows.
    ///
    /// Of a [`Delivery::Call`], the first is the one whose answer is awaited; none means that there is no such
    /// function.
    fn route(&self, delivery: &Delivery) -> Vec<(String, Value)>;
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// When.
    pub at: At,
    /// Its label.
    pub label: String,
    /// Function name.
    pub function: String,
    /// What it was given.
    pub payload: Value,
    /// What it answered; `Err` is an error or, as `"died"`, a crash or, as [`timed_out`] says it, a time-out.
    pub outcome: Result<Value, String>,
}

/// The outcome of an invocation that took too long, in Lambda's words.
pub fn timed_out() -> String {
    format!("Task timed out after {:.2} seconds", FUNCTION_TIMEOUT.as_secs_f64())
}

/// What a caller that waits for the answer is told of an invocation that gave none.
///
/// Error types of crash and time-out: Lambda developer guide, "Troubleshoot invocation issues in Lambda". A function
/// that fails with a text which is an error as the runtime API has it (`{"errorType", "errorMessage"}`) is taken at
/// its word; any other text has the type that Lambda's Rust runtime gives to texts.
fn function_error(label: &str, outcome: &str) -> FunctionError {
    if outcome == DIED {
        let message = format!("RequestId: {label} Error: Runtime exited with error: signal: killed");
        return FunctionError::new("Runtime.ExitError", message);
    }
    if outcome == timed_out() {
        return FunctionError::new("Sandbox.Timedout", format!("RequestId: {label} Error: {outcome}"));
    }
    let error: Value = serde_json::from_str(outcome).unwrap_or_default();
    match (error["errorType"].as_str(), error["errorMessage"].as_str()) {
        (Some(error_type), Some(message)) => FunctionError::new(error_type, message),
        _ => FunctionError::new("alloc::string::String", outcome),
    }
}

#[derive(Debug, Default)]
struct Timers {
    serial: u64,
    waiting: BTreeMap<(At, u64), Waker>,
}

/// What connectors, sleeps and clocks hold on to.
#[derive(Debug)]
pub(crate) struct Shared {
    world: Mutex<World>,
    timers: Mutex<Timers>,
}

impl Shared {
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn timers(&self) -> MutexGuard<'_, Timers> {
        self.timers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Nap {
    shared: Arc<Shared>,
    until: At,
    key: Option<(At, u64)>,
}

impl Future for Nap {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.shared.world().now >= self.until {
            return Poll::Ready(());
        }
        let shared = Arc::clone(&self.shared);
        let mut timers = shared.timers();
        timers.serial += 1;
        let fresh = (self.until, timers.serial);
        let key = *self.key.get_or_insert(fresh);
        timers.waiting.insert(key, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.shared.timers().waiting.remove(&key);
        }
    }
}

/// Sleep and clock of the virtual world.
#[derive(Clone, Debug)]
pub(crate) struct VirtualTime(pub(crate) Arc<Shared>);

impl VirtualTime {
    pub(crate) fn nap(&self, duration: Duration) -> impl Future<Output = ()> + Send + Sync + 'static {
        let until = self.0.world().now + duration;
        Nap {
            shared: Arc::clone(&self.0),
            until,
            key: None,
        }
    }
}

impl AsyncSleep for VirtualTime {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(self.nap(duration))
    }
}

impl TimeSource for VirtualTime {
    fn now(&self) -> SystemTime {
        self.0.world().now.system_time()
    }
}

#[derive(Debug, Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Who waits for the end of an invocation.
enum Waits {
    Nobody,
    /// Lambda's queue of asynchronous invocations, under this request.
    Queue(u64),
    /// A state machine's task, with this ticket.
    Machine(u64),
}

struct Task {
    running: Running,
    flag: Arc<Flag>,
    life: Life,
    label: String,
    function: String,
    payload: Value,
    /// Whom to tell of the end, if anybody waits for it.
    waits: Waits,
    /// When it has run for too long.
    deadline: At,
}

/// The simulated account together with what runs in it.
pub struct Sim {
    shared: Arc<Shared>,
    tasks: RefCell<Vec<Task>>,
    functions: RefCell<Option<Rc<dyn Functions>>>,
    invocations: RefCell<u64>,
    deaths: RefCell<Vec<(String, u32)>>,
    /// Every invocation that ended, in order.
    pub ended: RefCell<Vec<Ended>>,
}

impl Sim {
    /// A world with nothing in it. Seeds the SDK's own chance too, so that a run can be replayed.
    pub fn new(seed: u64) -> Sim {
        fastrand::seed(seed);
        Sim {
            shared: Arc::new(Shared {
                world: Mutex::new(World::new(seed)),
                timers: Mutex::default(),
            }),
            tasks: RefCell::default(),
            functions: RefCell::default(),
            invocations: RefCell::default(),
            deaths: RefCell::default(),
            ended: RefCell::default(),
        }
    }

    /// The account, to look at or to stage. Never held while something runs.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world()
    }

    /// The account as it is, for whoever goes on with it elsewhere; an empty one stays here.
    pub fn take_world(&self) -> World {
        std::mem::replace(&mut *self.world(), World::new(0))
    }

    /// Who runs when the world delivers something.
    pub fn set_functions(&self, functions: Rc<dyn Functions>) {
        *self.functions.borrow_mut() = Some(functions);
    }

    /// The next invocation of this function dies right after its n-th call took effect.
    pub fn let_die(&self, function: &str, after_calls: u32) {
        self.deaths.borrow_mut().push((function.to_owned(), after_calls));
    }

    /// Connector, sleep and clock for a caller that is no invocation.
    pub fn invocation(&self, label: &str) -> Invocation {
        self.equip(label, "", Value::Null, Life::default())
    }

    fn equip(&self, label: &str, function: &str, payload: Value, life: Life) -> Invocation {
        let time = VirtualTime(Arc::clone(&self.shared));
        Invocation {
            function: function.to_owned(),
            payload,
            label: label.to_owned(),
            http: SharedHttpClient::new(Connector::new(time.clone(), label, life)),
            sleep: SharedAsyncSleep::new(time.clone()),
            time: SharedTimeSource::new(time),
        }
    }

    /// Starts a function at the present moment.
    pub fn start(&self, function: &str, payload: Value) {
        self.start_for(function, payload, Waits::Nobody);
    }

    fn start_for(&self, function: &str, payload: Value, waits: Waits) {
        let Some(functions) = self.functions.borrow().clone() else {
            return;
        };
        *self.invocations.borrow_mut() += 1;
        let label = format!("{function}#{}", self.invocations.borrow());
        let mut deaths = self.deaths.borrow_mut();
        let death = deaths
            .iter()
            .position(|(name, _)| name == function)
            .map(|i| deaths.remove(i).1);
        let life = Life::new(death);
        let invocation = self.equip(&label, function, payload.clone(), life.clone());
        let running = functions.invoke(invocation);
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let deadline = self.world().now + FUNCTION_TIMEOUT;
        self.tasks.borrow_mut().push(Task {
            running,
            flag,
            life,
            label,
            function: function.to_owned(),
            payload,
            waits,
            deadline,
        });
    }

    /// Runs everything that is due up to a moment, and lets the clock stand there.
    pub fn run_until(&self, until: At) {
        loop {
            self.settle();
            let due = self.next_due();
            match due.filter(|due| *due <= until) {
                Some(due) => self.advance(due),
                None => break,
            }
        }
        self.advance(until);
        self.settle();
    }

    /// Runs until no invocation is under way, at most up to a moment.
    pub fn run_until_quiet(&self, limit: At) {
        loop {
            self.settle();
            if self.tasks.borrow().is_empty() {
                return;
            }
            match self.next_due().filter(|due| *due <= limit) {
                Some(due) => self.advance(due),
                None => return,
            }
        }
    }

    /// Drives one future of the caller's to its end, with the world around it.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut future = std::pin::pin!(future);
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&flag));
        loop {
            if flag.0.swap(false, Ordering::Relaxed)
                && let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker))
            {
                return output;
            }
            self.settle();
            if !flag.0.load(Ordering::Relaxed) {
                let due = self.next_due();
                self.advance(due.unwrap_or_else(|| panic!("everything waits and nothing is due: deadlock")));
            }
        }
    }

    fn next_due(&self) -> Option<At> {
        let timer = self.shared.timers().waiting.keys().next().map(|(at, _)| *at);
        let world = self.world().next_due();
        let deadline = self.tasks.borrow().iter().map(|task| task.deadline).min();
        [timer, world, deadline].into_iter().flatten().min()
    }

    fn advance(&self, to: At) {
        self.world().advance_to(to);
        let mut timers = self.shared.timers();
        while let Some(entry) = timers.waiting.first_entry() {
            if entry.key().0 > to {
                break;
            }
            entry.remove().wake();
        }
    }

    /// Polls what was woken until all wait, and starts what the world delivers meanwhile.
    fn settle(&self) {
        loop {
            self.deliver();
            let mut progressed = false;
            let mut index = 0;
            while index < self.tasks.borrow().len() {
                let mut task = self.tasks.borrow_mut().remove(index);
                match self.poll(&mut task) {
                    Some(outcome) => {
                        progressed = true;
                        self.end(task, outcome);
                    }
                    None => {
                        progressed |= task.flag.0.load(Ordering::Relaxed);
                        self.tasks.borrow_mut().insert(index, task);
                        index += 1;
                    }
                }
            }
            if !progressed && self.world().outbox.is_empty() {
                return;
            }
        }
    }

    fn end(&self, task: Task, outcome: Result<Value, String>) {
        let Task {
            label,
            function,
            payload,
            waits,
            ..
        } = task;
        let mut world = self.world();
        match waits {
            Waits::Nobody => {}
            Waits::Queue(request) => {
                let ended = outcome.as_ref().map(|_| ()).map_err(Clone::clone);
                lambda::ended(&mut world, request, ended);
            }
            Waits::Machine(ticket) => {
                let answer = outcome.clone().map_err(|error| function_error(&label, &error));
                stepfunctions::finish(&mut world, ticket, answer);
            }
        }
        self.ended.borrow_mut().push(Ended {
            at: world.now,
            label,
            function,
            payload,
            outcome,
        });
    }

    fn poll(&self, task: &mut Task) -> Option<Result<Value, String>> {
        if !task.flag.0.swap(false, Ordering::Relaxed) {
            return self.is_too_late(task).then(|| Err(timed_out()));
        }
        let waker = Waker::from(Arc::clone(&task.flag));
        match task.running.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(outcome) => Some(outcome),
            Poll::Pending if task.life.is_over() => Some(Err(DIED.to_owned())),
            Poll::Pending => self.is_too_late(task).then(|| Err(timed_out())),
        }
    }

    fn is_too_late(&self, task: &Task) -> bool {
        self.world().now >= task.deadline
    }

    fn deliver(&self) {
        let deliveries = std::mem::take(&mut self.world().outbox);
        let functions = self.functions.borrow().clone();
        for delivery in deliveries {
            let mut waits = match &delivery {
                Delivery::Invoke { request, .. } => Waits::Queue(*request),
                Delivery::Call { ticket, .. } => Waits::Machine(*ticket),
                _ => Waits::Nobody,
            };
            for (function, payload) in functions.iter().flat_map(|f| f.route(&delivery)) {
                self.start_for(&function, payload, std::mem::replace(&mut waits, Waits::Nobody));
            }
            match waits {
                Waits::Nobody => {}
                Waits::Queue(request) => {
                    let nobody = "no function of this name runs here".to_owned();
                    lambda::ended(&mut self.world(), request, Err(nobody));
                }
                Waits::Machine(ticket) => stepfunctions::finish_unheard(&mut self.world(), ticket),
            }
        }
    }
}
