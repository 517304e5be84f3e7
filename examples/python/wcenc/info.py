# SPDX-License-Identifier: MIT
"""The encoders of the installed libraries, and the versions of these for bug reports."""

from __future__ import annotations

from ctypes import byref
from dataclasses import dataclass
from typing import FrozenSet, List

from .ffi import C, TypeError_, lib, words_of
from .values import Record, make, read

build_info: str = lib.wcenc_build_info().decode()


@dataclass(frozen=True, repr=False)
class EncoderInfo(Record):
    """One of the available encoders: what it has with some configuration.

    name: What encoder_name in a configuration selects.
    codec: "h264", "hevc", "vp8", "vp9" or "av1".
    is_native: Whether it calls the codec library without FFmpeg.
    is_hardware: Whether it runs on a device.
    by_name_only: Whether it runs only if encoder_name selects it.
    latency_modes: The values of latency_mode that it supports.
    bitrate_modes: The values of bitrate_mode that it supports.
    capabilities: What it can do beyond encoding, such as "alpha" and "10-bit".
    """

    name: str
    codec: str
    is_native: bool
    is_hardware: bool
    by_name_only: bool
    latency_modes: FrozenSet[str]
    bitrate_modes: FrozenSet[str]
    capabilities: FrozenSet[str]


def words_in(bits: int, enum: str) -> FrozenSet[str]:
    return frozenset(word for word, bit in words_of(enum).items() if bits & bit)


def available_encoders() -> List[EncoderInfo]:
    """Lists the encoders of the installed libraries; those of a codec are in the order of preference."""
    infos: List[EncoderInfo] = []
    info = make(C.wcenc_encoder_info)
    while True:
        try:
            lib.wcenc_get_encoder_info(len(infos), byref(info))
        except TypeError_:  # the end of the list
            return infos
        sets = {name: words_in(getattr(info, name), "wcenc_" + name)
                for name in ("latency_modes", "bitrate_modes", "capabilities")}
        infos.append(read(EncoderInfo, info, **sets))
