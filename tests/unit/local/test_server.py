"""The local HTTP server keeps connections, bounds what it reads and outlives what it serves."""

import http.client
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from infra.local.server import Server


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Says what reached it, or does what the path asks for."""
    if environ["PATH_INFO"] == "/fails":
        raise RuntimeError("as asked")
    if environ["PATH_INFO"] == "/drops":
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError("as asked")
    body = b"" if environ["PATH_INFO"] == "/unread" else environ["wsgi.input"].read()
    said = "|".join([environ["REQUEST_METHOD"], environ["REQUEST_URI"], environ["QUERY_STRING"], str(len(body))])
    start_response("200 OK", [("X-Said", said), ("X-Thing", environ.get("HTTP_X_THING", ""))])
    return [b"done\n"]


@pytest.fixture
def connection() -> Iterator[http.client.HTTPConnection]:
    server = Server(echo)
    server.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        yield connection
    finally:
        connection.close()
        server.close()


def ask(connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> Any:  # noqa: ANN401 -- an answer
    connection.request(method, path, body, {"X-Thing": "here"})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def test_a_connection_serves_many_requests(connection: http.client.HTTPConnection) -> None:
    ask(connection, "GET", "/one")
    kept = connection.sock
    status, headers, body = ask(connection, "POST", "/two%2F?a=b%20c", b"x" * 70_000)

    assert connection.sock is kept
    assert (status, body) == (200, b"done\n")
    assert headers["X-Said"] == "POST|/two%2F?a=b%20c|a=b%20c|70000"
    assert headers["X-Thing"] == "here"


def test_a_body_that_was_not_read_does_not_become_the_next_request(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "PUT", "/unread", b"GET /fails HTTP/1.1\r\n\r\n")[1]["X-Said"] == "PUT|/unread||0"
    assert ask(connection, "GET", "/one")[0] == 200


def test_an_application_that_fails_is_a_500_and_the_server_goes_on(
    connection: http.client.HTTPConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(connection, "GET", "/fails")[0] == 500
    assert "as asked" in capsys.readouterr().err
    assert ask(connection, "GET", "/one")[0] == 200


def test_an_application_may_drop_the_connection(
    connection: http.client.HTTPConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        ask(connection, "GET", "/drops")
    connection.close()

    assert ask(connection, "GET", "/one")[0] == 200
    assert capsys.readouterr().err == ""


def test_a_body_of_unknown_length_is_refused(connection: http.client.HTTPConnection) -> None:
    """
    At its headers: whoever goes on sending then finds the connection closed.
    """
    connection.putrequest("POST", "/one")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()

    assert connection.getresponse().status == 411


def test_a_head_request_gets_no_body(connection: http.client.HTTPConnection) -> None:
    status, headers, body = ask(connection, "HEAD", "/one")

    assert (status, headers["Content-Length"], body) == (200, "5", b"")
    assert ask(connection, "GET", "/one")[2] == b"done\n"
