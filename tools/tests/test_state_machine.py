import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

from loading import tool

machine = tool("state-machine")


def run(states: list[str], answers: list[dict], end: dict) -> "machine.Run":
    lines = [{"kind": "event", "type": "StateEntered", "state": {"name": name}} for name in states]
    lines += [{"kind": "answered", "payload": {}, "answer": answer} for answer in answers]
    folder = Path(tempfile.mkdtemp())
    for function in machine.FUNCTIONS:
        (folder / f"{function}.log").write_text("")
    return machine.Run(SimpleNamespace(scratch=folder), [*lines, {"kind": "ended", **end}])


class Reading(unittest.TestCase):
    def test_every_name_in_the_texts_is_substituted(self):
        for name in ("clock", "start"):
            self.assertNotIn("${", str(machine.definition(name)))

    def test_a_name_that_is_not_known_is_told(self):
        known = dict(machine.SUBSTITUTES)
        try:
            machine.SUBSTITUTES.pop("OpenFunction")
            with self.assertRaisesRegex(machine.Wrong, "does not know"):
                machine.definition("start")
        finally:
            machine.SUBSTITUTES.update(known)

    def test_phases_are_told_once_for_as_long_as_they_last(self):
        answers = [{"phase": phase} for phase in ("baking", "baking", "rolling back", "rolled back", "rolled back")]
        self.assertEqual(run([], answers, {}).phases(), ["baking", "rolling back", "rolled back"])


class Judging(unittest.TestCase):
    def judged(self, check, *runs) -> str:
        pending = list(runs)
        account = SimpleNamespace(run=lambda *given, **more: pending.pop(0), runs=lambda service: "image")
        with self.assertRaises(machine.Wrong) as wrong:
            check(account)
        return str(wrong.exception)

    def test_a_start_that_should_fail_and_does_not_is_found(self):
        accepted = run(["Open", "Judged", "Accepted"], [], {"status": "SUCCEEDED", "output": {}})
        self.assertIn("it was to fail", self.judged(machine.refused, accepted))
        silent = run(["Open", "Judged", "Refused"], [], {"status": "FAILED", "error": "Serin.Refused", "cause": ""})
        self.assertIn("the cause was to be the reason", self.judged(machine.refused, silent))

    def test_a_clock_that_never_ends_or_rolls_nothing_back_is_found(self):
        states = ["Advance", "Trouble", "Count", "LapOver", "Advance", "Judged", "Promoted"]
        promoted = run(states, [{"phase": "promoted"}], {"status": "SUCCEEDED", "output": {"look": {"because": "x"}}})
        self.assertIn("the clock was to end by itself", self.judged(machine.bad, promoted))

    def test_a_release_that_is_not_given_to_stable_is_found(self):
        start = run(["Open", "Judged", "Accepted"], [], {"status": "SUCCEEDED", "output": {"release_id": "orders-1"}})
        answers = [{"phase": phase} for phase in ("deploying", "baking", "promoting", "watching", "promoted")]
        look = {"done": True, "outcome": "promoted", "phase": "promoted"}
        clock = run(["Advance", "Judged", "Promoted"], answers, {"status": "SUCCEEDED", "output": {"look": look}})
        self.assertIn("both services were to run", self.judged(machine.good, start, clock))


if __name__ == "__main__":
    unittest.main()
