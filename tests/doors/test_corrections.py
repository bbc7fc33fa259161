"""What may be corrected and read of usage at the partner door, and how what may not is refused."""

import base64
import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from chalicelib.edge.reacting import react
from tests.doors.callers import done, refused
from tests.doors.test_usage import EVENTS, ago, change, reported, session, total
from tests.doors.world import Customer, Partner, World

__all__ = ["session"]


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"])
def test_an_instant_at_the_end_of_time_refuses_itself_and_not_its_batch(
    world: World, partner: Partner, session: str, time: str
) -> None:
    bad, good = partner.report(world.used(session, 1, time=time), world.used(session, 1))

    assert (bad["refused"]["pointer"], good["outcome"]) == ("/time", "accepted")
    members = ["/helsinki/bikes", bad["id"], session, time]
    forged = "evr_" + base64.urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip("=")
    refused(partner.get(f"{EVENTS}/{forged}"), 422, "not_a_reference", None)
    refused(partner.post(f"{EVENTS}/{forged}/void", {"change_id": "x", "reason": "x"}), 422, "not_a_reference", None)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({}, ("bad_event", "/data")),
        ({"meter": "use_seconds"}, ("bad_event", "/data")),
        ({"signal": "dancing"}, ("bad_event", "/data/signal")),
        ({"signal": "moving", "meter": "use_seconds", "value": "1"}, ("bad_event", "/data")),
        ({"meter": "use_seconds", "value": "-1"}, ("bad_event", "/data/value")),
        ({"meter": "use_seconds", "value": "x"}, ("not_a_quantity", "/data/value")),
        ({"meter": "litres", "value": "1"}, ("bad_event", "/data/meter")),
    ],
)
def test_an_event_is_amended_only_to_what_may_be_reported(
    world: World, partner: Partner, session: str, data: dict[str, Any], why: tuple[str, str]
) -> None:
    reference = reported(world, partner, session)[0]
    body = {"change_id": f"{session}-a", "reason": "x", "data": data}

    refused(partner.post(f"{EVENTS}/{reference}/amend", body), 422, *why)
    assert total(partner, session) == "3600"


def test_an_amendment_may_not_leave_its_month(world: World, partner: Partner, session: str) -> None:
    reference = reported(world, partner, session)[0]
    body = {"change_id": f"{session}-a", "reason": "x", "data": {"meter": "use_seconds", "value": "1"}}

    refused(
        partner.post(f"{EVENTS}/{reference}/amend", {**body, "time": "2021-04-30T20:00:00Z"}),
        422,
        "other_month",
        "/time",
    )


def test_an_amendment_of_an_amendment_counts_once_when_the_first_is_taken_back(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    reference = reported(world, partner, session)[0]
    change(partner, f"/events/{reference}/amend", f"{session}-1", data={"meter": "use_seconds", "value": "70"})
    rows = partner.read(f"/partner/v1/usage/{session}/events")["events"]
    again = quote(next(row["reference"] for row in rows if row["value"] == "70"))
    change(partner, f"/events/{again}/amend", f"{session}-2", data={"meter": "use_seconds", "value": "90"})
    done(partner.post(f"/partner/v1/changes/{session}-1/revert"))

    assert total(partner, session) == "3090"
    assert customer.end(session)["quantities"]["use_seconds"] == "3090"


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ({"subject": "ses_another"}, ("bad_event", "/events/1/subject")),
        ({"time": "yesterday"}, ("not_an_instant", "/events/1/time")),
        ({"data": {"meter": "use_seconds", "value": "x"}}, ("not_a_quantity", "/events/1/data/value")),
        ({"data": {"meter": "litres", "value": "1"}}, ("bad_event", "/events/1/data/meter")),
        ({"source": "~mine"}, ("bad_event", "/events/1/source")),
        ({"id": "first"}, ("bad_event", "/events/1/id")),
    ],
)
def test_a_backfill_names_the_event_and_the_field_at_fault(
    world: World, partner: Partner, session: str, event: dict[str, Any], why: tuple[str, str]
) -> None:
    good = world.used(session, 60, id="first", time=ago(world, 50))
    body = {
        "change_id": f"{session}-b",
        "reason": "x",
        "subject": session,
        "from": ago(world, 80),
        "to": ago(world, 1),
        "events": [good, {**world.used(session, 30, time=ago(world, 40)), **event}],
    }

    refused(partner.post("/partner/v1/backfills", body), 422, *why)
    long = {**body, "from": "2011-05-10T09:00:00Z", "events": [good]}
    refused(partner.post("/partner/v1/backfills", long), 422, "too_late", "/from")


def test_the_replay_goes_on_after_an_event_whatever_comes_late(world: World, partner: Partner, session: str) -> None:
    references = reported(world, partner, session)
    first = partner.read(f"/partner/v1/usage/{session}/events?limit=2")
    partner.report(world.used(session, 5, time=ago(world, 90)))
    rest = partner.read(f"/partner/v1/usage/{session}/events?limit=2&after={quote(first['next'])}")

    assert [quote(row["reference"]) for row in first["events"] + rest["events"]] == references
    assert rest["next"] is None
    refused(partner.get(f"/partner/v1/usage/{session}/events?after=evr_x"), 422, "not_a_reference", "/after")


def test_of_very_many_events_each_is_found_charged(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    """
    A charge record lists two thousand ids at most, and the digest of all.
    """
    references = list[str]()
    for number in range(3):
        answers = partner.report(
            *(
                world.used(session, 0, time=ago(world, 90 - 30 * number), id=f"{session}-{number}-{each}")
                for each in range(900)
            )
        )
        references += [quote(each["reference"]) for each in answers]
    customer.end(session)
    world.settle()

    found = [partner.read(f"{EVENTS}/{references[at]}") for at in (0, 1200, 2600, -1)]
    assert [(each["charge"], each["why_not"]) for each in found] == [("charged", None)] * 4


def test_an_event_that_is_not_charged_says_why(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    one, two, _ = reported(world, partner, session)
    change(partner, f"/events/{one}/void", f"{session}-v")
    assert partner.read(f"{EVENTS}/{one}")["why_not"] == "voided"
    assert partner.read(f"{EVENTS}/{two}")["why_not"] == "session_goes_on"
    customer.end(session)
    world.settle()
    (late,) = partner.report(world.used(session, 5, time=ago(world, 30)))
    assert partner.read(f"{EVENTS}/{quote(late['reference'])}")["why_not"] == "correction_pending"
    world.settle()
    assert partner.read(f"{EVENTS}/{quote(late['reference'])}")["charge"] == "charged"


def test_what_came_late_is_charged_before_it_is_erased_and_stays_charged(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    """
    A worker that hears of the session again, as a stream may tell it a day later, leaves its charge as it is.
    """
    reported(world, partner, session)
    customer.end(session)
    partner.report(world.used(session, 5, time=ago(world, 30)))
    refused(partner.ask("DELETE", f"/partner/v1/usage/{session}"), 409, "not_charged_yet", None)
    world.settle()
    done(partner.ask("DELETE", f"/partner/v1/usage/{session}"))

    react("access.evidence", {"session_id": session}, world.system.doors["workers"].module.wired)
    shown = customer.read(f"/mobile/v1/access-sessions/{session}/receipt")
    assert (shown["revision"], shown["quantities"]["use_seconds"]) == (1, "3605")


def test_a_chart_of_a_meter_that_the_session_lacks_is_refused(partner: Partner, session: str) -> None:
    refused(partner.get(f"/partner/v1/usage/{session}/chart?meter=litres"), 422, "bad_event", "/meter")
    refused(partner.get(f"/partner/v1/usage/{session}?month=2021-13"), 422, "not_a_month", "/month")


def test_the_name_of_a_change_ends_with_its_line(world: World, partner: Partner, session: str) -> None:
    reference = reported(world, partner, session)[0]
    body = {"change_id": "mine\n", "reason": "x"}

    refused(partner.post(f"{EVENTS}/{reference}/void", body), 422, "body_invalid", "/change_id")


def test_an_event_is_found_by_what_it_was_sent_with(world: World, partner: Partner, session: str) -> None:
    sent = world.used(session, 5, time=ago(world, 30))
    (answer,) = partner.report(sent)
    asked = {name: sent[name] for name in ("source", "id", "subject", "time")}
    by_reference = partner.read(f"{EVENTS}/{quote(answer['reference'])}")

    assert partner.read(f"{EVENTS}?{urlencode(asked)}") == by_reference
    refused(partner.get(f"{EVENTS}?{urlencode({**asked, 'id': 'none'})}"), 404, "unknown_event")
    refused(partner.get(f"{EVENTS}?{urlencode({**asked, 'time': 'noon'})}"), 422, "not_an_instant", "/time")
    refused(world.partner("Strangers").get(f"{EVENTS}?{urlencode(asked)}"), 404, "unknown_subject")
