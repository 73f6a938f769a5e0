//! Plays histories of the swarm for some time, and says how many, how fast, and what they covered.
//!
//! `swarm [--minutes N] [--first SEED] [--threads N]`, or `swarm --seed SEED` for one, told.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use stories::swarm::{self, coverage::Coverage};

struct Options {
    minutes: f64,
    first: u64,
    threads: u64,
    seed: Option<u64>,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        minutes: 1.0,
        first: 1,
        threads: thread::available_parallelism().map_or(1, |cores| cores.get() as u64),
        seed: None,
    };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or(format!("{name} needs a value"))?;
        let wrong = |_| format!("{name} {value}: not a number");
        match name.as_str() {
            "--minutes" => options.minutes = value.parse().map_err(|_| format!("{name} {value}: not a number"))?,
            "--first" => options.first = value.parse().map_err(wrong)?,
            "--threads" => options.threads = value.parse::<u64>().map_err(wrong)?.max(1),
            "--seed" => options.seed = Some(value.parse().map_err(wrong)?),
            _ => return Err(format!("{name}: swarm knows --minutes, --first, --threads and --seed")),
        }
    }
    Ok(options)
}

/// From so many histories on what they never covered is a failure.
const COVERING: u64 = 140;

#[derive(Default)]
struct Sum {
    histories: u64,
    last: u64,
    calls: u64,
    broken: Vec<(u64, Vec<String>)>,
    coverage: Coverage,
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("swarm: {error}");
            return ExitCode::FAILURE;
        }
    };
    match options.seed {
        Some(seed) => one(seed),
        None => many(&options),
    }
}

/// One history, told.
fn one(seed: u64) -> ExitCode {
    let history = swarm::play(seed, Arc::new(decide::decide));
    print!("{}", history.plan);
    for (at, who, what) in told(&history) {
        println!("{} {who:<12} {what}", simulator::At(at).clock());
    }
    for verdict in &history.verdicts {
        println!("{verdict}");
    }
    for (operation, times) in operations(&history) {
        println!("{times:>6} {operation}");
    }
    let broken = history.broken();
    println!("{} calls; {} broken", history.sdk_calls, broken.len());
    broken.iter().for_each(|line| println!("BROKEN: {line}"));
    ExitCode::from(u8::from(!broken.is_empty()))
}

/// How often our functions made each kind of call.
fn operations(history: &swarm::History) -> BTreeMap<String, u64> {
    let world = history.stage.sim.world();
    let mut operations = BTreeMap::new();
    for call in world.calls.iter().filter(|call| stories::law::is_ours(call)) {
        *operations.entry(call.operation.clone()).or_default() += 1;
    }
    operations
}

/// What was seen happening, and every call that changed something outside the ledger, in order.
fn told(history: &swarm::History) -> Vec<(i64, String, String)> {
    const READS: [&str; 6] = ["Describe", "Get", "List", "Query", "Scan", "BatchGet"];
    let diary = history.stage.diary.borrow();
    let seen = diary.iter().map(|line| (line.at, line.who.clone(), line.what.clone()));
    let world = history.stage.sim.world();
    let writes = world
        .calls
        .iter()
        .filter(|call| call.service != "dynamodb" && !READS.iter().any(|read| call.operation.starts_with(read)));
    let writes = writes.map(|call| {
        let refused = call.outcome.as_ref().err().map(|refusal| format!(" -> {refusal}"));
        let what = format!("  {} {}{}", call.operation, call.input, refused.unwrap_or_default());
        (call.at.0, call.caller.clone(), what)
    });
    let mut told: Vec<_> = seen.chain(writes).collect();
    told.sort_by_key(|(at, ..)| *at);
    told
}

fn many(options: &Options) -> ExitCode {
    let next = AtomicU64::new(options.first);
    let stop = AtomicBool::new(false);
    let until = Instant::now() + Duration::from_secs_f64(options.minutes * 60.0);
    let began = Instant::now();
    let sums: Vec<Sum> = thread::scope(|scope| {
        let threads: Vec<_> = (0..options.threads)
            .map(|_| scope.spawn(|| work(&next, &stop, until)))
            .collect();
        // What panics in a history is caught there: here nothing is lost.
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|sum| sum.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    let seconds = began.elapsed().as_secs_f64();
    let mut sum = Sum::default();
    for other in sums {
        sum.histories += other.histories;
        sum.last = sum.last.max(other.last);
        sum.calls += other.calls;
        sum.broken.extend(other.broken);
        sum.coverage.merge(&other.coverage);
    }
    report(&sum, options.first, seconds * options.threads as f64)
}

fn work(next: &AtomicU64, stop: &AtomicBool, until: Instant) -> Sum {
    let mut sum = Sum::default();
    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        sum.histories += 1;
        sum.last = seed;
        let broken = match swarm::survived(seed, Arc::new(decide::decide)) {
            Ok(history) => {
                sum.calls += history.sdk_calls as u64;
                sum.coverage.merge(&history.coverage);
                history.broken()
            }
            Err(panicked) => vec![panicked],
        };
        if !broken.is_empty() {
            eprintln!("seed {seed} is broken; replay it with: make swarm SEED={seed}");
            broken.iter().for_each(|line| eprintln!("  {line}"));
            sum.broken.push((seed, broken));
        }
        if sum.broken.len() >= 50 {
            stop.store(true, Ordering::Relaxed);
        }
    }
    sum
}

fn report(sum: &Sum, first: u64, core_seconds: f64) -> ExitCode {
    print!("{}", sum.coverage);
    println!(
        "{} histories of seeds {first} to {}, {} SDK calls, {:.0} calls per history",
        sum.histories,
        sum.last,
        sum.calls,
        sum.calls as f64 / sum.histories.max(1) as f64
    );
    println!(
        "{:.1} histories and {:.0} SDK calls per second and core",
        sum.histories as f64 / core_seconds,
        sum.calls as f64 / core_seconds
    );
    let missing = match sum.histories >= COVERING {
        true => sum.coverage.missing(),
        false => Vec::new(),
    };
    for never in &missing {
        println!("never happened: {never}");
    }
    println!("{} broken", sum.broken.len());
    ExitCode::from(u8::from(!sum.broken.is_empty() || !missing.is_empty()))
}
