# SPDX-License-Identifier: MIT
"""The W3C WebCodecs VideoEncoder for Python: libwcenc through ctypes, nothing to build.

    import wcenc

    with wcenc.VideoEncoder() as encoder:
        encoder.configure(wcenc.VideoEncoderConfig(codec="vp8", width=640, height=480))
        for number, picture in enumerate(pictures):          # (480, 640, 4) arrays of bytes, lent and not copied
            with wcenc.VideoFrame(picture, format="RGBA", timestamp=number * 33333) as frame:
                encoder.encode(frame)
            for chunk in encoder:                            # those that are ready
                file.write(chunk.data)
        encoder.flush()
        for chunk in encoder:                                # the rest
            file.write(chunk.data)

Names are those of WebCodecs as Python writes them; the headers of libwcenc say what each means. Times are whole
microseconds, as in WebCodecs; timeouts are seconds, as in Python.

An encoder hands its chunks over in one of three ways: VideoEncoder() is iterated, VideoEncoder(output, error) calls
back on threads of the library, AsyncVideoEncoder belongs to an asyncio loop. Everything else may be used on any thread,
and a program may end with encoders at work. This module converts and passes on, and decides nothing about encoding.
The library is the file that WCENC_LIBRARY names, or the one that the system finds.
"""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import difflib
import itertools
import operator
import os
import re
import reprlib
import sys
import threading
import time
import weakref
from collections import deque
from contextlib import suppress
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_double, c_int32, c_int64, c_size_t
from ctypes import c_ssize_t, c_uint32, c_uint64, c_void_p, sizeof
from dataclasses import MISSING, dataclass, fields
from typing import Any, AsyncIterator, Callable, Deque, Dict, FrozenSet, Iterable, Iterator, List, Mapping, NamedTuple
from typing import Optional, Sequence, Tuple, Type, Union


# --- Errors -----------------------------------------------------------------------------------------------------------


class Error(Exception):
    """What libwcenc reports, in its words. Subclasses are named as WebCodecs names its exceptions."""

    status = 0


class TypeError_(Error, TypeError): "An argument is not valid in itself; the text names it."; status = -1
class InvalidStateError(Error, RuntimeError): "Closed, or not configured."; status = -2
class NotSupportedError(Error, NotImplementedError): "Valid, but no encoder at hand does it."; status = -3
class EncodingError(Error, RuntimeError): "The codec failed while encoding."; status = -4
class DataError(Error, ValueError): "The frame contradicts the frames before it."; status = -5
class AbortError(Error, RuntimeError): "Ended by reset or close."; status = -6
class QuotaExceededError(Error, RuntimeError): "A limit that the program has set is reached."; status = -7
class OperationError(Error, OSError): "The system refused a thread or a descriptor."; status = -8
class NoMemoryError(Error, MemoryError): "Out of memory."; status = -32
class TimedOutError(Error, TimeoutError): "The timeout ran out; the work goes on."; status = -33
class WouldDeadlockError(Error, RuntimeError): "It would wait for the callback that it was called from."; status = -34


_ERRORS: Dict[int, Type[Error]] = {error.status: error for error in Error.__subclasses__()}


def _error_of(status: int, message: bytes) -> Error:
    return _ERRORS.get(status, Error)(message.decode())


# --- The library: structs, callbacks and functions of include/wcenc ---------------------------------------------------


_KINDS: Dict[str, Any] = dict(
    i32=c_int32, u32=c_uint32, i64=c_int64, u64=c_uint64, f64=c_double, size=c_size_t, text=c_char_p, ptr=c_void_p,
    ssize=c_ssize_t,
)


def _kind(word: str) -> Any:
    """The type that a word names: one of _KINDS or a type below, a pointer to it, or so many of it."""
    if word.endswith("*"):
        return POINTER(_kind(word[:-1]))
    name, _, count = word.rstrip("]").partition("[")
    kind = _KINDS.get(name) or globals()["_" + name]
    return kind * int(count) if count else kind


def _members(text: str) -> List[Tuple[str, Any]]:
    """The members of a struct in the order of its header, each kind before what is of it."""
    return [(name, _kind(row.split()[0])) for row in text.split(";") for name in row.split()[1:]]


class _ColorSpace(Structure): _fields_ = _members("i32 primaries transfer matrix range")
class _Rect(Structure): _fields_ = _members("u32 x y width height")
class _PlaneLayout(Structure): _fields_ = _members("u32 offset stride")
class _FrameDesc(Structure): _fields_ = _members("""
    u32 struct_size reserved0; i64 timestamp_us; u64 duration_us; f64 rotation; ptr[4] planes; size[4] plane_sizes;
    ptr data; size data_size; text metadata; size metadata_size; i32[4] strides; PlaneLayout[4] layout;
    Rect visible_rect; ColorSpace color_space; i32 format; u32 coded_width coded_height display_width display_height
    layout_count; i32 has_duration has_color_space flip chroma_location""")
class _FrameOverrides(Structure): _fields_ = _members("""
    u32 struct_size reserved0; i64 timestamp_us; u64 duration_us; f64 rotation; text metadata; size metadata_size;
    Rect visible_rect; u32 display_width display_height; i32 has_timestamp has_duration flip discard_alpha
    chroma_location; u32 reserved1""")
class _CopyToOptions(Structure): _fields_ = _members("""
    u32 struct_size reserved0; Rect rect; PlaneLayout[4] layout; u32 layout_count; i32 format color_space;
    u32 reserved1""")
class _ChunkDesc(Structure): _fields_ = _members("""
    u32 struct_size reserved0; i64 timestamp_us; u64 duration_us user_tag; ptr data; size data_size; i32 type
    has_duration""")
class _DecoderConfig(Structure): _fields_ = _members("""
    u32 struct_size reserved0; text codec; ptr description; size description_size; ptr container_private;
    size container_private_size; ptr reserved1; u32 coded_width coded_height display_aspect_width
    display_aspect_height; ColorSpace color_space; i32 rotation flip; u32 reorder_depth reserved2""")
class _ChunkMetadata(Structure): _fields_ = _members("""
    u32 struct_size reserved0; DecoderConfig* decoder_config; ptr reserved1 alpha_side_data;
    size alpha_side_data_size; i32 has_svc; u32 temporal_layer_id""")
class _Config(Structure): _fields_ = _members("""
    u32 struct_size reserved0; u64 bitrate; f64 framerate quality;
    text codec scalability_mode content_hint encoder_name encoder_options; ptr reserved1;
    u32 width height display_width display_height; i32 hardware_acceleration alpha bitrate_mode latency_mode
    bitstream_format has_quality; u32 threads key_interval max_b_frames max_delay_frames; ColorSpace color_space;
    i32 chroma_location; u32 reserved2""")
class _ConfigSupport(Structure): _fields_ = _members("""
    u32 struct_size reserved0; Config* config; text encoder_name reason codec; i32 supported;
    u32 delay_frames capabilities reserved2""")
class _EncodeOptions(Structure): _fields_ = _members("""
    u32 struct_size reserved0; u64 user_tag; i32 key_frame has_quantizer; u32 quantizer reserved1""")
class _Error(Structure): _fields_ = _members("""
    u32 struct_size reserved0; text message encoder_name; i32 status backend_code""")
class _Drop(Structure): _fields_ = _members("""
    u32 struct_size reserved0; i64 timestamp_us; u64 duration_us user_tag; i32 has_duration reason""")
class _Event(Structure): _fields_ = _members("""
    u32 struct_size reserved0; ptr chunk; ChunkMetadata* metadata; Error* error; Drop* drop; ptr user reserved1;
    i32 type status; u32 queue_size reserved2""")
_OutputFn = CFUNCTYPE(None, c_void_p, c_void_p, c_void_p)
_ErrorFn = CFUNCTYPE(None, c_void_p, POINTER(_Error))
_DropFn = CFUNCTYPE(None, c_void_p, POINTER(_Drop))
_LogFn = CFUNCTYPE(None, c_void_p, c_int32, c_char_p)
_DequeueFn = CFUNCTYPE(None, c_void_p, c_uint32)
_UserFn = CFUNCTYPE(None, c_void_p)  # wakeup, release, destroy
class _EncoderDesc(Structure): _fields_ = _members("""
    u32 struct_size reserved0; u64 max_queued_bytes; i64 queue_timeout_us; ptr user; OutputFn on_output;
    ErrorFn on_error; DropFn on_drop; DequeueFn on_dequeue; UserFn on_wakeup on_destroy; LogFn log;
    i32 log_level delivery queue_policy; u32 max_queued_frames max_pending_results reserved1""")
class _Stats(Structure): _fields_ = _members("""
    u32 struct_size reserved0; u64 frames_accepted frames_out frames_dropped frames_discarded frames_queued
    frames_in_flight chunks_pending drops_pending key_chunks_out bytes_out bytes_queued
    queued_ns converting_ns encoding_ns callback_ns busy_ns; u32 quantizer; i32 has_quantizer is_idle; u32 reserved1""")
_OUTPUT, _ERROR, _DROP, _DEQUEUE, _FLUSH_DONE, _CLOSE_DONE = range(1, 7)  # wcenc_event.type
_OK, _AGAIN, _END = range(3)  # what wcenc_encoder_receive returns that is not an error


def _check(result: int) -> int:
    """The result of a function that can fail. The words belong to this thread, so that no other call comes between."""
    if result < 0:
        raise _error_of(result, _lib.wcenc_last_error())
    return result


# Result, arguments and names. Pointers are untyped: byref, a handle, a key, or None.
_FUNCTIONS: List[Tuple[Any, str, str]] = [
    (c_char_p, "", "last_error version_string"),
    (c_char_p, "i32", "status_name log_level_name pixel_format_name"),
    (c_char_p, "i32", "color_primaries_name color_transfer_name color_matrix_name"),
    (_check, "text ptr", "pixel_format_from_name color_primaries_from_name"),
    (_check, "text ptr", "color_transfer_from_name color_matrix_from_name"),
    (None, "ptr size", "frame_desc_init frame_overrides_init copy_to_options_init chunk_desc_init"),
    (None, "ptr size", "config_init encoder_desc_init encode_options_init stats_init"),
    (None, "ptr", "frame_close frame_unref chunk_unref encoder_destroy config_support_free event_free"),
    (c_int32, "ptr", "frame_is_closed frame_get_format frame_get_rotation frame_get_flip chunk_get_type encoder_get_state"),
    (c_int32, "ptr", "frame_get_chroma_location"),
    (c_uint32, "ptr", "frame_get_coded_width frame_get_coded_height frame_get_display_width frame_get_display_height"),
    (c_uint32, "ptr", "encoder_get_queue_size"),
    (c_int64, "ptr", "frame_get_timestamp_us chunk_get_timestamp_us chunk_get_dts_us"),
    (c_uint64, "ptr", "chunk_get_user_tag"),
    (c_size_t, "ptr", "chunk_get_byte_length"),
    (c_void_p, "ptr", "chunk_ref chunk_get_data"),
    (POINTER(_ChunkMetadata), "ptr", "chunk_get_metadata"),
    (None, "ptr ptr", "frame_get_color_space"),
    (c_int32, "ptr ptr", "frame_get_visible_rect frame_get_duration_us chunk_get_duration_us"),
    (_check, "ptr", "encoder_reset encoder_close encoder_get_event_fd"),
    (_check, "ptr ptr", "frame_create_copy frame_clone chunk_create is_config_supported"),
    (_check, "ptr ptr", "encoder_create encoder_configure encoder_get_stats"),
    (_check, "ptr ptr ptr", "frame_create_from frame_allocation_size encoder_encode"),
    (_check, "ptr ptr ptr", "encoder_flush_async encoder_close_async"),
    (_check, "ptr ptr ptr ptr", "frame_create_wrap"),
    (_check, "ptr ptr size", "chunk_copy_to"),
    (_check, "ptr ptr size ptr", "frame_get_metadata"),
    (_check, "ptr ptr ptr size ptr", "frame_copy_to"),
    (_check, "ptr i64", "encoder_flush_timeout"),
    (_check, "ptr i64 ptr", "encoder_receive"),
]


def _load() -> ctypes.CDLL:
    """The library. CDLL releases the interpreter's lock during each call: one that waits for a callback, or for a
    thread that runs one, does not keep it from running."""
    named = os.environ.get("WCENC_LIBRARY")
    path = named or ctypes.util.find_library("wcenc") or "libwcenc.so.0.2"
    what = f"{'WCENC_LIBRARY: ' if named else ''}{path!r}"
    advice = "install libwcenc, or set WCENC_LIBRARY to the path of libwcenc.so"
    try:
        lib = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(f"{what} cannot be loaded ({error}); {advice}") from None
    for result, arguments, names in _FUNCTIONS:
        for name in names.split():
            try:
                function = getattr(lib, "wcenc_" + name)
            except AttributeError:
                raise ImportError(
                    f"{what} is not a libwcenc that fits this module: it has no wcenc_{name}; {advice}"
                ) from None
            function.restype, function.argtypes = result, [_kind(word) for word in arguments.split()]
    return lib


_lib = _load()
library_version: str = _lib.wcenc_version_string().decode()


# --- Converting -------------------------------------------------------------------------------------------------------

# Words whose place in the row is the library's number.
_WORDS: Dict[str, Tuple[str, ...]] = {
    "hardware_acceleration": ("no-preference", "prefer-hardware", "prefer-software"),
    "alpha": ("discard", "keep"),
    "bitrate_mode": ("variable", "constant", "quantizer", "constant-quality"),
    "latency_mode": ("quality", "realtime"),
    "bitstream_format": ("length-prefixed", "annexb"),
    "queue_policy": ("fail", "wait", "drop-oldest", "drop-newest"),
    "log_level": ("none", "error", "warning", "info", "debug"),
    "color_space": ("srgb", "display-p3"),
    "chroma_location": ("unspecified", "left", "center", "top-left"),
    "reason": ("unknown", "frames", "bytes", "encoder"),
}
# Those whose place is not: what is beyond WebCodecs has numbers from 64 on.
_BEYOND = {"constant-quality": 64}
_STATES = ("unconfigured", "configured", "closed")
_CHUNK_TYPES = {"key": 1, "delta": 2}
_CAPABILITIES = ("frame-quantizer", "live-bitrate", "temporal-layers", "alpha", "4:2:2", "4:4:4", "10-bit")

# Members whose words the library knows: wcenc_..._from_name and wcenc_..._name.
_NAMED = {"format": "pixel_format", **{name: "color_" + name for name in ("primaries", "transfer", "matrix")}}


# Members that are true or false.
_FLAGS = ("flip", "key_frame", "discard_alpha")

# Shows values in messages.
_short = reprlib.Repr()
_short.maxstring = _short.maxother = 80


def _wrong(name: str, value: Any, use: str) -> TypeError_:
    """What is wrong with an argument: its value, in a line however long it is, and what would be right."""
    text = " ".join(_short.repr(value).split())
    return TypeError_(f"{name} is {text if len(text) <= 100 else text[:97] + '...'}; use {use}")


def _boolean(name: str, value: Any) -> bool:
    with suppress(TypeError, ValueError):
        if not isinstance(value, float) and value in (False, True):
            return bool(value)
    raise _wrong(name, value, "True or False")


def _number(name: str, value: Any) -> float:
    if not isinstance(value, (bool, str, bytes, bytearray)):
        with suppress(TypeError, ValueError, OverflowError):
            return float(value)
    raise _wrong(name, value, "a number")


def _integer(name: str, value: Any, kind: Any) -> int:
    if not isinstance(value, bool):
        with suppress(TypeError):
            number = operator.index(value)
            if kind(number).value == number:  # ctypes would cut what does not fit
                return number
    bits = 8 * sizeof(kind)
    least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind(-1).value < 0 else (0, 2**bits - 1)
    raise _wrong(name, value, f"a whole number from {least} to {most}")


def _text(name: str, value: Any) -> bytes:
    if isinstance(value, str) and "\0" not in value:
        with suppress(UnicodeEncodeError):  # a lone surrogate
            return value.encode()
    raise _wrong(name, value, "a string without null characters")


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def _word(name: str, value: Any) -> int:
    words = _WORDS[name]
    if isinstance(value, str) and value in words:
        return words.index(value)
    raise _wrong(name, value, _either(map(repr, words)))


def _named(name: str, value: Any) -> int:
    """The number of a name that the library knows."""
    number = c_int32()
    with suppress(TypeError_):
        getattr(_lib, f"wcenc_{_NAMED[name]}_from_name")(_text(name, value), byref(number))
        return number.value
    names = (_name_of(name, candidate) for candidate in range(257))  # the last is WCENC_COLOR_MATRIX_RGB
    raise _wrong(name, value, _either(repr(each) for each in names if each))


def _rect(name: str, value: Any) -> _Rect:
    sides: Tuple[Any, ...] = ()
    with suppress(TypeError):
        sides = tuple(value)
    if len(sides) != 4:
        raise _wrong(name, value, "(x, y, width, height)")
    return _Rect(*(_integer(f"{name}.{side}", number, c_uint32) for side, number in zip(Rect._fields, sides)))


def _color_space(name: str, value: Any) -> _ColorSpace:
    members = _members_of(VideoColorSpace, name, value)
    try:
        return VideoColorSpace(**members)._to_c()
    except TypeError_ as error:
        raise TypeError_(f"{name}.{error}") from None


def _convert(name: str, value: Any, kind: Any) -> Any:
    """The value for a member of that name and kind."""
    if kind is c_int32 and name in _WORDS:
        return _word(name, value)
    if kind is c_int32 and name in _NAMED:
        return _named(name, value)
    if kind is c_int32 and name in _FLAGS:
        return _boolean(name, value)
    others = {c_char_p: _text, c_double: _number, _Rect: _rect, _ColorSpace: _color_space}
    if kind in others:
        return others[kind](name, value)
    return _integer(name[:-3] if name.endswith("_us") else name, value, kind)


def _members_of(cls: Any, name: str, value: Any) -> Dict[str, Any]:
    """The members of an object of a dataclass, or of a dict that stands for one."""
    names = [field.name for field in fields(cls)]
    if isinstance(value, cls):
        members = {member: getattr(value, member) for member in names}
    elif isinstance(value, Mapping):
        members = dict(value)
    else:
        raise _wrong(name, value, f"a {cls.__name__} or a dict of its members")
    for key in members:
        if key not in names:
            raise TypeError_(f"{name} has no member {_short.repr(key)}; {_meant(str(key), names)}")
    for field in fields(cls):
        if field.default is MISSING and members.get(field.name) is None:
            raise TypeError_(f"{name}.{field.name} is missing")
    return members


def _meant(key: str, names: List[str]) -> str:
    """What the key of a dict may have been meant to be: "latencyMode", "avc" and "bit_rate" are frequent ones."""
    snake = re.sub("([A-Z])", lambda letter: "_" + letter[1].lower(), key)
    close = [name for name in names if name.startswith(snake + "_")] or difflib.get_close_matches(snake, names, 1)
    return f"did you mean {_either(map(repr, close))}?" if close else f"use {_either(map(repr, names))}"


def _make(kind: Any, **members: Any) -> Any:
    """A struct of the library's with these members; None is absent, and what is given is marked so."""
    struct, kinds = kind(), dict(kind._fields_)
    words = re.sub("([A-Z])", lambda letter: "_" + letter[1].lower(), kind.__name__[1:])
    getattr(_lib, f"wcenc{words}_init")(byref(struct), sizeof(struct))
    for name, value in members.items():
        if value is None:
            continue
        if name == "layout":
            _set_layout(struct, value)
        elif name == "metadata":
            if not isinstance(value, bytes):
                raise _wrong(name, value, "bytes")
            struct.metadata, struct.metadata_size = value, len(value)
        else:
            setattr(struct, name, _convert(name, value, kinds[name]))
            _check_given(name, getattr(struct, name))
            given = "has_" + (name[:-3] if name.endswith("_us") else name)
            if given in kinds:
                setattr(struct, given, 1)
    return struct


def _check_given(name: str, value: Any) -> None:
    """To the library 0 is absent; what the program gives as 0 is not."""
    if name in ("display_width", "display_height") and value == 0:
        raise TypeError_(f"{name} is 0")
    if isinstance(value, _Rect) and (value.width == 0 or value.height == 0):
        raise TypeError_(f"{name} is empty")


def _set_layout(struct: Any, layout: Any) -> None:
    planes = []
    with suppress(TypeError, ValueError):
        planes = [(offset, stride) for offset, stride in layout]
    if not 1 <= len(planes) <= 4:
        raise _wrong("layout", layout, "a list with (offset, stride) for each plane")
    for plane, (offset, stride) in enumerate(planes):
        struct.layout[plane].offset = _integer(f"layout[{plane}].offset", offset, c_uint32)
        struct.layout[plane].stride = _integer(f"layout[{plane}].stride", stride, c_uint32)
    struct.layout_count = len(planes)


def _read(cls: Any, struct: Any, **members: Any) -> Any:
    """A dataclass of what is given, and of what a struct of the library's says of the rest; absent is None."""
    for field in fields(cls):
        name = field.name
        if name in members:
            continue
        value = getattr(struct, name if hasattr(struct, name) else name + "_us")
        if isinstance(value, bytes):
            value = value.decode()
        elif hasattr(struct, name + "_size"):
            value = ctypes.string_at(value, getattr(struct, name + "_size")) if value else None
        elif isinstance(value, _ColorSpace):
            value = VideoColorSpace._of(value)
        elif value == 0 and not getattr(struct, "has_" + name, field.default is not None):
            value = None
        elif name in _NAMED:
            value = _name_of(name, value)
        elif name in _WORDS and value is not None:
            beyond = [word for word in _WORDS[name] if _BEYOND.get(word) == value]
            value = (beyond + [*_WORDS[name][value:value + 1], _WORDS[name][0]])[0]
        members[name] = bool(value) if field.type == "bool" else value
    return cls(**members)


def _new(create: Callable[..., int], *arguments: Any) -> Optional[int]:
    """The handle that a function stores behind its last argument."""
    handle = c_void_p()
    create(*arguments, byref(handle))
    return handle.value


def _microseconds(timeout: Optional[float], name: str = "timeout") -> int:
    """None and infinity are for ever, which is a negative number to the library."""
    seconds = float("inf") if timeout is None else _number(name, timeout)
    if seconds != seconds:
        raise _wrong(name, timeout, "a number of seconds, or None to wait for ever")
    return -1 if seconds == float("inf") else round(max(0, min(seconds * 1e6, 2.0**62)))


def _queue_timeout(timeout: Optional[float]) -> int:
    """To the library 0 is no limit, which is None here; the policy that does not wait is "fail"."""
    limit = _microseconds(timeout, "queue_timeout")
    if limit == 0:
        raise TypeError_("queue_timeout is 0; use the queue_policy 'fail', which does not wait")
    return max(limit, 0)


def _name_of(name: str, number: int) -> Optional[str]:
    text = getattr(_lib, f"wcenc_{_NAMED[name]}_name")(number)
    return None if text is None else text.decode()


# --- Memory of Python's objects, lent to the library ------------------------------------------------------------------


class _PyBuffer(Structure):  # Py_buffer of CPython
    _fields_ = _members("""
    ptr buf obj; ssize len itemsize; i32 readonly ndim; text format; ptr shape strides suboffsets internal""")


_WRITABLE, _STRIDES = 0x01, 0x18  # PyBUF_WRITABLE, PyBUF_STRIDES
_get_buffer = ctypes.pythonapi.PyObject_GetBuffer
_get_buffer.argtypes = [ctypes.py_object, POINTER(_PyBuffer), ctypes.c_int]
_release_buffer = ctypes.pythonapi.PyBuffer_Release
_release_buffer.restype, _release_buffer.argtypes = None, [POINTER(_PyBuffer)]


class _Format(NamedTuple):
    """How the pixels of a format lie in arrays."""

    name: str  # as messages call what is taken
    item_size: int = 1  # bytes of a sample
    planes: Sequence[Tuple[int, int, int]] = ()  # pixels across and down that share samples, and how many these are


_CHUNK = _Format("a chunk")
_WHOLE = (1, 1, 1)
_CHROMA = {"20": (2, 2, 1), "22": (2, 1, 1), "44": (1, 1, 1)}


def _format_of(name: str) -> _Format:
    planar = re.fullmatch("I4(20|22|44)(A?)(P10|P12)?", name)
    if planar:
        chroma = _CHROMA[planar[1]]
        return _Format(name, 2 if planar[3] else 1, (_WHOLE, chroma, chroma) + (_WHOLE,) * len(planar[2]))
    planes = [(1, 1, 4)] if name in ("RGBA", "RGBX", "BGRA", "BGRX") else [_WHOLE, (2, 2, 2)] if name == "NV12" else []
    return _Format(name, 1, planes)


class _Memory:
    """The memory of an object with the buffer protocol: bytes, bytearray, array, mmap, NumPy's arrays. It neither moves
    nor goes away while this object lives."""

    def __init__(self, name: str, source: Any, format: _Format = _CHUNK, *, is_written: bool = False) -> None:
        self.name, buffer = name, _PyBuffer()
        try:
            self.view = memoryview(source)
        except (TypeError, BufferError, ValueError) as error:
            if hasattr(source, "__array_interface__") or hasattr(source, "__array__"):
                raise _wrong(name, source, f"numpy.asarray() of it: {error}") from None
            use = "a bytearray or" if is_written else "bytes, a bytearray, a memoryview or"
            raise _wrong(name, source, f"{use} a NumPy array") from None
        self._check_items(source, format, is_written)
        if is_written and self.view.readonly:
            raise TypeError_(f"{name} is read-only; use a bytearray or a writable NumPy array")
        try:
            _get_buffer(self.view, byref(buffer), _STRIDES | (_WRITABLE if is_written else 0))
        except BufferError as error:
            raise TypeError_(f"{name} cannot be wrapped: {error}; use bytes() of it") from None
        self.address, self.size = buffer.buf, buffer.len
        _release_buffer(byref(buffer))  # the view holds the memory; only its address was missing

    def _check_items(self, source: Any, format: _Format, is_written: bool) -> None:
        """Bytes are taken for all formats, and where a sample has two bytes, so are unsigned shorts."""
        order = "<" if sys.byteorder == "little" else ">!"
        is_bytes = self.view.format.lstrip("@=|<>!") in ("B", "c")
        if is_bytes or (format.item_size == 2 and self.view.format.lstrip("@=|" + order) == "H"):
            return
        is_array, wanted = hasattr(source, "dtype"), "uint8" if format.item_size == 1 else "uint16"
        held = f"the type {str(source.dtype)!r}" if is_array else f"the format {self.view.format!r}"
        takes = "bytes (uint8)" if format.item_size == 1 else "uint16 in the byte order of this machine, or bytes"
        if is_written:
            advice = f"use a bytearray or a NumPy array of {wanted}"
        elif is_array:
            advice = f".astype({wanted!r}) converts the values, .view('uint8') of a contiguous array has their bytes"
        else:
            advice = "memoryview(...).cast('B') has their bytes"
        raise TypeError_(f"{self.name} has items of {held}; {format.name} takes {takes}: {advice}")

    def require_contiguous(self) -> None:
        if not self.view.c_contiguous:
            raise TypeError_(
                f"{self.name} has gaps between its samples, or another order; use a contiguous one: bytes(), "
                f"bytearray() or numpy.ascontiguousarray()"
            )

    def rows(self) -> Tuple[int, int]:
        """From one row to the next (0: without a gap), and from the first byte of all rows to the last."""
        shape, strides, row_bytes = self.view.shape, self.view.strides, self.view.itemsize
        if self.size == 0:
            raise TypeError_(f"{self.name} is empty")
        if len(shape) < 2:
            self.require_contiguous()
            return 0, self.size
        for length, stride in zip(shape[:0:-1], strides[:0:-1]):
            if length > 1 and stride != row_bytes:
                raise TypeError_(
                    f"{self.name} has gaps between the samples of a row, or another order; use "
                    f"numpy.ascontiguousarray() of it"
                )
            row_bytes *= length
        stride = strides[0] if shape[0] > 1 else row_bytes
        if abs(stride) < row_bytes:
            raise TypeError_(f"{self.name} has rows that overlap; use numpy.ascontiguousarray() of it")
        return stride, (shape[0] - 1) * abs(stride) + row_bytes


_keys = itertools.count(1)  # what stands for an object of Python's in the library
_lent: Dict[int, List[_Memory]] = {}


@_UserFn
def _on_release(user: int) -> None:  # on any thread: that of a codec, or one of the program's
    del _lent[user]


def _lend(init: _FrameDesc, data: Any, format: _Format) -> List[_Memory]:
    """Puts the memory of one buffer or of a plane each into the struct. The coded size is that of the rows."""
    if not isinstance(data, (list, tuple)):
        memory = _Memory("data", data, format)
        if memory.view.ndim > 1 and len(format.planes) == 1 and not init.layout_count:
            return _lend_planes(init, [memory], format)
        memory.require_contiguous()
        if memory.view.ndim > 1 and format.planes and not init.layout_count:
            _check_stack(init, memory, format)
        init.data, init.data_size = memory.address, memory.size
        return [memory]
    if init.layout_count:
        raise TypeError_("layout is for one buffer; the planes of a list have the strides of their arrays")
    memories = [_Memory(f"data[{plane}]", source, format) for plane, source in enumerate(data)]
    if len(memories) != (len(format.planes) or min(max(len(memories), 1), 4)):
        raise TypeError_(f"data has {len(memories)} planes; {format.name} takes {len(format.planes) or '1 to 4'}")
    return _lend_planes(init, memories, format)


def _lend_planes(init: _FrameDesc, memories: List[_Memory], format: _Format) -> List[_Memory]:
    for plane, memory in enumerate(memories):
        if memory.view.ndim > 1 and format.planes:
            _check_shape(init, memory, format, plane)
        stride, size = memory.rows()
        init.planes[plane], init.plane_sizes[plane] = memory.address, size
        init.strides[plane] = _integer(f"the stride of {memory.name}", stride, c_int32)
    return memories


def _check_shape(init: _FrameDesc, memory: _Memory, format: _Format, plane: int) -> None:
    """The array of a plane has a row for each row of the plane, and samples in it for each pixel: (rows, pixels,
    samples), or (rows, pixels * samples). The first one gives a coded size that was not set."""
    across, down, samples = format.planes[plane]
    items, shape = samples * format.item_size // memory.view.itemsize, memory.view.shape
    if plane == 0 and (shape[2:] == (items,) or (len(shape) == 2 and items == 1)):
        init.coded_height, init.coded_width = init.coded_height or shape[0], init.coded_width or shape[1]
    size: Tuple[Any, Any] = ("height", "width")
    if init.coded_width and init.coded_height:
        size = -(-init.coded_height // down), -(-init.coded_width // across)
        if shape in ((*size, items), (size[0], size[1] * items)):
            return
    at = f" at {init.coded_width}x{init.coded_height}" if size[0] != "height" else ""
    wanted = _shape_text(*size, items)
    if items > samples:
        wanted = f"{_shape_text(*size, samples)} of uint16, or {wanted} of bytes"
    raise TypeError_(f"{memory.name} has the shape {shape}; {format.name}{at} takes {wanted}")


def _shape_text(rows: Any, columns: Any, items: int) -> str:
    return f"({rows}, {columns}, {items})" if items > 1 else f"({rows}, {columns})"


def _check_stack(init: _FrameDesc, memory: _Memory, format: _Format) -> None:
    """All planes in one array: rows of the width of the picture, as many as the planes have samples for."""
    width, height = init.coded_width, init.coded_height
    shape, count = memory.view.shape, len(format.planes)
    if not (width and height):
        raise TypeError_(
            f"data has the shape {shape}, which does not tell the size of {format.name}; set coded_width and "
            f"coded_height, or use a list of {count} planes"
        )
    items = format.item_size // memory.view.itemsize
    total = items * sum(-(-width // across) * -(-height // down) * samples for across, down, samples in format.planes)
    if shape[-1] != width * items or memory.size != total * memory.view.itemsize:
        raise TypeError_(
            f"data has the shape {shape}; {format.name} at {width}x{height} takes {total} items in one dimension or in "
            f"rows of {width * items}, or a list of {count} planes"
        )


# --- WebCodecs: what is encoded, and what it becomes ------------------------------------------------------------------


class _Owner:
    """One reference to an object of the library's, which is given up with this object; not while the interpreter ends,
    when it is too late for what the library would call."""

    _give_up: Callable[[int], None]
    _handle: Any = None

    def __del__(self, is_ending: Callable[[], bool] = sys.is_finalizing) -> None:
        if self._handle and not is_ending():
            self._give_up(self._handle)

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(self._handle, *arguments)


def _getter(name: str, doc: str, convert: Callable[..., Any] = lambda value: value, *kinds: Any) -> Any:
    """A property: what a function of the library returns, with what it stores behind a pointer to each kind."""
    function = getattr(_lib, "wcenc_" + name)

    def get(self: _Owner) -> Any:
        stored = [kind() for kind in kinds]
        return convert(self._call(function, *map(byref, stored)), *stored)

    return property(get, doc=doc)


def _if_given(is_given: int, number: c_uint64) -> Optional[int]:
    return number.value if is_given else None


@dataclass(frozen=True)
class VideoColorSpace:
    """What the numbers in a picture mean; None is unknown. Names are those of WebCodecs: "bt709", "iec61966-2-1"."""

    primaries: Optional[str] = None
    transfer: Optional[str] = None
    matrix: Optional[str] = None
    full_range: Optional[bool] = None

    def _to_c(self) -> _ColorSpace:
        given = {n: _convert(n, value, c_int32) for n, value in vars(self).items() if n in _NAMED and value is not None}
        range_ = 0 if self.full_range is None else 1 + _boolean("full_range", self.full_range)
        return _ColorSpace(range=range_, **given)

    @staticmethod
    def _of(space: _ColorSpace) -> VideoColorSpace:
        return _read(VideoColorSpace, space, full_range=None if space.range == 0 else space.range == 2)


# A rectangle in pixels, and where a plane lies in a buffer, in bytes.
Rect = NamedTuple("Rect", [("x", int), ("y", int), ("width", int), ("height", int)])
PlaneLayout = NamedTuple("PlaneLayout", [("offset", int), ("stride", int)])


class VideoFrame(_Owner):
    """An unencoded picture with its place in time.

    `data` is one of
      - one buffer with all planes, as `layout` says or one after the other: bytes, memoryview, a NumPy array, ...;
      - an array (height, width, samples) of a format with one plane, maybe with gaps between the rows or bottom-up:
        picture[:, 100:420], picture[::-1];
      - a list with such a buffer, or an array (rows, columns), for each plane;
      - another VideoFrame, whose pixels are shared and of which everything is inherited that is not given.

    Samples of 8 bits are bytes: items of type uint8. Deeper samples are uint16 in the byte order of the machine, or
    their bytes. Items of another type, and a shape that contradicts the coded size, are a TypeError_ that says what
    would work.

    The memory is not copied, unless `copy` says so: it is kept alive, and must not change, until the frame is closed
    and every encoder has done with it. The coded size is that of the rows where `data` is (height, width, samples) or a
    list of planes. `metadata` is bytes that travel along; the rest is in wcenc/frame.h.
    """

    _give_up = _lib.wcenc_frame_unref

    def __init__(
        self, data: Any, *, timestamp: Optional[int] = None, format: Optional[str] = None,
        coded_width: Optional[int] = None, coded_height: Optional[int] = None, duration: Optional[int] = None,
        layout: Optional[Sequence[Tuple[int, int]]] = None, visible_rect: Optional[Sequence[int]] = None,
        display_width: Optional[int] = None, display_height: Optional[int] = None,
        color_space: Optional[VideoColorSpace] = None, rotation: float = 0, flip: bool = False, alpha: str = "keep",
        metadata: Optional[bytes] = None, copy: bool = False, chroma_location: str = "unspecified",
    ) -> None:
        members = dict(
            timestamp_us=timestamp, duration_us=duration, rotation=rotation, flip=flip, visible_rect=visible_rect,
            display_width=display_width, display_height=display_height, metadata=metadata,
            chroma_location=chroma_location,
        )
        own = dict(
            format=format, coded_width=coded_width, coded_height=coded_height, color_space=color_space, layout=layout
        )
        if isinstance(data, VideoFrame):
            if copy or any(value is not None for value in own.values()):
                raise TypeError_("format, size, layout, color_space and copy of a frame of a frame are inherited")
            overrides = _make(_FrameOverrides, discard_alpha=_convert("alpha", alpha, c_int32) == 0, **members)
            self._handle = _new(_lib.wcenc_frame_create_from, data._handle, byref(overrides))
        elif timestamp is None:
            raise TypeError_("timestamp is missing")
        elif alpha != "keep":
            raise _wrong("alpha", alpha, "'keep', or a format without alpha; a frame of a frame may discard its alpha")
        elif format is None:
            raise TypeError_("format is missing")
        else:
            init = _make(_FrameDesc, **members, **own)
            self._handle = self._create(data, _boolean("copy", copy), init, _format_of(format))

    @staticmethod
    def _create(data: Any, copy: bool, init: _FrameDesc, format: _Format) -> Optional[int]:
        memories, key = _lend(init, data, format), next(_keys)
        if copy:
            return _new(_lib.wcenc_frame_create_copy, byref(init))
        _lent[key] = memories
        try:
            return _new(_lib.wcenc_frame_create_wrap, byref(init), _on_release, key)
        except Error:
            del _lent[key]
            raise

    def clone(self) -> VideoFrame:
        """A new frame with the same pixels, equal in everything and closed on its own."""
        clone = VideoFrame.__new__(type(self))
        clone._handle = _new(_lib.wcenc_frame_clone, self._handle)
        return clone

    def close(self) -> None:
        """Lets go of the pixels; encoders that took the frame keep what they need. Twice is as good as once."""
        _lib.wcenc_frame_close(self._handle)

    def __enter__(self) -> VideoFrame:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    closed: bool = _getter("frame_is_closed", "Whether close was called.", bool)
    format: Optional[str] = _getter("frame_get_format", "None once closed.", lambda number: _name_of("format", number))
    coded_width: int = _getter("frame_get_coded_width", "Of the planes; 0 once closed.")
    coded_height: int = _getter("frame_get_coded_height", "Of the planes; 0 once closed.")
    display_width: int = _getter("frame_get_display_width", "To be shown at; 0 once closed.")
    display_height: int = _getter("frame_get_display_height", "To be shown at; 0 once closed.")
    timestamp: int = _getter("frame_get_timestamp_us", "In microseconds; stays after close.")
    rotation: int = _getter("frame_get_rotation", "0, 90, 180 or 270 degrees clockwise.")
    flip: bool = _getter("frame_get_flip", "Whether it is mirrored horizontally after the rotation.", bool)
    duration: Optional[int] = _getter("frame_get_duration_us", "In microseconds; None without.", _if_given, c_uint64)
    visible_rect: Optional[Rect] = _getter(
        "frame_get_visible_rect", "None once closed.",
        lambda status, rect: None if status < 0 else Rect(rect.x, rect.y, rect.width, rect.height), _Rect,
    )
    chroma_location: str = _getter(
        "frame_get_chroma_location", "Where chroma of 4:2:0 lies.", lambda number: _WORDS["chroma_location"][number]
    )
    color_space: VideoColorSpace = _getter(
        "frame_get_color_space", "Of the pixels.", lambda _, space: VideoColorSpace._of(space), _ColorSpace
    )

    @property
    def metadata(self) -> bytes:
        length = c_size_t()
        _lib.wcenc_frame_get_metadata(self._handle, None, 0, byref(length))
        copy = ctypes.create_string_buffer(length.value)
        _lib.wcenc_frame_get_metadata(self._handle, copy, length.value, None)
        return copy.raw

    @staticmethod
    def _copy_options(
        rect: Optional[Sequence[int]] = None, layout: Optional[Sequence[Tuple[int, int]]] = None,
        format: Optional[str] = None, color_space: str = "srgb",
    ) -> _CopyToOptions:
        return _make(_CopyToOptions, rect=rect, layout=layout, format=format, color_space=color_space)

    def allocation_size(self, **options: Any) -> int:
        """The bytes that copy_to needs with the same options."""
        size = c_size_t()
        _lib.wcenc_frame_allocation_size(self._handle, byref(self._copy_options(**options)), byref(size))
        return size.value

    def copy_to(self, destination: Any, **options: Any) -> List[PlaneLayout]:
        """Copies the pixels into a writable buffer, and tells where each plane was put.

        Options: `rect` (default: the visible part), `layout`, `format` (RGBA, RGBX, BGRA or BGRX to convert to) and
        `color_space` of what is converted ("srgb" or "display-p3").
        """
        made = self._copy_options(**options)
        format = _format_of(options.get("format") or self.format or "a closed frame")
        memory = _Memory("destination", destination, format, is_written=True)
        memory.require_contiguous()
        layout = (_PlaneLayout * 4)()
        _lib.wcenc_frame_copy_to(self._handle, byref(made), memory.address, memory.size, layout)
        return [PlaneLayout(plane.offset, plane.stride) for plane in layout if plane.stride]


@dataclass(frozen=True)
class VideoDecoderConfig:
    """What a decoder has to know. `container_private` is the payload of avcC, hvcC, vpcC or av1C for a muxer."""

    codec: str
    description: Optional[bytes]
    container_private: Optional[bytes]
    coded_width: int; coded_height: int
    display_aspect_width: int; display_aspect_height: int
    color_space: VideoColorSpace
    rotation: int
    flip: bool
    reorder_depth: int


@dataclass(frozen=True)
class EncodedVideoChunkMetadata:
    """`decoder_config` comes with the first chunk and whenever it changes; None says that the last one holds. The alpha
    is there with alpha="keep", the layer where the scalability mode has layers."""

    decoder_config: Optional[VideoDecoderConfig] = None
    alpha_side_data: Optional[memoryview] = None
    temporal_layer_id: Optional[int] = None


class EncodedVideoChunk(_Owner):
    """One encoded picture. Immutable; may outlive its encoder."""

    _give_up = _lib.wcenc_chunk_unref

    def __init__(
        self, *, type: str, timestamp: int, data: Any, duration: Optional[int] = None, user_tag: int = 0
    ) -> None:
        """A chunk of bytes from elsewhere, which are copied."""
        if not isinstance(type, str) or type not in _CHUNK_TYPES:
            raise _wrong("type", type, _either(map(repr, _CHUNK_TYPES)))
        if timestamp is None:
            raise TypeError_("timestamp is missing")
        init = _make(
            _ChunkDesc, type=_CHUNK_TYPES[type], timestamp_us=timestamp, duration_us=duration, user_tag=user_tag
        )
        held = bytes(_Memory("data", data).view)
        init.data, init.data_size = ctypes.cast(c_char_p(held), c_void_p), len(held)
        self._handle = _new(_lib.wcenc_chunk_create, byref(init))

    @classmethod
    def _borrow(cls, handle: int) -> EncodedVideoChunk:
        chunk = cls.__new__(cls)
        chunk._handle = _lib.wcenc_chunk_ref(handle)
        return chunk

    type: str = _getter("chunk_get_type", '"key" or "delta".', lambda value: "key" if value == 1 else "delta")
    timestamp: int = _getter("chunk_get_timestamp_us", "That of the frame, in microseconds, exactly as given.")
    dts: int = _getter("chunk_get_dts_us", "When to decode it; differs from the timestamp where there are B-frames.")
    user_tag: int = _getter("chunk_get_user_tag", "That of the encode options.")
    byte_length: int = _getter("chunk_get_byte_length", "How many bytes there are.")
    duration: Optional[int] = _getter("chunk_get_duration_us", "That of the frame; None without.", _if_given, c_uint64)

    def __len__(self) -> int:
        return self.byte_length

    @property
    def data(self) -> memoryview:
        """The bytes, without a copy; they live as long as the view does."""
        return self._view(_lib.wcenc_chunk_get_data(self._handle), self.byte_length)

    def _view(self, address: int, size: int) -> memoryview:
        if size == 0:
            return memoryview(b"")
        block = (ctypes.c_ubyte * size).from_address(address)
        block._chunk = self
        return memoryview(block).toreadonly().cast("B")

    def __bytes__(self) -> bytes:
        return bytes(self.data)

    def copy_to(self, destination: Any) -> None:
        """Copies all bytes into a writable buffer, which may be longer."""
        memory = _Memory("destination", destination, is_written=True)
        memory.require_contiguous()
        _lib.wcenc_chunk_copy_to(self._handle, memory.address, memory.size)

    @property
    def metadata(self) -> EncodedVideoChunkMetadata:
        metadata = _lib.wcenc_chunk_get_metadata(self._handle)
        if not metadata:
            return EncodedVideoChunkMetadata()
        given, config, alpha = metadata.contents, metadata.contents.decoder_config, metadata.contents.alpha_side_data
        return EncodedVideoChunkMetadata(
            _read(VideoDecoderConfig, config.contents) if config else None,
            self._view(alpha, given.alpha_side_data_size) if alpha else None,
            given.temporal_layer_id if given.has_svc else None,
        )

    @property
    def alpha_side_data(self) -> Optional[memoryview]:
        """With alpha="keep" the alpha, coded as a picture of its own; a view as `data` is. None without."""
        return self.metadata.alpha_side_data

    @property
    def temporal_layer_id(self) -> Optional[int]:
        """0 for the base layer; None where the scalability mode has no layers."""
        return self.metadata.temporal_layer_id


@dataclass(frozen=True)
class VideoEncoderConfig:
    """What to encode to. The members below encoder_name are beyond WebCodecs; wcenc/config.h explains them all. A dict
    of these members can stand for it, as a dict of those of VideoColorSpace can for that."""

    codec: str
    width: int; height: int
    bitrate: Optional[int] = None; framerate: Optional[float] = None
    display_width: Optional[int] = None; display_height: Optional[int] = None
    hardware_acceleration: str = "no-preference"; alpha: str = "discard"
    bitrate_mode: str = "variable"; latency_mode: str = "quality"
    bitstream_format: str = "length-prefixed"
    scalability_mode: Optional[str] = None; content_hint: Optional[str] = None
    encoder_name: Optional[str] = None; encoder_options: Optional[str] = None
    threads: int = 0; key_interval: int = 0
    max_b_frames: int = 0; max_delay_frames: int = 0
    quality: Optional[float] = None
    color_space: Optional[VideoColorSpace] = None; chroma_location: str = "unspecified"


@dataclass(frozen=True)
class VideoEncoderSupport:
    """Whether a configuration is supported, why not (`reason`), what would run, and the `codec` of the stream."""

    supported: bool
    config: VideoEncoderConfig
    reason: Optional[str]
    encoder_name: Optional[str]
    codec: Optional[str]
    delay_frames: int
    capabilities: FrozenSet[str]


@dataclass(frozen=True)
class DroppedFrame:
    """A frame that a limit of the queue has dropped: of "frames" or of "bytes"."""

    timestamp: int
    duration: Optional[int]
    user_tag: int
    reason: str


class Stats(Dict[str, int]):
    """The members of wcenc_stats by name."""

    def __getattr__(self, name: str) -> int:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


# --- WebCodecs: the encoder -------------------------------------------------------------------------------------------

Output = Callable[[EncodedVideoChunk, EncodedVideoChunkMetadata], object]

# The library knows an encoder by its key. It does not keep it alive: an encoder that nobody has any more is closed.
_encoders: weakref.WeakValueDictionary[int, _Encoder] = weakref.WeakValueDictionary()


def _output_arguments(handle: int, _: object = None) -> Tuple[EncodedVideoChunk, EncodedVideoChunkMetadata]:
    chunk = EncodedVideoChunk._borrow(handle)
    return chunk, chunk.metadata


# What the library calls, by the member of wcenc_encoder_desc, and what the program's function is given instead.
_TOLD: Dict[str, Tuple[Any, Callable[..., Tuple[Any, ...]]]] = {
    "log": (_LogFn, lambda level, text: (_lib.wcenc_log_level_name(level).decode(), text.decode())),
    "on_output": (_OutputFn, _output_arguments),
    "on_error": (_ErrorFn, lambda error: (_error_of(error.contents.status, error.contents.message),)),
    "on_drop": (_DropFn, lambda drop: (_read(DroppedFrame, drop.contents),)),
    "on_dequeue": (_DequeueFn, lambda queue_size: ()),
}


def _callback(member: str, prototype: Any) -> Any:
    """A function that the library calls with an encoder's key, and that tells the encoder if it is still there."""

    def call(user: int, *arguments: Any) -> None:
        encoder = _encoders.get(user)
        if encoder is not None:
            encoder._tell(member, *arguments)

    return prototype(call)


# These live as long as this module, since one of them may be running at any time.
_CALLBACKS = {member: _callback(member, prototype) for member, (prototype, _) in _TOLD.items()}


def _end_encoder(calls: List[None], has_returned: threading.Event, process: int, handle: int) -> None:
    """Frees an encoder that nobody has any more; or, as the interpreter ends, one that other threads may be calling:
    once it is closed they do not wait, and new calls find that the end has come. Those of before a fork are gone."""
    if calls and os.getpid() == process:
        with suppress(InvalidStateError):
            _lib.wcenc_encoder_close(handle)
        while calls:
            has_returned.wait()
            has_returned.clear()
    _lib.wcenc_encoder_destroy(handle)


def _config_of(config: Union[VideoEncoderConfig, Mapping[str, Any]]) -> _Config:
    return _make(_Config, **_members_of(VideoEncoderConfig, "config", config))


class _Encoder(_Owner):
    """What the encoders have in common."""

    def __init__(
        self, output: Optional[Output] = None, error: Optional[Callable[[Error], object]] = None, *,
        dequeue: Optional[Callable[[], object]] = None, drop: Optional[Callable[[DroppedFrame], object]] = None,
        log: Optional[Callable[[str, str], object]] = None, log_level: str = "info", queue_policy: str = "fail",
        queue_timeout: Optional[float] = None, max_queued_frames: int = 0, max_queued_bytes: int = 0,
        max_pending_results: int = 0,
    ) -> None:
        self._functions = dict(log=log, on_output=output, on_error=error, on_drop=drop, on_dequeue=dequeue)
        for member, function in self._functions.items():
            if function is not None and not callable(function):
                raise _wrong(member.replace("on_", ""), function, "a function")
        if (output is None) != (error is None):
            raise TypeError_(f"{'output' if output is None else 'error'} is missing; set both callbacks, or iterate")
        self._is_called_back = output is not None
        self._calls: List[None] = []  # one for each call that is under way
        self._has_returned = threading.Event()  # set after each call while the interpreter ends
        key = next(_keys)
        init = _make(
            _EncoderDesc, user=key, queue_policy=queue_policy,
            queue_timeout_us=_queue_timeout(queue_timeout), max_queued_frames=max_queued_frames,
            max_queued_bytes=max_queued_bytes, max_pending_results=max_pending_results, log_level=log_level,
        )
        init.delivery = 0 if self._is_called_back else 2  # WCENC_DELIVERY_THREAD, WCENC_DELIVERY_PULL
        for member, function in self._functions.items():
            if function is not None and (self._is_called_back or member == "log"):
                setattr(init, member, _CALLBACKS[member])
        _encoders[key] = self
        self._handle = handle = _new(_lib.wcenc_encoder_create, byref(init))
        # Called at exit too: the library's threads log and let go of pixels, and have to end before the interpreter.
        self._finalizer = weakref.finalize(self, _end_encoder, self._calls, self._has_returned, os.getpid(), handle)

    def __del__(self) -> None:
        """The finalizer has done it."""

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        self._calls.append(None)
        try:
            if not self._finalizer.alive:
                raise InvalidStateError("the interpreter is about to end")
            return function(self._handle, *arguments)
        finally:
            self._calls.pop()
            if not self._finalizer.alive:
                self._has_returned.set()

    def _tell(self, member: str, *arguments: Any) -> None:
        function = self._functions[member]
        if function is not None:
            function(*_TOLD[member][1](*arguments))

    @staticmethod
    def is_config_supported(config: Union[VideoEncoderConfig, Mapping[str, Any]]) -> VideoEncoderSupport:
        """Whether configure would work, and what would run. Opens the encoder to find out, which takes milliseconds."""
        answer = POINTER(_ConfigSupport)()
        _lib.wcenc_is_config_supported(byref(_config_of(config)), byref(answer))
        try:
            support = answer.contents
            return _read(
                VideoEncoderSupport, support, config=_read(VideoEncoderConfig, support.config.contents),
                capabilities=frozenset(n for bit, n in enumerate(_CAPABILITIES) if support.capabilities & 1 << bit),
            )
        finally:
            _lib.wcenc_config_support_free(answer)

    def configure(self, config: Union[VideoEncoderConfig, Mapping[str, Any]]) -> None:
        """Sets what the following frames are encoded to. One that is not supported ends the encoder with an error."""
        self._call(_lib.wcenc_encoder_configure, byref(_config_of(config)))

    def encode(
        self, frame: VideoFrame, *, key_frame: bool = False, quantizer: Optional[int] = None, user_tag: int = 0,
    ) -> None:
        """Queues one frame, which may be closed at once. Waits only where queue_policy is "wait" and a limit is set."""
        if not isinstance(frame, VideoFrame):
            raise _wrong("frame", frame, "a VideoFrame")
        options = _make(_EncodeOptions, key_frame=key_frame, quantizer=quantizer, user_tag=user_tag)
        self._call(_lib.wcenc_encoder_encode, frame._handle, byref(options))

    def reset(self) -> None:
        """Back to unconfigured: everything that was not handed over is forgotten."""
        self._call(_lib.wcenc_encoder_reset)

    def close(self) -> None:
        """As reset, for good. What was not taken is gone: flush before, and take what lies ready."""
        self._call(_lib.wcenc_encoder_close)

    state: str = _getter("encoder_get_state", '"unconfigured", "configured" or "closed".', _STATES.__getitem__)
    encode_queue_size: int = _getter("encoder_get_queue_size", "Frames accepted that the encoder has not begun with.")

    def stats(self) -> Stats:
        """What became of the frames so far, in numbers that fit together and are attributes too: stats().is_idle."""
        stats = _make(_Stats)
        self._call(_lib.wcenc_encoder_get_stats, byref(stats))
        return Stats((name, getattr(stats, name)) for name, _ in _Stats._fields_[1:-1])

    def fileno(self) -> int:
        """A descriptor that is readable while something waits to be taken, for select; not with callbacks."""
        self._require_pull()
        return self._call(_lib.wcenc_encoder_get_event_fd)

    def _require_pull(self) -> None:
        if self._is_called_back:
            raise InvalidStateError("this encoder delivers to its callbacks; one without callbacks can be iterated")

    def _take(self, timeout: Optional[float]) -> Tuple[int, Optional[EncodedVideoChunk]]:
        """One event: _OK, and the chunk if it brings one. _AGAIN: there was none in time. _END: none will follow."""
        self._require_pull()
        event = POINTER(_Event)()
        status: int = self._call(_lib.wcenc_encoder_receive, _microseconds(timeout), byref(event))
        if status != _OK:
            return status, None
        try:
            return status, self._on_event(event.contents)
        finally:
            _lib.wcenc_event_free(event)

    def _on_event(self, event: _Event) -> Optional[EncodedVideoChunk]:
        """The chunk that an event brings, or the error, which is raised; of others is told."""
        if event.type == _OUTPUT:
            return EncodedVideoChunk._borrow(event.chunk)
        if event.type == _ERROR:
            raise _error_of(event.error.contents.status, event.error.contents.message)
        if event.type == _DROP:
            self._tell("on_drop", event.drop)
        elif event.type == _DEQUEUE:
            self._tell("on_dequeue")
        return None


class VideoEncoder(_Encoder):
    """VideoEncoder() is iterated for its chunks, and raises an error where it takes it. VideoEncoder(output, error)
    calls output(chunk, metadata) and error(exception) on threads of the library, one at a time.

    `dequeue()` is called when encode_queue_size has gone down, `drop(dropped_frame)` of each frame that a limit of the
    queue has dropped; without `output` they are called as such an event is taken. `log(level, message)` may be called
    on any thread at any time. Limits and policies are those of wcenc/encoder.h; queue_timeout None waits for ever.

    As a context manager it is closed at the end; an encoder that nobody refers to any more is closed too.
    Calls that wait let other threads run; Ctrl-C is seen when they return, so give them a timeout where it matters.
    """

    def __enter__(self) -> VideoEncoder:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(InvalidStateError):
            self.close()

    def flush(self, timeout: Optional[float] = None) -> None:
        """Waits until every frame so far has become a chunk: with callbacks until all have returned, without until all
        chunks lie ready to be taken."""
        self._call(_lib.wcenc_encoder_flush_timeout, _microseconds(timeout))

    def receive(self, timeout: Optional[float] = None) -> Optional[EncodedVideoChunk]:
        """Waits for the next chunk: TimedOutError where none came in time, None once closed. A thread that takes all:
        `for chunk in iter(encoder.receive, None)`."""
        end = None if timeout is None else time.monotonic() + _number("timeout", timeout)
        while True:
            status, chunk = self._take(timeout)
            if status == _AGAIN:
                raise TimedOutError("no chunk came within the timeout")
            if chunk is not None or status == _END:
                return chunk
            timeout = None if end is None else end - time.monotonic()

    def __iter__(self) -> Iterator[EncodedVideoChunk]:
        """The chunks that are ready, without waiting."""
        status = _OK
        while status == _OK:
            status, chunk = self._take(0)
            if chunk is not None:
                yield chunk


class AsyncVideoEncoder(_Encoder):
    """An encoder of an asyncio loop. Chunks are taken by `async for`, which ends when the encoder is closed, and while
    something else of the encoder is awaited; those wait here until they are asked for. An error is raised from both.

    It belongs to one loop and its thread. What is not awaited never blocks, as long as queue_policy is not "wait".
    """

    def __init__(self, **options: Any) -> None:
        """Options are those of VideoEncoder, but for `output` and `error`."""
        for callback in ("output", "error"):
            if callback in options:
                raise TypeError_(f"{callback} is not for AsyncVideoEncoder; take chunks and errors by `async for`")
        super().__init__(None, None, **options)
        self._taken: Deque[Union[EncodedVideoChunk, Error]] = deque()
        self._waiters: List[asyncio.Future[None]] = []
        self._ends: Dict[int, int] = {}  # flushes and closes that have ended, and how
        self._failure: Optional[Error] = None
        self._dequeues = 0

    async def __aenter__(self) -> AsyncVideoEncoder:
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(InvalidStateError):
            await self.aclose()

    def __aiter__(self) -> AsyncIterator[EncodedVideoChunk]:
        return self

    async def __anext__(self) -> EncodedVideoChunk:
        try:
            await self._until(lambda: bool(self._taken))
        except AbortError:
            raise StopAsyncIteration from None
        item = self._taken.popleft()
        if isinstance(item, Error):
            raise item
        return item

    async def flush(self) -> None:
        """Ends when every frame so far has become a chunk, and all of these have been taken from the library."""
        await self._ended(lambda key: self._call(_lib.wcenc_encoder_flush_async, None, key))

    async def dequeue(self) -> None:
        """Ends when encode_queue_size has gone down: `while encoder.encode_queue_size > 4: await encoder.dequeue()`."""
        seen = self._dequeues
        await self._until(lambda: self._dequeues != seen)

    async def aclose(self) -> None:
        """Closes, and ends when the codec has been freed: nothing is left that could keep the loop waiting."""
        await self._ended(self._close_async)

    def close(self) -> None:
        super().close()
        self._wake()

    def _close_async(self, key: int) -> None:
        self._call(_lib.wcenc_encoder_close_async, None, key)
        self._wake()

    async def _ended(self, ask: Callable[[int], object]) -> None:
        key = next(_keys)
        ask(key)
        await self._until(lambda: key in self._ends)
        status = self._ends.pop(key)
        if self._failure is not None and status == self._failure.status:
            raise self._failure
        if status < 0:
            raise _error_of(status, b"a reset or a close came first")

    async def _until(self, is_so: Callable[[], bool]) -> None:
        """Takes what there is, one by one, and waits for more. Who takes something tells the others."""
        while not is_so():
            status, _ = self._take(0)
            if status == _AGAIN:
                await self._something_to_take()
            elif status == _END:
                raise AbortError("the encoder is closed")
            else:
                self._wake()

    def _on_event(self, event: _Event) -> None:
        if event.type == _ERROR:
            self._failure = _error_of(event.error.contents.status, event.error.contents.message)
            self._taken.append(self._failure)
            return
        if event.type in (_FLUSH_DONE, _CLOSE_DONE):
            self._ends[event.user] = event.status
        elif event.type == _DEQUEUE:
            self._dequeues += 1
        chunk = super()._on_event(event)
        if chunk is not None:
            self._taken.append(chunk)

    async def _something_to_take(self) -> None:
        loop, fd = asyncio.get_running_loop(), self.fileno()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.append(waiter)
        loop.add_reader(fd, self._wake)
        try:
            await waiter
        finally:
            self._waiters = [other for other in self._waiters if other is not waiter]
            if not self._waiters:
                loop.remove_reader(fd)

    def _wake(self) -> None:
        """Everybody looks again."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
