"""Why a payment was declined, and when it is worth another try.

What the codes mean and advise: docs.stripe.com/declines/codes (decline codes, advice codes). Networks fine who tries
again what can only fail, so a card that is gone, stolen or not good any more is not tried again at all.
"""

from datetime import datetime, timedelta
from enum import StrEnum

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


class Decline(StrEnum):
    """What has to happen before a payment can work."""

    AUTHENTICATE = "authenticate"
    ANOTHER_METHOD = "another_method"
    FUNDS = "funds"
    PASSING = "passing"
    OTHER = "other"


_AUTHENTICATE = {
    "authentication_not_handled",
    "authentication_required",
    "offline_pin_required",
    "online_or_offline_pin_required",
    "payment_intent_authentication_failure",
}
_ANOTHER_METHOD = {
    "card_not_supported",
    "currency_not_supported",
    "expired_card",
    "fraudulent",
    "incorrect_cvc",
    "incorrect_number",
    "invalid_account",
    "invalid_cvc",
    "invalid_expiry_month",
    "invalid_expiry_year",
    "invalid_number",
    "lost_card",
    "merchant_blacklist",
    "new_account_information_available",
    "no_action_taken",
    "payment_intent_incompatible_payment_method",
    "payment_method_unavailable",
    "payment_method_unsupported_type",
    "pickup_card",
    "pin_try_exceeded",
    "restricted_card",
    "revocation_of_all_authorizations",
    "revocation_of_authorization",
    "stolen_card",
    "stop_payment_order",
    "transaction_not_allowed",
}
_FUNDS = {"card_velocity_exceeded", "insufficient_funds", "withdrawal_count_limit_exceeded"}
_PASSING = {"approve_with_id", "issuer_not_available", "processing_error", "reenter_transaction", "try_again_later"}

SCHEDULE = {
    Decline.AUTHENTICATE: (),
    Decline.ANOTHER_METHOD: (),
    Decline.FUNDS: (3 * _DAY, 5 * _DAY, 7 * _DAY, 7 * _DAY),
    Decline.PASSING: (_HOUR, 6 * _HOUR, _DAY, 3 * _DAY),
    Decline.OTHER: (_DAY, 3 * _DAY, 5 * _DAY),
}
"""How long after each failed try the next one follows; none after the last."""


def kind_of(code: str | None, advice: str | None) -> Decline:
    """What the bank's advice says goes before what its code does."""
    if code in _AUTHENTICATE:
        return Decline.AUTHENTICATE
    if advice in {"do_not_try_again", "confirm_card_data"} or code in _ANOTHER_METHOD:
        return Decline.ANOTHER_METHOD
    if code in _FUNDS:
        return Decline.FUNDS
    return Decline.PASSING if code in _PASSING else Decline.OTHER


def next_try(kind: Decline, failures: int, now: datetime) -> datetime | None:
    """After so many failures, or None: then it is the customer's turn."""
    waits = SCHEDULE[kind]
    return now + waits[failures - 1] if 0 < failures <= len(waits) else None
