"""Row A as it is written today: a Python 3 function with boto3, five calls one after the other.

After the description of AWS's "Guidance for Canary Deployments for Queue Processing Workloads in Amazon ECS": the newest
execution of the pipeline is taken; if it waits at the approval, that is rejected, else the execution is stopped and
abandoned; then the canary is given whatever the main service runs. Written for the bench, with the clients made once
at module level as AWS recommends, so that the comparison is with a Python function at its best.
"""

import os

import boto3

PIPELINE = os.environ["PIPELINE"]
APPROVAL_STAGE = os.environ["APPROVAL_STAGE"]
CLUSTER = os.environ["CLUSTER"]
STABLE = os.environ["STABLE"]
CANARY = os.environ["CANARY"]

codepipeline = boto3.client("codepipeline")
ecs = boto3.client("ecs")


def handler(event, context):
    executions = codepipeline.list_pipeline_executions(pipelineName=PIPELINE, maxResults=1)
    execution = executions["pipelineExecutionSummaries"][0]

    state = codepipeline.get_pipeline_state(name=PIPELINE)
    stage = next(stage for stage in state["stageStates"] if stage["stageName"] == APPROVAL_STAGE)
    action = stage["actionStates"][0]
    approval = action.get("latestExecution", {})
    if approval.get("status") == "InProgress":
        codepipeline.put_approval_result(
            pipelineName=PIPELINE,
            stageName=APPROVAL_STAGE,
            actionName=action["actionName"],
            result={"status": "Rejected", "summary": "alarm: " + str(event.get("alarmArn", "unknown"))},
            token=approval["token"],
        )
    else:
        codepipeline.stop_pipeline_execution(
            pipelineName=PIPELINE, pipelineExecutionId=execution["pipelineExecutionId"], abandon=True
        )

    services = ecs.describe_services(cluster=CLUSTER, services=[STABLE])
    definition = services["services"][0]["taskDefinition"]
    ecs.update_service(cluster=CLUSTER, service=CANARY, taskDefinition=definition)
    return {"restored": CANARY, "taskDefinition": definition}
