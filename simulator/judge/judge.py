#!/usr/bin/env python3
"""Judges the simulator's recorded replies by AWS's own models and parsers.

    cargo test -p simulator --test recordings                     # writes target/recordings/*.json
    python3 -m venv /tmp/judge && /tmp/judge/bin/pip install -r simulator/judge/requirements.txt
    /tmp/judge/bin/python simulator/judge/judge.py

Three readings of every reply must agree: the plain one (json, cbor2), botocore's parser, and botocore's model.
The plain one is what finds a misspelled member, which botocore drops without a word.

Nothing of the simulator is imported; from it come the recordings, the list of operations it says it serves
(simulator/models/*.json) and the list of errors it says it knows (simulator/judge/errors.json): by service, and
under "never" those of AWS's model that its operations never give, with the reason.
"""

import argparse
import base64
import datetime
import io
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import botocore
import botocore.loaders
import botocore.model
import botocore.parsers
import cbor2

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BOTOCORE = "1.44.5"

# Errors any operation may answer with: "Common errors" of the services' API references, and what
# the readers of requests say before a service sees them.
COMMON = {
    "AccessDeniedException": 400,
    "ThrottlingException": 400,
    "ValidationException": 400,
    "InternalFailure": 500,
    "ServiceUnavailable": 503,
    "SerializationException": 400,
    "UnknownOperationException": 400,
    "MissingAuthenticationTokenException": 400,
}
# Codes of the query protocol for those common errors whose names differ there.
COMMON_IN_QUERY = {
    "AccessDeniedException": "AccessDenied",
    "ThrottlingException": "Throttling",
    "InvalidParameterValueException": "InvalidParameterValue",
    "MissingRequiredParameterException": "MissingParameter",
}
# Names and a status that common errors have where nothing but the query protocol is spoken ("Common errors" of Elastic
# Load Balancing; 403 is what its users quote).
QUERY_ONLY = {
    "ValidationException": "ValidationError",
    "UnknownOperationException": "InvalidAction",
    "SerializationException": "MalformedInput",
}
QUERY_STATUS = {"AccessDeniedException": 403}
# Errors that are in no model, of single services: "Common errors" of SQS, as it has sent them since it speaks JSON.
COMMON_OF = {"sqs": {"InvalidParameterValueException": 400, "MissingRequiredParameterException": 400}}
# Codes of the query protocol that SQS keeps alive in a header (`awsQueryError` of AWS's Smithy model); botocore's
# model has lost them, and its users still know them by these names.
QUERY_CODES = {
    "sqs": {
        "MessageNotInflight": "AWS.SimpleQueueService.MessageNotInflight",
        "PurgeQueueInProgress": "AWS.SimpleQueueService.PurgeQueueInProgress",
        "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
        "QueueNameExists": "QueueAlreadyExists",
    },
}


class Models:
    """botocore's service models, read once."""

    def __init__(self):
        self.loader = botocore.loaders.Loader()
        self.models = {}

    def service(self, name):
        if name not in self.models:
            self.models[name] = botocore.model.ServiceModel(self.loader.load_service_model(name, "service-2"), name)
        return self.models[name]


def raw_body(protocol, body):
    """The body as it is, read without any model; None where there is none."""
    if not body:
        return None
    if protocol == "query":
        return plain(ElementTree.fromstring(body))
    if protocol == "json":
        return json.loads(body)
    stream = io.BytesIO(body)
    value = cbor2.load(stream)
    if stream.read(1):
        raise ValueError("bytes after the end of the body")
    return value


def plain(element):
    """An XML element as names, lists and texts; one without content is an empty text."""
    inner = [(child.tag.rpartition("}")[2], plain(child)) for child in element]
    if inner and all(name == "member" for name, _ in inner):
        return [value for _, value in inner]
    if len({name for name, _ in inner}) < len(inner) and any(name != "entry" for name, _ in inner):
        raise ValueError(f"{element.tag} has an element twice")
    if inner and all(name == "entry" for name, _ in inner):
        return {entry["key"]: entry["value"] for _, entry in inner}
    if inner and (element.text or "").strip():
        raise ValueError(f"{element.tag} has text beside elements")
    return dict(inner) if inner else element.text or ""


def typed(shape, value):
    """A plain reading of XML with the types that its model gives it; what does not fit stays as it is."""
    kind = shape.type_name
    if value == "" and kind in ("structure", "map"):
        return {}
    if value == "" and kind == "list":
        return []
    if kind == "structure" and isinstance(value, dict):
        known = shape.members
        return {name: typed(known[name], inner) if name in known else inner for name, inner in value.items()}
    if kind == "list" and isinstance(value, list):
        return [typed(shape.member, inner) for inner in value]
    if kind == "map" and isinstance(value, dict):
        return {key: typed(shape.value, inner) for key, inner in value.items()}
    try:
        match kind:
            case "integer" | "long":
                return int(value)
            case "double" | "float":
                return float(value)
            case "boolean":
                return {"true": True, "false": False}.get(value, value)
            case "timestamp":
                return datetime.datetime.fromisoformat(value).timestamp()
    except (TypeError, ValueError):
        pass
    return value


def unwrapped(operation, raw, status, faults):
    """What the query protocol wraps: a reply's members, or an error as the JSON protocols write it."""
    name = operation.name
    if status == 200:
        if sorted(raw) != sorted([f"{name}Result", "ResponseMetadata"]) or "RequestId" not in raw["ResponseMetadata"]:
            faults.append(f"a reply of {name} has {sorted(raw)}")
        return typed(operation.output_shape, raw.get(f"{name}Result", ""))
    error = raw.get("Error", {}) if isinstance(raw, dict) else {}
    whose = "Receiver" if status >= 500 else "Sender"
    if sorted(raw) != ["Error", "RequestId"] or sorted(error) != ["Code", "Message", "Type"] or error["Type"] != whose:
        faults.append(f"an error that is not wrapped as one: {raw!r}")
    code = error.get("Code", "")
    shapes = {shape.metadata.get("error", {}).get("code", shape.name): shape.name for shape in operation.error_shapes}
    common = {code: name for name, code in (COMMON_IN_QUERY | QUERY_ONLY).items()}
    return {"__type": shapes.get(code) or common.get(code, code), "message": error.get("Message")}


def fits(shape, value, protocol):
    """Whether a scalar is written as the protocol writes this shape."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    whole = isinstance(value, int) and not isinstance(value, bool)
    cbor = protocol == "smithy-rpc-v2-cbor"
    match shape.type_name:
        case "string" | "character":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return whole and -(2**31) <= value < 2**31
        case "long":
            return whole and -(2**63) <= value < 2**63
        case "double" | "float":
            return isinstance(value, float) if cbor else number
        case "timestamp":
            return isinstance(value, datetime.datetime) if cbor else number
        case "blob":
            return isinstance(value, bytes) if cbor else isinstance(value, str) and is_base64(value)
    return False


def is_base64(text):
    try:
        base64.b64decode(text, validate=True)
        return True
    except ValueError:
        return False


def against_model(shape, value, protocol, path, faults):
    """Everything in `value` that the shape does not allow."""
    kind = shape.type_name
    if kind == "structure" and getattr(shape, "is_document_type", False):
        return
    if kind == "structure":
        if not isinstance(value, dict):
            faults.append(f"{path}: {value!r} is no {shape.name}")
            return
        faults += [f"{path}: lacks {name}" for name in shape.required_members if name not in value]
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            faults.append(f"{path}: a union with members {sorted(value)}")
        for name, inner in value.items():
            if name not in shape.members:
                faults.append(f"{path}: no member {name!r} in {shape.name}")
            else:
                against_model(shape.members[name], inner, protocol, f"{path}.{name}", faults)
    elif kind == "list":
        if not isinstance(value, list):
            faults.append(f"{path}: {value!r} is no {shape.name}")
            return
        for i, inner in enumerate(value):
            against_model(shape.member, inner, protocol, f"{path}[{i}]", faults)
    elif kind == "map":
        if not isinstance(value, dict):
            faults.append(f"{path}: {value!r} is no {shape.name}")
            return
        for key, inner in value.items():
            against_model(shape.key, key, protocol, f"{path} key", faults)
            against_model(shape.value, inner, protocol, f"{path}[{key!r}]", faults)
    elif not fits(shape, value, protocol):
        faults.append(f"{path}: {value!r} is no {kind} ({shape.name})")
    elif kind == "string" and getattr(shape, "enum", None) and value not in shape.enum:
        faults.append(f"{path}: {value!r} is none of {shape.enum}")


def names(value):
    """All names in a reply, so that two readings can be compared."""
    if isinstance(value, dict):
        return {key: names(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [names(inner) for inner in value]
    return None


def judge_reply(operation, recording, raw, parsed, faults):
    shape = operation.output_shape
    if recording["status"] != 200:
        faults.append(f"status {recording['status']}, wanted 200")
    if shape is None:
        if raw not in (None, {}):
            faults.append(f"a reply without members has {sorted(raw)}")
        return
    if raw is None:
        faults.append("no body")
        return
    against_model(shape, raw, recording["protocol"], operation.name, faults)
    parsed = {key: value for key, value in parsed.items() if key != "ResponseMetadata"}
    if names(parsed) != names(raw):
        faults.append(f"botocore reads other members than were sent: {names(parsed)} from {names(raw)}")


def judge_error(service, operation, recording, raw, parsed, faults):
    if not isinstance(raw, dict) or "__type" not in raw:
        faults.append(f"an error without __type: {raw!r}")
        return None
    name = raw["__type"].rpartition("#")[2]
    shape = next((shape for shape in operation.error_shapes if shape.name == name), None)
    common = COMMON | COMMON_OF.get(service.service_name, {})
    if shape is None and name not in common:
        faults.append(f"{operation.name} has no error {name}")
        return name
    # Errors of the service but of no operation in particular are modelled all the same; other operations' own
    # errors of that name are not (Systems Manager has a ValidationException of a few operations, with `Message`).
    if shape is None and name in service.shape_names:
        other = service.shape_for(name)
        shape = other if other._shape_model.get("synthetic") else None
    status, code = common.get(name, 400), COMMON_IN_QUERY.get(name, name)
    query = recording["protocol"] == "query"
    if query:
        status, code = QUERY_STATUS.get(name, status), QUERY_ONLY.get(name, code)
    members = {key: value for key, value in raw.items() if key != "__type"}
    if shape is not None:
        error = shape.metadata.get("error", {})
        # botocore's shape objects leave `fault` out; it is in the model they are made of.
        status = error.get("httpStatusCode", 500 if shape._shape_model.get("fault") else 400)
        code = error.get("code", QUERY_CODES.get(service.service_name, {}).get(name, code))
        # Some error shapes have no member for their text, which is sent regardless.
        known = {key.lower() for key in shape.members}
        described = {k: v for k, v in members.items() if k.lower() != "message" or "message" in known}
        against_model(shape, described, recording["protocol"], name, faults)
    elif set(members) - {"message", "Message"}:
        faults.append(f"{name} has no members {sorted(members)}")
    if recording["status"] != status:
        faults.append(f"{name} has status {recording['status']}, wanted {status}")
    if "awsQueryCompatible" not in service.metadata and not query:
        code = name
    if parsed["Error"].get("Code") != code:
        faults.append(f"botocore reads code {parsed['Error'].get('Code')!r}, wanted {code!r}")
    if not parsed["Error"].get("Message"):
        faults.append("botocore reads no message")
    return name


def judge(models, recording):
    """What is wrong with one recording, and what it is a recording of: `ok` or an error's name."""
    faults = []
    service = models.service(recording["service"])
    operation = service.operation_model(recording["operation"])
    body, protocol = base64.b64decode(recording["body"]), recording["protocol"]
    headers = {name.lower(): value for name, value in recording["headers"].items()}
    try:
        raw = raw_body(protocol, body)
        parser = botocore.parsers.create_parser(protocol)
        response = {"status_code": recording["status"], "headers": headers, "body": body}
        # An operation without output shape and without body is all there is to read.
        empty = operation.output_shape is None and not body and recording["status"] == 200
        if protocol == "query":
            raw = unwrapped(operation, raw, recording["status"], faults)
        parsed = {} if empty else parser.parse(response, operation.output_shape)
    except Exception as error:  # whatever it is, it is a reply AWS's reader cannot read
        return [f"cannot be read: {type(error).__name__}: {error}"], "unreadable"
    judge_headers(service, protocol, headers, body, faults)
    if recording["expect"] == "ok" or recording["status"] == 200:
        judge_reply(operation, recording, raw, parsed, faults)
        return faults, "ok"
    name = judge_error(service, operation, recording, raw, parsed, faults)
    if recording["expect"] not in ("trouble", name):
        faults.append(f"expected {recording['expect']}, got {name}")
    return faults, name


def judge_headers(service, protocol, headers, body, faults):
    if not headers.get("x-amzn-requestid"):
        faults.append("no x-amzn-requestid")
    if protocol == "json":
        wanted = f"application/x-amz-json-{service.metadata['jsonVersion']}"
    elif protocol == "query":
        wanted = "text/xml"
    else:
        wanted = "application/cbor" if body else None
        if headers.get("smithy-protocol") != "rpc-v2-cbor":
            faults.append(f"smithy-protocol is {headers.get('smithy-protocol')!r}")
    if headers.get("content-type") != wanted:
        faults.append(f"content-type is {headers.get('content-type')!r}, wanted {wanted!r}")


def unheard(models, service, protocols, never, seen):
    """Errors in AWS's model of an operation that no recording shows, save those said never to come."""
    out, used = [], set()
    for protocol, operations in protocols.items():
        for operation in operations:
            for shape in models.service(service).operation_model(operation).error_shapes:
                excuses = [
                    i
                    for i, entry in enumerate(never)
                    if entry["error"] == shape.name and operation in entry.get("operations", [operation])
                ]
                used.update(excuses)
                heard = (service, protocol, operation, shape.name) in seen
                if heard and excuses:
                    out.append(f"{service} {operation} ({protocol}): {shape.name} is said never to come, and came")
                elif not heard and not excuses:
                    out.append(f"{service} {operation} ({protocol}): no recording of {shape.name}")
    stale = [entry for i, entry in enumerate(never) if i not in used]
    return out + [f"{service}: no operation has the {entry['error']} that is said never to come" for entry in stale]


def unlisted(served, errors):
    """Services that errors.json leaves out, or names although they are not served."""
    out = []
    for part, listed in (("", set(errors) - {"never"}), ('"never" of ', set(errors["never"]))):
        out += [f"{service}: {part}errors.json has no list for it" for service in sorted(served.keys() - listed)]
        out += [f"{service}: {part}errors.json lists it, and it is not served" for service in sorted(listed - served.keys())]
    return out


def missing(seen, served, errors):
    """What the simulator says it does, and no recording shows."""
    out = []
    for service, protocols in served.items():
        for protocol, operations in protocols.items():
            out += [
                f"{service} {operation} ({protocol}): no recording of a reply"
                for operation in operations
                if (service, protocol, operation, "ok") not in seen
            ]
        shown = {name for (of, _, _, name) in seen if of == service}
        out += [f"{service}: no recording of {name}" for name in errors.get(service, []) if name not in shown]
    return out


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--recordings", type=pathlib.Path, default=ROOT / "target" / "recordings")
    arguments.add_argument("--allow-missing", action="store_true", help="gaps in the recordings are told, not counted")
    arguments.add_argument("--verbose", action="store_true", help="list what passed as well")
    options = arguments.parse_args()
    if botocore.__version__ != BOTOCORE:
        sys.exit(f"botocore {BOTOCORE} is needed, this is {botocore.__version__}")
    models, seen, passed, failed = Models(), set(), 0, 0
    served = {}
    for path in sorted((HERE.parent / "models").glob("*.json")):
        model = json.loads(path.read_text())
        # The query protocol is served where there is no other.
        spoken = [p for p in model["protocols"] if p in ("json", "smithy-rpc-v2-cbor") or model["protocols"] == ["query"]]
        served[path.stem] = {protocol: sorted(model["operations"]) for protocol in spoken}
    for service in served:
        path = options.recordings / f"{service}.json"
        if not path.exists():
            sys.exit(f"{path} is missing: run `cargo test -p simulator --test recordings` first")
        for i, recording in enumerate(json.loads(path.read_text())):
            faults, name = judge(models, recording)
            title = f"{service}[{i}] {recording['operation']} ({recording['protocol']}; {recording['note']})"
            if faults:
                failed += 1
                print(f"FAIL {title}")
                print("".join(f"     {fault}\n" for fault in faults), end="")
            else:
                passed += 1
                seen.add((recording["service"], recording["protocol"], recording["operation"], name))
                if options.verbose:
                    print(f"pass {title}: {name}")
    errors = json.loads((HERE / "errors.json").read_text())
    gaps = unlisted(served, errors) + missing(seen, served, errors)
    for service, protocols in served.items():
        gaps += unheard(models, service, protocols, errors["never"].get(service, []), seen)
    for gap in gaps:
        print(f"{'note' if options.allow_missing else 'FAIL'} {gap}")
        failed += 0 if options.allow_missing else 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
