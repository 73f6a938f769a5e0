//! What became of the messages, counted by revision.

use crate::time::At;
use std::collections::{BTreeMap, BTreeSet};

/// What one revision of one service has done, all its tasks together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    /// ARN of the service.
    pub service: String,
    /// `family:revision`.
    pub definition: String,
    /// Digest of every container's image.
    pub images: Vec<String>,
    /// Messages received, each as often as it was.
    pub received: u32,
    /// Of these, messages that nobody had received before.
    pub received_first: u32,
    /// Messages handled.
    pub handled: u32,
    /// Messages failed, each as often as it was.
    pub failed: u32,
    /// Messages in hand when the process was gone.
    pub dropped: u32,
    /// When it received a message first.
    pub first: Option<At>,
    /// When it received a message last.
    pub last: Option<At>,
    /// Handled or failed since metrics were put on record, and failed of them.
    minute: (u32, u32),
}

/// What became of the messages of one queue.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Messages sent.
    pub sent: u32,
    /// Messages handled and deleted.
    pub handled: u32,
    /// Messages deleted that nobody had handled.
    pub swallowed: u32,
    /// What each revision did, in the order in which they came.
    pub revisions: Vec<Revision>,
    /// Handled, and not deleted as somebody else had received them meanwhile.
    pub(super) outlived: BTreeSet<u64>,
    places: BTreeMap<(String, String), usize>,
}

impl Tally {
    /// What all tasks did that ran an image, in whatever service.
    pub fn of_image(&self, digest: &str) -> Revision {
        let mut all = Revision::default();
        let ran = |revision: &&Revision| revision.images.iter().any(|image| image == digest);
        for revision in self.revisions.iter().filter(ran) {
            all.received += revision.received;
            all.received_first += revision.received_first;
            all.handled += revision.handled;
            all.failed += revision.failed;
            all.dropped += revision.dropped;
            all.first = [all.first, revision.first].into_iter().flatten().min();
            all.last = all.last.max(revision.last);
        }
        all
    }

    /// Place of a revision of a service.
    pub(super) fn place(&mut self, service: &str, definition: &str, images: Vec<String>) -> usize {
        let key = (service.to_owned(), format!("{definition} {images:?}"));
        let next = self.revisions.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.revisions.push(Revision {
                service: service.to_owned(),
                definition: definition.to_owned(),
                images,
                ..Revision::default()
            });
        }
        place
    }

    /// Receives of a message by a revision.
    pub(super) fn received(&mut self, place: usize, first: bool, now: At) {
        let revision = &mut self.revisions[place];
        revision.received += 1;
        revision.received_first += u32::from(first);
        revision.first.get_or_insert(now);
        revision.last = Some(now);
    }

    /// A revision is through with a message.
    pub(super) fn done(&mut self, place: usize, failed: bool) {
        let revision = &mut self.revisions[place];
        revision.failed += u32::from(failed);
        revision.handled += u32::from(!failed);
        revision.minute.0 += 1;
        revision.minute.1 += u32::from(failed);
    }

    /// What was done since this was asked last, by `family:revision`: messages, and failed ones of them.
    pub(super) fn minutes(&mut self) -> Vec<(String, u32, u32)> {
        let mut all: BTreeMap<String, (u32, u32)> = BTreeMap::new();
        for revision in &mut self.revisions {
            let (total, failed) = std::mem::take(&mut revision.minute);
            let sum = all.entry(revision.definition.clone()).or_default();
            *sum = (sum.0 + total, sum.1 + failed);
        }
        let busy = all.into_iter().filter(|(_, (total, _))| *total > 0);
        busy.map(|(definition, (total, failed))| (definition, total, failed))
            .collect()
    }
}
