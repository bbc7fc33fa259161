"""Timers fire in business time, at the instants at which EventBridge would fire them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.storage.timers import Scheduler, Timer, timer_of
from infra.local.apps import load_app
from infra.local.engine import Engine
from infra.local.timers import Cron, Rate, Timers, UnknownScheduleError

APP = Path(__file__).with_name("sample_app.py")
MAY = datetime(2021, 5, 31, 22, 15, tzinfo=UTC)


def fired(schedule: str, days: int = 1, after: datetime = MAY) -> list[str]:
    found = Cron.parse(schedule).between(after, after + timedelta(days=days))
    return [each.strftime("%m-%dT%H:%M") for each in found]


def test_a_schedule_fires_in_its_minutes_and_no_others() -> None:
    assert fired("cron(30 4 * * ? *)", days=2) == ["06-01T04:30", "06-02T04:30"]
    assert fired("cron(30 * 1-2 * ? *)", days=5)[0] == "06-01T00:30"
    assert len(fired("cron(30 * 1-2 * ? *)", days=5)) == 48
    assert fired("cron(0/20 23 * * ? *)") == ["05-31T23:00", "05-31T23:20", "05-31T23:40"]
    assert fired("cron(0 12 ? * MON-TUE *)", days=8) == ["06-01T12:00", "06-07T12:00", "06-08T12:00"]
    assert fired("cron(0 0 1 JAN ? 2022)", days=400) == ["01-01T00:00"]
    assert fired("cron(0 8,9 * * ? *)") == ["06-01T08:00", "06-01T09:00"]


def test_the_end_of_the_span_counts_and_its_beginning_does_not() -> None:
    """
    So that spans laid end to end fire each instant once.
    """
    at = datetime(2021, 6, 1, 4, 30, tzinfo=UTC)
    cron = Cron.parse("cron(30 4 * * ? *)")

    assert list(cron.between(MAY, at)) == [at]
    assert list(cron.between(at, at + timedelta(hours=1))) == []


@pytest.mark.parametrize("schedule", ["cron(0 12 L * ? *)", "cron(0 12 ? * 2#1 *)", "cron(0 12 * *)", "at(2021-06-01)"])
def test_a_schedule_that_cannot_be_played_is_refused(schedule: str) -> None:
    with pytest.raises(UnknownScheduleError):
        Cron.parse(schedule)


def test_a_rate_counts_from_the_start() -> None:
    rate = Rate(MAY, timedelta(hours=1))

    assert list(rate.between(MAY, MAY + timedelta(minutes=59))) == []
    assert list(rate.between(MAY, MAY + timedelta(hours=2))) == [MAY + timedelta(hours=1), MAY + timedelta(hours=2)]
    assert list(rate.between(MAY + timedelta(hours=1), MAY + timedelta(hours=2))) == [MAY + timedelta(hours=2)]


def test_a_timer_calls_its_handler_with_eventbridges_event() -> None:
    loaded = load_app(APP, "sample")
    timers = Timers(loaded, MAY)

    (due,) = timers.due(MAY, MAY + timedelta(hours=1))
    timers.fire(due)

    assert (due.when, due.handler) == (MAY + timedelta(hours=1), "hourly")
    assert '"time": "2021-05-31T23:15:00Z"' in loaded.module.seen[-1]


def test_a_schedule_that_fires_once_is_due_from_its_instant_on_and_gone_when_it_has_fired(engine: Engine) -> None:
    """
    It is set by the worker as in production, twice; no second before its instant.
    """
    client = engine.client("scheduler")
    client.create_schedule_group(Name="timers")
    arns = [f"arn:aws:{name}" for name in ("lambda:eu-north-1:1:function:sample-once", "iam::1:role/x", "sqs:x:1:y")]
    scheduler = Scheduler("timers", *arns)
    at = MAY + timedelta(minutes=15, microseconds=1)
    for _ in range(2):
        scheduler.set(Timer(at, "ride.stop", {"session_id": "ses-1"}))
    scheduler.set(Timer(at + timedelta(days=1), "ride.stop", {"session_id": "ses-1"}))
    loaded = load_app(APP, "sample")
    timers = Timers(loaded, MAY, client, "timers")

    assert timers.once_due(at) is None
    due = timers.once_due(MAY + timedelta(hours=1))
    assert due is not None
    assert (due.when, due.handler) == (MAY + timedelta(minutes=15, seconds=1), "once")
    timers.fire(due)
    timers.done(due)
    assert timers.once_due(MAY + timedelta(hours=1)) is None
    assert timer_of(json.loads(loaded.module.seen[-1])) == Timer(at, "ride.stop", {"session_id": "ses-1"})
