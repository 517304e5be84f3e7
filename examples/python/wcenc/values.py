# SPDX-License-Identifier: MIT
"""Values of Python to members of the library's structs and back. Messages name the value and what would be right."""

from __future__ import annotations

import ctypes
import difflib
import operator
import re
import reprlib
from contextlib import suppress
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_uint32, c_void_p, sizeof
from dataclasses import MISSING, dataclass, fields
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple

from . import abi
from .ffi import C, TypeError_, initialised, lib, words_of

# Members of an enum whose words the library knows: wcenc_..._from_name and wcenc_..._name.
NAMED = {"format": "pixel_format", **{name: "color_" + name for name in ("primaries", "transfer", "matrix")}}

# Members of an enum, and the numbers of its words. "type" means something else in each struct.
WORDS: Dict[str, Dict[str, int]] = {
    member: words_of(kind)
    for members in abi.STRUCTS.values() for member, _, kind in members
    if kind in abi.ENUMS and member not in (*NAMED, "type", "status", "range", "capabilities")
}

# Members that are true or false.
_FLAGS = ("flip", "key_frame", "discard_alpha", "in_band_parameter_sets", "force_screen_content_tools")

# Shows values in messages.
_short = reprlib.Repr()
_short.maxstring = _short.maxother = 80


def wrong(name: str, value: Any, use: str) -> TypeError_:
    """What is wrong with an argument: its value, in a line however long it is, and what would be right."""
    text = " ".join(_short.repr(value).split())
    return TypeError_(f"{name} is {text if len(text) <= 100 else text[:97] + '...'}; use {use}")


def boolean(name: str, value: Any) -> bool:
    with suppress(TypeError, ValueError):
        if not isinstance(value, float) and value in (False, True):
            return bool(value)
    raise wrong(name, value, "True or False")


def number_of(name: str, value: Any) -> float:
    if not isinstance(value, (bool, str, bytes, bytearray)):
        with suppress(TypeError, ValueError, OverflowError):
            return float(value)
    raise wrong(name, value, "a number")


def integer(name: str, value: Any, kind: Any) -> int:
    if not isinstance(value, bool):
        with suppress(TypeError):
            number = operator.index(value)
            if kind(number).value == number:  # ctypes would cut what does not fit
                return number
    bits = 8 * sizeof(kind)
    least, most = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if kind(-1).value < 0 else (0, 2**bits - 1)
    raise wrong(name, value, f"a whole number from {least} to {most}")


def text(name: str, value: Any) -> bytes:
    if isinstance(value, str) and "\0" not in value:
        with suppress(UnicodeEncodeError):  # a lone surrogate
            return value.encode()
    raise wrong(name, value, "a string without null characters")


def either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def word(name: str, value: Any) -> int:
    words = WORDS[name]
    if isinstance(value, str) and value in words:
        return words[value]
    raise wrong(name, value, either(map(repr, words)))


def word_of(name: str, number: int) -> str:
    """The word of a number; "unknown" of one that only a later version knows."""
    return next((word for word, value in WORDS[name].items() if value == number), "unknown")


def _named(name: str, value: Any) -> int:
    """The number of a name that the library knows."""
    number = c_int32()
    with suppress(TypeError_):
        getattr(lib, f"wcenc_{NAMED[name]}_from_name")(text(name, value), byref(number))
        return number.value
    names = (name_of(name, candidate) for candidate in range(257))  # the last is WCENC_COLOR_MATRIX_RGB
    raise wrong(name, value, either(repr(each) for each in names if each))


def _rect(name: str, value: Any) -> Any:
    sides: Tuple[Any, ...] = ()
    with suppress(TypeError):
        sides = tuple(value)
    if len(sides) != 4:
        raise wrong(name, value, "(x, y, width, height)")
    return C.wcenc_rect(*(integer(f"{name}.{side}", number, c_uint32) for side, number in zip(Rect._fields, sides)))


def _color_space(name: str, value: Any) -> Any:
    members = members_of(VideoColorSpace, name, value)
    try:
        return VideoColorSpace(**members)._to_c()
    except TypeError_ as error:
        raise TypeError_(f"{name}.{error}") from None


def _hdr_metadata(name: str, value: Any) -> Any:
    members = members_of(HdrMetadata, name, value)
    given = {member: integer(f"{name}.{member}", each, c_uint32) for member, each in members.items() if each is not None}
    struct = initialised(C.wcenc_hdr_metadata)
    for member, number in given.items():
        setattr(struct, member, number)
    struct.has_content_light_level = any(member in _LIGHT_LEVELS for member in given)
    struct.has_mastering_display = any(member not in _LIGHT_LEVELS for member in given)
    return ctypes.pointer(struct)


def convert(name: str, value: Any, kind: Any) -> Any:
    """The value for a member of that name and kind."""
    if kind is c_int32 and name in WORDS:
        return word(name, value)
    if kind is c_int32 and name in NAMED:
        return _named(name, value)
    if kind is c_int32 and name in _FLAGS:
        return boolean(name, value)
    others = {
        c_char_p: text, c_double: number_of, C.wcenc_rect: _rect, C.wcenc_color_space: _color_space,
        POINTER(C.wcenc_hdr_metadata): _hdr_metadata,
    }
    if kind in others:
        return others[kind](name, value)
    return integer(name[:-3] if name.endswith("_us") else name, value, kind)


def members_of(cls: Any, name: str, value: Any) -> Dict[str, Any]:
    """The members of an object of a dataclass, or of a dict that stands for one."""
    names = [field.name for field in fields(cls)]
    if isinstance(value, cls):
        members = {member: getattr(value, member) for member in names}
    elif isinstance(value, Mapping):
        members = dict(value)
    else:
        raise wrong(name, value, f"a {cls.__name__} or a dict of its members")
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
    return f"did you mean {either(map(repr, close))}?" if close else f"use {either(map(repr, names))}"


def make(kind: Any, **members: Any) -> Any:
    """A struct of the library's with these members; None is absent, and what is given is marked so."""
    struct, kinds = initialised(kind), dict(kind._fields_)
    for name, value in members.items():
        if value is None:
            continue
        if name == "layout":
            _set_layout(struct, value)
        elif name == "metadata":
            if not isinstance(value, bytes):
                raise wrong(name, value, "bytes")
            struct.metadata, struct.metadata_size = ctypes.cast(c_char_p(value), c_void_p), len(value)
        else:
            setattr(struct, name, convert(name, value, kinds[name]))
            _check_given(name, getattr(struct, name))
            given = "has_" + (name[:-3] if name.endswith("_us") else name)
            if given in kinds:
                setattr(struct, given, 1)
    return struct


def _check_given(name: str, value: Any) -> None:
    """To the library 0 is absent; what the program gives as 0 is not."""
    if name in ("display_width", "display_height") and value == 0:
        raise TypeError_(f"{name} is 0")
    if isinstance(value, C.wcenc_rect) and (value.width == 0 or value.height == 0):
        raise TypeError_(f"{name} is empty")


def _set_layout(struct: Any, layout: Any) -> None:
    planes = []
    with suppress(TypeError, ValueError):
        planes = [(offset, stride) for offset, stride in layout]
    if not 1 <= len(planes) <= 4:
        raise wrong("layout", layout, "a list with (offset, stride) for each plane")
    for plane, (offset, stride) in enumerate(planes):
        struct.layout[plane].offset = integer(f"layout[{plane}].offset", offset, c_uint32)
        struct.layout[plane].stride = integer(f"layout[{plane}].stride", stride, c_uint32)
    struct.layout_count = len(planes)


def read(cls: Any, struct: Any, **members: Any) -> Any:
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
        elif isinstance(value, C.wcenc_color_space):
            value = VideoColorSpace._of(value)
        elif isinstance(value, POINTER(C.wcenc_hdr_metadata)):
            value = HdrMetadata._of(value.contents) if value else None
        elif value == 0 and not getattr(struct, "has_" + name, field.default is not None):
            value = None
        elif name in NAMED:
            value = name_of(name, value)
        elif name in WORDS and value is not None:
            value = word_of(name, value)
        members[name] = bool(value) if str(field.type) == "bool" else value
    return cls(**members)


class Record:
    """What the dataclasses of the package have in common: repr() shows the members that differ from their defaults."""

    def __repr__(self) -> str:
        shown = []
        for field in fields(self):
            value = getattr(self, field.name)
            if field.default is MISSING or value != field.default:
                is_long = isinstance(value, (bytes, memoryview)) and len(value) > 16
                shown.append(f"{field.name}=" + (f"<{len(value)} bytes>" if is_long else repr(value)))
        return f"{type(self).__name__}({', '.join(shown)})"


def microseconds(timeout: Optional[float], name: str = "timeout") -> int:
    """None and infinity are for ever, which is a negative number to the library."""
    seconds = float("inf") if timeout is None else number_of(name, timeout)
    if seconds != seconds:
        raise wrong(name, timeout, "a number of seconds, or None to wait for ever")
    return -1 if seconds == float("inf") else round(max(0, min(seconds * 1e6, 2.0**62)))


def queue_timeout_us(timeout: Optional[float]) -> int:
    """To the library 0 is no limit, which is None here; the policy that does not wait is "fail"."""
    limit = microseconds(timeout, "queue_timeout")
    if limit == 0:
        raise TypeError_("queue_timeout is 0; use the queue_policy 'fail', which does not wait")
    return max(limit, 0)


def name_of(name: str, number: int) -> Optional[str]:
    text = getattr(lib, f"wcenc_{NAMED[name]}_name")(number)
    return None if text is None else text.decode()


@dataclass(frozen=True, repr=False)
class VideoColorSpace(Record):
    """What the numbers in a picture mean; None is unknown. Names are those of WebCodecs.

    primaries: The colours that red, green and blue stand for: "bt709", "bt470bg", "smpte170m", "bt2020", "smpte432".
    transfer: The function from light to numbers: "bt709", "smpte170m", "iec61966-2-1", "linear", "pq", "hlg".
    matrix: The function from RGB to YCbCr: "rgb", "bt709", "bt470bg", "smpte170m", "bt2020-ncl".
    full_range: True if numbers use the whole range, False if they leave room at both ends.
    """

    primaries: Optional[str] = None
    transfer: Optional[str] = None
    matrix: Optional[str] = None
    full_range: Optional[bool] = None

    def _to_c(self) -> Any:
        given = {n: convert(n, value, c_int32) for n, value in vars(self).items() if n in NAMED and value is not None}
        range_ = 0 if self.full_range is None else 1 + boolean("full_range", self.full_range)
        return C.wcenc_color_space(range=range_, **given)

    @staticmethod
    def _of(space: Any) -> VideoColorSpace:
        made: VideoColorSpace = read(VideoColorSpace, space, full_range=None if space.range == 0 else space.range == 2)
        return made


_LIGHT_LEVELS = ("max_content_light_level", "max_frame_average_light_level")


@dataclass(frozen=True, repr=False)
class HdrMetadata(Record):
    """The display that a stream was mastered on, and how bright its pictures are; a part is there if a member of it is.

    red_x: Where the red of the display lies in CIE 1931, in units of 0.00002.
    red_y: The other coordinate of red, in units of 0.00002.
    green_x: Where its green lies, in units of 0.00002.
    green_y: The other coordinate of green, in units of 0.00002.
    blue_x: Where its blue lies, in units of 0.00002.
    blue_y: The other coordinate of blue, in units of 0.00002.
    white_x: Where its white lies, in units of 0.00002.
    white_y: The other coordinate of white, in units of 0.00002.
    max_luminance: The brightest white of the display, in units of 0.0001 cd/m2.
    min_luminance: The darkest black of the display, in units of 0.0001 cd/m2.
    max_content_light_level: The brightest pixel of the stream, in cd/m2.
    max_frame_average_light_level: The average of its brightest frame, in cd/m2.
    """

    red_x: Optional[int] = None; red_y: Optional[int] = None
    green_x: Optional[int] = None; green_y: Optional[int] = None
    blue_x: Optional[int] = None; blue_y: Optional[int] = None
    white_x: Optional[int] = None; white_y: Optional[int] = None
    max_luminance: Optional[int] = None; min_luminance: Optional[int] = None
    max_content_light_level: Optional[int] = None; max_frame_average_light_level: Optional[int] = None

    @staticmethod
    def _of(struct: Any) -> HdrMetadata:
        def is_there(name: str) -> bool:
            return bool(struct.has_content_light_level if name in _LIGHT_LEVELS else struct.has_mastering_display)

        names = [field.name for field in fields(HdrMetadata)]
        return HdrMetadata(**{name: getattr(struct, name) for name in names if is_there(name)})


class Rect(NamedTuple):
    """A rectangle in pixels.

    x: The first column.
    y: The first row.
    width: The number of columns.
    height: The number of rows.
    """

    x: int
    y: int
    width: int
    height: int


class PlaneLayout(NamedTuple):
    """Where a plane lies in a buffer.

    offset: Bytes from the start of the buffer to the first row.
    stride: Bytes from one row to the next.
    """

    offset: int
    stride: int
