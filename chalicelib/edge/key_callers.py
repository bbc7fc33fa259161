"""Who calls with an API key: a partner."""

from collections.abc import Mapping
from typing import Any

from chalicelib.edge.callers import bearer
from chalicelib.edge.refusals import Unauthenticated
from chalicelib.partners.errors import KeyRefused
from chalicelib.partners.model import ApiKey
from chalicelib.partners.service import authenticate


def partner(headers: Mapping[str, str], wired: Any, _needs: str | None) -> tuple[ApiKey, str]:  # noqa: ANN401 -- the wiring
    """A partner with a key that is not revoked; the key is read each time, so a revocation counts at once."""
    given = headers.get("x-api-key") or bearer(headers)
    try:
        key = authenticate(given, partners=wired.partners, mode=wired.settings.mode, pepper=wired.settings.pepper)
    except KeyRefused as error:
        raise Unauthenticated(reason="API key refused") from error
    return key, key.partner_id
