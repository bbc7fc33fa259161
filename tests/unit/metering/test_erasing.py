"""Events can be erased once the session has ended: what they came to stays, and nothing is counted for it again."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.kernel.time import Interval
from chalicelib.metering.changing import Asked, backfill, void
from chalicelib.metering.erasing import erase
from chalicelib.metering.errors import NotChargedYet, StillOpen, UnknownSubject, UsageErased
from chalicelib.metering.head import Head
from chalicelib.metering.meters import Kind, Meter
from chalicelib.metering.model import Event
from chalicelib.metering.reading import standing
from chalicelib.metering.sealing import sealing
from chalicelib.metering.service import Taking, ingest, take_in
from chalicelib.metering.usage import Usage, usage_between
from tests.unit.memory import Commits, InMemory
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


def erased(
    heads: HeadsInMemory,
    subject: str = "ride-1",
    partner: str = "par-1",
    charged: Callable[[Sequence[Usage]], bool] = lambda _seen: True,
) -> list[Head]:
    return erase(subject, partner, charged, HELSINKI, LATER, heads=heads, commit=Commits())


def outcomes(events: list[Event], heads: HeadsInMemory, subjects: SubjectsInMemory) -> set[str]:
    answers = ingest(
        events, partner_id="par-1", zone=HELSINKI, heads=heads, subjects=subjects, now=LATER, commit=Commits()
    )
    return {str(each.outcome) for each in answers}


def test_what_the_events_came_to_stays_and_they_are_gone() -> None:
    heads, _ = reported()
    before = heads.find("ride-1", MAY)
    kept = erased(heads)

    assert [each.month for each in kept] == [MAY, JUNE]
    after = heads.find("ride-1", MAY)
    assert (after.total("metres"), after.count) == (before.total("metres"), before.count) == (Decimal(600), 300)
    assert after.erased is not None
    assert len(after.erased.digest) == 64
    assert events_of(heads) == events_of(heads, JUNE) == []
    assert heads.shelf == {}


def test_asked_for_again_it_changes_nothing() -> None:
    heads, _ = reported()
    first = erased(heads)

    assert erased(heads) == [heads.find("ride-1", each.month) for each in first]


def test_nothing_is_counted_or_changed_for_it_any_more() -> None:
    heads, subjects = reported()
    erased(heads)

    assert outcomes([event(7, 7, 2, "metres"), event(1000, 3, 2, "metres")], heads, subjects) == {"refused"}
    with pytest.raises(UsageErased):
        void(
            Asked("change-1", "par-1", "ride-1", "x"),
            MAY,
            ("bikes", "event-7"),
            Taking(HELSINKI, heads, subjects, LATER, Commits(), lambda _attempt: None),
        )
    assert heads.find("ride-1", MAY).total("metres") == 600


def test_nothing_is_counted_or_filled_in_for_it_in_a_month_of_which_nothing_was_known_either() -> None:
    """
    In July somebody reports of July for a session that ended in June and was erased.
    """
    heads, _ = reported()
    erased(heads)
    july = START + timedelta(days=40)
    taking = Taking(HELSINKI, heads, SubjectsInMemory(ENDED), july, Commits(), lambda _attempt: None)
    new = event(7, 60 * 24 * 39, 2, "metres")

    (answer,) = take_in([new], "par-1", taking)
    assert isinstance(answer.refusal, UsageErased)
    with pytest.raises(UsageErased):
        backfill(Asked("change-1", "par-1", "ride-1", "x"), Interval(new.time, july), [new], taking)
    assert list(heads.subjects_of(JUNE.next)) == []


def test_who_is_overtaken_by_the_erasure_counts_nothing_in_another_month() -> None:
    heads, _ = reported()
    july = START + timedelta(days=40)

    def erase_first(writes: Sequence[InMemory], outcome: bool) -> bool:  # noqa: FBT001 -- as a commit is called
        if not heads.find("ride-1", MAY).erased:
            erased(heads)
        return Commits()(writes, outcome)

    taking = Taking(HELSINKI, heads, SubjectsInMemory(ENDED), july, erase_first, lambda _attempt: None)  # type: ignore[arg-type]

    (answer,) = take_in([event(7, 60 * 24 * 39, 2, "metres")], "par-1", taking)
    assert isinstance(answer.refusal, UsageErased)
    assert heads.find("ride-1", JUNE.next).version == 0


def test_what_goes_on_or_is_not_mine_is_not_erased() -> None:
    heads, _ = reported(ended=False)
    with pytest.raises(StillOpen):
        erased(heads)
    for subject, partner in (("ride-1", "par-2"), ("ride-9", "par-1")):
        with pytest.raises(UnknownSubject):
            erased(heads, subject, partner)
    assert len(events_of(heads)) == 300


def test_what_is_computed_from_events_is_what_it_was_before_they_were_gone() -> None:
    """
    A register that shows 100, 130 in May and 150 in June: 30 and 20 more.
    """
    heads, subjects = HeadsInMemory(), SubjectsInMemory(RIDE)
    heads.defined["par-1"] = {"metres": Meter("metres", Kind.REGISTER, "m", 1)}
    assert outcomes([event(at, minute, value, "metres") for at, minute, value in READINGS], heads, subjects) == {
        "accepted"
    }
    Commits()(sealing(ENDED, usage_between("ride-1", START, LATER, HELSINKI, heads=heads), heads=heads), None)
    before = [standing(heads.find("ride-1", month), LATER, HELSINKI, heads=heads).amounts for month in (MAY, JUNE)]
    erased(heads)

    assert [*before[0].values(), *before[1].values()] == [30, 20]
    assert [
        standing(heads.find("ride-1", month), LATER, HELSINKI, heads=heads).amounts for month in (MAY, JUNE)
    ] == before


READINGS = ((1, 5, 100), (2, 50, 130), (3, 70, 150))


def test_what_is_not_charged_yet_is_not_erased() -> None:
    heads, _ = reported()
    with pytest.raises(NotChargedYet):
        erased(heads, charged=lambda _seen: False)

    assert len(events_of(heads)) == 300


def test_the_digest_covers_dimensions() -> None:
    digests = set()
    for kind in ("a", "b"):
        heads, subjects = HeadsInMemory(), SubjectsInMemory(RIDE)
        heads.defined["par-1"] = {"metres": Meter("metres", Kind.SUM, "m", 1, described=("kind",))}
        assert outcomes([event(1, 5, 100, "metres", d_kind=kind)], heads, subjects) == {"accepted"}
        Commits()(sealing(ENDED, usage_between("ride-1", START, LATER, HELSINKI, heads=heads), heads=heads), None)
        digests |= {each.erased.digest for each in erased(heads) if each.erased and each.month == MAY}

    assert len(digests) == 2
