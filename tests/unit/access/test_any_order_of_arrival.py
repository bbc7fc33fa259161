"""What a session is charged is the same in whatever order its evidence arrives, and whenever the worker looks at it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.acts import Act
from chalicelib.access.ending import Ending, correct_charge, end_as_of
from chalicelib.access.errors import AlreadyEnded, SessionChanged
from chalicelib.access.metered import subject_of
from chalicelib.access.model import AccessSession, ChargeRecord, CreditTerms, NeedPolicy, State
from chalicelib.access.returning import end_by_evidence
from chalicelib.access.uses import use_of
from chalicelib.metering.model import Event
from chalicelib.metering.service import ingest
from chalicelib.rating import Tariff
from chalicelib.rating.use_document import use_document
from tests.unit.access.shown import LONGEST, MINUTE, bike, by_hand, evidences, said
from tests.unit.access.test_need import SESSION
from tests.unit.memory import Commits, InMemory, write
from tests.unit.metering.rides import HELSINKI, START, HeadsInMemory, SubjectsInMemory
from tests.unit.rating.made import tariff

NOW = START + (LONGEST + 100) * MINUTE
NAMES = ("moving", "idle", "docked", "faulty", "heartbeat", "unlocked", "metres")
PRICES: list[dict[str, Any]] = [
    {"kind": "flat", "amount": "1.00"},
    {"kind": "need", "per": "min", "in_use": "0.60", "kept": "0.10", "grace": "0.05"},
    {"kind": "unit", "meter": "metres", "unit_amount": "0.01"},
]
METRES = [{"name": "use_seconds", "unit": "s"}, {"name": "metres", "unit": "m", "most_per_hour": "9000"}]


class OneTariff:
    """A catalogue of one tariff, where a ride that ends at once is regretted."""

    def tariff(self, *_key: object) -> Tariff:
        return tariff(*PRICES, meters=METRES, regret={"seconds": 900, "times": 5})


class OneSession:
    """As much of `access.ports.Sessions` as ends and corrects a session."""

    def __init__(self, session: AccessSession) -> None:
        self.session, self.records, self.faults = session, list[ChargeRecord](), 0

    def find(self, _session_id: str) -> AccessSession:
        return self.session

    def charge_of(self, _session: AccessSession) -> ChargeRecord | None:
        return self.records[-1] if self.records else None

    def charged(self, *_: object) -> list[ChargeRecord]:
        return []

    def ending(self, record: ChargeRecord, *_months: object) -> list[InMemory]:
        open_still = self.session.revision
        ended = write(
            SessionChanged(),
            lambda: setattr(self, "session", record.session),
            holds=lambda: self.session.revision == open_still,
        )
        return [ended, *self.correcting(record)]

    def correcting(self, record: ChargeRecord, *_months: object) -> list[InMemory]:
        return [write(SessionChanged(), lambda: self.records.append(record))]

    def telling(self, *_: object) -> InMemory:
        return write(SessionChanged())

    def reporting_fault(self, *_: object) -> InMemory:
        return write(SessionChanged(), lambda: setattr(self, "faults", self.faults + 1))


class System:
    """Takes events in and looks at the session when metering says so: at once, or later."""

    def __init__(self, session: AccessSession) -> None:
        self.sessions, self.heads = OneSession(session), HeadsInMemory()
        self.ending = Ending(
            HELSINKI,
            OneTariff(),  # type: ignore[arg-type]
            self.sessions,  # type: ignore[arg-type]
            self.heads,
            NOW,
            Commits(),
        )
        self.to_look_at = list[str]()

    def take_in(self, events: Sequence[Event]) -> None:
        subjects = SubjectsInMemory(subject_of(self.sessions.session))
        answers = ingest(
            events,
            partner_id="par-1",
            zone=HELSINKI,
            heads=self.heads,
            subjects=subjects,
            now=NOW,
            commit=Commits(),
        )
        assert all(each.refusal is None for each in answers)
        self.to_look_at += subjects.heard

    def look(self) -> None:
        for session_id in self.to_look_at:
            if end_by_evidence(session_id, ending=self.ending) is None:
                correct_charge(session_id, ending=self.ending)
        self.to_look_at.clear()

    def end(self, at: datetime) -> None:
        try:
            end_as_of(SESSION.session_id, at, ending=self.ending)
        except AlreadyEnded:
            return

    @property
    def charge(self) -> ChargeRecord:
        return self.sessions.records[-1]

    @property
    def use(self) -> dict[str, Any]:
        """As it is rated with others: with its end, its need and its credit."""
        own, need = self.sessions.session, self.charge.need
        return use_document(use_of(own, need, NOW, catalogue=OneTariff()))  # type: ignore[arg-type]


def arrived(session: AccessSession, events: Sequence[Event], order: Random) -> System:
    """They come one by one or together, the worker looks at once or later; at last the customer ends it."""
    system, left = System(session), order.sample(list(events), len(events))
    while left:
        together = order.randint(1, 3)
        system.take_in(left[:together])
        left = left[together:]
        if order.random() < 0.6:
            system.look()
    system.look()
    system.end(NOW)
    return system


@st.composite
def policies(draw: st.DrawFn) -> NeedPolicy:
    policy = bike(draw(st.none() | st.integers(5, 30)), draw(st.integers(0, 12))) if draw(st.booleans()) else by_hand()
    of = draw(st.sampled_from([None, "charge", "start_fee"]))
    return replace(policy, fault_credit=CreditTerms(of, 50) if of else None)


def inside(evidence: Sequence[Event | Act]) -> list[Event]:
    return [each for each in evidence if isinstance(each, Event) and each.time >= START]


@given(policies(), evidences(NAMES, most=7).map(inside), st.randoms(use_true_random=False))
def test_any_order_of_arrival_brings_the_same_bill(policy: NeedPolicy, events: list[Event], order: Random) -> None:
    """
    Returns, faults and use that contradict each other, told late, together or one by one.
    """
    session = replace(SESSION, policy=policy)
    one, other = arrived(session, events, order), arrived(session, events, order)

    assert (one.charge.need, one.charge.lines) == (other.charge.need, other.charge.lines)
    assert one.use == other.use
    assert bool(one.sessions.faults) >= bool(one.charge.need.faults)


@given(policies(), evidences(NAMES, most=7).map(inside), st.integers(0, LONGEST), st.randoms(use_true_random=False))
def test_a_return_counts_the_same_whether_it_is_told_before_its_customer_ends_it_or_after(
    policy: NeedPolicy, events: list[Event], end: int, order: Random
) -> None:
    """
    What was said by the end, told before it, or all after it.
    """
    session, ended_at = replace(SESSION, policy=policy), START + end * MINUTE
    before, after = System(session), System(session)
    told = [each for each in events if each.time < ended_at]
    before.take_in(told)
    before.look()
    for system in (before, after):
        system.end(ended_at)
        for each in order.sample(events, len(events)):
            system.take_in([each])
            system.look()

    assert before.charge.need == after.charge.need
    assert (before.charge.lines, before.use) == (after.charge.lines, after.use)


def test_the_ride_after_a_return_is_charged_to_nobody_in_either_order() -> None:
    """
    Twenty minutes, docked, and ten that the thing tells of beside: 1.00 and 12.00.
    """
    docked, moving = said("docked", 20), [said("moving", 0), said("moving", 30), said("idle", 40)]
    for order in ([docked, *moving], [*moving, docked], [*moving[1:], docked, moving[0]]):
        system = System(replace(SESSION, policy=bike()))
        for each in order:
            system.take_in([each])
            system.look()

        assert system.sessions.session.state is State.ENDED
        assert {line["minor"] for line in system.charge.lines} == {100, 1200}


def test_what_is_regretted_is_so_though_the_return_is_told_after_the_end() -> None:
    """
    Docked after ten minutes, ended by hand after an hour: it was over within the quarter of an hour of the window.
    """
    system = System(replace(SESSION, policy=bike()))
    system.take_in([said("moving", 0)])
    system.end(START + timedelta(hours=1))
    system.take_in([said("docked", 10)])
    system.look()

    assert system.use["ended_at"] == "2021-05-31T20:10:00.000000Z"
