import contextlib
import io
import struct
import tempfile
import unittest
from pathlib import Path

from loading import tool

glibc = tool("check-glibc")


def elf(*versions: str) -> bytes:
    """The least file that names these versions: a header, names, one entry of needs, two sections."""
    names = b"\0libc.so.6\0" + b"".join(version.encode() + b"\0" for version in versions)
    start = 64
    needs = start + len(names)
    entries = b"".join(
        struct.pack("<IHHII", 0, 0, 0, names.index(version.encode() + b"\0"), 16) for version in versions
    )
    need = struct.pack("<HHIII", 1, len(versions), 1, 16, 0) + entries
    table = needs + len(need)
    header = b"\x7fELF\x02\x01".ljust(0x28, b"\0") + struct.pack("<Q", table)
    header = header.ljust(0x3A, b"\0") + struct.pack("<HH", 64, 2)
    section = glibc.SECTION
    sections = section.pack(0, 3, 0, 0, start, len(names), 0, 0, 1, 0)
    sections += section.pack(0, glibc.SHT_GNU_VERNEED, 0, 0, needs, len(need), 0, 1, 4, 0)
    return header.ljust(64, b"\0") + names + need + sections


class Glibc(unittest.TestCase):
    def test_the_newest_version_counts_as_a_number(self):
        cases = [
            (["GLIBC_2.2.5"], (2, 2, 5)),
            (["GLIBC_2.9", "GLIBC_2.34", "GLIBC_2.17"], (2, 34)),
            (["GCC_3.0", "GLIBC_2.4"], (2, 4)),
        ]
        for versions, newest in cases:
            with self.subTest(versions):
                self.assertEqual(glibc.glibc(elf(*versions)), newest)

    def test_a_file_that_is_not_understood_is_no_pass(self):
        for content in [b"", b"text", elf("GCC_3.0"), elf("GLIBC_PRIVATE"), elf("GLIBC_2.34")[:100]]:
            with self.subTest(content[:8]), self.assertRaises((ValueError, struct.error, IndexError)):
                glibc.glibc(content)

    def test_a_binary_that_lambda_cannot_start_fails_the_step(self):
        for version, status in [("GLIBC_2.34", 0), ("GLIBC_2.35", 1), ("GLIBC_3.0", 1), ("none", 1)]:
            with self.subTest(version), tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "bootstrap"
                path.write_bytes(elf(version))
                with contextlib.redirect_stdout(io.StringIO()):
                    self.assertEqual(glibc.main([path]), status)


if __name__ == "__main__":
    unittest.main()
