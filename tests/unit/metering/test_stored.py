"""What is done on the bytes of a head's newest events is what is done on the events themselves."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.metering.columns import columns_of, joined
from chalicelib.metering.held_ids import held_ids
from chalicelib.metering.model import Event
from chalicelib.metering.packing import pack, unpack
from chalicelib.metering.stored import Stored, extended, packed_of, stored
from tests.unit.metering.rides import event_of
from tests.unit.metering.test_packing import sets

AT = datetime(2021, 5, 31, 20, 42, tzinfo=UTC)
alike = st.builds(
    event_of,
    source=st.sampled_from(["bikes"] * 9 + ["cars"]),
    event_id=st.integers(0, 2**128 - 1).map(lambda number: str(UUID(int=number))) | st.sampled_from(["x", "y"]),
    subject=st.just("ride-1"),
    time=st.integers(0, 400).map(lambda n: AT + timedelta(seconds=n))
    | st.integers(0, 400_000).map(lambda n: AT + timedelta(milliseconds=n))
    | st.integers(0, 10**8).map(lambda n: AT + timedelta(microseconds=n)),
    dimensions=st.sampled_from([()] * 9 + [(("lane", "left"),)]),
    name=st.sampled_from(["metres"] * 9 + ["use_seconds"]),
    value=st.integers(0, 300).map(Decimal) | st.decimals(0, 10**4, places=2) | st.none(),
)
several = st.lists(alike, max_size=9, unique_by=lambda each: each.key)


def uuid(number: int) -> str:
    return str(UUID(int=number))


def ids_of(keys: list[tuple[str, str]]) -> list[str | bytes]:
    return held_ids([event_id for _, event_id in keys])


def seconds(*numbers: int) -> list[Event]:
    """Events that many seconds after a time, alike."""
    return [
        Event("bikes", uuid(number), "ride-1", AT + timedelta(seconds=number), "metres", Decimal(number))
        for number in numbers
    ]


@settings(max_examples=500)
@given(several | sets, several, st.booleans())
@example(seconds(1, 2), seconds(3, 300), False)
@example(seconds(1, 2), seconds(3, 255), False)
@example(seconds(1, 300), seconds(301), False)
@example(seconds(5), seconds(5, 6), False)
def test_later_events_behind_those_that_are_stored_are_the_bytes_of_all_of_them(
    before: list[Event],
    new: list[Event],
    later: bool,  # noqa: FBT001 -- an example gives all by place
) -> None:
    if later and before:
        last = max(each.time for each in before)
        new = [Event(*each.key, "ride-1", last + (each.time - AT), each.name, each.value) for each in new]
    whole = pack(columns_of(before))
    after = extended(stored(whole), columns_of(new))

    assert packed_of(after) == pack(joined(unpack(whole), columns_of(new)))
    assert after == joined(unpack(whole), columns_of(new)) or isinstance(after, Stored)
    assert len(after) == len(before) + len(new)
    assert after.events("ride-1") == joined(unpack(whole), columns_of(new)).events("ride-1")
    assert stored(packed_of(after)).events("ride-1") == after.events("ride-1")


@settings(max_examples=500)
@given(several | sets, several)
@example([each.but(source=source) for source in ("bikes", "cars") for each in seconds(1, 2)], seconds(2))
@example([*seconds(1, 2), *(each.but(name="use_seconds") for each in seconds(3, 4))], seconds(2, 5))
@example([*seconds(1), *(each.but(dimensions=(("lane", "left"),)) for each in seconds(2))], seconds(2))
@example(seconds(1, 2, 3), [Event("cars", uuid(2), "ride-1", AT, "metres"), *seconds(3)])
@example(
    [
        Event("bikes", uuid(number), "ride-1", AT, "metres", Decimal(1))
        for number in (0xFF, 0xFF << 120, (1 << 128) - 1)
    ],
    [Event("bikes", uuid((0xFF << 120) | 0), "ride-1", AT, "metres"), Event("bikes", uuid(0xFFFF), "ride-1", AT, "m")],
)
def test_an_event_is_found_among_those_that_are_stored_without_reading_them(
    there: list[Event], asked: list[Event]
) -> None:
    packed = pack(columns_of(there))
    keys = [each.key for each in [*there[:3], *asked]]
    found = stored(packed).places_of(keys, ids_of(keys))

    assert found == unpack(packed).places_of(keys, ids_of(keys))
    assert list(stored(packed).keys()) == list(unpack(packed).keys())
    for place in found.values():
        assert stored(packed).event(place, "ride-1") == unpack(packed).event(place, "ride-1")


def test_most_heads_are_never_read() -> None:
    """
    The short way is worth something only if it is taken.
    """
    before = stored(pack(columns_of(seconds(1, 5, 9))))
    after = extended(before, columns_of(seconds(12, 70)))

    assert isinstance(before, Stored)
    assert isinstance(after, Stored)
    new = [("bikes", uuid(4))]
    assert not before.places_of(new, ids_of(new))
    assert [each.event(1, "ride-1") for each in (before, after)] == seconds(5, 5)


def test_what_is_stored_is_as_frozen_as_any_columns_and_equal_to_them() -> None:
    whole = pack(columns_of(seconds(1, 5)))

    assert stored(whole) == stored(whole) == unpack(whole) == stored(whole)
    assert stored(whole) != unpack(pack(columns_of(seconds(1, 6))))
    assert not hasattr(stored(whole), "colour")
