"""A refusal of a body or a query names the field at fault, and what would have been right where the shape tells."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.edge.call import convert, decode, read_query
from chalicelib.edge.refusals import BodyInvalid, QueryInvalid
from chalicelib.kernel.errors import Refusal

Number = Annotated[str, msgspec.Meta(description="decimal text", max_length=5)]


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    amounts: dict[str, Number] = {}
    by: Literal["hour", "day"] | None = None


class One(msgspec.Struct, tag_field="kind", tag="one"):
    value: int = 0


class Two(msgspec.Struct, tag_field="kind", tag="two"):
    value: int = 0


class Body(msgspec.Struct, forbid_unknown_fields=True, rename={"renamed": "named"}):
    need: dict[str, Number] = {}
    rows: list[Inner] = []
    named_rows: dict[str, Inner] = {}
    kinds: list[One | Two] = []
    names: dict[Annotated[str, msgspec.Meta(min_length=2)], str] = {}
    renamed: Literal["a", "b"] = "a"


def told(body: object) -> dict[str, Any]:
    with pytest.raises(BodyInvalid) as refused:
        decode(msgspec.json.encode(body), Body)
    return refused.value.facts


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"need": {"use_seconds": 2400}}, "/need/use_seconds"),
        ({"need": {"km": "5", "use_seconds": 2400, "more": "1"}}, "/need/use_seconds"),
        ({"need": {"a/b~": None}}, "/need/a~1b~0"),
        ({"need": 5}, "/need"),
        ({"rows": [{}, {"amounts": {"km": "123456"}}]}, "/rows/1/amounts/km"),
        ({"named_rows": {"x": {}, "y": {"amounts": {"km": 1}}}}, "/named_rows/y/amounts/km"),
        ({"named_rows": {"x": {"b": 1}}}, "/named_rows/x/b"),
        ({"names": {"x": "too short"}}, "/names"),
        ({"nede": {}}, "/nede"),
        ([], ""),
    ],
)
def test_the_field_at_fault_is_pointed_at_members_of_a_map_too(body: object, pointer: str) -> None:
    assert told(body)["pointer"] == pointer


@example({}, 0, -(2**63) - 1)  # JSON's reader calls it a float, what it has read is an integer
@given(st.dictionaries(st.text(max_size=3), st.text(max_size=5), max_size=9), st.integers(0, 9), st.integers())
def test_of_any_map_the_first_member_at_fault_is_named(good: dict[str, str], place: int, bad: int) -> None:
    rows = [(name, text) for name, text in good.items() if name != "bad"]
    members = dict([*rows[:place], ("bad", bad), *rows[place:], ("worse", None)])

    assert told({"need": members})["pointer"] == "/need/bad"


def test_a_number_where_text_is_wanted_is_told_what_is_wanted() -> None:
    facts = told({"need": {"use_seconds": 2400}})

    assert facts == {
        "pointer": "/need/use_seconds",
        "reason": "Expected `str`, got `int`",
        "wanted": "decimal text",
    }


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        ({"named": "c"}, ["a", "b"]),
        ({"rows": [{"by": "week"}]}, ["day", "hour"]),
        ({"named_rows": {"x": {"by": "week"}}}, ["day", "hour"]),
        ({"kinds": [{"kind": "three"}]}, ["one", "two"]),
    ],
)
def test_a_value_that_is_none_of_the_valid_ones_is_told_these(body: object, valid: list[str]) -> None:
    assert told(body)["one_of"] == valid


def test_the_valid_values_of_a_query_and_of_a_row_of_text_are_told_too() -> None:
    with pytest.raises(QueryInvalid) as query:
        read_query({"by": "week"}, Inner)
    with pytest.raises(BodyInvalid) as row:
        convert({"by": "week"}, Inner)

    for facts in (query.value.facts, row.value.facts):
        assert (facts["pointer"], facts["one_of"]) == ("/by", ["day", "hour"])


def test_what_comes_behind_the_field_at_fault_may_be_anything() -> None:
    for raw in (b'{"need": {"a": 1}, ', b'{"need": {"a": 1}} trailing', b'{"need": {"a": 1}, "rows": ' + b"[" * 5000):
        with pytest.raises(Refusal):
            decode(raw, Body)
