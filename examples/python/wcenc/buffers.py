# SPDX-License-Identifier: MIT
"""Memory of Python's objects, which the library borrows."""

from __future__ import annotations

import ctypes
import itertools
import re
import sys
from ctypes import POINTER, Structure, byref, c_char_p, c_int32, c_ssize_t, c_void_p
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from .ffi import C, TypeError_
from .values import integer, wrong


class PyBuffer(Structure):  # Py_buffer of CPython
    _fields_ = [
        ("buf", c_void_p), ("obj", c_void_p), ("len", c_ssize_t), ("itemsize", c_ssize_t), ("readonly", c_int32),
        ("ndim", c_int32), ("format", c_char_p), ("shape", c_void_p), ("strides", c_void_p), ("suboffsets", c_void_p),
        ("internal", c_void_p),
    ]


_WRITABLE, _STRIDES = 0x01, 0x18  # PyBUF_WRITABLE, PyBUF_STRIDES
_get_buffer = ctypes.pythonapi.PyObject_GetBuffer
_get_buffer.argtypes = [ctypes.py_object, POINTER(PyBuffer), ctypes.c_int]
_release_buffer = ctypes.pythonapi.PyBuffer_Release
_release_buffer.restype, _release_buffer.argtypes = None, [POINTER(PyBuffer)]


class Format(NamedTuple):
    """How the pixels of a format lie in arrays."""

    name: str  # as messages call what is taken
    item_size: int = 1  # bytes of a sample
    planes: Sequence[Tuple[int, int, int]] = ()  # pixels across and down that share samples, and how many these are


_CHUNK = Format("a chunk")
_WHOLE = (1, 1, 1)
_CHROMA = {"20": (2, 2, 1), "22": (2, 1, 1), "44": (1, 1, 1)}

_FOUR, _THREE, _PAIRS = ((1, 1, 4),), ((1, 1, 3),), (_WHOLE, (2, 2, 2))
_PLANES = {
    "RGBA": _FOUR, "RGBX": _FOUR, "BGRA": _FOUR, "BGRX": _FOUR, "RGB24": _THREE, "BGR24": _THREE, "GRAY8": (_WHOLE,),
    "NV12": _PAIRS, "NV21": _PAIRS, "P010": _PAIRS, "YUYV": ((2, 1, 4),), "UYVY": ((2, 1, 4),),
}


# What arrays of so many samples a pixel are, by the library that they come from.
_BY_SAMPLES = {
    1: "'GRAY8'", 3: "'BGR24' if it comes from OpenCV, 'RGB24' if it comes from Pillow or imageio",
    4: "'BGRA' if it comes from OpenCV, 'RGBA' if it comes from Pillow or imageio",
}
_PILLOW_MODES = {"L": "GRAY8", "RGB": "RGB24", "RGBA": "RGBA", "RGBX": "RGBX"}


def format_of(name: str) -> Format:
    planar = re.fullmatch("I4(20|22|44)(A?)(P10|P12)?", name)
    if planar:
        chroma = _CHROMA[planar[1]]
        return Format(name, 2 if planar[3] else 1, (_WHOLE, chroma, chroma) + (_WHOLE,) * len(planar[2]))
    return Format(name, 2 if name == "P010" else 1, _PLANES.get(name, ()))


def _samples_of(shape: Sequence[int]) -> int:
    """How many samples a pixel of an array (height, width) or (height, width, samples) has; 0 for other arrays."""
    return {2: 1, 3: shape[-1]}.get(len(shape), 0) if shape else 0


def _advice_on(shape: Sequence[int]) -> str:
    """Which format takes an array of that shape."""
    if len(shape) == 3 and shape[0] in (1, 3, 4) and shape[2] not in (1, 3, 4):
        return "numpy.ascontiguousarray(array.transpose(1, 2, 0)) has its samples last"
    samples = _samples_of(shape)
    return f"an array of this shape is {_BY_SAMPLES[samples]}" if samples in _BY_SAMPLES else ""


def pixels_of(data: Any, format: Optional[str]) -> Tuple[Any, str]:
    """The memory of a picture and its format: an image of Pillow's knows it, and so does an array without colours."""
    pillow = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(data, pillow.Image):
        known = _PILLOW_MODES.get(data.mode)
        if known is None:
            raise TypeError_(f"data is an image of Pillow's mode {data.mode!r}; use its convert('RGB') or convert('RGBA')")
        if format not in (None, known):
            raise TypeError_(f"format is {format!r}; an image of Pillow's mode {data.mode!r} is {known!r}")
        sides = [data.size[1], data.size[0]] + [len(data.getbands())] * (data.mode != "L")
        return memoryview(data.tobytes()).cast("B", shape=sides), known
    if format is not None:
        return data, format
    shape: Sequence[int] = getattr(data, "shape", None) or ()
    if _samples_of(shape) == 1:
        return data, "GRAY8"
    advice = _advice_on(shape)
    raise TypeError_("format is missing" + (f"; data has the shape {tuple(shape)}: {advice}" if advice else ""))


class Memory:
    """The memory of an object with the buffer protocol: bytes, bytearray, array, mmap, NumPy's arrays. It neither moves
    nor goes away while this object lives."""

    def __init__(self, name: str, source: Any, format: Format = _CHUNK, *, is_written: bool = False) -> None:
        self.name, buffer = name, PyBuffer()
        try:
            self.view = memoryview(source)
        except (TypeError, BufferError, ValueError) as error:
            if hasattr(source, "__array_interface__") or hasattr(source, "__array__"):
                raise wrong(name, source, f"numpy.asarray() of it: {error}") from None
            use = "a bytearray or" if is_written else "bytes, a bytearray, a memoryview or"
            raise wrong(name, source, f"{use} a NumPy array") from None
        self._check_items(source, format, is_written)
        if is_written and self.view.readonly:
            raise TypeError_(f"{name} is read-only; use a bytearray or a writable NumPy array")
        try:
            _get_buffer(self.view, byref(buffer), _STRIDES | (_WRITABLE if is_written else 0))
        except BufferError as error:
            raise TypeError_(f"{name} cannot be wrapped: {error}; use bytes() of it") from None
        self.address, self.size = buffer.buf, buffer.len
        self.shape: Tuple[int, ...] = self.view.shape or ()
        self.strides: Tuple[int, ...] = self.view.strides or ()
        _release_buffer(byref(buffer))  # the view holds the memory; only its address was missing

    def _check_items(self, source: Any, format: Format, is_written: bool) -> None:
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
        elif is_array and source.dtype.kind == "f" and format.planes and wanted == "uint8":
            advice = "(array * 255).astype('uint8') converts values from 0 to 1"
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
        shape, strides, row_bytes = self.shape, self.strides, self.view.itemsize
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


keys = itertools.count(1)  # what stands for an object of Python's in the library
wrapped: Dict[int, List[Memory]] = {}


def _on_release(user: int) -> None:  # on any thread: that of a codec, or one of the program's
    del wrapped[user]


on_release = C.wcenc_release_fn(_on_release)


def wrap(init: Any, data: Any, format: Format) -> List[Memory]:
    """Puts the memory of one buffer or of a plane each into the struct. The coded size is that of the rows."""
    if not isinstance(data, (list, tuple)):
        memory = Memory("data", data, format)
        if memory.view.ndim > 1 and len(format.planes) == 1 and not init.layout_count:
            return wrap_planes(init, [memory], format)
        memory.require_contiguous()
        if memory.view.ndim > 1 and format.planes and not init.layout_count:
            _check_stack(init, memory, format)
        init.data, init.data_size = memory.address, memory.size
        return [memory]
    if init.layout_count:
        raise TypeError_("layout is for one buffer; the planes of a list have the strides of their arrays")
    memories = [Memory(f"data[{plane}]", source, format) for plane, source in enumerate(data)]
    if len(memories) != (len(format.planes) or min(max(len(memories), 1), 4)):
        raise TypeError_(f"data has {len(memories)} planes; {format.name} takes {len(format.planes) or '1 to 4'}")
    return wrap_planes(init, memories, format)


def wrap_planes(init: Any, memories: List[Memory], format: Format) -> List[Memory]:
    for plane, memory in enumerate(memories):
        if memory.view.ndim > 1 and format.planes:
            _check_shape(init, memory, format, plane)
        stride, size = memory.rows()
        init.planes[plane], init.plane_sizes[plane] = memory.address, size
        init.strides[plane] = integer(f"the stride of {memory.name}", stride, c_int32)
    return memories


def _check_shape(init: Any, memory: Memory, format: Format, plane: int) -> None:
    """The array of a plane has a row for each row of the plane, and samples in it for each pixel: (rows, pixels,
    samples), or (rows, pixels * samples). The first one gives a coded size that was not set."""
    across, down, samples = format.planes[plane]
    items, shape = samples * format.item_size // memory.view.itemsize, memory.shape
    if plane == 0 and across == 1 and (shape[2:] == (items,) or (len(shape) == 2 and items == 1)):
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
    others = _samples_of(shape) if len(format.planes) == 1 else 0
    advice = f"; {_advice_on(shape)}" if others not in (0, samples) and _advice_on(shape) else ""
    raise TypeError_(f"{memory.name} has the shape {shape}; {format.name}{at} takes {wanted}{advice}")


def _shape_text(rows: Any, columns: Any, items: int) -> str:
    return f"({rows}, {columns}, {items})" if items > 1 else f"({rows}, {columns})"


def _check_stack(init: Any, memory: Memory, format: Format) -> None:
    """All planes in one array: rows of the width of the picture, as many as the planes have samples for."""
    width, height = init.coded_width, init.coded_height
    shape, count = memory.shape, len(format.planes)
    if not (width and height):
        raise TypeError_(
            f"data has the shape {shape}, which does not determine the size of {format.name}; set coded_width and "
            f"coded_height, or use a list of {count} planes"
        )
    items = format.item_size // memory.view.itemsize
    total = items * sum(-(-width // across) * -(-height // down) * samples for across, down, samples in format.planes)
    if shape[-1] != width * items or memory.size != total * memory.view.itemsize:
        raise TypeError_(
            f"data has the shape {shape}; {format.name} at {width}x{height} takes {total} items in one dimension or in "
            f"rows of {width * items}, or a list of {count} planes"
        )
