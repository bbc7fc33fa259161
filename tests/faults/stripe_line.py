"""The SDK's way to the double without a network: the same requests and answers, and the faults of one call."""

import io
import json
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import stripe

from infra.local.stripe_double import StripeDouble
from tests.faults.trouble import KilledError, Trouble


class Line(stripe.HTTPClient):
    """What the SDK sends goes to the double in this process. A fault lasts for all tries of a call."""

    name = "line"

    def __init__(self, double: StripeDouble, trouble: Trouble) -> None:
        super().__init__()
        self._double, self._trouble, self._how = double, trouble, ""
        self.calls = 0

    def _sleep_time_seconds(self, _num_retries: int) -> float:
        return 0

    def request_with_retries(self, method: str, url: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401 -- the SDK's
        """One call of ours, in as many tries as the SDK makes."""
        self.calls += 1
        self._how = self._trouble.meets("stripe", f"{method.upper()} {urlsplit(url).path}")
        if self._how == "killed before":
            raise KilledError
        answer = super().request_with_retries(method, url, *args, **more)
        if self._how == "killed after":
            raise KilledError
        return answer

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,  # noqa: ANN401 -- the SDK's
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """One try."""
        if self._how and not self._how.startswith("killed"):
            self._double.fail_next("", cast("Any", self._how))
        try:
            return asked(self._double, method, url, headers or {}, post_data)
        except ConnectionResetError as error:
            raise stripe.APIConnectionError("the connection broke", should_retry=True) from error

    def close(self) -> None:
        """Nothing is open."""


def asked(
    double: StripeDouble, method: str, url: str, headers: Mapping[str, str], data: str | bytes | None
) -> tuple[str, int, Mapping[str, str]]:
    """Body, status and headers of the double's answer."""
    where, body = urlsplit(url), data.encode() if isinstance(data, str) else data or b""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method.upper(),
        "PATH_INFO": where.path,
        "QUERY_STRING": where.query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    said: list[Any] = []
    content = b"".join(double(environ, lambda status, given: said.extend((status, given))))  # type: ignore[arg-type]
    return content.decode(), int(said[0].partition(" ")[0]), {name.lower(): value for name, value in said[1]}


def browser(double: StripeDouble, path: str, key: str, **form: str) -> dict[str, Any]:
    """What the customer's browser does at Stripe."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-www-form-urlencoded"}
    return dict(json.loads(asked(double, "POST", path, headers, urlencode(form))[0]))
