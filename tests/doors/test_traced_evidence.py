"""What a row of exported use names as its evidence can be traced, whatever its source calls it."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from tests.doors.callers import refused
from tests.doors.test_exported_files import rows
from tests.doors.world import Partner, World

WRITTEN = {
    "ride 7": "ride%207",
    "-Q3xVZk0R_nanoid": "%2DQ3xVZk0R_nanoid",
    "line\nend": "line%0Aend",
    "100%25": "100%2525",
    "käyttö;=1": "k%C3%A4ytt%C3%B6%3B=1",
    "=1+1#2": "%3D1+1#2",
    "plain-7.a": "plain-7.a",
}
"""As it stands in the column."""


@pytest.fixture(scope="module")
def ridden(world: World, partner: Partner) -> dict[str, str]:
    """By the id of what was measured of it, a session of May."""
    rider, found = world.customer(), {}
    for event_id in WRITTEN:
        session = rider.start(partner.bike())
        world.later(seconds=900)
        (told,) = partner.report(world.used(session, 800, id=event_id))
        assert told["outcome"] == "accepted"
        rider.end(session)
        found[event_id] = session
    world.until(datetime(2021, 6, 1, 12, tzinfo=UTC))
    return found


@pytest.mark.parametrize("event_id", WRITTEN)
def test_an_id_in_the_column_is_one_word_and_can_be_traced(world: World, ridden: dict[str, str], event_id: str) -> None:
    session = ridden[event_id]
    used = [each for each in rows(world, "2021-05", "usage.csv.gz") if each["session"] == session]
    (written,) = {each["evidence"] for each in used if each["evidence"]}
    assert written == WRITTEN[event_id]

    for name in (written, event_id):
        hops = world.finance.read(f"/finance/v1/trace?id={quote(f'{session}#{name}', safe='')}")["hops"]
        assert [each["facts"]["event"] for each in hops if each["kind"] in ("event", "charge")] == [event_id, "counted"]
        assert {"line", "invoice", "export"} <= {each["kind"] for each in hops}


def test_an_id_of_before_stands_behind_an_apostrophe(world: World, ridden: dict[str, str]) -> None:
    name = quote(f"{ridden['-Q3xVZk0R_nanoid']}#'-Q3xVZk0R_nanoid", safe="")
    assert world.finance.read(f"/finance/v1/trace?id={name}")["hops"][0]["facts"]["event"] == "-Q3xVZk0R_nanoid"
    refused(world.finance.get(f"/finance/v1/trace?id={name}-other"), 404, "unknown_trace")
