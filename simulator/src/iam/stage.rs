//! For tests and stories: roles, and the keys they sign with.

use super::{Document, Role, Session};
use crate::world::World;

/// Gives a role these policies; what it was used for is forgotten.
pub fn role(world: &mut World, arn: &str, policies: Vec<Document>) {
    let statements = policies.iter().flat_map(|policy| &policy.statements);
    let asked = statements.flat_map(|statement| statement.keys().map(str::to_lowercase));
    let role = Role {
        asked: asked.collect(),
        policies,
        ..Role::default()
    };
    world.iam.roles.insert(arn.to_owned(), role);
}

/// From now on whoever signs with this access key is a session of this role.
pub fn signs(world: &mut World, access_key: &str, role: &str, session: &str) {
    let session = Session {
        role: role.to_owned(),
        name: session.to_owned(),
    };
    world.iam.sessions.insert(access_key.to_owned(), session);
}
