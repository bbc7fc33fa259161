"""Positions as DynamoDB keeps them: an item each, until it expires, and none of it after it was erased."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.access.position_ports import Seen
from chalicelib.access.position_store import PositionStore
from chalicelib.storage.writes import Transaction
from tests.stores.riding import START, session, sessions
from tests.stores.tables import Client, items

pytestmark = pytest.mark.stores
positions = PositionStore()
DAY = timedelta(days=1)


def seen(minute: int, session_id: str = "ses-1", **other: str) -> Seen:
    time = START + timedelta(minutes=minute)
    return Seen(session_id, time, other.get("source", "bikes"), f"e{minute}", other.get("cell", "ud9wr0"), time + DAY)


def test_they_come_in_order_of_time_and_by_session() -> None:
    positions.keep([seen(minute) for minute in reversed(range(60))])
    positions.keep([seen(5, "ses-2"), seen(5, source="x" * 256)])

    found = positions.of_session("ses-1", START)
    assert [each.time for each in found] == sorted(each.time for each in found)
    assert {each.key for each in found} == {seen(5, source="x" * 256).key, *(seen(each).key for each in range(60))}
    assert positions.of_session("ses-2", START) == [seen(5, "ses-2")]


def test_one_may_be_a_place_alone() -> None:
    harbour = replace(seen(1), cell=None, place="harbour")
    positions.keep([harbour])

    assert positions.of_session("ses-1", START) == [harbour]


def test_what_has_expired_is_passed_over_before_it_is_removed() -> None:
    positions.keep([seen(0), seen(10)])

    assert positions.of_session("ses-1", START + DAY) == [seen(10)]
    assert positions.of_session("ses-1", START + DAY + timedelta(minutes=10)) == []


def test_it_is_known_what_is_stored_already() -> None:
    positions.keep([seen(1), seen(2)])

    assert positions.known([seen(1, cell="other0"), seen(3)]) == {seen(1).key}
    assert positions.known([]) == set()
    positions.keep([])


def test_what_is_forgotten_is_gone_and_nothing_else_of_the_session(dynamodb: Client, commit: Transaction) -> None:
    begun = session()
    commit(sessions.starting(begun, 1), None)
    positions.keep([*(seen(minute) for minute in range(30)), seen(1, "ses-2")])
    positions.forget("ses-1")
    positions.forget("ses-3")

    assert positions.of_session("ses-1", START) == []
    assert positions.of_session("ses-2", START) == [seen(1, "ses-2")]
    assert sessions.find("ses-1") == begun
    expiring = [item for _, item in items(dynamodb) if item["pk"]["S"].startswith("position#")]
    assert ["N" in item["expires"] for item in expiring] == [True]
