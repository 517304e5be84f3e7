"""What is coded: four contents, made once by the ffmpeg program and kept as raw files.

All of them are I420 at 30 frames per second; RGBA is made from it, of the first pictures only, since speed needs no more.

    synth   testsrc2 with temporal noise
    photo   pan and zoom over photographs of Debian's plasma-workspace-wallpapers, a cut every 150 frames, slight noise
    desk    a desktop: 2 s of scrolling text, 1.3 s of a moving window, 1.7 s of nothing, and again
    still   a photograph, text and flat areas under a moving cursor
"""

import os
import random
import subprocess

WALLPAPERS = "/usr/share/wallpapers"
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
MONO = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
FRAMERATE = 30
CUT = 150  # frames of a photograph, and of one turn of the desktop

BYTES = {"I420": 1.5, "RGBA": 4}
PHOTOGRAPHS = ("EveningGlow", "FallenLeaf", "Path")


class Missing(Exception):
    """A package that a content needs."""


def photograph(name):
    path = f"{WALLPAPERS}/{name}/contents/images/2560x1600.jpg"
    if not os.path.exists(path):
        raise Missing("plasma-workspace-wallpapers")
    return path


def words(seed, lines, columns):
    """Lines of words that nobody has to read; the same for the same seed."""
    source = random.Random(seed)
    syllables = "ka to ri men sol va ne pu dor li ta gra om es chi bel un fo zar mi".split()
    out = []
    for _ in range(lines):
        line = ""
        while len(line) < columns - 14:
            line += "".join(source.choice(syllables) for _ in range(source.randint(1, 4))) + " "
        out.append("" if source.random() < 0.12 else line.capitalize() if source.random() < 0.3 else line)
    return "\n".join(out)


def arrow(height):
    """A mouse cursor as a PAM picture: black, with a white rim."""
    unit = height / 20
    rows = []
    for y in range(height):
        row = b""
        for x in range(height):
            u, v = x / unit, y / unit
            inside = u < v * 0.72 and v < 17 - u * 0.45
            rim = inside and (u < 1.2 or u > v * 0.72 - 1.4 or v > 15.4 - u * 0.45)
            row += bytes((255,) * 4 if rim else (0, 0, 0, 255) if inside else (0, 0, 0, 0))
        rows.append(row)
    header = f"P7\nWIDTH {height}\nHEIGHT {height}\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
    return header.encode() + b"".join(rows)


class Maker:
    def __init__(self, folder, width, height, frames):
        self.folder, self.width, self.height, self.frames = folder, width, height, frames
        self.scale = height / 720

    def at(self, pixels):
        """A length on a picture 720 high, in pixels of this one; even, for the chroma."""
        return max(2, round(pixels * self.scale / 2) * 2)

    def write(self, name, data):
        path = f"{self.folder}/{name}"
        with open(path, "wb") as file:
            file.write(data)
        return path

    def page(self, name, text, width, height, size, ink, paper, font):
        """A picture of text, as a file."""
        source = self.write(f"{name}.txt", text.encode())
        path = f"{self.folder}/{name}.png"
        if not os.path.exists(font):
            raise Missing("fonts-dejavu-core")
        subprocess.run(
            ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"color={paper}:size={width}x{height}", "-vf",
             f"drawtext=fontfile={font}:textfile={source}:expansion=none:fontsize={size}:fontcolor={ink}"
             f":x={size}:y={size}:line_spacing={size // 3}", "-frames:v", "1", path], check=True,
            stdin=subprocess.DEVNULL)
        return path

    def loop(self, path):
        """The arguments of an input that shows a picture for ever; it is decoded once."""
        return ["-f", "image2", "-framerate", str(FRAMERATE), "-i", path]

    def synth(self):
        source = f"testsrc2=size={self.width}x{self.height}:rate={FRAMERATE}"
        return ["-f", "lavfi", "-i", source], "[0:v]format=yuv420p,noise=c0s=6:c0f=t"

    def photo(self):
        inputs, parts = [], []
        count = -(-self.frames // CUT)
        for i in range(count):
            inputs += ["-i", photograph(PHOTOGRAPHS[i % len(PHOTOGRAPHS)])]
            # Scaled up first, since zoompan moves by whole pixels of its input.
            parts.append(
                f"[{i}:v]scale={self.width * 4}:-2:flags=bicubic,setsar=1,zoompan=z='1.3+0.0016*on':d={CUT}:fps={FRAMERATE}"
                f":s={self.width}x{self.height}:x='(iw-iw/zoom)*on/{CUT}':y='(ih-ih/zoom)*(0.9-0.6*on/{CUT})'"
                f",setsar=1,trim=end_frame={CUT}[p{i}]")
        chain = "".join(f"[p{i}]" for i in range(count))
        return inputs, ";".join(parts) + f";{chain}concat=n={count},format=yuv420p,noise=c0s=3:c0f=t"

    def desk(self):
        at = self.at
        speed = at(8)  # of scrolling, pixels per frame
        turns = -(-self.frames // CUT)
        page_width, page_height, size = at(700), at(560), at(16)
        tall = page_height + speed * 60 * turns
        page = self.page("page", words(1, tall * 3 // (size * 4), 86), page_width, tall, size, "0x202020", "0xfcfcfc", FONT)
        terminal = self.page("terminal", words(2, 18, 44), at(440), at(300), at(15), "0x90e090", "0x101418", MONO)
        icons = self.page("icons", words(3, 20, 18), at(180), at(660), at(14), "0xf0f0f0", "0x2c4a6e", FONT)
        background = f"gradients=size={self.width}x{self.height}:rate={FRAMERATE}:c0=0x2c4a6e:c1=0x4a7a8c:x0=0:y0=0:x1={self.width}:y1={self.height}:nb_colors=2:seed=1:speed=0.00001"
        scroll = f"{speed}*(60*floor(n/{CUT})+min(mod(n,{CUT}),60))"
        step = f"{at(10)}*clip(mod(n,{CUT})-60,0,40)"
        move = f"if(mod(floor(n/{CUT}),2),{at(10)}*40-{step},{step})"
        inputs = ["-f", "lavfi", "-i", background]
        for path in (page, terminal, icons):
            inputs += self.loop(path)
        graph = (
            "[0:v]trim=end_frame=1,loop=loop=-1:size=1,setpts=N/30/TB,format=gbrp[b];"
            + "".join(f"[{i}:v]loop=loop=-1:size=1,setpts=N/30/TB,format=gbrp[i{i}];" for i in (1, 2, 3))
            + f"[i1]crop=w={page_width}:h={page_height}:x=0:y='{scroll}'[p];"
            f"[b]drawbox=y={self.height - at(44)}:w=iw:h={at(44)}:color=0x181818:t=fill[c];"
            f"[c][i3]overlay=x={at(8)}:y={at(8)}:format=gbrp[d];"
            f"[d]drawbox=x={at(210)}:y={at(40)}:w={page_width}:h={at(30)}:color=0x3a6ea5:t=fill[e];"
            f"[e][p]overlay=x={at(210)}:y={at(70)}:format=gbrp[f];"
            f"[f][i2]overlay=x='{at(300)}+{move}':y={at(330)}:format=gbrp,format=yuv420p")
        return inputs, graph

    def still(self):
        at = self.at
        panel = self.page("panel", words(4, 40, 60), at(500), self.height, at(15), "0x101010", "0xf6f2e8", FONT)
        cursor = self.write("cursor.pam", arrow(at(28)))
        inputs = ["-i", photograph("FallenLeaf")] + self.loop(panel) + self.loop(cursor)
        flat = "".join(
            f",drawbox=x={at(40 + 120 * i)}:y={at(560)}:w={at(110)}:h={at(110)}:color={colour}:t=fill"
            for i, colour in enumerate(("0x808080", "0xc03020", "0x2060c0", "0x30a040")))
        graph = (
            f"[0:v]scale={self.width}:{self.height}:flags=bicubic:force_original_aspect_ratio=increase"
            f",crop={self.width}:{self.height},setsar=1,format=gbrp{flat}[a];[1:v]format=gbrp[t];"
            f"[a][t]overlay=x={self.width - at(500)}:y=0:format=gbrp,loop=loop=-1:size=1,setpts=N/30/TB[s];"
            "[2:v]format=gbrap,loop=loop=-1:size=1,setpts=N/30/TB[c];"
            f"[s][c]overlay=x='W/2+W/3*sin(n/25)':y='H/2+H/3*sin(n/17)':format=gbrp,format=yuv420p")
        return inputs, graph


CONTENTS = {
    "synth": ("testsrc2 with noise", Maker.synth),
    "photo": ("pan and zoom over a photograph", Maker.photo),
    "desk": ("a desktop", Maker.desk),
    "still": ("a still picture with a cursor", Maker.still),
}


def is_possible(name):
    """Whether what the content needs is installed."""
    try:
        if name in ("photo", "still"):
            photograph(PHOTOGRAPHS[0])
    except Missing:
        return False
    return os.path.exists(FONT) or name in ("synth", "photo")


def run(arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], check=True, stdin=subprocess.DEVNULL)


def ready(path, size):
    return os.path.exists(path) and os.path.getsize(path) >= size


def make(folder, name, size, frames, fmt="I420"):
    """The path of a raw file with at least so many pictures, made if there is none yet. Raises Missing."""
    width, height = map(int, size.split("x"))
    path = f"{folder}/{name}-{size}.{fmt.lower()}"
    if ready(path, width * height * BYTES[fmt] * frames):
        return path
    os.makedirs(folder, exist_ok=True)
    if fmt == "RGBA":
        source = make(folder, name, size, frames)
        run(["-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", size, "-i", source, "-frames:v", str(frames),
             "-pix_fmt", "rgba", "-f", "rawvideo", path + ".new"])
    else:
        parts = f"{folder}/parts-{name}-{size}"
        os.makedirs(parts, exist_ok=True)
        inputs, graph = CONTENTS[name][1](Maker(parts, width, height, frames))
        # Dithering or several threads of a filter would not be the same everywhere.
        run([*inputs, "-filter_complex_threads", "1", "-filter_complex", graph, "-frames:v", str(frames), "-f",
             "rawvideo", "-pix_fmt", "yuv420p", path + ".new"])
    os.replace(path + ".new", path)
    return path
