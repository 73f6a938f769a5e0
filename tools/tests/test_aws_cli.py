import unittest

from loading import tool

cli = tool("aws-cli")


class Typing(unittest.TestCase):
    def test_what_the_lab_prints_is_pasted(self):
        said = "# Paste this\nexport AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_REGION=r\nexport SERIN_TABLE=serin\n# export X=1\n"
        wanted = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "r", "SERIN_TABLE": "serin"}
        self.assertEqual(cli.exports(said), wanted)

    def test_json_is_one_word(self):
        self.assertEqual(cli.words('get-item --key {"a": {"S": "b c"}}'), ["get-item", "--key", '{"a": {"S": "b c"}}'])
        self.assertEqual(cli.words("sqs list-queues"), ["sqs", "list-queues"])

    def test_an_answer_is_looked_into_by_path(self):
        answer = {"a": [{"b": 1}]}
        for path, wanted in {"a.0.b": 1, "a.1.b": None, "c": None, "a.0.b.c": None}.items():
            self.assertEqual(cli.found(answer, path), wanted, path)


if __name__ == "__main__":
    unittest.main()
