//! The report of the release that a simulated account had last, read from it as `serin report` reads any other.

use super::{Found, Page, Played};
use aws::review;
use stories::Stage;

/// The release of a policy that is open, or was closed last.
///
/// # Errors
/// Where there was none, or the ledger cannot be read.
pub fn latest(stage: &Stage, policy: &str) -> Result<String, String> {
    let ledger = stage.serin("report").ledger;
    let slot = stage
        .sim
        .block_on(ledger.slot(policy))
        .map_err(|error| error.to_string())?;
    let open = slot.held.map(|held| held.release.id);
    open.or(slot.last.map(|last| last.id))
        .ok_or_else(|| "there was no release".to_owned())
}

/// Its page.
///
/// # Errors
/// As [`latest`].
pub fn of_latest(stage: &Stage, policy: &str, played: Option<&Played>, made: String) -> Result<Page, String> {
    let (serin, release) = (stage.serin("report"), latest(stage, policy)?);
    stage.sim.block_on(async {
        let found = Found::of(&serin.ledger, policy, &release).await;
        let found = found.map_err(|error| error.to_string())?;
        let found = found.ok_or_else(|| format!("release {release} is not in the ledger"))?;
        let now = serin.now();
        let of = (&found.of.policy, &found.of.release);
        let review = review::look(&serin.clients, of.0, of.1, found.time(now), now).await;
        Ok(found.page(&review, played, now, made))
    })
}
