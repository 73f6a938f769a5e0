import unittest
from datetime import datetime

from loading import tool

scenes = tool("scenes")


def account(phase: str | None = "baking", id: str = "orders-1", known: str = "1", more: str = "", **changed) -> object:
    """One in which a release is open, or none."""
    row = {"release_id": {"S": id}, "phase": {"S": phase}, "document": {"S": "{}"}} if phase else {}
    ledger = {("policy#orders", "release"): row, ("policies", "policy#orders"): {"version": known}, ("release#1", more): {}}
    canary = {"image": "orders@sha256:1", "v1": "sha256:1", "deployment": "SUCCESSFUL"}
    whole = {"ledger": ledger, "services": {"orders-canary": ["orders-canary:2", 1, []]}, "pipeline": {}, "executions": []}
    return scenes.Account(**{**whole, "canary": canary, "now": datetime(2026, 11, 21), **changed})


BAD = {"image": "orders:v2", "v1": "sha256:1", "deployment": "SUCCESSFUL"}
MOVED = {"orders-canary": ["orders-canary:3", 1, []]}
ERROR = {"errorType": "Serin.NotATick", "errorMessage": "fine"}

# What it leads to and whither, the answer, the accounts before and after, part of what must be said; None where all is well.
CASES = [
    ("nothing", None, {"says": "fine"}, account(), account(), None),
    ("nothing", None, {"says": "else"}, account(), account(), "does not say 'fine'"),
    ("nothing", None, ERROR, account(), account(), "an error, or not"),
    ("nothing", None, {"says": "fine"}, account(), account(more="wait"), "something changed"),
    ("nothing", None, {"says": "fine"}, account(), account(executions=["clock"]), "something changed"),
    ("nothing", None, {"says": "fine \x1b[2K"}, account(), account(), "rewrite a terminal"),
    ("refused", None, ERROR, account(), account(), None),
    ("refused", None, {"says": "fine"}, account(), account(), "an error, or not"),
    ("refused", None, ERROR, account(), account(more="wait"), "something changed"),
    ("looks", None, {"says": "fine"}, account(), account(more="wait"), None),
    ("looks", None, {"says": "fine"}, account(), account(more="wait", executions=["notice"]), None),
    ("looks", None, {"says": "fine"}, account(), account(), "more or less than a look"),
    ("looks", None, {"says": "fine"}, account(), account("gated"), "more or less than a look"),
    ("looks", None, {"says": "fine"}, account(), account(more="wait", services=MOVED), "more or less than a look"),
    ("opens", None, {"says": "fine"}, account(None), account("deploying"), None),
    ("opens", None, {"says": "fine"}, account(None), account(None), "nothing was opened"),
    ("opens", None, {"says": "fine"}, account(), account(), "nothing was opened"),
    ("to", "watching", {"says": "fine"}, account(), account("watching"), None),
    ("to", "watching", {"says": "fine"}, account(), account(), "did not go to watching"),
    ("to", "watching", {"says": "fine"}, account("watching"), account("watching"), "did not go to watching"),
    ("to", "rolling back", {"says": "fine"}, account(), account("rolling back"), None),
    ("to", "rolling back", {"says": "fine"}, account(), account("rolling back", canary=BAD), "was left with"),
    ("to", "rolling back", {"says": "fine"}, account(), account("rolling back", canary={**BAD, "deployment": "ROLLBACK_REQUESTED"}), None),
    ("replaced", None, {"says": "fine"}, account(), account(id="orders-2"), None),
    ("replaced", None, {"says": "fine"}, account(), account(more="wait"), "no other release"),
    ("replaced", None, {"says": "fine"}, account(), account(None), "no other release"),
    ("learns", None, {"says": "fine"}, account(), account(known="2"), None),
    ("learns", None, {"says": "fine"}, account(), account(more="wait"), "nothing was learned"),
    ("job", "Succeeded", {"says": "fine"}, account(), account(), "not known here"),
]


class Judging(unittest.TestCase):
    def test_each_case_is_judged_as_it_deserves(self):
        for leads, to, answer, before, after, wanted in CASES:
            with self.subTest(f"{leads} {to} {answer} {after}"):
                said = None
                try:
                    scenes.judge({"leads": leads, "to": to, "says": "fine"}, answer, before, after)
                except scenes.Wrong as wrong:
                    said = str(wrong)
                self.assertTrue(said is None if wanted is None else wanted in (said or ""), said)

    def test_every_file_has_a_scene_and_what_the_emulator_plays_itself_is_left_to_it(self):
        listed = [{"event": "alarm/direct-metric"}, {"event": "ssm/parameter-create"}]
        self.assertEqual(scenes.left_to_us(listed, {"alarm/direct-metric", "ssm/parameter-create"}), listed[1:])
        for files in ({"alarm/direct-metric"}, {"alarm/direct-metric", "ssm/parameter-create", "ssm/new"}):
            with self.assertRaisesRegex(scenes.Wrong, "no scene, or no file"):
                scenes.left_to_us(listed, files)


if __name__ == "__main__":
    unittest.main()
