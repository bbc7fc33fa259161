"""JSON as it is stored has one text for a value, exactly that of the standard, and is read back as it was."""

import json
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.text import canonical, compact, read

texts = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=8,
)


@given(values)
def test_the_text_is_the_one_that_pythons_own_json_writes(value: Any) -> None:  # noqa: ANN401 -- any JSON value
    """
    Digests of proofs are of this text, and are to be checked with whatever writes JSON.
    """
    python = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert canonical(value) == python.encode()


@given(values)
def test_what_is_written_is_read_back(value: Any) -> None:  # noqa: ANN401 -- any JSON value
    assert read(canonical(value)) == read(canonical(value).decode()) == read(compact(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_fraction_is_read_exactly(fraction: Decimal) -> None:
    text = f"{fraction:f}"

    assert str(read(text)) == (str(int(text)) if "." not in text else str(Decimal(text)))


@given(values, values)
def test_different_values_have_different_texts(one: Any, other: Any) -> None:  # noqa: ANN401 -- any JSON value
    assert one == other or canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "value", [1.0, [1, 2.5], {"a": {"b": (0.1,)}}, Decimal(1), [datetime(2021, 5, 1, tzinfo=UTC)], {"a": b"x"}, {1}]
)
def test_a_float_and_whatever_else_json_has_no_exact_text_for_is_refused(value: object) -> None:
    for write in (canonical, compact):
        with pytest.raises(TypeError):
            write(value)


def test_the_text_is_utf_8_without_spaces() -> None:
    assert canonical({"b": "Töölö", "a": [1, None]}) == '{"a":[1,null],"b":"Töölö"}'.encode()


def test_names_of_members_are_texts() -> None:
    with pytest.raises(TypeError):
        canonical({1: "one"})


def test_the_order_in_which_members_were_added_makes_no_difference() -> None:
    assert canonical(OrderedDict(b=1, a=2)) == canonical({"a": 2, "b": 1}) == b'{"a":2,"b":1}'
