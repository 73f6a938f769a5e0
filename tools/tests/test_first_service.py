import unittest
from pathlib import Path
from unittest.mock import patch

from loading import tool

first = tool("first-service")

PAGE = """# Serin

## A first service in ten minutes

1. **Policy.** Text.

   ```sh
   serin policy check a \\
       --b
   ```

   ```
   fine
     so
   ```

### Another

```sh
elsewhere
```
"""


class Reading(unittest.TestCase):
    def test_blocks_lose_the_indentation_of_their_list_and_nothing_else(self):
        blocks = first.blocks(first.section(PAGE, first.FIRST))
        wanted = [("sh", "serin policy check a \\\n    --b\n"), ("", "fine\n  so\n")]
        self.assertEqual([(block.language, block.text) for block in blocks], wanted)

    def test_a_section_that_is_gone_is_said(self):
        with self.assertRaisesRegex(first.Wrong, "no section '## None'"):
            first.section(PAGE, "## None")

    def test_what_is_left_to_the_reader_is_filled_in(self):
        block = first.Block("sh", "aws sns subscribe --topic-arn arn:aws:sns:REGION:ACCOUNT:TOPIC --table-name LEDGER_TABLE RELEASE_ID\n")
        wanted = "aws sns subscribe --topic-arn arn:aws:sns:eu-central-1:111122223333:alarms --table-name serin orders-1\n"
        self.assertEqual(block.filled(RELEASE_ID="orders-1"), wanted)


class Playing(unittest.TestCase):
    def plays(self, page: str, run: list, skipped: dict) -> list[str]:
        said = []
        with patch.multiple(first, RUN=run, SKIPPED=skipped, lab=lambda *_: first.cli.tempfile.TemporaryDirectory()):
            first.plays(page, Path("/nonexistent"), said.append)
        return said

    def test_a_block_that_nobody_runs_fails_and_so_does_a_name_without_a_block(self):
        page = PAGE + "\n### How to see it\n\n```sh\naws logs tail x\n```\n"
        runs = lambda _typist, _block, rest: rest.pop(0)
        every = [("serin policy check", runs)]
        self.assertEqual(len(self.plays(page, every, {"aws logs": "no logs"})), 2)
        for run, skipped, wanted in [
            ([], {"aws logs": ""}, "a block that nobody runs here"),
            (every, {}, "a block that nobody runs here"),
            ([("another", runs)], {"aws logs": ""}, "a block that nobody runs here"),
            (every, {"aws logs": "", "gone": ""}, "no such blocks any more: \\['gone'\\]"),
            ([*every, ("gone", runs)], {"aws logs": ""}, "no such blocks any more: \\['gone'\\]"),
        ]:
            with self.subTest(wanted), self.assertRaisesRegex(first.Wrong, wanted):
                self.plays(page, run, skipped)


if __name__ == "__main__":
    unittest.main()
