"""Whatever breaks at whichever call of Stripe or write: each account is charged once, and all three books agree."""

from collections.abc import Iterator

import pytest

from chalicelib.storage.record import Database
from infra.local.engine import MOTO, Engine
from infra.tables import create_all
from tests.faults.campaigns import Campaign
from tests.faults.money_books import left_by, wrong_in
from tests.faults.money_campaign import Story, every, run
from tests.faults.money_month import ACCOUNTS, told_of
from tests.faults.money_stories import FOUR, STORIES, Told
from tests.faults.money_world import STAGE, MoneyWorld
from tests.faults.trouble import Trouble, hows
from tests.stores.tables import empty, items

FEWEST = {"paid": 40, "declined": 90, "refunded": 60, "authenticated": 55}
"""Points that a story has at least: one that lost its faults would find nothing wrong."""


@pytest.fixture(autouse=True)
def somewhere(engine: Engine) -> Iterator[None]:
    """AWS's settings; what the stores ask for is answered by dictionaries."""
    if engine.kind != MOTO:
        pytest.skip("the tables of these campaigns are dictionaries")
    Database.forget()
    yield
    Database.forget()


def campaign(name: str, story: Story, *, thorough: bool) -> int:
    """Every point of the story; how many there are."""
    points, cases = every(story, thorough=thorough)
    found = Campaign(f"billing, {name}, faults at {len(points)} points")
    for case, differing in cases:
        found.tried(case, differing)
    found.ends()
    return len(points)


@pytest.mark.parametrize("name", FOUR)
def test_a_fault_at_any_point_leaves_what_an_undisturbed_month_leaves(name: str) -> None:
    """
    Killed after it, 500, 500 after Stripe has done it, 429, 409, a timeout after it, a reset; a webhook twice, never
    or days late. What is the same at two points is tried at one of them; `make faults` tries it at both.
    """
    assert campaign(name, STORIES[name], thorough=False) >= FEWEST[name]


def test_the_four_months_themselves_are_paid() -> None:
    """
    9000 s cost 0.50 and four half hours more, 2400 s cost 0.50 and one more. Of 6.00, a correction to 1200 s gives back
    4.00; Stripe keeps 1.5 % and 0.25 of what it took.
    """
    left = {name: run(STORIES[name], Trouble()) for name in FOUR}

    assert {name: wrong for name, (_, wrong) in left.items() if wrong} == {}
    for name in FOUR:
        assert "invoice acc-1:2021-05:1 6.00 EUR credited 0 paid" in left[name][0]
        assert "there taken 600 1" in left[name][0]
    assert [row for row in left["refunded"][0] if row.startswith(("refund", "there given"))] == [
        "refund 1 4.00 EUR sent",
        "there given back 400 succeeded 1",
    ]


def differences(left: list[str], expected: list[str], wrong: list[str]) -> list[str]:
    return [*wrong, *(row for row in left if row not in expected), *(row for row in expected if row not in left)]


def _in_any_order(world: MoneyWorld) -> Told:
    """Webhooks come twice, shuffled, and some days after what they tell of."""
    world.double.misbehave(repeat=2, shuffle_seed=5, hold=2)
    return Told(world)


@pytest.mark.parametrize("name", STORIES)
def test_messages_and_webhooks_that_all_come_twice_never_or_late_change_nothing(name: str) -> None:
    """
    But for those about cards: what a customer does not see as saved they enter again.
    """
    expected, wrong = run(STORIES[name], Trouble())
    found = {"undisturbed": wrong}
    for how in ("repeated", "dropped", "late"):
        left, wrong = run(STORIES[name], Trouble(always=how))
        found[how] = differences(left, expected, wrong)
    left, wrong = run(STORIES[name], Trouble(), _in_any_order)
    found["in any order"] = differences(left, expected, wrong)

    assert {how: each for how, each in found.items() if each} == {}


def test_the_dictionaries_leave_what_moto_leaves(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The same month on both, item by item, but for what the clock of this machine says and ids that are digests of it.
    """
    quick = MoneyWorld()
    with quick.running():
        STORIES["declined"](Told(quick))
    dynamodb = engine.client("dynamodb")
    create_all(dynamodb, STAGE)
    slow = MoneyWorld()
    real = slow.tables_quick

    monkeypatch.setattr(slow, "running", real.listening)
    with real.listening():
        STORIES["declined"](Told(slow))
        assert list(wrong_in(slow)) == []
        assert left_by(slow) is not None

    stored = sorted(str(sorted(item.items())) for _, item in items(dynamodb))
    empty(dynamodb)
    assert len(stored) >= 60
    assert stored == sorted(str(sorted(item.items())) for _, item in quick.tables_quick.items())


@pytest.mark.faults
@pytest.mark.parametrize("name", STORIES)
def test_every_fault_at_every_point_of_every_kind_of_month(name: str) -> None:
    campaign(name, STORIES[name], thorough=True)


@pytest.mark.faults
def test_every_point_of_a_month_of_fifty_accounts() -> None:
    """
    Accounts share nothing that money goes by, so each is broken by itself: its kind of month, its own rides.
    """
    total, points = Campaign(""), 0
    for number in range(ACCOUNTS):
        name, story = told_of(number)
        met, cases = every(story, thorough=False)
        points += sum(bool(hows(each, thorough=False)) for each in met)
        for case, differing in cases:
            total.tried(f"account {number}, {name}: {case}", differing)
    total.name = f"billing, a month of {ACCOUNTS} accounts, faults at {points} points"
    total.ends()
