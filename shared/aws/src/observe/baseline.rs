//! What a service runs at this moment, whole: what a release must be able to go back to.

use super::revision;
use crate::{Refused, Serin, Why};
use decide::{Deployed, Part, Revision};

impl Serin {
    /// Reads what a service runs: definition, image digests, configuration, service revision.
    ///
    /// # Errors
    /// Where ECS refuses, where there is no such service, or where a part cannot be told.
    pub async fn deployed(&self, cluster: &str, service: &str) -> Result<Deployed, Refused> {
        let ecs = &self.clients.ecs;
        let on = || format!("{service} in cluster {cluster}");
        let reply = ecs.describe_services().cluster(cluster).services(service).send().await;
        let reply = reply.map_err(|error| Refused::from_sdk("DescribeServices", on(), &error))?;
        let unclear = |message: String| Refused {
            operation: "reading the baseline",
            on: on(),
            why: Why::Refused,
            code: None,
            message,
        };
        let Some(found) = reply.services().first() else {
            return Err(unclear("there is no such service".to_owned()));
        };
        let primary = found
            .deployments()
            .iter()
            .find(|deployment| deployment.status() == Some("PRIMARY"));
        let Some(primary) = primary else {
            return Err(unclear("it has no PRIMARY deployment".to_owned()));
        };
        let meaning = revision::meaning(ecs, cluster, found, primary).await;
        match (meaning.images, meaning.configuration) {
            (Part::Known(images), Part::Known(configuration)) => Ok(Deployed {
                task_definition: primary.task_definition().unwrap_or_default().to_owned(),
                revision: Revision { images, configuration },
                service_revision: found
                    .current_service_revisions()
                    .first()
                    .and_then(|revision| revision.arn().map(str::to_owned)),
            }),
            (Part::Unknown(why), _) | (_, Part::Unknown(why)) => Err(unclear(why)),
        }
    }
}
