"""Money: whole minor units of one currency, exact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation, Overflow

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.quantity import NotAQuantity, decimal_text

# How many decimals a currency's minor unit has where it is not two: as in ISO 4217, but in the three in which Stripe
# counts otherwise, as Stripe does: its ISK and UGX have two, of which it moves whole units alone, its MGA none.
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_CODE_LENGTH = 3
# Python's own context rounds at 28 digits without a word; here what does not fit is an error.
_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])


class CurrencyMismatch(Invalid):
    """Amounts of different currencies cannot be taken together."""


class UnknownCurrency(Invalid):
    """A currency is three capital letters, as in ISO 4217."""


class NotAnAmount(Invalid):
    """The amount is no finite decimal number that the currency's minor unit can hold."""


def decimals_of(currency: str) -> int:
    """How many decimals the currency's minor unit has: EUR 2, JPY 0, KWD 3."""
    if not (len(currency) == _CODE_LENGTH and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise UnknownCurrency(currency=currency)
    return _DECIMALS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units (cents, yen, fils) of `currency`. Two currencies never mix."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise NotAnAmount(minor=str(self.minor))

    @classmethod
    def of(cls, amount: str | Decimal | int, currency: str) -> "Money":
        """`Money.of("1.25", "EUR")`: an amount that the minor unit can hold exactly, or `NotAnAmount`.

        Text is decimal text (`quantity.py`): no exponent, no plus, no blanks, at most 15 digits before the point.
        """
        try:
            number = decimal_text(amount) if isinstance(amount, str) else Decimal(amount)
            exact = number.scaleb(decimals_of(currency), _EXACT)
            minor = int(exact)
        except (ArithmeticError, ValueError, NotAQuantity) as error:
            raise NotAnAmount(amount=str(amount)[:40]) from error
        if minor != exact:
            raise NotAnAmount(amount=str(amount)[:40], currency=currency)
        return cls(minor, currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: str) -> "Money":
        """The one rounding (half up, away from zero), done once, at the line. `amount` is in major units."""
        minor = amount.scaleb(decimals_of(currency), _EXACT).to_integral_value(rounding=ROUND_HALF_UP)
        return cls(int(minor), currency)

    @classmethod
    def zero(cls, currency: str) -> "Money":
        """Nothing, of a currency."""
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """In major units: 1250 cents are `Decimal("12.50")`."""
        return Decimal(self.minor).scaleb(-decimals_of(self.currency), _EXACT)

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(one=self.currency, other=other.currency)

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of amounts that are all of `currency`."""
    minor = 0
    for amount in amounts:
        if amount.currency != currency:
            raise CurrencyMismatch(one=currency, other=amount.currency)
        minor += amount.minor
    return Money(minor, currency)


def share_out(whole: Money, weights: Sequence[int]) -> list[Money]:
    """Split `whole` in proportion to `weights` so that the parts add up to it; `shares` says how."""
    return [Money(part, whole.currency) for part in shares(whole.minor, weights)]


def shares(whole: int, weights: Sequence[int]) -> list[int]:
    """Split minor units in proportion to `weights` so that the parts add up to the whole.

    Largest remainder: each part gets its floor, the units left go to the largest remainders, earliest first on a tie.
    Weights are not negative and not all zero; a negative whole is shared out like its positive, with the sign put back.
    """
    weight = sum(weights)
    if weight <= 0 or min(weights) < 0:
        raise Invalid(reason="weights are not negative and not all zero")
    size = abs(whole)
    parts: list[int] = []
    remainders: list[int] = []
    for each in weights:
        part, remainder = divmod(size * each, weight)
        parts.append(part)
        remainders.append(-remainder)
    units_left = size - sum(parts)
    if units_left:
        for index in sorted(range(len(parts)), key=remainders.__getitem__)[:units_left]:
            parts[index] += 1
    return parts if whole >= 0 else [-part for part in parts]
