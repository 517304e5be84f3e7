# SPDX-License-Identifier: MIT
"""Builds the wheel and the source archive of the package: PEP 517 and PEP 660 with the standard library alone.

The package is pure Python and loads the installed libwcenc when it is imported, so there is nothing to compile.
"""

import ast
import base64
import hashlib
import io
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Tuple

ROOT = Path(__file__).resolve().parent.parent
TIME = (2020, 1, 1, 0, 0, 0)  # the same files make the same archive
WHEEL = "Wheel-Version: 1.0\nGenerator: wcenc_backend\nRoot-Is-Purelib: true\nTag: py3-none-any\n"

Settings = Optional[Dict[str, Any]]


def _project() -> Dict[str, Any]:
    """The table [project]: strings and lists of strings, a line each, which Python writes as TOML does."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    table = text.partition("\n[project]\n")[2].partition("\n[")[0]
    project = {key: ast.literal_eval(value) for key, value in re.findall(r"^([\w-]+) = (.*)$", table, re.M)}
    abi = (ROOT / "wcenc" / "abi.py").read_text(encoding="utf-8")
    found = re.search(r'^VERSION = "([\d.]+)"$', abi, re.M)
    if not found:
        raise RuntimeError("wcenc/abi.py has no VERSION")
    return {**project, "version": found[1]}


def _metadata() -> bytes:
    project = _project()
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"License: {project['license']}",
        f"Requires-Python: {project['requires-python']}",
        f"Keywords: {','.join(project['keywords'])}",
        *(f"Classifier: {classifier}" for classifier in project["classifiers"]),
        *(f"License-File: {file}" for file in project["license-files"]),
        "Description-Content-Type: text/markdown",
    ]
    readme = ROOT / str(project["readme"])
    return ("\n".join(lines) + "\n\n" + readme.read_text(encoding="utf-8")).encode()


def _base() -> str:
    project = _project()
    return f"{project['name']}-{project['version']}"


def _package() -> List[Tuple[str, bytes]]:
    paths = sorted(path for path in (ROOT / "wcenc").iterdir() if path.suffix == ".py" or path.name == "py.typed")
    return [(f"wcenc/{path.name}", path.read_bytes()) for path in paths]


def _dist_info() -> List[Tuple[str, bytes]]:
    licences = [(f"licenses/{file}", (ROOT / file).read_bytes()) for file in _project()["license-files"]]
    files = [("METADATA", _metadata()), ("WHEEL", WHEEL.encode()), *licences]
    return [(f"{_base()}.dist-info/{name}", data) for name, data in files]


def _write_wheel(directory: str, files: Iterable[Tuple[str, bytes]]) -> str:
    name, record, records = f"{_base()}-py3-none-any.whl", f"{_base()}.dist-info/RECORD", []
    with zipfile.ZipFile(Path(directory) / name, "w", zipfile.ZIP_DEFLATED) as wheel:

        def add(path: str, data: bytes) -> None:
            entry = zipfile.ZipInfo(path, TIME)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            wheel.writestr(entry, data)

        for path, data in files:
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            records.append(f"{path},sha256={digest},{len(data)}\n")
            add(path, data)
        add(record, "".join([*records, f"{record},,\n"]).encode())
    return name


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: Optional[str] = None) -> str:
    return _write_wheel(wheel_directory, [*_package(), *_dist_info()])


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: Optional[str] = None
) -> str:
    """A wheel that leads to this folder."""
    return _write_wheel(wheel_directory, [("wcenc_editable.pth", f"{ROOT}\n".encode()), *_dist_info()])


def _prepare(metadata_directory: str) -> str:
    for path, data in _dist_info():
        file = Path(metadata_directory) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return f"{_base()}.dist-info"


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Settings = None) -> str:
    return _prepare(metadata_directory)


def prepare_metadata_for_build_editable(metadata_directory: str, config_settings: Settings = None) -> str:
    return _prepare(metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """The source archive, from which the same wheel can be built."""
    name = f"{_base()}.tar.gz"
    paths = [ROOT / file for file in ("pyproject.toml", "README.md", "LICENSE", "demo.py", "record.py")]
    for folder in ("backend", "wcenc", "tests"):
        paths += sorted((ROOT / folder).glob("*.py"))
    paths.append(ROOT / "wcenc" / "py.typed")
    files = [("PKG-INFO", _metadata())] + [(str(path.relative_to(ROOT)), path.read_bytes()) for path in paths]
    with tarfile.open(Path(sdist_directory) / name, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for path, data in files:
            entry = tarfile.TarInfo(f"{_base()}/{path}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return name
