use serde::{Deserialize, Serialize};

/// Account and region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// Twelve digits.
    pub account: String,
    /// Region name.
    pub region: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    #[serde(default = "standard")]
    pub partition: String,
}

impl Home {
    /// ARN of a pipeline.
    pub fn pipeline_arn(&self, name: &str) -> String {
        let Home {
            account,
            region,
            partition,
        } = self;
        format!("arn:{partition}:codepipeline:{region}:{account}:{name}")
    }

    /// ARN of an ECS service.
    pub fn service_arn(&self, cluster: &str, name: &str) -> String {
        let Home {
            account,
            region,
            partition,
        } = self;
        format!("arn:{partition}:ecs:{region}:{account}:service/{cluster}/{name}")
    }

    /// ARN of a repository.
    pub fn repository_arn(&self, name: &str) -> String {
        let Home {
            account,
            region,
            partition,
        } = self;
        format!("arn:{partition}:ecr:{region}:{account}:repository/{name}")
    }
}

fn standard() -> String {
    "aws".to_owned()
}
