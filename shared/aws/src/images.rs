//! Whether images are still in their repositories. Only Amazon ECR can be asked.

use crate::begin::BeginError;
use crate::{Refused, Serin};
use aws_sdk_ecr::types::{ImageFailureCode, ImageIdentifier};
use decide::Images;

/// Where an image of Amazon ECR lies.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place<'a> {
    registry: &'a str,
    region: &'a str,
    repository: &'a str,
}

/// `<account>.dkr.ecr.<region>.amazonaws.com/<repository>[:tag][@digest]`; anything else lies elsewhere.
fn place(image: &str) -> Option<Place<'_>> {
    let (host, path) = image.split_once('/')?;
    let mut labels = host.split('.');
    let registry = labels
        .next()
        .filter(|label| label.len() == 12 && label.bytes().all(|b| b.is_ascii_digit()))?;
    let (dkr, ecr, region) = (labels.next()?, labels.next()?, labels.next()?);
    if dkr != "dkr" || !(ecr == "ecr" || ecr == "ecr-fips") {
        return None;
    }
    let name = path.split('@').next().unwrap_or(path);
    Some(Place {
        registry,
        region,
        repository: name.split(':').next().unwrap_or(name),
    })
}

impl Serin {
    /// Checks that every image a service would go back to can still be pulled.
    ///
    /// `names` are the images as the definition spells them, `digests` what they stand for.
    ///
    /// # Source
    /// Amazon ECR API, `BatchGetImage`: a missing image is an entry in `failures`, with HTTP 200.
    pub(crate) async fn images_are_there(
        &self,
        service: &str,
        names: &Images,
        digests: &Images,
    ) -> Result<(), BeginError> {
        match self.missing_image(names, digests).await? {
            None => Ok(()),
            Some((container, digest, repository)) => Err(BeginError::NoWayBack(format!(
                "image {digest} of container {container}, which {service} runs, is no longer in repository {repository}; \
                 push it again, or deploy the service with an image that is there"
            ))),
        }
    }

    /// The first image that cannot be pulled: container, digest and repository.
    pub(crate) async fn missing_image(
        &self,
        names: &Images,
        digests: &Images,
    ) -> Result<Option<(String, String, String)>, Refused> {
        for (container, image) in names {
            let (Some(place), Some(digest)) = (place(image), digests.get(container)) else {
                continue;
            };
            // Repositories of another region cannot be asked from here.
            if place.region != self.region {
                continue;
            }
            let id = ImageIdentifier::builder().image_digest(digest).build();
            let reply = self
                .clients
                .ecr()
                .batch_get_image()
                .registry_id(place.registry)
                .repository_name(place.repository)
                .image_ids(id)
                .send()
                .await
                .map_err(|error| Refused::from_sdk("BatchGetImage", place.repository, &error));
            let missing = match reply {
                Ok(reply) => reply
                    .failures()
                    .iter()
                    .any(|failure| failure.failure_code() == Some(&ImageFailureCode::ImageNotFound)),
                Err(refused) if refused.is("RepositoryNotFoundException") => true,
                Err(refused) => return Err(refused),
            };
            if missing {
                let texts = (container.clone(), digest.clone(), place.repository.to_owned());
                return Ok(Some(texts));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, place};

    #[test]
    fn only_images_of_ecr_have_a_place_that_can_be_asked() {
        let orders = Some(Place {
            registry: "111122223333",
            region: "eu-central-1",
            repository: "team/orders",
        });
        let cases = [
            (
                "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/orders",
                orders.clone(),
            ),
            (
                "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/orders:v1",
                orders.clone(),
            ),
            (
                "111122223333.dkr.ecr.eu-central-1.amazonaws.com/team/orders@sha256:1",
                orders.clone(),
            ),
            (
                "111122223333.dkr.ecr-fips.eu-central-1.amazonaws.com/team/orders:v1@sha256:1",
                orders,
            ),
            ("public.ecr.aws/team/orders:v1", None),
            ("orders:v1", None),
            ("docker.io/library/orders", None),
            ("1.dkr.ecr.eu-central-1.amazonaws.com/orders", None),
            ("111122223333.dkr.s3.eu-central-1.amazonaws.com/orders", None),
        ];
        for (image, expected) in cases {
            assert_eq!(place(image), expected, "{image}");
        }
    }
}
