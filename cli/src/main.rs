//! The `serin` command.

#[cfg(test)]
mod answers;
mod demo;
mod history;
#[cfg(test)]
mod hostile;
mod journal;
mod lab;
mod order;
mod page;
mod place;
mod policy;
mod release;
mod report;
mod start;
mod status;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Canary releases for Amazon ECS.
#[derive(Parser)]
#[command(name = "serin", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays a good and a bad release on the embedded simulator, told as they happen.
    Demo(demo::Demo),
    /// Serves a simulated AWS on a port: an account in which Serin runs, or a scene for an event on file.
    Lab(lab::Lab),
    /// Says where each policy's release is, why it waits and what it saw.
    Status(status::Arguments),
    /// Lists how a policy's releases ended, the newest first.
    History(history::Arguments),
    /// Tells each decision on a release, in order, and what came of it.
    Journal(journal::Arguments),
    /// Releases images that you name, without a pipeline: to the canary first, judged and promoted as the policy says.
    Release(start::Release),
    /// Writes one release as a page of HTML: shares, queues, checks against their bounds, decisions, on one time axis.
    Report(report::Arguments),
    /// Rolls the open release back.
    Abort(order::OfRelease),
    /// Lets the open release go on: you answer for what is left of its bake and for missing evidence.
    Approve(order::OfRelease),
    /// Approves the open release, and gives stable the revision without waiting for the pipeline.
    Promote(order::OfRelease),
    /// Waits no longer for the bake of this step, or for the watch.
    Skip(order::OfRelease),
    /// Keeps everything of a policy from moving forward; rolling back is always allowed.
    Freeze(order::Freeze),
    /// Lets a policy move forward again; within one of its windows, until that ends.
    Thaw(order::Thaw),
    /// Looks after policies.
    #[command(subcommand)]
    Policy(policy::Policy),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Demo(demo) => demo.run(),
        Command::Lab(lab) => lab.run(),
        Command::Status(status) => status.run(),
        Command::History(history) => history.run(),
        Command::Journal(journal) => journal.run(),
        Command::Release(release) => release.run(),
        Command::Report(report) => report.run(),
        Command::Abort(order) => order.run("abort"),
        Command::Approve(order) => order.run("approve"),
        Command::Promote(order) => order.run("promote"),
        Command::Skip(order) => order.run("skip"),
        Command::Freeze(order) => order.run(),
        Command::Thaw(order) => order.run(),
        Command::Policy(policy) => policy.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("serin: {problem}");
            ExitCode::FAILURE
        }
    }
}
