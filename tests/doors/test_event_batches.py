"""Batches of events: an answer for each, in the order sent; sent again they count once."""

from collections.abc import Sequence

import pytest

from chalicelib.metering.fold import Settled
from tests.doors.callers import SINGLE, done, refused
from tests.doors.world import Customer, Partner, World


@pytest.fixture
def session(customer: Customer, code: str, world: World) -> str:
    """A session that has been open for ten minutes."""
    started = customer.start(code)
    world.later(minutes=10)
    return started


def charged(customer: Customer, session: str) -> tuple[str, str]:
    """Seconds and amount on the receipt."""
    receipt = customer.end(session)
    return receipt["quantities"]["use_seconds"], receipt["amount"]["amount"]


def test_a_bad_event_stops_no_good_one_in_its_batch(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    good, bad = world.used(session, 300), world.used(session, -1)

    answers = partner.report(bad, good, "no event", 7, None, {"id": "x"}, world.used("ses_none", 1))

    outcomes = [answer["outcome"] for answer in answers]
    assert outcomes == ["refused", "accepted", "refused", "refused", "refused", "refused", "refused"]
    assert [answers[0]["id"], answers[1]["id"], answers[5]["id"]] == [bad["id"], good["id"], "x"]
    assert charged(customer, session) == ("300", "0.50")


def test_an_event_sent_again_is_a_duplicate_and_counts_once(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    event = world.used(session, 300)

    first, again, later = partner.report(event), partner.report(event, event), partner.report(event)

    assert [answer["outcome"] for answer in first + again + later] == ["accepted"] + ["duplicate"] * 3
    assert len({answer["reference"] for answer in first + again + later}) == 1
    assert charged(customer, session) == ("300", "0.50")


def test_events_of_several_senders_that_come_again_count_once(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    sent = [world.used(session, 60, source=f"/helsinki/{each}") for each in ("bikes", "locks", "bikes", "locks")]

    first = [partner.report(each)[0]["outcome"] for each in sent]
    again = [answer["outcome"] for answer in partner.report(*sent)]

    assert (first, again) == (["accepted"] * 4, ["duplicate"] * 4)
    assert charged(customer, session) == ("240", "0.50")


def test_the_same_event_id_with_another_value_is_a_conflict_and_the_first_stays(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    event = world.used(session, 300)
    partner.report(event)

    (answer,) = partner.report(world.used(session, 200, id=event["id"]))

    assert answer["outcome"] == "conflict"
    assert charged(customer, session) == ("300", "0.50")


def test_a_single_event_is_answered_like_a_batch_of_one(world: World, partner: Partner, session: str) -> None:
    event = world.used(session, 60)

    answers = done(partner.post("/partner/v1/events", event, media_type=SINGLE, key=None))["events"]

    assert [(answer["id"], answer["outcome"]) for answer in answers] == [(event["id"], "accepted")]


def test_a_batch_of_none_or_of_more_than_a_thousand_is_refused_whole(
    world: World, customer: Customer, partner: Partner, session: str
) -> None:
    event = world.used(session, 1)

    refused(partner.send([]), 422, "body_invalid", "")
    refused(partner.send([{**event, "id": str(number)} for number in range(1001)]), 422, "body_invalid", "")

    assert charged(customer, session) == ("600", "0.50")


@pytest.mark.parametrize("raw", [b"{", b"", b"[{]", b"\xff", b'{"id": 1}'])
def test_a_batch_that_is_no_json_list_is_refused_whole(partner: Partner, raw: bytes) -> None:
    reply = partner.post("/partner/v1/events", raw=raw, media_type="application/cloudevents-batch+json", key=None)

    refused(reply, reply.status, {400: "malformed", 422: "body_invalid"}[reply.status], reply.json.get("pointer"))


def test_where_others_are_always_faster_a_hard_limit_asks_for_the_event_again(
    world: World, customer: Customer, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    429 with Retry-After and an answer for each event; without a hard limit it is 202, and a worker counts it.
    """
    free, limited = customer.start(partner.bike()), world.customer().start(partner.bike())
    done(partner.put(f"/partner/v1/usage/{limited}/limits/use_seconds", {"most": "600"}))
    heads = world.system.doors["partner"].module.wired.heads
    faster = monkeypatch.context()

    def overtaken(settled: Sequence[Settled]) -> list[bool]:
        return [False] * len(settled)

    with faster as patched:
        patched.setattr(heads, "put", overtaken)
        queued = partner.send([world.used(free, 60)])
        busy = partner.send([world.used(limited, 60), world.used(free, 60)])

    assert (queued.status, done(queued)["events"][0]["outcome"]) == (202, "queued")
    assert (busy.status, busy.headers["retry-after"], busy.headers["content-type"]) == (429, "1", "application/json")
    answers = busy.json["events"]
    assert [each["outcome"] for each in answers] == ["refused", "queued"]
    assert answers[0]["refused"]["code"] == "subject_busy"
