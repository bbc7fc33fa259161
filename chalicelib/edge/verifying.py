"""The verifier over HTTP: whoever can tell what a customer's proof shows, at the address that the settings name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from chalicelib.customers.errors import VerifierUnavailable
from chalicelib.customers.ports import Verified
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.requirement import Requirement
from chalicelib.kernel.time import parse_instant

_TIMEOUT = 5.0
_MOST_BYTES = 64 * 1024
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class HttpVerifier:
    """Satisfies `customers.ports.Verifier`. Without an address there is none. Proofs are sent and never kept."""

    url: str
    key: str

    def check(self, requirement: Requirement, proof: str, reference: str) -> Verified | None:
        """`POST /v1/checks`; an answer that cannot be read is none."""
        asked = {"requires": str(requirement), "proof": proof, "reference": reference}
        try:
            said = json.loads(self._ask(json.dumps(asked).encode()))
            return _verified(said)
        except (OSError, ValueError, KeyError, TypeError, Refusal) as error:
            raise VerifierUnavailable from error

    def _ask(self, body: bytes) -> bytes:
        parts = urlsplit(self.url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise OSError("proofs are sent over https only")
        import urllib.request  # noqa: PLC0415 -- costs milliseconds that only a check needs

        class NoRedirect(urllib.request.HTTPRedirectHandler):
            """Proofs and our key go to the address that the settings name, and nowhere else."""

            def redirect_request(self, *_arguments: object) -> None:
                """Refuse: the redirect's own status then counts as an error."""

        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/v1/checks", body, headers)  # noqa: S310 -- https, checked above
        with urllib.request.build_opener(NoRedirect).open(request, timeout=_TIMEOUT) as answer:
            return cast("bytes", answer.read(_MOST_BYTES))


def _verified(said: Any) -> Verified | None:  # noqa: ANN401 -- JSON
    if said["shown"] is not True:
        return None
    details = tuple(str(each) for name in ("licences", "places") for each in said.get(name, ()))
    return Verified(parse_instant(said["valid_until"]), str(said["source"])[:100], details)
