"""What lies unused past grace is told, once for each time, as of the instant at which grace is over."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE
from tests.doors.callers import done
from tests.doors.test_acts import BY_NEED, act, codes, start
from tests.doors.world import Customer, Partner, World

UNUSED = "unused_past_grace"
POLICIES: dict[str, dict[str, Any]] = {
    "kept": {"use_signals": ["moving"], "grace_s": 600},
    "released": {"use_signals": ["moving"], "grace_s": 600, "unused": "released"},
    "silent": {"use_signals": ["moving"], "grace_s": 600, "silence_s": 300},
    "by-hand": {"grace_s": 600},
    "no-grace": {"use_signals": ["moving"]},
}


@pytest.fixture(scope="module")
def scooters(world: World) -> Partner:
    partner = world.partner("Scooters")
    for name, policy in POLICIES.items():
        product = {**CITY_BIKE, "name": name, "category": "scooters", "policy": policy}
        done(partner.put(f"/partner/v1/products/{name}", product))
        done(partner.post(f"/partner/v1/products/{name}/tariffs", BY_NEED))
    return partner


class Out:
    """A scooter that is out, what it says, and what its customer is told."""

    def __init__(self, world: World, partner: Partner, policy: str) -> None:
        self.world, self.partner, self.customer = world, partner, world.customer()
        code = partner.bike() + "U"
        done(partner.put(f"/partner/v1/assets/{code.lower()}", {"product_id": policy, "code": code}))
        self.begun, self.asset = world.system.now(), code.lower()
        self.session = start(self.customer, code)
        world.settle()

    def says(self, *signals: str, ago: float = 0) -> None:
        time = (self.world.system.now() - timedelta(minutes=ago)).isoformat()
        self.partner.report(*(self.world.event(self.session, signal=each, time=time) for each in signals))
        self.world.settle()

    def told(self) -> list[tuple[float, float]]:
        """When, and since when, in minutes since the start; in order of time."""
        notices = [each for each in self.customer.read("/mobile/v1/notices")["items"] if each["code"] == UNUSED]
        pairs = [(each["told_at"], each["facts"]["since"]) for each in reversed(notices)]
        return [(self._minutes(at), self._minutes(since)) for at, since in pairs]

    def _minutes(self, text: str) -> float:
        return round((datetime.fromisoformat(text) - self.begun).total_seconds() / 60, 1)


def test_a_thing_that_rests_past_grace_is_told_once_with_what_it_is_now(world: World, scooters: Partner) -> None:
    """
    Used from minute 1 to 5, told at 15 since when it rests; that it goes on resting is no news.
    """
    out = Out(world, scooters, "kept")
    world.later(minutes=1)
    out.says("moving")
    world.later(minutes=4)
    out.says("idle")
    world.later(minutes=9)
    assert out.told() == []
    world.later(minutes=1)
    assert out.told() == [(15, 5)]
    for _ in range(3):
        world.later(minutes=20)
        out.says("idle")
    assert out.told() == [(15, 5)]
    (notice,) = out.customer.read("/mobile/v1/notices")["items"]
    assert notice["about"] == out.session
    assert notice["facts"] == {"asset": out.asset, "since": notice["facts"]["since"], "now": "kept"}


def test_each_time_is_told_and_one_that_ended_within_grace_is_not(world: World, scooters: Partner) -> None:
    """
    Never used until minute 12 (told at 10); rests from 20 to 25, and from 40 on (told at 50).
    """
    out = Out(world, scooters, "released")
    for minutes, signal in ((12, "moving"), (8, "idle"), (5, "moving"), (15, "locked")):
        world.later(minutes=minutes)
        out.says(signal)
    world.later(hours=2)

    assert out.told() == [(10, 0), (50, 40)]
    assert {each["facts"]["now"] for each in out.customer.read("/mobile/v1/notices")["items"]} == {"released"}


def test_silence_is_a_rest_and_use_after_it_is_heard(world: World, scooters: Partner) -> None:
    """
    A sign of use holds for five minutes: used 2 to 16, silent until 60 (told at 26), used 60 to 65 (told at 75).
    """
    out = Out(world, scooters, "silent")
    world.later(minutes=2)
    for minutes in (0, 3, 4, 2):
        world.later(minutes=minutes)
        out.says("moving")
    world.later(minutes=49)
    out.says("moving")
    world.later(hours=3)

    assert out.told() == [(26, 16), (75, 65)]


def test_what_is_reported_hours_later_is_told_as_of_its_instant_once_however_it_comes(
    world: World, scooters: Partner
) -> None:
    """
    Two signs of the same rest, the later one first; and signs of a use and a rest in between that are over by now.
    """
    out = Out(world, scooters, "kept")
    out.says("moving")
    world.later(hours=3)
    out.says("idle", ago=100)
    assert out.told() == [(90, 80)]
    out.says("idle", ago=120)
    out.says("idle", ago=120)
    assert out.told() == [(90, 80)]
    out.says("moving", ago=110)
    assert out.told() == [(90, 80)]
    out.says("moving", ago=60)
    out.says("idle", ago=50)
    assert out.told() == [(90, 80), (140, 130)]


def test_a_pause_is_a_rest_where_no_signs_show_use_too(world: World, scooters: Partner) -> None:
    out = Out(world, scooters, "by-hand")
    world.later(minutes=20)
    act(out.customer, out.session, "pause")
    world.later(minutes=5)
    act(out.customer, out.session, "resume")
    world.later(minutes=35)
    assert out.told() == []
    act(out.customer, out.session, "pause")
    world.later(minutes=30)

    assert out.told() == [(70, 60)]


def test_what_has_ended_and_what_knows_no_grace_is_not_told(
    world: World, scooters: Partner, customer: Customer
) -> None:
    ended, without = Out(world, scooters, "kept"), Out(world, scooters, "no-grace")
    world.later(minutes=5)
    ended.customer.end(ended.session)
    without.says("moving")
    without.says("idle")
    world.later(hours=2)

    assert (codes(ended.customer), codes(without.customer), codes(customer)) == ([], [], [])
