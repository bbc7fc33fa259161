"""Money is whole minor units of one currency: nothing is rounded twice, nothing is lost in a split."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.errors import Invalid
from chalicelib.kernel.money import (
    CurrencyMismatch,
    Money,
    NotAnAmount,
    UnknownCurrency,
    decimals_of,
    share_out,
    total,
)

minor_units = st.integers(min_value=-(10**15), max_value=10**15)
weights = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=40).filter(sum)


def shares(minor: int, *parts: int) -> list[int]:
    return [each.minor for each in share_out(Money(minor, "EUR"), parts)]


@given(minor_units, weights)
def test_the_parts_of_a_split_add_up_to_the_whole(minor: int, parts: list[int]) -> None:
    assert sum(shares(minor, *parts)) == minor


@given(minor_units, weights)
def test_no_part_is_a_whole_unit_away_from_its_exact_share(minor: int, parts: list[int]) -> None:
    weight = sum(parts)

    for share, part in zip(shares(minor, *parts), parts, strict=True):
        assert abs(share * weight - minor * part) < weight


@given(minor_units, weights)
def test_a_credit_is_split_as_the_charge_that_it_takes_back(minor: int, parts: list[int]) -> None:
    assert shares(-minor, *parts) == [-each for each in shares(minor, *parts)]


@given(minor_units, weights)
def test_a_larger_remainder_is_served_before_a_smaller_one(minor: int, parts: list[int]) -> None:
    """
    Whoever got a unit more than the floor had a remainder at least as large as whoever did not.
    """
    exact = [divmod(abs(minor) * part, sum(parts)) for part in parts]
    given_more = [abs(share) > floor for share, (floor, _) in zip(shares(minor, *parts), exact, strict=True)]
    served = [rest for (_, rest), more in zip(exact, given_more, strict=True) if more]
    passed_over = [rest for (_, rest), more in zip(exact, given_more, strict=True) if not more]

    assert not served or not passed_over or min(served) >= max(passed_over)


def test_equal_remainders_are_served_from_the_first() -> None:
    """
    10.00 by three: 3.34, 3.33, 3.33. And 1.00 by 1:2:3: 0.17 (0.1666), 0.33 (0.3333), 0.50.
    """
    assert shares(1000, 1, 1, 1) == [334, 333, 333]
    assert shares(100, 1, 2, 3) == [17, 33, 50]
    assert shares(1, 0, 5, 5) == [0, 1, 0]


@pytest.mark.parametrize("parts", [(), (0,), (0, 0), (1, -1, 1)])
def test_weights_are_not_negative_and_not_all_zero(parts: tuple[int, ...]) -> None:
    with pytest.raises(Invalid):
        shares(100, *parts)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("0.5", "EUR", 50),
        ("-1.05", "DKK", -105),
        ("1250", "JPY", 1250),
        ("1.234", "KWD", 1234),
        ("500", "ISK", 50_000),
        ("500", "UGX", 50_000),
        ("500", "MGA", 500),
    ],
)
def test_an_amount_is_read_in_the_minor_unit_of_its_currency(amount: str, currency: str, minor: int) -> None:
    money = Money.of(amount, currency)

    assert money.minor == minor
    assert Money.of(money.amount, currency) == money


@pytest.mark.parametrize(
    ("currency", "minor"), [("ISK", 50_000), ("UGX", 50_000), ("MGA", 500), ("JPY", 500), ("KWD", 500_000)]
)
def test_minor_units_are_those_of_the_payment_provider(currency: str, minor: int) -> None:
    """
    500 krónur, or shillings of Uganda, are 50,000 at Stripe, 500 ariary are 500: counted otherwise, a hundredth or a
    hundredfold were taken.
    """
    assert Money.of("500", currency).minor == minor


@pytest.mark.parametrize(
    ("amount", "currency"), [("0.001", "EUR"), ("0.5", "JPY"), ("NaN", "EUR"), ("Infinity", "EUR"), ("ten", "EUR")]
)
def test_an_amount_that_the_minor_unit_cannot_hold_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(NotAnAmount):
        Money.of(amount, currency)


LOOSE = [
    "1E400",
    "1e2",
    "1_000",
    "+1",
    " 1",
    "1 ",
    "1\n",
    "\u0661\u0662",
    "\uff11",
    ".5",
    "5.",
    "--1",
    "",
    "0x10",
    "1" * 16,
]


@pytest.mark.parametrize("text", LOOSE)
def test_an_amount_is_plain_decimal_text_and_nothing_else_that_python_would_read(text: str) -> None:
    with pytest.raises(NotAnAmount) as refused:
        Money.of(text, "EUR")
    assert len(str(refused.value.facts["amount"])) <= 40


@pytest.mark.parametrize("text", ["0", "-0", "007.50", "-12.5", "1.50000", "9" * 15])
def test_plain_decimal_text_is_read_exactly(text: str) -> None:
    assert Money.of(text, "EUR").amount == Decimal(text)


def test_an_amount_of_any_size_is_exact_or_refused() -> None:
    """
    Python's decimals round at 28 digits without a word: 1234567890123456789012345678.91 became ...679.00.
    """
    long = "1234567890123456789012345678.91"
    assert Money.of(Decimal(long), "EUR").minor == 123456789012345678901234567891
    assert str(Money.of(Decimal(long), "EUR").amount) == long
    with pytest.raises(NotAnAmount):
        Money.of(Decimal("1" * 70), "EUR")


@pytest.mark.parametrize(
    ("exact", "minor"), [("0.005", 1), ("-0.005", -1), ("0.0049", 0), ("2.675", 268), ("1.004999999999", 100)]
)
def test_a_half_is_rounded_away_from_zero_in_both_directions(exact: str, minor: int) -> None:
    assert Money.rounded(Decimal(exact), "EUR").minor == minor


@pytest.mark.parametrize("minor", [1.0, True, "1", Decimal(1)])
def test_minor_units_are_whole_numbers_and_nothing_that_looks_like_one(minor: object) -> None:
    with pytest.raises(NotAnAmount):
        Money(minor, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["eur", "EURO", "E", "€UR", ""])
def test_a_currency_is_three_capital_letters(currency: str) -> None:
    with pytest.raises(UnknownCurrency):
        decimals_of(currency)


def test_two_currencies_never_mix() -> None:
    euro, crown = Money(100, "EUR"), Money(100, "DKK")

    for mix in (lambda: euro + crown, lambda: euro - crown, lambda: euro < crown, lambda: total([crown], "EUR")):
        with pytest.raises(CurrencyMismatch):
            mix()


@given(st.lists(minor_units))
def test_a_total_is_the_sum_and_of_nothing_it_is_zero(amounts: list[int]) -> None:
    assert total([Money(each, "EUR") for each in amounts], "EUR") == Money(sum(amounts), "EUR")
