"""Heads, as DynamoDB keeps them: totals and events change together, on the version before."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.kernel.time import Month
from chalicelib.metering.errors import HeadChanged
from chalicelib.metering.model import MOST_EVENTS, Event, Head, fold
from chalicelib.metering.store import HeadStore
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Transaction
from tests.unit.metering.rides import JUNE, MAY, START, event

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 1, tzinfo=UTC)
heads = HeadStore()


def grown(head: Head, *events: Event) -> Head:
    after, _ = fold(head, events)
    return after


def test_a_head_comes_back_as_it_was(commit: Transaction) -> None:
    head = grown(
        Head("ride-1", MAY),
        event(1, value="242.000000000001", name="use_seconds"),
        event(2, place="station-1"),
        event(3, value="0.1", name="metres", source="Töölö"),
    )
    commit([heads.saving(head)], None)

    assert heads.find("ride-1", MAY) == head
    assert heads.find("ride-1", MAY).totals == {"use_seconds": Decimal("242.000000000001"), "metres": Decimal("0.1")}
    assert heads.find("ride-1", JUNE) == Head("ride-1", JUNE)


def test_only_the_version_after_the_stored_one_is_saved(commit: Transaction) -> None:
    """
    Two writers read the same head: the second is told to read again, and what the first wrote stays.
    """
    read = grown(Head("ride-1", MAY), event(1, value=10, name="metres"))
    commit([heads.saving(read)], None)
    first, second = grown(read, event(2, value=5, name="metres")), grown(read, event(3, value=7, name="metres"))
    commit([heads.saving(first)], None)
    for stale in (second, read):
        with pytest.raises(HeadChanged):
            commit([heads.saving(stale)], None)

    assert heads.find("ride-1", MAY) == first


def test_an_act_on_evidence_is_refused_if_more_has_come(commit: Transaction) -> None:
    none_yet = heads.find("ride-1", MAY)
    commit([heads.unchanged(none_yet), message("x", "none yet", {}, NOW)], None)
    seen = grown(none_yet, event(1))
    commit([heads.saving(seen)], None)
    commit([heads.unchanged(seen), message("x", "seen", {}, NOW)], None)
    commit([heads.saving(grown(seen, event(2)))], None)

    for stale in (none_yet, seen):
        with pytest.raises(HeadChanged):
            commit([heads.unchanged(stale), message("x", "stale", {}, NOW)], None)
    assert MessageRecord.find("x#stale", "message") is None


@pytest.mark.parametrize("letters", ["0", "é"])
def test_the_fullest_head_can_be_stored(commit: Transaction, letters: str) -> None:
    """
    As many events as one head takes, with the longest ids; what does not fit was refused before.
    """
    events = [
        event(number, number % 60, number, "use_seconds", source=str(number).rjust(256, letters), place="p" * 256)
        for number in range(MOST_EVENTS)
    ]
    head = grown(Head("ride-1", MAY), *events)
    commit([heads.saving(head)], None)

    assert len(head.events) > 100
    assert heads.find("ride-1", MAY) == head


def test_heads_of_many_months_stand_apart(commit: Transaction) -> None:
    for number in range(1, 13):
        month = Month(2021, number)
        one = Event("bikes", "event-1", "ride-1", START + timedelta(days=number), "metres", Decimal(number))
        commit([heads.saving(grown(Head("ride-1", month), one))], None)

    assert [heads.find("ride-1", Month(2021, number)).totals["metres"] for number in (1, 12)] == [1, 12]
