"""The SDK's way to Stripe: connections are kept, those that were dropped are replaced, and nobody else is talked to."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import stripe

from chalicelib.billing.errors import CollectorUnavailable
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_line import KeptLine
from infra.local.stripe_double.trying import SECRET_KEY, trial
from tests.unit.certificates import self_signed


class Server(ThreadingHTTPServer):
    """Answers everything, and notes on how many connections it was asked what."""

    daemon_threads = True

    def __init__(self, *, drops: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.drops, self.connections, self.asked = drops, 0, list[tuple[str, str, bytes]]()
        self.left = threading.Semaphore(0)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """The one who was asked has gone, and whoever waits for that may know."""
        super().shutdown_request(request)
        self.left.release()


class Handler(BaseHTTPRequestHandler):
    """Of one connection, which it may drop after an answer without a word."""

    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        """One more."""
        super().setup()
        self.server.connections += 1

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 -- as it is named there
        """Say nothing."""

    def answer(self) -> None:
        """The same to all."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, body))
        self.send_response(200)
        self.send_header("Stripe-Should-Retry", "false")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")
        self.close_connection = self.server.drops

    do_GET = do_POST = answer  # noqa: N815 -- as they are named there


@contextmanager
def serving(server: Server) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_calls_go_over_one_connection_as_they_are() -> None:
    server, line = Server(), KeptLine()
    with serving(server) as address:
        said = line.request("post", f"{address}/v1/invoices", {"Idempotency-Key": "draft"}, "currency=eur")
        line.request("get", f"{address}/v1/invoices/in_1?expand[0]=payments", {})
        line.close()

    assert (said[0], said[1], said[2].get("stripe-should-retry")) == (b"{}", 200, "false")
    asked = [("POST", "/v1/invoices", b"currency=eur"), ("GET", "/v1/invoices/in_1?expand%5B0%5D=payments", b"")]
    assert (server.asked, server.connections) == (asked, 1)


def test_a_connection_that_was_dropped_while_idle_is_replaced_before_anything_is_asked() -> None:
    """
    A request that was sent into it might have been done or not; so it is sent once, over a new one.
    """
    server, line = Server(drops=True), KeptLine()
    with serving(server) as address:
        for _ in range(3):
            line.request("post", f"{address}/v1/customers", {}, "name=x")
            assert server.left.acquire(timeout=10)
        line.close()

    assert (len(server.asked), server.connections) == (3, 3)


def test_nobody_there_is_a_trouble_that_passes() -> None:
    with serving(Server()) as address:
        pass
    with pytest.raises(stripe.APIConnectionError) as refused:
        KeptLine().request("get", f"{address}/v1/balance", {})

    assert refused.value.should_retry


def test_whose_certificate_is_not_trusted_is_told_nothing_and_not_asked_again(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    server = Server()
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=True)
    with serving(server), pytest.raises(stripe.APIConnectionError) as refused:
        KeptLine().request("get", f"https://localhost:{server.server_port}/v1/balance", {})

    assert not refused.value.should_retry
    assert server.asked == []


def test_a_call_whose_answer_never_came_is_made_again_under_its_key() -> None:
    with trial() as there:
        calls = StripeCalls(SECRET_KEY, there.address)
        there.double.fail_next("customers.create", "timeout_after_applying")
        made = calls("customers", "create", key="once", name="x")

        assert [each.id for each in there.client.v1.customers.list().data] == [made.id]


def test_no_answer_to_any_try_is_left_to_the_next_message() -> None:
    with serving(Server()) as address:
        pass
    with pytest.raises(CollectorUnavailable):
        StripeCalls(SECRET_KEY, address).plain("get", "/v1/balance")
