//! Opens releases: what the functions will do themselves is done by hand here, through the same
//! client library and the same ledger.

use crate::scene::RowA;
use aws::Serin;
use aws::ledger::Commit;
use decide::{Approval, Attempts, Execution, Given, Home, Phase, Policy, Release, Role, SCHEMA, Service};

/// Puts a release into the ledger before its canary changes.
///
/// # Errors
/// Where a baseline cannot be read or the slot is taken, as text.
pub async fn open(serin: &Serin, row: &RowA, execution: &str) -> Result<Release, String> {
    let release = opened(serin, row, execution).await?;
    write(serin, row, &release, "opened before the canary changes").await?;
    Ok(release)
}

/// Puts a release into the ledger whose canary was given its revision, and whose approval waits with
/// a token that somebody told us.
///
/// # Errors
/// As [`open`].
pub async fn open_at_approval(serin: &Serin, row: &RowA, baseline: Release, given: Given, approval: Approval) -> Result<Release, String> {
    let mut release = baseline;
    release.phase = Phase::Baking { step: 0 };
    release.canary.given = Some(given);
    if let Some(run) = release.pipeline.as_mut() {
        run.approval = Some(approval);
    }
    write(serin, row, &release, "opened while its approval waits").await?;
    Ok(release)
}

/// A release as it is opened, not written anywhere.
///
/// # Errors
/// Where a baseline cannot be read, as text.
pub async fn opened(serin: &Serin, row: &RowA, execution: &str) -> Result<Release, String> {
    let at = serin.now();
    Ok(Release {
        schema: SCHEMA,
        id: format!("{}-{}", row.name, execution.split('-').next().unwrap_or(execution)),
        home: Home { account: serin.account.clone(), region: "eu-central-1".to_owned() },
        cluster: row.cluster.clone(),
        opened: at,
        phase: Phase::Deploying,
        phase_since: at,
        images: None,
        canary: service(serin, row, Role::Canary).await?,
        stable: service(serin, row, Role::Stable).await?,
        pipeline: Some(Execution {
            name: row.name.clone(),
            execution: execution.to_owned(),
            promoting_stage: Some("Deploy".to_owned()),
            approval: None,
            abandoned: None,
        }),
        facts: Default::default(),
    })
}

async fn service(serin: &Serin, row: &RowA, role: Role) -> Result<Service, String> {
    let name = match role {
        Role::Canary => &row.canary,
        Role::Stable => &row.name,
    };
    let baseline = serin.deployed(&row.cluster, name).await.map_err(|refused| refused.to_string())?;
    let restore = baseline.task_definition.clone();
    Ok(Service { name: name.clone(), baseline, restore, given: None, attempts: Attempts::default() })
}

async fn write(serin: &Serin, row: &RowA, release: &Release, because: &str) -> Result<(), String> {
    let text = row.policy().to_string();
    let policy = Policy::read(&text).map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?;
    match serin.ledger.open(&policy, release, because, serin.now()).await {
        Ok(Commit::Written(_)) => Ok(()),
        Ok(Commit::Lost) => Err(format!("policy {} has an open release already", policy.name)),
        Err(error) => Err(error.to_string()),
    }
}
