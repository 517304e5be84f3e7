# SPDX-License-Identifier: MIT
"""The classes of WebCodecs: frames, chunks, configurations, and the encoder of plain loops and callbacks."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
import weakref
from contextlib import suppress
from ctypes import POINTER, byref, c_char_p, c_int32, c_size_t, c_uint64, c_void_p
from dataclasses import dataclass
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from .buffers import Format, Memory, format_of, keys, on_release, pixels_of, wrap, wrapped
from .ffi import C, Error, InvalidStateError, TimedOutError, TypeError_, created, error_of, lib, words_of
from .values import HdrMetadata, PlaneLayout, Record, Rect, VideoColorSpace, boolean, convert, either, make, members_of
from .values import microseconds, name_of, number_of, queue_timeout_us, read, word_of, wrong

_STATES = tuple(words_of("wcenc_state"))
_CHUNK_TYPES = words_of("wcenc_chunk_type")
_CAPABILITIES = words_of("wcenc_capabilities")


class Owner:
    """One reference to an object of the library's, which is given up with this object; not while the interpreter ends,
    when it is too late for what the library would call."""

    _give_up: Callable[[int], None]
    _handle: Any = None

    def __del__(self, is_ending: Callable[[], bool] = sys.is_finalizing) -> None:
        if self._handle and not is_ending():
            self._give_up(self._handle)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}{self._about() if self._handle else ''}>"

    def _about(self) -> str:
        """What repr() says beside the type."""
        raise NotImplementedError

    def _call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return function(self._handle, *arguments)


def getter(name: str, doc: str, convert: Callable[..., Any] = lambda value: value, *kinds: Any) -> Any:
    """A property: what a function of the library returns, with what it stores behind a pointer to each kind."""
    function = getattr(lib, "wcenc_" + name)

    def get(self: Owner) -> Any:
        stored = [kind() for kind in kinds]
        return convert(self._call(function, *map(byref, stored)), *stored)

    return property(get, doc=doc)


def _if_given(is_given: int, number: c_uint64) -> Optional[int]:
    return number.value if is_given else None


class VideoFrame(Owner):
    """An unencoded picture with its place in time.

    `data` is one of
      - one buffer with all planes, as `layout` says or one after the other: bytes, memoryview, a NumPy array, ...;
      - an array (height, width, samples) of a format with one plane, maybe with gaps between the rows or bottom-up:
        picture[:, 100:420], picture[::-1];
      - an array of OpenCV's: (height, width, 3) is "BGR24", (height, width, 4) "BGRA", and (height, width) "GRAY8", for
        which `format` may be left out;
      - an image of Pillow's, which has its format and is copied;
      - a list with such a buffer, or an array (rows, columns), for each plane;
      - another VideoFrame, whose pixels are shared and of which everything is inherited that is not given.

    Samples of 8 bits are bytes: items of type uint8. Deeper samples are uint16 in the byte order of the machine, or
    their bytes. Items of another type, and a shape that contradicts the coded size, are a TypeError_ that says what
    would work.

    The memory is not copied, unless `copy` says so: it is kept alive, and must not change, until the frame is closed
    and every encoder has done with it. The coded size is that of the rows where `data` is (height, width, samples) or a
    list of planes. `metadata` is bytes that travel along; the rest is in wcenc/frame.h.
    """

    _give_up = lib.wcenc_frame_unref

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
        own: Dict[str, Any] = dict(
            format=format, coded_width=coded_width, coded_height=coded_height, color_space=color_space, layout=layout
        )
        if isinstance(data, VideoFrame):
            if copy or any(value is not None for value in own.values()):
                raise TypeError_("format, size, layout, color_space and copy of a frame of a frame are inherited")
            overrides = make(C.wcenc_frame_overrides, discard_alpha=convert("alpha", alpha, c_int32) == 0, **members)
            self._handle = created(lib.wcenc_frame_create_from, data._handle, byref(overrides))
        elif timestamp is None:
            raise TypeError_("timestamp is missing")
        elif alpha != "keep":
            raise wrong("alpha", alpha, "'keep', or a format without alpha; a frame of a frame may discard its alpha")
        else:
            data, own["format"] = pixels_of(data, format)
            init = make(C.wcenc_frame_desc, **members, **own)
            self._handle = self._create(data, boolean("copy", copy), init, format_of(str(own["format"])))

    @staticmethod
    def _create(data: Any, copy: bool, init: Any, format: Format) -> Optional[int]:
        memories, key = wrap(init, data, format), next(keys)
        if copy:
            return created(lib.wcenc_frame_create_copy, byref(init))
        wrapped[key] = memories
        try:
            return created(lib.wcenc_frame_create_wrap, byref(init), on_release, key)
        except Error:
            del wrapped[key]
            raise

    def clone(self) -> VideoFrame:
        """A new frame with the same pixels, equal in everything and closed on its own."""
        clone = VideoFrame.__new__(type(self))
        clone._handle = created(lib.wcenc_frame_clone, self._handle)
        return clone

    def close(self) -> None:
        """Releases the pixels; encoders that took the frame keep what they need. Closing twice does nothing more."""
        lib.wcenc_frame_close(self._handle)

    def _about(self) -> str:
        what = "closed," if self.closed else f"{self.format} {self.coded_width}x{self.coded_height}"
        return f" {what} at {self.timestamp} us"

    def __enter__(self) -> VideoFrame:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    closed: bool = getter("frame_is_closed", "True once close was called.", bool)
    format: Optional[str] = getter(
        "frame_get_format", "The name of the pixel format; None once closed.", lambda number: name_of("format", number)
    )
    coded_width: int = getter("frame_get_coded_width", "The width of the planes in pixels; 0 once closed.")
    coded_height: int = getter("frame_get_coded_height", "The height of the planes in pixels; 0 once closed.")
    display_width: int = getter("frame_get_display_width", "The width to be shown at; 0 once closed.")
    display_height: int = getter("frame_get_display_height", "The height to be shown at; 0 once closed.")
    timestamp: int = getter("frame_get_timestamp_us", "The time to be shown at, in microseconds; stays after close.")
    rotation: int = getter("frame_get_rotation", "The rotation for display: 0, 90, 180 or 270 degrees clockwise.")
    flip: bool = getter("frame_get_flip", "True if it is mirrored horizontally after the rotation.", bool)
    duration: Optional[int] = getter(
        "frame_get_duration_us", "How long it is shown, in microseconds; None without.", _if_given, c_uint64
    )
    visible_rect: Optional[Rect] = getter(
        "frame_get_visible_rect", "The part of the planes that is shown; None once closed.",
        lambda status, rect: None if status < 0 else Rect(rect.x, rect.y, rect.width, rect.height), C.wcenc_rect,
    )
    chroma_location: str = getter(
        "frame_get_chroma_location",
        'The place of the chroma samples of 4:2:0: "left", "center", "top-left" or "unspecified".',
        lambda number: word_of("chroma_location", number),
    )
    color_space: VideoColorSpace = getter(
        "frame_get_color_space", "The colour space of the pixels.",
        lambda _, space: VideoColorSpace._of(space), C.wcenc_color_space,
    )

    @property
    def metadata(self) -> bytes:
        """The bytes that travel along with the frame."""
        length = c_size_t()
        lib.wcenc_frame_get_metadata(self._handle, None, 0, byref(length))
        copy = ctypes.create_string_buffer(length.value)
        lib.wcenc_frame_get_metadata(self._handle, copy, length.value, None)
        return copy.raw

    @staticmethod
    def _copy_options(
        rect: Optional[Sequence[int]] = None, layout: Optional[Sequence[Tuple[int, int]]] = None,
        format: Optional[str] = None, color_space: str = "srgb",
    ) -> Any:
        return make(C.wcenc_copy_to_options, rect=rect, layout=layout, format=format, color_space=color_space)

    def allocation_size(self, **options: Any) -> int:
        """The bytes that copy_to needs with the same options."""
        size = c_size_t()
        lib.wcenc_frame_allocation_size(self._handle, byref(self._copy_options(**options)), byref(size))
        return size.value

    def copy_to(self, destination: Any, **options: Any) -> List[PlaneLayout]:
        """Copies the pixels into a writable buffer, and returns where each plane lies.

        Options: `rect` (default: the visible part), `layout`, `format` (RGBA, RGBX, BGRA or BGRX to convert to) and
        `color_space` of what is converted ("srgb" or "display-p3").
        """
        made = self._copy_options(**options)
        format = format_of(options.get("format") or self.format or "a closed frame")
        memory = Memory("destination", destination, format, is_written=True)
        memory.require_contiguous()
        layout = (C.wcenc_plane_layout * 4)()
        lib.wcenc_frame_copy_to(self._handle, byref(made), memory.address, memory.size, layout)
        return [PlaneLayout(plane.offset, plane.stride) for plane in layout if plane.stride]


@dataclass(frozen=True, repr=False)
class VideoDecoderConfig(Record):
    """What a decoder has to know before it decodes a stream.

    codec: The codec string of the stream.
    description: avcC or hvcC for decoders; None for Annex B, VP8, VP9 and AV1.
    container_private: The payload of avcC, hvcC, vpcC or av1C for containers.
    coded_width: The width in pixels.
    coded_height: The height in pixels.
    display_aspect_width: The width of the shape to be shown at.
    display_aspect_height: The height of the shape to be shown at.
    color_space: What the numbers in the pictures mean.
    rotation: The rotation for display: 0, 90, 180 or 270 degrees clockwise.
    flip: True if pictures are mirrored horizontally after the rotation.
    reorder_depth: The largest number of frames decoded before one that is shown earlier; 0 without B-frames.
    hdr_metadata: The HDR metadata of the stream; None without.
    """

    codec: str
    description: Optional[bytes]
    container_private: Optional[bytes]
    coded_width: int; coded_height: int
    display_aspect_width: int; display_aspect_height: int
    color_space: VideoColorSpace
    rotation: int
    flip: bool
    reorder_depth: int
    hdr_metadata: Optional[HdrMetadata] = None


@dataclass(frozen=True, repr=False)
class EncodedVideoChunkMetadata(Record):
    """What a chunk says beside its bytes.

    decoder_config: Comes with the first chunk and whenever it changes; None says that the last one holds.
    alpha_side_data: With alpha="keep" the alpha, coded as a picture of its own.
    temporal_layer_id: The layer, where the scalability mode has layers.
    quantizer: The quantizer that the encoder used, on the codec's scale, where it reports it.
    """

    decoder_config: Optional[VideoDecoderConfig] = None
    alpha_side_data: Optional[memoryview] = None
    temporal_layer_id: Optional[int] = None
    quantizer: Optional[int] = None


class EncodedVideoChunk(Owner):
    """One encoded picture. Immutable; may outlive its encoder."""

    _give_up = lib.wcenc_chunk_unref

    def __init__(
        self, *, type: str, timestamp: int, data: Any, duration: Optional[int] = None, user_tag: int = 0
    ) -> None:
        """A chunk of bytes from elsewhere, which are copied."""
        if not isinstance(type, str) or type not in _CHUNK_TYPES:
            raise wrong("type", type, either(map(repr, _CHUNK_TYPES)))
        if timestamp is None:
            raise TypeError_("timestamp is missing")
        init = make(
            C.wcenc_chunk_desc, type=_CHUNK_TYPES[type], timestamp_us=timestamp, duration_us=duration, user_tag=user_tag
        )
        held = bytes(Memory("data", data).view)
        init.data, init.data_size = ctypes.cast(c_char_p(held), c_void_p), len(held)
        self._handle = created(lib.wcenc_chunk_create, byref(init))

    def _about(self) -> str:
        return f" {self.type} at {self.timestamp} us, {self.byte_length} bytes"

    @classmethod
    def _borrow(cls, handle: int) -> EncodedVideoChunk:
        chunk = cls.__new__(cls)
        chunk._handle = lib.wcenc_chunk_ref(handle)
        return chunk

    type: str = getter(
        "chunk_get_type", '"key" if decoding can begin here, else "delta".',
        lambda value: "key" if value == C.WCENC_CHUNK_TYPE_KEY else "delta"
    )
    timestamp: int = getter("chunk_get_timestamp_us", "The timestamp of the frame, in microseconds, exactly as given.")
    dts: int = getter("chunk_get_dts_us", "When to decode it; differs from the timestamp where there are B-frames.")
    user_tag: int = getter("chunk_get_user_tag", "The user_tag of the encode options.")
    byte_length: int = getter("chunk_get_byte_length", "The number of bytes in data.")
    duration: Optional[int] = getter(
        "chunk_get_duration_us", "The duration of the frame in microseconds; None without.", _if_given, c_uint64
    )

    def __len__(self) -> int:
        return self.byte_length

    @property
    def data(self) -> memoryview:
        """The bytes, without a copy; they live as long as the view does."""
        return self._view(lib.wcenc_chunk_get_data(self._handle), self.byte_length)

    def _view(self, address: int, size: int) -> memoryview:
        if size == 0:
            return memoryview(b"")
        block: Any = (ctypes.c_ubyte * size).from_address(address)
        block._chunk = self
        return memoryview(block).toreadonly().cast("B")

    def __bytes__(self) -> bytes:
        return bytes(self.data)

    def copy_to(self, destination: Any) -> None:
        """Copies all bytes into a writable buffer, which may be longer."""
        memory = Memory("destination", destination, is_written=True)
        memory.require_contiguous()
        lib.wcenc_chunk_copy_to(self._handle, memory.address, memory.size)

    @property
    def metadata(self) -> EncodedVideoChunkMetadata:
        """The decoder config, alpha, layer and quantizer, as far as the chunk has them."""
        metadata = lib.wcenc_chunk_get_metadata(self._handle)
        if not metadata:
            return EncodedVideoChunkMetadata()
        given, config, alpha = metadata.contents, metadata.contents.decoder_config, metadata.contents.alpha_side_data
        return EncodedVideoChunkMetadata(
            read(VideoDecoderConfig, config.contents) if config else None,
            self._view(alpha, given.alpha_side_data_size) if alpha else None,
            given.temporal_layer_id if given.has_svc else None,
            given.quantizer if given.has_quantizer else None,
        )

    @property
    def alpha_side_data(self) -> Optional[memoryview]:
        """With alpha="keep" the alpha, coded as a picture of its own; a view as `data` is. None without."""
        return self.metadata.alpha_side_data

    @property
    def temporal_layer_id(self) -> Optional[int]:
        """0 for the base layer; None where the scalability mode has no layers."""
        return self.metadata.temporal_layer_id


@dataclass(frozen=True, repr=False)
class VideoEncoderConfig(Record):
    """What to encode to. A dict of these members can stand for it, as a dict of those of VideoColorSpace can for that.
    The members from encoder_name on are beyond WebCodecs; wcenc/config.h explains them all.

    codec: The codec string, such as "avc1.640028", "hvc1.1.6.L93.B0", "vp8", "vp09.00.10.08" or "av01.0.04M.08".
    width: The width of the stream in pixels; frames of another size are scaled.
    height: The height of the stream in pixels.
    bitrate: Bits per second; None chooses by size, framerate and codec.
    framerate: Frames per second for rate control; None is 30.
    display_width: The width to be shown at; None is width.
    display_height: The height to be shown at; None is height.
    hardware_acceleration: "no-preference", "prefer-hardware", "prefer-software" or "required".
    alpha: "discard", or "keep" to encode alpha as a second picture.
    bitrate_mode: "variable", "constant", "quantizer" or "constant-quality".
    latency_mode: "quality", or "realtime" where no chunk waits for later frames.
    bitstream_format: "length-prefixed" for MP4 and Matroska, or "annexb"; for H.264 and HEVC.
    scalability_mode: "L1T2" or "L1T3" for temporal layers of VP8 and VP9; "manual" lets frames name buffers.
    content_hint: "motion", "detail" or "text".
    encoder_name: One encoder by name, such as "libx264"; None is the first available one.
    encoder_options: Options of that encoder, such as "preset=fast:rc-lookahead=10".
    threads: The largest number of threads of the encoder; 0 chooses by CPUs.
    key_interval: The largest number of frames from one key chunk to the next; 0 is that of ten seconds, at most 300.
    effort: Time that the encoder may spend: -2 (fastest) to 2 (best quality).
    max_b_frames: The largest number of consecutive B-frames.
    max_delay_frames: The largest delay of the encoder in frames; 0 is its default.
    quality: For "constant-quality", on the scale of the codec; lower is better.
    hdr_metadata: The HDR metadata of the stream.
    color_space: The colour space of the stream; members without a value follow the first frame.
    chroma_location: The place of the chroma samples of 4:2:0: "left", "center", "top-left" or "unspecified".
    force_screen_content_tools: True allows AV1's tools for screen content in every frame.
    parallel_groups: The largest number of groups of key_interval frames that are encoded at once; 0 makes no groups.
    """

    codec: str
    width: int; height: int
    bitrate: Optional[int] = None; framerate: Optional[float] = None
    display_width: Optional[int] = None; display_height: Optional[int] = None
    hardware_acceleration: str = "no-preference"; alpha: str = "discard"
    bitrate_mode: str = "variable"; latency_mode: str = "quality"
    bitstream_format: str = "length-prefixed"
    scalability_mode: Optional[str] = None; content_hint: Optional[str] = None
    encoder_name: Optional[str] = None; encoder_options: Optional[str] = None
    threads: int = 0; key_interval: int = 0; effort: int = 0
    max_b_frames: int = 0; max_delay_frames: int = 0
    quality: Optional[float] = None
    hdr_metadata: Optional[HdrMetadata] = None
    color_space: Optional[VideoColorSpace] = None; chroma_location: str = "unspecified"
    force_screen_content_tools: bool = False
    parallel_groups: int = 0


@dataclass(frozen=True, repr=False)
class VideoEncoderSupport(Record):
    """Whether a configuration is supported, and what would run.

    supported: True if configure would work.
    config: The configuration that was asked about.
    reason: Why it is not supported: member, value and limit; None if it is.
    encoder_name: The encoder that would run; None if it is not supported.
    codec: The codec string that the stream would have.
    delay_frames: The largest delay of the encoder in frames; 0 is one in, one out.
    reference_buffers: The number of buffers for frames with the scalability mode "manual"; else 0.
    parallel_groups_bytes: With parallel_groups, the max_queued_bytes that they need to be encoded at once; else 0.
    capabilities: What the encoder can do beyond encoding, such as "live-bitrate".
    """

    supported: bool
    config: VideoEncoderConfig
    reason: Optional[str]
    encoder_name: Optional[str]
    codec: Optional[str]
    delay_frames: int
    reference_buffers: int
    parallel_groups_bytes: int
    capabilities: FrozenSet[str]


def codec_string(
    codec: str, width: int, height: int, *, framerate: Optional[float] = None, bitrate: Optional[int] = None,
    profile: Optional[int] = None, tier: Optional[int] = None, in_band_parameter_sets: Optional[bool] = None,
    bit_depth: Optional[int] = None, chroma_format: Optional[str] = None,
) -> str:
    """The codec string of "h264", "hevc", "vp8", "vp9" or "av1" with the lowest level that allows size and rates."""
    parameters = make(
        C.wcenc_codec_parameters, codec=codec, width=width, height=height, framerate=framerate, bitrate=bitrate,
        profile=profile, tier=tier, in_band_parameter_sets=in_band_parameter_sets, bit_depth=bit_depth,
        chroma_format=chroma_format,
    )
    text = ctypes.create_string_buffer(64)
    lib.wcenc_codec_string(byref(parameters), text, len(text))
    return text.value.decode()


@dataclass(frozen=True, repr=False)
class DroppedFrame(Record):
    """A frame that a limit of the queue or the encoder dropped.

    timestamp: The timestamp of the frame in microseconds.
    duration: Its duration in microseconds; None without.
    user_tag: The user_tag of its encode options.
    reason: "queued-frames", "queued-bytes" or "encoder".
    """

    timestamp: int
    duration: Optional[int]
    user_tag: int
    reason: str


class Stats(Dict[str, int]):
    """What became of the frames of an encoder, by the names of wcenc_stats in wcenc/encoder.h."""

    def __getattr__(self, name: str) -> int:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


# --- WebCodecs: the encoder -------------------------------------------------------------------------------------------

Output = Callable[[EncodedVideoChunk, EncodedVideoChunkMetadata], object]

# The library knows an encoder by its key. It does not keep it alive: an encoder that nobody has any more is closed.
_encoders: weakref.WeakValueDictionary[int, Encoder] = weakref.WeakValueDictionary()


def _output_arguments(handle: int, _: object = None) -> Tuple[EncodedVideoChunk, EncodedVideoChunkMetadata]:
    chunk = EncodedVideoChunk._borrow(handle)
    return chunk, chunk.metadata


# What the library calls, by the member of wcenc_encoder_desc, and what the program's function is given instead.
_REPORTS: Dict[str, Tuple[Any, Callable[..., Tuple[Any, ...]]]] = {
    "log": (C.wcenc_log_fn, lambda level, text: (lib.wcenc_log_level_name(level).decode(), text.decode())),
    "on_output": (C.wcenc_output_fn, _output_arguments),
    "on_error": (C.wcenc_error_fn, lambda error: (error_of(error.contents.status, error.contents.message),)),
    "on_drop": (C.wcenc_drop_fn, lambda drop: (read(DroppedFrame, drop.contents),)),
    "on_dequeue": (C.wcenc_dequeue_fn, lambda queue_size: ()),
}


def _callback(member: str, prototype: Any) -> Any:
    """A function that the library invokes with an encoder's key; it reports to the encoder if that still exists."""

    def call(user: int, *arguments: Any) -> None:
        encoder = _encoders.get(user)
        if encoder is not None:
            encoder._report(member, *arguments)

    return prototype(call)


# These live as long as this module, since one of them may be running at any time.
_CALLBACKS = {member: _callback(member, prototype) for member, (prototype, _) in _REPORTS.items()}


def _end_encoder(calls: List[None], has_returned: threading.Event, process: int, handle: Optional[int]) -> None:
    """Frees an encoder that nobody has any more; or, as the interpreter ends, one that other threads may be calling:
    once it is closed they do not wait, and new calls find that the end has come. Those of before a fork are gone."""
    if calls and os.getpid() == process:
        with suppress(InvalidStateError):
            lib.wcenc_encoder_close(handle)
        while calls:
            has_returned.wait()
            has_returned.clear()
    lib.wcenc_encoder_destroy(handle)


def _config_of(config: Union[VideoEncoderConfig, Mapping[str, Any]]) -> Any:
    return make(C.wcenc_config, **members_of(VideoEncoderConfig, "config", config))


class Encoder(Owner):
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
                raise wrong(member.replace("on_", ""), function, "a function")
        if (output is None) != (error is None):
            raise TypeError_(f"{'output' if output is None else 'error'} is missing; set both callbacks, or iterate")
        self._is_called_back = output is not None
        self._calls: List[None] = []  # one for each call that is under way
        self._has_returned = threading.Event()  # set after each call while the interpreter ends
        key = next(keys)
        init = make(
            C.wcenc_encoder_desc, user=key, queue_policy=queue_policy,
            queue_timeout_us=queue_timeout_us(queue_timeout), max_queued_frames=max_queued_frames,
            max_queued_bytes=max_queued_bytes, max_pending_results=max_pending_results, log_level=log_level,
        )
        init.delivery = C.WCENC_DELIVERY_THREAD if self._is_called_back else C.WCENC_DELIVERY_PULL
        for member, function in self._functions.items():
            if function is not None and (self._is_called_back or member == "log"):
                setattr(init, member, _CALLBACKS[member])
        _encoders[key] = self
        self._handle = handle = created(lib.wcenc_encoder_create, byref(init))
        # Called at exit too: the library's threads log and release pixels, and have to end before the interpreter.
        self._finalizer = weakref.finalize(self, _end_encoder, self._calls, self._has_returned, os.getpid(), handle)

    def __del__(self, is_ending: object = None) -> None:
        """The finalizer has done it."""

    def _about(self) -> str:
        if not self._finalizer.alive:
            return " ended"
        return f" {self.state}, {self.encoder_name or 'no encoder yet'}, {self.encode_queue_size} queued"

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

    def _report(self, member: str, *arguments: Any) -> None:
        function = self._functions[member]
        if function is not None:
            function(*_REPORTS[member][1](*arguments))

    @staticmethod
    def is_config_supported(config: Union[VideoEncoderConfig, Mapping[str, Any]]) -> VideoEncoderSupport:
        """Whether configure would work, and what would run. Opens the encoder to find out, which takes milliseconds."""
        answer = POINTER(C.wcenc_config_support)()
        lib.wcenc_is_config_supported(byref(_config_of(config)), byref(answer))
        try:
            support = answer.contents
            made: VideoEncoderSupport = read(
                VideoEncoderSupport, support, config=read(VideoEncoderConfig, support.config.contents),
                capabilities=frozenset(word for word, bit in _CAPABILITIES.items() if support.capabilities & bit),
            )
            return made
        finally:
            lib.wcenc_config_support_free(answer)

    def configure(self, config: Union[VideoEncoderConfig, Mapping[str, Any]]) -> None:
        """Sets what the following frames are encoded to. One that is not supported ends the encoder with an error."""
        self._call(lib.wcenc_encoder_configure, byref(_config_of(config)))

    def encode(
        self, frame: VideoFrame, *, key_frame: bool = False, quantizer: Optional[int] = None, user_tag: int = 0,
        references: int = 0, updates: int = 0, hdr_metadata: Union[HdrMetadata, Mapping[str, Any], None] = None,
    ) -> None:
        """Queues one frame, which may be closed at once. Waits only where queue_policy is "wait" and a limit is set.
        `references` and `updates` are bit masks of the buffers that the frame may reference and those that keep it,
        with the scalability mode "manual". `hdr_metadata` holds from this frame on; HdrMetadata() ends it."""
        if not isinstance(frame, VideoFrame):
            raise wrong("frame", frame, "a VideoFrame")
        options = make(
            C.wcenc_encode_options, key_frame=key_frame, quantizer=quantizer, user_tag=user_tag,
            references=references, updates=updates, hdr_metadata=hdr_metadata,
        )
        self._call(lib.wcenc_encoder_encode, frame._handle, byref(options))

    def reset(self) -> None:
        """Discards everything that is not delivered yet, and makes the encoder unconfigured."""
        self._call(lib.wcenc_encoder_reset)

    def request_key_frame(self) -> None:
        """Makes the next frame that is encoded a key chunk, also where it is queued already."""
        self._call(lib.wcenc_encoder_request_key_frame)

    def close(self) -> None:
        """Discards as reset does, and closes the encoder for good. Flush before, and receive what is pending."""
        self._call(lib.wcenc_encoder_close)

    @property
    def encoder_name(self) -> Optional[str]:
        """The encoder that runs, such as "libx264"; None before the first frame is encoded."""
        name = None if not self._finalizer.alive else lib.wcenc_encoder_get_name(self._handle)
        return None if name is None else str(name.decode())

    state: str = getter(
        "encoder_get_state", 'What it can do: "unconfigured", "configured" or "closed".', _STATES.__getitem__
    )
    encode_queue_size: int = getter(
        "encoder_get_queue_size", "The number of accepted frames that the encoder has not begun with."
    )

    def stats(self) -> Stats:
        """What became of the frames so far, in numbers that fit together and are attributes too: stats().is_idle."""
        stats = make(C.wcenc_stats)
        self._call(lib.wcenc_encoder_get_stats, byref(stats))
        return Stats((name, getattr(stats, name)) for name, _ in C.wcenc_stats._fields_[1:-1])

    def fileno(self) -> int:
        """A descriptor that is readable while something waits to be taken, for select; not with callbacks."""
        self._require_pull()
        return int(self._call(lib.wcenc_encoder_get_event_fd))

    def _require_pull(self) -> None:
        if self._is_called_back:
            raise InvalidStateError("this encoder delivers to its callbacks; one without callbacks can be iterated")

    def _receive(self, timeout: Optional[float]) -> Tuple[int, Optional[EncodedVideoChunk]]:
        """One event: WCENC_OK, and its chunk if it has one. WCENC_AGAIN: there was none in time. WCENC_END: none follows."""
        self._require_pull()
        event = POINTER(C.wcenc_event)()
        status: int = self._call(lib.wcenc_encoder_receive, microseconds(timeout), byref(event))
        if status != C.WCENC_OK:
            return status, None
        try:
            return status, self._on_event(event.contents)
        finally:
            lib.wcenc_event_free(event)

    def _on_event(self, event: Any) -> Optional[EncodedVideoChunk]:
        """Returns the chunk of an event, raises its error, or invokes the callback for it."""
        if event.type == C.WCENC_EVENT_OUTPUT:
            return EncodedVideoChunk._borrow(event.chunk)
        if event.type == C.WCENC_EVENT_ERROR:
            raise error_of(event.error.contents.status, event.error.contents.message)
        if event.type == C.WCENC_EVENT_DROP:
            self._report("on_drop", event.drop)
        elif event.type == C.WCENC_EVENT_DEQUEUE:
            self._report("on_dequeue")
        return None


class VideoEncoder(Encoder):
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
        """Waits until every frame so far has become a chunk: with callbacks until all have returned, without them until
        all chunks are pending."""
        self._call(lib.wcenc_encoder_flush_timeout, microseconds(timeout))

    def receive(self, timeout: Optional[float] = None) -> Optional[EncodedVideoChunk]:
        """Waits for the next chunk: TimedOutError where none came in time, None once closed. A thread that takes all:
        `for chunk in iter(encoder.receive, None)`."""
        end = None if timeout is None else time.monotonic() + number_of("timeout", timeout)
        while True:
            status, chunk = self._receive(timeout)
            if status == C.WCENC_AGAIN:
                raise TimedOutError("no chunk came within the timeout")
            if chunk is not None or status == C.WCENC_END:
                return chunk
            timeout = None if end is None else end - time.monotonic()

    def __iter__(self) -> Iterator[EncodedVideoChunk]:
        """Iterates over the pending chunks, without waiting."""
        status = C.WCENC_OK
        while status == C.WCENC_OK:
            status, chunk = self._receive(0)
            if chunk is not None:
                yield chunk
