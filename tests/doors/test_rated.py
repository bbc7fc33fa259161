"""From usage to rated: what metering holds is held against what was sealed, and whatever differs is named."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from chalicelib.edge import reacting_sessions
from chalicelib.kernel.time import Month
from chalicelib.metering.changes import totals_of
from chalicelib.metering.head import Head, pack_head, unpack_head
from chalicelib.metering.meters import Total
from tests.doors.callers import done
from tests.doors.world import Partner, World

MAY = "2021-05"
TABLE = "adgang-local-metering"


@pytest.fixture(scope="module")
def rides(world: World, partner: Partner) -> list[str]:
    """Four rides in May, of 28 minutes for 0.50 and of 33 minutes for 1.50 each; the month is closed."""
    customer = world.customer()
    rides = [world.ride(customer, partner.bike(), partner, seconds) for seconds in (1700, 2000, 2000, 2000)]
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    return rides


def rated(world: World, month: str = MAY) -> tuple[tuple[str, str, str], dict[str, tuple[str, str]]]:
    """A run of now: left, right and difference of the stage, and by session its cause and by how much."""
    world.later(minutes=1)
    asked = done(world.finance.post("/finance/v1/reconciliations", {"month": month}))
    world.settle()
    shown = world.finance.read(f"/finance/v1/reconciliation/{month}?run={asked['asked_at']}")
    assert shown["state"] == "done"
    (stage,) = [each for each in shown["stages"] if each["stage"] == "rated"]
    rows = [each for each in shown["items"] if each["stage"] == "rated"]
    found = {each["about"].split(":")[1]: (each["cause"], each["amount"]) for each in rows}
    assert len(found) == len(rows)
    return (stage["left"], stage["right"], stage["difference"]), found


def stored(world: World, session: str) -> tuple[Any, dict[str, Any], Head]:
    """The item of a session's head of May, and the head."""
    dynamodb = world.system.engine.client("dynamodb")
    (item,) = [
        each
        for page in dynamodb.get_paginator("scan").paginate(TableName=TABLE)
        for each in page["Items"]
        if each["pk"]["S"].endswith(f"#{session}") and each["sk"]["S"] == f"head#{MAY}"
    ]
    where = session, Month.parse(MAY), int(item["version"]["N"])
    return dynamodb, item, unpack_head(*where, bytes(item["state"]["B"]))


def keys(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("pk", "sk")}


class TestAMonth:
    """The tests of this class follow one month and stand in order of time."""

    def test_that_is_rated_from_all_its_usage_differs_in_nothing(self, world: World, rides: list[str]) -> None:
        assert len(rides) == 4
        assert rated(world) == (("5.00", "5.00", "0.00"), {})

    def test_of_which_a_worker_lost_a_message_says_what_is_not_rated(
        self, world: World, partner: Partner, rides: list[str]
    ) -> None:
        """
        Four minutes told late: another half hour has begun, 1.00. What brings the charge right is never done.
        """
        with patch.object(reacting_sessions, "correct_charge", lambda *_, **__: None):
            (answer,) = partner.report(world.used(rides[0], 250, time="2021-05-10T09:20:00Z"))
            world.settle()
        assert answer["outcome"] == "late"

        assert rated(world) == (("6.00", "5.00", "1.00"), {rides[0]: ("usage_not_rated", "1.00")})

    def test_and_is_right_again_once_the_charge_is(self, world: World, partner: Partner, rides: list[str]) -> None:
        (answer,) = partner.report(world.used(rides[0], 0, time="2021-05-10T09:21:00Z"))
        assert answer["outcome"] == "late"
        world.settle()

        assert rated(world) == (("6.00", "6.00", "0.00"), {})

    def test_of_which_heads_are_broken_names_each_by_its_session(self, world: World, rides: list[str]) -> None:
        """
        One is lost, of one the total is another.
        """
        dynamodb, item, _ = stored(world, rides[1])
        dynamodb.delete_item(TableName=TABLE, Key=keys(item))
        dynamodb, item, head = stored(world, rides[2])
        assert {name for name, _ in totals_of(head.tail.events(rides[2]), head.meter)} == {"use_seconds"}
        head.totals[("use_seconds", ())] = Total(Decimal(9))  # type: ignore[index]
        dynamodb.put_item(TableName=TABLE, Item={**item, "state": {"B": pack_head(head)}})

        _, found = rated(world)
        assert {session: cause for session, (cause, _) in found.items()} == {
            rides[1]: "rated_without_usage",
            rides[2]: "totals_differ",
        }
        assert found[rides[2]][1] == "0.00"

    def test_of_which_usage_was_erased_differs_in_nothing_for_that(
        self, world: World, partner: Partner, rides: list[str]
    ) -> None:
        before = rated(world)
        done(partner.delete(f"/partner/v1/usage/{rides[3]}"))

        assert rated(world) == before
