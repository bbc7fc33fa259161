"""A quantity is an exact decimal number within bounds; what is not is refused, whoever sends it."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel import quantity as reading
from chalicelib.kernel.quantity import MAX_SIZE, NotAQuantity, plain, quantity

quantities = st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=12, allow_nan=False)


@given(quantities)
def test_a_quantity_within_bounds_is_read_and_written_exactly(number: Decimal) -> None:
    assert quantity(plain(number)) == number
    assert quantity(f"{number:f}") == number


@given(quantities)
def test_a_quantity_is_written_in_one_way(number: Decimal) -> None:
    """
    No exponent, no trailing zero, no minus before zero: equal numbers have equal texts, so digests can be compared.
    """
    text = plain(number)
    sign, digits, exponent = number.as_tuple()

    assert text == plain(Decimal((sign, (*digits, 0, 0), int(exponent) - 2)))
    assert "E" not in text
    assert text != "-0"
    assert not ("." in text and text.endswith("0"))


@pytest.mark.parametrize(
    "value",
    [
        *("NaN", "sNaN", "Infinity", "-Infinity", "", "ten", "0x10", "1,5"),
        *("1e15", "-1e15", "1e30", "1e999999", "0.0000000000001", "1e-13"),
        *("1E2", "1e-2", "+1", " 1", "1 ", "1\n", "1_000", ".5", "5.", "--1", "\u0661\u0662", "\uff11", "1" * 16),
        *(1.5, True, None, 10**15, Decimal("1E+15")),
    ],
)
def test_what_is_no_quantity_is_refused(value: object) -> None:
    with pytest.raises(NotAQuantity):
        quantity(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["123456789012345.00000000000000000000001", "1." + "0" * 40 + "1", "1e-9999999"])
def test_decimals_far_behind_the_point_do_not_slip_through(text: str) -> None:
    """
    Rounded to Python's 28 digits these look like whole numbers; written out, the last would take ten million zeros.
    """
    with pytest.raises(NotAQuantity):
        quantity(text)


def test_a_number_too_long_to_be_written_is_refused_as_any_other() -> None:
    with pytest.raises(NotAQuantity):
        quantity(10**5000)


def test_the_bounds_themselves() -> None:
    most = MAX_SIZE - Decimal("1e-12")

    assert quantity(str(most)) == most
    assert plain(most) == "999999999999999.999999999999"
    assert quantity("1.500000000000000000") == Decimal("1.5")


@given(st.text("0123456789.eE+-_ \n\u0663", max_size=32) | st.from_regex(r"-?[0-9]{1,16}(\.[0-9]{0,13})?"))
def test_a_text_is_read_as_the_number_that_it_says_or_refused(text: str) -> None:
    """
    Digits 0 to 9, perhaps a minus before them and a point among them: what else Python would read is not a number here.
    """
    whole, point, behind = text.removeprefix("-").partition(".")
    digits = whole + (behind if point else "0")
    written = bool(whole) and bool(behind or not point) and set(digits) <= set("0123456789")
    if written and abs(Decimal(text)) < MAX_SIZE and Decimal(text) == round(Decimal(text), 12) and len(whole) <= 15:
        assert quantity(text).as_tuple() == Decimal(text).as_tuple()
    else:
        with pytest.raises(NotAQuantity):
            quantity(text)


stated = st.sampled_from(
    ["1", "0.10", "-1", "1,2", "1e3", "", "0." + "0" * 12 + "1", "1" + "0" * 15, "\u0661", "1\n", 7, True]
)


def or_none(read: Callable[[], object]) -> object:
    try:
        return read()
    except NotAQuantity:
        return None


@given(st.lists(stated, max_size=3))
def test_many_quantities_are_read_as_each_is(values: list[str | int]) -> None:
    assert or_none(lambda: reading.quantities(values)) == or_none(lambda: [quantity(each) for each in values])
