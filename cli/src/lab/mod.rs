//! `serin lab`: a simulated AWS on a port. Without a scene it lives: Serin runs in it. In a scene nothing runs but AWS, and
//! the event that the scene is named after is for you to give to its function.

mod control;
mod live;

use clap::Args;
use live::Live;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use simulator::port::{self, Desk, LabClock};
use simulator::{At, World};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use stories::scene::RowA;
use stories::scenes::{self, SCENES, Scene, Set};
use tokio::net::TcpListener;

/// The policy whose release waits.
const POLICY: &str = "orders";
/// Messages in its dead-letter queue, as the scene leaves it; more than its alarm bears.
const LETTERS: f64 = 25.0;
/// How often SQS puts a queue's depth on record.
const METRIC_SECONDS: i64 = 60;
/// How often the lab looks whether it is time, as time may run fast or jump.
const GLANCE: Duration = Duration::from_millis(200);

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
            list();
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
                None => live(&endpoint, listener, tls, self.speed).await,
                Some(scene) => still(scene, &endpoint, listener, tls, self.speed).await?,
            }
            Ok(())
        })
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
async fn live(endpoint: &str, listener: TcpListener, tls: Option<ServerConfig>, speed: f64) {
    let live = Live::new(speed);
    println!(
        "# Simulated AWS, account 111122223333, region eu-central-1; it is {} there, {speed} s a second.",
        live.now().clock()
    );
    println!("# Serin is deployed and knows the policy {POLICY}: services orders and orders-canary run v1, alarm");
    println!("# orders-dlq-depth is on their dead-letter queue. What happens is told here. Begin with");
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
    let stage = scene
        .stage()
        .map_err(|error| format!("scene {}: {error}", scene.event))?;
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
    let letters = if matches!(scene.set, Set::Approval) {
        LETTERS
    } else {
        0.0
    };
    let depth = Depth::since(now, letters);
    let lab = Arc::new(port::Lab::new(world, Arc::new(LabClock::new(now, speed))));
    tokio::join!(port::serve(listener, Arc::clone(&lab), tls), depth.keep(&lab));
    Ok(())
}

fn list() {
    for scene in SCENES {
        println!("{}  ({})\n    {}", scene.event, scene.function, scene.about);
    }
}

fn exports(endpoint: &str) {
    println!("# Paste this to work with it, by serin status, the AWS CLI or any SDK:");
    println!("export AWS_ENDPOINT_URL={endpoint} AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=eu-central-1");
    println!("export AWS_ACCESS_KEY_ID=lab AWS_SECRET_ACCESS_KEY=lab SERIN_TABLE=serin SERIN_ACCOUNT=111122223333");
}

/// The depth of the dead-letter queue, put on record every minute of the lab's time.
///
/// Nobody takes the messages out, so the alarm on it goes off and stays in ALARM. Without this the metric would end with
/// the scene, and a queue that is silent counts as fine.
struct Depth {
    queue: String,
    letters: f64,
    next: At,
}

impl Depth {
    /// The scene has put it on record itself at that moment.
    fn since(last: At, letters: f64) -> Depth {
        Depth {
            letters,
            queue: RowA::named(POLICY).dlq,
            next: last.plus_seconds(METRIC_SECONDS),
        }
    }

    /// Puts on record what is due by now.
    fn publish(&mut self, world: &mut World) {
        while self.next <= world.now {
            live::record_depth(world, &self.queue, self.next, self.letters);
            self.next = self.next.plus_seconds(METRIC_SECONDS);
        }
    }

    async fn keep(mut self, lab: &port::Lab) {
        loop {
            tokio::time::sleep(GLANCE).await;
            // Only when it is time: whoever looks at the world holds everybody else off.
            if self.next <= lab.clock().now() {
                self.publish(&mut lab.present());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Depth, LETTERS, RowA};
    use serde_json::{Value, json};
    use simulator::{At, World};

    /// The alarm's state after each of so many minutes, with what is done every ten seconds.
    fn states(minutes: usize, mut every_ten_seconds: impl FnMut(&mut World)) -> Vec<String> {
        let mut world = stories::fixture::at_approval(At::START).expect("the scene is set");
        let state = |world: &mut World| {
            let asked = json!({ "AlarmNames": [RowA::named("orders").alarm] });
            let reply = world
                .call("test", "cloudwatch", "DescribeAlarms", asked)
                .expect("alarms");
            reply["MetricAlarms"][0]["StateValue"].as_str().map(str::to_owned)
        };
        let mut found = vec![state(&mut world).expect("the alarm is there")];
        for _ in 0..minutes {
            for _ in 0..6 {
                let next = world.now.plus_seconds(10);
                world.advance_to(next);
                every_ten_seconds(&mut world);
            }
            found.extend(state(&mut world));
        }
        found
    }

    #[test]
    fn the_labs_alarm_goes_off_within_three_minutes_and_stays_so() {
        let mut depth: Option<Depth> = None;
        let found = states(60, |world| {
            // The world has gone on for ten seconds since the scene.
            let depth = depth.get_or_insert_with(|| Depth::since(world.now.plus_seconds(-10), LETTERS));
            depth.publish(world);
        });
        assert_eq!(found[0], "OK", "{found:?}");
        assert_eq!(found.len(), 61);
        assert!(found[3..].iter().all(|state| state == "ALARM"), "{found:?}");
    }

    #[test]
    fn without_the_depth_on_record_the_alarm_would_not_stay() {
        let found = states(60, |_| {});
        assert_eq!(found.last().map(String::as_str), Some("OK"), "{found:?}");
    }

    #[test]
    fn the_depth_is_on_record_once_a_minute_however_time_jumps() {
        let mut world = stories::fixture::at_approval(At::START).expect("the scene is set");
        let began = world.now;
        let mut depth = Depth::since(began, LETTERS);
        for seconds in [1, 59, 60, 3, 600, 1] {
            let next = world.now.plus_seconds(seconds);
            world.advance_to(next);
            depth.publish(&mut world);
        }
        world.page_size = None;
        let later = world.now.plus_seconds(300);
        world.advance_to(later);
        let metric = json!({
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": [{ "Name": "QueueName", "Value": depth.queue }],
        });
        let query = json!({
            "StartTime": began.plus_seconds(60).seconds(),
            "EndTime": later.seconds(),
            "MetricDataQueries": [
                { "Id": "depth", "MetricStat": { "Metric": metric, "Period": 60, "Stat": "SampleCount" } }
            ],
        });
        let reply = world.call("test", "cloudwatch", "GetMetricData", query).expect("data");
        let counts = reply["MetricDataResults"][0]["Values"].as_array().expect("values");
        let total: f64 = counts.iter().filter_map(Value::as_f64).sum();
        // 724 seconds went by: twelve whole minutes.
        assert_eq!(total, 12.0, "{reply}");
    }
}
