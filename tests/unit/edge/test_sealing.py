"""A quote is told from whatever else is sent in its place; keys rotate."""

import base64
import json

import jwt
import pytest

from chalicelib.access.errors import QuoteForged
from chalicelib.edge.sealing import INVITATION, QuoteSealer

OLD, NEW = "o" * 32, "n" * 32
SEALER = QuoteSealer({"new": NEW, "old": OLD})
PROMISE = {"quote_id": "quo_1", "worst_case": 500}


def part(document: object) -> str:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(key: str = NEW, *, algorithm: str = "HS256", **head: object) -> str:
    return jwt.encode({**PROMISE, "aud": SEALER.audience}, key, algorithm=algorithm, headers=head)


def test_what_is_sealed_is_promised() -> None:
    found = SEALER.unseal(SEALER.seal(PROMISE))

    assert {name: found[name] for name in PROMISE} == PROMISE


def test_the_first_key_signs_and_all_verify_until_one_is_gone() -> None:
    before, after = QuoteSealer({"old": OLD}).seal(PROMISE), SEALER.seal(PROMISE)

    assert [jwt.get_unverified_header(each)["kid"] for each in (before, after)] == ["old", "new"]
    assert [SEALER.unseal(each)["quote_id"] for each in (before, after)] == ["quo_1", "quo_1"]
    with pytest.raises(QuoteForged):
        QuoteSealer({"new": NEW}).unseal(before)


GOOD = SEALER.seal(PROMISE)
HEAD, BODY, MARK = GOOD.split(".")
FORGED = {
    "another's key under our id": signed("x" * 32, kid="new"),
    "our older key under the newer's id": signed(OLD, kid="new"),
    "a key of nobody": signed(kid="mine"),
    "no key": signed(),
    "another algorithm": signed(NEW * 2, algorithm="HS512", kid="new"),
    "no algorithm": f"{part({'alg': 'none', 'kid': 'new'})}.{BODY}.",
    "an id that is no text": f"{part({'alg': 'HS256', 'kid': ['new']})}.{BODY}.{MARK}",
    "another head, our signature": f"{part({'alg': 'HS256', 'kid': 'new'})}.{BODY}.{MARK}",
    "another promise, our signature": f"{HEAD}.{part({**PROMISE, 'worst_case': 1, 'aud': SEALER.audience})}.{MARK}",
    "a head alone": HEAD,
    "a head and a promise": f"{HEAD}.{BODY}",
    "a head with nothing behind it": f"{HEAD}..",
    "four parts": f"{GOOD}.{MARK}",
    "a head that is no JSON": f"{part(b'{')}.{BODY}.{MARK}",
    "a head that is a list": f"{part([HEAD])}.{BODY}.{MARK}",
    "a head without a bottom": f"{part(b'[' * 3000)}.{BODY}.{MARK}",
    "no ASCII": f"é{GOOD}",
    "nothing": "",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=list(FORGED))
def test_all_else_is_forged(token: str) -> None:
    with pytest.raises(QuoteForged):
        SEALER.unseal(token)


def test_what_was_sealed_for_one_use_is_forged_for_another() -> None:
    with pytest.raises(QuoteForged):
        QuoteSealer(SEALER.keys, INVITATION).unseal(GOOD)
