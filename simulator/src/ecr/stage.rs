//! What others do to a repository: push, take a tag away, delete. Each sends its `ECR Image Action`.

use crate::world::World;
use serde_json::json;

/// Pushes an image under a tag, as `docker push` does; the repository is made if it is not there. The tag moves, and
/// the image it stood at stays, untagged if it has no other.
pub fn push(world: &mut World, repository: &str, tag: &str, digest: &str) {
    let found = world.ecr.repositories.entry(repository.to_owned()).or_default();
    found.push(tag, digest, world.now);
    tell(world, "PUSH", repository, digest, Some(tag));
}

/// Takes a tag away; an image that loses its last tag so is deleted (BatchDeleteImage, API reference).
///
/// # Panics
/// When there is no such tag: a scene that cannot be set is a mistake in the test.
pub fn untag(world: &mut World, repository: &str, tag: &str) {
    let found = world.ecr.repositories.get_mut(repository);
    let Some(digest) = found.and_then(|found| found.untag(tag)) else {
        panic!("no tag {tag} in {repository}");
    };
    tell(world, "DELETE", repository, &digest, Some(tag));
}

/// Deletes an image with all its tags, as a lifecycle policy does, whoever still needs it.
///
/// # Panics
/// When there is no such image.
pub fn delete(world: &mut World, repository: &str, digest: &str) {
    let found = world.ecr.repositories.get_mut(repository);
    let Some(tags) = found.and_then(|found| found.delete(digest)) else {
        panic!("no image {digest} in {repository}");
    };
    for tag in &tags {
        tell(world, "DELETE", repository, digest, Some(tag));
    }
    if tags.is_empty() {
        tell(world, "DELETE", repository, digest, None);
    }
}

/// One event for each tag; its `resources` are empty (Amazon ECR events and EventBridge, User Guide).
fn tell(world: &mut World, action: &str, repository: &str, digest: &str, tag: Option<&str>) {
    let mut detail = json!({
        "result": "SUCCESS", "repository-name": repository, "image-digest": digest, "action-type": action,
    });
    if let Some(tag) = tag {
        detail["image-tag"] = json!(tag);
    }
    world.emit("aws.ecr", "ECR Image Action", &[], detail);
}
