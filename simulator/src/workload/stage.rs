//! Short ways to set a scene: queues, senders, workers, and what goes wrong with them.

use super::{Due, Failing, Source, Tally, Work, Workloads};
use crate::ecs::{Life, Lived};
use crate::time::At;
use crate::world::World;

/// Declares what the tasks of services do; those that run already begin at once. Answers with its place.
pub fn work(world: &mut World, work: Work) -> usize {
    super::run_due(world);
    let running: Vec<Life> = work.services.iter().flat_map(|arn| world.ecs.lives_of(arn)).collect();
    let now = world.now;
    let workload = &mut world.workload;
    if work.metrics.is_some() {
        let next = At((now.0.div_euclid(super::MINUTE_MILLIS) + 1) * super::MINUTE_MILLIS);
        workload.next_minute.get_or_insert(next);
    }
    workload.works.push(work);
    workload.tallies.push(Tally::default());
    workload.waiting.push(Vec::new());
    // What was said of them before this is in the list already.
    world.ecs.lives.clear();
    workload.now = workload.now.max(now);
    for life in running.into_iter().filter(|life| life.lived == Lived::Runs) {
        workload.enrol(life);
    }
    workload.works.len() - 1
}

/// Somebody sends from now on.
pub fn source(world: &mut World, source: Source) {
    super::run_due(world);
    let now = world.now;
    let workload: &mut Workloads = &mut world.workload;
    workload.now = workload.now.max(now);
    let rng = workload.rng.fork();
    workload.sources.push((source, rng));
    workload.sends_later(workload.sources.len() - 1);
}

/// Whoever sends to a queue sends so many messages from now on; 0 is none.
pub fn rate(world: &mut World, queue: usize, per_second: f64) {
    super::run_due(world);
    let workload = &mut world.workload;
    for index in 0..workload.sources.len() {
        let source = &mut workload.sources[index].0;
        if source.queue != queue {
            continue;
        }
        source.per_second = per_second;
        workload
            .queue
            .retain(|_, due| !matches!(due, Due::Sends(source) if *source == index));
        workload.sends_later(index);
    }
}

/// So many of a thousand messages that are sent to a queue are of this kind.
pub fn kind(world: &mut World, queue: usize, kind: &str, permille: u32) {
    super::run_due(world);
    let sources = world.workload.sources.iter_mut().map(|(source, _)| source);
    sources
        .filter(|source| source.queue == queue)
        .for_each(|source| source.kinds.push((kind.to_owned(), permille)));
}

/// A further row in the table of failures.
pub fn fails(world: &mut World, work: usize, failing: Failing) {
    super::run_due(world);
    world.workload.works[work].failing.push(failing);
}

/// What is said of an image in the table of failures counts no more.
pub fn heals(world: &mut World, work: usize, digest: &str) {
    super::run_due(world);
    world.workload.works[work].failing.retain(|row| row.digest != digest);
}

/// What became of the messages of a work's queue until now.
pub fn tally(world: &World, work: usize) -> &Tally {
    &world.workload.tallies[work]
}

/// Messages that were lost until now: dead without having been handled, also where the dead-letter queue has been emptied
/// since, expired before anybody took them, or deleted unhandled.
pub fn lost(world: &World, work: usize, dead: usize) -> usize {
    let tally = tally(world, work);
    let unhandled = dead_or_gone(world, work, dead)
        .filter(|id| !tally.outlived.contains(id))
        .count();
    unhandled + usize::try_from(tally.swallowed).unwrap_or(usize::MAX)
}

/// Messages that died, or expired, and were handled all the same, too late to be deleted.
pub fn dead_and_handled(world: &World, work: usize, dead: usize) -> usize {
    let tally = tally(world, work);
    dead_or_gone(world, work, dead)
        .filter(|id| tally.outlived.contains(id))
        .count()
}

/// Numbers of the messages in the dead-letter queue, and of those that neither queue has any more.
fn dead_or_gone(world: &World, work: usize, dead: usize) -> impl Iterator<Item = u64> {
    let letters = world.sqs.messages(dead).map(|message| message.id);
    let gone = [dead, world.workload.works[work].queue].map(|place| world.sqs.gone(place));
    letters.chain(gone.into_iter().flatten().copied())
}
