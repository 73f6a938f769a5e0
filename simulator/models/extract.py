#!/usr/bin/env python3
"""Writes the parts of AWS's API models that the simulator serves, without their documentation.

    python3 -m venv /tmp/judge && /tmp/judge/bin/pip install -r simulator/judge/requirements.txt
    /tmp/judge/bin/python simulator/models/extract.py            # writes simulator/models/*.json
    /tmp/judge/bin/python simulator/models/extract.py --check    # says whether they are what it would write

To serve another operation, add its name to SERVED and run this again.
"""

import gzip
import json
import pathlib
import sys

import botocore

BOTOCORE = "1.44.5"

# The one list of what the simulator answers; everything else is an UnknownOperationException.
SERVED = {
    "ecs": """
        RegisterTaskDefinition DescribeTaskDefinition DeregisterTaskDefinition ListTaskDefinitions
        CreateCluster DescribeClusters ListClusters
        CreateService UpdateService DescribeServices ListServices DeleteService
        ListTasks DescribeTasks StopTask UpdateTaskProtection GetTaskProtection
        ListServiceDeployments DescribeServiceDeployments StopServiceDeployment DescribeServiceRevisions
        TagResource UntagResource ListTagsForResource
    """,
    "codepipeline": """
        CreatePipeline GetPipeline UpdatePipeline DeletePipeline ListPipelines GetPipelineState
        StartPipelineExecution GetPipelineExecution ListPipelineExecutions ListActionExecutions
        PutApprovalResult StopPipelineExecution RetryStageExecution RollbackStage DisableStageTransition EnableStageTransition
        PutJobSuccessResult PutJobFailureResult GetJobDetails ListTagsForResource TagResource
    """,
    "cloudwatch": """
        PutMetricData GetMetricData
        PutMetricAlarm PutCompositeAlarm DescribeAlarms DescribeAlarmHistory SetAlarmState DeleteAlarms
        EnableAlarmActions DisableAlarmActions
    """,
    "dynamodb": """
        CreateTable DescribeTable GetItem PutItem UpdateItem DeleteItem Query TransactWriteItems BatchGetItem Scan
    """,
    "ssm": """
        GetParameter GetParametersByPath PutParameter DeleteParameter
    """,
    "ecr": """
        BatchGetImage DescribeImages
    """,
    "stepfunctions": """
        CreateStateMachine DescribeStateMachine
        StartExecution DescribeExecution ListExecutions StopExecution GetExecutionHistory
    """,
    "sqs": """
        CreateQueue GetQueueUrl ListQueues ListDeadLetterSourceQueues GetQueueAttributes SetQueueAttributes PurgeQueue
        SendMessage ReceiveMessage DeleteMessage ChangeMessageVisibility
    """,
    "application-autoscaling": """
        DescribeScalableTargets RegisterScalableTarget
    """,
    "elbv2": """
        DescribeLoadBalancers DescribeListeners DescribeRules DescribeTargetGroups DescribeTargetGroupAttributes
        DescribeTargetHealth DescribeTags ModifyRule ModifyListener
    """,
}

API_VERSIONS = {"ecs": "2014-11-13", "codepipeline": "2015-07-09", "cloudwatch": "2010-08-01", "dynamodb": "2012-08-10",
                "ssm": "2014-11-06", "ecr": "2015-09-21", "stepfunctions": "2016-11-23",
                "sqs": "2012-11-05", "application-autoscaling": "2016-02-06", "elbv2": "2015-12-01"}

# Unions in AWS's Smithy models that botocore writes as plain structures.
UNIONS = {("dynamodb", "AttributeValue")}

# Codes that `x-amzn-query-error` has for errors which spoke the query protocol once: `aws.protocols#awsQueryError` of
# AWS's Smithy model, which botocore has left out since SQS speaks JSON. Where none stands here, it is the shape's name.
QUERY_CODES = {
    "sqs": {
        "MessageNotInflight": "AWS.SimpleQueueService.MessageNotInflight",
        "PurgeQueueInProgress": "AWS.SimpleQueueService.PurgeQueueInProgress",
        "QueueDeletedRecently": "AWS.SimpleQueueService.QueueDeletedRecently",
        "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists": "QueueAlreadyExists",
        "UnsupportedOperation": "AWS.SimpleQueueService.UnsupportedOperation",
    },
}

KEPT = ("type", "required", "enum", "min", "max", "pattern", "union", "document", "exception", "fault")


def source(service):
    path = pathlib.Path(botocore.__file__).parent / "data" / service / API_VERSIONS[service] / "service-2.json.gz"
    return json.loads(gzip.decompress(path.read_bytes()))


def reachable(shapes, roots):
    """Names of all shapes that the roots lead to."""
    found, waiting = set(), list(roots)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        shape = shapes[name]
        inner = [shape[k] for k in ("member", "key", "value") if k in shape] + list(shape.get("members", {}).values())
        waiting += [reference["shape"] for reference in inner]
    return sorted(found)


def compact(service, name, shape):
    """One shape, without what only people read."""
    out = {k: shape[k] for k in KEPT if k in shape}
    if shape["type"] == "structure":
        out["members"] = {member: shape["members"][member]["shape"] for member in sorted(shape.get("members", {}))}
    out |= {k: shape[k]["shape"] for k in ("member", "key", "value") if k in shape}
    error = shape.get("error", {})
    if "httpStatusCode" in error:
        out["status"] = error["httpStatusCode"]
    if "code" in error:
        out["code"] = error["code"]
    if name in QUERY_CODES.get(service, {}):
        out["code"] = QUERY_CODES[service][name]
    if (service, name) in UNIONS:
        out["union"] = True
    return out


def only_members(service, shapes):
    """The simulator's query protocol knows no other names on the wire than the model's own."""
    for name, shape in shapes.items():
        places = [shape, *shape.get("members", {}).values(), *(shape[k] for k in ("member", "key", "value") if k in shape)]
        if any("flattened" in place or "locationName" in place for place in places):
            sys.exit(f"{service}: {name} is written otherwise in the query protocol than simulator/src/wire/query.rs does")


def extract(service):
    model = source(service)
    meta, shapes = model["metadata"], model["shapes"]
    operations = {}
    for name in sorted(SERVED[service].split()):
        operation = model["operations"][name]
        operations[name] = {
            side: operation[side]["shape"] for side in ("input", "output") if side in operation
        } | {"errors": sorted(error["shape"] for error in operation.get("errors", []))}
    roots = [o[side] for o in operations.values() for side in ("input", "output") if side in o]
    roots += [error for o in operations.values() for error in o["errors"]]
    # Errors of no operation in particular (validation, access) are shapes of the service all the same.
    roots += [name for name, shape in shapes.items() if shape.get("synthetic") and shape.get("exception")]
    kept = {name: compact(service, name, shapes[name]) for name in reachable(shapes, roots)}
    if meta["protocols"] == ["query"]:
        only_members(service, {name: shapes[name] for name in kept})
    head = {
        "source": "botocore",
        "version": BOTOCORE,
        "service": service,
        "api_version": meta["apiVersion"],
        # A service that speaks the query protocol only has neither.
        "json_version": meta.get("jsonVersion", ""),
        "target_prefix": meta.get("targetPrefix", ""),
        "protocols": meta["protocols"],
        "query_compatible": "awsQueryCompatible" in meta,
    }
    if "xmlNamespace" in meta and "query" in meta["protocols"]:
        head["xml_namespace"] = meta["xmlNamespace"]
    return head, operations, kept


def text(service):
    """One line per operation and shape, so that a new version of AWS's models is a readable diff."""
    head, operations, shapes = extract(service)
    line = lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=True)
    block = lambda entries: ",\n".join(f"{json.dumps(k)}:{line(v)}" for k, v in entries.items())
    first = ",\n".join(f"{json.dumps(k)}:{line(v)}" for k, v in head.items())
    return f'{{{first},\n"operations":{{\n{block(operations)}\n}},\n"shapes":{{\n{block(shapes)}\n}}}}\n'


def main():
    if botocore.__version__ != BOTOCORE:
        sys.exit(f"botocore {BOTOCORE} is needed, this is {botocore.__version__}")
    here = pathlib.Path(__file__).parent
    stale = []
    for service in SERVED:
        path, wanted = here / f"{service}.json", text(service)
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text() != wanted:
                stale.append(path.name)
        else:
            path.write_text(wanted)
            print(f"{path.name}: {len(wanted)} bytes")
    if stale:
        sys.exit(f"not what {pathlib.Path(__file__).name} writes: {', '.join(stale)}")


if __name__ == "__main__":
    main()
