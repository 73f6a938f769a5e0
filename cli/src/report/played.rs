//! What the demo has counted besides, which AWS tells nobody.

use ::report::{Panel, Series, Shape};
use stories::demo::Count;

/// Over how long received messages are a share.
const SHARE_MILLIS: i64 = 60_000;

/// Lines that only a simulated account has.
pub struct Played {
    queue: Panel,
    share: Series,
}

impl Played {
    /// Of what was counted.
    pub fn of(counts: &[Count]) -> Played {
        let every = counts
            .windows(2)
            .map(|pair| pair[1].at.0 - pair[0].at.0)
            .filter(|millis| *millis > 0)
            .min();
        let shape = Shape::Measured {
            every: every.unwrap_or(SHARE_MILLIS),
        };
        let line = |name: &str, number: fn(&Count) -> usize| Series {
            name: name.to_owned(),
            shape,
            points: counts
                .iter()
                .map(|count| (count.at.0, Some(number(count) as f64)))
                .collect(),
        };
        let queue = Panel {
            title: "Messages in the queue and in its dead-letter queue".to_owned(),
            series: vec![
                line("queue", |count| count.queue),
                line("dead-letter queue", |count| count.letters),
            ],
            notes: vec!["Seen and unseen, counted by the simulator.".to_owned()],
            ..Panel::default()
        };
        Played {
            queue,
            share: Series {
                name: "received by the new revision, in the minute before".to_owned(),
                shape,
                points: shares(counts),
            },
        }
    }

    /// Puts them where they belong: the queue that CloudWatch tells once a minute is not shown twice.
    pub fn add(&self, panels: &mut Vec<Panel>) {
        if let Some(shares) = panels.first_mut() {
            shares
                .notes
                .retain(|note| !note.starts_with("What share the canary really had"));
            shares.series.push(self.share.clone());
        }
        panels.retain(|panel| !panel.title.starts_with("Messages in "));
        panels.insert(panels.len().min(1), self.queue.clone());
    }
}

/// Per cent of what was received in the minute before; none where nobody received anything.
fn shares(counts: &[Count]) -> Vec<(i64, Option<f64>)> {
    let share = |(place, now): (usize, &Count)| {
        let minute = |then: &&Count| now.at.0 - then.at.0 >= SHARE_MILLIS;
        let then = counts[..place].iter().rev().find(minute);
        let share = then.and_then(|then| {
            let all = now
                .received_by_all
                .checked_sub(then.received_by_all)
                .filter(|all| *all > 0)?;
            Some(100.0 * f64::from(now.received.checked_sub(then.received)?) / f64::from(all))
        });
        (now.at.0, share)
    };
    counts.iter().enumerate().map(share).collect()
}
