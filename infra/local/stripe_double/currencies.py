"""Currencies that the double knows, each with the smallest charge that Stripe makes in it, in minor units."""

from infra.local.stripe_double.errors import StripeRefusal

SMALLEST_CHARGE = {
    **dict.fromkeys(("aud", "brl", "cad", "chf", "eur", "inr", "jpy", "nzd", "sgd", "usd"), 50),
    **dict.fromkeys(("aed", "myr", "pln", "ron"), 200),
    **dict.fromkeys(("mxn", "thb"), 1000),
    **dict.fromkeys(("nok", "sek"), 300),
    "bgn": 100,
    "czk": 1500,
    "dkk": 250,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "isk": 100,
    "kwd": 1000,
}
STEPS = {"isk": 100, "kwd": 10}
"""Of these Stripe moves multiples alone. For their smallest charge Stripe states none; this is the double's."""
LARGEST_AMOUNT = 99_999_999
"""Eight digits."""


def known_currency(currency: str, param: str = "currency") -> str:
    """The currency in small letters, refused where it is unknown."""
    if currency not in SMALLEST_CHARGE:
        raise StripeRefusal(f"Invalid currency: {currency}", code="parameter_invalid_enum", param=param)
    return currency


def within_bounds(amount: int, param: str = "amount") -> int:
    """The amount, refused above eight digits."""
    if abs(amount) > LARGEST_AMOUNT:
        message = f"Amount must be no more than {LARGEST_AMOUNT} in minor units."
        raise StripeRefusal(message, code="amount_too_large", param=param)
    return amount


def movable(amount: int, currency: str, param: str = "amount") -> int:
    """The amount, refused where it has decimals that Stripe does not move: a third one, or any of a króna."""
    step = STEPS.get(currency, 1)
    if amount % step:
        message = f"Invalid amount: {amount}. In {currency} it must be evenly divisible by {step}."
        raise StripeRefusal(message, code="parameter_invalid_integer", param=param)
    return amount
