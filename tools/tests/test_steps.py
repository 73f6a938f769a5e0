import contextlib
import io
import unittest

from loading import tool

steps = tool("steps")


def read(*lines: str):
    step = steps.Step("sam-local")
    for line in lines:
        step.read(line)
    return step


class Reading(unittest.TestCase):
    def test_tests_are_counted_as_their_runners_report_them(self):
        cases = [
            (["test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured"], (3, 0, 1)),
            (["Ran 4 tests in 0.1s", "", "OK"], (4, 0, 0)),
            (["Ran 4 tests in 0.1s", "", "FAILED (failures=1, errors=1)"], (2, 2, 0)),
            (["sam-local: 6 checks passed, 1 failed"], (6, 1, 0)),
        ]
        for lines, expected in cases:
            step = read(*lines)
            self.assertEqual((step.passed, step.failed, step.ignored), expected, lines)

    def test_a_step_that_was_skipped_is_not_called_ok(self):
        step = read("SKIPPED: sam-local: no Docker engine: none runs")
        self.assertEqual(step.result(), "SKIPPED: sam-local: no Docker engine: none runs")
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown):
            steps.table([step])
        self.assertIn("SKIPPED: sam-local: no Docker engine", shown.getvalue())
        step.status = 1
        self.assertEqual(step.result(), "FAILED")


if __name__ == "__main__":
    unittest.main()
