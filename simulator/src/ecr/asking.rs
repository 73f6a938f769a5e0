//! What is told about images.

use super::Repository;
use super::repository::Image;
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
/// Digest of the configuration `{}`.
const NO_CONFIG: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
/// Images on a page where the request says nothing.
const PAGE: usize = 100;

/// What one entry of `imageIds` names.
struct Wanted<'a> {
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

/// An image as it is told: its digest, and what is known of it.
type Told<'r> = (&'r str, Image);

/// Why there is no such image, as `failureCode` and `failureReason`.
type Lacking = (&'static str, &'static str);

impl<'a> Wanted<'a> {
    fn of(id: &'a Value) -> Wanted<'a> {
        Wanted {
            tag: id["imageTag"].as_str(),
            digest: id["imageDigest"].as_str(),
        }
    }

    fn all(input: &'a Value) -> Vec<Wanted<'a>> {
        input["imageIds"]
            .as_array()
            .into_iter()
            .flatten()
            .map(Wanted::of)
            .collect()
    }

    fn find<'r>(&self, repository: &'r Repository) -> Result<Told<'r>, Lacking> {
        let absent = ("ImageNotFound", "Requested image not found");
        if self.digest.is_some_and(|digest| !is_digest(digest)) {
            return Err((
                "InvalidImageDigest",
                "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
            ));
        }
        let tagged = self.tag.map(|tag| repository.tagged(tag));
        let digest = match (tagged, self.digest) {
            (None, None) => {
                return Err((
                    "MissingDigestAndTag",
                    "Invalid request parameters: both tag and digest cannot be null",
                ));
            }
            (Some(Some(tagged)), Some(digest)) if tagged != digest => {
                return Err((
                    "ImageTagDoesNotMatchDigest",
                    "The image tag does not match the image digest",
                ));
            }
            (Some(None), _) => return Err(absent),
            (Some(Some(tagged)), _) => tagged,
            (None, Some(digest)) => digest,
        };
        repository.image(digest).ok_or(absent)
    }

    fn json(&self) -> Value {
        let mut json = json!({});
        for (member, value) in [("imageTag", self.tag), ("imageDigest", self.digest)] {
            if let Some(value) = value {
                json[member] = json!(value);
            }
        }
        json
    }
}

/// `BatchGetImage`: what is missing is a failure within the reply, never an error.
pub(super) fn batch_get(world: &World, input: &Value) -> Result<Value, Refusal> {
    let (registry, name, repository) = repository(world, input)?;
    if input.get("acceptedMediaTypes").is_some() {
        return Err(invalid("acceptedMediaTypes is not simulated."));
    }
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for wanted in Wanted::all(input) {
        match wanted.find(repository) {
            Ok((digest, _)) => {
                let mut id = wanted.json();
                id["imageDigest"] = json!(digest);
                images.push(json!({
                    "registryId": registry, "repositoryName": name, "imageId": id,
                    "imageManifest": manifest(), "imageManifestMediaType": MANIFEST_TYPE,
                }));
            }
            Err((code, reason)) => {
                failures.push(json!({ "imageId": wanted.json(), "failureCode": code, "failureReason": reason }));
            }
        }
    }
    Ok(json!({ "images": images, "failures": failures }))
}

/// `DescribeImages`: one image that is missing fails the whole call.
pub(super) fn describe(world: &World, input: &Value) -> Result<Value, Refusal> {
    let (registry, name, repository) = repository(world, input)?;
    let mut token = None;
    let images = match input.get("imageIds") {
        None => {
            let (page, next) = page(shown(repository, input), input, world.page_size)?;
            token = next;
            page
        }
        Some(_) if input.get("nextToken").is_some() || input.get("maxResults").is_some() => {
            return Err(invalid("nextToken and maxResults cannot be used with imageIds."));
        }
        Some(_) => {
            let mut found = Vec::new();
            for wanted in Wanted::all(input) {
                found.push(
                    wanted
                        .find(repository)
                        .map_err(|why| refused(&wanted, why, registry, name))?,
                );
            }
            let shown = shown(repository, input);
            found.retain(|(digest, _)| shown.iter().any(|(other, _)| other == digest));
            found
        }
    };
    let details: Vec<Value> = images
        .into_iter()
        .map(|(digest, image)| {
            let mut json = json!({
                "registryId": registry, "repositoryName": name, "imageDigest": digest,
                "imagePushedAt": image.pushed_at.seconds(), "imageManifestMediaType": MANIFEST_TYPE,
                "artifactMediaType": CONFIG_TYPE, "imageStatus": "ACTIVE",
            });
            let tags = repository.tags_of(digest);
            if !tags.is_empty() {
                json["imageTags"] = json!(tags);
            }
            json
        })
        .collect();
    let mut reply = json!({ "imageDetails": details });
    if let Some(token) = token {
        reply["nextToken"] = json!(token);
    }
    Ok(reply)
}

fn repository<'a>(world: &'a World, input: &'a Value) -> Result<(&'a str, &'a str, &'a Repository), Refusal> {
    let own = world.home.account.as_str();
    let registry = input["registryId"].as_str().unwrap_or(own);
    let name = input["repositoryName"].as_str().unwrap_or_default();
    let found = world.ecr.repositories.get(name).filter(|_| registry == own);
    let found = found.ok_or_else(|| {
        let message = format!("The repository with name '{name}' does not exist in the registry with id '{registry}'");
        Refusal::new("RepositoryNotFoundException", message)
    })?;
    Ok((registry, name, found))
}

/// Images that pass the filter. All are ACTIVE, which is what is shown where the filter says nothing.
fn shown<'r>(repository: &'r Repository, input: &Value) -> Vec<Told<'r>> {
    let filter = &input["filter"];
    let active = matches!(filter["imageStatus"].as_str(), None | Some("ACTIVE" | "ANY"));
    let mut images = repository.images();
    images.retain(|(digest, _)| {
        let tagged = !repository.tags_of(digest).is_empty();
        active
            && match filter["tagStatus"].as_str() {
                Some("TAGGED") => tagged,
                Some("UNTAGGED") => !tagged,
                _ => true,
            }
    });
    images
}

/// The token names the last image told, so that those deleted meanwhile shift nothing.
fn page<'r>(
    images: Vec<Told<'r>>,
    input: &Value,
    page_size: Option<usize>,
) -> Result<(Vec<Told<'r>>, Option<String>), Refusal> {
    let after: u64 = match input["nextToken"].as_str() {
        None => 0,
        Some(token) => {
            let number = token.strip_prefix("after:").and_then(|number| number.parse().ok());
            number.ok_or_else(|| invalid("Invalid parameter at 'nextToken': the token is not valid."))?
        }
    };
    let asked = input["maxResults"].as_u64().and_then(|size| usize::try_from(size).ok());
    let asked = asked.unwrap_or(PAGE);
    let size = page_size.map_or(asked, |cap| asked.min(cap).max(1));
    let mut rest: Vec<_> = images.into_iter().filter(|(_, image)| image.number > after).collect();
    let more = rest.len() > size;
    rest.truncate(size);
    let token = rest
        .last()
        .filter(|_| more)
        .map(|(_, image)| format!("after:{}", image.number));
    Ok((rest, token))
}

fn refused(wanted: &Wanted<'_>, (code, reason): Lacking, registry: &str, name: &str) -> Refusal {
    if code != "ImageNotFound" && code != "ImageTagDoesNotMatchDigest" {
        return invalid(reason);
    }
    let (digest, tag) = (wanted.digest.unwrap_or("null"), wanted.tag.unwrap_or("null"));
    let message = format!(
        "The image with imageId {{imageDigest:'{digest}', imageTag:'{tag}'}} does not exist within the repository with \
         name '{name}' in the registry with id '{registry}'"
    );
    Refusal::new("ImageNotFoundException", message)
}

fn is_digest(text: &str) -> bool {
    let algorithm = |c: char| c.is_ascii_alphanumeric() || "-_+.".contains(c);
    text.split_once(':').is_some_and(|(name, hash)| {
        let both = !name.is_empty() && !hash.is_empty();
        both && name.chars().all(algorithm) && hash.chars().all(|c| c.is_ascii_hexdigit())
    })
}

/// A manifest of the right form that leads nowhere: images here have no layers.
fn manifest() -> String {
    let config = json!({ "mediaType": CONFIG_TYPE, "digest": NO_CONFIG, "size": 2 });
    json!({ "schemaVersion": 2, "mediaType": MANIFEST_TYPE, "config": config, "layers": [] }).to_string()
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameterException", message)
}
