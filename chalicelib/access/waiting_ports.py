"""What waiting needs from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from chalicelib.access.model import AccessSession
from chalicelib.access.waiting import Waiting
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Write


class Taken(NamedTuple):
    """How many sessions are on an asset, and how many accounts wait for it."""

    sessions: int
    waiting: int


class Lines(Protocol):
    """Where it is kept who waits for what."""

    def find(self, account_id: str, waiting_id: str) -> Waiting | None:
        """The account's place in a line, or None."""

    def of_account(self, account_id: str) -> Sequence[Waiting]:
        """All that the account waits for."""

    def first(self, asset_key: str) -> Waiting | None:
        """Who waits longest for the asset."""

    def taken(self, asset_keys: Sequence[str]) -> Mapping[str, Taken]:
        """How it stands with the assets."""

    def joining(self, waiting: Waiting, capacities: Mapping[str, int]) -> Sequence[Write]:
        """Store it, unless it is stored or any of the assets is free; it is looked at again when it is over."""

    def leaving(self, waiting: Waiting, *, held: str | None = None) -> Sequence[Write]:
        """Remove it, if it is there; what is `held` of the assets is counted where it is taken."""

    def holding(self, reserving: Sequence[Write]) -> Sequence[Write]:
        """A reservation's own writes, and that one fewer waits for what it takes."""

    def calling(self, session: AccessSession, worst_case: Money, now: datetime) -> Write:
        """Have the account told that something is held for it, for how long, and the most that a day of it costs."""

    def dropping(self, waiting: Waiting, code: str, now: datetime) -> Write:
        """Have the account told that it waits no more."""
