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
    **dict.fromkeys(("bhd", "jod", "kwd", "omr"), 1000),
    "isk": 7200,
    "krw": 830,
    "tnd": 1700,
    "ugx": 210_000,
}
"""Stripe's list down to the forint. Of the others it states none, and wants what 0.50 EUR are worth: of what is worth
less than that, these are about as many.
"""
STEPS = {**dict.fromkeys(("isk", "ugx"), 100), **dict.fromkeys(("bhd", "jod", "kwd", "omr", "tnd"), 10)}
"""Of these Stripe moves multiples alone: whole krónur and shillings in hundredths, and no third decimal."""
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
