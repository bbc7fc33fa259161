"""A month of fifty accounts: kinds of months in turn, each with rides of its own, up to more than one call's lines."""

from random import Random

from tests.faults.money_campaign import Story
from tests.faults.money_stories import STORIES, Told

ACCOUNTS = 50
_MANY = 130
"""Lines are added a hundred in a call."""


def told_of(number: int) -> tuple[str, Story]:
    """The kind of an account's month, and how it goes."""
    names, chance = list(STORIES), Random(f"account {number}")
    name = names[number % len(names)]
    count = _MANY if number % 25 == 0 else chance.randint(1, 6)
    rides = (9000, *(chance.randrange(300, 20_000, 300) for _ in range(count)))

    def story(told: Told) -> None:
        told.rides = rides
        STORIES[name](told)

    return name, story
