"""Whatever breaks at whichever write, trying again leaves what an undisturbed run leaves: nothing lost or twice."""

import pytest

from tests.faults.campaigns import Campaign
from tests.faults.conftest import Left, Tell
from tests.faults.faults import HOWS, Faults


@pytest.fixture(scope="module")
def undisturbed(tell: Tell) -> tuple[Left, list[str]]:
    return tell(Faults())


def difference(found: Left, expected: Left) -> list[str]:
    return [f"+ {row}" for row in found if row not in expected] + [f"- {row}" for row in expected if row not in found]


def test_the_story_itself_is_whole(undisturbed: tuple[Left, list[str]]) -> None:
    """
    Anna pays 0.50 and 0.50 (28 minutes 20 are within the first 30); Bo's 31 minutes cost 1.50, paid by his second card.
    """
    left, points = undisturbed

    assert [row for row in left if row.startswith("paid")] == [
        "paid ('in-<account anna>:2021-05:1-0', 'pm-anna', 100)",
        "paid ('in-<account bo>:2021-05:1-0', 'pm-bo', 150)",
    ]
    assert sum("exports/2021-05/v1/journal.csv.gz" in row for row in left) > 4
    written = {point.split()[-1] for point in points}
    assert {"idempotency+outbox+subscriptions", "customers", "billing+ledger+outbox"} <= written
    assert {"metering", "metering+outbox", "access+idempotency+metering+outbox"} <= written
    assert {"queue", "bucket", "pay"} <= written


def test_the_same_story_told_twice_leaves_the_same(tell: Tell, undisturbed: tuple[Left, list[str]]) -> None:
    assert tell(Faults())[0] == undisturbed[0]


def test_everything_delivered_twice_leaves_what_once_leaves(tell: Tell, undisturbed: tuple[Left, list[str]]) -> None:
    found, _ = tell(Faults(), 2)

    assert difference(found, undisturbed[0]) == []
    assert len(found) == len(undisturbed[0])


def tried(tell: Tell, expected: Left, at: int, how: str) -> str | None:
    """The point, if the fault at it left a difference; with what differs."""
    faults = Faults(at, how)
    try:
        found, _ = tell(faults)
    except AssertionError as error:
        return f"{how} at {at} ({faults.points[at]}): {error}"
    lines = difference(found, expected)
    if not lines and len(found) == len(expected):
        return None
    return "\n".join([f"{how} at {at} ({faults.points[at]}):", *lines])


def plan(points: list[str]) -> list[tuple[int, str]]:
    """Each kind of fault at each point; what is outside DynamoDB knows no throttled transactions."""
    outside = ("provider", "queue", "bucket")
    return [
        (number, how)
        for number, point in enumerate(points)
        for how in HOWS
        if not (point.startswith(outside) and how in {"throttled", "conflict"})
    ]


def campaign(tell: Tell, undisturbed: tuple[Left, list[str]], chosen: list[tuple[int, str]]) -> None:
    expected, points = undisturbed
    found = Campaign(f"the whole story, faults at {len(points)} writes")
    for number, how in chosen:
        difference_there = tried(tell, expected, number, how)
        found.tried(f"{how} at {number}", [difference_there] if difference_there else [])
    found.ends()


def test_some_faults_all_along_the_story_leave_no_trace(tell: Tell, undisturbed: tuple[Left, list[str]]) -> None:
    every = plan(undisturbed[1])
    step = len(every) // 8

    campaign(tell, undisturbed, every[:: step + (step % len(HOWS) == 0)])


@pytest.mark.faults
def test_every_kind_of_fault_at_every_write_leaves_no_trace(tell: Tell, undisturbed: tuple[Left, list[str]]) -> None:
    campaign(tell, undisturbed, plan(undisturbed[1]))
