"""Chromium's encoders: a browser without a window, and a server on the loopback interface that its page takes jobs from."""

import http.server
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
TICKS = os.sysconf("SC_CLK_TCK")
TYPES = {".html": "text/html", ".js": "text/javascript"}
FLAGS = [
    "--headless=new", "--no-sandbox", "--no-first-run", "--mute-audio", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
]


class Failed(Exception):
    """What the browser says when it cannot do a job."""


def find():
    """The path of a Chromium; None if there is none."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        path = name and shutil.which(name)
        if path:
            return path
    return None


def cpu_seconds(root):
    """Of a process and all that came from it, so far."""
    parents, used = {}, {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended
        parents[int(name)] = int(fields[1])
        used[int(name)] = (int(fields[11]) + int(fields[12])) / TICKS
    total = 0.0
    for process in parents:
        ancestor = process
        while ancestor in parents and ancestor != root:
            ancestor = parents[ancestor]
        total += used[process] if ancestor == root else 0
    return total


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body=b"", kind="application/octet-stream", status=200):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        # For a clock of microseconds.
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        browser = self.server.browser
        name = url.path.lstrip("/") or "page.html"
        if name == "job":
            self.answer(json.dumps(browser.next_job()).encode(), "application/json")
        elif name in ("page.html", "page.js"):
            with open(os.path.join(HERE, name), "rb") as file:
                self.answer(file.read(), TYPES[os.path.splitext(name)[1]])
        elif name.startswith("content/"):
            query = urllib.parse.parse_qs(url.query)
            with open(os.path.join(browser.folder, os.path.basename(name)), "rb") as file:
                file.seek(int(query["offset"][0]))
                self.answer(file.read(int(query["length"][0])))
        else:
            self.answer(status=404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.browser.take(self.path.lstrip("/"), body)
        self.answer()


class Browser:
    """Starts with the first job. Jobs come one at a time."""

    def __init__(self, path, folder):
        self.path, self.folder = path, folder
        self.jobs, self.results = queue.Queue(), queue.Queue()
        self.clocks, self.stream = [], b""
        self.profile = tempfile.mkdtemp(prefix="wcenc-frontier-")
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.browser = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.process = self.start()

    def start(self):
        return subprocess.Popen(
            [self.path, *FLAGS, f"--user-data-dir={self.profile}", f"http://127.0.0.1:{self.server.server_port}/"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def start_again(self):
        """With no job left of what the last page did not answer."""
        self.stop()
        self.jobs, self.results = queue.Queue(), queue.Queue()
        self.process = self.start()

    def version(self):
        return subprocess.run([self.path, "--version"], capture_output=True, text=True, check=True).stdout.strip()

    def next_job(self):
        try:
            return self.jobs.get(timeout=30)
        except queue.Empty:
            return None

    def take(self, what, body):
        if what == "clock":
            self.clocks.append(cpu_seconds(self.process.pid))
        elif what == "stream":
            self.stream = body
        elif what == "result":
            self.results.put(json.loads(body))

    def answer(self, timeout):
        """None if there is none in time, or the browser has ended."""
        for _ in range(timeout):
            try:
                return self.results.get(timeout=1)
            except queue.Empty:
                if self.process.poll() is not None:
                    return None
        return None

    def ask(self, job, timeout=180):
        self.clocks, self.stream = [], b""
        self.jobs.put(job)
        result = self.answer(timeout)
        if result is None:
            status = self.process.poll()
            self.start_again()
            raise Failed(f"no answer in {timeout} s" if status is None else f"the browser ended with status {status}")
        if "error" in result:
            raise Failed(result["error"])
        return result

    def supported(self, configs):
        return self.ask({"configs": configs}, timeout=60)["supported"]

    def run(self, job, stream=None):
        result = self.ask(dict(job, stream=bool(stream)))
        if result["packets"] != job["frames"]:
            raise Failed(f"{result['packets']} chunks for {job['frames']} frames")
        result["cpu_ns"] = round((self.clocks[1] - self.clocks[0]) * 1e9)
        if stream:
            with open(stream, "wb") as file:
                file.write(self.stream)
        return result

    def close(self):
        self.stop()
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.profile, ignore_errors=True)
