//! Amazon ECS.

use super::{ANY, Demand, text, texts};
use crate::world::World;
use serde_json::Value;

/// "The PassRole permission is for the tasks": `RegisterTaskDefinition` hands both roles to this service.
const TASKS: &str = "ecs-tasks.amazonaws.com";

pub(super) fn demands(world: &World, operation: &str, input: &Value) -> Option<Vec<Demand>> {
    let on = On {
        world,
        input,
        operation,
    };
    Some(match operation {
        "CreateCluster" => on.created(
            "cluster",
            vec![on.any()],
            &on.cluster(named(text(input, "clusterName"))),
        ),
        "CreateService" => on.created(
            "service",
            on.service_in("serviceName"),
            &on.service(text(input, "serviceName")),
        ),
        "DescribeClusters" => on.each("clusters", |name| on.plain(on.cluster(name))),
        "DeleteService" | "UpdateService" => on.service_in("service"),
        "DescribeServices" => on.each("services", |name| on.known(on.service(name))),
        "ListServiceDeployments" => on.service_in("service"),
        "DescribeServiceDeployments" => on.with_service(texts(input, "serviceDeploymentArns")),
        "StopServiceDeployment" => on.with_service([text(input, "serviceDeploymentArn")].into_iter()),
        "DescribeServiceRevisions" => on.with_service(texts(input, "serviceRevisionArns")),
        "DescribeTasks" | "GetTaskProtection" | "UpdateTaskProtection" => {
            on.each("tasks", |task| on.known(on.task(task)))
        }
        "StopTask" => vec![on.known(on.task(text(input, "task")))],
        // Its resource type is the container instance; where none is named, AWS asks for `*` (construct-hub#1207).
        "ListTasks" => match text(input, "containerInstance") {
            "" => vec![on.any().with("ecs:cluster", on.cluster(on.cluster_name()))],
            instance => {
                let path = format!("container-instance/{}/{}", on.cluster_name(), last(instance));
                vec![on.in_cluster(world.arn("ecs", &path))]
            }
        },
        "ListServices" => vec![on.any().with("ecs:cluster", on.cluster(on.cluster_name()))],
        "ListClusters" | "ListTaskDefinitions" | "DescribeTaskDefinition" | "DeregisterTaskDefinition" => {
            vec![on.any()]
        }
        "RegisterTaskDefinition" => on.registered(),
        "TagResource" => vec![on.known(text(input, "resourceArn").to_owned()).tagged(&input["tags"])],
        "UntagResource" => {
            let demand = on.known(text(input, "resourceArn").to_owned());
            vec![texts(input, "tagKeys").fold(demand, |demand, key| demand.with("aws:TagKeys", key))]
        }
        "ListTagsForResource" => vec![on.known(text(input, "resourceArn").to_owned())],
        _ => return None,
    })
}

/// A request and the account it is made in.
struct On<'a> {
    world: &'a World,
    input: &'a Value,
    operation: &'a str,
}

impl On<'_> {
    fn plain(&self, resource: String) -> Demand {
        Demand::new(format!("ecs:{}", self.operation), resource)
    }

    fn any(&self) -> Demand {
        self.plain(ANY.to_owned())
    }

    /// With the tags that the resource has, under both of their names.
    fn known(&self, resource: String) -> Demand {
        let demand = self.in_cluster(resource.clone());
        self.with_tags(demand, &resource)
    }

    fn with_tags(&self, demand: Demand, resource: &str) -> Demand {
        let tags = self.world.ecs.tags_of(resource);
        tags.into_iter().fold(demand, |demand, (key, value)| {
            demand
                .with(format!("aws:ResourceTag/{key}"), &value)
                .with(format!("ecs:ResourceTag/{key}"), value)
        })
    }

    fn in_cluster(&self, resource: String) -> Demand {
        let demand = self.plain(resource);
        match self.operation {
            "TagResource" | "UntagResource" | "ListTagsForResource" => demand,
            _ => demand.with("ecs:cluster", self.cluster(self.cluster_name())),
        }
    }

    /// A service's deployment or revision: its service and cluster are in its name, and it has no tags.
    fn of_service(&self, arn: &str) -> Demand {
        let parts: Vec<&str> = arn.split('/').collect();
        let demand = self.plain(arn.to_owned());
        match parts[..] {
            [_, cluster, service, _] => demand.with("ecs:cluster", self.cluster(cluster)).with(
                "ecs:service",
                self.world.arn("ecs", &format!("service/{cluster}/{service}")),
            ),
            _ => demand,
        }
    }

    /// Of deployments and revisions the reference lists two types as required: their own, and the service. The service's
    /// tags count for the service.
    fn with_service<'b>(&self, arns: impl Iterator<Item = &'b str>) -> Vec<Demand> {
        let mut demands: Vec<Demand> = Vec::new();
        for arn in arns {
            demands.push(self.of_service(arn));
            let parts: Vec<&str> = arn.split('/').collect();
            if let [_, cluster, service, _] = parts[..] {
                let arn = self.world.arn("ecs", &format!("service/{cluster}/{service}"));
                let demand = self.plain(arn.clone()).with("ecs:cluster", self.cluster(cluster));
                demands.push(self.with_tags(demand, &arn));
            }
        }
        demands.sort();
        demands.dedup();
        demands
    }

    /// The service that this member names, and what it is to be given.
    fn service_in(&self, member: &str) -> Vec<Demand> {
        let demand = self.known(self.service(text(self.input, member)));
        vec![match text(self.input, "taskDefinition") {
            "" => demand,
            arn if arn.starts_with("arn:") => demand.with("ecs:task-definition", arn),
            name => demand.with(
                "ecs:task-definition",
                self.world.arn("ecs", &format!("task-definition/{name}")),
            ),
        }]
    }

    fn each(&self, member: &str, demand: impl Fn(&str) -> Demand) -> Vec<Demand> {
        texts(self.input, member).map(demand).collect()
    }

    /// "Grant permission to tag resources on creation", ECS developer guide.
    fn created(&self, what: &str, demands: Vec<Demand>, arn: &str) -> Vec<Demand> {
        let tags = &self.input["tags"];
        let demands = demands.into_iter().map(|demand| demand.tagged(tags));
        let is_tagged = tags.as_array().is_some_and(|tags| !tags.is_empty());
        let tagging = is_tagged.then(|| {
            let demand = Demand::new("ecs:TagResource", arn).tagged(tags);
            demand.with(
                "ecs:CreateAction",
                format!("Create{}{}", what[..1].to_uppercase(), &what[1..]),
            )
        });
        demands.chain(tagging).collect()
    }

    /// The number that the revision will have is not known when it is asked for.
    fn registered(&self) -> Vec<Demand> {
        let family = self
            .world
            .arn("ecs", &format!("task-definition/{}:*", text(self.input, "family")));
        let tags = &self.input["tags"];
        let mut demands = vec![self.plain(family.clone()).tagged(tags)];
        if tags.as_array().is_some_and(|tags| !tags.is_empty()) {
            let tagging = Demand::new("ecs:TagResource", family).tagged(tags);
            demands.push(tagging.with("ecs:CreateAction", self.operation));
        }
        for role in ["taskRoleArn", "executionRoleArn"] {
            let role = text(self.input, role);
            let pass = (!role.is_empty()).then(|| Demand::pass_role(self.world, role, TASKS));
            demands.extend(pass.filter(|pass| !demands.contains(pass)));
        }
        demands
    }

    fn cluster_name(&self) -> &str {
        named(last(text(self.input, "cluster")))
    }

    fn cluster(&self, name: &str) -> String {
        self.world.arn("ecs", &format!("cluster/{}", last(name)))
    }

    fn service(&self, name: &str) -> String {
        self.below_cluster("service", name)
    }

    fn task(&self, id: &str) -> String {
        self.below_cluster("task", id)
    }

    fn below_cluster(&self, kind: &str, name: &str) -> String {
        match name.starts_with("arn:") {
            true => name.to_owned(),
            false => self.world.arn("ecs", &format!("{kind}/{}/{name}", self.cluster_name())),
        }
    }
}

/// A request without a cluster is about the one that is called so.
fn named(cluster: &str) -> &str {
    if cluster.is_empty() { "default" } else { cluster }
}

fn last(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}
