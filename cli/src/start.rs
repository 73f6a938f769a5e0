//! `serin release`: images that a person has Serin release without a pipeline. `open` judges the start and opens the
//! release; everything else goes as the policy says.

use crate::order::{Said, Taker};
use aws::event::{ID_MAX, bounded, is_id};
use clap::Args;
use serde_json::{Map, Value, json};

/// Most characters of what somebody wrote that are shown again.
const SHOWN_MAX: usize = 100;

/// Who takes explicit starts.
const OPEN: Taker = Taker {
    does: "opens releases",
    output: "OpenFunctionName",
    variable: "SERIN_OPEN",
};

/// Arguments of `release`.
#[derive(Args)]
pub struct Release {
    /// Policy.
    policy: String,
    /// What a container is to run, as in worker=123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders@sha256:…; once for
    /// each container that changes.
    #[arg(long = "image", value_name = "CONTAINER=REPOSITORY@DIGEST", required = true)]
    images: Vec<String>,
    /// Start it though an alarm of the policy rings: this release is the fix.
    #[arg(long)]
    despite_alarm: bool,
    /// Id of this start. Under the same id it is the same start, however often and however late it is sent: the answer is
    /// what became of its release. A tool that may try again names one, as the build's number; without, each run of this
    /// command is a start of its own. At most 64 letters, digits and dashes.
    #[arg(long, value_name = "ID")]
    id: Option<String>,
    #[command(flatten)]
    said: Said,
}

impl Release {
    /// Starts it.
    ///
    /// # Errors
    /// Where it is refused, or could not be started: one line that ends with the next step.
    pub fn run(self) -> Result<(), String> {
        let Release {
            policy,
            images,
            despite_alarm,
            id,
            said,
        } = self;
        let images = read(&images)?;
        if let Some(id) = id.as_deref().filter(|id| !is_id(id)) {
            let id = bounded(id, SHOWN_MAX);
            return Err(format!("--id {id}: write at most {ID_MAX} of A-Z a-z 0-9 -"));
        }
        said.give_to(&OPEN, async |desk| {
            let mut start = desk.signed(&policy, json!({ "despite_alarm": despite_alarm }));
            if let Some(id) = id {
                start["id"] = json!(id);
            }
            let payload = json!({ "policy": policy, "images": images, "start": start });
            desk.send(&policy, "start", payload).await
        })
    }
}

/// Image by container.
fn read(images: &[String]) -> Result<Map<String, Value>, String> {
    let mut read = Map::new();
    for written in images {
        let (container, image) = written.split_once('=').unwrap_or_default();
        if container.is_empty() || image.is_empty() {
            return Err(format!(
                "--image {written}: write the container's name, = and the image, as in worker=repository@sha256:…"
            ));
        }
        if read.insert(container.to_owned(), json!(image)).is_some() {
            return Err(format!("--image names container {container} twice; name it once"));
        }
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn each_container_is_named_once_with_its_image() {
        let of = |images: &[&str]| read(&images.iter().map(|image| (*image).to_owned()).collect::<Vec<_>>());
        let good = of(&["worker=repo@sha256:0", "proxy=a=b"]).unwrap();
        assert_eq!(
            (good["worker"].as_str(), good["proxy"].as_str()),
            (Some("repo@sha256:0"), Some("a=b"))
        );
        for (images, expected) in [
            (["worker", "proxy=b"], "--image worker: write"),
            (["=repo", "proxy=b"], "--image =repo: write"),
            (["worker=", "proxy=b"], "--image worker=: write"),
            (["proxy=a", "proxy=b"], "container proxy twice"),
        ] {
            let error = of(&images).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
