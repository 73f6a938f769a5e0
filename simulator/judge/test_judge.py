#!/usr/bin/env python3
"""A judge that finds nothing is worth nothing: here are replies that must be found out, and some that must not.

    /tmp/judge/bin/python simulator/judge/test_judge.py
"""

import base64
import datetime
import json
import unittest

import cbor2

import judge

MODELS = judge.Models()
EPOCH = datetime.datetime(2026, 11, 21, 3, tzinfo=datetime.timezone.utc)


def wrapped(operation, members):
    return (
        f'<{operation}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/">'
        f"<{operation}Result>{members}</{operation}Result>"
        f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{operation}Response>"
    )


def failed(code, whose="Sender"):
    return (
        '<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><Error>'
        f"<Type>{whose}</Type><Code>{code}</Code><Message>no</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    )


def in_xml(operation, text, status=200, expect="ok"):
    return {
        "service": "elbv2", "operation": operation, "protocol": "query", "status": status, "expect": expect, "note": "",
        "headers": {"content-type": "text/xml", "x-amzn-requestid": "1"},
        "body": base64.b64encode(text.encode()).decode(),
    }


def recording(service, operation, body, protocol="json", status=200, expect="ok", headers=None):
    version = MODELS.service(service).metadata["jsonVersion"]
    if protocol == "json":
        kind, raw = f"application/x-amz-json-{version}", json.dumps(body).encode()
    else:
        kind, raw = "application/cbor", cbor2.dumps(body, datetime_as_timestamp=True)
    base = {"content-type": kind, "x-amzn-requestid": "1"}
    if protocol != "json":
        base["smithy-protocol"] = "rpc-v2-cbor"
    base |= headers or {}
    return {
        "service": service, "operation": operation, "protocol": protocol, "status": status, "expect": expect,
        "note": "", "headers": {k: v for k, v in base.items() if v}, "body": base64.b64encode(raw).decode(),
    }


def alarm(**members):
    return {"MetricAlarms": [members]}


CBOR = "smithy-rpc-v2-cbor"
NOT_FOUND = {"__type": "com.amazonaws.cloudwatch#ResourceNotFound", "message": "no"}
QUERY = {"x-amzn-query-error": "ResourceNotFound;Sender"}

# What, recording, part of what the judge must say; None where it must say nothing.
CASES = [
    ("a good reply", recording("ecs", "ListTasks", {"taskArns": ["a"]}), None),
    ("a misspelled member", recording("ecs", "ListTasks", {"taskArn": ["a"]}), "no member 'taskArn'"),
    ("a member of the wrong type", recording("ecs", "ListTasks", {"taskArns": "a"}), "is no StringList"),
    ("a number as text", recording("ecs", "DescribeServices", {"services": [{"desiredCount": "2"}]}), "is no integer"),
    ("an unknown value", recording("ecs", "DescribeServices", {"services": [{"launchType": "MOON"}]}), "is none of"),
    ("a required member is missing",
     recording("codepipeline", "GetPipeline", {"pipeline": {"name": "p", "roleArn": "r"}}), "lacks stages"),
    ("a null", recording("ecs", "ListTasks", {"taskArns": None}), "is no StringList"),
    ("members where there are none", recording("cloudwatch", "DeleteAlarms", {"a": 1}), "a reply without members"),
    ("the wrong status", recording("ecs", "ListTasks", {}, status=202), "status 202"),
    ("the wrong content type",
     recording("ecs", "ListTasks", {}, headers={"content-type": "application/json"}), "content-type"),
    ("no request id", recording("ecs", "ListTasks", {}, headers={"x-amzn-requestid": ""}), "no x-amzn-requestid"),
    ("good CBOR", recording("cloudwatch", "DescribeAlarms", alarm(Threshold=5.0, StateUpdatedTimestamp=EPOCH), CBOR), None),
    ("a whole number for a double", recording("cloudwatch", "DescribeAlarms", alarm(Threshold=5), CBOR), "is no double"),
    ("a double for a whole number", recording("cloudwatch", "DescribeAlarms", alarm(Period=60.0), CBOR), "is no integer"),
    ("a time without its tag",
     recording("cloudwatch", "DescribeAlarms", alarm(StateUpdatedTimestamp=1795230000.0), CBOR), "is no timestamp"),
    ("a good error", recording("cloudwatch", "SetAlarmState", NOT_FOUND, CBOR, 404, "ResourceNotFound", QUERY), None),
    ("the wrong status of an error",
     recording("cloudwatch", "SetAlarmState", NOT_FOUND, CBOR, 400, "ResourceNotFound", QUERY), "has status 400"),
    ("an error of another operation",
     recording("cloudwatch", "DescribeAlarms", NOT_FOUND, CBOR, 404, "ResourceNotFound", QUERY), "has no error"),
    ("the wrong code of the query protocol",
     recording("cloudwatch", "SetAlarmState", NOT_FOUND, CBOR, 404, "ResourceNotFound",
               {"x-amzn-query-error": "NotFound;Sender"}), "botocore reads code 'NotFound'"),
    ("another error than expected",
     recording("cloudwatch", "SetAlarmState", NOT_FOUND, CBOR, 404, "InvalidFormatFault", QUERY), "expected InvalidFormat"),
    ("an error that should have been a reply",
     recording("ecs", "ListTasks", {"__type": "ClientException", "message": "no"}, status=400), "status 400"),
    ("a common error, of which other operations have one of their own",
     recording("ssm", "GetParameter", {"__type": "ThrottlingException", "message": "no"}, status=400, expect="trouble"),
     None),
    ("the service's own common error with an invented member",
     recording("dynamodb", "GetItem", {"__type": "ThrottlingException", "message": "no", "hint": 1}, status=400,
               expect="trouble"), "no member 'hint'"),
    ("an error with a member of its own invention",
     recording("ecs", "ListTasks", {"__type": "ClientException", "message": "no", "hint": 1}, status=400,
               expect="ClientException"), "no member 'hint'"),
    ("a good reply in XML",
     in_xml("DescribeRules", wrapped("DescribeRules", "<Rules><member><RuleArn>a</RuleArn><IsDefault>true</IsDefault>"
                                     "<Conditions></Conditions></member></Rules>")), None),
    ("an empty list in XML", in_xml("DescribeRules", wrapped("DescribeRules", "<Rules></Rules>")), None),
    ("a time in XML",
     in_xml("DescribeLoadBalancers", wrapped("DescribeLoadBalancers", "<LoadBalancers><member><CreatedTime>"
                                             "2026-11-21T03:00:00.25Z</CreatedTime></member></LoadBalancers>")), None),
    ("no time in XML",
     in_xml("DescribeLoadBalancers", wrapped("DescribeLoadBalancers", "<LoadBalancers><member><CreatedTime>soon"
                                             "</CreatedTime></member></LoadBalancers>")), "cannot be read"),
    ("a misspelled element",
     in_xml("DescribeRules", wrapped("DescribeRules", "<Rules><member><Arn>a</Arn></member></Rules>")), "no member 'Arn'"),
    ("a text for a number",
     in_xml("DescribeListeners", wrapped("DescribeListeners", "<Listeners><member><Port>web</Port></member></Listeners>")),
     "cannot be read"),
    ("a reply in the wrapper of another operation",
     in_xml("DescribeRules", wrapped("ModifyRule", "<Rules></Rules>")), "cannot be read"),
    ("a good error in XML", in_xml("ModifyRule", failed("RuleNotFound"), 400, "RuleNotFoundException"), None),
    ("an error in XML by the name of its shape",
     in_xml("ModifyRule", failed("RuleNotFoundException"), 400, "RuleNotFoundException"), "botocore reads code"),
    ("an error in XML that says it is the other side's fault",
     in_xml("ModifyRule", failed("RuleNotFound", "Receiver"), 400, "RuleNotFoundException"), "not wrapped"),
    ("a common error in XML", in_xml("ModifyRule", failed("ValidationError"), 400, "ValidationException"), None),
    ("a common error in XML by its name in JSON",
     in_xml("ModifyRule", failed("ValidationException"), 400, "ValidationException"), "botocore reads code"),
    ("a denial in XML with the status it has in JSON",
     in_xml("ModifyRule", failed("AccessDenied"), 400, "AccessDeniedException"), "has status 400"),
]


class Judging(unittest.TestCase):
    def test_each_case_is_judged_as_it_deserves(self):
        for what, case, wanted in CASES:
            with self.subTest(what):
                faults, _ = judge.judge(MODELS, case)
                if wanted is None:
                    self.assertEqual(faults, [])
                else:
                    self.assertTrue(any(wanted in fault for fault in faults), faults)

    def test_what_was_never_recorded_is_missed(self):
        served = {"ecs": {"json": ["ListTasks", "StopTask"]}}
        seen = {("ecs", "json", "ListTasks", "ok"), ("ecs", "json", "StopTask", "ClientException")}
        gaps = judge.missing(seen, served, {"ecs": ["ClientException", "ClusterNotFoundException"]})
        self.assertEqual(gaps, [
            "ecs StopTask (json): no recording of a reply",
            "ecs: no recording of ClusterNotFoundException",
        ])

    def test_a_service_without_a_list_of_errors_is_missed(self):
        served = {"dynamodb": {"json": []}, "ecs": {"json": []}}
        cases = [
            ({"dynamodb": [], "ecs": [], "never": {"dynamodb": [], "ecs": []}}, []),
            ({"ecs": [], "never": {"dynamodb": [], "ecs": []}}, ["dynamodb: errors.json has no list for it"]),
            ({"dynamodb": [], "ecs": [], "never": {"ecs": []}}, ['dynamodb: "never" of errors.json has no list for it']),
            ({"dynamodb": [], "ecs": [], "ssm": [], "never": {"dynamodb": [], "ecs": []}},
             ["ssm: errors.json lists it, and it is not served"]),
            ({"dynamodb": [], "ecs": [], "never": {"dynamodb": [], "ecs": [], "ssm": []}},
             ['ssm: "never" of errors.json lists it, and it is not served']),
        ]
        for errors, wanted in cases:
            with self.subTest(errors):
                self.assertEqual(judge.unlisted(served, errors), wanted)

    def test_a_service_that_excuses_nothing_must_show_every_error(self):
        gaps = judge.unheard(MODELS, "dynamodb", {"json": ["Scan"]}, [], set())
        self.assertIn("dynamodb Scan (json): no recording of ResourceNotFoundException", gaps)

    def test_an_error_of_the_model_is_heard_or_excused_and_never_both(self):
        served = {"json": ["SetAlarmState"]}
        heard = {("cloudwatch", "json", "SetAlarmState", "ResourceNotFound")}
        missed = "cloudwatch SetAlarmState (json): no recording of InvalidFormatFault"
        excused = {"error": "InvalidFormatFault", "operations": ["SetAlarmState"]}
        contradicted = {"error": "ResourceNotFound"}
        stale = {"error": "InvalidFormatFault", "operations": ["DescribeAlarms"]}
        cases = [
            ([], [missed]),
            ([excused], []),
            ([excused, contradicted], ["cloudwatch SetAlarmState (json): ResourceNotFound is said never to come, and came"]),
            ([stale], [missed, "cloudwatch: no operation has the InvalidFormatFault that is said never to come"]),
        ]
        for never, wanted in cases:
            with self.subTest(never):
                self.assertEqual(judge.unheard(MODELS, "cloudwatch", served, never, heard), wanted)


if __name__ == "__main__":
    unittest.main()
