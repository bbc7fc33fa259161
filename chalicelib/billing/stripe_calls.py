"""Calls of Stripe. The SDK takes 130 ms to import, so it is imported where a call is made."""

from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import Any

from chalicelib.billing.errors import CollectorUnavailable, PayerGone
from chalicelib.billing.rate_limit import Limiter

_KEYS = 4
_REPLAYED = "idempotent-replayed"
_RETRIES = 2
_TURNS = 4
_SERVER = 500
_NO_CUSTOMER = "No such customer"


class StripeCalls:
    """With one key, of live or test mode, at Stripe's own address or another."""

    def __init__(self, api_key: str, api_base: str | None = None, limiter: Limiter | None = None) -> None:
        self._api_key = api_key
        self._api_base = api_base
        self._limiter = limiter

    @cached_property
    def _client(self) -> Any:  # noqa: ANN401 -- the SDK's client, imported late
        import stripe  # noqa: PLC0415 -- costs 130 ms that most requests do not need

        from chalicelib.billing.stripe_line import KeptLine  # noqa: PLC0415 -- as above

        addresses: Any = {"api": self._api_base} if self._api_base else {}
        return stripe.StripeClient(
            self._api_key, base_addresses=addresses, max_network_retries=_RETRIES, http_client=KeptLine()
        )

    def __call__(
        self,
        resource: str,
        method: str,
        *ids: str,
        key: str | None = None,
        found: Callable[[], Any] | None = None,
        **parameters: object,
    ) -> Any:  # noqa: ANN401 -- what Stripe gives back
        """One call; a trouble that passes is `CollectorUnavailable`, so that the worker tries again.

        Stripe saves an answer of 500 under its key for a day, whether it had done what was asked or not. `found` looks
        for what it had done; None says that there is nothing, and then the next key is taken.
        """
        call = attrgetter(f"{resource}.{method}")(self._client.v1)
        return self._under_keys(lambda options: call(*ids, params=parameters, options=options), key, found)

    def plain(
        self, verb: str, path: str, *, key: str | None = None, found: Callable[[], Any] | None = None, **params: object
    ) -> Any:  # noqa: ANN401 -- as Stripe wrote it, or as `found` found it
        """One call as well, its answer left as it came: the SDK takes milliseconds for objects of an invoice."""
        call = self._client.raw_request
        return self._under_keys(lambda options: call(verb, path, **params, **options).data, key, found)

    def _under_keys(
        self, call: Callable[[dict[str, str]], Any], key: str | None, found: Callable[[], Any] | None
    ) -> Any:  # noqa: ANN401 -- as above
        for turn in range(1 if found is None else _KEYS):
            options = {"idempotency_key": f"{key}~{turn}" if turn else key} if key else {}
            try:
                return self._made(lambda options=options: call(options))  # type: ignore[misc]
            except _BrokenBeforeError:
                done = found() if found is not None else None
                if done is not None:
                    return done
        raise CollectorUnavailable

    def _made(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 -- what Stripe gives back
        import stripe  # noqa: PLC0415 -- as above

        try:
            return self._within_limits(call)
        except (stripe.APIConnectionError, stripe.RateLimitError) as error:
            raise CollectorUnavailable from error
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing" and _NO_CUSTOMER in (error.user_message or ""):
                raise PayerGone from error
            raise
        except stripe.APIError as error:
            if (error.http_status or _SERVER) < _SERVER:
                raise
            if _REPLAYED in {name.lower() for name in error.headers or {}}:
                raise _BrokenBeforeError from error
            raise CollectorUnavailable from error

    def _within_limits(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 -- what Stripe gives back
        """The call in its turn. What Stripe refuses as too much it has neither done nor saved: it is called again."""
        import stripe  # noqa: PLC0415 -- as above

        if self._limiter is None:
            return call()
        for attempt in range(_TURNS):
            if not self._limiter.wait():
                break
            try:
                return call()
            except stripe.RateLimitError:
                self._limiter.too_much()
                if attempt == _TURNS - 1:
                    raise
        raise CollectorUnavailable


class _BrokenBeforeError(Exception):
    """Stripe says again that it broke down over this call, as it did at the first time."""


def nothing() -> None:
    """For a call that may be made twice: its maker has read how things stand, or nobody minds a second one."""
