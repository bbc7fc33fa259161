"""Who joins a shared session uses its thing as its holder does: they are asked for the same, by the same refusals."""

from datetime import timedelta

import pytest

from tests.doors.asking import agree, begin, show, stored, thing, things
from tests.doors.callers import done, refused
from tests.doors.test_sharing import SHARED, invitation
from tests.doors.world import Customer, Partner, World

POLICY = {"requires": ["age:18", "driving_licence:B"], "consents": ["position:1"]}
ADULT = {"born": "1990-05-01", "identity_until": "2030-01-01"}


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    return things(world, POLICY)


@pytest.fixture
def session(world: World, cars: Partner, customer: Customer) -> str:
    """A car that its holder, who may, drives."""
    show(world, customer, "age:18", **ADULT)
    licensed(world, customer, days=900)
    agree(customer, f"{cars.partner_id}:position")
    return str(begin(customer, thing(cars))["session_id"])


def licensed(world: World, who: Customer, days: int) -> None:
    until = (world.system.now() + timedelta(days=days)).date().isoformat()
    show(world, who, "driving_licence:B", licence={"classes": ["B"], "until": until})


def test_who_joins_shows_and_agrees_to_all_that_the_holder_did_and_is_told_what_is_missing(
    world: World, cars: Partner, customer: Customer, session: str
) -> None:
    member, position = world.customer(), f"{cars.partner_id}:position"
    body = {"invitation": invitation(customer, session)}
    steps = [
        ("eligibility_missing", {"requires": "age:18"}, lambda: show(world, member, "age:18", **ADULT)),
        ("eligibility_missing", {"requires": "driving_licence:B"}, lambda: licensed(world, member, days=900)),
        ("consent_missing", {"purpose": position, "version": "1"}, lambda: agree(member, position)),
    ]
    for code, facts, mend in steps:
        before = stored(world)
        assert refused(member.post(SHARED, body), 403, code)["facts"] == facts
        assert stored(world) == before
        mend()

    assert done(member.post(SHARED, body))["session_id"] == session


def test_who_joins_with_a_licence_that_has_expired_is_told_so(
    world: World, cars: Partner, customer: Customer, session: str
) -> None:
    member = world.customer()
    show(world, member, "age:18", **ADULT)
    licensed(world, member, days=2)
    agree(member, f"{cars.partner_id}:position")
    world.later(days=3)

    answer = member.post(SHARED, {"invitation": invitation(customer, session)})

    assert refused(answer, 403, "eligibility_expired")["facts"] == {"requires": "driving_licence:B"}


def test_an_invitation_shows_what_is_asked_of_who_looks_at_it(
    world: World, cars: Partner, customer: Customer, session: str
) -> None:
    member, token = world.customer(), {"invitation": invitation(customer, session)}
    show(world, member, "age:18", **ADULT)

    asks = done(member.post(f"{SHARED}/invitation", token, key=None))["asks"]

    states = {each["what"]: (each["state"], each["version"]) for each in asks}
    position = f"{cars.partner_id}:position"
    assert states == {
        "age:18": ("met", None),
        "driving_licence:B": ("missing", None),
        position: ("missing", "1"),
    }
