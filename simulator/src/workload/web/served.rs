//! Who served what, counted by revision.

use crate::elb::Target;
use crate::time::At;
use std::collections::BTreeMap;

/// What the tasks of one revision answered from one target group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// ARN of the target group.
    pub group: String,
    /// ARN of the service; empty where the target is no task.
    pub service: String,
    /// `family:revision`; empty where the target is no task.
    pub definition: String,
    /// Digest of every container's image.
    pub images: Vec<String>,
    /// Requests answered, errors as well.
    pub requests: u64,
    /// Errors (HTTP 500).
    pub errors: u64,
    /// The longest that an answer took.
    pub slowest_millis: i64,
    /// When it answered first.
    pub first: Option<At>,
    /// When it answered last.
    pub last: Option<At>,
}

/// A request that came to a target group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// When.
    pub at: At,
    /// Place of the group in [`Served::groups`].
    pub group: usize,
    /// Place of who answered in [`Served::servers`]; nobody, where the group had no target for it.
    pub server: Option<usize>,
    /// Whether the weights sent it there, and no cookie.
    pub drawn: bool,
}

/// What became of the requests to one listener.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// Requests sent.
    pub requests: u64,
    /// Requests to a listener that is not there.
    pub refused: u64,
    /// Requests that the load balancer answered itself, by status: 503 where a group had nobody to answer.
    pub answered: BTreeMap<u16, u64>,
    /// The others, in the order in which their servers came.
    pub servers: Vec<Server>,
    /// ARNs of the target groups that requests came to.
    pub groups: Vec<String>,
    /// Each request that came to a target group, in order.
    pub visits: Vec<Visit>,
    places: BTreeMap<(String, String, String, Vec<String>), usize>,
}

impl Served {
    /// What all tasks answered that ran an image, in whatever service.
    pub fn of_image(&self, digest: &str) -> Server {
        self.all(|server| server.images.iter().any(|image| image == digest))
    }

    /// What all targets of a group answered.
    pub fn of_group(&self, arn: &str) -> Server {
        self.all(|server| server.group == arn)
    }

    fn all(&self, of: impl Fn(&Server) -> bool) -> Server {
        let mut all = Server::default();
        for server in self.servers.iter().filter(|server| of(server)) {
            all.requests += server.requests;
            all.errors += server.errors;
            all.slowest_millis = all.slowest_millis.max(server.slowest_millis);
            all.first = [all.first, server.first].into_iter().flatten().min();
            all.last = all.last.max(server.last);
        }
        all
    }

    /// Notes that a request came to a group.
    pub(super) fn visited(&mut self, group: &str, server: Option<usize>, drawn: bool, at: At) {
        let known = self.groups.iter().position(|known| known == group);
        let group = known.unwrap_or_else(|| {
            self.groups.push(group.to_owned());
            self.groups.len() - 1
        });
        self.visits.push(Visit {
            at,
            group,
            server,
            drawn,
        });
    }

    /// Counts an answer; the place of who gave it.
    pub(super) fn by(&mut self, target: &Target, group: &str, now: At, takes_millis: i64, failed: bool) -> usize {
        let (service, definition) = match &target.task {
            Some(behind) => (behind.service.clone(), behind.definition.clone()),
            None => (String::new(), String::new()),
        };
        let key = (group.to_owned(), service, definition, target.images.clone());
        let next = self.servers.len();
        let place = *self.places.entry(key.clone()).or_insert(next);
        if place == next {
            let (group, service, definition, images) = key;
            self.servers.push(Server {
                group,
                service,
                definition,
                images,
                ..Server::default()
            });
        }
        let server = &mut self.servers[place];
        server.requests += 1;
        server.errors += u64::from(failed);
        server.slowest_millis = server.slowest_millis.max(takes_millis);
        server.first.get_or_insert(now);
        server.last = Some(now);
        place
    }
}
