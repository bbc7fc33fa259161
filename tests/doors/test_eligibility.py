"""What a customer has to show and agree to before a start; each lack is a clear refusal, and changes nothing."""

from datetime import timedelta

import pytest

from chalicelib.kernel.time import format_instant
from infra.local.tariffs import CITY_BIKE
from tests.doors.asking import (
    ELIGIBILITY,
    RESERVATIONS,
    SESSIONS,
    accepted,
    agree,
    begin,
    proof_of,
    quoted,
    show,
    stored,
    thing,
    things,
)
from tests.doors.callers import done, refused
from tests.doors.world import Customer, Partner, World

POLICY = {
    "requires": ["age:18", "driving_licence:B"],
    "consents": ["position:1"],
    "hold": {"share": "0.25"},
}
TERMS = {"version": "2021-05", "texts": {"en": "Bring it back.", "fi": "Tuo se takaisin."}}
ADULT = {"born": "1990-05-01", "identity_until": "2030-01-01"}
LICENCE = {"licence": {"classes": ["AM", "B"], "until": "2029-06-20"}}


@pytest.fixture(scope="module")
def cars(world: World) -> Partner:
    return things(world, POLICY, terms=TERMS)


@pytest.fixture
def car(cars: Partner) -> str:
    return thing(cars)


def ready(world: World, customer: Customer, cars: Partner) -> None:
    show(world, customer, "age:18", **ADULT)
    show(world, customer, "driving_licence:B", **LICENCE)
    agree(customer, f"{cars.partner_id}:position")


def codes(customer: Customer) -> list[str]:
    return [each["code"] for each in customer.read("/mobile/v1/notices")["items"]]


def test_a_quote_shows_what_a_start_asks_and_how_it_stands(
    world: World, customer: Customer, cars: Partner, car: str
) -> None:
    def states() -> list[tuple[str, str]]:
        return [(each["what"], each["state"]) for each in quoted(customer, car)["asks"]]

    position = f"{cars.partner_id}:position"
    assert states() == [("age:18", "missing"), ("driving_licence:B", "missing"), (position, "missing")]
    ready(world, customer, cars)

    assert states() == [("age:18", "met"), ("driving_licence:B", "met"), (position, "met")]


def test_a_quote_shows_hold_terms_caps_and_data_card_and_the_session_keeps_what_was_promised(
    world: World, customer: Customer, cars: Partner, car: str, code: str
) -> None:
    """
    A day in use is 144.00, and 25 minutes more until it starts; a quarter of the worst case is held.
    """
    ready(world, customer, cars)
    quote = quoted(customer, car)

    assert quote["worst_case"]["amount"] == "146.50"
    assert quote["hold"] == {"amount": "36.63", "currency": "EUR"}
    assert quote["terms"] == {"version": "2021-05", "language": "fi", "text": "Tuo se takaisin."}
    assert quote["data_card"] == CITY_BIKE["data_card"]
    (cap,) = quoted(customer, code)["caps"]
    assert cap == {
        "cap": "day",
        "period": "day",
        "amount": {"amount": "9.00", "currency": "EUR"},
        "over": ["unlock", "time"],
    }
    begun = done(customer.post(SESSIONS, {"code": car, "quote": quote["quote"]}))
    assert (begun["hold"], begun["terms_version"], begun["ends_at_cost"]) == (quote["hold"], "2021-05", None)


def test_a_start_needs_everything_that_is_asked_and_says_what_is_missing(
    world: World, customer: Customer, cars: Partner, car: str
) -> None:
    position = f"{cars.partner_id}:position"
    steps = [
        ("eligibility_missing", {"requires": "age:18"}, lambda: show(world, customer, "age:18", **ADULT)),
        (
            "eligibility_missing",
            {"requires": "driving_licence:B"},
            lambda: show(world, customer, "driving_licence:B", **LICENCE),
        ),
        ("consent_missing", {"purpose": position, "version": "1"}, lambda: agree(customer, position)),
    ]
    for code, facts, mend in steps:
        body, before = accepted(customer, car), stored(world)
        for path in (SESSIONS, RESERVATIONS):
            assert refused(customer.post(path, body), 403, code)["facts"] == facts
        assert stored(world) == before
        mend()

    begin(customer, car)


def test_a_licence_that_has_expired_starts_nothing_until_it_is_shown_anew(
    world: World, customer: Customer, cars: Partner, car: str
) -> None:
    show(world, customer, "age:18", **ADULT)
    show(world, customer, "driving_licence:B", licence={"classes": ["B"], "until": format_day(world, 2)})
    agree(customer, f"{cars.partner_id}:position")
    world.later(days=60)
    body, before = accepted(customer, car), stored(world)

    problem = refused(customer.post(SESSIONS, body), 403, "eligibility_expired")

    assert problem["facts"] == {"requires": "driving_licence:B"}
    assert stored(world) == before
    assert {each["what"]: each["state"] for each in quoted(customer, car)["asks"]}["driving_licence:B"] == "expired"
    show(world, customer, "driving_licence:B", licence={"classes": ["B"], "until": format_day(world, 90)})
    begin(customer, car)


def format_day(world: World, days: int) -> str:
    return (world.system.now() + timedelta(days=days)).date().isoformat()


def test_a_session_that_runs_is_not_stopped_when_the_licence_expires(
    world: World, customer: Customer, cars: Partner, car: str
) -> None:
    show(world, customer, "age:18", **ADULT)
    show(world, customer, "driving_licence:B", licence={"classes": ["B"], "until": format_day(world, 1)})
    agree(customer, f"{cars.partner_id}:position")
    begun = begin(customer, car)
    world.later(days=3)

    assert [each["session_id"] for each in customer.read(SESSIONS)] == [begun["session_id"]]


def test_a_customer_is_told_two_weeks_before_what_they_have_shown_ends(world: World, customer: Customer) -> None:
    until = format_day(world, 30)
    show(world, customer, "driving_licence:B", licence={"classes": ["B"], "until": until})
    world.later(days=15)
    assert codes(customer) == []
    world.later(days=2)

    (notice,) = customer.read("/mobile/v1/notices")["items"]
    assert (notice["code"], notice["about"]) == ("eligibility_expires", "driving_licence")
    assert notice["facts"]["valid_until"].startswith(until)


def test_who_has_shown_it_anew_is_told_by_the_new_date(world: World, customer: Customer) -> None:
    show(world, customer, "student", student_until=format_day(world, 30))
    show(world, customer, "student", student_until=format_day(world, 45))
    world.later(days=29)
    assert codes(customer) == []
    world.later(days=4)

    assert codes(customer) == ["eligibility_expires"]


def test_only_the_result_is_kept(world: World, customer: Customer) -> None:
    shown = show(world, customer, "age:18", **ADULT)

    assert (shown["kind"], shown["at_least"], shown["source"]) == ("age", 18, "verifier-double")
    assert customer.read(ELIGIBILITY) == [shown]
    assert "1990" not in str(stored(world)["adgang-local-customers"])


def test_a_wider_result_stays_where_a_narrower_one_follows(world: World, customer: Customer) -> None:
    wide = show(world, customer, "age:21", **ADULT)

    assert show(world, customer, "age:18", **ADULT) == wide
    assert customer.read(ELIGIBILITY) == [wide]


@pytest.mark.parametrize(
    ("requires", "documents", "code"),
    [
        ("age:18", {"born": "2010-05-01", "identity_until": "2030-01-01"}, "not_shown"),
        ("driving_licence:B", {"licence": {"classes": ["AM"], "until": "2030-01-01"}}, "not_shown"),
        ("driving_licence", {"licence": {"classes": ["B"], "until": "2020-01-01"}}, "shown_expired"),
        ("identity", {}, "not_shown"),
        ("wealth", {}, "not_a_requirement"),
    ],
)
def test_what_a_proof_does_not_show_is_refused(
    world: World, customer: Customer, requires: str, documents: dict[str, object], code: str
) -> None:
    proof, before = proof_of(world, **documents), stored(world)

    pointer = "/requires" if code == "not_a_requirement" else "/proof"
    refused(customer.post(ELIGIBILITY, {"requires": requires, "proof": proof}), 422, code, pointer)

    assert stored(world) == before


def test_a_proof_is_nobody_elses_and_no_older_than_ten_minutes(world: World, customer: Customer) -> None:
    proof = proof_of(world, **ADULT)
    asked = {"requires": "age:18", "proof": proof}
    done(customer.post(ELIGIBILITY, asked))
    refused(world.customer().post(ELIGIBILITY, asked), 422, "not_shown", "/proof")

    late = {"requires": "identity", "proof": proof_of(world, **ADULT)}
    world.later(minutes=11)
    refused(customer.post(ELIGIBILITY, late), 422, "not_shown", "/proof")


def test_a_category_asks_for_all_of_its_products(world: World, customer: Customer) -> None:
    wide = {"names": {"en": "Boats"}, "eligibility": ["identity"]}
    done(world.operator.put("/finance/v1/categories/boats", wide))
    fast = {"names": {"en": "Fast boats"}, "parent": "boats", "eligibility": ["age:18"]}
    done(world.operator.put("/finance/v1/categories/fast-boats", fast))
    boat = thing(things(world, {}, category="fast-boats"))

    assert [each["what"] for each in quoted(customer, boat)["asks"]] == ["age:18", "identity"]
    refused(customer.post(SESSIONS, accepted(customer, boat)), 403, "eligibility_missing")
    show(world, customer, "identity", **ADULT)
    show(world, customer, "age:18", **ADULT)
    begin(customer, boat)


def test_a_consent_that_is_withdrawn_stops_the_next_start_and_not_the_session_that_runs(
    world: World, customer: Customer, cars: Partner, car: str
) -> None:
    ready(world, customer, cars)
    path = f"/mobile/v1/me/consents/{cars.partner_id}:position"
    begun, body = begin(customer, car), accepted(customer, thing(cars))
    assert done(customer.delete(path))["given"] is False
    before = stored(world)

    refused(customer.post(SESSIONS, body), 403, "consent_missing")

    assert stored(world) == before
    assert [each["session_id"] for each in customer.read(SESSIONS)] == [begun["session_id"]]
    agree(customer, f"{cars.partner_id}:position", "2")
    refused(customer.post(SESSIONS, body), 403, "consent_missing")
    agree(customer, f"{cars.partner_id}:position", "1")
    done(customer.post(SESSIONS, body))


def test_a_consents_history_says_who_when_and_which_version(world: World, customer: Customer) -> None:
    own, path = customer.read("/mobile/v1/me")["customer_id"], "/mobile/v1/me/consents/par-1:position"
    refused(customer.delete(path), 404, "unknown_consent")
    for version in ("1", "1", "2"):
        agree(customer, "par-1:position", version)
        world.later(minutes=1)
    for _ in range(2):
        withdrawn = done(customer.delete(path))
        world.later(minutes=1)

    history = customer.read(path)
    assert [(each["version"], each["given"]) for each in history] == [("1", True), ("2", True), ("2", False)]
    assert {each["by"] for each in history} == {own}
    assert [each["at"] for each in history] == sorted({each["at"] for each in history})
    assert customer.read("/mobile/v1/me/consents") == [withdrawn]
    assert world.customer().read(path) == []


@pytest.mark.parametrize(("purpose", "version"), [("position", "1"), ("par-1:Position", "1"), ("par-1:x", "a b")])
def test_a_consent_is_to_something_that_a_quote_would_name(customer: Customer, purpose: str, version: str) -> None:
    reply = customer.put(f"/mobile/v1/me/consents/{purpose}", {"version": version})

    refused(reply, 422, "bad_consent", "/version" if version != "1" else None)
    assert customer.read("/mobile/v1/me/consents") == []


def test_what_was_valid_when_it_was_shown_counts_to_the_microsecond(
    world: World, customer: Customer, cars: Partner, car: str
) -> None:
    show(world, customer, "age:18", **ADULT)
    agree(customer, f"{cars.partner_id}:position")
    until = world.system.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    show(world, customer, "driving_licence:B", licence={"classes": ["B"], "until": until.date().isoformat()})
    world.until(until - timedelta(minutes=5))
    body = accepted(customer, car)
    world.until(until)

    refused(customer.post(SESSIONS, body), 403, "eligibility_expired")
    assert format_instant(until) == customer.read(ELIGIBILITY)[1]["valid_until"]
