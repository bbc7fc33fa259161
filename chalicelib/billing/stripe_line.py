"""The SDK's way to Stripe: urllib3's pools of connections, which botocore brings.

With `requests`, which the SDK takes by itself, a call costs a millisecond more.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import stripe
import urllib3
from urllib3.exceptions import HTTPError, ProtocolError
from urllib3.exceptions import TimeoutError as NotInTimeError

_SECONDS = 80
"""How long an answer may take; as long as the SDK waits by itself."""
_AT_ONCE = 4
_PASSING = (ProtocolError, NotInTimeError)

stripe.enable_telemetry = False
"""Stripe is told what a call is about: not how long the one before took, nor what machine this is."""


class KeptLine(stripe.HTTPClient):
    """Connections that are kept alive, whose certificates are those that the SDK trusts. Threads may share it."""

    name = "urllib3"

    def __init__(self) -> None:
        super().__init__()
        trusted: Any = {"cert_reqs": "CERT_REQUIRED", "ca_certs": stripe.ca_bundle_path}
        self._pools = urllib3.PoolManager(maxsize=_AT_ONCE, **trusted)
        self._pool = lru_cache(self._pools.connection_from_url)

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,  # noqa: ANN401 -- the SDK's
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        """One try: the body, the status and the headers, which are found in whatever case."""
        scheme, _, rest = url.partition("://")
        host, _, target = rest.partition("/")
        how: Any = {"body": post_data, "headers": headers, "retries": False, "redirect": False, "timeout": _SECONDS}
        try:
            answer = self._pool(f"{scheme}://{host}").urlopen(method.upper(), f"/{target}", **how)
        except HTTPError as error:
            passes = isinstance(error, _PASSING)
            said = f"no answer from Stripe: {error}"
            raise stripe.APIConnectionError(said, should_retry=passes) from error  # type: ignore[no-untyped-call]
        return answer.data, answer.status, answer.headers

    def close(self) -> None:
        """Nothing stays open."""
        self._pools.clear()
