//! The `serin` command.

mod demo;
mod lab;
mod policy;

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
    /// Serves a simulated AWS on a port, with a release waiting at its approval and its alarm about to fire.
    Lab(lab::Lab),
    /// Looks after policies.
    #[command(subcommand)]
    Policy(policy::Policy),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Demo(demo) => demo.run(),
        Command::Lab(lab) => lab.run(),
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
