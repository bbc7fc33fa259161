"""Keys come from botocore's resolver and are renewed before they expire, or when DynamoDB says that they have."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.session import Session

from chalicelib.metering.client import NoCredentialsError, SessionCredentials
from chalicelib.metering.client_credentials import KeyRing
from chalicelib.metering.client_signing import Keys
from infra.local.engine import environment

START = datetime(2021, 5, 31, 20, 0, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def wall(self) -> float:
        return self.now.timestamp()


def session_of(found: Any) -> SimpleNamespace:  # noqa: ANN401 -- botocore publishes no types
    provider = SimpleNamespace(load_credentials=lambda: found)
    return SimpleNamespace(get_component={"credential_provider": provider}.__getitem__)


def refreshable(clock: Clock, lifetime: timedelta) -> tuple[RefreshableCredentials, list[datetime]]:
    """Role credentials, numbered, and when they were fetched."""
    fetched: list[datetime] = []

    def fetch() -> dict[str, str]:
        fetched.append(clock.now)
        expires = (clock.now + lifetime).isoformat()
        return {"access_key": f"A{len(fetched)}", "secret_key": "s", "token": "t", "expiry_time": expires}

    first = RefreshableCredentials("A0", "s", "t", clock.now + lifetime, fetch, "role", time_fetcher=lambda: clock.now)
    return first, fetched


def test_keys_of_a_role_are_renewed_before_they_expire() -> None:
    clock = Clock()
    found, fetched = refreshable(clock, timedelta(hours=1))
    ring = KeyRing(SessionCredentials(session_of(found)), clock.wall)
    used = {}
    for minute in range(0, 181, 1):
        clock.now = START + timedelta(minutes=minute)
        used[minute] = ring.keys().access_key

    assert [used[0], used[44], used[46], used[92]] == ["A0", "A0", "A1", "A2"]
    assert all(clock.now - at < timedelta(minutes=46) for at in fetched[-1:])


def test_keys_that_are_good_for_long_are_asked_for_twice_a_minute_at_most() -> None:
    clock = Clock()
    asked = []

    class Source:
        def current(self) -> Keys:
            asked.append(clock.now)
            return Keys("A", "s")

        def renewed(self) -> Keys:
            raise AssertionError

    ring = KeyRing(Source(), clock.wall)
    first = ring.keys()
    for second in range(120):
        clock.now = START + timedelta(seconds=second)
        assert ring.keys() is first
    clock.now = START - timedelta(hours=1)
    ring.keys()

    assert asked == [START, *(START + timedelta(seconds=each) for each in (30, 60, 90)), START - timedelta(hours=1)]


def test_an_expired_answer_resolves_anew_and_only_once() -> None:
    clock = Clock()
    with environment({"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "old"}):
        ring = KeyRing(SessionCredentials(Session()), clock.wall)
        old = ring.keys()
    with environment({"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "new"}):
        ring.renew(old)
        new = ring.keys()
        ring.renew(old)

        assert (old.token, new.token) == ("old", "new")
        assert ring.keys() is new


def test_no_credentials_are_told() -> None:
    with pytest.raises(NoCredentialsError):
        KeyRing(SessionCredentials(session_of(None)), Clock().wall).keys()


def test_a_provider_that_fails_is_told() -> None:
    class Failing(Credentials):
        def get_frozen_credentials(self) -> None:
            raise OSError("no such role")

    found = SessionCredentials(session_of(Failing("A", "s")))
    with pytest.raises(NoCredentialsError, match="no such role"):
        KeyRing(found, Clock().wall).keys()
