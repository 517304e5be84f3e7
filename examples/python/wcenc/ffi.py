# SPDX-License-Identifier: MIT
"""The library as it is in C: errors, structs, callbacks and functions, from the tables of abi.py.

The library is the file that WCENC_LIBRARY names, the one that the loader finds, or the one that pkg-config knows.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32
from ctypes import c_uint64, c_void_p
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, Callable, Dict, Optional, Tuple, Type

from . import abi

# --- Errors -----------------------------------------------------------------------------------------------------------


class Error(Exception):
    """What libwcenc reports, with its message. Subclasses are named as WebCodecs names its exceptions.

    status: The wcenc_status of the library.
    """

    status: int = 0


class TypeError_(Error, TypeError): "An argument is not valid in itself; the message names it."; status = -1
class InvalidStateError(Error, RuntimeError): "Closed, or not configured."; status = -2
class NotSupportedError(Error, NotImplementedError): "Valid, but no available encoder supports it."; status = -3
class EncodingError(Error, RuntimeError): "The codec failed while encoding."; status = -4
class DataError(Error, ValueError): "The frame contradicts the frames before it."; status = -5
class AbortError(Error, RuntimeError): "A reset or a close ended the work."; status = -6
class QuotaExceededError(Error, RuntimeError): "A limit of the program is reached."; status = -7
class OperationError(Error, OSError): "The system refused a thread or a descriptor."; status = -8
class NoMemoryError(Error, MemoryError): "Out of memory."; status = -32
class TimedOutError(Error, TimeoutError): "The timeout expired; the work goes on."; status = -33
class WouldDeadlockError(Error, RuntimeError): "The call would wait for the callback that makes it."; status = -34


_ERRORS: Dict[int, Type[Error]] = {error.status: error for error in Error.__subclasses__()}


def error_of(status: int, message: bytes) -> Error:
    return _ERRORS.get(status, Error)(message.decode())


def check(result: int) -> int:
    """Returns the result of a function that can fail. The message belongs to this thread, so no other call replaces it."""
    if result < 0:
        raise error_of(result, lib.wcenc_last_error())
    return result


# --- Types ------------------------------------------------------------------------------------------------------------

# What the words of abi.py stand for, with the structs and callbacks that follow.
_types: Dict[str, Any] = dict(
    none=None, i32=c_int32, u32=c_uint32, i64=c_int64, u64=c_uint64, f64=c_double, size=c_size_t, text=c_char_p,
    ptr=c_void_p, status=check,
)


def _type_of(word: str) -> Any:
    """The type of a word: one of _types, a pointer to it ("i32*"), or so many of it ("i32[4]")."""
    if word.endswith("*"):
        return POINTER(_type_of(word[:-1]))
    name, _, count = word.rstrip("]").partition("[")
    return _types[name] * int(count) if count else _types[name]


def _define_types() -> None:
    """Callbacks receive pointers to structs, and structs contain callbacks; so each struct gets its members last."""
    for name in abi.STRUCTS:
        _types[name] = type(name, (Structure,), {})
    for name, words in abi.CALLBACKS.items():
        _types[name] = CFUNCTYPE(*(_type_of("i32" if word == "status" else word) for word in words))
    for name, members in abi.STRUCTS.items():
        _types[name]._fields_ = [(member, _type_of(word)) for member, word, _ in members]


_define_types()

# The names of C but for functions: C.wcenc_config, C.wcenc_output_fn, C.WCENC_EVENT_OUTPUT.
C = SimpleNamespace(
    **{name: _types[name] for name in (*abi.STRUCTS, *abi.CALLBACKS)},
    **{name: value for values in abi.ENUMS.values() for name, value in values.items()},
)


def words_of(enum: str) -> Dict[str, int]:
    """The values of an enum by the words of WebCodecs: "no-preference" for WCENC_HARDWARE_NO_PREFERENCE."""
    values = abi.ENUMS[enum]
    prefix = os.path.commonprefix(list(values)).rpartition("_")[0]
    return {name[len(prefix) + 1:].lower().replace("_", "-"): value for name, value in values.items()}


def initialised(struct: Any) -> Any:
    """A new struct with its size in it."""
    made = struct()
    getattr(lib, struct.__name__ + "_init")(byref(made), ctypes.sizeof(made))
    return made


def created(create: Callable[..., int], *arguments: Any) -> Optional[int]:
    """The handle that a function stores behind its last argument."""
    handle = c_void_p()
    create(*arguments, byref(handle))
    return handle.value


# --- Functions --------------------------------------------------------------------------------------------------------

# One that returns no wcenc_status and can fail, and one whose failure is an answer.
_CHECKED = {"wcenc_encoder_get_event_fd"}
_UNCHECKED = {"wcenc_frame_get_visible_rect"}


_ADVICE = "install libwcenc, or set WCENC_LIBRARY to the path of libwcenc.so"
_ABI = ".".join(abi.VERSION.split(".")[:2])  # until 1.0 each minor version is an ABI of its own
_FILE = f"libwcenc.{_ABI}.dylib" if sys.platform == "darwin" else f"libwcenc.so.{_ABI}"


def _directory_of_pkg_config() -> str:
    """Where pkg-config knows libwcenc, in a prefix that the loader does not search; empty where it does not."""
    command = [os.environ.get("PKG_CONFIG") or "pkg-config", "--variable=libdir", "wcenc"]
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.strip()
    except OSError:
        return ""


def _open() -> Tuple[ctypes.CDLL, str]:
    """The library, and what messages call it. CDLL releases the interpreter's lock during each call, so that a callback
    can run while a call waits for it."""
    named = os.environ.get("WCENC_LIBRARY")
    what = f"WCENC_LIBRARY: {named!r}" if named else repr(_FILE)
    try:
        return ctypes.CDLL(named or _FILE), what
    except OSError as error:
        problem = f"{what} cannot be loaded ({error})"
    directory = "" if named else _directory_of_pkg_config()
    if directory:
        what = repr(os.path.join(directory, _FILE))
        try:
            return ctypes.CDLL(os.path.join(directory, _FILE)), what
        except OSError as error:
            problem += f", nor can {what}, which pkg-config names ({error})"
    raise ImportError(f"{problem}; {_ADVICE}")


def _load() -> ctypes.CDLL:
    loaded, what = _open()
    version = "another library"
    with suppress(AttributeError):
        loaded.wcenc_version_string.restype = c_char_p
        version = f"libwcenc {loaded.wcenc_version_string().decode()}"
    if version != "another library" and not version.startswith(f"libwcenc {_ABI}."):
        raise ImportError(f"{what} is {version}; this package is for libwcenc {_ABI}, at least {abi.VERSION}; {_ADVICE}")
    for name, (result, *arguments) in abi.FUNCTIONS.items():
        try:
            function = getattr(loaded, name)
        except AttributeError:
            raise ImportError(
                f"{what} is {version}, which has no {name}; this package is for libwcenc {_ABI}, at least {abi.VERSION}; "
                f"{_ADVICE}"
            ) from None
        is_checked = (result == "status" or name in _CHECKED) and name not in _UNCHECKED
        function.restype = check if is_checked else c_int32 if result == "status" else _type_of(result)
        function.argtypes = [_type_of(word) for word in arguments]
    return loaded


lib = _load()
library_version: str = lib.wcenc_version_string().decode()
