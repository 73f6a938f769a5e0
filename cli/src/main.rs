//! The `serin` command.

#[cfg(test)]
mod answers;
mod demo;
mod history;
mod journal;
mod lab;
mod page;
mod place;
mod policy;
mod release;
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
