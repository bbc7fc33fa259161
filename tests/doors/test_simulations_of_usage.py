"""A tariff tried on usage that the caller states: quantities, events, need intervals; bad statements refused."""

from copy import deepcopy
from typing import Any

import pytest

from infra.local.tariffs import CITY_BIKE_TARIFF
from tests.doors.callers import done, refused
from tests.doors.test_simulations import BY_THE_SECOND, FINANCE, PARTNER, PUBLISHED
from tests.doors.world import Partner, World

HOUR = {"started_at": "2021-05-10T10:00:00Z", "ended_at": "2021-05-10T11:00:00Z"}
BY_NEED: dict[str, Any] = {
    "currency": "EUR",
    "tax_inclusive": True,
    "prices": [{"id": "time", "kind": "need", "per": "h", "in_use": "6", "kept": "1.20"}],
}


def stated(*customers: dict[str, Any], tariff: dict[str, Any] = BY_THE_SECOND, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return {"tariff": tariff, "customers": list(customers), **more}


def ride(seconds: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- members of a JSON document
    return {**HOUR, "quantities": {"use_seconds": seconds}, **more}


def tried(partner: Partner, body: dict[str, Any]) -> dict[str, Any]:
    return dict(done(partner.post(PARTNER, body, key=None)))


def faults(partner: Partner, body: dict[str, Any], code: str = "invalid_use") -> list[tuple[str, str]]:
    problem = refused(partner.post(PARTNER, body, key=None), 422, code)
    return [(each["pointer"], each["reason"]) for each in problem["errors"]]


def test_quantities_of_one_anonymous_customer_without_a_comparison(partner: Partner) -> None:
    found = tried(partner, stated({"uses": [ride("1500"), ride("12.5", use_id="short")]}))

    (customer,) = found["customers"]
    assert (customer["customer"], customer["uses"], customer["would_be"]) == (
        "customer-1",
        2,
        {"amount": "1.51", "currency": "EUR"},
    )
    assert (customer["billed"], customer["difference"], found["summary"]["billed"]) == (None, None, None)
    assert [(line["use_id"], line["amount"]["amount"]) for line in customer["lines"]] == [
        ("short", "0.01"),
        ("use-1", "1.50"),
    ]


def test_events_are_added_up_by_meter_and_are_the_evidence(partner: Partner) -> None:
    events = [
        {"id": f"e{number}", "meter": "use_seconds", "value": value, "time": "2021-05-10T10:30:00+00:00"}
        for number, value in enumerate(["600", "900.5"])
    ]

    (customer,) = tried(partner, stated({"uses": [{**HOUR, "events": events}]}))["customers"]

    (line,) = customer["lines"]
    assert (line["quantity"], line["amount"]["amount"], line["evidence"]) == ("1500.5", "1.50", ["e0", "e1"])


def test_need_intervals_are_rated_by_state(partner: Partner) -> None:
    """
    Half an hour in use at 6.00, a quarter kept at 1.20, a quarter released: 3.00 and 0.30.
    """
    needs = [
        {"state": "in_use", "start": "2021-05-10T10:00:00Z", "end": "2021-05-10T10:30:00Z", "evidence": ["lock-1"]},
        {"state": "kept", "start": "2021-05-10T13:30:00+03:00", "end": "2021-05-10T10:45:00Z"},
        {"state": "released", "start": "2021-05-10T10:45:00Z", "end": "2021-05-10T11:00:00Z"},
    ]

    found = tried(partner, stated({"uses": [{**HOUR, "needs": needs}]}, tariff=BY_NEED))

    (customer,) = found["customers"]
    assert [line["amount"]["amount"] for line in customer["lines"]] == ["3.00", "0.30", "0.00"]
    assert customer["lines"][0]["evidence"] == ["lock-1"]


def test_an_agreement_is_tried_with_a_fee_that_falls_asleep(partner: Partner) -> None:
    tariff = {
        **BY_NEED,
        "zone": "Europe/Helsinki",
        "prices": [{"id": "fee", "kind": "recurring", "amount": "1", "per": "day", "asleep_after_days": 0}],
    }
    month = {"started_at": "2021-04-30T21:00:00Z", "ended_at": "2021-05-31T21:00:00Z", "kind": "agreement"}
    needs = [{"state": "in_use", "start": "2021-05-03T08:00:00Z", "end": "2021-05-04T08:00:00Z"}]

    found = tried(partner, stated({"uses": [{**month, "needs": needs, "last_need_on": "2021-04-30"}]}, tariff=tariff))

    assert found["summary"]["would_be"]["amount"] == "2.00"


def test_what_was_billed_is_compared_with_winners_and_losers(partner: Partner) -> None:
    customers = [
        {"customer": "aino", "uses": [ride("1000")], "billed": {"amount": "1.20", "currency": "EUR"}},
        {"customer": "bo", "uses": [ride("3000")], "billed": {"amount": "2.50", "currency": "EUR"}},
    ]

    summary = tried(partner, stated(*customers))["summary"]

    assert [summary[name]["amount"] for name in ("billed", "would_be", "difference")] == ["3.70", "4.00", "0.30"]
    assert summary["largest_gains"] == [{"customer": "aino", "amount": {"amount": "0.20", "currency": "EUR"}}]
    assert summary["largest_losses"] == [{"customer": "bo", "amount": {"amount": "0.50", "currency": "EUR"}}]


@pytest.mark.parametrize("now", [CITY_BIKE_TARIFF, PUBLISHED])
def test_without_bills_the_tariff_of_now_tells(partner: Partner, now: dict[str, Any]) -> None:
    found = tried(partner, stated({"uses": [ride("2000")]}, {"uses": [ride("100")]}, now=now))

    assert [(each["billed"]["amount"], each["would_be"]["amount"]) for each in found["customers"]] == [
        ("1.50", "2.00"),
        ("0.50", "0.10"),
    ]


def test_staff_name_the_partner_of_a_published_tariff(world: World, partner: Partner) -> None:
    body = stated({"uses": [ride("2000")]}, tariff={**PUBLISHED, "partner_id": partner.partner_id}, now=BY_THE_SECOND)

    found = done(world.finance.post(FINANCE, body, key=None))

    assert found["customers"][0]["difference"]["amount"] == "-0.50"
    problem = refused(world.finance.post(FINANCE, {**body, "tariff": PUBLISHED}, key=None), 422, "invalid_tariff")
    assert problem["errors"] == [{"pointer": "/tariff/partner_id", "reason": "missing"}]


def test_every_fault_of_a_tariff_is_named_below_it(partner: Partner) -> None:
    tariff = deepcopy(CITY_BIKE_TARIFF)
    tariff["prices"][0]["amount"] = "-0.50"
    tariff["prices"][1]["size"] = "1e30"
    tariff["caps"][0]["over"] = ["nothing"]
    tariff["zone"] = "Europe/Nowhere"
    told = {
        ("/prices/0/amount", "negative"),
        ("/prices/1/size", "not_a_decimal_of_at_most_12_decimals"),
        ("/caps/0/over/0", "unknown_price"),
        ("/zone", "unknown_zone"),
    }

    for where in ("tariff", "now"):
        body = {**stated({"uses": [ride("1")]}), where: tariff}
        found = faults(partner, body, "invalid_tariff")
        assert set(found) == {(f"/{where}{pointer}", reason) for pointer, reason in told}


@pytest.mark.parametrize("tariff", [None, 5, "city-bike", [], {}])
def test_what_is_no_tariff_is_refused_at_its_place(partner: Partner, tariff: object) -> None:
    found = faults(partner, {**stated(), "tariff": tariff}, "invalid_tariff")

    assert {pointer.split("/")[1] for pointer, _ in found} == {"tariff"}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("-1", "negative"),
        ("1e30", "not_a_decimal_of_at_most_12_decimals"),
        ("NaN", "not_a_decimal_of_at_most_12_decimals"),
        ("Infinity", "not_a_decimal_of_at_most_12_decimals"),
        ("0.1234567890123", "not_a_decimal_of_at_most_12_decimals"),
        ("", "not_a_decimal_of_at_most_12_decimals"),
        (1e30, "not_a_decimal_text"),
        (60, "not_a_decimal_text"),
        (None, "not_a_decimal_text"),
    ],
)
def test_an_absurd_quantity_is_pointed_at(partner: Partner, value: object, reason: str) -> None:
    bad = {**HOUR, "quantities": {"use_seconds": value}}
    event = {"id": "e", "meter": "use_seconds", "value": value, "time": HOUR["started_at"]}

    body = stated({"uses": [ride("1"), ride("1", use_id="b"), bad, {**HOUR, "events": [event]}]})
    assert faults(partner, body) == [
        ("/customers/0/uses/2/quantities/use_seconds", reason),
        ("/customers/0/uses/3/events/0/value", reason),
    ]


@pytest.mark.parametrize(
    ("use", "pointer", "reason"),
    [
        ({**HOUR, "ended_at": "2021-05-10T09:59:59Z"}, "/ended_at", "before_its_start"),
        ({**HOUR, "ended_at": "2022-05-12T10:00:00Z"}, "/ended_at", "more_than_366_days_after_its_start"),
        ({**HOUR, "started_at": "2021-05-10T10:00:00"}, "/started_at", "not_an_instant"),
        ({**HOUR, "started_at": "2021-05-10T10:00:00+03:00[Europe/Helsinki]"}, "/started_at", "not_an_instant"),
        ({**HOUR, "started_at": "2021-05-10T10:00:00 Europe/Helsinki"}, "/started_at", "not_an_instant"),
        ({**HOUR, "started_at": "2021-05-10T10:00:00+99:00"}, "/started_at", "not_an_instant"),
        ({**HOUR, "started_at": "1969-12-31T23:59:59Z"}, "/started_at", "not_between_1970_and_2200"),
        ({**HOUR, "ended_at": "2200-01-02T00:00:00Z"}, "/ended_at", "not_between_1970_and_2200"),
        ({**HOUR, "ended_at": 5}, "/ended_at", "not_an_instant"),
        ({"started_at": HOUR["started_at"]}, "/ended_at", "missing"),
        ({**HOUR, "kind": "gift"}, "/kind", "not_one_of: session, agreement"),
        ({**HOUR, "use_id": "no id"}, "/use_id", "not_an_id"),
        ({**HOUR, "minutes": "5"}, "/minutes", "unknown_member"),
        ({**HOUR, "last_need_on": "yesterday"}, "/last_need_on", "not_a_day"),
        ({**HOUR, "last_need_on": "2021-W20-1"}, "/last_need_on", "not_a_day"),
        ({**HOUR, "quantities": []}, "/quantities", "not_an_object"),
        ({**HOUR, "quantities": {"a/b": "1"}}, "/quantities/a~1b", "not_an_id"),
        ("ride", "", "not_an_object"),
    ],
)
def test_a_use_at_fault_is_pointed_at(partner: Partner, use: object, pointer: str, reason: str) -> None:
    assert faults(partner, stated({"uses": [use]})) == [(f"/customers/0/uses/0{pointer}", reason)]


START, END = HOUR["started_at"], HOUR["ended_at"]


@pytest.mark.parametrize(
    ("need", "pointer", "reason"),
    [
        ({"state": "lent"}, "/0/state", "not_one_of: in_use, kept, released, faulty, grace"),
        ({"start": "2021-05-10T09:00:00Z"}, "/0/start", "outside_its_use"),
        ({"end": "2021-05-10T11:00:01Z"}, "/0/end", "outside_its_use"),
        ({"start": END, "end": START}, "/0/end", "before_its_start"),
        ({"start": "2021-05-10T10:00:00"}, "/0/start", "not_an_instant"),
        ({"why": "x"}, "/0/why", "unknown_member"),
        ({"evidence": "x"}, "/0/evidence", "not_a_list_of_texts"),
    ],
)
def test_a_need_at_fault_is_pointed_at(partner: Partner, need: dict[str, Any], pointer: str, reason: str) -> None:
    whole = {"state": "in_use", "start": START, "end": END}

    body = stated({"uses": [{**HOUR, "needs": [{**whole, **need}]}]}, tariff=BY_NEED)

    assert faults(partner, body) == [(f"/customers/0/uses/0/needs{pointer}", reason)]


def test_needs_that_overlap_are_refused_as_they_would_be_charged_twice(partner: Partner) -> None:
    whole = {"state": "in_use", "start": START, "end": END}

    found = faults(partner, stated({"uses": [{**HOUR, "needs": [whole, whole]}]}, tariff=BY_NEED))

    assert found == [("/customers/0/uses/0/needs/1/start", "before_the_end_of_the_one_before")]


def test_what_would_count_twice_is_refused(partner: Partner) -> None:
    event = {"id": "e", "meter": "use_seconds", "value": "5", "time": START}
    uses = [
        {**HOUR, "events": [event, event]},
        ride("5", events=[event]),
        ride("5", use_id="same"),
        ride("5", use_id="same"),
        {**HOUR, "events": [{**event, "time": "2021-05-10T12:00:00Z"}]},
        {**HOUR, "events": [{**event, "id": f"e{number}", "value": "9" * 15} for number in range(2)]},
    ]

    assert faults(partner, stated({"uses": uses})) == [
        ("/customers/0/uses/0/events/1/id", "not_unique"),
        ("/customers/0/uses/1/quantities/use_seconds", "also_told_by_events"),
        ("/customers/0/uses/4/events/0/time", "outside_its_use"),
        ("/customers/0/uses/5/events", "their_sum_is_too_large"),
        ("/customers/0/uses/3/use_id", "not_unique"),
    ]
    twice = stated({"customer": "a", "uses": []}, {"customer": "a", "uses": []})
    assert faults(partner, twice) == [("/customers/1/customer", "not_unique")]


def test_money_never_mixes(partner: Partner) -> None:
    one = {"uses": [ride("1")]}
    krone = {**one, "billed": {"amount": "1.00", "currency": "SEK"}}
    assert faults(partner, stated(krone)) == [("/customers/0/billed/currency", "the_tariff_is_in EUR")]
    fine = {**one, "billed": {"amount": "1.001", "currency": "EUR"}}
    assert faults(partner, stated(fine)) == [("/customers/0/billed/amount", "finer_than_the_minor_unit")]
    negative = {**one, "billed": {"amount": "-1", "currency": "EUR"}}
    assert faults(partner, stated(negative)) == [("/customers/0/billed/amount", "negative")]
    found = faults(partner, stated(one, now={**CITY_BIKE_TARIFF, "currency": "SEK"}), "invalid_tariff")
    assert found == [("/now/currency", "the other tariff is in EUR")]


def test_either_all_customers_have_a_bill_or_there_is_another_comparison(partner: Partner) -> None:
    bill = {"amount": "1.00", "currency": "EUR"}
    both = [{"uses": [ride("1000")], "billed": bill}, {"uses": [ride("1000")]}]

    assert faults(partner, stated(*both)) == [("/customers/1/billed", "missing_while_others_have_it")]
    found = tried(partner, stated(*both, now=CITY_BIKE_TARIFF))
    assert [each["billed"]["amount"] for each in found["customers"]] == ["1.00", "0.50"]


def test_too_much_is_refused_before_it_is_computed(partner: Partner) -> None:
    many = stated({"uses": [{**HOUR} for _ in range(2001)]})
    problem = refused(partner.post(PARTNER, many, key=None), 413, "simulation_too_large")
    assert problem["facts"] == {"most_uses": 2000}
    large = {**stated(), "tariff": {**BY_THE_SECOND, "zone": "x" * 70_000}}
    refused(partner.post(PARTNER, large, key=None), 413, "simulation_too_large", "/tariff")
    prices = [{"id": f"p{number}", "kind": "flat", "amount": "1"} for number in range(600)]
    wide = stated({"uses": [{**HOUR} for _ in range(2000)]}, tariff={**BY_THE_SECOND, "prices": prices})
    refused(partner.post(PARTNER, wide, key=None), 413, "simulation_too_large")
    huge = stated({"customer": "x" * 1_100_000, "uses": []})
    refused(partner.post(PARTNER, huge, key=None), 413, "body_too_large")


def test_faults_beyond_the_hundredth_are_not_told(partner: Partner) -> None:
    assert len(faults(partner, stated({"uses": [{} for _ in range(500)]}))) == 100


def test_lines_beyond_what_an_answer_holds_are_counted(partner: Partner) -> None:
    """
    Evidence of 900 events comes again in the lines of each price that looks at its meter.
    """
    prices = [
        {"id": f"p{n}", "kind": "threshold", "meter": "use_seconds", "above": "1", "amount": "1"} for n in range(60)
    ]
    events = [
        {"id": f"{number:04d}-{'x' * 90}", "meter": "use_seconds", "value": "5", "time": START} for number in range(900)
    ]
    body = stated({"uses": [{**HOUR, "events": events}]}, tariff={**BY_THE_SECOND, "prices": prices})

    reply = partner.post(PARTNER, body, key=None)

    found = done(reply)
    shown = len(found["customers"][0]["lines"])
    assert 0 < shown < 60
    assert shown + found["lines_left_out"] == 60
    assert found["summary"]["would_be"]["amount"] == "60.00"
    assert len(reply.content) < 4 * 1024 * 1024
    assert tried(partner, {**body, "lines": False})["customers"][0]["lines"] == []


def test_a_body_that_says_neither_or_is_no_object_is_refused(partner: Partner) -> None:
    refused(partner.post(PARTNER, {"tariff": BY_THE_SECOND}, key=None), 422, "body_invalid", "/customers")
    refused(partner.post(PARTNER, {"customers": []}, key=None), 422, "body_invalid", "/tariff")
    refused(partner.post(PARTNER, [], key=None), 422, "body_invalid", "")
    refused(partner.post(PARTNER, raw=b'{"tariff": NaN}', key=None), 400, "malformed")
    refused(partner.post(PARTNER, stated(), key=None, media_type="text/plain"), 415, "unsupported_media_type")
