"""A device knows its asset and the time: which session a reading is about, whenever and however often it comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.metered import MeteredSubjects
from chalicelib.access.model import AccessSession, AssetUse
from chalicelib.access.signalling import MOST_CLUSTERS, Places, _placed, clusters, places_of
from chalicelib.catalogue.model import Asset
from chalicelib.metering.model import AHEAD, Event
from tests.unit.access.test_sharing import SESSION

NOON = datetime(2021, 5, 10, 12, tzinfo=UTC)
ASSET = "asset/par-1/bike-7"


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def use(name: str, start: float, end: float | None) -> AssetUse:
    return AssetUse(name, at(start), None if end is None else at(end))


def session(name: str) -> AccessSession:
    return AccessSession(name, "acc", "cus", "par-1", "bike", "bike-7", 1, "quo", NOON, {"use_seconds": "s"})


def reading(minutes: float, name: str = "moving", value: int | None = None) -> Event:
    return Event("device/lock-7", "1", "-", at(minutes), name, None if value is None else Decimal(value))


def place(event: Event, *uses: AssetUse) -> Places:
    return places_of(event, uses, {each.session_id: session(each.session_id) for each in uses}, ASSET)


USES = (use("first", 0, 30), use("second", 32, 60), use("third", 90, None))


@pytest.mark.parametrize(
    ("minutes", "own"),
    [(-1, ASSET), (0, "first"), (29, "first"), (30, ASSET), (32, "second"), (60, ASSET), (89, ASSET), (500, "third")],
)
def test_a_reading_belongs_to_the_session_that_had_the_asset_at_its_time(minutes: int, own: str) -> None:
    assert place(reading(minutes), *USES).own == own


def test_a_meter_that_the_sessions_tariff_lacks_is_the_assets() -> None:
    assert place(reading(10, "odometer", 7), *USES).own == ASSET
    assert place(reading(10, "use_seconds", 7), *USES).own == "first"


def test_well_within_a_session_nothing_is_looked_for_elsewhere() -> None:
    assert place(reading(10), *USES) == Places("first")
    assert place(reading(500), *USES) == Places("third")


def test_what_came_before_the_next_start_was_known_is_looked_for_where_it_was_counted() -> None:
    assert place(reading(33), *USES) == Places("second", (ASSET, "first"))
    assert place(reading(61), *USES) == Places(ASSET, ("second",))


Told = tuple[AssetUse, datetime, datetime | None]
"""A use, when its start was known, and when its end was told."""


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Told], datetime, list[datetime]]:
    """Sessions one after the other, some of whose ends are told late; a reading's time, and when it comes."""
    clock, told = NOON, list[Told]()
    for number in range(draw(st.integers(0, 4))):
        begin = clock + timedelta(minutes=draw(st.integers(0, 9)))
        end = begin + timedelta(minutes=draw(st.integers(0, 12)))
        said = end + timedelta(minutes=draw(st.integers(0, 60)))
        told.append((AssetUse(f"s{number}", begin, end), begin, said))
        clock = said
    time = NOON + timedelta(minutes=draw(st.integers(-10, 90)), seconds=draw(st.integers(0, 59)))
    arrivals = [time - AHEAD + timedelta(minutes=each) for each in draw(st.lists(st.integers(0, 200), min_size=1))]
    return told, time, sorted(arrivals)


def known(told: Sequence[Told], now: datetime) -> list[AssetUse]:
    """The uses as they stand at an instant."""
    return [
        AssetUse(one.session_id, one.started_at, one.ended_at if said is not None and said <= now else None)
        for one, began, said in told
        if began <= now
    ]


@given(histories())
def test_a_reading_counts_in_one_place_however_often_and_whenever_it_comes(
    given: tuple[list[Told], datetime, list[datetime]],
) -> None:
    """
    Clocks may be five minutes ahead, and an end may be told an hour after it was.
    """
    told, time, arrivals = given
    event, counted = Event("device/lock-7", "1", "-", time, "moving"), set[str]()
    for now in arrivals:
        places = place(event, *known(told, now))
        counted.add(next((name for name in places.before if name in counted), places.own))

    assert len(counted) == 1


@given(histories())
def test_what_comes_after_everything_is_known_is_where_it_belongs(
    given: tuple[list[Told], datetime, list[datetime]],
) -> None:
    told, time, _ = given
    uses = [one for one, _, _ in told]
    having = [one.session_id for one in uses if one.ended_at and one.started_at <= time < one.ended_at]

    assert place(Event("device/lock-7", "1", "-", time, "moving"), *uses).own == (having[-1] if having else ASSET)


@given(st.lists(st.integers(0, 600_000), min_size=1, max_size=60))
def test_readings_are_gathered_in_a_few_stretches_with_a_day_of_silence_between(minutes: list[int]) -> None:
    found = clusters([at(each) for each in minutes])

    assert all(any(each.start <= at(minute) <= each.end for each in found) for minute in minutes)
    assert all(later.start - earlier.end > timedelta(days=1) for earlier, later in pairwise(found))
    assert len(found) <= MOST_CLUSTERS
    shorter = [other - one for one, other in pairwise(sorted(map(at, minutes)))]
    assert len(found) == min(MOST_CLUSTERS, 1 + sum(each > timedelta(days=1) for each in shorter))


START = datetime(2021, 5, 31, 8, tzinfo=UTC)


@dataclass
class Uses:
    """An asset that was used ten times a day for 400 days; remembers how many sessions were read."""

    read: list[int] = field(default_factory=list)

    def uses_of(self, _asset: str, since: datetime, until: datetime) -> Sequence[AssetUse]:
        all_uses = (START + timedelta(minutes=144 * number) for number in range(4_000))
        found = [
            AssetUse(f"ses-{at:%j%H%M%Y}", at, at + timedelta(minutes=20)) for at in all_uses if since <= at <= until
        ]
        self.read.append(len(found))
        return found

    def many(self, session_ids: Sequence[str]) -> Mapping[str, AccessSession]:
        return {each: replace(SESSION, session_id=each) for each in session_ids}


class Enough(Exception):  # noqa: N818
    """What was read is known."""


@dataclass(frozen=True)
class Taking:
    """Where nothing was counted yet."""

    zone: str = "Europe/Helsinki"

    @property
    def heads(self) -> object:
        raise Enough


def test_two_readings_of_which_one_is_very_late_do_not_read_a_years_sessions() -> None:
    sessions = Uses()
    asset = Asset("par-1", "bike-1", "bike", "BIKE-1")
    events = [
        Event("/locks", str(number), "asset", START + timedelta(days=days), "heartbeat", None)
        for number, days in enumerate((0, 399))
    ]
    subjects = MeteredSubjects(sessions, None, None, START)  # type: ignore[arg-type]
    with pytest.raises(Enough):
        _placed(events, asset, subjects=subjects, taking=Taking())  # type: ignore[arg-type]
    assert sum(sessions.read) < 100, f"{sum(sessions.read)} sessions are read to place two readings"
