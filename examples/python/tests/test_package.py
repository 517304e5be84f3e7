# SPDX-License-Identifier: MIT
"""The wheel, the source archive, and what help() and repr() say. check_python_install.sh installs them with pip."""

import base64
import csv
import dataclasses
import email
import hashlib
import inspect
import os
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
from typing import Any, Dict, Iterator, Tuple

from support import HERE, abi, config, frame, wcenc

sys.path.insert(0, str(HERE.parent / "backend"))
import wcenc_backend  # noqa: E402


class Package(unittest.TestCase):
    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def wheel(self, name: str) -> Dict[str, bytes]:
        with zipfile.ZipFile(os.path.join(self.directory, name)) as wheel:
            self.assertIsNone(wheel.testzip())
            return {each: wheel.read(each) for each in wheel.namelist()}

    def test_the_wheel_has_the_package_and_a_true_record(self) -> None:
        name = wcenc_backend.build_wheel(self.directory)
        self.assertEqual(name, f"wcenc-{abi.VERSION}-py3-none-any.whl")
        files = self.wheel(name)
        modules = {f"wcenc/{path.name}" for path in (HERE.parent / "wcenc").glob("*.py")}
        self.assertEqual({each for each in files if each.startswith("wcenc/")}, modules | {"wcenc/py.typed"})
        info = f"wcenc-{abi.VERSION}.dist-info/"
        for path, digest, size in csv.reader(files[info + "RECORD"].decode().splitlines()):
            if path == info + "RECORD":
                self.assertEqual((digest, size), ("", ""))
                continue
            data = files.pop(path)
            wanted = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            self.assertEqual((digest, size), ("sha256=" + wanted, str(len(data))), path)
        self.assertEqual(list(files), [info + "RECORD"])

    def test_metadata_has_licence_and_readme(self) -> None:
        files = self.wheel(wcenc_backend.build_wheel(self.directory))
        info = f"wcenc-{abi.VERSION}.dist-info/"
        metadata = email.message_from_bytes(files[info + "METADATA"])
        self.assertEqual((metadata["Name"], metadata["Version"], metadata["License"]), ("wcenc", abi.VERSION, "MIT"))
        self.assertEqual(metadata["Requires-Python"], ">=3.8")
        self.assertEqual(metadata.get_payload(decode=True), (HERE.parent / "README.md").read_bytes())
        licence = files[info + "licenses/LICENSE"]
        self.assertIn(b"MIT License", licence)
        original = HERE.parents[2] / "LICENSE"
        if original.exists():
            self.assertEqual(licence, original.read_bytes())

    def test_the_source_archive_builds_the_same_wheel(self) -> None:
        name = wcenc_backend.build_sdist(self.directory)
        with tarfile.open(os.path.join(self.directory, name)) as archive:
            for entry in archive:
                path = os.path.join(self.directory, entry.name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file, archive.extractfile(entry) as source:  # type: ignore[union-attr]
                    file.write(source.read())
        tree = os.path.join(self.directory, f"wcenc-{abi.VERSION}")
        wheel = wcenc_backend.build_wheel(self.directory)
        with open(os.path.join(self.directory, wheel), "rb") as file:
            wanted = file.read()
        code = "import sys; sys.path.insert(0, 'backend'); import wcenc_backend; wcenc_backend.build_wheel('.')"
        subprocess.run([sys.executable, "-c", code], cwd=tree, check=True, timeout=60)
        with open(os.path.join(tree, wheel), "rb") as file:
            self.assertEqual(file.read(), wanted)

    def test_an_editable_wheel_leads_to_the_tree(self) -> None:
        files = self.wheel(wcenc_backend.build_editable(self.directory))
        self.assertEqual(files["wcenc_editable.pth"].decode(), f"{HERE.parent}\n")

    def test_versions(self) -> None:
        self.assertEqual(wcenc.__version__, abi.VERSION)
        self.assertEqual(wcenc.__version__.split(".")[:2], wcenc.library_version.split(".")[:2])


def members(cls: Any) -> Iterator[Tuple[str, str]]:
    """The public members of a class with what help() says of each."""
    doc = inspect.getdoc(cls) or ""
    fields = [field.name for field in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else []
    fields += getattr(cls, "_fields", [])
    for name in fields:
        yield name, next((line.partition(": ")[2] for line in doc.splitlines() if line.startswith(name + ": ")), "")
    for name, member in inspect.getmembers(cls):
        is_ours = any(name in vars(base) and base.__module__.startswith("wcenc") for base in cls.__mro__)
        if is_ours and not name.startswith("_") and name not in fields and name != "status":
            yield name, inspect.getdoc(member) or ""


class Words(unittest.TestCase):
    def test_help_has_a_sentence_for_each_member(self) -> None:
        for name in wcenc.__all__:
            thing = getattr(wcenc, name)
            if isinstance(thing, str):
                continue
            self.assertRegex(inspect.getdoc(thing) or "", r"\A[A-Z].*[.:]", name)
            for member, text in members(thing) if inspect.isclass(thing) else ():
                with self.subTest(name=f"{name}.{member}"):
                    self.assertRegex(text, r"(?s)\A(\w|\"|0|`).{8,}[.:]")

    def test_repr_shows_what_an_object_is(self) -> None:
        given = frame(2)
        self.assertEqual(repr(given), "<VideoFrame RGBA 64x48 at 66666 us>")
        with wcenc.VideoEncoder() as encoder:
            self.assertEqual(repr(encoder), "<VideoEncoder unconfigured, no encoder yet, 0 queued>")
            encoder.configure(config())
            encoder.encode(given)
            encoder.flush()
            chunk = next(iter(encoder))
            self.assertRegex(repr(encoder), r"^<VideoEncoder configured, \S+, 0 queued>$")
        self.assertEqual(repr(chunk), f"<EncodedVideoChunk key at 66666 us, {len(chunk)} bytes>")
        given.close()
        self.assertEqual(repr(given), "<VideoFrame closed, at 66666 us>")
        self.assertRegex(repr(encoder), "^<VideoEncoder closed, .*, 0 queued>$")
        self.assertEqual(repr(config(bitrate=5)), "VideoEncoderConfig(codec='vp8', width=64, height=48, bitrate=5)")
        self.assertEqual(repr(wcenc.VideoColorSpace()), "VideoColorSpace()")
        self.assertEqual(repr(wcenc.Rect(1, 2, 3, 4)), "Rect(x=1, y=2, width=3, height=4)")
        decoder_config = chunk.metadata.decoder_config
        self.assertRegex(repr(decoder_config), r"^VideoDecoderConfig\(codec='vp8', description=None, ")


class Control(unittest.TestCase):
    def test_a_key_frame_can_be_requested(self) -> None:
        with wcenc.VideoEncoder() as encoder:
            self.assertIsNone(encoder.encoder_name)
            given = config(latency_mode="realtime")
            encoder.configure(given)
            types = []
            for number in range(4):
                if number == 2:
                    encoder.request_key_frame()
                with frame(number) as picture:
                    encoder.encode(picture)
                chunk = encoder.receive(60)
                types.append(chunk.type if chunk else None)
            self.assertEqual(types, ["key", "delta", "key", "delta"])
            self.assertEqual(encoder.encoder_name, wcenc.VideoEncoder.is_config_supported(given).encoder_name)


if __name__ == "__main__":
    unittest.main()
