"""A small HTTP/1.1 server for WSGI: threads and kept connections, which werkzeug's own development server has not.

Without them each call costs a connection, a thread and a pause of 10 ms, and the demo makes thousands.
"""

import io
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, ClassVar
from urllib.parse import unquote

HOST = "127.0.0.1"
_IDLE_SECONDS = 60
_MOST_DRAINED = 64 * 1024 * 1024
_CHUNK = 64 * 1024

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Listener(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    application: Application

    def handle_error(self, _request: object, _address: object) -> None:
        """Nothing to say about a client that hung up; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            traceback.print_exc(file=sys.stderr)


class _Body(io.RawIOBase):
    """The bytes of one request's body, and no more."""

    def __init__(self, source: Any, length: int) -> None:  # noqa: ANN401 -- a socket's file
        self._source = source
        self.left = length

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """At most that many bytes, at most what is left."""
        wanted = self.left if size is None or size < 0 else min(size, self.left)
        data: bytes = self._source.read(wanted) if wanted else b""
        self.left -= len(data)
        return data


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "adgang-local"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = _IDLE_SECONDS
    server: _Listener
    _hop_by_hop: ClassVar[frozenset[str]] = frozenset({"connection", "transfer-encoding"})

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- do_GET and its like
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: paths and queries belong in no log."""

    def _serve(self) -> None:
        length = self._length()
        if length is None:
            self.close_connection = True
            self.send_error(411)
            return
        body = _Body(self.rfile, length)
        started: list[tuple[str, list[tuple[str, str]]]] = []
        try:
            chunks = self.server.application(self._environ(body), lambda *said: started.append(said[:2]))
            self._send(*started[-1], b"".join(chunks))
        except ConnectionError:
            self.close_connection = True  # the application wants it dropped, or the client is gone
            return
        except Exception:  # noqa: BLE001 -- the server outlives whatever it serves
            traceback.print_exc(file=sys.stderr)
            self._send("500 Internal Server Error", [("Content-Type", "text/plain")], b"the local run failed\n")
        self._drain(body)

    def _length(self) -> int | None:
        if self.headers.get("Transfer-Encoding"):
            return None
        text = self.headers.get("Content-Length") or "0"
        return int(text) if text.isascii() and text.isdigit() else None

    def _environ(self, body: _Body) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "REQUEST_URI": self.path,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_PROTOCOL": self.request_version,
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(self.server.server_address[1]),
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(body.left),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": body,
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "werkzeug.socket": self.connection,
        }
        for name in set(self.headers) - {"Content-Type", "Content-Length"}:
            environ["HTTP_" + name.upper().replace("-", "_")] = ", ".join(self.headers.get_all(name) or [])
        return environ

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, phrase = status.partition(" ")
        self.send_response_only(int(code), phrase)
        self.send_header("Date", self.date_time_string())
        for name, value in headers:
            if name.lower() not in self._hop_by_hop and name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _drain(self, body: _Body) -> None:
        """Read what the application left unread, so that the client hears the answer before the next request."""
        drained = 0
        while body.left and drained < _MOST_DRAINED:
            chunk = len(body.read(_CHUNK))
            drained += chunk
            if not chunk:
                break
        if body.left:
            self.close_connection = True


class Server:
    """Bound to its port once made, serving once started."""

    def __init__(self, application: Application, port: int = 0) -> None:
        self._listener = _Listener((HOST, port), _Handler)
        self._listener.application = application
        self.port: int = self._listener.server_address[1]
        self.address = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        """Serve from a thread of its own."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening. Kept connections end with their clients."""
        if self._thread.is_alive():
            self._listener.shutdown()
            self._thread.join()
        self._listener.server_close()
