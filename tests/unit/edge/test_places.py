"""What is known by name and loaded when it is first asked for."""

import pytest

from chalicelib.edge.places import Registry


def test_what_has_a_name_is_brought_when_it_is_asked_for_and_no_sooner() -> None:
    brought: list[str] = []

    def bring(place: str) -> None:
        brought.append(place)
        known.data.update({"a": 1, "b": 2} if place == "first" else {"c": 3})

    known = Registry[int]({"a": "first", "b": "first", "c": "second"}, bring)

    assert brought == []
    assert known["b"] == 2
    assert known.get("a") == 1
    assert brought == ["first"]
    assert "d" not in known
    assert list(known.items()) == [("a", 1), ("b", 2), ("c", 3)]
    assert brought == ["first", "second"]


def test_what_was_put_there_meanwhile_stays() -> None:
    """A place that has what somebody else has given already is not asked for it."""
    known = Registry[int]({"a": "place"}, lambda _place: pytest.fail("was there"))
    known["a"] = 7

    assert known["a"] == 7


def test_a_name_that_its_place_does_not_have_is_unknown() -> None:
    known = Registry[int]({"a": "place"}, lambda _place: None)

    with pytest.raises(KeyError):
        known["a"]
    assert list(known) == []
    assert len(known) == 0
