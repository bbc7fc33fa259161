"""Who calls with an API key: a partner, or one of its devices."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.callers import bearer
from chalicelib.edge.refusals import Unauthenticated
from chalicelib.partners.errors import KeyRefused, KeyTooNarrow
from chalicelib.partners.model import ApiKey
from chalicelib.partners.service import authenticate

DEVICE = "device"
"""What a route needs that a device's key is good for."""


def partner(headers: Mapping[str, str], wired: Any, needs: str | None) -> tuple[ApiKey, str]:  # noqa: ANN401 -- the wiring
    """A partner with a key that is not revoked; the key is read each time, so a revocation counts at once."""
    given = headers.get("x-api-key") or bearer(headers)
    if given is None:
        raise Unauthenticated(reason="no API key", wanted="X-Api-Key, or the key as Authorization: Bearer")
    try:
        key = authenticate(given, partners=wired.partners, mode=wired.settings.mode, pepper=wired.settings.pepper)
    except KeyRefused as error:
        raise Unauthenticated(reason="API key refused") from error
    if key.device_id is not None and needs != DEVICE:
        raise KeyTooNarrow
    return key, key.partner_id
