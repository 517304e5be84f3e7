# SPDX-License-Identifier: MIT
"""A library that is missing or is another one: one line names it, and WCENC_LIBRARY."""

import os
import shutil
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
        self.refused(r"'libwcenc\.so[.0-9]*' cannot be loaded \(", PKG_CONFIG_PATH="")
        self.refused(r"'libwcenc\.so[.0-9]*' cannot be loaded \(", WCENC_LIBRARY="", PKG_CONFIG_PATH="")

    def test_a_library_that_only_pkg_config_knows_is_loaded(self) -> None:
        if load(PKG_CONFIG_PATH="").returncode == 0 or not shutil.which("pkg-config"):
            self.skipTest("a libwcenc is installed, or pkg-config is not")
        with tempfile.TemporaryDirectory() as directory:
            described = "Name: wcenc\nDescription: -\nVersion: 0\n"
            (Path(directory) / "wcenc.pc").write_text(f"libdir={directory}\n{described}")
            self.refused(rf"'libwcenc.*, nor can '{directory}/libwcenc.*pkg-config names \(", PKG_CONFIG_PATH=directory)
            os.symlink(os.path.abspath(ffi.lib._name), os.path.join(directory, ffi._FILE))
            result = load(PKG_CONFIG_PATH=directory)
            self.assertEqual((result.stdout, result.stderr), (wcenc.library_version + "\n", ""))

    def test_a_library_of_another_version_is_reported(self) -> None:
        """Compiled here, since a library that says so is all that it takes."""
        compiler = shutil.which("cc")
        if not compiler:
            self.skipTest("there is no compiler")
        code = 'const char *wcenc_version_string(void);const char *wcenc_version_string(void) { return "%s"; }'
        with tempfile.TemporaryDirectory() as directory:
            for version, wanted in ("0.1.9", "; this package"), (wcenc.__version__, ", which has no wcenc_"):
                path = os.path.join(directory, f"libwcenc.so.{version}")
                command = [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", path]
                subprocess.run(command, input=code % version, text=True, check=True)
                needed = rf"libwcenc \d+\.\d+, at least {wcenc.__version__}"
                self.refused(rf"WCENC_LIBRARY: '{path}' is libwcenc {version}{wanted}.*{needed};", WCENC_LIBRARY=path)

    def test_another_library_is_reported(self) -> None:
        import _ctypes

        path = _ctypes.__file__
        if not path.endswith(".so"):
            self.skipTest("the interpreter has no shared library")
        self.refused(rf"WCENC_LIBRARY: '{path}' is another library, which has no wcenc_\w+;", WCENC_LIBRARY=path)

    def test_the_library_may_be_named_by_a_path_from_the_current_directory(self) -> None:
        path = ffi.lib._name
        result = load(os.path.dirname(os.path.abspath(path)), WCENC_LIBRARY="./" + os.path.basename(path))
        self.assertEqual((result.stdout, result.stderr), (wcenc.library_version + "\n", ""))


if __name__ == "__main__":
    unittest.main()
