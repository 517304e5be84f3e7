"""Who codes: libwcenc as it comes or with an encoder by name, a plain loop over libavcodec, and a browser."""

import json
import os
import re
import subprocess

CODECS = {
    # name: title, codec strings up to 1080p and above
    "h264": ("H.264", "avc1.640028", "avc1.640033"),
    "vp8": ("VP8", "vp8", "vp8"),
    "vp9": ("VP9", "vp09.00.40.08", "vp09.00.51.08"),
    "av1": ("AV1", "av01.0.08M.08", "av01.0.13M.08"),
}

# Encoders of libwcenc by name: libavcodec's, and libwcenc's own.
NAMED = {
    "h264": ("libx264", "native-openh264"),
    "vp8": ("libvpx", "native-vpx"),
    "vp9": ("libvpx-vp9", "native-vpx"),
    "av1": ("libaom-av1", "native-aom"),
}

X264, VPX, VP9, AOM, SVT = "libx264", "libvpx", "libvpx-vp9", "libaom-av1", "libsvtav1"
VP9_REALTIME = "deadline=realtime:row-mt=1:frame-parallel=0:lag-in-frames=0:aq-mode=3:tile-columns=1"
AOM_REALTIME = "usage=realtime:row-mt=1:lag-in-frames=0:aq-mode=3:tile-columns=1"

# The plain loop: what people write, from the fastest to the slowest. The first of each is the one beside which speeds stand.
PLAIN = {
    ("h264", "realtime"): [(f"{preset}", X264, f"preset={preset}:tune=zerolatency")
                           for preset in ("superfast", "ultrafast", "veryfast", "faster")],
    ("vp8", "realtime"): [(f"cpu-used {speed}", VPX, f"deadline=realtime:cpu-used={speed}:lag-in-frames=0:auto-alt-ref=0")
                          for speed in (-6, -12, -8, -4)],
    ("vp9", "realtime"): [(f"cpu-used {speed}", VP9, f"{VP9_REALTIME}:cpu-used={speed}") for speed in (7, 8, 6, 5)],
    ("av1", "realtime"): [(f"cpu-used {speed}", AOM, f"{AOM_REALTIME}:cpu-used={speed}") for speed in (8, 7, 6)],
    ("h264", "quality"): [(preset, X264, f"preset={preset}") for preset in ("medium", "veryfast", "fast", "slow")],
    ("vp8", "quality"): [(f"good, cpu-used {speed}", VPX, f"deadline=good:cpu-used={speed}:lag-in-frames=25:auto-alt-ref=1")
                         for speed in (1, 4, 2)],
    ("vp9", "quality"): [(f"good, cpu-used {speed}", VP9, f"deadline=good:cpu-used={speed}:row-mt=1:tile-columns=1")
                         for speed in (2, 5, 4, 3)],
    ("av1", "quality"): [(f"good, cpu-used {speed}", AOM, f"usage=good:cpu-used={speed}:row-mt=1:tile-columns=1")
                         for speed in (6, 5)] + [(f"SVT-AV1 {preset}", SVT, f"preset={preset}") for preset in (9, 8)],
}


class Refused(Exception):
    """The competitor cannot do this cell; says why."""


def codec_string(codec, size):
    width, height = map(int, size.split("x"))
    return CODECS[codec][2 if width * height > 1920 * 1088 else 1]


class Program:
    """wcenc-bench-frontier, a process for each run."""

    def __init__(self, path):
        self.path = path

    def call(self, *arguments):
        done = subprocess.run([self.path, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            words = (done.stdout + done.stderr).strip().splitlines() or [f"status {done.returncode}"]
            # "wcenc_loop.c:21: why (last error: "")"
            raise Refused(re.sub(r"^\S+:\d+: | \(last error: .*\)$", "", words[-1])[:300])
        return json.loads(done.stdout)

    def judge(self, cell, content, stream):
        return self.call("judge", "--codec", cell["codec"], "--size", cell["size"], "--content", content, "--frames",
                         cell["frames"], "--stream", stream)


def common(cell, content):
    arguments = ["--codec", cell["codec"], "--latency", cell["latency"], "--mode", cell["mode"], "--bitrate",
                 cell["bitrate"], "--size", cell["size"], "--format", cell["format"], "--content", content, "--frames",
                 cell["frames"]]
    return arguments + (["--pace", cell["pace"]] if cell.get("pace") else [])


class Wcenc:
    def __init__(self, program, encoder=None, options=None):
        self.program, self.encoder, self.options = program, encoder, options
        self.who = f"wcenc {encoder}" if encoder else "wcenc"
        if options:
            self.who += f" {options}"

    def run(self, cell, content, stream=None):
        extra = ["--encoder", self.encoder] if self.encoder else []
        extra += ["--options", self.options] if self.options else []
        extra += ["--stream", stream] if stream else []
        return self.program.call("run", "--who", "wcenc", "--codec-string", codec_string(cell["codec"], cell["size"]),
                                 *common(cell, content), *extra)


class Plain:
    def __init__(self, program, name, encoder, options):
        self.program, self.encoder, self.options = program, encoder, options
        self.who = f"plain {name}"

    def run(self, cell, content, stream=None):
        extra = ["--stream", stream] if stream else []
        return self.program.call("run", "--who", "plain", "--encoder", self.encoder, "--options", self.options,
                                 *common(cell, content), *extra)


class Chromium:
    who = "chromium"

    def __init__(self, browser, refused):
        self.browser, self.refused = browser, refused
        self.answers = {}

    def config(self, cell):
        width, height = map(int, cell["size"].split("x"))
        config = {
            "codec": codec_string(cell["codec"], cell["size"]), "width": width, "height": height,
            "bitrate": cell["bitrate"], "framerate": 30, "latencyMode": cell["latency"], "bitrateMode": cell["mode"],
        }
        if cell["codec"] == "h264":
            config["avc"] = {"format": "annexb"}
        return config

    def run(self, cell, content, stream=None):
        config = self.config(cell)
        key = (config["codec"], cell["size"], cell["latency"], cell["mode"])
        if key not in self.answers:
            self.answers[key] = self.browser.supported([config])[0]
        if not self.answers[key]:
            raise Refused(f"isConfigSupported says no to {config['codec']} at {cell['size']}")
        pictures = os.path.getsize(content) // int(config["width"] * config["height"] * (1.5 if cell["format"] == "I420" else 4))
        job = {"config": config, "content": os.path.basename(content), "format": cell["format"], "width": config["width"],
               "height": config["height"], "frames": cell["frames"], "pictures": min(pictures, cell["frames"]),
               "pace": cell.get("pace", 0)}
        try:
            return self.browser.run(job, stream)
        except self.refused as error:
            raise Refused(str(error)) from error
