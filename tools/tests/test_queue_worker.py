import json
import time
import unittest

from loading import tool

worker = tool("queue-worker")

METRICS = [{"Name": "Handled", "Unit": "Count"}, {"Name": "Failed", "Unit": "Count"}]
DIRECTIVE = {"Namespace": "Orders", "Dimensions": [["Revision"]], "Metrics": METRICS}
LINE = {
    "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [DIRECTIVE]},
    "Revision": worker.REVISION, "Handled": 3, "Failed": 1,
}


class Lines(unittest.TestCase):
    def test_a_line_that_cloudwatch_takes_is_taken(self):
        self.assertEqual(worker.emf(json.dumps(LINE))["Handled"], 3)

    def test_each_fault_of_a_line_is_seen(self):
        directive = lambda **change: {"_aws": LINE["_aws"] | {"CloudWatchMetrics": [DIRECTIVE | change]}}  # noqa: E731
        for name, change in {
            "seconds instead of milliseconds": {"_aws": LINE["_aws"] | {"Timestamp": int(time.time())}},
            "another revision": {"Revision": "orders:1"},
            "a number as text": {"Failed": "1"},
            "a dimension without a value": directive(Dimensions=[["Service"]]),
            "a unit that there is not": directive(Metrics=[{"Name": "Handled", "Unit": "Messages"}]),
            "a member that there is not": directive(Name="Orders"),
        }.items():
            with self.subTest(name), self.assertRaises((worker.Wrong, KeyError)):
                worker.emf(json.dumps(LINE | change))


if __name__ == "__main__":
    unittest.main()
