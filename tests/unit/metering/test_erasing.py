"""Events can be erased once the session has ended: what they came to stays, and nothing is counted for it again."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.metering.changing import Asked, void
from chalicelib.metering.erasing import erase
from chalicelib.metering.errors import StillOpen, UnknownSubject, UsageErased
from chalicelib.metering.model import Event
from chalicelib.metering.sealing import sealing
from chalicelib.metering.service import Taking, ingest
from chalicelib.metering.usage import usage_between
from tests.unit.memory import Commits
from tests.unit.metering.rides import (
    HELSINKI,
    JUNE,
    MAY,
    RIDE,
    START,
    HeadsInMemory,
    SubjectsInMemory,
    event,
    events_of,
)

LATER = START + timedelta(hours=2)
ENDED = replace(RIDE, ended_at=LATER)


def reported(*, ended: bool = True) -> tuple[HeadsInMemory, SubjectsInMemory]:
    """300 events in May, so that there are pages, and one in June."""
    heads, subjects = HeadsInMemory(), SubjectsInMemory(RIDE)
    events = [event(number, number % 59, 2, "metres") for number in range(300)] + [event(999, 70, 5, "metres")]
    assert outcomes(events, heads, subjects) == {"accepted"}
    if ended:
        seen = usage_between("ride-1", START, LATER, HELSINKI, heads=heads)
        Commits()(sealing(ENDED, seen, heads=heads), None)
    return heads, subjects


def outcomes(events: list[Event], heads: HeadsInMemory, subjects: SubjectsInMemory) -> set[str]:
    answers = ingest(
        events, partner_id="par-1", zone=HELSINKI, heads=heads, subjects=subjects, now=LATER, commit=Commits()
    )
    return {str(each.outcome) for each in answers}


def test_what_the_events_came_to_stays_and_they_are_gone() -> None:
    heads, _ = reported()
    before = heads.find("ride-1", MAY)
    kept = erase("ride-1", "par-1", heads=heads, commit=Commits())

    assert [each.month for each in kept] == [MAY, JUNE]
    after = heads.find("ride-1", MAY)
    assert (after.total("metres"), after.count) == (before.total("metres"), before.count) == (Decimal(600), 300)
    assert after.erased is not None
    assert len(after.erased.digest) == 64
    assert events_of(heads) == events_of(heads, JUNE) == []
    assert heads.shelf == {}


def test_asked_for_again_it_changes_nothing() -> None:
    heads, _ = reported()
    first = erase("ride-1", "par-1", heads=heads, commit=Commits())

    assert erase("ride-1", "par-1", heads=heads, commit=Commits()) == [
        heads.find("ride-1", each.month) for each in first
    ]


def test_nothing_is_counted_or_changed_for_it_any_more() -> None:
    heads, subjects = reported()
    erase("ride-1", "par-1", heads=heads, commit=Commits())

    assert outcomes([event(7, 7, 2, "metres"), event(1000, 3, 2, "metres")], heads, subjects) == {"refused"}
    with pytest.raises(UsageErased):
        void(
            Asked("change-1", "par-1", "ride-1", "x"),
            MAY,
            ("bikes", "event-7"),
            Taking(HELSINKI, heads, subjects, LATER, Commits(), lambda _attempt: None),
        )
    assert heads.find("ride-1", MAY).total("metres") == 600


def test_what_goes_on_or_is_not_mine_is_not_erased() -> None:
    heads, _ = reported(ended=False)
    with pytest.raises(StillOpen):
        erase("ride-1", "par-1", heads=heads, commit=Commits())
    for subject, partner in (("ride-1", "par-2"), ("ride-9", "par-1")):
        with pytest.raises(UnknownSubject):
            erase(subject, partner, heads=heads, commit=Commits())
    assert len(events_of(heads)) == 300
