"""Bounds that are reached: acts on a session, and how much of an asset's past a reading of long ago reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.access.metered import MeteredSubjects
from chalicelib.access.model import AccessSession, AssetUse
from chalicelib.access.signalling import _placed
from chalicelib.catalogue.model import Asset
from chalicelib.metering.model import Event
from tests.unit.access.test_sharing import SESSION

START = datetime(2021, 5, 31, 8, tzinfo=UTC)


@dataclass
class Uses:
    """An asset that was used ten times a day for 400 days; remembers how many sessions were read."""

    read: list[int] = field(default_factory=list)

    def uses_of(self, _asset: str, since: datetime, until: datetime) -> Sequence[AssetUse]:
        all_uses = (START + timedelta(minutes=144 * number) for number in range(4_000))
        found = [
            AssetUse(f"ses-{at:%j%H%M%Y}", at, at + timedelta(minutes=20)) for at in all_uses if since <= at <= until
        ]
        self.read.append(len(found))
        return found

    def many(self, session_ids: Sequence[str]) -> Mapping[str, AccessSession]:
        return {each: replace(SESSION, session_id=each) for each in session_ids}


class Enough(Exception):  # noqa: N818
    """What was read is known."""


@dataclass(frozen=True)
class Taking:
    """Where nothing was counted yet."""

    zone: str = "Europe/Helsinki"

    @property
    def heads(self) -> object:
        raise Enough


def test_two_readings_of_which_one_is_very_late_do_not_read_a_years_sessions() -> None:
    sessions = Uses()
    asset = Asset("par-1", "bike-1", "bike", "BIKE-1")
    events = [
        Event("/locks", str(number), "asset", START + timedelta(days=days), "heartbeat", None)
        for number, days in enumerate((0, 399))
    ]
    subjects = MeteredSubjects(sessions, None, None, START)  # type: ignore[arg-type]
    with pytest.raises(Enough):
        _placed(events, asset, subjects=subjects, taking=Taking())  # type: ignore[arg-type]
    assert sum(sessions.read) < 100, f"{sum(sessions.read)} sessions are read to place two readings"
