"""A page of a close reads what comes next with what it asks for first, and goes by what is so."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast

from chalicelib.access.model import AccessSession, ChargeRecord
from chalicelib.edge.lives_ahead import LivesAhead, LivesOfOthers
from chalicelib.edge.owed_ahead import BilledWithOwed, OwedAhead
from chalicelib.edge.sessions_ahead import SessionsAhead
from chalicelib.kernel.time import Interval, Month
from tests.stores.riding import record, session

MAY = Month(2021, 5).interval("UTC")
APRIL, JUNE = Month(2021, 4).interval("UTC"), Month(2021, 6).interval("UTC")


def charged(number: int, at: datetime, revision: int = 0) -> ChargeRecord:
    """A ride that ended then."""
    return record(replace(session(number), started_at=at - timedelta(minutes=30)), revision=revision)


@dataclass
class Access:
    """Stands for access's stores, and counts what it is asked."""

    records: dict[str, list[ChargeRecord]] = field(default_factory=dict)
    still_open: dict[str, list[AccessSession]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def charged_and_open(
        self, account_id: str, since: datetime
    ) -> tuple[Sequence[ChargeRecord], Sequence[AccessSession]]:
        self.asked["both"] += 1
        found = [each for each in self.records.get(account_id, []) if each.charged_at >= since]
        return found, self.still_open.get(account_id, [])

    def charged(self, account_id: str, within: Interval) -> Sequence[ChargeRecord]:
        self.asked["charged"] += 1
        found = {
            each.session.session_id: each for each in self.records.get(account_id, []) if within.holds(each.charged_at)
        }
        return list(found.values())

    def ahead(self) -> Any:  # noqa: ANN401 -- it stands for a port of many methods
        return SessionsAhead(cast("Any", self), self, MAY.start)


def test_what_was_charged_is_known_of_who_has_nothing_open_and_is_the_same() -> None:
    first, second = MAY.start + timedelta(days=1), MAY.start + timedelta(days=2)
    rides = [charged(1, first), charged(2, second), charged(2, second, 1), charged(3, MAY.end)]
    access = Access({"acc-1": rides})
    ahead, day = access.ahead(), Interval(MAY.start, second)

    assert ahead.open_of("acc-1") == []
    assert ahead.charged("acc-1", MAY) == [rides[0], rides[2]]
    assert ahead.charged("acc-1", day) == [rides[0]]
    assert ahead.charged("acc-1", JUNE) == [rides[3]]
    assert access.asked == {"both": 1}


def test_what_was_charged_before_or_of_whom_nothing_was_read_is_asked() -> None:
    access = Access({each: [charged(1, MAY.start), charged(2, APRIL.start)] for each in ("acc-1", "acc-2")})
    ahead = access.ahead()
    ahead.open_of("acc-1")

    assert len(ahead.charged("acc-1", APRIL)) == len(ahead.charged("acc-2", MAY)) == 1
    assert access.asked == {"both": 1, "charged": 2}


def test_of_who_has_something_open_it_is_asked_what_was_charged_since_that_may_be_cut() -> None:
    access = Access(still_open={"acc-1": [session(1)]})
    ahead = access.ahead()

    assert ahead.open_of("acc-1") == [session(1)]
    access.records["acc-1"] = [charged(1, MAY.start)]
    assert len(ahead.charged("acc-1", MAY)) == 1
    assert access.asked == {"both": 1, "charged": 1}


def test_who_is_looked_at_again_is_read_again() -> None:
    access = Access()
    ahead = access.ahead()
    assert (ahead.open_of("acc-1"), ahead.charged("acc-1", MAY)) == ([], [])

    access.records["acc-1"] = [charged(1, MAY.start)]
    ahead.open_of("acc-1")
    assert len(ahead.charged("acc-1", MAY)) == 1


def test_subscriptions_of_a_page_are_read_once_each_for_a_month_and_the_next() -> None:
    class Lives:
        def __init__(self) -> None:
            self.asked: Counter[str] = Counter()

        def lived(self, account_id: str, _within: Interval) -> Sequence[Any]:
            self.asked[account_id] += 1
            return []

    lives = Lives()
    ahead = LivesAhead(lives)
    page = [f"acc-{each}" for each in range(50)]
    for month in (JUNE, MAY):
        assert [ahead.lived(each, month) for each in page] == [[]] * 50
    assert lives.asked == dict.fromkeys(page, 1)

    ahead.lived("acc-1", Month(2021, 7).interval("UTC"))
    assert lives.asked["acc-1"] == 2


def test_who_never_had_a_subscription_is_not_asked_about() -> None:
    class Lives:
        def lived(self, account_id: str, _within: Interval) -> Sequence[Any]:
            return [account_id]

        def find(self, account_id: str) -> str:
            return account_id

    some = LivesOfOthers(Lives(), ["acc-1"])
    assert [list(some.lived(each, MAY)) for each in ("acc-1", "acc-2")] == [[], ["acc-2"]]
    assert some.find("acc-1") == "acc-1"


def test_charges_beside_use_are_read_with_settlements_and_anew_whenever_these_are() -> None:
    class Owed:
        def __init__(self) -> None:
            self.asked: Counter[str] = Counter()

        def with_settlements(self, account_id: str) -> tuple[Sequence[Any], Sequence[Any]]:
            self.asked["both"] += 1
            return [account_id], [self.asked["both"]]

        def of_account(self, _account_id: str) -> Sequence[Any]:
            self.asked["charges"] += 1
            return []

    owed = Owed()
    charges = OwedAhead(cast("Any", owed))
    billed = BilledWithOwed(cast("Any", object()), charges)

    assert charges.of_account("acc-1") == []
    assert (billed.settlements("acc-1"), charges.of_account("acc-1"), charges.of_account("acc-1")) == (
        ["acc-1"],
        [1],
        [1],
    )
    billed.settlements("acc-1")
    assert (charges.of_account("acc-1"), charges.of_account("acc-2")) == ([2], [])
    assert owed.asked == {"both": 2, "charges": 2}
