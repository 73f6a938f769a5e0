//! Runs the laws of a contract where the environment says: at a server, or else against the simulator.

use aws_credential_types::Credentials;
use simulator::Sim;
use std::hash::{BuildHasher as _, RandomState};

/// What laws are tried on, made anew for each.
pub trait Bench: Sized {
    /// Names the address of a service that is not the simulator's (`http://127.0.0.1:5000`, a moto server).
    const ADDRESS: &str;

    /// One in the simulator.
    fn in_simulator(sim: &Sim) -> Self;

    /// One at that address. Laws run at the same time on one server, which outlives them.
    async fn at(address: &str) -> Self;
}

/// Runs a law against the service that is chosen.
pub fn on_either<B: Bench>(law: impl AsyncFnOnce(&B)) {
    match address::<B>() {
        Some(address) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let run = async move || law(&B::at(&address).await).await;
            runtime.expect("a runtime").block_on(run());
        }
        None => on_simulator(law),
    }
}

/// Runs a law that moto does not keep; there it is skipped, and says so.
pub fn on_simulator_only<B: Bench>(why: &str, law: impl AsyncFnOnce(&B)) {
    match address::<B>() {
        Some(_) => {
            let law = std::thread::current().name().unwrap_or_default().to_owned();
            eprintln!("skipped on moto: {law}: {why}");
        }
        None => on_simulator(law),
    }
}

fn address<B: Bench>() -> Option<String> {
    std::env::var(B::ADDRESS).ok().filter(|address| !address.is_empty())
}

fn on_simulator<B: Bench>(law: impl AsyncFnOnce(&B)) {
    let sim = Sim::new(1);
    sim.block_on(async {
        let bench = B::in_simulator(&sim);
        law(&bench).await;
    });
    assert_eq!(
        sim.world().defects,
        Vec::<String>::new(),
        "replies that AWS could not give"
    );
}

/// Whose keys sign: neither asks for more.
pub fn credentials() -> Credentials {
    Credentials::from_keys("bench", "bench", None)
}

/// What keeps the names of one law from another's on the same server.
pub fn suffix() -> String {
    format!("{:08x}", RandomState::new().hash_one(0) >> 32)
}
