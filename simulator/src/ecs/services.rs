//! What is asked of services: create, update, delete.

use super::clusters::last_part;
use super::state::{Breaker, Config, Service, Status, Threshold};
use super::{Ecs, Moment, invalid, listing, text};
use crate::refusal::Refusal;
use crate::time::At;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;

/// For how long a deleted service can still be described.
const INACTIVE_SECONDS: i64 = 3600;

/// Members whose change makes a new deployment, besides `taskDefinition` (UpdateService, API reference).
const DEPLOYED: [&str; 8] = [
    "capacityProviderStrategy",
    "loadBalancers",
    "networkConfiguration",
    "platformVersion",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

/// Members that are only kept and told back.
const KEPT: [&str; 7] = [
    "availabilityZoneRebalancing",
    "enableECSManagedTags",
    "enableExecuteCommand",
    "healthCheckGracePeriodSeconds",
    "placementConstraints",
    "placementStrategy",
    "propagateTags",
];

impl Config {
    /// Reads a `DeploymentConfiguration`, with ECS's defaults for what it does not say.
    pub(super) fn read(given: Option<&Value>) -> Result<Config, Refusal> {
        let mut json = given.cloned().unwrap_or_else(|| json!({}));
        if let Some(strategy) = text(&json, "strategy").filter(|strategy| *strategy != "ROLLING") {
            return Err(Refusal::new(
                "UnsupportedFeatureException",
                format!("The {strategy} strategy is not simulated."),
            ));
        }
        for (member, default) in [
            ("maximumPercent", json!(200)),
            ("minimumHealthyPercent", json!(100)),
            ("strategy", json!("ROLLING")),
            ("bakeTimeInMinutes", json!(0)),
            (
                "deploymentCircuitBreaker",
                json!({ "enable": false, "rollback": false }),
            ),
        ] {
            if json[member].is_null() {
                json[member] = default;
            }
        }
        let (min_percent, max_percent) = (json["minimumHealthyPercent"].as_i64(), json["maximumPercent"].as_i64());
        let (min_percent, max_percent) = (min_percent.unwrap_or(100), max_percent.unwrap_or(200));
        if min_percent < 0 || max_percent < 100 {
            return Err(invalid(
                "minimumHealthyPercent must be at least 0 and maximumPercent at least 100.",
            ));
        }
        if min_percent == 100 && max_percent == 100 {
            return Err(invalid(
                "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
            ));
        }
        let breaker = Breaker::read(&json["deploymentCircuitBreaker"]);
        let alarms = &json["alarms"];
        let alarm_names = if alarms["enable"] == json!(true) {
            super::texts(alarms, "alarmNames")
                .into_iter()
                .map(str::to_owned)
                .collect()
        } else {
            Vec::new()
        };
        Ok(Config {
            min_percent,
            max_percent,
            breaker,
            alarm_names,
            json,
        })
    }

    /// The fewest healthy tasks, rounded up.
    pub(super) fn least(&self, desired: i64) -> i64 {
        (desired * self.min_percent + 99) / 100
    }

    /// The most tasks, rounded down.
    pub(super) fn most(&self, desired: i64) -> i64 {
        desired * self.max_percent / 100
    }
}

impl Breaker {
    fn read(json: &Value) -> Option<Breaker> {
        let threshold = &json["thresholdConfiguration"];
        let value = threshold["value"].as_i64().unwrap_or(50);
        (json["enable"] == json!(true)).then(|| Breaker {
            rollback: json["rollback"] == json!(true),
            reset_on_healthy: json["resetOnHealthyTask"] != json!(false),
            threshold: match text(threshold, "type") {
                Some("COUNT") => Threshold::Count(value),
                Some("UNBOUNDED_PERCENT") => Threshold::UnboundedPercent(value),
                _ => Threshold::BoundedPercent(value),
            },
        })
    }

    /// How many failures are too many.
    pub(super) fn limit(&self, desired: i64) -> i64 {
        match self.threshold {
            Threshold::Count(count) => count,
            Threshold::UnboundedPercent(percent) => (desired * percent + 99) / 100,
            Threshold::BoundedPercent(percent) => ((desired * percent + 99) / 100).clamp(3, 200),
        }
    }
}

impl Ecs {
    pub(super) fn find_service(&self, cluster: &str, reference: &str) -> Option<usize> {
        // Names are unique in a cluster, and few clusters have more than a handful of services.
        let cluster = last_part(cluster);
        if reference.starts_with("arn:") {
            let index = *self.by_arn.get(reference)?;
            return (self.services[index].cluster == cluster).then_some(index);
        }
        let found = self
            .services
            .iter()
            .rposition(|s| s.name == reference && s.cluster == cluster)?;
        Some(found)
    }

    /// The service a request means, unless it was deleted long ago.
    pub(super) fn visible_service(&self, cluster: &str, reference: &str, now: At) -> Option<usize> {
        self.find_service(cluster, reference).filter(|index| {
            let gone_at = self.services[*index].gone_at;
            gone_at.is_none_or(|gone| now < gone.plus_seconds(INACTIVE_SECONDS))
        })
    }

    fn active_service(&self, input: &Value, now: At) -> Result<usize, Refusal> {
        let cluster = self.cluster(input)?.name.clone();
        let reference = text(input, "service").unwrap_or_default();
        let found = self.visible_service(&cluster, reference, now);
        let found = found.ok_or_else(not_found)?;
        if self.services[found].status == Status::Active {
            Ok(found)
        } else {
            Err(Refusal::new("ServiceNotActiveException", "Service was not ACTIVE."))
        }
    }

    /// What an earlier service of this name means for a new one: the same again, a refusal, or nothing.
    fn earlier_service(&self, cluster: &str, name: &str, token: Option<&str>) -> Result<Option<usize>, Refusal> {
        let Some(earlier) = self.find_service(cluster, name) else {
            return Ok(None);
        };
        let service = &self.services[earlier];
        match service.status {
            Status::Inactive => Ok(None),
            Status::Active if token.is_some() && service.client_token.as_deref() == token => Ok(Some(earlier)),
            Status::Active => Err(invalid("Creation of service was not idempotent.")),
            Status::Draining => Err(invalid("Unable to Start a service that is still Draining.")),
        }
    }

    pub(super) fn create_service(&mut self, input: &Value, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        let cluster = self.cluster(input)?;
        let (cluster_name, cluster_arn) = (cluster.name.clone(), cluster.arn.clone());
        let name = text(input, "serviceName").unwrap_or_default().to_owned();
        let client_token = text(input, "clientToken");
        if let Some(earlier) = self.earlier_service(&cluster_name, &name, client_token)? {
            return Ok(json!({ "service": self.service_json(earlier, true) }));
        }
        only_simulated(input)?;
        let reference = text(input, "taskDefinition").ok_or_else(|| invalid("TaskDefinition cannot be null."))?;
        let definition = self.usable_definition(reference, moment)?.arn.clone();
        self.check_balancers(input, &definition, moment)?;
        let config = Config::read(input.get("deploymentConfiguration"))?;
        let mut settings = Map::new();
        for member in DEPLOYED.into_iter().chain(KEPT) {
            if let Some(value) = input.get(member) {
                settings.insert(member.to_owned(), value.clone());
            }
        }
        let arn = moment.arn(&format!("service/{cluster_name}/{name}"));
        let service = Service {
            arn: arn.clone(),
            name,
            cluster: cluster_name,
            cluster_arn,
            status: Status::Active,
            desired: input["desiredCount"].as_i64().unwrap_or(1).max(0),
            created_at: moment.now,
            gone_at: None,
            client_token: client_token.map(str::to_owned),
            settings,
            config,
            rollouts: Vec::new(),
            deployments: Vec::new(),
            revisions: Vec::new(),
            events: VecDeque::new(),
            live: Vec::new(),
            last_completed: None,
            steady: false,
            said_protected: false,
            wake: None,
            snapshots: VecDeque::new(),
        };
        self.services.push(service);
        let index = self.services.len() - 1;
        self.by_arn.insert(arn.clone(), index);
        self.tags.remove(&arn);
        self.set_tags(&arn, input.get("tags"));
        self.deploy(index, definition, moment);
        Ok(json!({ "service": self.service_json(index, true) }))
    }

    pub(super) fn update_service(&mut self, input: &Value, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        let index = self.active_service(input, moment.now)?;
        let force = input["forceNewDeployment"] == json!(true);
        if input.get("capacityProviderStrategy").is_some() && !force {
            return Err(invalid(
                "capacityProviderStrategy can only be updated together with forceNewDeployment.",
            ));
        }
        let definition = match text(input, "taskDefinition") {
            Some(reference) => Some(self.usable_definition(reference, moment)?.arn.clone()),
            None => None,
        };
        let runs = definition.as_deref().unwrap_or(self.services[index].definition());
        self.check_balancers(input, runs, moment)?;
        let config = input
            .get("deploymentConfiguration")
            .map(|config| self.merged_config(index, config));
        let config = config.transpose()?;
        let service = &mut self.services[index];
        if let Some(config) = config {
            service.config = config;
        }
        if let Some(desired) = input["desiredCount"].as_i64() {
            service.desired = desired.max(0);
        }
        let mut deploys = force;
        for member in DEPLOYED.into_iter().chain(KEPT) {
            let Some(value) = input.get(member) else { continue };
            let differs = service.settings.insert(member.to_owned(), value.clone()).as_ref() != Some(value);
            deploys |= differs && DEPLOYED.contains(&member);
        }
        let current = service.definition().to_owned();
        deploys |= definition.as_ref().is_some_and(|definition| *definition != current);
        self.changed.push(index);
        if deploys {
            self.deploy(index, definition.unwrap_or(current), moment);
        }
        self.reconcile(index, moment);
        Ok(json!({ "service": self.service_json(index, true) }))
    }

    /// The configuration after an update: members that are not named keep their value.
    fn merged_config(&self, index: usize, given: &Value) -> Result<Config, Refusal> {
        let mut merged = self.services[index].config.json.clone();
        for (member, value) in given.as_object().into_iter().flatten() {
            merged[member.as_str()] = value.clone();
        }
        Config::read(Some(&merged))
    }

    pub(super) fn delete_service(&mut self, input: &Value, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        // DeleteService has no ServiceNotActiveException in AWS's model: what is on its way out is not found.
        let index = self
            .active_service(input, moment.now)
            .map_err(|refusal| match refusal.code {
                "ServiceNotActiveException" => not_found(),
                _ => refusal,
            })?;
        if self.services[index].desired > 0 && input["force"] != json!(true) {
            return Err(invalid("The service cannot be stopped while it is scaled above 0."));
        }
        self.stop_unfinished(index, moment);
        let service = &mut self.services[index];
        service.status = Status::Draining;
        service.desired = 0;
        self.changed.push(index);
        self.reconcile(index, moment);
        Ok(json!({ "service": self.service_json(index, true) }))
    }

    pub(super) fn list_services(&self, input: &Value, moment: &Moment<'_>) -> Result<Value, Refusal> {
        let cluster = &self.cluster(input)?.name;
        let mut arns: Vec<String> = self
            .services
            .iter()
            .filter(|service| service.status == Status::Active && service.cluster == *cluster)
            .map(|service| service.arn.clone())
            .collect();
        if text(input, "launchType").is_some_and(|kind| kind != "FARGATE")
            || text(input, "schedulingStrategy") == Some("DAEMON")
        {
            arns.clear();
        }
        listing::arns("serviceArns", arns, 10, input, moment)
    }
}

impl Service {
    /// The definition it is to run, by its PRIMARY deployment.
    pub(super) fn definition(&self) -> &str {
        self.rollouts
            .first()
            .map_or("", |primary| &self.revisions[primary.revision].definition)
    }
}

/// What this simulator does not do is refused, not ignored.
fn not_found() -> Refusal {
    Refusal::new("ServiceNotFoundException", "Service not found.")
}

fn only_simulated(input: &Value) -> Result<(), Refusal> {
    for (what, asked, simulated) in [
        (
            "deployment controller",
            text(&input["deploymentController"], "type"),
            "ECS",
        ),
        ("launch type", text(input, "launchType"), "FARGATE"),
        ("scheduling strategy", text(input, "schedulingStrategy"), "REPLICA"),
    ] {
        if let Some(asked) = asked.filter(|asked| *asked != simulated) {
            let message = format!("The {asked} {what} is not simulated.");
            return Err(Refusal::new("UnsupportedFeatureException", message));
        }
    }
    Ok(())
}
