"""HTTP/1.1 on sockets that are kept alive: one POST, one answer, nothing else of the protocol."""

import re
import select
import socket
import ssl
import weakref
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

_USED_UP: Final = "the time is used up"
_READ: Final = 65536
_MOST_HEAD: Final = 65536
_MOST_BODY: Final = 64 * 1024 * 1024
_NO_CONTENT: Final = 204
_NOT_YET: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
_ENDPOINT: Final = re.compile(r"(?P<scheme>https?)://(?P<host>[\w.-]+|\[[0-9a-fA-F:.]+\])(?::(?P<port>\d+))?/?")


class WireError(Exception):
    """No answer. `sent`: some of the request may have arrived."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class Address(NamedTuple):
    """Where the tables are."""

    host: str
    port: int
    encrypted: bool

    @classmethod
    def of(cls, url: str) -> "Address":
        """Of an endpoint such as `https://dynamodb.eu-north-1.amazonaws.com`."""
        parts = _ENDPOINT.fullmatch(url)
        if parts is None:
            raise ValueError(f"not an endpoint: {url}")
        encrypted = parts["scheme"] == "https"
        return cls(parts["host"].strip("[]").lower(), int(parts["port"] or (443 if encrypted else 80)), encrypted)

    @property
    def header(self) -> str:
        """As the `Host` header says it, without a port that goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.encrypted else 80) else f"{host}:{self.port}"


class Answer(NamedTuple):
    """What came back, unread. The head is in lower case, which no header that matters here minds."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes | None:
        """The first header of that name, without the spaces around it."""
        return _header(self.head, b"\r\n" + name + b":")


def _header(head: bytes, start: bytes) -> bytes | None:
    at = head.find(start)
    if at < 0:
        return None
    at += len(start)
    end = head.find(b"\r\n", at)
    return (head[at:end] if end >= 0 else head[at:]).strip()


class Connection:
    """One socket. What can be done at once is done with one call of the system; only what cannot is waited for."""

    def __init__(self, sock: socket.socket, monotonic: Callable[[], float]) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._monotonic = monotonic
        self._readable = select.poll()
        self._readable.register(sock, select.POLLIN)

    def is_stale(self) -> bool:
        """An idle connection has nothing to say but that it was closed."""
        return bool(self._readable.poll(0))

    def close(self) -> None:
        """Say nothing more."""
        self._sock.close()

    def send(self, request: bytes, until: float) -> None:
        """The whole request."""
        if self._monotonic() >= until:
            raise TimeoutError(_USED_UP)
        sent = self._sent(request)
        while sent < len(request):
            self._wait(select.POLLOUT, until)
            sent += self._sent(memoryview(request)[sent:])

    def receive(self, until: float) -> tuple[Answer, bool]:
        """The whole answer, and whether the connection can be used again."""
        head, rest = self._head(b"", until)
        while head[9:10] == b"1":  # an interim answer; the real one follows
            head, rest = self._head(rest, until)
        status = int(head[9:12])
        head = head.lower()
        kept = head.startswith(b"http/1.1") and _header(head, b"\r\nconnection:") != b"close"
        if b"chunked" in head and _header(head, b"\r\ntransfer-encoding:") == b"chunked":
            body, over = self._chunks(rest, until)
        elif (size := _header(head, b"\r\ncontent-length:")) is not None:
            body, over = self._sized(rest, int(size), until)
        elif status == _NO_CONTENT:
            body, over = b"", rest
        else:
            body, over, kept = self._until_closed(rest, until), b"", False
        return Answer(status, head, body), kept and not over

    def _sent(self, data: bytes | memoryview) -> int:
        try:
            return self._sock.send(data)
        except _NOT_YET:
            return 0

    def _wait(self, event: int, until: float) -> None:
        """Until the socket is ready, or a while; whoever waits tries again."""
        waiting = self._readable if event == select.POLLIN else select.poll()
        waiting.register(self._sock, event)
        waiting.poll(self._left(until) * 1000)

    def _left(self, until: float) -> float:
        left = until - self._monotonic()
        if left <= 0:
            raise TimeoutError(_USED_UP)
        return left

    def _more(self, until: float) -> bytes:
        data = self._some(until)
        if not data:
            raise ConnectionResetError("closed before the answer was whole")
        return data

    def _some(self, until: float) -> bytes:
        """What has come, nothing at the end."""
        while True:
            if self._monotonic() >= until:
                raise TimeoutError(_USED_UP)
            try:
                return self._sock.recv(_READ)
            except _NOT_YET:
                self._wait(select.POLLIN, until)

    def _head(self, data: bytes, until: float) -> tuple[bytes, bytes]:
        data = data or self._more(until)
        while (end := data.find(b"\r\n\r\n")) < 0:
            if len(data) > _MOST_HEAD:
                raise ValueError("a head without an end")
            data += self._more(until)
        if not data.startswith(b"HTTP/1."):
            raise ValueError("not an answer of HTTP/1")
        return data[:end], data[end + 4 :]

    def _sized(self, data: bytes, size: int, until: float) -> tuple[bytes, bytes]:
        if not 0 <= size <= _MOST_BODY:
            raise ValueError("an impossible length")
        if len(data) >= size:
            return data[:size], data[size:]
        parts, have = [data], len(data)
        while have < size:
            parts.append(self._more(until))
            have += len(parts[-1])
        whole = b"".join(parts)
        return whole[:size], whole[size:]

    def _chunks(self, data: bytes, until: float) -> tuple[bytes, bytes]:
        parts: list[bytes] = []
        size = -1
        while size:
            while (end := data.find(b"\r\n")) < 0:
                data += self._more(until)
            size = int(data[:end].split(b";", 1)[0], 16)
            data = data[end + 2 :]
            if size < 0:
                raise ValueError("an impossible length")
            if size:
                part, data = self._sized(data, size + 2, until)
                parts.append(part[:-2])
        while not data.startswith(b"\r\n"):  # trailers, which mean nothing here
            while (end := data.find(b"\r\n")) < 0:
                data += self._more(until)
            data = data[end + 2 :] if end else data
        return b"".join(parts), data[2:]

    def _until_closed(self, data: bytes, until: float) -> bytes:
        while len(data) <= _MOST_BODY:
            more = self._some(until)
            if not more:
                return data
            data += more
        raise ValueError("a body without an end")


class Pool:
    """Connections that are kept alive. Threads may share it: each connection is with one call at a time."""

    def __init__(
        self, address: Address, monotonic: Callable[[], float], most: int, tls: ssl.SSLContext | None = None
    ) -> None:
        self._address = address
        self._monotonic = monotonic
        self._most = most
        self._tls = tls
        self._idle: deque[Connection] = deque()
        weakref.finalize(self, _close_all, self._idle)

    def take(self, until: float) -> Connection:
        """The one that was used last and is still open, or a new one."""
        while True:
            try:
                found = self._idle.pop()
            except IndexError:
                return self._connect(until)
            if not found.is_stale():
                return found
            found.close()

    def give(self, connection: Connection) -> None:
        """For the next call."""
        if len(self._idle) < self._most:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close those that are idle."""
        _close_all(self._idle)

    def _connect(self, until: float) -> Connection:
        left = until - self._monotonic()
        if left <= 0:
            raise TimeoutError(_USED_UP)
        sock = socket.create_connection((self._address.host, self._address.port), left)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if self._address.encrypted:
                self._tls = self._tls or ssl.create_default_context()
                sock = self._tls.wrap_socket(sock, server_hostname=self._address.host)
            return Connection(sock, self._monotonic)
        except BaseException:
            sock.close()
            raise


def _close_all(idle: deque[Connection]) -> None:
    while idle:
        idle.pop().close()
