//! Short ways to set a scene.

use crate::world::World;
use serde_json::json;

/// Writes a parameter of type `String`, new or not, in whatever tier it fits. Its event is sent, as for every put.
/// Answers with its version.
///
/// # Panics
/// When Parameter Store refuses: a scene that cannot be set is a mistake in the test.
pub fn put(world: &mut World, name: &str, value: &str) -> i64 {
    let input = json!({
        "Name": name, "Value": value, "Type": "String", "Overwrite": true, "Tier": "Intelligent-Tiering",
    });
    let reply = super::call(world, "PutParameter", &input).unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
    reply["Version"].as_i64().unwrap_or_default()
}
