//! How an explicit start stands, for whoever asks until it was accepted or refused.

/// Seconds after which a start is asked for again that cannot be accepted now.
const AGAIN_SECONDS: u32 = 60;

/// How a start stands, for whoever asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its release is open.
    Open,
    /// Its release is over, or there is nothing to release.
    Over,
    /// Not now.
    Later,
    /// Never, as things are.
    Refused,
}

/// How far starts have come that were asked for at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Whether there is nothing to wait for any more.
    pub done: bool,
    /// Whether that is because one was refused.
    pub failed: bool,
    /// When to ask again; nought where it is done.
    pub wait_seconds: u32,
}

/// How far starts have come together: what waits is asked for again, and what was refused is told once nothing waits.
pub fn progress(standings: &[Standing]) -> Progress {
    let done = !standings.contains(&Standing::Later);
    Progress {
        done,
        failed: done && standings.contains(&Standing::Refused),
        wait_seconds: if done { 0 } else { AGAIN_SECONDS },
    }
}

#[cfg(test)]
mod tests {
    use super::Standing::{Later, Open, Over, Refused};
    use super::{Standing, progress};

    #[test]
    fn what_waits_is_asked_for_again_and_what_was_refused_is_told_at_the_end() {
        let cases: [(&[Standing], bool, bool); 10] = [
            (&[], true, false),
            (&[Open], true, false),
            (&[Over], true, false),
            (&[Refused], true, true),
            (&[Later], false, false),
            (&[Open, Later], false, false),
            (&[Refused, Later], false, false),
            (&[Open, Refused], true, true),
            (&[Open, Over], true, false),
            (&[Over, Refused, Open], true, true),
        ];
        for (standings, done, failed) in cases {
            let progress = progress(standings);
            assert_eq!((progress.done, progress.failed), (done, failed), "{standings:?}");
            assert_eq!(progress.wait_seconds > 0, !done, "{standings:?}");
        }
    }
}
