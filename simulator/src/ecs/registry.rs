//! Which digest an image name means: ECR's word where the repository is known there, else that of a registry of our own.

use super::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// How containers with some digest behave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Behaviour {
    /// Starts and goes on.
    #[default]
    Healthy,
    /// Never reaches RUNNING.
    FailsToStart,
    /// Exits with code 1 some time after it started.
    ExitsAfter {
        /// Counted from RUNNING.
        seconds: i64,
    },
}

/// Repositories that are not ECR's, or that nobody set up there: their tags and their images.
#[derive(Debug, Default)]
pub(super) struct Registry {
    tags: BTreeMap<String, String>,
    images: BTreeSet<(String, String)>,
}

impl Registry {
    pub fn push(&mut self, uri: &str, digest: &str) {
        let name = Name::parse(uri);
        self.tags.insert(name.tagged(), digest.to_owned());
        self.images.insert((name.repository.to_owned(), digest.to_owned()));
    }

    pub fn delete(&mut self, uri: &str, digest: &str) {
        let repository = Name::parse(uri).repository;
        self.images.remove(&(repository.to_owned(), digest.to_owned()));
        self.tags
            .retain(|tagged, held| held != digest || Name::parse(tagged).repository != repository);
    }

    /// The digest an image name means now, if there is such an image.
    pub fn resolve(&self, uri: &str) -> Option<String> {
        let name = Name::parse(uri);
        match name.digest {
            Some(digest) => self.holds(uri, digest).then(|| digest.to_owned()),
            None => self.tags.get(&name.tagged()).cloned(),
        }
    }

    /// Is this digest still in the repository of this image name?
    pub fn holds(&self, uri: &str, digest: &str) -> bool {
        let repository = Name::parse(uri).repository;
        self.images.contains(&(repository.to_owned(), digest.to_owned()))
    }
}

/// `repository[:tag][@digest]`.
struct Name<'a> {
    repository: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

impl<'a> Name<'a> {
    fn parse(uri: &'a str) -> Name<'a> {
        let (named, digest) = match uri.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (uri, None),
        };
        // A colon before the last slash belongs to a port number.
        match named.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
            Some((repository, tag)) => Name {
                repository,
                tag: Some(tag),
                digest,
            },
            None => Name {
                repository: named,
                tag: None,
                digest,
            },
        }
    }

    fn tagged(&self) -> String {
        format!("{}:{}", self.repository, self.tag.unwrap_or("latest"))
    }
}

impl super::Ecs {
    /// The digest that a task gets which pulls this image now; `pinned` is what its revision is held to. None if the
    /// image cannot be pulled.
    pub(super) fn pulled_digest(&self, uri: &str, pinned: Option<&String>, moment: &Moment<'_>) -> Option<String> {
        let name = Name::parse(uri);
        let Some(repository) = moment.ecr.repository(moment.home, name.repository) else {
            return match pinned {
                Some(digest) => self.registry.holds(uri, digest).then(|| digest.clone()),
                None => self.registry.resolve(uri),
            };
        };
        match pinned.map(String::as_str).or(name.digest) {
            Some(digest) => repository.holds(digest).then(|| digest.to_owned()),
            None => repository.tagged(name.tag.unwrap_or("latest")).map(str::to_owned),
        }
    }

    /// Puts an image into the registry and moves its tag there (`latest` where none is named). Where ECR knows the
    /// repository (`ecr::stage`), it alone is asked.
    pub fn push_image(&mut self, uri_with_tag: &str, digest: &str) {
        self.registry.push(uri_with_tag, digest);
    }

    /// Takes an image out of its repository, as a lifecycle policy does; its tags go with it.
    pub fn delete_image(&mut self, uri: &str, digest: &str) {
        self.registry.delete(uri, digest);
    }

    /// The digest an image name means in the registry now.
    pub fn resolve_image(&self, uri: &str) -> Option<String> {
        self.registry.resolve(uri)
    }
}
