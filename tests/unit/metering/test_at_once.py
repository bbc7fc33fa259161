"""What is done for many events at once says what is said by doing it for one after the other."""

import base64
import json
import re
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.time import Month, format_instant, micros
from chalicelib.metering import fold as folding
from chalicelib.metering.columns import columns_of, decimals_of, whole
from chalicelib.metering.fold import fold
from chalicelib.metering.grouping import grouped
from chalicelib.metering.head import Erased, Head, NodeRef, pack_head
from chalicelib.metering.held_ids import held, held_ids, text_of, texts_of
from chalicelib.metering.meters import Kind, Limit, Meter, Total, surely_plausible
from chalicelib.metering.model import AHEAD, BEHIND, Answer, Event, Subject, check_plausible, events_of
from chalicelib.metering.page_refs import PageRef, prints_of, suspected
from chalicelib.metering.reference import read_reference, reference_of, references_of
from tests.unit.metering.rides import MAY, RIDE, START, event_of
from tests.unit.metering.test_packing import events, ids, words

meters = st.builds(
    Meter,
    name=st.sampled_from(["use_seconds", "metres", "moving"]),
    kind=st.sampled_from([Kind.SUM, Kind.COUNT, Kind.MAX, Kind.LATEST, Kind.REGISTER, Kind.INTERVAL]),
    unit=st.just("m"),
    billable=st.sampled_from([(), ("zone",)]),
    least=st.none() | st.just(Decimal(1)),
    most=st.none() | st.just(Decimal(60)),
    rolls_over_at=st.none() | st.just(Decimal(50)),
    described=st.sampled_from([(), ("colour",)]),
)
defined = st.lists(meters, max_size=3).map(lambda found: {each.name: each for each in found})
limits = st.dictionaries(
    st.sampled_from(["use_seconds", "metres"]),
    st.builds(Limit, st.integers(1, 300).map(Decimal), st.booleans()),
    max_size=2,
)
happened = st.builds(
    event_of,
    source=st.sampled_from(["bikes", "cars"]),
    event_id=st.integers(0, 12).map(str) | st.uuids().map(str),
    subject=st.just(RIDE.subject),
    time=st.integers(-600, 7200).map(lambda seconds: START + timedelta(seconds=seconds)),
    name=st.sampled_from(["use_seconds", "metres", "moving"]),
    value=st.none() | st.decimals(0, 100, places=3),
    dimensions=st.sampled_from([(), (("zone", "a"),), (("zone", "b"),), (("colour", "red"),)]),
)


def outcome_of(act: Callable[[], object]) -> object:
    """What comes back, or what is raised."""
    try:
        return act()
    except Refusal as refusal:
        return type(refusal), refusal.facts


@given(
    st.lists(happened, max_size=12),
    st.lists(happened, min_size=1, max_size=12),
    defined,
    limits,
    st.dictionaries(st.sampled_from(["use_seconds", "metres"]), st.integers(0, 200).map(Decimal), max_size=2),
)
def test_what_is_counted_at_once_is_what_is_counted_one_by_one(
    before: list[Event], new: list[Event], own: dict[str, Meter], bounds: dict[str, Limit], most: dict[str, Decimal]
) -> None:
    head, _ = fold(Head(RIDE.subject, MAY, meters=own, limits=bounds), before)
    at_once = fold(head, new, most)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "_fold_at_once", lambda *_: None)
        one_by_one = fold(head, new, most)

    assert at_once[0].totals == one_by_one[0].totals
    assert at_once[0].tail.events(RIDE.subject) == one_by_one[0].tail.events(RIDE.subject)
    assert at_once[0].version == one_by_one[0].version
    assert list(map(said, at_once[1])) == list(map(said, one_by_one[1]))


def said(answer: Answer) -> tuple[object, ...]:
    refusal = answer.refusal
    return answer.event, answer.outcome, type(refusal), refusal and refusal.facts


@given(st.lists(happened, min_size=1, max_size=6), defined, st.sampled_from(["s", "min", "m"]), st.integers(-10, 7200))
def test_what_is_surely_plausible_is_refused_by_no_single_check(
    given_: list[Event], own: dict[str, Meter], unit: str, later: int
) -> None:
    about = Subject(RIDE.subject, "par_1", {"use_seconds": unit, "metres": "m"}, START, None)
    now = START + timedelta(seconds=later)
    if not surely_plausible(
        given_, {each.name for each in given_}, about, own, micros(now - BEHIND), micros(now + AHEAD)
    ):
        return
    for event in given_:
        meter = own.get(event.name)
        check_plausible(event, about, now, of_time=meter is None or meter.kind is Kind.SUM)
        if meter is not None and event.value is not None:
            meter.check_value(event)


def test_an_ordinary_event_is_surely_plausible_and_one_at_the_bounds_is_too() -> None:
    """
    The shortcut is worth something only if it is taken.
    """
    now = START + BEHIND
    edge = [Event("b", "1", "ride-1", at, "metres", Decimal(1)) for at in (START, now, now + AHEAD)]

    def surely(at: datetime) -> bool:
        return surely_plausible(edge, {"metres"}, RIDE, {}, micros(at - BEHIND), micros(at + AHEAD))

    assert surely(now)
    assert not surely(now + timedelta(seconds=1))


@given(st.lists(st.none() | st.decimals(0, 10**15, allow_nan=False, allow_infinity=False), min_size=1, max_size=8))
def test_whole_numbers_say_what_the_decimals_say(values: list[Decimal | None]) -> None:
    numbers, scale = whole(values)

    assert scale == max([0, *(decimals_of(value) for value in values if value is not None)])
    for number, value in zip(numbers, values, strict=True):
        assert number == (None if value is None else Fraction(value) * 10**scale)


@given(st.lists(ids | st.uuids().map(lambda each: str(each).upper()), max_size=30) | st.lists(st.uuids().map(str)))
def test_ids_are_held_and_told_all_at_once_as_one_by_one(given_: list[str]) -> None:
    assert held_ids(given_) == [held(each) for each in given_]
    assert texts_of(held_ids(given_)) == [text_of(held(each)) for each in given_] == given_


@given(st.lists(events, max_size=5))
def test_references_hold_source_id_subject_and_time_and_are_read_back(given_: list[Event]) -> None:
    told = references_of(given_)

    for event, reference in zip(given_, told, strict=True):
        said = [event.source, event.event_id, event.subject, format_instant(event.time)]
        before = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
        assert reference == reference_of(event)
        assert re.fullmatch(r"evr_[\w-]+\.~?[\w-]+\.-?[0-9]+", reference, re.ASCII)
        assert read_reference(reference) == read_reference(f"evr_{before}") == tuple(said)


@given(st.lists(st.tuples(words, ids), max_size=40), st.lists(st.tuples(words, ids), max_size=40))
def test_prints_are_three_bytes_of_a_checksum_and_no_page_with_the_event_is_missed(
    there: list[tuple[str, str]], asked: list[tuple[str, str]]
) -> None:
    ref = PageRef(b"d" * 15, len(there), prints_of(there))
    sums = [zlib.crc32("\0".join(key).encode()) & 0xFFFFFF for key in there]

    assert ref.prints == b"".join(each.to_bytes(3, "big") for each in sums)
    alike = [number for number, key in enumerate(asked) if zlib.crc32("\0".join(key).encode()) & 0xFFFFFF in sums]
    assert suspected([ref], asked) == ([(ref, alike)] if alike else [])
    assert suspected([PageRef(b"e" * 15, 0, b"")], asked) == []


@given(
    st.text(max_size=3) | st.just("x" * 257),
    st.text(max_size=3) | st.just("y" * 257),
    st.sampled_from(["", "s", "s" * 256, "s" * 257]),
    st.none() | st.decimals(-5, 5, places=1),
    st.sampled_from([None, "", "p", "p" * 257]),
    st.sampled_from([(), (("a", "b"),), (("a", ""),), (("a", "b"),) * 9]),
)
def test_events_that_are_made_at_once_are_none_that_would_be_refused_by_itself(  # noqa: PLR0917 -- attributes
    source: str,
    event_id: str,
    subject: str,
    value: Decimal | None,
    place_id: str | None,
    dimensions: tuple[tuple[str, str], ...],
) -> None:
    attributes: dict[str, Any] = {
        "source": source,
        "event_id": event_id,
        "subject": subject,
        "time": START,
        "name": "metres",
        "value": value,
        "place_id": place_id,
        "dimensions": dimensions,
    }
    made = outcome_of(lambda: Event(**attributes))
    at_once = events_of([source], [event_id], [subject], [START], ["metres"], [value or Decimal(0)], [dimensions])

    if isinstance(made, Event):
        assert [each.but(value=value, place_id=place_id) for each in at_once or ()] == [made]
        assert [type(each) for each in at_once or ()] == [Event]
        with pytest.raises(AttributeError):
            made.source = "another"  # type: ignore[misc] -- it is as frozen as any
    elif place_id is None or len(place_id) <= len("p"):
        assert at_once is None


@given(
    st.lists(st.integers(0, 62 * 24 * 60), min_size=1, max_size=8),
    st.sampled_from(["Europe/Helsinki", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "America/Asuncion"]),
)
def test_each_event_is_grouped_under_the_month_that_the_zone_sees(minutes: list[int], zone: str) -> None:
    """
    A zone may be off by half an hour or a quarter, so that two months share an hour of UTC.
    """
    begin = datetime(2021, 9, 25, tzinfo=UTC)
    given_ = [Event("b", str(n), "s", begin + timedelta(minutes=each), "m") for n, each in enumerate(minutes)]
    found = {(number, group.where[1]) for group in grouped(given_, zone) for number in group.numbers}

    assert found == {(number, Month.of(event.time, zone)) for number, event in enumerate(given_)}


def test_the_bytes_of_a_head_stay_the_same() -> None:
    at = datetime(2021, 5, 3, 12, tzinfo=UTC)
    units = {"metres": "m", "use_seconds": "s"}
    about = Subject("ride-1", 'par_"ä\n\x1f', units, at, at.replace(day=4), {"metres": Decimal("1.50")})
    zone = (("zone", "ä/1"),)
    own = {
        "metres": Meter("metres", Kind.SUM, "m", 2, ("zone",), Decimal("0.10"), Decimal("1E+3")),
        "km": Meter("km", Kind.REGISTER, "km", 1, rolls_over_at=Decimal(100)),
    }
    totals = {
        ("metres", ()): Total(Decimal("12.50")),
        ("metres", zone): Total(Decimal("1E+2")),
        ("temp", ()): Total(Decimal("0.05"), (5, "a", "b")),
        ("z", ()): Total(Decimal(0)),
    }
    tail = columns_of(
        Event(
            "/bikes",
            f"{n:08x}-0000-4000-8000-00000000000{n}",
            "ride-1",
            at.replace(minute=n),
            "metres",
            Decimal(n) / 4,
            None if n % 2 else "p",
            zone if n % 3 else (),
        )
        for n in range(9)
    )
    pages, nodes = (PageRef(b"p" * 15, 2, b"abcdef"),), (NodeRef(b"n" * 15, 1, 50),)
    bounds = {"metres": Limit(Decimal("10.0"), hard=True)}
    full = Head("ride-1", MAY, 7, about, own, totals, tail, pages, nodes, None, bounds)
    only = columns_of([Event("/b", "x", "ride-1", at, "metres", Decimal(3))])
    bare = Head("ride-1", MAY, 1, totals={("metres", ()): Total(Decimal(3))}, tail=only, erased=Erased(3, "d"))

    assert [sha256(pack_head(each, 10**6)).hexdigest() for each in (full, bare)] == [
        "32e0cbcebe217176e62aec66072b4ce3458cc25f0064a752dfabf8d9ce73d8c3",
        "c9de225a3c784730ea6da88e138b1bdc0dbec359e0f3fc44e62b89a70a254934",
    ]
