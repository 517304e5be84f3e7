# SPDX-License-Identifier: MIT
"""The structs of the module are those of the headers, member by member, as a C compiler lays them out."""

import ctypes
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from support import HERE, wcenc

INCLUDE = HERE.parents[2] / "include"


def structs() -> "list[type[ctypes.Structure]]":
    return [kind for kind in vars(wcenc).values() if isinstance(kind, type) and issubclass(kind, ctypes.Structure)
            and kind not in (ctypes.Structure, wcenc._PyBuffer)]  # fmt: skip


def c_name(kind: type) -> str:
    return "wcenc" + re.sub("([A-Z])", lambda letter: "_" + letter[1].lower(), kind.__name__[1:])


class Layout(unittest.TestCase):
    def test_structs_are_laid_out_as_in_c(self) -> None:
        compiler = shutil.which("cc")
        if not compiler or not INCLUDE.is_dir():
            self.skipTest("there is no C compiler, or not the tree of libwcenc around")
        asked, wanted = [], []
        for kind in structs():
            name = c_name(kind)
            asked.append(f"sizeof({name})")
            wanted.append((name, ctypes.sizeof(kind)))
            for member, _ in kind._fields_:
                at = getattr(kind, member)
                asked += [f"offsetof({name}, {member})", f"sizeof((({name} *)0)->{member})"]
                wanted += [(f"{name}.{member}", at.offset), (f"{name}.{member}", at.size)]
        lines = "\n".join(f'printf("%zu\\n", {question});' for question in asked)
        with tempfile.TemporaryDirectory() as directory:
            source, program = Path(directory) / "layout.c", Path(directory) / "layout"
            source.write_text(
                f"#include <stddef.h>\n#include <stdio.h>\n#include <wcenc/wcenc.h>\nint main(void) {{\n{lines}\n}}\n"
            )
            subprocess.run([compiler, "-I", INCLUDE, source, "-o", program], check=True, timeout=120)
            answer = subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout
        self.assertEqual([(name, int(line)) for (name, _), line in zip(wanted, answer.split())], wanted)
        self.assertGreater(len(wanted), 300)

    def test_a_word_stands_at_its_number(self) -> None:
        """What the library has names for; the tests of encoders see the rest take effect."""
        for number, word in enumerate(wcenc._WORDS["log_level"]):
            self.assertEqual(wcenc._lib.wcenc_log_level_name(number).decode(), word)


if __name__ == "__main__":
    unittest.main()
