"""
A load generator that costs little: one process, one thread, many kept-alive connections, raw sockets.

``python -m benchmarks.web_client`` reads a pickled `Load` from standard input and writes a pickled `Measured`. An exchange is a list of
requests that are sent one after the other on one connection, as a phone sends them; each answer must hold what is expected of it.
"""

from __future__ import annotations

import pickle
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

HEADERS_END = b"\r\n\r\n"
RECEIVE = 1 << 17


@dataclass(frozen=True)
class Load:
    """What to send, over how many connections, for how long at most."""

    port: int
    exchanges: list[list[tuple[bytes, bytes]]]
    """Each a list of requests, with what the answer's body or head must hold."""
    connections: int = 32
    seconds: float = 5.0
    repeat: bool = False
    """Whether to begin again with the first exchange after the last."""


@dataclass
class Measured:
    """What came of it."""

    seconds: float = 0.0
    exchanges: int = 0
    errors: list[str] = field(default_factory=list)
    latencies: list[list[float]] = field(default_factory=list)
    """The seconds that each answer took, by the place of its request in the exchange."""
    cpu_seconds: float = 0.0
    """What the server's process used meanwhile."""

    @property
    def cpu_milliseconds(self) -> float:
        """The server's processor time for one exchange; it depends less than a rate on what else the machine does."""
        return self.cpu_seconds / self.exchanges * 1000

    @property
    def rate(self) -> float:
        """Whole exchanges a second."""
        return self.exchanges / self.seconds

    def milliseconds(self, share: float) -> float:
        """Return the latency that this share of all answers stayed within."""
        found = sorted(value for place in self.latencies for value in place)
        return found[min(int(share * len(found)), len(found) - 1)] * 1000


@dataclass
class Line:
    """One connection and what it is busy with."""

    socket: socket.socket
    exchange: list[tuple[bytes, bytes]] = field(default_factory=list)
    place: int = 0
    sent_at: float = 0.0
    received: bytes = b""
    length: int = -1


def request_bytes(method: str, path: str, body: bytes = b"", host: str = "pingyi.test") -> bytes:
    """Return a request as a phone's browser would send it."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {host}",
        "User-Agent: Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/86.0 Mobile MicroMessenger/8.0",
        "Accept: text/html,application/xhtml+xml",
        "Accept-Encoding: gzip, deflate",
        "Accept-Language: zh-CN,zh;q=0.9",
    ]
    if method == "POST":
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + HEADERS_END + body


def run_apart(load: Load) -> Measured:
    """Run a load in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.web_client"], input=pickle.dumps(load), stdout=subprocess.PIPE, check=True
    )
    measured = pickle.loads(done.stdout)
    assert isinstance(measured, Measured)
    return measured


def run(load: Load) -> Measured:
    """Send the load, and measure."""
    measured = Measured(latencies=[[] for _ in load.exchanges[0]])
    waiting = _supply(load)
    selector = selectors.DefaultSelector()
    began = time.perf_counter()
    until = began + load.seconds
    for _ in range(load.connections):
        line = Line(socket.create_connection(("127.0.0.1", load.port)))
        line.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if _begin(line, waiting):
            selector.register(line.socket, selectors.EVENT_READ, line)
    while selector.get_map():
        for key, _events in selector.select():
            if not _receive(key.data, measured, waiting, until):
                selector.unregister(key.fileobj)
                key.data.socket.close()
    measured.seconds = time.perf_counter() - began
    return measured


def _supply(load: Load) -> Iterator[list[tuple[bytes, bytes]]]:
    yield from load.exchanges
    while load.repeat:
        yield from load.exchanges


def _begin(line: Line, waiting: Iterator[list[tuple[bytes, bytes]]]) -> bool:
    line.exchange, line.place = next(waiting, []), 0
    return bool(line.exchange) and _send(line)


def _send(line: Line) -> bool:
    line.received, line.length, line.sent_at = b"", -1, time.perf_counter()
    line.socket.sendall(line.exchange[line.place][0])
    return True


def _receive(line: Line, measured: Measured, waiting: Iterator[list[tuple[bytes, bytes]]], until: float) -> bool:
    """Take what has come; tell whether the connection goes on."""
    part = line.socket.recv(RECEIVE)
    if not part:
        measured.errors.append("connection closed")
        return False
    line.received += part
    if line.length < 0:
        line.length = _whole_length(line.received)
    if line.length < 0 or len(line.received) < line.length:
        return True
    measured.latencies[line.place].append(time.perf_counter() - line.sent_at)
    expected = line.exchange[line.place][1]
    if expected not in line.received:
        measured.errors.append(line.received.split(b"\r\n", 1)[0].decode(errors="replace"))
    line.place += 1
    if line.place < len(line.exchange):
        return _send(line)
    measured.exchanges += 1
    return time.perf_counter() < until and _begin(line, waiting)


def _whole_length(received: bytes) -> int:
    """Return how long an answer is with its head, -1 while the head is not whole."""
    end = received.find(HEADERS_END)
    if end < 0:
        return -1
    for line in received[:end].split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return end + len(HEADERS_END) + int(line.split(b":")[1])
    raise ValueError("an answer without a length: " + received[:end].decode(errors="replace"))


def middle(values: list[float]) -> float:
    """Return the median."""
    return float(median(values))


if __name__ == "__main__":
    sys.stdout.buffer.write(pickle.dumps(run(pickle.loads(sys.stdin.buffer.read()))))
