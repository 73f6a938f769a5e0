//! Which image a tag or digest means, and what becomes of both.

use crate::time::At;
use std::collections::BTreeMap;

/// A repository: images by digest, and tags that each stand at one of them.
#[derive(Clone, Debug, Default)]
pub struct Repository {
    images: BTreeMap<String, Image>,
    tags: BTreeMap<String, String>,
    pushes: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Image {
    pub pushed_at: At,
    /// Counts the images of the repository, in the order in which they came.
    pub number: u64,
}

impl Repository {
    /// The digest at which a tag stands now.
    pub fn tagged(&self, tag: &str) -> Option<&str> {
        self.tags.get(tag).map(String::as_str)
    }

    /// Is this image still there?
    pub fn holds(&self, digest: &str) -> bool {
        self.images.contains_key(digest)
    }

    /// The tags that stand at an image, in order.
    pub fn tags_of(&self, digest: &str) -> Vec<&str> {
        let tags = self.tags.iter().filter(|(_, held)| *held == digest);
        tags.map(|(tag, _)| tag.as_str()).collect()
    }

    /// All images, the oldest first.
    pub(super) fn images(&self) -> Vec<(&str, Image)> {
        let mut images: Vec<_> = self.images.iter().map(|(d, image)| (d.as_str(), *image)).collect();
        images.sort_unstable_by_key(|(_, image)| image.number);
        images
    }

    pub(super) fn image(&self, digest: &str) -> Option<(&str, Image)> {
        let (digest, image) = self.images.get_key_value(digest)?;
        Some((digest, *image))
    }

    /// The tag moves; the image it leaves stays, untagged perhaps.
    pub(super) fn push(&mut self, tag: &str, digest: &str, now: At) {
        if !self.holds(digest) {
            self.pushes += 1;
            let (pushed_at, number) = (now, self.pushes);
            self.images.insert(digest.to_owned(), Image { pushed_at, number });
        }
        self.tags.insert(tag.to_owned(), digest.to_owned());
    }

    /// Takes a tag away, and with an image's last tag the image (BatchDeleteImage, API reference). Says which it was.
    pub(super) fn untag(&mut self, tag: &str) -> Option<String> {
        let digest = self.tags.remove(tag)?;
        if self.tags_of(&digest).is_empty() {
            self.images.remove(&digest);
        }
        Some(digest)
    }

    /// Takes an image away with all its tags, which are the answer.
    pub(super) fn delete(&mut self, digest: &str) -> Option<Vec<String>> {
        self.images.remove(digest)?;
        let tags = self.tags_of(digest).into_iter().map(str::to_owned).collect();
        self.tags.retain(|_, held| held != digest);
        Some(tags)
    }
}
