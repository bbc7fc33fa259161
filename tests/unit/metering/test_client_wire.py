"""HTTP as the client speaks it: any cutting into packets means the same, and no answer is taken for another's."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.metering.client_wire import Address, Connection, Pool
from tests.unit.certificates import self_signed


def until(seconds: float = 2.0) -> float:
    return time.monotonic() + seconds


@contextmanager
def hearing(*packets: bytes, then_closed: bool = False) -> Iterator[Connection]:
    """A connection whose other end says this, packet by packet."""
    ours, theirs = socket.socketpair()
    connection = Connection(ours, time.monotonic)

    def say() -> None:
        for packet in packets:
            theirs.sendall(packet)
        if then_closed:
            theirs.shutdown(socket.SHUT_WR)

    speaker = threading.Thread(target=say)
    speaker.start()
    try:
        yield connection
    finally:
        speaker.join()
        connection.close()
        theirs.close()


def cut_up(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(places)]


CUTS = st.lists(st.integers(0, 100_000), max_size=12)
BODIES = st.binary(max_size=3000)


@given(body=BODIES, cuts=CUTS)
def test_an_answer_of_stated_length_is_read_however_it_is_cut(body: bytes, cuts: list[int]) -> None:
    data = b"HTTP/1.1 200 OK\r\nContent-LENGTH:%d\r\nx-amz-crc32:  7 \r\n\r\n" % len(body) + body
    with hearing(*cut_up(data, cuts)) as connection:
        answer, reusable = connection.receive(until())

        assert (answer.status, answer.body, reusable) == (200, body, True)
        assert answer.header(b"x-amz-crc32") == b"7"
        assert answer.header(b"date") is None


@given(parts=st.lists(st.binary(min_size=1, max_size=500), max_size=5), cuts=CUTS, trailer=st.booleans())
def test_an_answer_in_chunks_is_read_however_it_is_cut(parts: list[bytes], cuts: list[int], trailer: bool) -> None:  # noqa: FBT001 -- as given
    data = b"HTTP/1.1 400 Bad\r\nTransfer-Encoding: Chunked\r\n\r\n"
    data += b"".join(b"%X\r\n%s\r\n" % (len(part), part) for part in parts)
    data += b"0\r\n" + (b"A: b\r\nC: d\r\n" if trailer else b"") + b"\r\n"
    with hearing(*cut_up(data, cuts)) as connection:
        answer, reusable = connection.receive(until())

        assert (answer.status, answer.body, reusable) == (400, b"".join(parts), True)


def test_two_answers_on_one_connection_stay_apart() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
    with hearing() as connection, hearing(answer + b"one") as other:
        assert other.receive(until())[0].body == b"one"
        with pytest.raises(TimeoutError):
            connection.receive(until(0.05))


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",  # more than was announced belongs to nobody
        b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 1\r\n\r\na",
        b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na",
    ],
)
def test_a_connection_in_doubt_is_not_used_again(data: bytes) -> None:
    with hearing(data) as connection:
        answer, reusable = connection.receive(until())

        assert (answer.body, reusable) == (b"a", False)


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    with hearing(b"HTTP/1.1 502 Bad\r\n\r\n<ht", b"ml>", then_closed=True) as connection:
        answer, reusable = connection.receive(until())

        assert (answer.status, answer.body, reusable) == (502, b"<html>", False)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20_000,
    ],
)
def test_what_is_not_an_answer_is_an_error(data: bytes) -> None:
    with hearing(data, then_closed=True) as connection, pytest.raises(ValueError, match=r"\w"):
        connection.receive(until())


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
def test_a_connection_that_ends_early_is_an_error(data: bytes) -> None:
    with hearing(data, then_closed=True) as connection, pytest.raises(ConnectionError):
        connection.receive(until())


def test_a_trickle_does_not_outlast_the_deadline() -> None:
    """
    Each byte is in time, the answer is not.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def trickle() -> None:
            theirs, _ = listening.accept()
            with theirs:
                theirs.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                while not ended.wait(0.02):
                    theirs.sendall(b"a")

        speaker = threading.Thread(target=trickle)
        speaker.start()
        sock = socket.create_connection(listening.getsockname())
        connection, begun = Connection(sock, time.monotonic), time.monotonic()
        with pytest.raises(TimeoutError):
            connection.receive(until(0.2))
        assert time.monotonic() - begun < 1
        ended.set()
        speaker.join()
        connection.close()


@pytest.mark.parametrize(
    ("url", "address", "header"),
    [
        (
            "https://dynamodb.eu-north-1.amazonaws.com",
            Address("dynamodb.eu-north-1.amazonaws.com", 443, encrypted=True),
            "dynamodb.eu-north-1.amazonaws.com",
        ),
        ("http://127.0.0.1:8000/", Address("127.0.0.1", 8000, encrypted=False), "127.0.0.1:8000"),
        ("http://LocalHost", Address("localhost", 80, encrypted=False), "localhost"),
        ("https://[::1]:443", Address("::1", 443, encrypted=True), "[::1]"),
    ],
)
def test_an_endpoint_is_read_as_an_address(url: str, address: Address, header: str) -> None:
    assert Address.of(url) == address
    assert address.header == header


@pytest.mark.parametrize("url", ["", "ftp://x", "http://x/path", "http://x?y", "http://user@x", "http://x:y", "x:80"])
def test_what_is_no_endpoint_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not an endpoint"):
        Address.of(url)


def test_a_pool_keeps_no_more_than_its_most_and_closes_the_rest() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        pool = Pool(Address("127.0.0.1", listening.getsockname()[1], encrypted=False), time.monotonic, 2)
        taken = [pool.take(until()) for _ in range(3)]
        for each in taken:
            pool.give(each)

        assert [pool.take(until()), pool.take(until())] == [taken[1], taken[0]]
        pool.give(taken[0])
        pool.close()
        taken[1].close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """For `localhost`, signed by itself."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@contextmanager
def encrypted(certificate: tuple[Path, Path]) -> Iterator[int]:
    """Answers one request over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            sock, _ = listening.accept()
            try:
                with context.wrap_socket(sock, server_side=True) as tls:
                    tls.recv(100)
                    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                    tls.recv(1)
            except OSError:
                sock.close()

        server = threading.Thread(target=serve)
        server.start()
        yield listening.getsockname()[1]
        server.join()


@pytest.mark.parametrize(("host", "trusted"), [("localhost", True), ("localhost", False), ("127.0.0.1", True)])
def test_only_a_trusted_certificate_of_the_right_name_is_talked_to(
    certificate: tuple[Path, Path], host: str, *, trusted: bool
) -> None:
    context = ssl.create_default_context(cafile=str(certificate[0])) if trusted else None
    with encrypted(certificate) as port:
        pool = Pool(Address(host, port, encrypted=True), time.monotonic, 1, context)
        if trusted and host == "localhost":
            connection = pool.take(until())
            connection.send(b"hello", until())
            assert connection.receive(until())[0].body == b"hi"
            connection.close()
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                pool.take(until())
