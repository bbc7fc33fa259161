"""Serves the double on a free port of this machine, for tests that go through the real SDK.

Connections stay open, as Stripe's do. werkzeug's own server ends each after its answer, and so begins a thread a call.
"""

import io
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote
from wsgiref.types import WSGIApplication

_NOT_FOUND = (b"not found", [("Content-Type", "text/plain"), ("Content-Length", "9")])


class _Handler(BaseHTTPRequestHandler):
    """Carries requests of HTTP/1.1 to the application of its server."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body go out together
    server: "_Server"

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- as it is named there
        """Say nothing."""

    def _answer(self) -> None:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said: list[Any] = []
        if path.startswith(f"{self.server.prefix}/"):
            environ = self._environ(unquote(path.removeprefix(self.server.prefix)), query, body)
            try:
                content = b"".join(self._asked(environ, said))
            except ConnectionError:  # it dropped this one
                self.close_connection = True
                return
        else:
            content = _NOT_FOUND[0]
            said += ["404 Not Found", _NOT_FOUND[1]]
        code, _, reason = said[0].partition(" ")
        self.send_response_only(int(code), reason)
        for name, value in said[1]:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in said[1]):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _asked(self, environ: dict[str, Any], said: list[Any]) -> Iterable[bytes]:
        return self.server.application(environ, lambda status, headers, _=None: said.extend((status, headers)))  # type: ignore[arg-type]

    def _environ(self, path: str, query: str, body: bytes) -> dict[str, Any]:
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": self.server.prefix,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            "werkzeug.socket": self.connection,
        }
        for name, value in self.headers.items():
            environ.setdefault(f"HTTP_{name.upper().replace('-', '_')}", value)
        return environ

    do_GET = do_POST = do_DELETE = _answer  # noqa: N815 -- as they are named there


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, application: WSGIApplication, prefix: str) -> None:
        self.application, self.prefix = application, prefix
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 -- as it is typed there
        """A client that is gone has nobody to be told."""


@contextmanager
def served(application: WSGIApplication, prefix: str = "/stripe") -> Iterator[str]:
    """The address of the application, mounted under `prefix`, while the block runs."""
    server = _Server(application, prefix)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{prefix}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
