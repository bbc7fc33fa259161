"""What a partner reads of usage and changes in it; each change shows on the receipt, and is taken back whole."""

import gzip
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from tests.doors.callers import BATCH, Reply, done, refused
from tests.doors.world import Customer, Partner, World

EVENTS = "/partner/v1/events"


@pytest.fixture
def session(customer: Customer, code: str, world: World) -> str:
    """A session that has been open for two hours."""
    started = customer.start(code)
    world.later(hours=2)
    return started


def ago(world: World, minutes: int) -> str:
    return (world.system.now() - timedelta(minutes=minutes)).isoformat()


def zipped(partner: Partner, raw: bytes, encoding: str = "gzip") -> Reply:
    return partner.post(EVENTS, raw=raw, media_type=BATCH, key=None, headers={"Content-Encoding": encoding})


def test_a_compressed_batch_is_taken_as_it_was(world: World, partner: Partner, session: str) -> None:
    events = [world.used(session, 60), world.used(session, 30)]

    answers = done(zipped(partner, gzip.compress(json.dumps(events).encode())))["events"]

    assert [each["outcome"] for each in answers] == ["accepted", "accepted"]
    assert [each["outcome"] for each in partner.report(*events)] == ["duplicate", "duplicate"]


@pytest.mark.parametrize(
    ("raw", "encoding", "status", "code"),
    [
        (gzip.compress(b"[" + b" " * (10 * 1024 * 1024) + b"]"), "gzip", 413, "body_too_large"),
        (gzip.compress(b"[]")[:-4], "gzip", 400, "malformed"),
        (gzip.compress(b"[]") + b"more", "gzip", 400, "malformed"),
        (b"no gzip", "gzip", 400, "malformed"),
        (b"[]", "br", 415, "unsupported_media_type"),
        (b"[" + b" " * (4 * 1024 * 1024) + b"]", "identity", 413, "body_too_large"),
    ],
    ids=["a bomb", "cut off", "something behind it", "not gzip", "another encoding", "more than 4 MB on the wire"],
)
def test_what_cannot_be_unpacked_within_bounds_is_refused(
    partner: Partner, raw: bytes, encoding: str, status: int, code: str
) -> None:
    refused(zipped(partner, raw, encoding), status, code, None)


def test_nobody_reports_under_a_name_of_ours(world: World, partner: Partner, session: str) -> None:
    (answer,) = partner.report(world.used(session, 60, source="~change-1"))

    assert (answer["outcome"], answer["refused"]["pointer"]) == ("refused", "/source")


def reported(world: World, partner: Partner, session: str) -> list[str]:
    """Ten, twenty and thirty minutes of use; their references."""
    events = [world.used(session, 600 * n, time=ago(world, 100 - 30 * n)) for n in (1, 2, 3)]
    return [quote(each["reference"]) for each in partner.report(*events)]


def total(partner: Partner, session: str) -> str:
    shown = partner.read(f"/partner/v1/usage/{session}")
    return str(next((each["amount"] for each in shown["totals"] if each["meter"] == "use_seconds"), "0"))


def test_totals_chart_and_replay_say_the_same(world: World, partner: Partner, session: str) -> None:
    references = reported(world, partner, session)

    shown = partner.read(f"/partner/v1/usage/{session}?month={world.system.now():%Y-%m}")
    assert (shown["events"], shown["totals"]) == (
        3,
        [{"meter": "use_seconds", "unit": "s", "amount": "3600", "dimensions": {}}],
    )
    for by in ("hour", "day"):
        rows = partner.read(f"/partner/v1/usage/{session}/chart?meter=use_seconds&by={by}")
        assert sum(int(row["amount"]) for row in rows) == 3600
        assert all(row["from"] < row["to"] for row in rows)
    first = partner.read(f"/partner/v1/usage/{session}/events?limit=2")
    rest = partner.read(f"/partner/v1/usage/{session}/events?limit=2&after={first['next']}")
    rows = first["events"] + rest["events"]
    assert [quote(row["reference"]) for row in rows] == references
    assert [row["value"] for row in rows] == ["600", "1200", "1800"]
    assert rest["next"] is None


def test_nothing_of_it_is_shown_to_another_partner(world: World, partner: Partner, session: str) -> None:
    reference = reported(world, partner, session)[0]
    stranger = world.partner("Strangers")

    for path in (f"/usage/{session}", f"/usage/{session}/events", f"/events/{reference}"):
        refused(stranger.get(f"/partner/v1{path}"), 404, "unknown_subject", None)
    refused(
        stranger.post(f"{EVENTS}/{reference}/void", {"change_id": "x", "reason": "x"}),
        404,
        "unknown_subject",
        "/subject",
    )
    assert total(partner, session) == "3600"


def test_an_event_is_found_by_its_reference_from_report_to_charge(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    reference = reported(world, partner, session)[0]
    status = partner.read(f"{EVENTS}/{reference}")
    assert (status["state"], status["charge"], status["revision"]) == ("counted", "open", None)

    customer.end(session)
    world.settle()

    status = partner.read(f"{EVENTS}/{reference}")
    assert (status["state"], status["charge"], status["revision"]) == ("counted", "charged", 0)
    refused(partner.get(f"{EVENTS}/evr_x"), 422, "not_a_reference", None)


def receipt(customer: Customer, session: str) -> tuple[int, str]:
    shown = customer.read(f"/mobile/v1/access-sessions/{session}/receipt")
    return shown["revision"], shown["quantities"]["use_seconds"]


def change(partner: Partner, path: str, change_id: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 -- members
    asked = {"change_id": change_id, "reason": "the lock reported it twice", **body}
    return dict(done(partner.post(f"/partner/v1{path}", asked)))


def test_voiding_amending_and_reverting_show_on_the_receipt(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    one, two, _ = reported(world, partner, session)
    customer.end(session)
    assert receipt(customer, session) == (0, "3600")

    voided = change(partner, f"/events/{one}/void", f"{session}-v")
    assert change(partner, f"/events/{one}/void", f"{session}-v") == voided
    world.settle()
    assert receipt(customer, session) == (1, "3000")
    assert partner.read(f"{EVENTS}/{one}")["voided_by"] == f"{session}-v"

    change(partner, f"/events/{two}/amend", f"{session}-a", data={"meter": "use_seconds", "value": "900"})
    world.settle()
    assert receipt(customer, session) == (2, "2700")

    taken_back = done(partner.post(f"/partner/v1/changes/{session}-v/revert"))
    world.settle()
    assert receipt(customer, session) == (3, "3300")
    assert partner.read(f"/partner/v1/changes/{session}-v") == taken_back
    assert taken_back["reverted_at"]
    assert total(partner, session) == "3300"


def test_a_stretch_is_filled_anew_and_taken_back(world: World, partner: Partner, session: str) -> None:
    reported(world, partner, session)
    body = {
        "subject": session,
        "from": ago(world, 80),
        "to": ago(world, 1),
        "events": [world.used(session, 60, time=ago(world, 50))],
    }

    made = change(partner, "/backfills", f"{session}-b", **body)
    assert (made["voided"], made["added"], total(partner, session)) == (3, 1, "60")
    done(partner.post(f"/partner/v1/changes/{session}-b/revert"))
    assert total(partner, session) == "3600"
    other = {"change_id": f"{session}-b", "reason": "x", **body, "to": ago(world, 2)}
    refused(partner.post("/partner/v1/backfills", other), 409, "change_taken", None)


def test_a_change_that_is_none_of_mine_or_never_was_is_unknown(world: World, partner: Partner, session: str) -> None:
    change(partner, f"/events/{reported(world, partner, session)[0]}/void", f"{session}-m")
    stranger = world.partner("Strangers")

    refused(stranger.get(f"/partner/v1/changes/{session}-m"), 404, "unknown_change", None)
    refused(stranger.post(f"/partner/v1/changes/{session}-m/revert"), 404, "unknown_change", None)


def test_what_has_ended_can_be_erased_and_its_charge_stays(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    reference = reported(world, partner, session)[0]
    refused(partner.ask("DELETE", f"/partner/v1/usage/{session}"), 409, "still_open", None)
    customer.end(session)

    (month,) = done(partner.ask("DELETE", f"/partner/v1/usage/{session}"))
    world.settle()

    assert month["events"] == 3
    assert done(partner.ask("DELETE", f"/partner/v1/usage/{session}")) == [month]
    assert total(partner, session) == "3600"
    assert partner.read(f"/partner/v1/usage/{session}/events")["events"] == []
    refused(partner.get(f"{EVENTS}/{reference}"), 404, "unknown_event", None)
    assert partner.report(world.used(session, 5))[0]["refused"]["code"] == "usage_erased"
    assert receipt(customer, session) == (0, "3600")


def test_a_limit_refuses_what_goes_beyond_it_and_the_customer_is_told_on_the_way(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    path = f"/partner/v1/usage/{session}/limits/use_seconds"
    (limit,) = done(partner.put(path, {"most": "1000"}))
    assert limit == {"meter": "use_seconds", "most": "1000", "hard": True, "used": "0"}

    answers = partner.report(
        world.used(session, 600, time=ago(world, 50)), world.used(session, 600, time=ago(world, 40))
    )
    world.settle()

    assert [each["outcome"] for each in answers] == ["accepted", "refused"]
    assert answers[1]["refused"]["code"] == "over_limit"
    assert partner.read(f"/partner/v1/usage/{session}")["limits"][0]["used"] == "600"
    told = [each for each in customer.read("/mobile/v1/notices")["items"] if each["code"] == "usage_limit"]
    assert [each["facts"]["percent"] for each in told] == ["50"]
    assert done(partner.put(path, {"most": None})) == []
    refused(partner.put(path, {"most": "0"}), 422, "body_invalid", "/most")
