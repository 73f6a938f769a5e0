import unittest
from types import SimpleNamespace

from loading import tool

emulator = tool("emulator")

BASELINE = "canary:1"
BEFORE = {
    "canary": "canary:2", "definition": "family:2", "stable": "stable:1", "approval": "InProgress", "alarms": ["dlq"], "generation": 1,
    "phase": "baking",
}
RESTORED = BEFORE | {"canary": BASELINE, "approval": "Failed", "generation": 3, "phase": "rolling back"}
ERROR = {"errorType": "Undecodable", "errorMessage": "no"}

# What is expected, the answer, the world afterwards, part of what must be said; None where it is as it should be.
CASES = [
    ("restored", {}, RESTORED, None),
    ("restored", ERROR, RESTORED, "expected it to be restored"),
    ("restored", {}, BEFORE, "canary is canary:2"),
    ("restored", {}, RESTORED | {"canary": "canary:0"}, "canary is canary:0"),
    ("restored", {}, RESTORED | {"approval": "Succeeded"}, "approval is Succeeded"),
    ("restored", {}, RESTORED | {"phase": "baking"}, "phase is baking"),
    ("restored", {}, RESTORED | {"generation": 1}, "generation went from 1 to 1"),
    ("restored", {}, RESTORED | {"stable": "stable:0"}, "stable was changed"),
    ("restored", {}, RESTORED | {"alarms": []}, "alarms changed"),
    ("untouched", {}, BEFORE, None),
    ("untouched", ERROR, BEFORE, "expected it to be untouched"),
    ("untouched", {}, BEFORE | {"generation": 2}, "generation went from 1 to 2"),
    ("untouched", {}, BEFORE | {"phase": "rolling back"}, "phase went from baking"),
    ("untouched", {}, BEFORE | {"approval": "Failed"}, "approval went from InProgress"),
    ("untouched", {}, BEFORE | {"canary": BASELINE}, "canary went from canary:2"),
    ("untouched", {}, BEFORE | {"definition": "family:3"}, "definition went from family:2"),
    ("refused", ERROR, BEFORE, None),
    ("refused", {}, BEFORE, "expected it to be refused"),
    ("refused", ERROR, BEFORE | {"generation": 2}, "generation went from 1 to 2"),
]


class Judging(unittest.TestCase):
    def test_each_case_is_judged_as_it_deserves(self):
        for expected, answer, after, wanted in CASES:
            with self.subTest(f"{expected} {answer} {after}"):
                told = None
                try:
                    emulator.judge(expected, answer, SimpleNamespace(**BEFORE), SimpleNamespace(**after), BASELINE)
                except emulator.Wrong as wrong:
                    told = str(wrong)
                self.assertTrue(told is None if wanted is None else wanted in (told or ""), told)

    def test_a_lab_that_was_right_from_the_start_shows_nothing(self):
        before = SimpleNamespace(**BEFORE | {"canary": BASELINE})
        with self.assertRaisesRegex(emulator.Wrong, "shows nothing"):
            emulator.judge("restored", {}, before, SimpleNamespace(**RESTORED), BASELINE)


if __name__ == "__main__":
    unittest.main()
