# SPDX-License-Identifier: MIT
"""The W3C WebCodecs VideoEncoder for Python: libwcenc through ctypes, nothing to build.

    import wcenc

    with wcenc.FileWriter("film.mp4") as file, wcenc.VideoEncoder() as encoder:
        encoder.configure({"codec": "avc1.42001f", "width": 640, "height": 480})
        for number, picture in enumerate(pictures):          # (480, 640, 3) arrays of bytes, wrapped without a copy
            with wcenc.VideoFrame(picture, format="BGR24", timestamp=number * 33333) as frame:
                encoder.encode(frame)
            for chunk in encoder:                            # those that are pending
                file.write(chunk)
        encoder.flush()
        for chunk in encoder:                                # the rest
            file.write(chunk)

Names are those of WebCodecs as Python writes them; the headers of libwcenc explain each. Times are whole microseconds,
as in WebCodecs; timeouts are seconds, as in Python.

An encoder delivers its chunks in one of three ways: VideoEncoder() is iterated, VideoEncoder(output, error) invokes
callbacks on threads of the library, AsyncVideoEncoder belongs to an asyncio loop. Everything else may be used on any
thread, and a program may end with encoders at work. The package converts and passes on, and decides nothing about
encoding. The library is the file that WCENC_LIBRARY names, the one that the loader finds, or the one that pkg-config
knows. `library_version` is its version, `__version__` that of the package.
"""

from .abi import VERSION as __version__
from .aio import AsyncVideoEncoder
from .codec import DroppedFrame, EncodedVideoChunk, EncodedVideoChunkMetadata, Stats, VideoDecoderConfig, VideoEncoder
from .codec import VideoEncoderConfig, VideoEncoderSupport, VideoFrame, codec_string
from .ffi import AbortError, DataError, EncodingError, Error, InvalidStateError, NoMemoryError, NotSupportedError
from .ffi import OperationError, QuotaExceededError, TimedOutError, TypeError_, WouldDeadlockError, library_version
from .files import FileWriter
from .info import EncoderInfo, available_encoders, build_info
from .values import HdrMetadata, PlaneLayout, Rect, VideoColorSpace

__all__ = [
    "AbortError", "AsyncVideoEncoder", "DataError", "DroppedFrame", "EncodedVideoChunk", "EncodedVideoChunkMetadata",
    "EncoderInfo", "EncodingError", "Error", "FileWriter", "HdrMetadata", "InvalidStateError", "NoMemoryError",
    "NotSupportedError", "OperationError", "PlaneLayout", "QuotaExceededError", "Rect", "Stats", "TimedOutError",
    "TypeError_", "VideoColorSpace", "VideoDecoderConfig", "VideoEncoder", "VideoEncoderConfig",
    "VideoEncoderSupport", "VideoFrame", "WouldDeadlockError", "available_encoders", "build_info", "codec_string",
    "library_version", "__version__",
]
