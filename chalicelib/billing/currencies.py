"""What of a currency the provider moves: from which amount on, and in which steps."""

from chalicelib.kernel.money import Money, decimals_of

# The least that Stripe charges, in minor units (docs.stripe.com/currencies, minimum charge amounts).
_STATED = {
    **dict.fromkeys(("AUD", "BRL", "CAD", "CHF", "EUR", "INR", "JPY", "NZD", "SGD", "USD"), 50),
    **dict.fromkeys(("AED", "MYR", "PLN", "RON"), 200),
    **dict.fromkeys(("MXN", "THB"), 1000),
    **dict.fromkeys(("NOK", "SEK"), 300),
    "BGN": 100,
    "CZK": 1500,
    "DKK": 250,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17500,
}
# Of all others it wants what the least of its account's own currency is worth. Where one unit is less than that, this
# is ours: something above half a euro, that stays so while rates move.
_WORTH_IT = {
    **dict.fromkeys(("VUV", "XPF"), 100),
    "DJF": 150,
    "KMF": 350,
    **dict.fromkeys(("XAF", "XOF"), 500),
    **dict.fromkeys(("CLP", "KRW", "RWF"), 1000),
    "TND": 2000,
    "BIF": 2500,
    "MGA": 4000,
    "PYG": 5000,
    "GNF": 7500,
    "ISK": 10_000,
    "VND": 20_000,
    "UGX": 300_000,
}
_MINIMUM = _STATED | _WORTH_IT
_MAJOR_UNITS = 1
_THREE, _TEN = 3, 10
_STEPS = {"ISK": 100, "UGX": 100}


def minimum_charge(currency: str) -> Money:
    """Less than this is carried to the next month. Where there is none in the tables, one major unit."""
    return Money(_MINIMUM.get(currency, _MAJOR_UNITS * 10 ** decimals_of(currency)), currency)


def step_of(currency: str) -> int:
    """In which steps Stripe moves money, in minor units: tens of three decimals, as in 5.120 KWD.

    Of what it counts in hundredths though there are none any more, krónur and shillings of Uganda, it moves whole ones.
    """
    return _STEPS.get(currency, _TEN if decimals_of(currency) == _THREE else 1)


def chargeable(amount: Money) -> Money:
    """What of an amount can be moved, above or below zero; the rest is carried."""
    step = step_of(amount.currency)
    size = abs(amount.minor) // step * step
    return Money(size if amount.minor >= 0 else -size, amount.currency)
