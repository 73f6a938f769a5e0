//! CreatePipeline, GetPipeline, UpdatePipeline, ListPipelines, ListTagsForResource, DeletePipeline.

use super::executions::{self, Order};
use super::state::{Pipeline, Status};
use super::structure::{parse, present};
use super::{Found, find, flow, run};
use crate::refusal::Refusal;
use crate::world::World;
use serde_json::{Value, json};

/// Creates a pipeline; AWS runs it once at once.
pub(crate) fn create(world: &mut World, input: &Value) -> Found<Value> {
    let name = declare(world, &input["pipeline"])?;
    for tag in input["tags"].as_array().into_iter().flatten() {
        let [key, value] = ["key", "value"].map(|member| tag[member].as_str().unwrap_or_default());
        super::stage::tag(world, &name, key, value);
    }
    let pipeline = super::with_pipeline(world, &name, |world, pipeline| {
        executions::begin(world, pipeline, Order::new("CreatePipeline", find::caller(world)));
        pipeline.versions[0].0.clone()
    });
    Ok(present(json!({ "pipeline": pipeline, "tags": input.get("tags") })))
}

/// Puts a pipeline there without running it; answers with its name.
pub(crate) fn declare(world: &mut World, declaration: &Value) -> Found<String> {
    let name = declaration["name"].as_str().unwrap_or_default().to_owned();
    if world.codepipeline.pipelines.contains_key(&name) {
        let text = format!(
            "A pipeline with the name '{name}' already exists in account '{}'",
            world.home.account
        );
        return Err(Refusal::new("PipelineNameInUseException", text));
    }
    let pipeline = Pipeline {
        name: name.clone(),
        versions: vec![parse(declaration, 1)?],
        created: world.now,
        updated: world.now,
        executions: Vec::new(),
        runs: Vec::new(),
        stages: Default::default(),
        tokens: Default::default(),
        files: Default::default(),
        behaviours: Default::default(),
    };
    world.codepipeline.pipelines.insert(name.clone(), pipeline);
    Ok(name)
}

/// A pipeline's declaration, of the current or of a named version.
pub(crate) fn get(world: &mut World, input: &Value) -> Found<Value> {
    let name = input["name"].as_str().unwrap_or_default();
    let Some(pipeline) = world.codepipeline.pipelines.get(name) else {
        return Err(find::no_pipeline(world, name));
    };
    let asked = input["version"]
        .as_u64()
        .and_then(|version| usize::try_from(version).ok());
    let version = asked.unwrap_or(pipeline.versions.len());
    let found = version.checked_sub(1).and_then(|index| pipeline.versions.get(index));
    let (declaration, _) = found.ok_or_else(|| {
        let text = format!("Pipeline '{name}' does not have a version {version}");
        Refusal::new("PipelineVersionNotFoundException", text)
    })?;
    Ok(json!({
        "pipeline": declaration,
        "metadata": {
            "pipelineArn": world.arn("codepipeline", name),
            "created": pipeline.created.seconds(), "updated": pipeline.updated.seconds(),
        },
    }))
}

/// UpdatePipeline. Its model has no error for a pipeline that is not there; which one AWS gives is not documented.
pub(crate) fn update(world: &mut World, input: &Value) -> Found<Value> {
    let name = input["pipeline"]["name"].as_str().unwrap_or_default();
    let updated = super::with_pipeline(world, name, |world, pipeline| renew(world, pipeline, input));
    updated.unwrap_or_else(|| {
        let text = find::no_pipeline(world, name).message;
        Err(Refusal::new("InvalidStructureException", text))
    })
}

/// Makes a new version; what is under way cannot go on and is cancelled.
fn renew(world: &mut World, pipeline: &mut Pipeline, input: &Value) -> Found<Value> {
    let version = parse(&input["pipeline"], pipeline.versions.len() + 1)?;
    for execution in 0..pipeline.executions.len() {
        if pipeline.executions[execution].status.is_open() {
            run::abandon(world, pipeline, execution, "CANCELED");
            flow::end_in_stage(world, pipeline, execution, Status::Cancelled);
        }
    }
    pipeline.updated = world.now;
    let declaration = version.0.clone();
    pipeline.versions.push(version);
    Ok(json!({ "pipeline": declaration }))
}

/// All pipelines by name.
pub(crate) fn list(world: &mut World, input: &Value) -> Found<Value> {
    let pipelines = world.codepipeline.pipelines.values();
    let entries = pipelines.map(|pipeline| {
        let (declaration, structure) = &pipeline.versions[pipeline.versions.len() - 1];
        let summary = json!({
            "name": pipeline.name, "version": pipeline.versions.len(), "pipelineType": declaration["pipelineType"],
            "executionMode": structure.mode.name(),
            "created": pipeline.created.seconds(), "updated": pipeline.updated.seconds(),
        });
        (pipeline.name.clone(), summary)
    });
    let (pipelines, token) = find::page(world, input, 1000, entries.collect())?;
    Ok(present(json!({ "pipelines": pipelines, "nextToken": token })))
}

/// The tags of a pipeline, by its ARN. Webhooks and custom actions, which have tags as well, are not simulated.
pub(crate) fn list_tags(world: &mut World, input: &Value) -> Found<Value> {
    let name = tagged(world, input)?;
    let tags = world.codepipeline.tags_of(&name).into_iter();
    let tags = tags.map(|(key, value)| (key.clone(), json!({ "key": key, "value": value })));
    let (tags, token) = find::page(world, input, 100, tags.collect())?;
    Ok(present(json!({ "tags": tags, "nextToken": token })))
}

/// Adds tags, and writes over those of the same keys.
pub(crate) fn tag(world: &mut World, input: &Value) -> Found<Value> {
    let name = tagged(world, input)?;
    for tag in input["tags"].as_array().into_iter().flatten() {
        let [key, value] = ["key", "value"].map(|member| tag[member].as_str().unwrap_or_default());
        super::stage::tag(world, &name, key, value);
    }
    Ok(json!({}))
}

/// The pipeline whose tags are asked for; stages, actions and webhooks have none here.
fn tagged(world: &World, input: &Value) -> Found<String> {
    let arn = input["resourceArn"].as_str().unwrap_or_default();
    let name = arn.rsplit(':').next().unwrap_or_default();
    if arn != world.arn("codepipeline", name) {
        return Err(Refusal::new(
            "InvalidArnException",
            format!("Invalid resource arn: {arn}"),
        ));
    }
    if !world.codepipeline.pipelines.contains_key(name) {
        let text = format!("The resource {arn} does not exist");
        return Err(Refusal::new("ResourceNotFoundException", text));
    }
    Ok(name.to_owned())
}

/// Removes a pipeline; not an error where there is none. Its jobs can still be answered.
pub(crate) fn delete(world: &mut World, input: &Value) -> Found<Value> {
    let name = input["name"].as_str().unwrap_or_default();
    world.codepipeline.pipelines.remove(name);
    world.codepipeline.tags.remove(name);
    Ok(json!({}))
}
