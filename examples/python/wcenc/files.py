# SPDX-License-Identifier: MIT
"""FileWriter: chunks to MP4, Matroska and WebM, by FFmpeg's libavformat."""

from __future__ import annotations

import ctypes
import os
import struct
import weakref
from ctypes import byref, c_int32, c_void_p
from fractions import Fraction
from functools import lru_cache
from typing import Any, Mapping, Optional, Union

from . import avformat
from .codec import EncodedVideoChunk
from .ffi import DataError, InvalidStateError, NotSupportedError, OperationError, TypeError_, lib
from .values import either, wrong

_CODECS = {
    "avc1": b"h264", "avc3": b"h264", "hvc1": b"hevc", "hev1": b"hevc", "vp8": b"vp8", "vp09": b"vp9", "av01": b"av1",
}
_EXTENSIONS = (".mp4", ".m4v", ".mov", ".mkv", ".webm")
_UNSPECIFIED = 2  # of colours, in FFmpeg and H.273
_MICROSECONDS = avformat.Rational(1, 1_000_000)
_load = lru_cache(maxsize=None)(avformat.load)


class _Muxer:
    """What libavformat has of a file. It lives apart from FileWriter, which need not be there when the file ends."""

    def __init__(self, path: str, options: Mapping[str, str]) -> None:
        self.av, self.path, self.options = _load(), path, options
        self.extension = os.path.splitext(path)[1].lower()
        self.url = b"file:" + os.fsencode(path)
        self.context, self.has_header = c_void_p(), False
        self.stream: Any = None
        self.packet = self.av.av_packet_alloc()
        self.last_dts: Optional[int] = None
        self.step = 0
        try:
            self.check(self.av.avformat_alloc_output_context2(byref(self.context), None, None, self.url))
            self.check(self.av.avio_open2(self._pb(), self.url, 2, None, None))
        except OSError:
            self.free()
            raise

    def _pb(self) -> Any:
        context = ctypes.cast(self.context, ctypes.POINTER(avformat.FormatContext)).contents
        return ctypes.cast(ctypes.addressof(context) + avformat.FormatContext.pb.offset, ctypes.POINTER(c_void_p))

    def check(self, code: int) -> int:
        if code >= 0:
            return code
        text = ctypes.create_string_buffer(128)
        self.av.av_strerror(code, text, len(text))
        message = text.value.decode(errors="replace")
        if -code < 4096:  # a number of the system's; OSError makes it a FileNotFoundError, a PermissionError, ...
            raise OSError(-code, message, self.path)
        raise OperationError(f"{self.path}: {message}")

    def need(self, address: Any) -> Any:
        if not address:
            raise MemoryError
        return address

    def write(self, chunk: EncodedVideoChunk) -> None:
        metadata = lib.wcenc_chunk_get_metadata(chunk._handle)
        given = metadata.contents if metadata else None
        config = given.decoder_config.contents if given and given.decoder_config else None
        if not self.has_header:
            self._begin(config, bool(given and given.alpha_side_data))
        elif config:
            self._check_change(config)
        packet = self.packet.contents
        self.check(self.av.av_new_packet(self.packet, chunk.byte_length))
        try:
            ctypes.memmove(packet.data, lib.wcenc_chunk_get_data(chunk._handle), packet.size)
            packet.pts, packet.dts, packet.stream_index = chunk.timestamp, chunk.dts, 0
            packet.flags = avformat.PACKET_KEY if chunk.type == "key" else 0
            packet.duration = self._duration(chunk)
            if given and given.alpha_side_data:
                alpha = ctypes.string_at(given.alpha_side_data, given.alpha_side_data_size)
                self._add_alpha(struct.pack(">Q", 1) + alpha)
            self.av.av_packet_rescale_ts(self.packet, _MICROSECONDS, self.stream.time_base)
            self.check(self.av.av_write_frame(self.context, self.packet))
        finally:
            self.av.av_packet_unref(self.packet)

    def _duration(self, chunk: EncodedVideoChunk) -> int:
        """Without one, that of the chunks before, so that the last picture is not shown for no time at all."""
        if self.last_dts is not None:
            self.step = max(chunk.dts - self.last_dts, 0)
        self.last_dts = chunk.dts
        return self.step if chunk.duration is None else chunk.duration

    def _add_alpha(self, block: bytes) -> None:
        place = self.av.av_packet_new_side_data(self.packet, avformat.SIDE_BLOCK_ADDITIONAL, len(block))
        ctypes.memmove(self.need(place), block, len(block))

    def _begin(self, config: Any, has_alpha: bool) -> None:
        if config is None:
            raise TypeError_("the first chunk has no decoder config; write each chunk of an encoder, from its first on")
        name = config.codec.decode().partition(".")[0]
        self._check_codec(name, config, has_alpha)
        if self.stream is None:
            address = self.need(self.av.avformat_new_stream(self.context, None))
            self.stream = ctypes.cast(address, ctypes.POINTER(self.av.Stream)).contents
            avformat.require_layouts(self.av, self.stream, self.packet.contents)
        # QuickTime warns of more than 100,000 ticks a second. Matroska chooses milliseconds itself.
        self.stream.time_base = avformat.Rational(1, 90_000) if self.extension == ".mov" else _MICROSECONDS
        self._describe(name, config)
        self.begun_with = self._identity(config)
        options = c_void_p()
        try:
            if has_alpha:
                self._set(self.stream, "metadata", "alpha_mode", "1")
            for key, value in self.options.items():
                self.check(self.av.av_dict_set(byref(options), key.encode(), str(value).encode(), 0))
            self.check(self.av.avformat_write_header(self.context, byref(options)))
            self.has_header = True
            left = self.av.av_dict_get(options, b"", None, 2)  # the first one that no part of the muxer took
            if left:
                key = left[0].decode()
                raise TypeError_(f"options has {key!r}, which FFmpeg's muxer for {self.extension} does not have")
        finally:
            self.av.av_dict_free(byref(options))

    def _set(self, holder: Any, member: str, key: str, value: str) -> None:
        dictionary = c_void_p(getattr(holder, member))
        self.check(self.av.av_dict_set(byref(dictionary), key.encode(), value.encode(), 0))
        setattr(holder, member, dictionary.value)

    def _holds(self, extension: str, name: str) -> bool:
        format = self.av.av_guess_format(None, b"file" + extension.encode(), None)
        return bool(format) and self.av.avformat_query_codec(format, self._codec_id(name), 0) == 1

    def _codec_id(self, name: str) -> int:
        return int(self.av.avcodec_descriptor_get_by_name(_CODECS[name]).contents.value)

    def _check_codec(self, name: str, config: Any, has_alpha: bool) -> None:
        if not self._holds(self.extension, name):
            fitting = either(each for each in (".mp4", ".mkv", ".webm") if self._holds(each, name))
            codec = _CODECS[name].decode()
            raise NotSupportedError(f"{self.path}: {self.extension} has no place for {codec}; use {fitting}")
        if has_alpha and self.extension not in (".mkv", ".webm"):
            raise NotSupportedError(f"{self.path}: {self.extension} has no place for alpha; use .webm or .mkv")
        if _CODECS[name] in (b"h264", b"hevc") and not config.description:
            raise TypeError_('the chunks are in Annex B; configure the encoder with bitstream_format="length-prefixed"')

    def _describe(self, name: str, config: Any) -> None:
        parameters = self.stream.codecpar.contents
        parameters.codec_type, parameters.codec_id = 0, self._codec_id(name)  # AVMEDIA_TYPE_VIDEO
        parameters.width, parameters.height = config.coded_width, config.coded_height
        parameters.video_delay = config.reorder_depth
        space = config.color_space
        parameters.color_range = space.range
        parameters.color_primaries = space.primaries or _UNSPECIFIED
        parameters.color_trc = space.transfer or _UNSPECIFIED
        parameters.color_space = (space.matrix or _UNSPECIFIED) & 255  # WCENC_COLOR_MATRIX_RGB is 256, FFmpeg's is 0
        across = (config.display_aspect_width or config.coded_width) * config.coded_height
        down = (config.display_aspect_height or config.coded_height) * config.coded_width
        aspect = Fraction(across, down).limit_denominator(1 << 16)
        parameters.sample_aspect_ratio = avformat.Rational(aspect.numerator, aspect.denominator)
        self.stream.sample_aspect_ratio = parameters.sample_aspect_ratio
        if name in ("avc1", "avc3", "hvc1", "hev1") and self.extension not in (".mkv", ".webm"):
            parameters.codec_tag = int.from_bytes(name.encode(), "little")
        if name == "vp09":
            self._describe_vp9(parameters, config.codec.decode())
        elif name != "vp8" and config.container_private_size:
            size = config.container_private_size
            parameters.extradata = self.need(self.av.av_mallocz(size + avformat.INPUT_PADDING))
            ctypes.memmove(parameters.extradata, config.container_private, size)
            parameters.extradata_size = size
        if config.rotation or config.flip:
            matrix = (c_int32 * 9)()
            self.av.av_display_rotation_set(matrix, config.rotation)
            if config.flip:
                self.av.av_display_matrix_flip(matrix, 1, 0)
            self._add_side_data(avformat.SIDE_DISPLAY_MATRIX, bytes(matrix))
        if config.hdr_metadata:
            self._describe_hdr(config.hdr_metadata.contents)

    def _describe_vp9(self, parameters: Any, codec: str) -> None:
        """libavformat writes vpcC itself, of the profile, the level and the pixel format."""
        numbers = [int(part) for part in codec.split(".")[1:]]
        profile, level, depth = numbers[:3]
        chroma = numbers[3] if len(numbers) > 3 else 3 if profile in (1, 3) else 1
        parameters.profile, parameters.level = profile, level
        sampling = {2: "422", 3: "444"}.get(chroma, "420")
        parameters.format = self.av.av_get_pix_fmt(f"yuv{sampling}p{depth if depth > 8 else ''}".encode())

    def _describe_hdr(self, hdr: Any) -> None:
        if hdr.has_mastering_display:
            corners = [hdr.red_x, hdr.red_y, hdr.green_x, hdr.green_y, hdr.blue_x, hdr.blue_y, hdr.white_x, hdr.white_y]
            rationals = [part for corner in corners for part in (corner, 50000)]
            rationals += [hdr.min_luminance, 10000, hdr.max_luminance, 10000]
            self._add_side_data(avformat.SIDE_MASTERING, struct.pack("=20i2i", *rationals, 1, 1))
        if hdr.has_content_light_level:
            levels = struct.pack("=2I", hdr.max_content_light_level, hdr.max_frame_average_light_level)
            self._add_side_data(avformat.SIDE_LIGHT, levels)

    def _add_side_data(self, kind: int, data: bytes) -> None:
        if self.av.major > 60:
            place, parameters = self.stream.codecpar, self.av.Parameters
            start = ctypes.addressof(place.contents)
            list_at, count_at = start + parameters.coded_side_data.offset, start + parameters.nb_coded_side_data.offset
            address = self.need(self.av.av_packet_side_data_new(list_at, count_at, kind, len(data), 0))[0]
        else:
            address = self.av.av_stream_new_side_data(ctypes.addressof(self.stream), kind, len(data))
        ctypes.memmove(self.need(address), data, len(data))

    @staticmethod
    def _identity(config: Any) -> Any:
        description = ctypes.string_at(config.description, config.description_size) if config.description else None
        return description, description and (config.coded_width, config.coded_height)

    def _check_change(self, config: Any) -> None:
        """A file says once what H.264 and HEVC have in their decoder config; other codecs say it in their chunks."""
        if self._identity(config) != self.begun_with:
            raise DataError(
                f"{self.path}: the decoder config has changed, and the file has one for all chunks; begin another"
            )

    def end(self) -> None:
        """Writes what is missing, and frees everything."""
        try:
            if self.has_header:
                self.check(self.av.av_write_trailer(self.context))
        finally:
            self.free()

    def free(self) -> None:
        code = 0
        if self.context:
            code = self.av.avio_closep(self._pb())
            self.av.avformat_free_context(self.context)
            self.context = c_void_p()
        self.av.av_packet_free(byref(self.packet))
        self.check(code)


class FileWriter:
    """Writes the chunks of one encoder to an MP4 (.mp4, .m4v, .mov), Matroska (.mkv) or WebM (.webm) file.

        with wcenc.FileWriter("film.mp4") as file:
            for chunk in encoder:
                file.write(chunk)

    The extension chooses the container. A file is complete once it is closed, which `with` does, also after an error, and
    the end of the program; one without chunks stays empty. An existing file is overwritten. `options` are those of
    FFmpeg's muxer, such as {"movflags": "faststart"}. H.264 and HEVC have to be length-prefixed, which is the default of a
    configuration. Orientation, shape, colours and HDR metadata are written too, and alpha in WebM and Matroska.

    Errors are OSError and its subclasses, and wcenc.Error. One thread at a time may use a FileWriter.
    """

    def __init__(self, path: Union[str, "os.PathLike[str]"], *, options: Optional[Mapping[str, str]] = None) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise wrong("path", path, "a path, as open() takes it")
        name = os.fspath(path)
        if os.path.splitext(name)[1].lower() not in _EXTENSIONS:
            raise wrong("path", name, f"a name that ends in {either(_EXTENSIONS)}")
        self._muxer = _Muxer(name, dict(options or {}))
        self._end = weakref.finalize(self, self._muxer.end)

    def __repr__(self) -> str:
        return f"<FileWriter {self.path!r}{', closed' if self.closed else ''}>"

    def __enter__(self) -> FileWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def path(self) -> str:
        """The path of the file."""
        return self._muxer.path

    @property
    def closed(self) -> bool:
        """True once close was called."""
        return not self._end.alive

    def write(self, chunk: EncodedVideoChunk) -> None:
        """Writes one chunk. Chunks come in the order of the encoder, and the first one has its decoder config."""
        if not isinstance(chunk, EncodedVideoChunk):
            raise wrong("chunk", chunk, "an EncodedVideoChunk")
        if self.closed:
            raise InvalidStateError(f"{self.path}: the file is closed")
        self._muxer.write(chunk)

    def close(self) -> None:
        """Completes the file. Closing twice does nothing more."""
        self._end()
