"""Stripe's webhooks: the signature over the raw body, and the event in it."""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from chalicelib.billing.errors import SignatureRefused
from chalicelib.billing.model import ProviderEvent
from chalicelib.kernel.errors import Invalid

TOLERANCE_SECONDS = 300


class BadWebhook(Invalid):
    """The webhook's body is none that we understand."""


class _Data(msgspec.Struct):
    object: dict[str, object]


class _Body(msgspec.Struct):
    id: str
    type: str
    livemode: bool
    data: _Data


def verify(raw: bytes, signature: str, *, secret: str, wall_now: float) -> None:
    """Check `Stripe-Signature` over the raw body: one v1 signature fits and its time is within five minutes."""
    parts = [part.partition("=") for part in signature.split(",")]
    times = [value for name, _, value in parts if name.strip() == "t"]
    given = [value for name, _, value in parts if name.strip() == "v1"]
    if len(times) != 1 or not times[0].isdecimal() or len(times[0]) > 12:  # noqa: PLR2004 -- digits of a time
        raise SignatureRefused(reason="malformed")
    expected = hmac.new(secret.encode(), f"{times[0]}.".encode() + raw, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(expected.encode(), each.encode()) for each in given):
        raise SignatureRefused(reason="signature")
    if abs(wall_now - int(times[0])) > TOLERANCE_SECONDS:
        raise SignatureRefused(reason="age")


def verify_any(raw: bytes, signature: str, *, secrets: Iterable[Callable[[], str | None]], wall_now: float) -> None:
    """Check it with one secret after the other: the next is asked for only where the one before did not sign it."""
    refused = SignatureRefused(reason="signature")
    for each in secrets:
        secret = each()
        if secret is None:
            continue
        try:
            verify(raw, signature, secret=secret, wall_now=wall_now)
        except SignatureRefused as refusal:
            if refusal.facts.get("reason") != "signature":
                raise
            refused = refusal
        else:
            return
    raise refused


def read(raw: bytes, *, live: bool, now: datetime) -> ProviderEvent:
    """The event of a verified body; one of the other mode is refused."""
    try:
        body = msgspec.json.decode(raw, type=_Body)
    except msgspec.MsgspecError as error:
        raise BadWebhook from error
    if body.livemode != live:
        raise SignatureRefused(reason="livemode")
    return ProviderEvent(body.id, body.type, str(body.data.object.get("id", "")), now)
