import unittest

from loading import tool

features = tool("same-features")

TREE = """\
rollback v0.1.0 (/work/functions/rollback)
├ not a line of it
tokio v1.54.1
tokio feature "rt"
tokio feature "rt" (*)
aws-sdk-ecs v1.157.0
aws-sdk-ecs feature "default"
http v0.2.12
http v1.5.0
aws v0.1.0 (/work/shared/aws) (*)
"""


class SameFeatures(unittest.TestCase):
    def test_crates_are_read_with_versions_and_features(self):
        read = features.read(TREE)
        self.assertEqual(read["tokio"], {"v1.54.1", '"rt"'})
        self.assertEqual(read["aws-sdk-ecs"], {"v1.157.0", '"default"'})
        self.assertEqual(read["http"], {"v0.2.12", "v1.5.0"})
        self.assertEqual(read["aws"], {"v0.1.0"})

    def test_another_flavour_of_a_shared_crate_is_found_and_one_of_an_own_crate_is_not(self):
        plain = features.read('a v0.1.0\ntokio v1\ntokio feature "rt"\nsmall v1\n')
        cases = [
            ('b v0.1.0\ntokio v1\ntokio feature "rt"\nown v1\nown feature "x"\n', []),
            ('b v0.1.0\ntokio v1\ntokio feature "rt"\ntokio feature "net"\n', ['tokio: b asks for "net"']),
            ('b v0.1.0\ntokio v1\n', ['tokio: a asks for "rt"']),
            ('b v0.1.0\ntokio v2\ntokio feature "rt"\n', ["tokio: a asks for v1", "tokio: b asks for v2"]),
        ]
        for other, wanted in cases:
            with self.subTest(other):
                found = features.differences({"a": plain, "b": features.read(other)})
                self.assertEqual([difference.split(",")[0] for difference in found], wanted)


if __name__ == "__main__":
    unittest.main()
