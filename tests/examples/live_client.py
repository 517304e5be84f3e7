# SPDX-License-Identifier: MIT
"""What the tests of examples/live share: the server as a process, and viewers over plain sockets that check what they
receive.

usage as a program: live_client.py PORT VIEWERS SECONDS
runs until then or until its standard input ends, and prints one JSON object: what all of them have received, and what
was wrong.
"""

from __future__ import annotations

import base64
import json
import os
import pathlib
import select
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time

SUBPROTOCOL = "wcenc-live-1"
CONFIG, CHUNK, STATE, PONG = 1, 2, 3, 4
FEEDBACK, PING, RESYNC, POINTER, BUTTON, KEY = 16, 17, 18, 19, 20, 21
CHUNK_HEADER = struct.Struct("<BBBBIqqII")
STATE_HEADER = struct.Struct("<BBBBIIIIII")


problems: list[str] = []


def check(condition: object, what: str) -> None:
    if not condition:
        problems.append(what)
        print(f"WRONG: {what}", flush=True)


def wait_for(condition, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Server:
    """wcenc-live at a free port. `secrets` must not be in what it prints."""

    def __init__(self, program: str, *options: str, secrets: tuple[str, ...] = ()) -> None:
        self.secrets = secrets
        self.process = subprocess.Popen([program, "--port", "0", *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.first_line = self.process.stdout.readline()
        if not self.first_line:
            raise SystemExit(f"the server does not start: {self.process.communicate()[1]}")
        self.port = int(self.first_line.rstrip("/\n").rpartition(":")[2])
        self.own_sockets = self.sockets()

    def descriptors(self) -> list[str]:
        names = []
        for path in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                names.append(os.readlink(path))
            except FileNotFoundError:  # closed meanwhile
                pass
        return names

    def sockets(self) -> int:
        return sum(name.startswith("socket:") for name in self.descriptors())

    def connections(self) -> int:
        """Sockets beside that which it listens on, and what libwebsockets opens for itself."""
        return self.sockets() - self.own_sockets

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=30)
        check(self.process.returncode == 0, f"the server ends with {self.process.returncode}: {err[-3000:]}")
        check(not any(secret in self.first_line + out + err for secret in self.secrets), "a token is in the log")


class Chunk:
    def __init__(self, message: bytes) -> None:
        (_, _, flags, self.layer, self.sequence, self.timestamp, captured, self.generation,
         self.encoding_us) = CHUNK_HEADER.unpack_from(message)
        self.is_key = bool(flags & 1)
        self.delay = time.time() - captured / 1e6
        self.data = message[CHUNK_HEADER.size:]


class State:
    def __init__(self, message: bytes) -> None:
        (_, _, self.layer, self.may_control, self.bitrate, self.estimate, self.viewers, self.left_out, self.skipped,
         self.dropped) = STATE_HEADER.unpack_from(message)


def request(port: int, text: str, has_body: bool = True) -> bytes:
    """What the server answers to a request, until it closes or has sent all that the answer announces."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(text.replace("\n", "\r\n").encode())
        answer = b""
        while True:
            head, separator, body = answer.partition(b"\r\n\r\n")
            length = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if separator and (not has_body or (length and len(body) >= length[0])):
                return answer
            try:
                received = connection.recv(65536)
            except ConnectionResetError:
                return answer
            if not received:
                return answer
            answer += received


def handshake(port: int, subprotocols: str, origin: str | None) -> str:
    lines = ["GET /live HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
    lines += [f"Sec-WebSocket-Protocol: {subprotocols}"] if subprotocols else []
    lines += [f"Origin: {origin}"] if origin else []
    return "\n".join(lines) + "\n\n"


class Client:
    """A viewer. `budget`: bytes a second that it reads; None: all that there are."""

    def __init__(self, port: int, tokens: str = "", budget: int | None = None) -> None:
        self.socket = socket.socket()
        if budget is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        text = handshake(port, SUBPROTOCOL + tokens, f"http://127.0.0.1:{port}")
        self.socket.sendall(text.replace("\n", "\r\n").encode())
        self.budget, self.allowance, self.read_at = budget, 0.0, time.monotonic()
        self.buffer, self.chunks, self.configs, self.descriptions, self.states = b"", [], [], [], []
        self.pongs, self.close_code = 0, None
        self.is_open = False
        self.has_ended = False

    def read(self) -> None:
        """Reads once, as much as its budget permits."""
        size = 1 << 20
        if self.budget is not None:
            now = time.monotonic()
            self.allowance = min(self.allowance + (now - self.read_at) * self.budget, self.budget / 4)
            self.read_at = now
            size = int(self.allowance)
            if size < 256:
                return
        try:
            received = self.socket.recv(size)
        except ConnectionResetError:
            received = b""
        self.allowance -= len(received)
        self.has_ended = not received
        self.buffer += received
        self.parse()

    def parse(self) -> None:
        if not self.is_open:
            head, separator, rest = self.buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self.is_open, self.buffer = True, rest
        while len(self.buffer) >= 2:
            opcode, size, start = self.buffer[0], self.buffer[1], 2
            if size >= 126:
                start = 4 if size == 126 else 10
                if len(self.buffer) < start:
                    return
                size = int.from_bytes(self.buffer[2:start], "big")
            if len(self.buffer) < start + size:
                return
            self.take(opcode, self.buffer[start:start + size])
            self.buffer = self.buffer[start + size:]

    def take(self, opcode: int, message: bytes) -> None:
        if opcode == 0x89:
            self.send(message, 0x8A)
        elif opcode == 0x88:
            self.close_code = int.from_bytes(message[:2], "big")
        else:
            assert opcode == 0x82, f"a frame {opcode:#x}"
            assert message[0] == 1, f"version {message[0]}"
            if message[1] == CHUNK:
                self.chunks.append(Chunk(message))
            elif message[1] == CONFIG:
                size = int.from_bytes(message[8:12], "little")
                self.configs.append(json.loads(message[16:16 + size]))
                self.descriptions.append(message[16 + size:])
            elif message[1] == STATE:
                self.states.append(State(message))
            elif message[1] == PONG:
                self.pongs += 1
            else:
                raise AssertionError(f"a message of type {message[1]}")

    def send(self, message: bytes, opcode: int = 0x82) -> None:
        """One masked frame."""
        size = len(message)
        head = bytes([opcode, 0x80 | size]) if size < 126 else bytes([opcode, 0xFE]) + size.to_bytes(2, "big")
        try:
            self.socket.sendall(head + b"\0\0\0\0" + message)
        except (BrokenPipeError, ConnectionResetError):
            self.has_ended = True

    def say(self, kind: int, a: int = 0, b: int = 0, c: int = 0) -> None:
        """A message of two bytes and four, behind version and type."""
        self.send(struct.pack("<BBBBI", 1, kind, a, b, c))

    def kill(self) -> None:
        """Ends the connection without a word: the server gets a reset."""
        if self.socket.fileno() >= 0:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()
        self.has_ended = True

    def faults(self) -> list[str]:
        """What is wrong with the order of its chunks."""
        found = []
        if self.chunks and not self.chunks[0].is_key:
            found.append("the first chunk is no key chunk")
        if self.chunks and not self.configs:
            found.append("chunks without a config")
        for before, chunk in zip(self.chunks, self.chunks[1:]):
            if chunk.sequence <= before.sequence or chunk.timestamp <= before.timestamp:
                found.append(f"chunk {chunk.sequence} behind {before.sequence}")
        return found


def run(clients: list[Client], seconds: float, until=lambda: False) -> None:
    """Lets clients receive for some seconds, or until a condition holds."""
    selector = selectors.DefaultSelector()
    for client in clients:
        if client.budget is None and not client.has_ended:
            selector.register(client.socket, selectors.EVENT_READ, client)
    end = time.monotonic() + seconds
    while (now := time.monotonic()) < end and not until():
        slow = [client for client in clients if client.budget is not None and not client.has_ended]
        for event, _ in selector.select(min(end - now, 0.02 if slow else 0.2)):
            event.data.read()
            if event.data.has_ended:
                selector.unregister(event.data.socket)
        for client in slow:
            client.socket.settimeout(0)
            try:
                client.read()
            except BlockingIOError:
                pass
    selector.close()


def dependency_faults(stream: dict[int, Chunk], chunks: list[Chunk]) -> list[str]:
    """Chunks of a viewer that depend on some that it has not received; `stream`: all chunks by their sequence.

    A chunk of layer 0 needs the one of layer 0 before it. Another one needs the chunks of its own layer and of those
    below, back to the last of layer 0.
    """
    found, received = [], set()
    for chunk in chunks:
        received.add(chunk.sequence)
        if chunk.is_key or chunk.sequence not in stream:
            continue
        sequence = chunk.sequence - 1
        while sequence in stream:
            other = stream[sequence]
            if other.layer <= chunk.layer and sequence not in received:
                found.append(f"chunk {chunk.sequence} of layer {chunk.layer} without {sequence} of layer {other.layer}")
            if other.layer == 0:
                break
            sequence -= 1
    return found


def main() -> int:
    port, count, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    clients = [Client(port) for _ in range(count)]
    run(clients, seconds, lambda: bool(select.select([sys.stdin], [], [], 0)[0]))
    faults = [fault for client in clients for fault in client.faults()]
    faults += ["the server has closed a connection" for client in clients if client.has_ended]
    print(json.dumps({"viewers": count, "chunks": sum(len(client.chunks) for client in clients),
                      "fewest": min((len(client.chunks) for client in clients), default=0), "faults": faults[:10]}))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
