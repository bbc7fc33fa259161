"""What is packed comes back as it was, in the same bytes wherever it is packed."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.time import Month
from chalicelib.metering.columns import Columns, columns_of, merged
from chalicelib.metering.head import Erased, Head, NodeRef, pack_head, unpack_head
from chalicelib.metering.meters import Kind, Limit, Meter, Total, stamp_of
from chalicelib.metering.model import ALWAYS, Event, Subject
from chalicelib.metering.packing import digest_of, pack, squeeze, unpack, unsqueeze
from chalicelib.metering.page_refs import PageRef, pack_refs, page_ref, print_of, suspected, unpack_refs
from tests.unit.metering.rides import event_of

MAY = Month(2021, 5)
words = st.text(min_size=1, max_size=12)
ids = st.one_of(st.uuids().map(str), words, st.integers(0, 10**6).map(lambda number: f"event-{number:06d}"))
instants = st.integers(-(10**15), 10**16).map(lambda number: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(0, 0, number))
seconds = instants.map(lambda each: each.replace(microsecond=0))
values = st.one_of(
    st.none(),
    st.integers(0, 10**15 - 1).map(Decimal),
    st.decimals(0, 10**9, places=12, allow_nan=False, allow_infinity=False),
)
dimensions = st.dictionaries(words, words, max_size=3).map(lambda given: tuple(sorted(given.items())))
events = st.builds(
    event_of,
    source=st.sampled_from(["bikes", "https://bikes/7", "Töölö\n"]),
    event_id=ids,
    subject=st.just("ride-1"),
    time=st.one_of(instants, seconds),
    name=st.sampled_from(["use_seconds", "moving", "metres"]),
    value=values,
    place_id=st.one_of(st.none(), words),
    dimensions=dimensions,
)
sets = st.lists(events, max_size=40, unique_by=lambda each: each.key)


@given(sets)
def test_events_come_back_in_order_of_time(given_: list[Event]) -> None:
    packed = pack(columns_of(given_))

    assert unpack(packed).events("ride-1") == sorted(given_, key=stamp_of)
    assert unpack(unsqueeze(squeeze(packed))) == unpack(packed)


@given(sets, st.randoms(use_true_random=False), st.integers(0, 40))
def test_the_same_events_are_the_same_bytes_in_whatever_order_and_portions_they_came(
    given_: list[Event],
    shuffling: object,
    cut: int,
) -> None:
    other = list(given_)
    shuffling.shuffle(other)  # type: ignore[attr-defined]
    at_once = pack(columns_of(given_))

    portions = merged(unpack(pack(columns_of(other[:cut]))), other[cut:])
    assert unpack(pack(portions)).events("ride-1") == unpack(at_once).events("ride-1")
    assert pack(columns_of(unpack(at_once).events("ride-1"))) == at_once
    assert pack(columns_of(other)) == at_once
    assert digest_of(pack(columns_of(other))) == digest_of(at_once)


def test_the_bytes_of_the_format_are_what_they_were() -> None:
    """
    What is stored for years is read for years: another digest here is another format, and needs a reader of this one.
    """
    at = datetime(2021, 5, 31, 20, 42, tzinfo=UTC)
    given_ = [
        Event("bikes", str(UUID(int=number)), "ride-1", at + timedelta(seconds=number), "metres", Decimal(number))
        for number in range(3)
    ]

    assert pack(columns_of(given_)).hex() == (
        "53005b332c5b2262696b6573225d2c5b226d6574726573225d2c5b6e756c6c5d2c5b5b5d5d2c5b315d2c313632323439333732303030"
        "303030302c313030303030302c2242222c302c5b2242222c66616c73655d5d"
        + "00" * 16
        + "00" * 15
        + "01"
        + "00" * 15
        + "02"
        "000101" + "000102"
    )
    assert unsqueeze(squeeze(pack(columns_of(given_)))) == pack(columns_of(given_))


def of_uuids(numbers: Iterable[int]) -> Columns:
    """Events with such ids."""
    at = datetime(2021, 5, 31, 20, 42, tzinfo=UTC)
    return columns_of(
        Event("bikes", str(UUID(int=each)), "ride-1", at + timedelta(seconds=n), "metres", Decimal(n % 7))
        for n, each in enumerate(numbers)
    )


def test_random_ids_stay_as_they_are_and_what_is_around_them_is_compressed() -> None:
    random = Random(3)
    columns = of_uuids(random.getrandbits(128) for _ in range(60))
    packed = pack(columns)
    squeezed = squeeze(packed, columns.random)

    assert columns.random in squeezed
    assert unsqueeze(squeezed) == packed
    assert len(squeezed) < len(squeeze(packed))  # no larger than where all of it is compressed


@pytest.mark.parametrize("shift", [0, 64, 112])
def test_ids_that_have_an_end_in_common_are_compressed(shift: int) -> None:
    """
    As UUIDs that are made of a time have.
    """
    columns = of_uuids(number << shift for number in range(60))
    packed = pack(columns)

    assert not columns.random
    assert unsqueeze(squeeze(packed, columns.random)) == packed
    assert len(squeeze(packed, columns.random)) < len(packed) // 2


def test_twenty_four_events_with_random_ids_take_about_twenty_bytes_each() -> None:
    at = datetime(2021, 5, 31, 20, 42, tzinfo=UTC)
    given_ = [
        Event("bikes", str(UUID(int=hash((number, "x")) % 2**128)), "r", at + timedelta(seconds=37 * number), "metres")
        for number in range(24)
    ]

    assert len(squeeze(pack(columns_of(given_)))) < 24 * 22


@given(sets, st.lists(events, max_size=5))
def test_an_event_of_a_page_is_always_suspected_there(given_: list[Event], others: list[Event]) -> None:
    ref = page_ref(columns_of(given_), pack(columns_of(given_)))

    for each in given_:
        assert suspected([ref], [each.key]) == [(ref, [0])]
    for each in others:
        assert suspected([ref], [each.key]) in ([], [(ref, [0])])
    assert ref.count == len(given_)
    assert unpack_refs(pack_refs([ref, ref])) == (ref, ref)


amounts = st.decimals(0, 10**13, places=6, allow_nan=False)
totals = st.dictionaries(
    st.tuples(words, dimensions),
    st.one_of(amounts.map(Total), st.builds(Total, amounts, st.tuples(st.integers(0, 2**60), words, words))),
    max_size=5,
)
meters = st.builds(
    Meter,
    name=words,
    kind=st.sampled_from(list(Kind)),
    unit=words,
    version=st.integers(1, 99),
    billable=st.lists(words, max_size=2).map(tuple),
    least=st.one_of(st.none(), amounts),
    unique_by=st.one_of(st.none(), words),
    per=st.sampled_from([None, "h"]),
    described=st.lists(words, max_size=2).map(tuple),
)
subjects = st.one_of(
    st.none(),
    st.builds(Subject, st.just("ride-1"), words, st.dictionaries(words, words), instants, st.none() | instants),
)
digests = st.binary(min_size=15, max_size=15)
refs = st.builds(
    lambda digest, prints: PageRef(digest, len(prints), b"".join(prints)),
    digests,
    st.lists(st.builds(print_of, st.tuples(words, words)), max_size=4),
)
nodes = st.builds(NodeRef, digests, st.integers(0, 5), st.integers(0, 10**6))


def filled(*event_ids: str) -> Head:
    """With an event a minute."""
    begin = datetime(2021, 5, 2, tzinfo=UTC)
    sent = [
        Event("bikes", each, "ride-1", begin + timedelta(minutes=minute), "metres", Decimal(minute))
        for minute, each in enumerate(event_ids)
    ]
    return Head("ride-1", MAY, tail=columns_of(sent))


@given(st.lists(st.uuids().map(str), min_size=8, max_size=40, unique=True), st.integers(0, 400))
def test_a_head_of_uuids_is_compressed_where_that_makes_room_and_not_where_it_hardly_can(
    event_ids: list[str], over: int
) -> None:
    """
    What is beside the ids takes up 130 to 260 bytes here, of which a fifth is saved.
    """
    plain, least = (len(pack_head(filled(*event_ids), room)) for room in (10**6, 1))
    packed = pack_head(filled(*event_ids), plain - over)

    assert least == plain
    assert len(packed) <= plain
    assert (len(packed) == plain) == (over == 0 or over * 4 >= plain - 9 - 16 * len(event_ids))


def test_a_head_without_uuids_is_always_compressed_where_there_is_no_room() -> None:
    """
    Ids that are counted up, and totals of many series, are saved almost whole.
    """
    counted = filled(*(f"event-{number:06d}" for number in range(60)))
    series = Head("ride-1", MAY, totals={(f"metres_{number}", ()): Total(Decimal(number)) for number in range(60)})
    for head in (counted, series):
        assert len(pack_head(head, 1)) < len(pack_head(head, 10**6)) / 2


@given(
    st.builds(
        Head,
        subject=st.just("ride-1"),
        month=st.just(MAY),
        version=st.integers(1, 10**6),
        about=subjects,
        meters=st.lists(meters, max_size=3).map(lambda given_: {each.name: each for each in given_}),
        totals=totals,
        tail=sets.map(columns_of).map(pack).map(unpack),
        pages=st.lists(refs, max_size=3).map(tuple),
        nodes=st.lists(nodes, max_size=3).map(tuple),
        erased=st.none() | st.builds(Erased, st.integers(0, 10**6), words),
        limits=st.dictionaries(words, st.builds(Limit, amounts, st.booleans()), max_size=2),
    )
)
def test_a_head_comes_back_as_it_was(head: Head) -> None:
    assert unpack_head("ride-1", MAY, head.version, pack_head(head)) == head


def test_one_event_is_packed_as_several_are() -> None:
    """
    Most subjects of a wide batch have one: its bytes are written at once.
    """
    number, value = 0x0123456789ABCDEF0123456789ABCDEF, Decimal("70.5")
    one = event_of(
        source="bikes", event_id=str(UUID(int=number)), subject="ride-1", time=ALWAYS, name="metres", value=value
    )
    header = b'[1,["bikes"],["metres"],[null],[[]],[1],0,1000000,"B",1,["H",false]]'

    packed = pack(columns_of([one]))

    size, step, units = len(header).to_bytes(2, "little"), b"\0", (705).to_bytes(2, "little")
    assert packed == b"".join([size, header, number.to_bytes(16), step, units])
    assert unpack(packed).events("ride-1") == [one]
