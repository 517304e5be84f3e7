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

Names are those of WebCodecs as Python writes them; what else there is, is explained in the headers of libwcenc.
Timestamps and durations are whole microseconds, as in WebCodecs; timeouts are seconds, as in Python.

An encoder hands its chunks over in one of three ways: VideoEncoder() is iterated, VideoEncoder(output, error) calls
back on threads of the library, AsyncVideoEncoder belongs to an asyncio loop.

This module converts and passes on. It decides nothing about encoding, and everything here may be used on any thread,
AsyncVideoEncoder excepted. A program may end with encoders at work, and with threads that use them. The library is the
file that WCENC_LIBRARY names, or the one that the system finds.
"""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import itertools
import operator
import os
import sys
import threading
import time
import weakref
from collections import deque
from contextlib import suppress
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_double, c_int, c_int32, c_int64, c_size_t
from ctypes import c_ssize_t, c_uint32, c_uint64, c_void_p, sizeof
from dataclasses import dataclass, fields
from typing import Any, AsyncIterator, Callable, Deque, Dict, FrozenSet, Iterator, List, NamedTuple, Optional
from typing import Sequence, Tuple, Type, Union


# --- Errors -----------------------------------------------------------------------------------------------------------


class Error(Exception):
    """What libwcenc reports, in its words. Subclasses are named as WebCodecs names its exceptions."""

    status = 0


# fmt: off
class TypeError_(Error, TypeError): "An argument is not valid in itself; the text names it."; status = -1
class InvalidStateError(Error, RuntimeError): "Closed, or not configured."; status = -2
class NotSupportedError(Error, NotImplementedError): "Valid, but no encoder at hand does it."; status = -3
class EncodingError(Error, RuntimeError): "The codec failed while encoding."; status = -4
class DataError(Error, ValueError): "The frame contradicts the frames before it."; status = -5
class AbortError(Error, RuntimeError): "Ended by reset or close."; status = -6
class QuotaExceededError(Error, RuntimeError): "A limit that the program has set is reached."; status = -7
class OperationError(Error, OSError): "The system refused a thread or a descriptor."; status = -8
class NoMemoryError(Error, MemoryError): "Memory could not be had."; status = -32
class TimedOutError(Error, TimeoutError): "The timeout ran out; the work goes on."; status = -33
class WouldDeadlockError(Error, RuntimeError): "It would wait for the callback that it was called from."; status = -34
# fmt: on


_ERRORS: Dict[int, Type[Error]] = {error.status: error for error in Error.__subclasses__()}


def _error_of(status: int, message: bytes) -> Error:
    return _ERRORS.get(status, Error)(message.decode())


# --- The library: structs, callbacks and functions of include/wcenc ---------------------------------------------------


class _ColorSpace(Structure):
    _fields_ = [("primaries", c_int32), ("transfer", c_int32), ("matrix", c_int32), ("range", c_int32)]


class _Rect(Structure):
    _fields_ = [("x", c_uint32), ("y", c_uint32), ("width", c_uint32), ("height", c_uint32)]


class _PlaneLayout(Structure):
    _fields_ = [("offset", c_uint32), ("stride", c_uint32)]


class _FrameInit(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("timestamp_us", c_int64), ("duration_us", c_uint64), ("rotation", c_double),
        ("planes", c_void_p * 4), ("data", c_void_p), ("data_size", c_size_t), ("metadata", c_char_p),
        ("metadata_size", c_size_t), ("strides", c_int32 * 4), ("layout", _PlaneLayout * 4), ("visible_rect", _Rect),
        ("color_space", _ColorSpace), ("format", c_int32), ("coded_width", c_uint32), ("coded_height", c_uint32),
        ("display_width", c_uint32), ("display_height", c_uint32), ("layout_count", c_uint32),
        ("has_duration", c_int32), ("has_visible_rect", c_int32), ("has_display_width", c_int32),
        ("has_display_height", c_int32), ("has_color_space", c_int32), ("flip", c_int32), ("plane_sizes", c_size_t * 4),
    ]  # fmt: skip


class _FrameOverrides(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("timestamp_us", c_int64), ("duration_us", c_uint64), ("rotation", c_double),
        ("metadata", c_char_p), ("metadata_size", c_size_t), ("visible_rect", _Rect), ("display_width", c_uint32),
        ("display_height", c_uint32), ("has_timestamp", c_int32), ("has_duration", c_int32),
        ("has_visible_rect", c_int32), ("has_display_width", c_int32), ("has_display_height", c_int32),
        ("flip", c_int32), ("discard_alpha", c_int32), ("reserved", c_int32),
    ]  # fmt: skip


class _CopyToOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("rect", _Rect), ("layout", _PlaneLayout * 4), ("layout_count", c_uint32),
        ("has_rect", c_int32), ("format", c_int32), ("color_space", c_int32),
    ]  # fmt: skip


class _ChunkInit(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("timestamp_us", c_int64), ("duration_us", c_uint64), ("user_tag", c_uint64),
        ("data", c_void_p), ("data_size", c_size_t), ("type", c_int32), ("has_duration", c_int32),
    ]  # fmt: skip


class _DecoderConfig(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("codec", c_char_p), ("description", c_void_p), ("description_size", c_size_t),
        ("container_private", c_void_p), ("container_private_size", c_size_t), ("coded_width", c_uint32),
        ("coded_height", c_uint32), ("display_aspect_width", c_uint32), ("display_aspect_height", c_uint32),
        ("color_space", _ColorSpace), ("rotation", c_int32), ("flip", c_int32), ("reorder_depth", c_uint32),
        ("reserved", c_uint32),
    ]  # fmt: skip


class _ChunkMetadata(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("decoder_config", POINTER(_DecoderConfig)), ("alpha_side_data", c_void_p),
        ("alpha_side_data_size", c_size_t), ("has_svc", c_int32), ("temporal_layer_id", c_uint32),
    ]  # fmt: skip


class _Config(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("bitrate", c_uint64), ("framerate", c_double), ("codec", c_char_p),
        ("scalability_mode", c_char_p), ("content_hint", c_char_p), ("encoder_name", c_char_p),
        ("encoder_options", c_char_p), ("width", c_uint32), ("height", c_uint32), ("display_width", c_uint32),
        ("display_height", c_uint32), ("has_bitrate", c_int32), ("has_framerate", c_int32),
        ("has_display_width", c_int32), ("has_display_height", c_int32), ("hardware_acceleration", c_int32),
        ("alpha", c_int32), ("bitrate_mode", c_int32), ("latency_mode", c_int32), ("avc_format", c_int32),
        ("hevc_format", c_int32), ("threads", c_uint32), ("key_interval", c_uint32), ("max_b_frames", c_uint32),
        ("max_frames_held", c_uint32), ("color_space", _ColorSpace),
    ]  # fmt: skip


class _ConfigSupport(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("config", POINTER(_Config)), ("encoder_name", c_char_p), ("reason", c_char_p),
        ("supported", c_int32), ("max_frames_held", c_uint32), ("capabilities", c_uint32), ("reserved", c_uint32),
    ]  # fmt: skip


class _EncodeOptions(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("user_tag", c_uint64), ("key_frame", c_int32), ("has_avc_quantizer", c_int32),
        ("has_hevc_quantizer", c_int32), ("has_vp9_quantizer", c_int32), ("has_av1_quantizer", c_int32),
        ("avc_quantizer", c_uint32), ("hevc_quantizer", c_uint32), ("vp9_quantizer", c_uint32),
        ("av1_quantizer", c_uint32), ("reserved", c_int32),
    ]  # fmt: skip


class _Error(Structure):
    _fields_ = [("struct_size", c_size_t), ("message", c_char_p), ("status", c_int32), ("backend_code", c_int32)]


class _Drop(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("timestamp_us", c_int64), ("duration_us", c_uint64), ("user_tag", c_uint64),
        ("has_duration", c_int32), ("reason", c_int32),
    ]  # fmt: skip


class _Event(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("chunk", c_void_p), ("metadata", POINTER(_ChunkMetadata)),
        ("error", POINTER(_Error)), ("drop", POINTER(_Drop)), ("user", c_void_p), ("type", c_int32),
        ("status", c_int32),
    ]  # fmt: skip


_OUTPUT, _ERROR, _DROP, _DEQUEUE, _FLUSH_DONE, _CLOSE_DONE = range(1, 7)  # wcenc_event.type

_OutputFn = CFUNCTYPE(None, c_void_p, c_void_p, POINTER(_ChunkMetadata))
_ErrorFn = CFUNCTYPE(None, c_void_p, POINTER(_Error))
_DropFn = CFUNCTYPE(None, c_void_p, POINTER(_Drop))
_LogFn = CFUNCTYPE(None, c_void_p, c_int32, c_char_p)
_UserFn = CFUNCTYPE(None, c_void_p)  # dequeue, wakeup, release, destroy


class _EncoderInit(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("user", c_void_p), ("on_output", _OutputFn), ("on_error", _ErrorFn),
        ("on_drop", _DropFn), ("on_dequeue", _UserFn), ("on_wakeup", _UserFn), ("on_destroy", _UserFn),
        ("log", _LogFn), ("log_level", c_int32), ("delivery", c_int32), ("queue_policy", c_int32),
        ("max_queued_frames", c_uint32), ("max_queued_bytes", c_uint64), ("queue_timeout_us", c_int64),
        ("max_pending_results", c_uint32), ("reserved", c_int32),
    ]  # fmt: skip


class _Stats(Structure):
    _fields_ = [
        ("struct_size", c_size_t), ("frames_accepted", c_uint64), ("frames_out", c_uint64),
        ("frames_dropped", c_uint64), ("frames_discarded", c_uint64), ("frames_queued", c_uint64),
        ("frames_in_flight", c_uint64), ("chunks_pending", c_uint64), ("drops_pending", c_uint64),
        ("key_chunks_out", c_uint64), ("bytes_out", c_uint64), ("bytes_queued", c_uint64), ("queued_ns", c_uint64),
        ("converting_ns", c_uint64), ("encoding_ns", c_uint64), ("callback_ns", c_uint64), ("busy_ns", c_uint64),
        ("quantizer", c_uint32), ("has_quantizer", c_int32), ("is_idle", c_int32), ("reserved", c_int32),
    ]  # fmt: skip


def _check(result: int) -> int:
    """The result of a function that can fail. The words belong to this thread, so that no other call comes between."""
    if result < 0:
        raise _error_of(result, _lib.wcenc_last_error())
    return result


def _load() -> ctypes.CDLL:
    """The library, with every function that is used here told what it takes and gives.

    CDLL gives up the interpreter's lock during each call: a call that waits for a callback, or for a thread that runs
    one, does not keep it from running.
    """
    lib = ctypes.CDLL(os.environ.get("WCENC_LIBRARY") or ctypes.util.find_library("wcenc") or "libwcenc.so.0")
    new = POINTER(c_void_p)
    for result, arguments, names in [
        (c_char_p, [], "last_error version_string"),
        (c_char_p, [c_int32],
         "status_name pixel_format_name color_primaries_name color_transfer_name color_matrix_name log_level_name"),
        (_check, [c_char_p, POINTER(c_int32)],
         "pixel_format_from_name color_primaries_from_name color_transfer_from_name color_matrix_from_name"),
        (None, [POINTER(_FrameInit), c_size_t], "frame_init_init"),
        (_check, [POINTER(_FrameInit), new], "frame_create_copy"),
        (_check, [POINTER(_FrameInit), _UserFn, c_void_p, new], "frame_create_wrap"),
        (None, [POINTER(_FrameOverrides), c_size_t], "frame_overrides_init"),
        (_check, [c_void_p, POINTER(_FrameOverrides), new], "frame_create_from"),
        (_check, [c_void_p, new], "frame_clone"),
        (None, [c_void_p], "frame_close frame_unref chunk_unref encoder_destroy"),
        (c_int32, [c_void_p], "frame_is_closed frame_format frame_rotation frame_flip chunk_type encoder_state"),
        (c_uint32, [c_void_p],
         "frame_coded_width frame_coded_height frame_display_width frame_display_height encoder_queue_size"),
        (c_int32, [c_void_p, POINTER(_Rect)], "frame_visible_rect"),
        (c_int64, [c_void_p], "frame_timestamp_us chunk_timestamp_us chunk_dts_us"),
        (c_int32, [c_void_p, POINTER(c_uint64)], "frame_duration_us chunk_duration_us"),
        (None, [c_void_p, POINTER(_ColorSpace)], "frame_color_space"),
        (_check, [c_void_p, c_void_p, c_size_t, POINTER(c_size_t)], "frame_metadata"),
        (None, [POINTER(_CopyToOptions), c_size_t], "copy_to_options_init"),
        (_check, [c_void_p, POINTER(_CopyToOptions), POINTER(c_size_t)], "frame_allocation_size"),
        (_check, [c_void_p, POINTER(_CopyToOptions), c_void_p, c_size_t, _PlaneLayout * 4], "frame_copy_to"),
        (None, [POINTER(_ChunkInit), c_size_t], "chunk_init_init"),
        (_check, [POINTER(_ChunkInit), new], "chunk_create"),
        (c_void_p, [c_void_p], "chunk_ref chunk_data"),
        (c_uint64, [c_void_p], "chunk_user_tag"),
        (c_size_t, [c_void_p], "chunk_byte_length"),
        (_check, [c_void_p, c_void_p, c_size_t], "chunk_copy_to"),
        (POINTER(_ChunkMetadata), [c_void_p], "chunk_get_metadata"),
        (None, [POINTER(_Config), c_size_t], "config_init"),
        (_check, [POINTER(_Config), POINTER(POINTER(_ConfigSupport))], "is_config_supported"),
        (None, [POINTER(_ConfigSupport)], "config_support_unref"),
        (None, [POINTER(_EncoderInit), c_size_t], "encoder_init_init"),
        (_check, [POINTER(_EncoderInit), new], "encoder_create"),
        (_check, [c_void_p, POINTER(_Config)], "encoder_configure"),
        (None, [POINTER(_EncodeOptions), c_size_t], "encode_options_init"),
        (_check, [c_void_p, c_void_p, POINTER(_EncodeOptions)], "encoder_encode"),
        (_check, [c_void_p, c_int64], "encoder_flush_timeout"),
        (_check, [c_void_p, c_void_p, c_void_p], "encoder_flush_async encoder_close_async"),
        (_check, [c_void_p], "encoder_reset encoder_close encoder_event_fd"),
        (None, [POINTER(_Stats), c_size_t], "stats_init"),
        (_check, [c_void_p, POINTER(_Stats)], "encoder_stats"),
        (_check, [c_void_p, c_int64, POINTER(POINTER(_Event))], "encoder_receive"),
        (None, [POINTER(_Event)], "event_unref"),
    ]:  # fmt: skip
        for name in names.split():
            function = getattr(lib, "wcenc_" + name)
            function.restype, function.argtypes = result, arguments
    return lib


_lib = _load()
library_version: str = _lib.wcenc_version_string().decode()


# --- Converting -------------------------------------------------------------------------------------------------------

# Words of WebCodecs whose place in the row is the library's number.
_WORDS: Dict[str, Tuple[str, ...]] = {
    "hardware_acceleration": ("no-preference", "prefer-hardware", "prefer-software"),
    "alpha": ("discard", "keep"),
    "bitrate_mode": ("variable", "constant", "quantizer"),
    "latency_mode": ("quality", "realtime"),
    "avc_format": ("avc", "annexb"),
    "hevc_format": ("hevc", "annexb"),
    "queue_policy": ("fail", "wait", "drop-oldest", "drop-newest"),
    "log_level": ("none", "error", "warning", "info", "debug"),
    "copy_color_space": ("srgb", "display-p3"),
}
_STATES = ("unconfigured", "configured", "closed")
_CHUNK_TYPES = {"key": 1, "delta": 2}
_DROP_REASONS = {1: "frames", 2: "bytes"}
_CAPABILITIES = ("frame-quantizer", "live-bitrate", "temporal-layers", "alpha", "4:2:2", "4:4:4", "10-bit")


def _number(name: str, value: Any, kind: Any) -> int:
    """ctypes would cut what does not fit."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError_(f"{name} is {value!r}, which is no whole number") from None
    if kind(number).value != number:
        raise TypeError_(f"{name} is {number}, which is out of range")
    return number


def _fraction(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError_(f"{name} is {value!r}, which is no number") from None


def _word(name: str, value: Any) -> int:
    if value not in _WORDS[name]:
        raise TypeError_(f"{name} is {value!r}, which is none of {', '.join(_WORDS[name])}")
    return _WORDS[name].index(value)


def _text(name: str, value: Any) -> bytes:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError_(f"{name} is {value!r}, which is no text")
    return value.encode()


def _rect(name: str, value: Any) -> _Rect:
    if not isinstance(value, (list, tuple)) or len(value) != 4:
        raise TypeError_(f"{name} is {value!r}, which is not x, y, width and height")
    return _Rect(*(_number(f"{name}.{side}", number, c_uint32) for (side, _), number in zip(_Rect._fields_, value)))


def _from_name(find: Callable[..., int], name: str, value: Optional[str]) -> int:
    number = c_int32(0)
    if value is not None:
        try:
            find(_text(name, value), byref(number))
        except TypeError_ as error:
            raise TypeError_(f"{name}: {error}") from None
    return number.value


def _convert(name: str, value: Any, kind: Any) -> Any:
    if name in _WORDS:
        return _word(name, value)
    if name == "format":
        return _from_name(_lib.wcenc_pixel_format_from_name, name, value)
    if kind is c_char_p:
        return _text(name, value)
    if kind is c_double:
        return _fraction(name, value)
    if kind is _Rect:
        return _rect(name, value)
    if kind is _ColorSpace:
        if not isinstance(value, VideoColorSpace):
            raise TypeError_(f"{name} is {value!r}, which is no VideoColorSpace")
        return value._to_c()
    return _number(name, value, kind)


def _make(kind: Any, init: Callable[..., None], **members: Any) -> Any:
    """A struct of the library's with these members; None is absent, and what is given is marked so."""
    struct = kind()
    init(byref(struct), sizeof(struct))
    kinds = dict(kind._fields_)
    for name, value in members.items():
        if value is not None:
            setattr(struct, name, _convert(name, value, kinds[name]))
            given = "has_" + (name[:-3] if name.endswith("_us") else name)
            if given in kinds:
                setattr(struct, given, 1)
    return struct


def _set_metadata(struct: Any, metadata: Optional[bytes]) -> None:
    if metadata is not None:
        if not isinstance(metadata, bytes):
            raise TypeError_(f"metadata is {metadata!r}, which is not of bytes")
        struct.metadata, struct.metadata_size = metadata, len(metadata)


def _set_layout(struct: Any, layout: Optional[Sequence[Tuple[int, int]]]) -> None:
    if layout is not None:
        if len(layout) > 4 or any(len(plane) != 2 for plane in layout):
            raise TypeError_(f"layout is {layout!r}, which is no list of an offset and a stride for each plane")
        for plane, (offset, stride) in enumerate(layout):
            struct.layout[plane].offset = _number(f"layout[{plane}].offset", offset, c_uint32)
            struct.layout[plane].stride = _number(f"layout[{plane}].stride", stride, c_uint32)
        struct.layout_count = len(layout)


def _microseconds(timeout: Optional[float]) -> int:
    """None is for ever, which is a negative number to the library."""
    return -1 if timeout is None else max(0, min(round(timeout * 1e6), 2**63 - 1))


def _optional(function: Callable[..., int], handle: int) -> Optional[int]:
    """A duration, or None where the function says that there is none."""
    value = c_uint64()
    return value.value if function(handle, byref(value)) else None


def _bytes_at(address: Optional[int], size: int) -> Optional[bytes]:
    return ctypes.string_at(address, size) if address else None


def _decode(text: Optional[bytes]) -> Optional[str]:
    return None if text is None else text.decode()


# --- Memory of Python's objects, lent to the library ------------------------------------------------------------------


class _PyBuffer(Structure):  # Py_buffer of CPython
    _fields_ = [
        ("buf", c_void_p), ("obj", c_void_p), ("len", c_ssize_t), ("itemsize", c_ssize_t), ("readonly", c_int),
        ("ndim", c_int), ("format", c_char_p), ("shape", POINTER(c_ssize_t)), ("strides", POINTER(c_ssize_t)),
        ("suboffsets", POINTER(c_ssize_t)), ("internal", c_void_p),
    ]  # fmt: skip


_WRITABLE_BYTES, _ANY_STRIDES = 0x01, 0x1C  # PyBUF_WRITABLE, PyBUF_STRIDES | PyBUF_FORMAT
_get_buffer = ctypes.pythonapi.PyObject_GetBuffer
_get_buffer.argtypes = [ctypes.py_object, POINTER(_PyBuffer), c_int]
_release_buffer = ctypes.pythonapi.PyBuffer_Release
_release_buffer.restype, _release_buffer.argtypes = None, [POINTER(_PyBuffer)]
_is_contiguous = ctypes.pythonapi.PyBuffer_IsContiguous
_is_contiguous.argtypes = [POINTER(_PyBuffer), ctypes.c_char]


class _Memory:
    """The memory of an object with the buffer protocol: bytes, bytearray, array, mmap, NumPy's arrays. It neither moves
    nor goes away while this object lives."""

    def __init__(self, name: str, source: Any, flags: int) -> None:
        self.name, self.view = name, _PyBuffer()
        try:
            _get_buffer(source, byref(self.view), flags)
        except (TypeError, BufferError, ValueError) as error:
            raise TypeError_(f"{name} cannot be lent: {error}") from None
        code = (self.view.format or b"B").decode().lstrip("@=|" + ("<" if sys.byteorder == "little" else ">!"))
        if code not in set("bBc?hHiIlLqQ"):
            raise TypeError_(f"{name} is made of {code!r}, and not of whole numbers in the byte order of the machine")
        self.address = self.view.buf
        self.size = self.view.len
        self.shape = tuple(self.view.shape[: self.view.ndim]) if self.view.shape else ()
        self.strides = tuple(self.view.strides[: self.view.ndim]) if self.view.strides else ()
        self.is_contiguous = bool(_is_contiguous(byref(self.view), b"C"))

    def __del__(self, release: Any = _release_buffer, byref: Any = byref) -> None:  # the module may be gone by then
        release(byref(self.view))

    def rows(self) -> Tuple[int, int]:
        """From one row to the next (0: without a gap), and from the first byte of all rows to the last."""
        if self.size == 0:
            raise TypeError_(f"{self.name} is empty")
        if len(self.shape) < 2:
            if not self.is_contiguous:
                raise TypeError_(f"{self.name} has gaps between its samples")
            return 0, self.size
        row_bytes = self.view.itemsize
        for length, stride in zip(self.shape[:0:-1], self.strides[:0:-1]):
            if length > 1 and stride != row_bytes:
                raise TypeError_(f"{self.name} has gaps between the samples of a row")
            row_bytes *= length
        stride = self.strides[0] if self.shape[0] > 1 else row_bytes
        return stride, (self.shape[0] - 1) * abs(stride) + row_bytes


_keys = itertools.count(1)  # what stands for an object of Python's in the library
_lent: Dict[int, List[_Memory]] = {}


@_UserFn
def _on_release(user: int) -> None:  # on any thread: that of a codec, or one of the program's
    del _lent[user]


def _lend(init: _FrameInit, data: Any) -> List[_Memory]:
    """Puts the memory of one buffer or of a plane each into the struct."""
    if isinstance(data, (list, tuple)):
        if not 1 <= len(data) <= 4:
            raise TypeError_(f"data has {len(data)} planes")
        memories = [_Memory(f"data[{plane}]", source, _ANY_STRIDES) for plane, source in enumerate(data)]
    else:
        memories = [_Memory("data", data, _ANY_STRIDES)]
        if memories[0].is_contiguous:
            init.data, init.data_size = memories[0].address, memories[0].size
            return memories
    for plane, memory in enumerate(memories):
        stride, size = memory.rows()
        init.planes[plane], init.plane_sizes[plane] = memory.address, size
        init.strides[plane] = _number(f"the stride of {memory.name}", stride, c_int32)
    return memories


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


def _getter(name: str, doc: str, convert: Callable[[Any], Any] = lambda value: value) -> Any:
    """A property that a function of the library answers."""
    function = getattr(_lib, "wcenc_" + name)
    return property(lambda self: convert(self._call(function)), doc=doc)


@dataclass(frozen=True)
class VideoColorSpace:
    """What the numbers in a picture mean; None is unknown. Names are those of WebCodecs: "bt709", "iec61966-2-1"."""

    primaries: Optional[str] = None
    transfer: Optional[str] = None
    matrix: Optional[str] = None
    full_range: Optional[bool] = None

    def _to_c(self) -> _ColorSpace:
        return _ColorSpace(
            _from_name(_lib.wcenc_color_primaries_from_name, "primaries", self.primaries),
            _from_name(_lib.wcenc_color_transfer_from_name, "transfer", self.transfer),
            _from_name(_lib.wcenc_color_matrix_from_name, "matrix", self.matrix),
            0 if self.full_range is None else 1 + bool(self.full_range),
        )

    @classmethod
    def _of(cls, space: _ColorSpace) -> VideoColorSpace:
        return cls(
            _decode(_lib.wcenc_color_primaries_name(space.primaries)),
            _decode(_lib.wcenc_color_transfer_name(space.transfer)),
            _decode(_lib.wcenc_color_matrix_name(space.matrix)),
            None if space.range == 0 else space.range == 2,
        )


class Rect(NamedTuple):
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int


class PlaneLayout(NamedTuple):
    """Where a plane lies in a buffer, in bytes."""

    offset: int
    stride: int


class VideoFrame(_Owner):
    """An unencoded picture with its place in time.

    `data` is one of
      - one buffer with all planes, as `layout` says or one after the other: bytes, memoryview, a NumPy array, ...;
      - an array of rows of a format with one plane, whose rows may have gaps between them and run bottom-up:
        picture[:, 100:420], picture[::-1];
      - a list with such a buffer or array for each plane;
      - another VideoFrame, whose pixels are shared and of which everything is inherited that is not given.

    The memory is not copied, unless `copy` says so: it is kept alive, and must not change, until the frame is closed
    and every encoder has done with it. The coded size is that of the rows where `data` is (height, width, samples) or a
    list of planes. Timestamps and durations are whole microseconds. The members are VideoFrameBufferInit's and
    VideoFrameInit's; `metadata` is bytes that travel along.
    """

    _give_up = _lib.wcenc_frame_unref

    def __init__(
        self,
        data: Any,
        *,
        timestamp: Optional[int] = None,
        format: Optional[str] = None,
        coded_width: Optional[int] = None,
        coded_height: Optional[int] = None,
        duration: Optional[int] = None,
        layout: Optional[Sequence[Tuple[int, int]]] = None,
        visible_rect: Optional[Sequence[int]] = None,
        display_width: Optional[int] = None,
        display_height: Optional[int] = None,
        color_space: Optional[VideoColorSpace] = None,
        rotation: float = 0,
        flip: bool = False,
        alpha: str = "keep",
        metadata: Optional[bytes] = None,
        copy: bool = False,
    ) -> None:
        members = dict(
            timestamp_us=timestamp, duration_us=duration, rotation=rotation, flip=flip, visible_rect=visible_rect,
            display_width=display_width, display_height=display_height,
        )  # fmt: skip
        own = dict(format=format, coded_width=coded_width, coded_height=coded_height, color_space=color_space)
        if isinstance(data, VideoFrame):
            if any((*own.values(), layout, copy)):
                raise TypeError_("format, size, layout, color_space and copy of a frame of a frame are inherited")
            members["discard_alpha"] = _word("alpha", alpha) == 0
            handle = self._create_from(data, metadata, members)
        elif timestamp is None:
            raise TypeError_("timestamp is missing")
        elif alpha != "keep":
            raise TypeError_(f"alpha is {alpha!r}, which only a frame of a frame takes")
        else:
            handle = self._create(data, layout, metadata, copy, {**members, **own})
        self._handle = handle

    @staticmethod
    def _create_from(frame: VideoFrame, metadata: Optional[bytes], members: Dict[str, Any]) -> Optional[int]:
        overrides, handle = _make(_FrameOverrides, _lib.wcenc_frame_overrides_init, **members), c_void_p()
        _set_metadata(overrides, metadata)
        _lib.wcenc_frame_create_from(frame._handle, byref(overrides), byref(handle))
        return handle.value

    @staticmethod
    def _create(
        data: Any, layout: Any, metadata: Optional[bytes], copy: bool, members: Dict[str, Any]
    ) -> Optional[int]:
        init, handle = _make(_FrameInit, _lib.wcenc_frame_init_init, **members), c_void_p()
        memories = _lend(init, data)
        if len(memories[0].shape) == 3 or (init.planes[0] and len(memories[0].shape) == 2):
            init.coded_height, init.coded_width = (
                init.coded_height or memories[0].shape[0],
                init.coded_width or memories[0].shape[1],
            )
        _set_layout(init, layout)
        _set_metadata(init, metadata)
        if copy:
            _lib.wcenc_frame_create_copy(byref(init), byref(handle))
            return handle.value
        key = next(_keys)
        _lent[key] = memories
        try:
            _lib.wcenc_frame_create_wrap(byref(init), _on_release, key, byref(handle))
        except Error:
            del _lent[key]
            raise
        return handle.value

    def clone(self) -> VideoFrame:
        """A new frame with the same pixels, equal in everything and closed on its own."""
        handle, clone = c_void_p(), VideoFrame.__new__(type(self))
        _lib.wcenc_frame_clone(self._handle, byref(handle))
        clone._handle = handle.value
        return clone

    def close(self) -> None:
        """Lets go of the pixels; encoders that took the frame keep what they need. Twice is as good as once."""
        _lib.wcenc_frame_close(self._handle)

    def __enter__(self) -> VideoFrame:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    closed: bool = _getter("frame_is_closed", "Whether close was called.", bool)
    format: Optional[str] = _getter(
        "frame_format", "None once closed.", lambda value: _decode(_lib.wcenc_pixel_format_name(value))
    )
    coded_width: int = _getter("frame_coded_width", "Of the planes; 0 once closed.")
    coded_height: int = _getter("frame_coded_height", "Of the planes; 0 once closed.")
    display_width: int = _getter("frame_display_width", "To be shown at; 0 once closed.")
    display_height: int = _getter("frame_display_height", "To be shown at; 0 once closed.")
    timestamp: int = _getter("frame_timestamp_us", "In microseconds; stays after close.")
    rotation: int = _getter("frame_rotation", "0, 90, 180 or 270 degrees clockwise.")
    flip: bool = _getter("frame_flip", "Whether it is mirrored horizontally after the rotation.", bool)

    @property
    def duration(self) -> Optional[int]:
        """In microseconds, None where there is none; stays after close."""
        return _optional(_lib.wcenc_frame_duration_us, self._handle)

    @property
    def visible_rect(self) -> Optional[Rect]:
        """None once closed."""
        rect = _Rect()
        if _lib.wcenc_frame_visible_rect(self._handle, byref(rect)) < 0:
            return None
        return Rect(rect.x, rect.y, rect.width, rect.height)

    @property
    def color_space(self) -> VideoColorSpace:
        space = _ColorSpace()
        _lib.wcenc_frame_color_space(self._handle, byref(space))
        return VideoColorSpace._of(space)

    @property
    def metadata(self) -> bytes:
        length = c_size_t()
        _lib.wcenc_frame_metadata(self._handle, None, 0, byref(length))
        copy = ctypes.create_string_buffer(length.value)
        _lib.wcenc_frame_metadata(self._handle, copy, length.value, None)
        return copy.raw

    @staticmethod
    def _copy_options(
        rect: Optional[Sequence[int]] = None,
        layout: Optional[Sequence[Tuple[int, int]]] = None,
        format: Optional[str] = None,
        color_space: str = "srgb",
    ) -> _CopyToOptions:
        options = _make(_CopyToOptions, _lib.wcenc_copy_to_options_init, rect=rect, format=format)
        options.color_space = _word("copy_color_space", color_space)
        _set_layout(options, layout)
        return options

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
        made, memory = self._copy_options(**options), _Memory("destination", destination, _WRITABLE_BYTES)
        layout = (_PlaneLayout * 4)()
        _lib.wcenc_frame_copy_to(self._handle, byref(made), memory.address, memory.size, layout)
        return [PlaneLayout(plane.offset, plane.stride) for plane in layout if plane.stride]


@dataclass(frozen=True)
class VideoDecoderConfig:
    """What a decoder has to know. `container_private` is the payload of avcC, hvcC, vpcC or av1C for a muxer."""

    codec: str
    description: Optional[bytes]
    container_private: Optional[bytes]
    coded_width: int
    coded_height: int
    display_aspect_width: int
    display_aspect_height: int
    color_space: VideoColorSpace
    rotation: int
    flip: bool
    reorder_depth: int

    @classmethod
    def _of(cls, config: _DecoderConfig) -> VideoDecoderConfig:
        return cls(
            codec=config.codec.decode(),
            description=_bytes_at(config.description, config.description_size),
            container_private=_bytes_at(config.container_private, config.container_private_size),
            color_space=VideoColorSpace._of(config.color_space),
            flip=bool(config.flip),
            **{
                name: getattr(config, name)
                for name in ("coded_width", "coded_height", "display_aspect_width", "display_aspect_height",
                             "rotation", "reorder_depth")
            },
        )  # fmt: skip


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
        if type not in _CHUNK_TYPES:
            raise TypeError_(f"type is {type!r}, which is none of {', '.join(_CHUNK_TYPES)}")
        handle, init = c_void_p(), _make(
            _ChunkInit, _lib.wcenc_chunk_init_init, type=_CHUNK_TYPES[type], timestamp_us=timestamp,
            duration_us=duration, user_tag=user_tag,
        )  # fmt: skip
        held = bytes(memoryview(data))
        init.data, init.data_size = ctypes.cast(c_char_p(held), c_void_p), len(held)
        _lib.wcenc_chunk_create(byref(init), byref(handle))
        self._handle = handle.value

    @classmethod
    def _borrow(cls, handle: int) -> EncodedVideoChunk:
        chunk = cls.__new__(cls)
        chunk._handle = _lib.wcenc_chunk_ref(handle)
        return chunk

    type: str = _getter("chunk_type", '"key" or "delta".', lambda value: "key" if value == 1 else "delta")
    timestamp: int = _getter("chunk_timestamp_us", "That of the frame, in microseconds, exactly as given.")
    dts: int = _getter("chunk_dts_us", "When to decode it; differs from the timestamp where there are B-frames.")
    user_tag: int = _getter("chunk_user_tag", "That of the encode options.")
    byte_length: int = _getter("chunk_byte_length", "How many bytes there are.")

    @property
    def duration(self) -> Optional[int]:
        """That of the frame, in microseconds; None where there was none."""
        return _optional(_lib.wcenc_chunk_duration_us, self._handle)

    def __len__(self) -> int:
        return self.byte_length

    @property
    def data(self) -> memoryview:
        """The bytes, without a copy; they live as long as the view does."""
        return self._view(_lib.wcenc_chunk_data(self._handle), self.byte_length)

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
        memory = _Memory("destination", destination, _WRITABLE_BYTES)
        _lib.wcenc_chunk_copy_to(self._handle, memory.address, memory.size)

    @property
    def metadata(self) -> EncodedVideoChunkMetadata:
        metadata = _lib.wcenc_chunk_get_metadata(self._handle)
        if not metadata:
            return EncodedVideoChunkMetadata()
        given, config, alpha = metadata.contents, metadata.contents.decoder_config, metadata.contents.alpha_side_data
        return EncodedVideoChunkMetadata(
            VideoDecoderConfig._of(config.contents) if config else None,
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
    """What to encode to. The members below encoder_name are beyond WebCodecs; wcenc/config.h explains them all."""

    codec: str
    width: int
    height: int
    bitrate: Optional[int] = None
    framerate: Optional[float] = None
    display_width: Optional[int] = None
    display_height: Optional[int] = None
    hardware_acceleration: str = "no-preference"
    alpha: str = "discard"
    bitrate_mode: str = "variable"
    latency_mode: str = "quality"
    avc_format: str = "avc"
    hevc_format: str = "hevc"
    scalability_mode: Optional[str] = None
    content_hint: Optional[str] = None
    encoder_name: Optional[str] = None
    encoder_options: Optional[str] = None
    threads: int = 0
    key_interval: int = 0
    max_b_frames: int = 0
    max_frames_held: int = 0
    color_space: Optional[VideoColorSpace] = None

    def _to_c(self) -> _Config:
        return _make(_Config, _lib.wcenc_config_init, **{f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def _of(cls, config: _Config) -> VideoEncoderConfig:
        members: Dict[str, Any] = {}
        for member in fields(cls):
            value = getattr(config, member.name)
            if member.name in _WORDS:
                value = _WORDS[member.name][value]
            elif isinstance(value, bytes):
                value = value.decode()
            elif isinstance(value, _ColorSpace):
                value = VideoColorSpace._of(value)
            elif value == 0 and not getattr(config, "has_" + member.name, 1):
                value = None
            members[member.name] = value
        return cls(**members)


@dataclass(frozen=True)
class VideoEncoderSupport:
    """Whether a configuration is supported, why not (`reason`), and what would run."""

    supported: bool
    config: VideoEncoderConfig
    reason: Optional[str]
    encoder_name: Optional[str]
    max_frames_held: int
    capabilities: FrozenSet[str]


@dataclass(frozen=True)
class DroppedFrame:
    """A frame that a limit of the queue has dropped: of "frames" or of "bytes"."""

    timestamp: int
    duration: Optional[int]
    user_tag: int
    reason: str

    @classmethod
    def _of(cls, drop: _Drop) -> DroppedFrame:
        duration = drop.duration_us if drop.has_duration else None
        return cls(drop.timestamp_us, duration, drop.user_tag, _DROP_REASONS.get(drop.reason, "unknown"))


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


# The functions that the library calls live as long as this module, since one of them may be running at any time.
@_OutputFn
def _on_output(user: int, chunk: int, metadata: object) -> None:
    encoder = _encoders.get(user)
    if encoder is not None:
        encoder._tell_output(EncodedVideoChunk._borrow(chunk))


@_ErrorFn
def _on_error(user: int, error: Any) -> None:
    encoder = _encoders.get(user)
    if encoder is not None and encoder._error is not None:
        encoder._error(_error_of(error.contents.status, error.contents.message))


@_DropFn
def _on_drop(user: int, drop: Any) -> None:
    encoder = _encoders.get(user)
    if encoder is not None:
        encoder._tell_drop(drop)


@_UserFn
def _on_dequeue(user: int) -> None:
    encoder = _encoders.get(user)
    if encoder is not None:
        encoder._tell_dequeue()


@_LogFn
def _on_log(user: int, level: int, message: bytes) -> None:
    encoder = _encoders.get(user)
    if encoder is not None and encoder._log is not None:
        encoder._log(_lib.wcenc_log_level_name(level).decode(), message.decode())


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


class _Encoder(_Owner):
    """What the encoders have in common."""

    def __init__(
        self,
        output: Optional[Output] = None,
        error: Optional[Callable[[Error], object]] = None,
        *,
        dequeue: Optional[Callable[[], object]] = None,
        drop: Optional[Callable[[DroppedFrame], object]] = None,
        log: Optional[Callable[[str, str], object]] = None,
        log_level: str = "info",
        queue_policy: str = "fail",
        queue_timeout: Optional[float] = None,
        max_queued_frames: int = 0,
        max_queued_bytes: int = 0,
        max_pending_results: int = 0,
    ) -> None:
        self._output, self._error, self._drop, self._dequeue, self._log = output, error, drop, dequeue, log
        self._calls: List[None] = []  # one for each call that is under way
        self._has_returned = threading.Event()  # set after each call while the interpreter ends
        handle, key = c_void_p(), next(_keys)
        init = _make(
            _EncoderInit, _lib.wcenc_encoder_init_init, user=key, queue_policy=queue_policy,
            queue_timeout_us=_microseconds(queue_timeout), max_queued_frames=max_queued_frames,
            max_queued_bytes=max_queued_bytes, max_pending_results=max_pending_results,
            log_level=log_level if log else None,
        )  # fmt: skip
        if log:
            init.log = _on_log
        if output or error:
            for member, function, wanted in [
                ("on_output", _on_output, output), ("on_error", _on_error, error), ("on_drop", _on_drop, drop),
                ("on_dequeue", _on_dequeue, dequeue),
            ]:  # fmt: skip
                if wanted:
                    setattr(init, member, function)
        else:
            init.delivery = 2  # WCENC_DELIVERY_PULL
        _encoders[key] = self
        _lib.wcenc_encoder_create(byref(init), byref(handle))
        self._handle = handle.value
        # Called at exit too: the library's threads log and let go of pixels, and have to end before the interpreter.
        self._finalizer = weakref.finalize(
            self, _end_encoder, self._calls, self._has_returned, os.getpid(), handle.value
        )

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

    def _tell_output(self, chunk: EncodedVideoChunk) -> None:
        if self._output:
            self._output(chunk, chunk.metadata)

    def _tell_drop(self, drop: Any) -> None:
        if self._drop:
            self._drop(DroppedFrame._of(drop.contents))

    def _tell_dequeue(self) -> None:
        if self._dequeue:
            self._dequeue()

    @staticmethod
    def is_config_supported(config: VideoEncoderConfig) -> VideoEncoderSupport:
        """Whether configure would work, and what would run. Opens the encoder to find out, which takes milliseconds."""
        answer = POINTER(_ConfigSupport)()
        _lib.wcenc_is_config_supported(byref(config._to_c()), byref(answer))
        try:
            support = answer.contents
            bits = (name for bit, name in enumerate(_CAPABILITIES) if support.capabilities & 1 << bit)
            return VideoEncoderSupport(
                bool(support.supported), VideoEncoderConfig._of(support.config.contents), _decode(support.reason),
                _decode(support.encoder_name), support.max_frames_held, frozenset(bits),
            )  # fmt: skip
        finally:
            _lib.wcenc_config_support_unref(answer)

    def configure(self, config: VideoEncoderConfig) -> None:
        """Sets what the following frames are encoded to. One that is not supported ends the encoder with an error."""
        self._call(_lib.wcenc_encoder_configure, byref(config._to_c()))

    def encode(
        self,
        frame: VideoFrame,
        *,
        key_frame: bool = False,
        avc_quantizer: Optional[int] = None,
        hevc_quantizer: Optional[int] = None,
        vp9_quantizer: Optional[int] = None,
        av1_quantizer: Optional[int] = None,
        user_tag: int = 0,
    ) -> None:
        """Queues one frame, which may be closed at once. Waits only where queue_policy is "wait" and a limit is set."""
        if not isinstance(frame, VideoFrame):
            raise TypeError_(f"frame is {frame!r}, which is no VideoFrame")
        options = _make(
            _EncodeOptions, _lib.wcenc_encode_options_init, key_frame=bool(key_frame), avc_quantizer=avc_quantizer,
            hevc_quantizer=hevc_quantizer, vp9_quantizer=vp9_quantizer, av1_quantizer=av1_quantizer, user_tag=user_tag,
        )  # fmt: skip
        self._call(_lib.wcenc_encoder_encode, frame._handle, byref(options))

    def reset(self) -> None:
        """Back to unconfigured: everything that was not handed over is forgotten."""
        self._call(_lib.wcenc_encoder_reset)

    def close(self) -> None:
        """As reset, for good. What was not taken is gone: flush before, and take what lies ready."""
        self._call(_lib.wcenc_encoder_close)

    state: str = _getter("encoder_state", '"unconfigured", "configured" or "closed".', _STATES.__getitem__)
    encode_queue_size: int = _getter("encoder_queue_size", "Frames accepted that the encoder has not begun with.")

    def stats(self) -> Stats:
        """What became of the frames so far, in numbers that fit together and are attributes too: stats().is_idle."""
        stats = _make(_Stats, _lib.wcenc_stats_init)
        self._call(_lib.wcenc_encoder_stats, byref(stats))
        return Stats((name, getattr(stats, name)) for name, _ in _Stats._fields_[1:-1])

    def fileno(self) -> int:
        """A descriptor that is readable while something waits to be taken, for select; not with callbacks."""
        return self._call(_lib.wcenc_encoder_event_fd)

    def _take(self, timeout: Optional[float], handle_event: Callable[[_Event], Any]) -> Any:
        event = POINTER(_Event)()
        self._call(_lib.wcenc_encoder_receive, _microseconds(timeout), byref(event))
        try:
            return handle_event(event.contents)
        finally:
            _lib.wcenc_event_unref(event)


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

    def _on_event(self, event: _Event) -> Optional[EncodedVideoChunk]:
        if event.type == _OUTPUT:
            return EncodedVideoChunk._borrow(event.chunk)
        if event.type == _ERROR:
            raise _error_of(event.error.contents.status, event.error.contents.message)
        if event.type == _DROP:
            self._tell_drop(event.drop)
        elif event.type == _DEQUEUE:
            self._tell_dequeue()
        return None

    def receive(self, timeout: Optional[float] = None) -> Optional[EncodedVideoChunk]:
        """Waits for the next chunk: TimedOutError where none came in time, None once closed. A thread that takes all:
        `for chunk in iter(encoder.receive, None)`."""
        end = None if timeout is None else time.monotonic() + timeout
        with suppress(AbortError):
            while True:
                chunk = self._take(timeout, self._on_event)
                if chunk is not None:
                    return chunk
                timeout = None if end is None else end - time.monotonic()
        return None

    def __iter__(self) -> Iterator[EncodedVideoChunk]:
        """The chunks that are ready, without waiting."""
        with suppress(TimedOutError):
            yield from iter(lambda: self.receive(0), None)


class AsyncVideoEncoder(_Encoder):
    """An encoder of an asyncio loop. Chunks are taken by `async for`, which ends when the encoder is closed, and while
    something else of the encoder is awaited; those wait here until they are asked for. An error is raised from both.

    It belongs to one loop and its thread. What is not awaited never blocks, as long as queue_policy is not "wait".
    """

    def __init__(self, **options: Any) -> None:
        """Options are those of VideoEncoder, but for `output` and `error`."""
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
            try:
                self._take(0, self._on_event)
                self._wake()
            except TimedOutError:
                await self._something_to_take()

    def _on_event(self, event: _Event) -> None:
        if event.type == _OUTPUT:
            self._taken.append(EncodedVideoChunk._borrow(event.chunk))
        elif event.type == _ERROR:
            self._failure = _error_of(event.error.contents.status, event.error.contents.message)
            self._taken.append(self._failure)
        elif event.type == _DROP:
            self._tell_drop(event.drop)
        elif event.type == _DEQUEUE:
            self._dequeues += 1
            self._tell_dequeue()
        elif event.type in (_FLUSH_DONE, _CLOSE_DONE):
            self._ends[event.user] = event.status

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
