"""The verifier over HTTP: what it says is read exactly, and whatever else it does is nobody's verdict."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from chalicelib.customers.errors import VerifierUnavailable
from chalicelib.customers.ports import Verified
from chalicelib.edge.verifying import HttpVerifier
from chalicelib.kernel.requirement import Requirement
from infra.local.verifier_double import GOOD_FOR, VerifierDouble

NOW = datetime(2021, 5, 31, 12, tzinfo=UTC)
AGE = Requirement.parse("age:18")


class Quiet(WSGIRequestHandler):
    """Says nothing on the screen."""

    def log_message(self, *_arguments: object) -> None:
        return


class Verifier:
    """The double at an address, or whatever else is to answer there."""

    def __init__(self) -> None:
        self.now = NOW
        self.double = VerifierDouble(now=lambda: self.now, key="key")
        self.answers: Any = self.double
        self.server = make_server("127.0.0.1", 0, self.answer, handler_class=Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, environ: Any, start_response: Any) -> Any:  # noqa: ANN401 -- WSGI's own
        return self.answers(environ, start_response)

    def check(self, requirement: str, proof: str, key: str = "key", reference: str = "cus-1") -> Verified | None:
        return HttpVerifier(self.url, key).check(Requirement.parse(requirement), proof, reference)

    def proof(self, **documents: object) -> str:
        return str(self.double._prove(documents)["proof"])

    def says(self, status: str, body: bytes) -> None:
        def answer(_environ: object, start_response: Any) -> list[bytes]:  # noqa: ANN401 -- WSGI's own
            start_response(status, [("Content-Type", "application/json")])
            return [body]

        self.answers = answer


@pytest.fixture(scope="module")
def running() -> Iterator[Verifier]:
    verifier = Verifier()
    thread = Thread(target=verifier.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield verifier
    verifier.server.shutdown()
    verifier.server.server_close()
    thread.join()


@pytest.fixture
def verifier(running: Verifier) -> Verifier:
    running.answers, running.now = running.double, NOW
    return running


def test_what_documents_show_comes_with_its_source_and_until_when(verifier: Verifier) -> None:
    proof = verifier.proof(
        born="2003-05-31", identity_until="2030-01-01", licence={"classes": ["B"], "until": "2022-01-01"}
    )
    until = datetime(2030, 1, 1, tzinfo=UTC)

    assert verifier.check("age:18", proof) == Verified(until, "verifier-double")
    assert verifier.check("age:19", proof) is None
    assert verifier.check("identity", proof) == Verified(until, "verifier-double")
    assert verifier.check("student", proof) is None
    assert verifier.check("driving_licence:B", proof) == Verified(
        datetime(2022, 1, 1, tzinfo=UTC), "verifier-double", ("B",)
    )
    assert verifier.check("driving_licence:C", proof) is None


def test_a_home_shows_its_place_and_its_country(verifier: Verifier) -> None:
    proof = verifier.proof(home={"place": "FI-091", "until": "2022-01-01"})
    said = Verified(datetime(2022, 1, 1, tzinfo=UTC), "verifier-double", ("FI-091",))

    asked = ("resident:FI", "resident:FI-091", "resident:FI-049", "resident:SE")
    assert [verifier.check(each, proof) for each in asked] == [said, said, None, None]
    assert verifier.check("resident:FI", verifier.proof(identity_until="2030-01-01")) is None


def test_an_age_is_of_the_birthday(verifier: Verifier) -> None:
    proof = verifier.proof(born="2003-06-01", identity_until="2030-01-01")

    assert verifier.check("age:18", proof) is None


def test_a_proof_is_of_who_showed_it_first_and_does_not_last(verifier: Verifier) -> None:
    proof = verifier.proof(identity_until="2030-01-01")
    assert verifier.check("identity", proof)
    assert verifier.check("identity", proof, reference="cus-2") is None
    verifier.now = NOW + GOOD_FOR

    assert verifier.check("identity", proof) is None
    assert verifier.check("identity", "prf_none") is None


def test_another_key_checks_nothing(verifier: Verifier) -> None:
    with pytest.raises(VerifierUnavailable):
        verifier.check("identity", verifier.proof(identity_until="2030-01-01"), key="other")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("500 Internal Server Error", b"{}"),
        ("200 OK", b"not json"),
        ("200 OK", b"[]"),
        ("200 OK", b"{}"),
        ("200 OK", json.dumps({"shown": True}).encode()),
        ("200 OK", json.dumps({"shown": True, "valid_until": "soon", "source": "x"}).encode()),
        ("302 Found", b""),
    ],
)
def test_an_answer_that_cannot_be_read_is_no_verdict(verifier: Verifier, status: str, body: bytes) -> None:
    verifier.says(status, body)

    with pytest.raises(VerifierUnavailable):
        verifier.check("identity", "prf_1")


@pytest.mark.parametrize("url", ["", "http://example.com", "ftp://127.0.0.1", "http://127.0.0.1:1"])
def test_proofs_are_sent_over_tls_or_within_this_machine_and_somebody_has_to_be_there(url: str) -> None:
    with pytest.raises(VerifierUnavailable):
        HttpVerifier(url, "key").check(AGE, "prf_1", "cus-1")


def test_a_double_takes_nothing_but_its_two_calls(verifier: Verifier) -> None:
    for method, path in (("GET", "/v1/checks"), ("POST", "/v1/other")):
        said: list[str] = []
        list(
            verifier.double({"REQUEST_METHOD": method, "PATH_INFO": path}, lambda status, _h, s=said: s.append(status))
        )
        assert said == ["404 Not Found"]
