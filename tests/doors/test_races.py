"""Two at once. (The local engine takes transactions one by one; real races are for DynamoDB Local.)"""

import threading
from collections.abc import Callable
from typing import Any

from tests.doors.callers import Reply, done
from tests.doors.world import Customer, Partner, World

SESSIONS = "/mobile/v1/access-sessions"


def at_once(*acts: Callable[[], Reply]) -> list[Reply]:
    """All acts, each in a thread of its own, let go together."""
    gate = threading.Barrier(len(acts))
    answers: dict[int, Reply] = {}

    def run(number: int, act: Callable[[], Reply]) -> None:
        gate.wait()
        answers[number] = act()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(acts))]


def accepted(customer: Customer, code: str) -> dict[str, Any]:
    return {"code": code, "quote": customer.quote(code)["quote"]}


def test_two_customers_who_start_the_same_asset_at_once_are_one_session(world: World, partner: Partner) -> None:
    for _ in range(3):
        code, pair = partner.bike(), (world.customer(), world.customer())
        acts = [(each, accepted(each, code)) for each in pair]

        answers = at_once(*(lambda each=each, body=body: each.post(SESSIONS, body) for each, body in acts))

        assert sorted(reply.status for reply in answers) == [201, 409]
        assert [len(each.read(SESSIONS)) for each in pair].count(1) == 1
        assert len(partner.read(f"/partner/v1/assets/{code.lower()}/sessions")) == 1


def test_one_start_sent_twice_at_once_is_one_session_with_one_answer(partner: Partner, customer: Customer) -> None:
    """
    The app's request and its retry overlap: same key, same body, same answer.
    """
    for number in range(5):
        body = accepted(customer, partner.bike())

        first, again = at_once(
            *[lambda body=body, number=number: customer.post(SESSIONS, body, key=f"race-{number}")] * 2
        )

        assert (first.status, first.content) == (again.status, again.content)
        assert first.status == 201
        assert sorted("idempotency-replayed" in reply.headers for reply in (first, again)) == [False, True]
        assert len(customer.read(SESSIONS)) == number + 1


def test_one_session_ended_twice_at_once_has_one_receipt(world: World, customer: Customer, code: str) -> None:
    session = customer.start(code)
    world.later(minutes=3)

    answers = at_once(*[lambda: customer.post(f"{SESSIONS}/{session}/end")] * 2)

    assert [reply.status for reply in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    statement = customer.read("/mobile/v1/statements/2021-05")
    assert [each["session_id"] for each in statement["sessions"]] == [session]
    assert statement["total"]["amount"] == "0.50"


def test_one_batch_sent_by_several_at_once_counts_once(
    world: World, customer: Customer, partner: Partner, code: str
) -> None:
    session = customer.start(code)
    world.later(minutes=10)
    events = [world.used(session, 10) for _ in range(20)]

    answers = at_once(*[lambda: partner.send(events)] * 3)

    outcomes = [answer["outcome"] for reply in answers for answer in done(reply)["events"]]
    assert (outcomes.count("accepted"), outcomes.count("duplicate")) == (20, 40)
    assert customer.end(session)["quantities"]["use_seconds"] == "200"
