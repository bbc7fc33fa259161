"""An issuer's keys are read seldom, within bounds, and kept while it cannot be reached."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from chalicelib.edge.jwks import KeySet, KeysUnavailable, fetch_document, read_keys

MODULUS = (1 << 2047) + 9


def encoded(number: int) -> str:
    import base64  # noqa: PLC0415 -- keeps the helper whole

    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8)).rstrip(b"=").decode()


def jwk(key_id: str, **changed: object) -> dict[str, object]:
    return {"kid": key_id, "kty": "RSA", "alg": "RS256", "use": "sig", "n": encoded(MODULUS), "e": "AQAB", **changed}


class Issuer:
    """Counts how often it is asked, and can be out of reach."""

    def __init__(self, *key_ids: str) -> None:
        self.key_ids = list(key_ids)
        self.asked = 0
        self.reachable = True
        self.now = 1_000_000.0

    def fetch(self, _url: str) -> bytes:
        self.asked += 1
        if not self.reachable:
            raise OSError("no route")
        return json.dumps({"keys": [jwk(each) for each in self.key_ids]}).encode()

    def key_set(self) -> KeySet:
        return KeySet("https://issuer.example/keys", wall_clock=lambda: self.now, fetch=self.fetch)


def test_keys_are_read_once_and_kept_for_an_hour() -> None:
    issuer = Issuer("one")
    keys = issuer.key_set()

    assert all(keys.key("one") for _ in range(50))
    assert issuer.asked == 1
    issuer.now += 3601
    assert keys.key("one")
    assert issuer.asked == 2


def test_a_key_that_the_issuer_has_made_since_is_found() -> None:
    issuer = Issuer("one")
    keys = issuer.key_set()
    keys.key("one")

    issuer.key_ids.append("two")
    issuer.now += 61

    assert keys.key("two")
    assert issuer.asked == 2


def test_a_key_that_the_issuer_has_withdrawn_is_gone_after_the_next_reading() -> None:
    issuer = Issuer("one", "two")
    keys = issuer.key_set()
    assert keys.key("two")

    issuer.key_ids.remove("two")
    issuer.now += 3601

    assert keys.key("two") is None


def test_forged_key_ids_make_us_ask_once_a_minute_at_most() -> None:
    """
    A thousand tokens with a thousand made-up key ids within ten minutes: ten questions, not a thousand.
    """
    issuer = Issuer("one")
    keys = issuer.key_set()

    for number in range(1000):
        assert keys.key(f"forged-{number}") is None
        issuer.now += 0.6

    assert issuer.asked <= 11
    assert keys.key("one")


def test_a_key_id_found_to_be_unknown_is_not_asked_for_again_soon() -> None:
    issuer = Issuer("one")
    keys = issuer.key_set()
    keys.key("one")
    issuer.now += 61

    for _ in range(4):
        assert keys.key("forged") is None
        issuer.now += 61

    assert issuer.asked == 2


def test_a_new_key_used_within_the_minute_is_not_remembered_as_unknown() -> None:
    """
    The issuer makes a key right after we asked. Within the minute we do not ask again; after it the key is found.
    """
    issuer = Issuer("one")
    keys = issuer.key_set()
    keys.key("one")
    issuer.key_ids.append("two")

    assert keys.key("two") is None
    issuer.now += 61
    assert keys.key("two")


def test_keys_stay_good_while_the_issuer_cannot_be_reached() -> None:
    issuer = Issuer("one")
    keys = issuer.key_set()
    keys.key("one")

    issuer.reachable = False
    for _ in range(100):
        issuer.now += 360
        assert keys.key("one")

    assert issuer.asked <= 101
    issuer.reachable = True
    issuer.now += 61
    assert keys.key("one")


def test_an_issuer_never_reached_is_our_trouble_and_not_the_callers() -> None:
    """
    Nobody's token can be judged: that is no reason to call one bad. The issuer is asked again after five seconds.
    """
    issuer = Issuer("one")
    issuer.reachable = False
    keys = issuer.key_set()

    for _ in range(10):
        with pytest.raises(KeysUnavailable):
            keys.key("one")
    assert issuer.asked == 1
    issuer.reachable = True
    issuer.now += 5
    assert keys.key("one")


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"keys": 5}', b"\xff\xfe", b'{"keys": {"one": 1}}'])
def test_what_is_no_key_set_is_as_good_as_no_answer(text: bytes) -> None:
    keys = KeySet("https://issuer.example/keys", wall_clock=lambda: 0.0, fetch=lambda _url: text)

    with pytest.raises(KeysUnavailable):
        keys.key("one")


@pytest.mark.parametrize(
    "unfit",
    [
        {"kty": "EC"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"use": "enc"},
        {"alg": "RS512"},
        {"alg": "HS256"},
        {"kid": 5},
        {"n": encoded((1 << 1023) + 1)},
        {"n": encoded((1 << 16384) + 1)},
        {"n": "not+base64url=="},
        {"n": 5},
        {"e": "AQ"},
        {"e": encoded(65536)},
        {"e": None},
    ],
)
def test_a_key_that_cannot_be_trusted_for_rs256_is_left_out(unfit: dict[str, object]) -> None:
    document = json.dumps({"keys": [jwk("unfit", **unfit), jwk("fit"), "no key at all"]}).encode()

    assert set(read_keys(document)) == {"fit"}


def test_at_most_sixteen_keys_are_kept() -> None:
    document = json.dumps({"keys": [jwk(f"key-{number}") for number in range(100)]}).encode()

    assert len(read_keys(document)) == 16


@pytest.mark.parametrize(
    "url", ["http://issuer.example/keys", "file:///etc/hostname", "ftp://issuer.example/keys", "keys"]
)
def test_keys_are_read_over_tls_only(url: str) -> None:
    with pytest.raises(OSError, match="https only"):
        fetch_document(url)


class Answer(BaseHTTPRequestHandler):
    """Answers by path: a small document, a large one, a redirect."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/small")
            self.end_headers()
            return
        body = b"{}" if self.path == "/small" else b" " * (64 * 1024 + 1)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def test_a_document_of_this_machine_may_come_without_tls(server: str) -> None:
    assert fetch_document(f"{server}/small") == b"{}"


def test_a_document_over_64_kilobytes_is_not_read(server: str) -> None:
    with pytest.raises(OSError, match="64 KB"):
        fetch_document(f"{server}/large")


def test_a_redirect_is_not_followed(server: str) -> None:
    with pytest.raises(OSError, match="302"):
        fetch_document(f"{server}/moved")


def test_cryptography_is_not_imported_before_the_first_token() -> None:
    """
    The doors' import time is measured; most of cryptography's share belongs to the first request that needs it.
    """
    program = (
        "import sys, chalicelib.edge.oidc; print([m for m in sys.modules if m.startswith(('cryptography', 'jwt'))])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
