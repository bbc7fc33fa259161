"""What charge records say is held against what metering holds now: what is missing or broken is seen and named."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.access.cutting import cut_at, until
from chalicelib.access.ending import sealed
from chalicelib.access.metered import subject_of
from chalicelib.access.model import AccessSession, ChargeRecord, NeedPolicy
from chalicelib.access.need import need_of
from chalicelib.access.rerated import Basis, Rerated, Rerating, charged_minor, rerated
from chalicelib.metering.changing import Asked, void
from chalicelib.metering.erasing import erase
from chalicelib.metering.errors import PageMissing
from chalicelib.metering.head import Head
from chalicelib.metering.meters import Total
from chalicelib.metering.model import Event
from chalicelib.metering.ports import BlockKey
from chalicelib.metering.service import Taking, ingest
from chalicelib.metering.usage import usages_of
from tests.unit.access.shown import LONGEST, MINUTE, by_hand, evidences, said
from tests.unit.access.test_any_order_of_arrival import NAMES, NOW, OneTariff, System, arrived, inside, policies
from tests.unit.access.test_need import SESSION
from tests.unit.memory import Commits
from tests.unit.metering.rides import HELSINKI, MAY, START, HeadsInMemory, SubjectsInMemory

END = START + LONGEST * MINUTE


class Known:
    """Of `access.ports.Sessions` what rating anew asks for."""

    def __init__(self, *sessions: AccessSession, newest: ChargeRecord | None = None) -> None:
        self.sessions, self.newest = {each.session_id: each for each in sessions}, newest

    def many(self, names: Sequence[str]) -> Mapping[str, AccessSession]:
        return {name: self.sessions[name] for name in names if name in self.sessions}

    def charge_of(self, _session: AccessSession) -> ChargeRecord | None:
        return self.newest


class Torn(HeadsInMemory):
    """Says of a page that is not there what the store says."""

    def blocks(self, wanted: Sequence[BlockKey]) -> dict[BlockKey, bytes]:
        if any(each not in self.shelf for each in wanted):
            raise PageMissing
        return super().blocks(wanted)


def by(heads: HeadsInMemory, known: Known) -> Rerating:
    return Rerating(HELSINKI, OneTariff(), known, heads, NOW)  # type: ignore[arg-type]


def looked_at(system: System, newest: ChargeRecord | None = None) -> Rerated:
    (found,) = rerated([system.charge], by(system.heads, Known(system.sessions.session, newest=newest)))
    return found


def ended(*events: Event, policy: NeedPolicy | None = None) -> System:
    """A ride of a hundred minutes of which the events were told before its end."""
    system = System(replace(SESSION, policy=policy or by_hand()))
    system.take_in(events)
    system.end(END)
    return system


@given(policies(), evidences(NAMES, most=7).map(inside), st.randoms(use_true_random=False))
def test_what_is_charged_by_all_that_was_told_is_the_same_whatever_came_and_in_whatever_order(
    policy: NeedPolicy, events: list[Event], order: Random
) -> None:
    system = arrived(replace(SESSION, policy=policy), events, order)
    system.look()

    assert looked_at(system) == Rerated(system.charge, Basis.SAME, charged_minor(system.charge))


@given(policies(), evidences(NAMES, most=7).map(inside), st.integers(0, LONGEST), st.integers(0, 7))
def test_what_no_record_has_taken_in_is_seen_and_comes_to_what_its_correction_will(
    policy: NeedPolicy, events: list[Event], end: int, first: int
) -> None:
    """
    The worker's message is lost for all that is told after the end.
    """
    system = System(replace(SESSION, policy=policy))
    system.take_in(events[:first])
    system.end(START + end * MINUTE)
    system.take_in(events[first:])
    before = looked_at(system)
    system.look()

    assert before.minor == charged_minor(system.charge)
    assert before.basis is (Basis.MORE if system.charge.revision else Basis.SAME)
    assert looked_at(system).basis is Basis.SAME


def test_what_is_voided_and_no_record_has_taken_in_is_named_as_more_has_come() -> None:
    """
    The record names the event, which is still there and does not count.
    """
    session = replace(SESSION, policy=by_hand())
    system = ended(said("metres", 5, 100))
    taking = Taking(HELSINKI, system.heads, SubjectsInMemory(subject_of(session)), NOW, Commits(), lambda _: None)
    void(Asked("chg-1", "par-1", "ride-1", "wrong"), MAY, ("bikes", "metres-5"), taking)

    assert looked_at(system) == Rerated(system.charge, Basis.MORE, charged_minor(system.charge) - 100)


def test_a_correction_that_is_sealed_while_we_read_makes_no_difference_to_the_record_that_was_read() -> None:
    """
    Both sums are of the record as of the run's instant, as those of all stages behind are.
    """
    system = ended(said("metres", 5, 100))
    before = system.charge
    system.take_in([said("metres", 6, 50)])
    system.look()
    known = Known(system.sessions.session, newest=system.charge)

    assert [*rerated([before], by(system.heads, known))] == [Rerated(before, Basis.SAME, charged_minor(before))]
    assert charged_minor(before) != charged_minor(system.charge)


def test_a_correction_that_is_not_what_metering_holds_either_is_what_is_listed() -> None:
    system = ended(said("metres", 5, 100))
    before = system.charge
    system.take_in([said("metres", 6, 50)])
    system.look()
    known = Known(system.sessions.session, newest=system.charge)
    system.take_in([said("metres", 7, 50)])

    (found,) = rerated([before], by(system.heads, known))
    assert (found.record, found.basis) == (system.charge, Basis.MORE)


def test_a_record_of_which_metering_holds_nothing_rates_usage_that_is_not_there() -> None:
    system = ended(said("metres", 5, 100))
    full = charged_minor(system.charge)
    system.heads.kept.clear()

    assert (looked_at(system).basis, looked_at(system).minor) == (Basis.NONE, full - 100)


def test_a_record_of_no_session_is_of_nothing() -> None:
    system = ended(said("metres", 5, 100))

    assert [*rerated([system.charge], by(system.heads, Known()))] == [Rerated(system.charge, Basis.NONE, 0)]


@pytest.mark.parametrize(
    ("told", "minor"),
    [
        ([said("metres", 5, 70)], -30),
        ([said("metres", 6, 100)], 0),
        ([said("heartbeat", 5), said("metres", 7, 1)], -99),
    ],
)
def test_other_events_than_the_record_was_made_from_are_told_at_any_price(told: list[Event], minor: int) -> None:
    """
    Another value; another event of the same value; one of two.
    """
    system, other = ended(said("metres", 5, 100)), ended(*told)
    system.heads = other.heads

    found = looked_at(system)

    assert (found.basis, found.minor - charged_minor(system.charge)) == (Basis.OTHER, minor)


def test_a_total_that_its_events_do_not_come_to_is_named_by_its_meter() -> None:
    system = ended(said("metres", 5, 100), said("use_seconds", 6, 60))
    head = system.heads.kept["ride-1", MAY]
    system.heads.kept["ride-1", MAY] = replace(head, totals={**head.totals, ("metres", ()): Total(Decimal(101))})

    assert looked_at(system) == Rerated(system.charge, Basis.SAME, charged_minor(system.charge), ("metres",))


def test_what_was_erased_is_no_difference() -> None:
    system = ended(said("metres", 5, 100))
    erase("ride-1", "par-1", lambda _: True, HELSINKI, NOW, heads=system.heads, commit=Commits())
    assert not system.heads.kept["ride-1", MAY].tail.ids

    assert looked_at(system) == Rerated(system.charge, Basis.SAME, charged_minor(system.charge))


def of_many_events(name: str, heads: HeadsInMemory) -> ChargeRecord:
    """A ride of four hundred reports, and its record."""
    session = replace(SESSION, session_id=name)
    told = [said("metres", 1, 1, own_id=f"{name}-{number}").but(subject=name) for number in range(400)]
    subjects: Any = SubjectsInMemory(subject_of(session))
    ingest(told, partner_id="par-1", zone=HELSINKI, heads=heads, subjects=subjects, now=NOW, commit=Commits())
    over = until(session, END)
    need = need_of(over, usages_of(heads.all_of(name), heads=heads), NOW)
    return sealed(over, need, NOW, catalogue=by(heads, Known()).catalogue)


@pytest.mark.parametrize("at_once", [1, 900, 20_000])
def test_a_lost_page_is_told_of_its_session_and_keeps_no_other_from_being_read(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("chalicelib.access.rerated.EVENTS_AT_ONCE", at_once)
    heads = Torn()
    records = [of_many_events(f"ride-{number}", heads) for number in range(3)]
    known = Known(*(each.session for each in records))
    before = list(rerated(records, by(heads, known)))
    del heads.shelf[next(key for key in heads.shelf if key[0] == "ride-1")]
    after = list(rerated(records, by(heads, known)))

    assert before == [Rerated(each, Basis.SAME, charged_minor(each)) for each in records]
    assert after == [before[0], replace(before[1], basis=Basis.OTHER), before[2]]


def cut_after_an_hour(*told: Event) -> tuple[AccessSession, ChargeRecord, System]:
    """A session that goes on after its cut, with the record of that."""
    system = System(SESSION)
    system.take_in(told)
    cut = cut_at(SESSION, START + 60 * MINUTE)
    was = until(cut, START + 60 * MINUTE)
    seen = usages_of(system.heads.all_of("ride-1"), heads=system.heads)
    return cut, sealed(was, need_of(was, seen, NOW), NOW, catalogue=system.ending.catalogue), system


@pytest.mark.parametrize(
    ("late", "basis", "minor"),
    [
        (said("metres", 70, 50), Basis.SAME, 0),
        (said("heartbeat", 50), Basis.SAME, 0),
        (said("metres", 50, 50), Basis.GOES_ON, 50),
    ],
)
def test_of_a_session_that_goes_on_only_what_was_until_its_cut_is_looked_at(
    late: Event, basis: Basis, minor: int
) -> None:
    """
    When it was cut, something had been told of the time after that already, and counted.
    """
    cut, record, system = cut_after_an_hour(said("metres", 5, 100), said("metres", 65, 7))
    system.take_in([late])
    (found,) = rerated([record], by(system.heads, Known(cut)))

    assert (found.basis, found.minor - charged_minor(record)) == (basis, minor)


@pytest.mark.parametrize(("left", "basis"), [([], Basis.NONE), ([said("metres", 6, 100)], Basis.OTHER)])
def test_what_a_session_that_goes_on_has_lost_is_told(left: list[Event], basis: Basis) -> None:
    cut, record, system = cut_after_an_hour(said("metres", 5, 100))
    system.heads.kept.clear()
    system.take_in(left)
    (found,) = rerated([record], by(system.heads, Known(cut)))

    assert found.basis is basis


def test_of_very_many_events_one_that_no_record_has_taken_in_is_more() -> None:
    """
    A record names two thousand at most, and the digest of all.
    """
    system = ended(*(said("metres", 1, 1, own_id=f"e-{number}") for number in range(2_100)))
    assert looked_at(system).basis is Basis.SAME
    system.take_in([said("metres", 2, 1, own_id="late")])

    assert looked_at(system).basis is Basis.MORE


def test_an_empty_head_is_as_good_as_none() -> None:
    system = ended()
    system.heads.kept.clear()
    assert system.heads.find("ride-1", MAY) == Head("ride-1", MAY)

    assert looked_at(system).basis is Basis.SAME
