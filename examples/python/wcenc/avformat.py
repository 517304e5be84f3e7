# SPDX-License-Identifier: MIT
"""libavformat as it is in C: the structs of a stream and of a packet, as far as a writer sets them, and the functions.

FFmpeg never moves a member of a struct within one major version of its libraries. These are the layouts of the major
versions that are known; another one is refused, and so is one whose new objects do not have their defaults where they
should be. The test of this file has a C compiler say what the installed headers have. The library is the one that belongs
to libwcenc's libavcodec, whose major version is the same.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from ctypes import POINTER, Structure, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint32, c_void_p
from types import SimpleNamespace
from typing import Any, List, Tuple

from .info import build_info

KNOWN = range(59, 64)  # FFmpeg 5 to 9

INPUT_PADDING = 64  # AV_INPUT_BUFFER_PADDING_SIZE
PACKET_KEY = 1  # AV_PKT_FLAG_KEY
SIDE_DISPLAY_MATRIX, SIDE_BLOCK_ADDITIONAL, SIDE_MASTERING, SIDE_LIGHT = 5, 15, 20, 22  # AVPacketSideDataType


class Rational(Structure):
    _fields_ = [("num", c_int), ("den", c_int)]


class Packet(Structure):
    _fields_ = [
        ("buf", c_void_p), ("pts", c_int64), ("dts", c_int64), ("data", c_void_p), ("size", c_int),
        ("stream_index", c_int), ("flags", c_int), ("side_data", c_void_p), ("side_data_elems", c_int),
        ("duration", c_int64), ("pos", c_int64), ("opaque", c_void_p), ("opaque_ref", c_void_p), ("time_base", Rational),
    ]


class FormatContext(Structure):  # as far as `pb`
    _fields_ = [(name, c_void_p) for name in ("av_class", "iformat", "oformat", "priv_data", "pb")]


def parameters_type(major: int) -> Any:
    """AVCodecParameters as far as `video_delay`."""
    side_data = [("coded_side_data", c_void_p), ("nb_coded_side_data", c_int)] if major > 60 else []
    framerate = [("framerate", Rational)] if major > 60 else []
    head: List[Tuple[str, Any]] = [("codec_type", c_int), ("codec_id", c_int), ("codec_tag", c_uint32)]
    head += [("extradata", c_void_p), ("extradata_size", c_int)]
    numbers = ("bits_per_coded_sample", "bits_per_raw_sample", "profile", "level", "width", "height")
    colors = ("color_range", "color_primaries", "color_trc", "color_space", "chroma_location")
    members = [
        *head, *side_data, ("format", c_int), ("bit_rate", c_int64), *((name, c_int) for name in numbers),
        ("sample_aspect_ratio", Rational), *framerate, *((name, c_int) for name in ("field_order", *colors, "video_delay")),
    ]
    return type("Parameters", (Structure,), {"_fields_": members})


def stream_type(major: int, parameters: Any) -> Any:
    """AVStream as far as a writer needs it. `codecpar` was last in FFmpeg 5."""
    codecpar = [("codecpar", POINTER(parameters))]
    head = [("av_class", c_void_p)] if major > 59 else []
    middle: List[Tuple[str, Any]] = [
        ("priv_data", c_void_p), ("time_base", Rational), ("start_time", c_int64), ("duration", c_int64),
        ("nb_frames", c_int64), ("disposition", c_int), ("discard", c_int), ("sample_aspect_ratio", Rational),
        ("metadata", c_void_p), ("avg_frame_rate", Rational),
    ]
    tail: List[Tuple[str, Any]] = [
        ("attached_pic", Packet), ("side_data", c_void_p), ("nb_side_data", c_int), ("event_flags", c_int),
        ("r_frame_rate", Rational), *codecpar,
    ]
    members = [*head, ("index", c_int), ("id", c_int)]
    members += middle + tail if major == 59 else [*codecpar, *middle]
    return type("Stream", (Structure,), {"_fields_": members})


# Results and arguments. AVRational is passed by value, as it is in C.
_FUNCTIONS: Any = {
    "avformat_version": (c_uint32,),
    "avformat_alloc_output_context2": (c_int, POINTER(c_void_p), c_void_p, c_char_p, c_char_p),
    "avformat_free_context": (None, c_void_p),
    "avformat_new_stream": (c_void_p, c_void_p, c_void_p),
    "avformat_write_header": (c_int, c_void_p, POINTER(c_void_p)),
    "av_write_frame": (c_int, c_void_p, c_void_p),
    "av_write_trailer": (c_int, c_void_p),
    "avio_open2": (c_int, POINTER(c_void_p), c_char_p, c_int, c_void_p, c_void_p),
    "avio_closep": (c_int, POINTER(c_void_p)),
    "avcodec_descriptor_get_by_name": (POINTER(c_int), c_char_p),
    "av_packet_alloc": (POINTER(Packet),),
    "av_packet_free": (None, POINTER(POINTER(Packet))),
    "av_packet_unref": (None, POINTER(Packet)),
    "av_new_packet": (c_int, POINTER(Packet), c_int),
    "av_packet_new_side_data": (c_void_p, POINTER(Packet), c_int, c_size_t),
    "av_packet_rescale_ts": (None, POINTER(Packet), Rational, Rational),
    "av_mallocz": (c_void_p, c_size_t),
    "av_dict_set": (c_int, POINTER(c_void_p), c_char_p, c_char_p, c_int),
    "av_dict_free": (None, POINTER(c_void_p)),
    "av_dict_get": (POINTER(c_char_p), c_void_p, c_char_p, c_void_p, c_int),
    "av_display_rotation_set": (None, c_void_p, c_double),
    "av_display_matrix_flip": (None, c_void_p, c_int, c_int),
    "av_get_pix_fmt": (c_int, c_char_p),
    "av_guess_format": (c_void_p, c_char_p, c_char_p, c_char_p),
    "avformat_query_codec": (c_int, c_void_p, c_int, c_int),
    "av_strerror": (c_int, c_int, c_char_p, c_size_t),
}
# Side data of a stream, until FFmpeg 6 and since: the first member of the result is the address of the bytes.
_SIDE_DATA_OF_STREAM: Any = {"av_stream_new_side_data": (c_void_p, c_void_p, c_int, c_size_t)}
_SIDE_DATA_OF_PARAMETERS: Any = {
    "av_packet_side_data_new": (POINTER(c_void_p), c_void_p, c_void_p, c_int, c_size_t, c_int)
}


NO_TIME = -(2**63)  # AV_NOPTS_VALUE
# What FFmpeg sets in a new object, at both ends of what is used of it.
_NEW_STREAM = {"start_time": NO_TIME, "duration": NO_TIME, "nb_frames": 0, "metadata": None}
_NEW_PARAMETERS = {
    "codec_type": -1, "codec_id": 0, "extradata": None, "format": -1, "profile": -99, "level": -99, "width": 0,
    "color_primaries": 2, "color_trc": 2, "color_space": 2, "video_delay": 0,
}
_NEW_PACKET = {
    "buf": None, "pts": NO_TIME, "dts": NO_TIME, "data": None, "size": 0, "duration": 0, "pos": -1, "opaque": None,
}


def require_layouts(av: Any, stream: Any, packet: Any) -> None:
    """Fails before anything is written to a struct that is not what it should be."""

    def is_new(struct: Any, wanted: Any) -> bool:
        return all(getattr(struct, name) == value for name, value in wanted.items())

    # The parameters come last: their address is in the stream.
    is_known = is_new(packet, _NEW_PACKET) and is_new(stream, _NEW_STREAM) and bool(stream.codecpar)
    if not is_known or not is_new(stream.codecpar.contents, _NEW_PARAMETERS):
        raise ImportError(f"libavformat {av.major} has other structs than this package knows; use a later version of it")


def _directory_of_libavcodec(major: int) -> str:
    """Where the libavcodec of this process comes from; empty where the system does not say."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            found = re.search(rf"(/.*)/libavcodec[^/\n]*\.so\.{major}", maps.read())
    except OSError:
        return ""
    return found[1] if found else ""


def _open(major: int) -> ctypes.CDLL:
    name = f"libavformat.{major}.dylib" if sys.platform == "darwin" else f"libavformat.so.{major}"
    directory = _directory_of_libavcodec(major)
    beside = os.path.join(directory, name)
    try:
        return ctypes.CDLL(beside if os.path.exists(beside) else name)
    except OSError as error:
        raise ImportError(
            f"{name} cannot be loaded ({error}); writing files needs FFmpeg's libavformat, which Debian has in "
            f"libavformat{major}"
        ) from None


def load() -> SimpleNamespace:
    """The functions by their names, with Parameters, Stream and the major version."""
    found = re.search(r"libavcodec (\d+)", build_info)
    major = int(found[1]) if found else 0
    if major not in KNOWN:
        raise ImportError(
            f"libavformat {major} is not known to this package, which writes files with {KNOWN[0]} to {KNOWN[-1]}; "
            f"use a later version of it, or write the chunks with another library"
        )
    library = _open(major)
    names = dict(_FUNCTIONS)
    names.update(_SIDE_DATA_OF_PARAMETERS if major > 60 else _SIDE_DATA_OF_STREAM)
    av = SimpleNamespace(major=major)
    for name, (result, *arguments) in names.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
        setattr(av, name, function)
    if av.avformat_version() >> 16 != major:
        raise ImportError(f"{library._name} is libavformat {av.avformat_version() >> 16}, not {major}")
    av.Parameters = parameters_type(major)
    av.Stream = stream_type(major, av.Parameters)
    return av
