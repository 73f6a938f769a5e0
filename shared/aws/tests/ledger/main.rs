//! The ledger's laws, told once and held against two DynamoDBs.
//!
//! Where `SERIN_DYNAMODB` names an address (`http://127.0.0.1:5000`, a moto server), they run there,
//! over the real HTTP connector; else against the simulator, under its virtual clock. The simulator is
//! ours, moto is not: what both agree on is no mistake of one of them. `tools/contract` runs both.

mod bench;
mod closing;
mod committing;
mod finding;
mod journal;
mod made;
mod merging;
mod opening;
mod orders;
mod racing;
mod reading;
mod replies;
mod sizes;
mod trouble;
