use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::retry::RetryPartition;

/// One client for each service.
#[derive(Clone, Debug)]
pub struct Clients {
    /// Amazon ECS.
    pub ecs: aws_sdk_ecs::Client,
    /// AWS CodePipeline.
    pub codepipeline: aws_sdk_codepipeline::Client,
    /// Amazon CloudWatch.
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    /// Amazon DynamoDB.
    pub dynamodb: aws_sdk_dynamodb::Client,
}

impl Clients {
    /// Clients that share the settings given, and a retry budget of this name.
    ///
    /// Each service has its own budget: what one of them refuses must not use up the attempts of
    /// another.
    pub fn new(config: &SdkConfig, budget: &str) -> Clients {
        let partition = |service: &str| RetryPartition::custom(format!("{budget}/{service}")).build();
        let ecs = aws_sdk_ecs::config::Builder::from(config)
            .retry_partition(partition("ecs"))
            .build();
        let codepipeline = aws_sdk_codepipeline::config::Builder::from(config)
            .retry_partition(partition("codepipeline"))
            .build();
        let cloudwatch = aws_sdk_cloudwatch::config::Builder::from(config)
            .retry_partition(partition("cloudwatch"))
            .build();
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(config)
            .retry_partition(partition("dynamodb"))
            .build();
        Clients {
            ecs: aws_sdk_ecs::Client::from_conf(ecs),
            codepipeline: aws_sdk_codepipeline::Client::from_conf(codepipeline),
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
        }
    }
}
