//! Windows that come again and again, by the clock on somebody's wall.
//!
//! A window begins where its cron expression says, by the time of its zone, and lasts so many minutes that pass: a clock
//! that is put forward or back within it does not change its length. What begins in the hour that spring leaves out
//! begins when that hour is over; what begins in the hour that autumn has twice begins in the first of the two, but for
//! windows that begin every hour or every few minutes, which begin in both.

use super::{At, Hold, Window};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, Zoned};

/// Fields of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    /// Its cron expression.
    Cron,
    /// Its time zone.
    TimeZone,
}

/// A window that can be followed.
struct Clock {
    cron: Cron,
    zone: TimeZone,
}

/// What cannot be read in a window, if anything: the field, and what is wrong with it.
pub fn unreadable(cron: &str, time_zone: &str) -> Vec<(Fields, String)> {
    let cron = expression(cron).err().map(|why| (Fields::Cron, why));
    let zone = zone(time_zone).err().map(|why| (Fields::TimeZone, why));
    cron.into_iter().chain(zone).collect()
}

/// The windows that begin next, or hold at this moment, as many as asked for: when each begins and ends.
pub fn next(windows: &[Window], at: At, count: usize) -> Vec<(At, At)> {
    let mut found: Vec<(At, At)> = windows.iter().flat_map(|window| of_one(window, at, count)).collect();
    found.sort();
    found.dedup();
    found.truncate(count);
    found
}

fn of_one(window: &Window, at: At, count: usize) -> Vec<(At, At)> {
    let Ok(clock) = clock(window) else { return Vec::new() };
    let running = clock.begun(at).map(|begun| (begun, end(window, begun)));
    let running = running.filter(|(_, end)| at < *end);
    let mut found: Vec<(At, At)> = running.into_iter().collect();
    let mut after = at;
    while found.len() < count {
        let Some(begins) = clock.begins_after(after) else { break };
        found.push((begins, end(window, begins)));
        after = begins;
    }
    found
}

/// The hold of a window that has begun and not ended. One that cannot be read holds: what is unknown blocks.
pub(super) fn covers(window: &Window, at: At) -> Option<Hold> {
    let Window { cron, time_zone, .. } = window;
    let named = format!("by the policy's window {cron} {time_zone}");
    let clock = match clock(window) {
        Ok(clock) => clock,
        Err(why) => {
            return Some(Hold {
                because: format!("{named}, which cannot be read: {why}"),
                until: None,
            });
        }
    };
    let begun = clock.begun(at)?;
    let until = end(window, begun);
    (at < until).then(|| Hold {
        because: format!("{named} since {begun}"),
        until: Some(until),
    })
}

fn end(window: &Window, begun: At) -> At {
    begun.plus_seconds(window.minutes.saturating_mul(60))
}

fn clock(window: &Window) -> Result<Clock, String> {
    Ok(Clock {
        cron: expression(&window.cron)?,
        zone: zone(&window.time_zone)?,
    })
}

fn expression(cron: &str) -> Result<Cron, String> {
    let parser = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build();
    parser.parse(cron).map_err(|error| error.to_string())
}

/// Time zones come with the program: what it decides does not depend on where it runs.
fn zone(name: &str) -> Result<TimeZone, String> {
    let found = TimeZoneDatabase::bundled().get(name);
    found.map_err(|_| format!("there is no time zone {name}"))
}

impl Clock {
    /// When a window began last, at this moment or before.
    fn begun(&self, at: At) -> Option<At> {
        let found = self.cron.find_previous_occurrence(&self.shown(at), true);
        found.ok().map(|found| moment(&found))
    }

    /// When one begins next.
    fn begins_after(&self, at: At) -> Option<At> {
        let found = self.cron.find_next_occurrence(&self.shown(at), false);
        found.ok().map(|found| moment(&found))
    }

    /// What the clock on the wall shows, in whole seconds.
    fn shown(&self, at: At) -> Zoned {
        let second = Timestamp::from_second(at.millis().div_euclid(1000)).unwrap_or(Timestamp::UNIX_EPOCH);
        second.to_zoned(self.zone.clone())
    }
}

fn moment(zoned: &Zoned) -> At {
    At::from_millis(zoned.timestamp().as_millisecond())
}
