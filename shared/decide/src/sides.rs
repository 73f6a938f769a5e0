//! Which service of a release is which: where services are swapped, each is the canary every other time.

use crate::{Release, Role, Service};

impl Release {
    /// The role that a service of this name has here; it may have another in the next release.
    pub fn role_of(&self, name: &str) -> Role {
        match self.stable.name == name {
            true => Role::Stable,
            false => Role::Canary,
        }
    }

    /// The service that carries the revision once it is promoted.
    pub fn live(&self) -> &Service {
        match self.swaps {
            true => &self.canary,
            false => &self.stable,
        }
    }
}
