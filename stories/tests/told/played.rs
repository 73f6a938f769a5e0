//! Every story, played once for all tests that look at it.

use super::measured::Measured;
use simulator::At;
use simulator::iam::Demand;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use stories::law::Verdict;
use stories::{Stage, swarm, told};

/// Histories of the swarm that are played for what they ask for: few, as the stories ask for nearly everything.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=4;

/// What each role asked for, by ARN.
pub type Demanded = BTreeMap<String, BTreeSet<Demand>>;

/// A call of ours that IAM refused.
pub struct Denial {
    /// When.
    pub at: At,
    /// AWS's words.
    pub message: String,
    /// Whether somebody said so, with action and resource.
    pub said: bool,
}

/// A story as it was played.
pub struct Played {
    /// Its script.
    pub path: PathBuf,
    /// What was told, or why it could not be played.
    pub text: Result<String, String>,
    /// What each law says.
    pub verdicts: Vec<Verdict>,
    /// What the simulator found wrong with itself.
    pub defects: Vec<String>,
    /// What was asked for.
    pub demanded: Demanded,
    /// What was refused, in order.
    pub denials: Vec<Denial>,
    /// What was measured.
    pub measured: Measured,
}

/// What is played.
enum Script {
    Story(PathBuf),
    Seed(u64),
}

/// Part of the names of the stories that are to be played; empty for all.
pub fn only() -> String {
    std::env::var("STORY").unwrap_or_default()
}

fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("told");
    let files = std::fs::read_dir(folder)
        .expect("stories/told is there")
        .map(|entry| entry.expect("readable").path());
    let mut stories: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|kind| kind == "story"))
        .filter(|path| path.to_string_lossy().contains(&only()))
        .collect();
    // The long ones first, so that they are played beside the others.
    stories.sort_by_key(|path| (!super::is_long(path), path.clone()));
    let seeds = SEEDS.filter(|_| only().is_empty()).map(Script::Seed);
    stories.into_iter().map(Script::Story).chain(seeds).collect()
}

/// All of them, in the order of their names, the swarm's last.
pub fn all() -> &'static [Played] {
    static PLAYED: OnceLock<Vec<Played>> = OnceLock::new();
    PLAYED.get_or_init(|| {
        let (scripts, next) = (scripts(), AtomicUsize::new(0));
        let work = || {
            let mine = std::iter::from_fn(|| scripts.get(next.fetch_add(1, Ordering::Relaxed)));
            mine.map(play).collect::<Vec<_>>()
        };
        let mut played = thread::scope(|scope| {
            let threads: Vec<_> = (0..2).map(|_| scope.spawn(work)).collect();
            let played = threads
                .into_iter()
                .flat_map(|thread| thread.join().expect("a story panicked"));
            played.collect::<Vec<_>>()
        });
        played.sort_by(|one, other| one.path.cmp(&other.path));
        played
    })
}

/// The stories among them.
pub fn stories() -> impl Iterator<Item = &'static Played> {
    all().iter().filter(|played| played.path.extension().is_some())
}

fn play(script: &Script) -> Played {
    let path = match script {
        Script::Story(path) => path,
        Script::Seed(seed) => return history(*seed),
    };
    let text = std::fs::read_to_string(path).expect("readable");
    match told::play(&text, 1, Arc::new(decide::decide)) {
        Ok(told) => {
            let defects = told.stage.sim.world().defects.clone();
            Played {
                path: path.clone(),
                demanded: demanded(&told.stage),
                denials: denials(&told.stage),
                measured: Measured::of(&told.stage),
                text: Ok(told.text),
                verdicts: told.verdicts,
                defects,
            }
        }
        Err(error) => Played {
            path: path.clone(),
            text: Err(error),
            verdicts: Vec::new(),
            defects: Vec::new(),
            demanded: Demanded::new(),
            denials: Vec::new(),
            measured: Measured::default(),
        },
    }
}

fn history(seed: u64) -> Played {
    let history = swarm::play(seed, Arc::new(decide::decide));
    Played {
        path: PathBuf::from(format!("seed {seed}")),
        demanded: demanded(&history.stage),
        denials: denials(&history.stage),
        measured: Measured::of(&history.stage),
        text: Ok(String::new()),
        verdicts: history.verdicts,
        defects: history.faults,
    }
}

/// What each role of a stage has asked for.
pub fn demanded(stage: &Stage) -> Demanded {
    let world = stage.sim.world();
    let roles = world.iam.roles().iter();
    roles.map(|(arn, role)| (arn.clone(), role.demanded.clone())).collect()
}

/// The part of a denial that says which action on which resource it is about.
fn about(message: &str) -> &str {
    let told = message
        .split_once("is not authorized to perform: ")
        .map_or(message, |(_, told)| told);
    told.split_once(" because ").map_or(told, |(about, _)| about)
}

fn denials(stage: &Stage) -> Vec<Denial> {
    let calls = stage.sim.world().calls.clone();
    let diary = stage.diary.borrow();
    let denied = calls.iter().filter_map(|call| match &call.outcome {
        Err(refusal) if refusal.code == "AccessDeniedException" => Some(Denial {
            at: call.at,
            said: diary.iter().any(|line| line.what.contains(about(&refusal.message))),
            message: refusal.message.clone(),
        }),
        _ => None,
    });
    // What Lambda is refused in a function's role nobody is told of.
    let refused = stage
        .sim
        .world()
        .lambda
        .refused
        .clone()
        .into_iter()
        .map(|(at, refusal)| Denial {
            at,
            said: false,
            message: refusal.message,
        });
    denied.chain(refused).collect()
}
