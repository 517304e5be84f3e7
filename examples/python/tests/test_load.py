# SPDX-License-Identifier: MIT
"""A library that is missing or is another one: one line names it, and WCENC_LIBRARY."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import HERE, ffi, wcenc

MODULE = HERE.parent


def load(directory: str = ".", **environment: str) -> "subprocess.CompletedProcess[str]":
    """An import in a process of its own, whose environment has a WCENC_LIBRARY only if it is given."""
    without = {name: value for name, value in os.environ.items() if name != "WCENC_LIBRARY"}
    code = f"import sys; sys.path.insert(0, {str(MODULE)!r}); import wcenc; print(wcenc.library_version)"
    return subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
        env={**without, **environment}, cwd=directory,
    )  # fmt: skip


class Load(unittest.TestCase):
    def refused(self, wanted: str, **environment: str) -> None:
        with self.subTest(**environment):
            result = load(**environment)
            self.assertEqual(result.returncode, 1)
            *_, line = result.stderr.splitlines()
            self.assertRegex(line, f"^ImportError: {wanted}")
            self.assertRegex(line, r"; install libwcenc, or set WCENC_LIBRARY to the path of libwcenc\.so$")
            self.assertNotIn("During handling", result.stderr)

    def test_a_library_that_is_named_wrongly_is_reported(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            text = Path(directory) / "text.so"
            text.write_text("no library")
            for path in (Path(directory) / "missing.so", text, Path(directory)):
                self.refused(rf"WCENC_LIBRARY: '{path}' cannot be loaded \(", WCENC_LIBRARY=str(path))

    def test_a_library_that_is_not_installed_is_reported(self) -> None:
        if load().returncode == 0:
            self.skipTest("a libwcenc is installed")
        self.refused(r"'libwcenc\.so[.0-9]*' cannot be loaded \(")
        self.refused(r"'libwcenc\.so[.0-9]*' cannot be loaded \(", WCENC_LIBRARY="")

    def test_another_library_is_reported(self) -> None:
        import _ctypes

        path = _ctypes.__file__
        if not path.endswith(".so"):
            self.skipTest("the interpreter has no shared library")
        self.refused(rf"WCENC_LIBRARY: '{path}' .*it has no wcenc_\w+;", WCENC_LIBRARY=path)

    def test_the_library_may_be_named_by_a_path_from_the_current_directory(self) -> None:
        path = ffi.lib._name
        result = load(os.path.dirname(os.path.abspath(path)), WCENC_LIBRARY="./" + os.path.basename(path))
        self.assertEqual((result.stdout, result.stderr), (wcenc.library_version + "\n", ""))


if __name__ == "__main__":
    unittest.main()
