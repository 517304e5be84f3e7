#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Records ten seconds of the first camera with OpenCV: python3 record.py camera.mp4"""

import sys
from typing import Any, Iterable

import wcenc


def record(camera: Iterable[Any], path: str, width: int, height: int, rate: int = 30) -> None:
    config = {"codec": wcenc.codec_string("h264", width, height), "width": width, "height": height, "framerate": rate}
    with wcenc.FileWriter(path) as file, wcenc.VideoEncoder(queue_policy="wait", max_queued_frames=8) as encoder:
        encoder.configure(config)
        for number, picture in enumerate(camera):
            with wcenc.VideoFrame(picture, format="BGR24", timestamp=number * 1_000_000 // rate) as frame:
                encoder.encode(frame)
            for chunk in encoder:
                file.write(chunk)
        encoder.flush()
        for chunk in encoder:
            file.write(chunk)


def main() -> None:
    import cv2  # type: ignore[import]

    camera = cv2.VideoCapture(0)
    height, width = camera.read()[1].shape[:2]
    record((camera.read()[1] for _ in range(300)), sys.argv[1], width, height)


if __name__ == "__main__":
    main()
