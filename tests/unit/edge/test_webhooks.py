"""A webhook counts only if Stripe signed exactly these bytes, just now, for this mode."""

import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.billing.errors import SignatureRefused
from chalicelib.billing.model import ProviderEvent
from chalicelib.edge.webhooks import BadWebhook, read, verify, verify_any
from chalicelib.kernel.errors import Refusal

SECRET = "whsec_test"
AT = 1_622_500_000
NOW = datetime(2021, 6, 1, tzinfo=UTC)
EVENT = {"id": "evt_1", "type": "invoice.paid", "livemode": False, "data": {"object": {"id": "in_1", "total": 950}}}
RAW = json.dumps(EVENT).encode()


def signature(raw: bytes = RAW, at: int = AT, secret: str = SECRET) -> str:
    mac = hmac.new(secret.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def check(raw: bytes = RAW, header: str | None = None, wall_now: float = AT) -> None:
    verify(raw, signature() if header is None else header, secret=SECRET, wall_now=wall_now)


@pytest.mark.parametrize("seconds", [-300, 0, 299.9, 300])
def test_what_stripe_signed_within_five_minutes_is_taken(seconds: float) -> None:
    check(wall_now=AT + seconds)


def test_each_endpoints_secret_is_good_and_the_second_is_asked_for_only_where_the_first_does_not_fit() -> None:
    asked: list[str] = []

    def secret(text: str | None) -> str | None:
        asked.append(str(text))
        return text

    def check_any(header: str, *texts: str | None, wall_now: float = AT) -> None:
        verify_any(RAW, header, secrets=[lambda text=text: secret(text) for text in texts], wall_now=wall_now)

    check_any(signature(), SECRET, "whsec_connect")
    assert asked == [SECRET]
    check_any(signature(secret="whsec_connect"), SECRET, "whsec_connect")
    for texts in ((SECRET, None), (SECRET, "whsec_other"), (None, None)):
        with pytest.raises(SignatureRefused):
            check_any(signature(secret="whsec_connect"), *texts)
    with pytest.raises(SignatureRefused):
        check_any(signature(secret="whsec_connect"), SECRET, "whsec_connect", wall_now=AT + 301)


@pytest.mark.parametrize("seconds", [-301, 301, 10**6])
def test_an_old_signature_is_refused(seconds: float) -> None:
    with pytest.raises(SignatureRefused):
        check(wall_now=AT + seconds)


@given(st.integers(0, len(RAW) - 1), st.integers(1, 255))
def test_a_single_changed_byte_is_found_out(place: int, other: int) -> None:
    changed = bytearray(RAW)
    changed[place] ^= other

    with pytest.raises(SignatureRefused):
        check(bytes(changed))


def test_one_of_several_signatures_is_enough_while_secrets_rotate() -> None:
    check(header=f"{signature()},v1={'0' * 64},v0=old")


@pytest.mark.parametrize(
    "header",
    [
        *("", "t=", "v1=x", f"t={AT}", f"t={AT},v1=", f"t=x,v1={'0' * 64}", f"t={AT},v1=é", "t=1,t=1,v1=x", "=,=,"),
        *(signature(secret="other"), signature(at=AT - 1).replace(f"t={AT - 1}", f"t={AT}"), f"t={'9' * 13},v1=x"),
        signature().replace("v1=", "v0="),
    ],
)
def test_another_signature_is_refused(header: str) -> None:
    with pytest.raises(SignatureRefused):
        check(header=header)


@given(st.text())
def test_whatever_stands_in_the_header_is_refused(header: str) -> None:
    with pytest.raises(SignatureRefused):
        check(header=header)


def test_only_what_the_event_is_about_is_kept_of_it() -> None:
    """
    What it says about amounts is not believed: the object is read again.
    """
    assert read(RAW, live=False, now=NOW) == ProviderEvent("evt_1", "invoice.paid", "in_1", NOW)


def test_an_event_of_the_other_mode_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        read(RAW, live=True, now=NOW)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"id":1}', b"\xff", b"[" * 5_000])
def test_a_body_that_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(BadWebhook):
        read(raw, live=False, now=NOW)


@given(st.binary(max_size=80))
def test_whatever_bytes_come_are_read_or_refused(raw: bytes) -> None:
    with pytest.raises(Refusal):
        read(raw, live=False, now=NOW)
