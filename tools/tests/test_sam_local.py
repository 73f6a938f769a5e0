import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from loading import tool

sam_local = tool("sam-local")


class LayingOut(unittest.TestCase):
    def test_every_function_of_the_template_has_our_binary_and_an_event(self):
        with tempfile.TemporaryDirectory() as folder:
            template, functions = sam_local.laid_out(Path(folder))
            text = template.read_text()
        self.assertEqual(text.count("CodeUri: "), len(functions))
        for place in functions.values():
            self.assertIn(f"CodeUri: {place}\n", text)
        self.assertNotIn("CodeUri: functions/", text)
        self.assertEqual(text.count("AWS_ENDPOINT_URL"), 1)
        self.assertEqual(functions.keys(), {function for _, function, *_ in sam_local.CASES})

    def test_every_case_is_an_event_on_file(self):
        for event, *_ in sam_local.CASES:
            self.assertTrue((sam_local.ROOT / "events" / f"{event}.json").is_file(), event)


class Engine(unittest.TestCase):
    def test_where_none_can_be_it_says_why(self):
        cases = [
            ({"DOCKER_HOST": "tcp://127.0.0.1:1"}, 0, "nothing answers there"),
            ({"DOCKER_HOST": ""}, 1000, "only root can start one"),
        ]
        for environment, user, wanted in cases:
            with (
                mock.patch.dict(os.environ, environment),
                mock.patch.object(sam_local, "answers", lambda: False),
                mock.patch.object(os, "geteuid", lambda user=user: user),
                self.assertRaisesRegex(sam_local.NoEngine, wanted),
                sam_local.engine(Path("unused")),
            ):
                self.fail("there is no engine")


if __name__ == "__main__":
    unittest.main()
