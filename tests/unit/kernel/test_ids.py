"""Ids come from given randomness, and a digest is the same for the same value, however it is written."""

import random
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.ids import digest, new_id

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=8,
)


def test_an_id_names_its_kind_and_holds_128_bits_that_are_safe_in_an_address() -> None:
    assert new_id("ses", lambda count: b"\xff" * count) == "ses_" + "7" * 25 + "4"
    assert re.fullmatch(r"ses_[a-z2-7]{26}", new_id("ses", random.Random(1).randbytes))


def test_a_thousand_ids_are_a_thousand_different_ones() -> None:
    source = random.Random(1)

    assert len({new_id("ses", source.randbytes) for _ in range(1_000)}) == 1_000


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), values))
def test_the_order_of_an_objects_members_does_not_change_its_digest(value: dict[str, Any]) -> None:
    assert digest(dict(reversed(value.items()))) == digest(value)
