"""Notices wait for the end of a customer's quiet hours if they can; what goes on now does not."""

from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from chalicelib.access.wishes import NO_WISHES, Quiet, Wishes
from chalicelib.dialogue.model import Notice
from chalicelib.edge.telling import tell
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.kernel.errors import Conflict
from tests.unit.memory import Commits, InMemory, write

NIGHT = datetime(2021, 6, 1, 23, tzinfo=UTC)
QUIET = Wishes(quiet=Quiet(time(22), time(7)))


class Feed:
    """Satisfies what telling needs of `dialogue.ports.Notices`."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.waits: list[tuple[str, datetime]] = []

    def telling(self, notice: Notice) -> InMemory:
        return write(Conflict(), lambda: self.told.append(notice.code))

    def telling_at(self, notice: Notice, at: datetime, _now: datetime) -> InMemory:
        return write(Conflict(), lambda: self.waits.append((notice.code, at)))


@pytest.mark.parametrize(
    ("code", "wishes", "now", "waits"),
    [
        ("wallet_credited", QUIET, NIGHT, True),
        ("payment_method_expiring", QUIET, NIGHT + timedelta(hours=7), True),
        ("wallet_credited", QUIET, NIGHT + timedelta(hours=8), False),
        ("wallet_credited", NO_WISHES, NIGHT, False),
        ("session_stopped", QUIET, NIGHT, False),
        ("reservation_expired", QUIET, NIGHT, False),
        ("payment_failed", QUIET, NIGHT, False),
    ],
)
def test_what_can_wait_is_told_when_the_quiet_is_over(code: str, wishes: Wishes, now: datetime, *, waits: bool) -> None:
    feed = Feed()
    wired = SimpleNamespace(
        notices=feed,
        commit=Commits(),
        now=lambda: now,
        wishes=SimpleNamespace(find=lambda _account_id: wishes),
        settings=SimpleNamespace(zone="UTC"),
    )
    tell(Notice("acc-1", "x", code, {}, now), cast("BackOffice", wired))

    assert feed.told == ([] if waits else [code])
    assert feed.waits == ([(code, datetime(2021, 6, 2, 7, tzinfo=UTC))] if waits else [])
