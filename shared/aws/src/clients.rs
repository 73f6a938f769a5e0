use aws_config::SdkConfig;
use aws_sdk_dynamodb::config::retry::RetryPartition;
use std::sync::{Arc, OnceLock};

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
    seldom: Arc<Seldom>,
}

/// What an alarm does not need, made when it is first asked for.
#[derive(Debug)]
struct Seldom {
    config: SdkConfig,
    budget: String,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    sfn: OnceLock<aws_sdk_sfn::Client>,
    ecr: OnceLock<aws_sdk_ecr::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    autoscaling: OnceLock<aws_sdk_applicationautoscaling::Client>,
    elb: OnceLock<aws_sdk_elasticloadbalancingv2::Client>,
}

/// Each service has its own budget: what one of them refuses must not use up the attempts of another.
fn partition(budget: &str, service: &str) -> RetryPartition {
    RetryPartition::custom(format!("{budget}/{service}")).build()
}

impl Clients {
    /// Clients that share the settings given, and a retry budget of this name.
    pub fn new(config: &SdkConfig, budget: &str) -> Clients {
        let ecs = aws_sdk_ecs::config::Builder::from(config)
            .retry_partition(partition(budget, "ecs"))
            .build();
        let codepipeline = aws_sdk_codepipeline::config::Builder::from(config)
            .retry_partition(partition(budget, "codepipeline"))
            .build();
        let cloudwatch = aws_sdk_cloudwatch::config::Builder::from(config)
            .retry_partition(partition(budget, "cloudwatch"))
            .build();
        let dynamodb = aws_sdk_dynamodb::config::Builder::from(config)
            .retry_partition(partition(budget, "dynamodb"))
            .build();
        Clients {
            ecs: aws_sdk_ecs::Client::from_conf(ecs),
            codepipeline: aws_sdk_codepipeline::Client::from_conf(codepipeline),
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(cloudwatch),
            dynamodb: aws_sdk_dynamodb::Client::from_conf(dynamodb),
            seldom: Arc::new(Seldom {
                config: config.clone(),
                budget: budget.to_owned(),
                ssm: OnceLock::new(),
                sfn: OnceLock::new(),
                ecr: OnceLock::new(),
                sqs: OnceLock::new(),
                autoscaling: OnceLock::new(),
                elb: OnceLock::new(),
            }),
        }
    }

    /// AWS Systems Manager, for policies.
    pub fn ssm(&self) -> &aws_sdk_ssm::Client {
        let Seldom {
            config, budget, ssm, ..
        } = &*self.seldom;
        ssm.get_or_init(|| {
            let config = aws_sdk_ssm::config::Builder::from(config).retry_partition(partition(budget, "ssm"));
            aws_sdk_ssm::Client::from_conf(config.build())
        })
    }

    /// AWS Step Functions, for the clock.
    pub fn sfn(&self) -> &aws_sdk_sfn::Client {
        let Seldom {
            config, budget, sfn, ..
        } = &*self.seldom;
        sfn.get_or_init(|| {
            let config = aws_sdk_sfn::config::Builder::from(config).retry_partition(partition(budget, "sfn"));
            aws_sdk_sfn::Client::from_conf(config.build())
        })
    }

    /// Amazon ECR, for the way back.
    pub fn ecr(&self) -> &aws_sdk_ecr::Client {
        let Seldom {
            config, budget, ecr, ..
        } = &*self.seldom;
        ecr.get_or_init(|| {
            let config = aws_sdk_ecr::config::Builder::from(config).retry_partition(partition(budget, "ecr"));
            aws_sdk_ecr::Client::from_conf(config.build())
        })
    }

    /// Amazon SQS, for dead-letter queues.
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        let Seldom {
            config, budget, sqs, ..
        } = &*self.seldom;
        sqs.get_or_init(|| {
            let config = aws_sdk_sqs::config::Builder::from(config).retry_partition(partition(budget, "sqs"));
            aws_sdk_sqs::Client::from_conf(config.build())
        })
    }

    /// Application Auto Scaling, for the canary's scaling.
    pub fn autoscaling(&self) -> &aws_sdk_applicationautoscaling::Client {
        let Seldom {
            config,
            budget,
            autoscaling,
            ..
        } = &*self.seldom;
        autoscaling.get_or_init(|| {
            let partition = partition(budget, "autoscaling");
            let config = aws_sdk_applicationautoscaling::config::Builder::from(config).retry_partition(partition);
            aws_sdk_applicationautoscaling::Client::from_conf(config.build())
        })
    }

    /// Elastic Load Balancing, for weights and the health of targets.
    pub fn elb(&self) -> &aws_sdk_elasticloadbalancingv2::Client {
        let Seldom {
            config, budget, elb, ..
        } = &*self.seldom;
        elb.get_or_init(|| {
            let partition = partition(budget, "elasticloadbalancing");
            let config = aws_sdk_elasticloadbalancingv2::config::Builder::from(config).retry_partition(partition);
            aws_sdk_elasticloadbalancingv2::Client::from_conf(config.build())
        })
    }
}
