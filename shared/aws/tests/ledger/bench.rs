//! One table to try the ledger on, wherever DynamoDB is.

use aws::ledger::{Commit, Held, Ledger, LedgerError, Merge};
use aws::{Clients, Refused};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters as _;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use decide::{Decision, Policy, Release};
use futures_util::future::join_all;
use simulator::{Invocation, Sim};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use crate::made;

/// Names the address of a DynamoDB that is not the simulator's.
const ADDRESS: &str = "SERIN_DYNAMODB";

/// A row's attributes, in order.
pub type Row = BTreeMap<String, AttributeValue>;

/// All rows of a table by `pk` and `sk`, in order.
pub type Rows = BTreeMap<(String, String), Row>;

/// A ledger in a table of its own, and a client to look behind it.
pub struct Bench {
    /// What is being tried.
    pub ledger: Ledger,
    /// For what the ledger does not do.
    pub client: Client,
    /// The table's name.
    pub table: String,
    /// Whether this is moto, which is not DynamoDB in every way.
    pub moto: bool,
    in_turn: Cell<bool>,
}

/// Runs a law against the DynamoDB that is chosen.
pub fn on_dynamodb(law: impl AsyncFnOnce(&Bench)) {
    match address() {
        Some(address) => over_the_network(async move || law(&Bench::at(&address).await).await),
        None => on_simulator(async |bench, _| law(bench).await),
    }
}

/// Runs a law that needs a hand on the simulator; on moto it is skipped, and says so.
pub fn on_simulator_only(law: impl AsyncFnOnce(&Bench, &Sim)) {
    match address() {
        Some(_) => skip("all of it, since it needs the simulator's faults or log"),
        None => on_simulator(law),
    }
}

/// Says aloud what is not held against moto.
pub fn skip(why: &str) {
    let law = std::thread::current().name().unwrap_or_default().to_owned();
    eprintln!("skipped on moto: {law}: {why}");
}

fn address() -> Option<String> {
    std::env::var(ADDRESS).ok().filter(|address| !address.is_empty())
}

fn over_the_network(run: impl AsyncFnOnce()) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(run());
}

fn on_simulator(law: impl AsyncFnOnce(&Bench, &Sim)) {
    let sim = Sim::new(1);
    sim.block_on(async {
        let bench = Bench::over(&simulated(&sim.invocation("ledger")), false).await;
        law(&bench, &sim).await;
    });
    assert_eq!(
        sim.world().defects,
        Vec::<String>::new(),
        "replies that AWS could not give"
    );
}

/// Settings with which the SDK works inside the simulator.
pub fn simulated(invocation: &Invocation) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(credentials())
        .http_client(invocation.http.clone())
        .sleep_impl(invocation.sleep.clone())
        .time_source(invocation.time.clone())
        .retry_config(aws::connect::retries())
        .timeout_config(aws::connect::timeouts())
        .build()
}

fn credentials() -> SharedCredentialsProvider {
    SharedCredentialsProvider::new(Credentials::new("ledger", "ledger", None, None, "tests"))
}

impl Bench {
    async fn at(address: &str) -> Bench {
        let configuration = aws::connect::configuration().await.expect("settings");
        let configuration = configuration
            .into_builder()
            .region(Region::from_static("eu-central-1"))
            .credentials_provider(credentials())
            .endpoint_url(address)
            .build();
        Bench::over(&configuration, true).await
    }

    async fn over(configuration: &SdkConfig, moto: bool) -> Bench {
        let client = Clients::new(configuration, "ledger").dynamodb;
        // Laws run at the same time on one server, which outlives them.
        let table = format!("ledger-{:016x}", RandomState::new().hash_one(0));
        create(&client, &table).await;
        Bench {
            ledger: Ledger::new(client.clone(), table.clone()),
            client,
            table,
            moto,
            in_turn: Cell::new(false),
        }
    }

    /// Runs racers at the same time; on moto one after the other.
    ///
    /// moto 5.2.5 answers on several threads without locks: a transaction that fails puts its table back
    /// as it was when it began, and so undoes what others wrote meanwhile (`transact_write_items` in
    /// `moto/dynamodb/models/__init__.py`). In DynamoDB item writes and transactions are serialisable
    /// (developer guide, "Amazon DynamoDB Transactions: How it works").
    pub async fn at_once<T>(&self, racers: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
        if !self.moto {
            return join_all(racers).await;
        }
        if !self.in_turn.replace(true) {
            skip("its racers run one after the other, since moto has no isolation");
        }
        let mut answers = Vec::new();
        for racer in racers {
            answers.push(racer.await);
        }
        answers
    }

    /// Opens a release in the slot as it is, which must go through.
    pub async fn open(&self, policy: &Policy, release: &Release) -> Held {
        let slot = self.ledger.slot(&policy.name).await.expect("a slot that can be read");
        let open = self
            .ledger
            .open(policy, release, slot.generation, "opened", made::at(0));
        written(open.await)
    }

    /// Commits a decision, which must go through.
    pub async fn commit(&self, held: &Held, decision: &Decision) -> Held {
        written(self.ledger.commit(held, decision, &held.policy, made::at(1)).await)
    }

    /// The open release, which there must be.
    pub async fn held(&self, policy: &str) -> Held {
        let held = self.ledger.read(policy).await.expect("a row that can be read");
        held.expect("an open release")
    }

    /// One row.
    pub async fn row(&self, pk: &str, sk: &str) -> Option<Row> {
        self.rows().await.remove(&(pk.to_owned(), sk.to_owned()))
    }

    /// The slot of a policy.
    pub async fn slot(&self, policy: &str) -> Row {
        self.row(&format!("policy#{policy}"), "release").await.expect("a slot")
    }

    /// Every row of the table.
    pub async fn rows(&self) -> Rows {
        let mut rows = Rows::new();
        let mut start = None;
        loop {
            let request = self.client.scan().table_name(&self.table).consistent_read(true);
            let reply = request.set_exclusive_start_key(start).send().await.expect("a scan");
            for item in reply.items.unwrap_or_default() {
                let row: Row = item.into_iter().collect();
                rows.insert((string(&row, "pk"), string(&row, "sk")), row);
            }
            start = reply.last_evaluated_key;
            if start.is_none() {
                return rows;
            }
        }
    }

    /// Writes a row as somebody else would.
    pub async fn put(&self, row: &Row) {
        let request = self.client.put_item().table_name(&self.table);
        let request = request.set_item(Some(row.clone().into_iter().collect()));
        request.send().await.expect("a put");
    }

    /// Names of the attributes of all rows, by key.
    pub async fn keys(&self) -> Vec<(String, String)> {
        self.rows().await.into_keys().collect()
    }
}

async fn create(client: &Client, table: &str) {
    let attribute = |name: &str| {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        attribute.attribute_type(ScalarAttributeType::S).build()
    };
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    // As in template.yaml.
    let request = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk").expect("an attribute"))
        .attribute_definitions(attribute("sk").expect("an attribute"))
        .key_schema(key("pk", KeyType::Hash).expect("a key"))
        .key_schema(key("sk", KeyType::Range).expect("a key"));
    request.send().await.expect("a table");
    let ready = client.wait_until_table_exists().table_name(table);
    ready
        .wait(Duration::from_secs(60))
        .await
        .expect("a table that is ready");
}

/// What was written down, where it was.
pub fn written(commit: Result<Commit, LedgerError>) -> Held {
    match commit {
        Ok(Commit::Written(held)) => *held,
        other => panic!("not written: {other:?}"),
    }
}

/// The release after a fact that was new.
pub fn new(merge: Result<Merge, LedgerError>) -> Held {
    match merge {
        Ok(Merge::New(held)) => *held,
        other => panic!("not new: {other:?}"),
    }
}

/// What DynamoDB refused.
pub fn refused<T: std::fmt::Debug>(result: Result<T, LedgerError>) -> Refused {
    match result {
        Err(LedgerError::Refused(refused)) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

/// An attribute that is a text.
pub fn string(row: &Row, name: &str) -> String {
    match row.get(name) {
        Some(AttributeValue::S(text)) => text.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

/// An attribute that is a number.
pub fn number(row: &Row, name: &str) -> u64 {
    match row.get(name) {
        Some(AttributeValue::N(digits)) => digits.parse().expect("a whole number"),
        other => panic!("{name} is {other:?}"),
    }
}
