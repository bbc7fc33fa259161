"""Refusals in Stripe's error shape.

StripeRefusal            400 invalid_request_error
    Missing              404 resource_missing, or an unknown address
    Declined             402 card_error
    Unauthorised         401
    Forbidden            403
    IdempotencyRefusal   400 idempotency_error
    InFlight             409 idempotency_key_in_use
    RateLimited          429
        Locked           429 lock_timeout
    Broken               500 api_error
"""

from typing import Any


class StripeRefusal(Exception):  # noqa: N818 - the word of this code base for a considered no
    """An answer that is not 2xx. `details` are the further members of Stripe's error object."""

    status = 400
    kind = "invalid_request_error"

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.details = {"code": code, "param": param, **details}
        self.headers: dict[str, str] = {}

    def body(self) -> dict[str, Any]:
        """The JSON document that the SDK turns into its exceptions."""
        known = {name: value for name, value in self.details.items() if value is not None}
        return {"error": {"type": self.kind, "message": self.message, **known}}


class Missing(StripeRefusal):
    """Nothing is found under this id or address."""

    status = 404


class Declined(StripeRefusal):
    """The bank said no, or wants the customer to confirm."""

    status = 402
    kind = "card_error"


class Unauthorised(StripeRefusal):
    """No API key, or not ours."""

    status = 401


class Forbidden(StripeRefusal):
    """The restricted key does not reach this call."""

    status = 403


class IdempotencyRefusal(StripeRefusal):
    """The key was first used with other parameters."""

    kind = "idempotency_error"


class InFlight(StripeRefusal):
    """Another request with the same key is being executed right now."""

    status = 409
    kind = "idempotency_error"


class RateLimited(StripeRefusal):
    """Too many requests; nothing was executed or saved."""

    status = 429

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message, code=code)
        self.headers = {"Stripe-Should-Retry": "false"}


class Locked(RateLimited):
    """Another request is changing the same object; nothing was executed or saved, and trying again helps."""

    def __init__(self) -> None:
        message = "This object cannot be accessed right now because another API request is accessing it."
        super().__init__(message, code="lock_timeout")
        self.headers = {"Stripe-Should-Retry": "true"}


class Broken(StripeRefusal):
    """Something went wrong at Stripe."""

    status = 500
    kind = "api_error"


def no_such(kind: str, object_id: str, param: str = "id") -> Missing:
    """The refusal for an id that names nothing."""
    return Missing(f"No such {kind}: '{object_id}'", code="resource_missing", param=param)
