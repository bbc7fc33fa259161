"""Whatever is reported, in whatever portions, and changed and taken back: it is kept as a plain dictionary keeps it.

Ids are UUIDs, also in capitals, and other texts; several subjects, senders, meters, dimensions and months lie in one
batch, with signals between them; values have decimals of all lengths; some subjects have so many events that most lie
in pages. Heads, pages and nodes are packed and read back at each step.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from chalicelib.kernel.time import Interval, Month
from chalicelib.metering.changes import brought_by
from chalicelib.metering.changing import Asked, amend, backfill, revert, void
from chalicelib.metering.errors import EventBeside, EventVoided
from chalicelib.metering.lines import line_of
from chalicelib.metering.meters import Kind, Meter, stamp_of
from chalicelib.metering.model import ALWAYS, FURTHEST_BACK, Event, Key, Subject
from chalicelib.metering.ports import Where
from chalicelib.metering.reading import Place, located, standing
from chalicelib.metering.service import Taking, take_in
from chalicelib.metering.usage import Usage, usages_of
from tests.unit.memory import Commits
from tests.unit.metering.rides import HELSINKI, START, HeadsInMemory, SubjectsInMemory, event_of

NOW = START + timedelta(hours=2)
METERS = {
    each.name: each
    for each in (
        Meter("kwh", Kind.SUM, "kwh", 1, billable=("lane",), described=("port",)),
        Meter("km", Kind.REGISTER, "km", 1, rolls_over_at=Decimal(1000), billable=("lane",)),
        Meter("on", Kind.INTERVAL, "min", 1, per="min"),
        Meter("load", Kind.TIME_WEIGHTED, "kw", 1, per="min", described=("lane",)),
        Meter("peak", Kind.MAX, "kw", 1, billable=("lane",)),
        Meter("low", Kind.MIN, "kw", 1),
        Meter("shown", Kind.LATEST, "%", 1, billable=("lane",)),
        Meter("cards", Kind.UNIQUE, "cards", 1, described=("port",), unique_by="port"),
        Meter("doors", Kind.COUNT, "times", 1),
    )
}
LANES, PORTS = st.sampled_from(["left", "rechts ä", "中"]), st.sampled_from(["1", "2", "3"])
UNITS = {name: each.unit for name, each in METERS.items()} | {"metres": "m"}
ASSET = Subject("asset/par-1/van", "par-1", UNITS, ALWAYS, None)
RIDE = Subject("ride-1", "par-1", UNITS, START - timedelta(days=395), None)
SUBJECTS = (ASSET, RIDE)
SOURCES = ("bikes", "bikes", "bikes", "Töölö/cars", "https://bikes.example/" + "s" * 190)

ids = st.integers(0, 40).flatmap(
    lambda number: st.sampled_from(
        [uuid(number), uuid(number), uuid(number), uuid(number).upper(), f"event-{number}", f"{number}.~é"]
    )
)
times = st.one_of(
    st.integers(0, 90).map(lambda minutes: START + timedelta(minutes=minutes)),  # midnight is the 60th
    st.integers(0, 3).map(lambda micro: START + timedelta(minutes=60, microseconds=micro - 2)),
    st.integers(0, 10**9).map(lambda micro: START + timedelta(microseconds=micro)),
    st.integers(1, 389).map(lambda days: START - timedelta(days=days)),
)
amounts = st.one_of(
    st.integers(0, 300).map(Decimal),
    st.sampled_from(["0.5", "0.50", "1E+2", "0.000000000001", "1234567890.123456789012", "0", "0.0", "70000"]).map(
        Decimal
    ),
)


def uuid(number: int) -> str:
    return str(UUID(int=Random(number).getrandbits(128)))


@st.composite
def events(draw: st.DrawFn) -> Event:
    name = draw(st.sampled_from(["metres", "metres", "metres", *METERS, "moving", "heartbeat"]))
    meter, value = METERS.get(name), None
    if name not in {"moving", "heartbeat"}:
        value = draw(amounts)
    if meter is not None and meter.kind is Kind.INTERVAL:
        value = Decimal(draw(st.integers(0, 1)))
    if meter is not None and meter.kind is Kind.REGISTER:
        value = Decimal(draw(st.integers(0, 999)))
    told = [each for each in (meter.dimensions if meter else ()) if each == "port" or draw(st.booleans())]
    dimensions = [(each, draw(LANES if each == "lane" else PORTS)) for each in told]
    return event_of(
        source=draw(st.sampled_from(SOURCES)),
        event_id=draw(ids),
        subject=draw(st.sampled_from([each.subject for each in SUBJECTS])),
        time=draw(times),
        name=name,
        value=value,
        dimensions=tuple(sorted(dimensions)),
    )


@dataclass
class Made:
    """A change: what it takes out, what it brings."""

    out: set[tuple[Where, Key]]
    brought: dict[tuple[Where, Key], Event]
    reverted: bool = False


@dataclass
class Plain:
    """What was reported, by key, and what was changed of it."""

    reported: dict[tuple[Where, Key], Event] = field(default_factory=dict)
    changes: dict[str, Made] = field(default_factory=dict)

    @property
    def holding(self) -> list[Made]:
        return [each for each in self.changes.values() if not each.reverted]

    def everything(self) -> dict[tuple[Where, Key], Event]:
        """Also what a change brought that was taken back."""
        return {**self.reported, **{at: each for made in self.changes.values() for at, each in made.brought.items()}}

    def alive(self) -> dict[tuple[Where, Key], Event]:
        return {**self.reported, **{at: each for made in self.holding for at, each in made.brought.items()}}

    def counting(self) -> dict[tuple[Where, Key], Event]:
        out = {at for made in self.holding for at in made.out}
        return {at: each for at, each in self.alive().items() if at not in out}

    def line(self, where: Where, event: Event) -> set[tuple[Where, Key]]:
        return {at for at, each in self.alive().items() if at[0] == where and line_of(each) == line_of(event)}


def where_of(event: Event) -> Where:
    return event.subject, Month.of(event.time, HELSINKI)


def place_of(event: Event) -> tuple[Where, Key]:
    return where_of(event), event.key


def summed(kind: Kind, own: Sequence[Event]) -> Decimal:
    values = [each.value or Decimal(0) for each in own]
    said = {
        Kind.SUM: lambda: sum(map(Decimal, values), Decimal(0)),
        Kind.COUNT: lambda: Decimal(len(values)),
        Kind.MAX: lambda: max(values),
        Kind.MIN: lambda: min(values),
        Kind.LATEST: lambda: max(own, key=stamp_of).value,
    }
    amount = said[kind]()
    assert amount is not None
    return amount


class AnyStream(RuleBasedStateMachine):
    """Events in batches, and changes, beside a plain dictionary of them."""

    def __init__(self) -> None:
        super().__init__()
        self.heads, self.plain, self.made = HeadsInMemory(), Plain(), 0
        self.heads.defined["par-1"] = dict(METERS)
        self.taking = Taking(
            HELSINKI, self.heads, SubjectsInMemory(*SUBJECTS), NOW, Commits(), lambda _n: None, behind=FURTHEST_BACK
        )

    def _send(self, batch: Sequence[Event]) -> None:
        expected = []
        for each in batch:
            first = self.plain.reported.setdefault(place_of(each), each)
            expected.append("accepted" if first is each else "duplicate" if first == each else "conflict")
        assert [str(each.outcome) for each in take_in(batch, "par-1", self.taking)] == expected

    @rule(batch=st.lists(events(), min_size=1, max_size=12))
    def report(self, batch: list[Event]) -> None:
        self._send([each.but() for each in batch])

    @rule(seed=st.integers(0, 2**32), count=st.sampled_from([30, 130, 700]), pattern=st.lists(events(), min_size=1))
    def report_a_lot(self, seed: int, count: int, pattern: list[Event]) -> None:
        random = Random(seed)
        batch = []
        for _ in range(count):
            one = random.choice(pattern)
            number = random.getrandbits(128)
            own_id = random.choice([str(UUID(int=number)), str(UUID(int=number)), f"{number}"])
            batch.append(one.but(event_id=own_id, time=one.time + timedelta(microseconds=random.randrange(10**8))))
        self._send(batch)

    @precondition(lambda self: self.plain.reported)
    @rule(data=st.data(), new=st.lists(events(), max_size=4), count=st.sampled_from([1, 2, 5, 30, 200]))
    def report_again(self, data: st.DataObject, new: list[Event], count: int) -> None:
        known = list(self.plain.reported.values())
        random = Random(data.draw(st.integers(0, 2**32)))
        batch = [*random.choices(known, k=count), *new]
        random.shuffle(batch)
        self._send([each.but() for each in batch])

    @precondition(lambda self: self.plain.reported)
    @rule(data=st.data())
    def report_otherwise(self, data: st.DataObject) -> None:
        known = data.draw(st.sampled_from(list(self.plain.reported.values())))
        other = known.but(name="metres", value=Decimal("7.77"), dimensions=())
        self._send([other, known.but()])

    def _asked(self, subject: str) -> Asked:
        self.made += 1
        return Asked(f"change-{self.made}", "par-1", subject, "for the sake of it")

    @precondition(lambda self: self.plain.reported)
    @rule(data=st.data(), instead=st.none() | events())
    def void_or_amend(self, data: st.DataObject, instead: Event | None) -> None:
        everything = self.plain.everything()
        at = data.draw(st.sampled_from(list(everything)))
        (where, key), event = at, everything[at]
        counts, asked = at in self.plain.counting(), self._asked(event.subject)
        if instead is not None:
            instead = instead.but(source=key[0], event_id=key[1], subject=event.subject, time=event.time)
        try:
            if instead is None:
                change = void(asked, where[1], key, self.taking)
            else:
                change = amend(asked, where[1], key, instead, self.taking)
        except EventVoided:
            assert not counts
            return
        assert (counts, change.voided, change.added) == (True, 1, int(instead is not None))
        out = self.plain.line(where, event)
        new = [] if instead is None else [brought_by(asked.change_id, instead)]
        self.plain.changes[asked.change_id] = Made(out, {place_of(each): each for each in new})

    @precondition(lambda self: self.plain.reported)
    @rule(data=st.data(), about=st.sampled_from(SUBJECTS), since=times, minutes=st.sampled_from([1, 50, 100, 60000]))
    def fill_anew(self, data: st.DataObject, about: Subject, since: datetime, minutes: int) -> None:
        stretch = Interval(since, min(NOW, since + timedelta(minutes=minutes)))
        drawn = data.draw(st.lists(events(), min_size=1, max_size=4))
        length = stretch.end - stretch.start
        given = {}
        for number, each in enumerate(drawn):
            one = each.but(subject=about.subject, time=stretch.start + length * number / len(drawn))
            given.setdefault(place_of(one), one)
        new, asked = list(given.values()), self._asked(about.subject)
        names = {each.name for each in new}
        alive = {at: each for at, each in self.plain.alive().items() if at[0][0] == about.subject}
        out = {at for at, each in alive.items() if stretch.holds(each.time) and each.name in names}
        beside = {(at[0], line_of(each)) for at, each in alive.items() if at not in out}
        try:
            change = backfill(asked, stretch, new, self.taking)
        except EventBeside:
            assert any((where_of(each), line_of(each)) in beside for each in new)
            return
        assert not any((where_of(each), line_of(each)) in beside for each in new)
        assert (change.voided, change.added) == (len(out & set(self.plain.counting())), len(new))
        brought = [brought_by(asked.change_id, each) for each in new]
        self.plain.changes[asked.change_id] = Made(out, {place_of(each): each for each in brought})

    @precondition(lambda self: self.plain.changes)
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        change_id = data.draw(st.sampled_from(list(self.plain.changes)))
        revert("par-1", change_id, self.taking)
        self.plain.changes[change_id].reverted = True

    @precondition(lambda self: self.plain.reported)
    @rule(data=st.data())
    def ask_where(self, data: st.DataObject) -> None:
        at = data.draw(st.sampled_from(list(self.plain.everything())))
        found = located(*at[0], at[1], lambda _log, _event: None, heads=self.heads)
        assert found.event == self.plain.everything()[at]
        assert (found.place is Place.COUNTED) == (at in self.plain.counting())

    @invariant()
    def all_is_as_it_is_in_the_dictionary(self) -> None:
        own: dict[Where, list[Event]] = defaultdict(list)
        for (where, _), each in self.plain.counting().items():
            own[where].append(each)
        for where in {where for where, _ in self.plain.everything()}:
            (usage,) = usages_of([self.heads.find(*where)], heads=self.heads)
            assert list(usage.events) == sorted(own[where], key=stamp_of)
            self._says_what_they_say(usage, own[where])
        for month in {where[1] for where in own}:
            assert set(self.heads.subjects_of(month)) >= {where[0] for where in own if where[1] == month}

    def _says_what_they_say(self, usage: Usage, own: Sequence[Event]) -> None:
        apart: dict[object, list[Event]] = defaultdict(list)
        for each in own:
            if each.value is not None:
                meter = METERS.get(each.name, Meter(each.name))
                apart[meter.series(each)].append(each)
        stands = standing(usage.head, NOW, HELSINKI, heads=self.heads)
        for series, given in apart.items():
            meter = METERS.get(given[0].name, Meter(given[0].name))
            if meter.kind in {Kind.SUM, Kind.COUNT, Kind.MAX, Kind.MIN, Kind.LATEST}:
                assert stands.amounts[series] == summed(meter.kind, given)
                assert series in usage.head.totals


AnyStream.TestCase.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
TestAnyStream = AnyStream.TestCase
