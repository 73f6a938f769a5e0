//! The rules of the simulated ECR, one sentence each.

mod asking;
mod moving;

use super::stage;
use crate::world::{Delivery, World};
use serde_json::{Value, json};

const V1: &str = "sha256:1111";
const V2: &str = "sha256:2222";
const V3: &str = "sha256:3333";

crate::asked::asks!("ecr");

/// `shop` with v1 at `one`, v2 at `two` and `live`, v3 untagged: its tag has moved on to v2.
fn shop() -> World {
    let mut world = World::new(1);
    for (tag, digest) in [("one", V1), ("live", V3), ("two", V2), ("live", V2)] {
        stage::push(&mut world, "team/shop", tag, digest);
    }
    world.outbox.clear();
    world
}

/// Digests with their tags, as `DescribeImages` tells them with these members.
fn told(world: &mut World, extra: Value) -> Vec<(String, Vec<String>)> {
    let mut input = json!({ "repositoryName": "team/shop" });
    for (key, value) in extra.as_object().into_iter().flatten() {
        input[key.as_str()] = value.clone();
    }
    let reply = get(world, "DescribeImages", input);
    let details = reply["imageDetails"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    details
        .map(|detail| {
            let tags = detail["imageTags"].as_array().into_iter().flatten();
            (text(&detail["imageDigest"]), tags.map(text).collect())
        })
        .collect()
}

fn image(digest: &str, tags: &[&str]) -> (String, Vec<String>) {
    (digest.to_owned(), tags.iter().map(|tag| (*tag).to_owned()).collect())
}
