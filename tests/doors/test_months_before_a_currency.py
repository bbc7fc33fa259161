"""Accounts settle in another currency from a month on: what was before stays to be read as it was billed."""

from datetime import UTC, datetime

import pytest

from chalicelib.edge.settings import Settings
from tests.doors.world import Partner, World

BEFORE = "/mobile/v1/statements/2021-05"


def test_a_month_that_was_rated_in_another_currency_is_read_in_that_one(
    world: World, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A ride of May cost 1.50 EUR; in June accounts settle in crowns, in which nothing was used yet.
    """
    rider = world.customer()
    session = world.ride(rider, partner.bike(), partner, 2000)
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    before = {path: rider.read(path) for path in (BEFORE, f"{BEFORE}/proof", "/mobile/v1/invoices")}
    monkeypatch.setattr(Settings, "currency", property(lambda _settings: "SEK"))

    assert {path: rider.read(path) for path in before} == before
    assert before[BEFORE]["total"] == {"amount": "1.50", "currency": "EUR"}
    (stated,) = before[BEFORE]["sessions"]
    assert stated["session_id"] == session
    rests = rider.read(f"{BEFORE}/lines/{stated['lines'][0]['line_id']}/evidence")
    assert rests["line"] == stated["lines"][0]
    assert rider.get(f"{BEFORE}/statement.txt").status == 200
    june = rider.read("/mobile/v1/statements/2021-06")
    assert (june["total"], june["sessions"]) == ({"amount": "0.00", "currency": "SEK"}, [])
