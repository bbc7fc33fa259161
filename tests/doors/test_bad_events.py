"""Events that cannot be: each refused by itself with its reason, and neither counted nor charged."""

from datetime import timedelta
from typing import Any

import pytest

from tests.doors.world import Customer, Partner, World


@pytest.fixture
def session(customer: Customer, code: str, world: World) -> str:
    """A session that has been open for ten minutes."""
    started = customer.start(code)
    world.later(minutes=10)
    return started


def refusal_of(partner: Partner, event: object) -> dict[str, Any]:
    (answer,) = partner.report(event)
    assert answer["outcome"] == "refused", answer
    assert answer["refused"]["title"]
    assert "reference" not in answer
    return dict(answer["refused"])


def charged(customer: Customer, session: str) -> tuple[str, str]:
    """Seconds and amount on the receipt."""
    receipt = customer.end(session)
    return receipt["quantities"]["use_seconds"], receipt["amount"]["amount"]


def test_events_that_fit_are_accepted_and_charged(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    """
    What the tests of bad events stand on.
    """
    unlocked, used = partner.report(world.event(session, signal="unlocked"), world.used(session, 599))

    assert (unlocked["outcome"], used["outcome"]) == ("accepted", "accepted")
    assert used["reference"]
    assert charged(customer, session) == ("599", "0.50")


@pytest.mark.parametrize(
    "value", ["-1", "-0.5", "NaN", "Infinity", "1e30", "ten", "", "1" * 400, "0x10", "1,5", "1E2", "+1", " 1", "1_0"]
)
def test_a_negative_or_absurd_value_is_refused_and_pointed_at(
    world: World, customer: Customer, partner: Partner, session: str, value: str
) -> None:
    refusal = refusal_of(partner, world.used(session, value))

    assert refusal["pointer"] == "/data/value"
    assert charged(customer, session) == ("600", "0.50")


@pytest.mark.parametrize("value", [1.5, True, None, [], {}, 10**400])
def test_a_value_that_is_neither_text_nor_a_whole_number_is_refused_and_pointed_at(
    world: World, customer: Customer, partner: Partner, session: str, value: object
) -> None:
    """
    No float comes near a quantity: 0.1 + 0.2 has to stay 0.3.
    """
    event = world.used(session, "1")
    event["data"]["value"] = value

    assert refusal_of(partner, event)["pointer"] in ({"/data"} if value is None else {"/data/value"})
    assert charged(customer, session) == ("600", "0.50")


def test_more_seconds_than_the_session_had_are_refused(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    refusal = refusal_of(partner, world.used(session, 20_000))

    assert (refusal["code"], refusal["pointer"]) == ("implausible", "/data/value")
    assert charged(customer, session) == ("600", "0.50")


def test_more_seconds_than_the_session_had_are_refused_in_several_events_too(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    """
    Thirty events of ten minutes each, all about the same ten minutes, are not five hours of use. (Clocks may differ by
    five minutes, and so may a thing's own measure.)
    """
    answers = partner.report(*(world.used(session, 600) for _ in range(30)))

    assert {answer["outcome"] for answer in answers[:1]} == {"accepted"}
    assert "refused" in {answer["outcome"] for answer in answers[1:]}
    seconds, amount = charged(customer, session)
    assert int(seconds) <= 600 + 300 + 300
    assert amount == "0.50"


def test_more_seconds_than_an_ended_session_had_are_refused_however_late_they_come(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    """
    Two days later the session is as short as it was: ten minutes.
    """
    before = charged(customer, session)
    world.later(days=2)

    refusal = refusal_of(partner, world.used(session, 100_000))
    world.settle()

    assert (refusal["code"], refusal["pointer"]) == ("implausible", "/data/value")
    receipt = customer.read(f"/mobile/v1/access-sessions/{session}/receipt")
    assert (receipt["quantities"]["use_seconds"], receipt["amount"]["amount"]) == before


@pytest.mark.parametrize(
    ("off", "named"),
    [
        ({"minutes": 6}, "too_early"),
        ({"days": 400}, "too_early"),
        ({"days": -36}, "too_late"),
        ({"hours": -2}, "implausible"),
    ],
)
def test_usage_from_the_future_or_from_before_the_session_is_refused(
    world: World, partner: Partner, session: str, off: dict[str, float], named: str
) -> None:
    at = (world.system.now() + timedelta(**off)).isoformat()

    refusal = refusal_of(partner, world.used(session, 60, time=at))

    assert (refusal["code"], refusal["pointer"]) == (named, "/time")


@pytest.mark.parametrize(
    "time", ["yesterday", "2021-05-10", "2021-05-10T10:00:00", "2021-02-30T10:00:00Z", "", "1620640800"]
)
def test_a_time_that_is_no_instant_is_refused_and_pointed_at(
    world: World, partner: Partner, session: str, time: str
) -> None:
    assert refusal_of(partner, world.used(session, 60, time=time))["pointer"] == "/time"


@pytest.mark.parametrize("missing", ["specversion", "id", "source", "type", "subject", "time", "data"])
def test_an_event_without_a_required_member_is_refused(
    world: World, partner: Partner, session: str, missing: str
) -> None:
    event = world.used(session, 60)
    del event[missing]

    refusal = refusal_of(partner, event)
    assert refusal["code"] == "body_invalid"
    assert missing in str(refusal)


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"specversion": "0.3"}, "/specversion"),
        ({"type": "adgang.other.v1"}, "/type"),
        ({"id": ""}, "/id"),
        ({"id": "x" * 257}, "/id"),
        ({"source": ""}, "/source"),
        ({"meter": "kilometres"}, "/data/meter"),
        ({"signal": "moving"}, "/data"),
        ({"colour": "red", "data": {"meter": "use_seconds", "value": "1", "colour": "red"}}, "/data/colour"),
    ],
)
def test_an_event_with_a_member_that_does_not_fit_is_refused_and_the_member_named(
    world: World, partner: Partner, session: str, changed: dict[str, object], pointer: str
) -> None:
    event = world.used(session, 60, **changed)

    assert refusal_of(partner, event)["pointer"] == pointer


def test_a_signal_that_is_unknown_is_refused(world: World, partner: Partner, session: str) -> None:
    assert refusal_of(partner, world.event(session, signal="exploded"))["pointer"] == "/data/signal"


def test_an_event_about_another_partners_session_or_none_is_refused_alike(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    """
    Whether somebody else has such a session is not told, and the session does not hear of the event.
    """
    stranger = world.partner("Strangers")

    theirs = refusal_of(stranger, world.used(session, 60))
    none = refusal_of(stranger, world.used("ses_there_is_none", 60))

    assert theirs["code"] == none["code"] == "unknown_subject"
    assert theirs["title"] == none["title"]
    assert charged(customer, session) == ("600", "0.50")
    assert partner.report(world.used(session, 60))[0]["outcome"] == "late"
