//! `serin lab`: a simulated AWS on a port. Without a scene it lives: Serin runs in it. In a scene nothing runs but AWS, and
//! the event that the scene is named after is for you to give to its function.

mod control;
mod live;
mod orders;
mod topics;

use clap::Args;
use live::{Account, Live, POLICY};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use simulator::port::{self, Desk, LabClock};
use std::path::PathBuf;
use std::sync::Arc;
use stories::scenes::{self, Leads, SCENES, Scene};
use tokio::net::TcpListener;

/// Arguments of the lab.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Lab {
    /// Port to listen on, at 127.0.0.1 unless --host says otherwise; 0 takes a free one.
    #[arg(long, default_value_t = 4566)]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// An account that stands still at the moment in which an event on file matters, named like the event:
    /// alarm/direct-metric. None of Serin's functions runs there. Without it the account lives, and Serin with it.
    #[arg(long, value_name = "EVENT")]
    scene: Option<String>,
    /// Lists the scenes, what has happened in each, and which function takes the event.
    #[arg(long)]
    list: bool,
    /// The same for programs, with what the event leads to there and some words of the answer.
    #[arg(long, requires = "list")]
    json: bool,
    /// The policy names no pipeline: `serin release` begins what is released, `serin approve` lets it go on.
    #[arg(long, conflicts_with = "scene")]
    by_hand: bool,
    /// Serin is deployed and knows nothing yet: no policy, nothing is tagged, and the pipeline has standard actions alone.
    /// There README's "A first service in ten minutes" is typed.
    #[arg(long, conflicts_with_all = ["scene", "by_hand"])]
    first_service: bool,
    /// Virtual seconds per second.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// PEM file of the server's certificate chain; with --tls-key the port speaks HTTPS only.
    #[arg(long, requires = "tls_key", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// PEM file of the server's private key.
    #[arg(long, requires = "tls_cert", value_name = "FILE")]
    tls_key: Option<PathBuf>,
}

fn after_help() -> String {
    let mut text = "The live lab is told what to do over HTTP (curl -X POST 127.0.0.1:4566/_lab/...):\n".to_owned();
    for (method, route, does) in control::CONTROLS {
        text += &format!("  {method:<4} {}{route}\n         {does}\n", control::PATH);
    }
    text + "People act by the AWS CLI: they approve and reject, stop and retry, update services."
}

impl Lab {
    /// Serves until it is stopped.
    ///
    /// # Errors
    /// Where the port is taken, a certificate cannot be read, there is no such scene or it cannot be set.
    pub fn run(self) -> Result<(), String> {
        if self.list {
            println!("{}", if self.json { listed() } else { list() });
            return Ok(());
        }
        let tls = self.tls()?;
        if !(self.speed >= 0.0 && self.speed <= 100_000.0) {
            return Err(format!(
                "--speed {}: virtual seconds per second, from 0 to 100000",
                self.speed
            ));
        }
        let scene = match &self.scene {
            None => None,
            Some(name) => Some(scenes::find(name).ok_or_else(|| {
                format!("no scene {name}; `serin lab --list` shows them, one for each file below events")
            })?),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        runtime.block_on(async move {
            let address = format!("{}:{}", self.host, self.port);
            let listener = TcpListener::bind(&address).await;
            let listener =
                listener.map_err(|error| format!("cannot listen on {address}: {error}; choose another with --port"))?;
            let bound = listener.local_addr().map_err(|error| error.to_string())?;
            let endpoint = format!("{}://{bound}", if tls.is_some() { "https" } else { "http" });
            match scene {
                None => live(&endpoint, listener, tls, (self.speed, self.account())).await,
                Some(scene) => still(scene, &endpoint, listener, tls, self.speed).await?,
            }
            Ok(())
        })
    }

    fn account(&self) -> Account {
        match (self.by_hand, self.first_service) {
            (true, _) => Account::ByHand,
            (_, true) => Account::First,
            _ => Account::Released,
        }
    }

    fn tls(&self) -> Result<Option<ServerConfig>, String> {
        let (Some(certificate), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            return Ok(None);
        };
        let wrong = |file: &PathBuf, error: String| format!("{}: {error}; a PEM file is needed", file.display());
        let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate)
            .map_err(|error| wrong(certificate, error.to_string()))?
            .collect();
        let chain = chain.map_err(|error| wrong(certificate, error.to_string()))?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error.to_string()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let config = builder.with_no_client_auth().with_single_cert(chain, private);
        config.map(Some).map_err(|error| wrong(certificate, error.to_string()))
    }
}

/// An account that lives.
async fn live(endpoint: &str, listener: TcpListener, tls: Option<ServerConfig>, (speed, account): (f64, Account)) {
    let live = Live::new(speed, account);
    println!(
        "# Simulated AWS, account 111122223333, region eu-central-1; it is {} there, {speed} s a second.",
        live.now().clock()
    );
    let knows = match account {
        Account::First => "nothing yet".to_owned(),
        _ => format!("the policy {POLICY}"),
    };
    println!("# Serin is deployed and knows {knows}: services orders and orders-canary run v1 on queue");
    println!("# orders, alarm orders-dlq-depth is on its dead-letter queue. What happens is told here. Begin with");
    println!("#   curl -X POST '{endpoint}/_lab/deploy?version=v2'");
    println!("# and see `serin lab --help` for what else can be done to it.");
    exports(endpoint);
    let (desk, visits) = Desk::open();
    // The functions live inside one poll of this task, many minutes of theirs at once. Tokio would have them yield to it
    // after a number of operations, and let their time-outs pass meanwhile.
    let live = tokio::task::unconstrained(live.live(visits));
    tokio::join!(port::serve(listener, Arc::new(desk), tls), live);
}

/// An account in which nothing of ours runs.
async fn still(
    scene: &Scene,
    endpoint: &str,
    listener: TcpListener,
    tls: Option<ServerConfig>,
    speed: f64,
) -> Result<(), String> {
    // Many minutes of the functions in one poll of this task, as above.
    let staged = tokio::task::unconstrained(async { scene.stage() }).await;
    let stage = staged.map_err(|error| format!("scene {}: {error}", scene.event))?;
    let world = stage.sim.take_world();
    let now = world.now;
    println!(
        "# Simulated AWS, account 111122223333, region eu-central-1; it is {} there. Scene {}:",
        now.clock(),
        scene.event
    );
    println!("# {}.", scene.about);
    println!(
        "# No function runs here. Give events/{}.json to the function {}.",
        scene.event, scene.function
    );
    exports(endpoint);
    let lab = Arc::new(port::Lab::new(world, Arc::new(LabClock::new(now, speed))));
    port::serve(listener, lab, tls).await;
    Ok(())
}

fn list() -> String {
    let lines: Vec<String> = SCENES
        .iter()
        .map(|scene| format!("{}  ({})\n    {}", scene.event, scene.function, scene.about))
        .collect();
    lines.join("\n")
}

/// By the kind of what it leads to, and the phase or the status that goes with it.
fn listed() -> String {
    let scenes = SCENES.iter().map(|scene| {
        let (leads, to) = match scene.leads {
            Leads::Opens => ("opens", None),
            Leads::To(phase) => ("to", Some(phase)),
            Leads::Looks => ("looks", None),
            Leads::Nothing => ("nothing", None),
            Leads::Refused => ("refused", None),
            Leads::Replaced => ("replaced", None),
            Leads::Learns => ("learns", None),
            Leads::Job(status) => ("job", Some(status)),
        };
        json!({
            "event": scene.event, "function": scene.function, "about": scene.about,
            "leads": leads, "to": to, "says": scene.says,
        })
    });
    scenes.collect::<Value>().to_string()
}

fn exports(endpoint: &str) {
    println!("# Paste this to work with it, by serin status, the AWS CLI or any SDK:");
    println!("export AWS_ENDPOINT_URL={endpoint} AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=eu-central-1");
    println!(
        "export AWS_ACCESS_KEY_ID=lab AWS_SECRET_ACCESS_KEY=lab SERIN_TABLE=serin SERIN_ACCOUNT=111122223333 SERIN_ADVANCE=serin-advance SERIN_OPEN=serin-open"
    );
    println!("# The AWS CLI of version 1 wants it once more for SQS: aws --endpoint-url $AWS_ENDPOINT_URL sqs ...");
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use simulator::World;
    use stories::scene::RowA;
    use stories::scenes::find;

    fn state(world: &mut World) -> String {
        let asked = json!({ "AlarmNames": [RowA::named("orders").alarm] });
        let reply = world
            .call("test", "cloudwatch", "DescribeAlarms", asked)
            .expect("alarms");
        let state = reply["MetricAlarms"][0]["StateValue"].as_str();
        state.expect("the alarm is there").to_owned()
    }

    #[test]
    fn the_scenes_alarm_goes_off_within_three_minutes_and_stays_so_by_what_is_in_the_queue() {
        let scene = find("alarm/direct-metric").expect("a scene");
        let stage = scene.stage().expect("it is set");
        let queue = stage.queues["orders"];
        let mut world = stage.sim.take_world();
        let (failed, letters) = {
            let tally = queue.tally(&world).clone();
            let failed: u32 = tally.revisions.iter().map(|revision| revision.failed).sum();
            (failed, queue.letters(&mut world))
        };
        // Each of them was failed twice, by the canary alone.
        assert!(letters > 10 && failed as usize >= 2 * letters, "{letters} of {failed}");
        let mut states = vec![state(&mut world)];
        for _ in 0..60 {
            let next = world.now.plus_seconds(60);
            world.advance_to(next);
            states.push(state(&mut world));
        }
        assert_eq!(states[0], "OK", "{states:?}");
        assert!(states[3..].iter().all(|state| state == "ALARM"), "{states:?}");
    }
}
