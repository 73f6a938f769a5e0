//! Law 21: in a freeze nothing moves forward: not after a person's word, and not in a window of the policy. Rolling back
//! goes on, and what had begun before is finished.
//!
//! Whether a freeze held is told from the orders' records and from the windows as the policy spells them, by a calendar of
//! this law's own. What moved is told from what we wrote down at that time, each with the moment for which it was decided.

use super::Verdict;
use super::evidence::{Evidence, Release, documents, is_ours, moment, text};
use super::ordered::Order;
use serde_json::Value;
use simulator::At;

/// How long whoever had asked before a freeze began may take to open what it asked for: a function's time-out.
const OPENS_WITHIN_SECONDS: i64 = 60;

/// How old the answers of ECS may be.
const STALE_SECONDS: i64 = 30;

/// Milliseconds of a day.
const DAY_MILLIS: i64 = 24 * 3_600 * 1_000;

/// Days of the week from the one on which Unix time begins.
const DAYS: [&str; 7] = ["THU", "FRI", "SAT", "SUN", "MON", "TUE", "WED"];

/// Place of Sunday among them.
const SUNDAY: i64 = 3;

/// Milliseconds of an hour.
const HOUR_MILLIS: i64 = 3_600 * 1_000;

/// Zones of the policies in stories.
const ZONES: [Zone; 2] = [
    Zone {
        name: "UTC",
        ahead_hours: 0,
        has_summer: false,
    },
    Zone {
        name: "Europe/Berlin",
        ahead_hours: 1,
        has_summer: true,
    },
];

/// A time zone.
struct Zone {
    name: &'static str,
    /// By how much its winter time is ahead.
    ahead_hours: i64,
    /// Whether it has the European Union's summer time, an hour more.
    has_summer: bool,
}

impl Zone {
    /// When its walls show this, taken for a moment of UTC: the first time where they do twice, and where they never do, when
    /// they are put forward.
    fn shows(&self, wall: At) -> At {
        let winter = At(wall.0 - self.ahead_hours * HOUR_MILLIS);
        let summer = At(winter.0 - HOUR_MILLIS);
        match (
            self.has_summer && is_summer(summer),
            self.has_summer && is_summer(winter),
        ) {
            (true, _) => summer,
            (false, true) => At(winter.0 - winter.0.rem_euclid(HOUR_MILLIS)),
            (false, false) => winter,
        }
    }
}

/// Whether the European Union has summer time: from the last Sunday of March to that of October, from one o'clock UTC to one.
fn is_summer(at: At) -> bool {
    let text = at.iso_millis();
    let number = |part: &str| part.parse::<i64>().unwrap_or_default();
    let (month, day) = (number(&text[5..7]), number(&text[8..10]));
    // Both months have 31 days.
    let last = at.0.div_euclid(DAY_MILLIS) + 31 - day;
    let since_sunday = (last - SUNDAY).rem_euclid(7);
    let is_past = at.0 >= (last - since_sunday) * DAY_MILLIS + HOUR_MILLIS;
    match month {
        3 => is_past,
        10 => !is_past,
        month => (4..10).contains(&month),
    }
}

/// A time in which nothing of a policy moves forward.
struct Hold {
    policy: String,
    from: At,
    until: At,
}

impl Hold {
    fn covers(&self, at: Option<At>) -> bool {
        at.is_some_and(|at| self.from < at && at < self.until)
    }
}

/// Checks it.
pub fn check(evidence: &Evidence) -> Verdict {
    let mut verdict = Verdict::new(21, "nothing moves forward in a freeze");
    let ordered = evidence.orders.iter().filter(|order| order.accepted);
    let ordered = ordered.filter(|order| order.kind == "freeze").map(|order| Hold {
        policy: order.policy.clone(),
        from: order.at,
        until: over(evidence, order),
    });
    let mut holds: Vec<Hold> = ordered.collect();
    for policy in evidence.policies.keys() {
        match windows(evidence, policy) {
            Ok(windows) => holds.extend(windows),
            Err(why) => verdict.broken.push(why),
        }
    }
    for hold in &holds {
        verdict.applied += 1;
        verdict.broken.extend(moved(evidence, hold));
        verdict.broken.extend(opened(evidence, hold));
    }
    verdict
}

/// Until when a freeze held: until it says, somebody thaws it, or somebody freezes it anew.
fn over(evidence: &Evidence, order: &Order) -> At {
    let next = evidence.orders.iter().filter(|next| {
        let about = next.policy == order.policy && ["freeze", "thaw"].contains(&next.kind.as_str());
        about && next.accepted && next.at > order.at
    });
    let next = next.map(|next| next.at).min();
    [order.until, next, Some(evidence.now)]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(order.at)
}

/// The windows in which releases of a policy were open, as far as nobody thawed them.
fn windows(evidence: &Evidence, policy: &str) -> Result<Vec<Hold>, String> {
    let own: Vec<&Release> = evidence
        .releases
        .iter()
        .filter(|release| release.policy == policy)
        .collect();
    let mut holds = Vec::new();
    let Some(first) = own.iter().filter_map(|release| release.opened()).min() else {
        return Ok(holds);
    };
    let mut written: Vec<&Value> = own
        .iter()
        .filter_map(|release| release.frozen["freeze"].as_array())
        .flatten()
        .collect();
    written.dedup();
    for window in written {
        let (zone, minute_of_day, day) =
            clock(window).ok_or_else(|| format!("law 21 cannot read the window {window}"))?;
        let lasts = window["minutes"].as_i64().unwrap_or_default();
        // Days by the wall's own date.
        for date in first.0.div_euclid(DAY_MILLIS) - 8..=evidence.now.0.div_euclid(DAY_MILLIS) + 1 {
            let from = zone.shows(At(date * DAY_MILLIS + minute_of_day * 60_000));
            let until = thawed(evidence, policy, from, from.plus_seconds(lasts * 60));
            let on = day.is_none_or(|day| usize::try_from(date.rem_euclid(7)) == Ok(day));
            if on && until > first && from < evidence.now {
                let policy = policy.to_owned();
                holds.push(Hold { policy, from, until });
            }
        }
    }
    Ok(holds)
}

/// By which clock a window begins, at which minute of the day, and on which day of the week, if on one: `M H * * *` or
/// `M H * * DAY`.
fn clock(window: &Value) -> Option<(&'static Zone, i64, Option<usize>)> {
    let cron = text(&window["cron"]);
    let [minute, hour, "*", "*", day] = cron.split(' ').collect::<Vec<_>>()[..] else {
        return None;
    };
    let zone = ZONES.iter().find(|zone| window["time_zone"] == zone.name)?;
    let day = match day {
        "*" => None,
        named => Some(DAYS.iter().position(|day| *day == named)?),
    };
    let minute_of_day = hour.parse::<i64>().ok()? * 60 + minute.parse::<i64>().ok()?;
    Some((zone, minute_of_day, day))
}

/// When a window is over: where somebody thaws it, at that moment.
fn thawed(evidence: &Evidence, policy: &str, from: At, until: At) -> At {
    let thaws = evidence
        .orders
        .iter()
        .filter(|order| order.policy == policy && order.accepted && order.kind == "thaw");
    let within = thaws.map(|order| order.at).filter(|at| from <= *at && *at < until);
    within.min().unwrap_or(until)
}

/// What we moved forward in a freeze.
fn moved(evidence: &Evidence, hold: &Hold) -> Vec<String> {
    let within = |at: Option<At>| hold.covers(at);
    let calls = evidence
        .calls
        .iter()
        .filter(|call| call.operation == "TransactWriteItems" && within(Some(call.at)));
    let mut broken = Vec::new();
    for call in calls.filter(|call| is_ours(call) && call.outcome.is_ok()) {
        let own = documents(&call.input["TransactItems"]).into_iter();
        for document in own.filter(|document| is_of(&hold.policy, &text(&document["id"]))) {
            let phase = text(&document["phase"]);
            let approved = within(moment(&document["pipeline"]["approved"]["at"]));
            let ours = rolls_stable(evidence, &document) && phase == "promoting";
            let promoted = ours && !document["stable"]["given"].is_object() && within(moment(&document["phase_since"]));
            let bakes = ["baking", "gated"].contains(&phase.as_str());
            let follows = shares(&document) && exchanges(evidence, &document);
            let told = phase == "deploying" && within(moment(&document["wanted"]["given"]));
            let what = [
                (approved, "approved it"),
                (promoted, "began to promote it"),
                (
                    bakes && !follows && grown(&document, within),
                    "gave its canary more tasks",
                ),
                (bakes && heavier(&document, within), "gave its canary more weight"),
                (told, "had its canary given what was asked for"),
            ];
            let what = what.into_iter().filter(|(did, _)| *did).map(|(_, what)| {
                let id = text(&document["id"]);
                format!("{} {what} at {}: {id}, frozen at {}", call.caller, call.at, hold.from)
            });
            broken.extend(what);
        }
    }
    broken
}

/// Releases that were opened in a freeze, though they begin before their canary changes and could be held.
fn opened(evidence: &Evidence, hold: &Hold) -> Vec<String> {
    let after = hold.from.plus_seconds(OPENS_WITHIN_SECONDS);
    let own = evidence.releases.iter().filter(|release| {
        let start = text(&release.document["start"]);
        let held = start.starts_with("job ") || start.starts_with("explicit ");
        let opened = release.opened();
        held && release.policy == hold.policy && hold.covers(opened) && opened > Some(after)
    });
    own.map(|release| format!("{} was opened, frozen at {}", release.id(), hold.from))
        .collect()
}

/// Whether Serin promotes by itself in the release of this document.
fn rolls_stable(evidence: &Evidence, document: &Value) -> bool {
    let promotion = promotion(evidence, document);
    ["roll_stable", "swap"].iter().any(|ours| promotion == *ours)
}

fn exchanges(evidence: &Evidence, document: &Value) -> bool {
    promotion(evidence, document) == "swap"
}

fn promotion(evidence: &Evidence, document: &Value) -> String {
    let mut releases = evidence.releases.iter();
    let own = releases.find(|release| document["id"] == release.id());
    own.map_or(String::new(), |release| text(&release.frozen["promotion"]))
}

/// Whether its canary carries more than at rest: beside a stable that is scaled by people's demand it may not stay behind.
fn shares(document: &Value) -> bool {
    let share = |weights: &Value| {
        let (canary, stable) = (weights["canary"].as_f64()?, weights["stable"].as_f64()?);
        Some(canary / (canary + stable))
    };
    let weights = &document["weights"];
    share(&weights["given"]) > share(&weights["rest"])
}

/// Whether a release is of this policy: another's name may begin with the name of this one.
fn is_of(policy: &str, release: &str) -> bool {
    let rest = release.strip_prefix(policy).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|hash| !hash.contains('-'))
}

/// Whether the canary was given more tasks than before.
fn grown(document: &Value, within: impl Fn(Option<At>) -> bool) -> bool {
    let size = &document["size"];
    let before = size["earlier"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .next_back();
    let more = size["given"].as_u64() > before;
    before.is_some() && more && within(moment(&size["at"])) && !is_inherited(document)
}

/// Whether the release before gave the canary its tasks, when nobody could see yet that it had been given this one.
fn is_inherited(document: &Value) -> bool {
    let at = moment(&document["size"]["at"]);
    let created = moment(&document["canary"]["given"]["created"]);
    let shown = created.map(|created| created.plus_seconds(STALE_SECONDS));
    at < moment(&document["opened"]) && at < shown
}

/// Whether the canary was given a larger share of a load balancer's requests than before.
fn heavier(document: &Value, within: impl Fn(Option<At>) -> bool) -> bool {
    let share = |weights: &Value| {
        let (canary, stable) = (weights["canary"].as_f64()?, weights["stable"].as_f64()?);
        Some(canary / (canary + stable))
    };
    let weights = &document["weights"];
    let earlier = weights["earlier"].as_array().and_then(|earlier| earlier.last());
    let before = earlier.and_then(share);
    before.is_some() && share(&weights["given"]) > before && within(moment(&weights["at"]))
}

#[cfg(test)]
mod tests {
    use super::{At, ZONES, grown, moment};
    use serde_json::json;

    #[test]
    fn tasks_that_the_release_before_gave_are_not_this_ones_unless_its_canary_was_seen_with_this_one() {
        let cases = [
            // Given this release at 03:00:00, which was opened at 03:01:00.
            ("2026-11-21T02:59:59Z", false),
            ("2026-11-21T03:00:29Z", false),
            ("2026-11-21T03:00:30Z", true),
            ("2026-11-21T03:00:59Z", true),
            ("2026-11-21T03:01:00Z", true),
        ];
        for (at, expected) in cases {
            let document = json!({
                "opened": "2026-11-21T03:01:00Z",
                "canary": {"given": {"created": "2026-11-21T03:00:00Z"}},
                "size": {"rest": 2, "given": 2, "earlier": [2, 1], "at": at},
            });
            assert_eq!(grown(&document, |_| true), expected, "{at}");
            let mut shrunk = document.clone();
            shrunk["size"]["given"] = json!(1);
            assert!(!grown(&shrunk, |_| true), "{at}");
        }
    }

    #[test]
    fn walls_show_what_they_show_over_both_nights_in_which_their_clock_changes() {
        let of = |text: &str| moment(&json!(text)).expect("a moment");
        let [utc, berlin] = &ZONES;
        let cases = [
            (utc, "2027-10-31T02:30:00Z", "2027-10-31T02:30:00Z"),
            (utc, "2027-07-01T02:30:00Z", "2027-07-01T02:30:00Z"),
            (berlin, "2026-11-21T03:00:00Z", "2026-11-21T02:00:00Z"),
            (berlin, "2027-03-28T01:59:00Z", "2027-03-28T00:59:00Z"),
            (berlin, "2027-03-28T02:30:00Z", "2027-03-28T01:00:00Z"),
            (berlin, "2027-03-28T03:00:00Z", "2027-03-28T01:00:00Z"),
            (berlin, "2027-07-01T02:30:00Z", "2027-07-01T00:30:00Z"),
            (berlin, "2027-10-31T01:59:00Z", "2027-10-30T23:59:00Z"),
            (berlin, "2027-10-31T02:30:00Z", "2027-10-31T00:30:00Z"),
            (berlin, "2027-10-31T03:00:00Z", "2027-10-31T02:00:00Z"),
            // The last of October is its last Sunday in 2027, and no Sunday in 2026.
            (berlin, "2026-10-25T03:00:00Z", "2026-10-25T02:00:00Z"),
            (berlin, "2026-10-31T03:00:00Z", "2026-10-31T02:00:00Z"),
            (berlin, "2026-10-24T03:00:00Z", "2026-10-24T01:00:00Z"),
        ];
        for (zone, wall, expected) in cases {
            let shown: At = zone.shows(of(wall));
            assert_eq!(shown, of(expected), "{} {wall}", zone.name);
        }
    }
}
