"""Exports in parts in DynamoDB, and the tasks about them in the queue."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.finance.closes_store import PageQueue
from chalicelib.finance.errors import PageDone, PlanChanged
from chalicelib.finance.model import Export
from chalicelib.finance.parts_model import Part, Plan, Task
from chalicelib.finance.parts_store import PartStore
from chalicelib.kernel.time import Month
from chalicelib.storage.writes import Transaction
from infra.local.engine import Engine
from infra.tables import create_queues
from tests.stores.tables import STAGE

MAY, NOW = Month(2021, 5), datetime(2021, 6, 1, 6, tzinfo=UTC)
parts = PartStore()


def test_a_plan_goes_on_from_the_turn_that_was_read_and_counts_what_is_read_beside_it(commit: Transaction) -> None:
    first = Plan(MAY, 1, turn=1, made=2, after="acc-4")
    made = [Part(MAY, 1, 0, ("acc-1", "acc-2")), Part(MAY, 1, 1, ("acc-3", "acc-4"))]
    commit([parts.planning(first, None, NOW), *(parts.making(each, NOW) for each in made)], None)
    commit(parts.reading(made[1], 1, NOW), None)
    last = replace(first, turn=2, made=3, after="acc-5", parts=3)
    commit([parts.planning(last, first, NOW), parts.making(Part(MAY, 1, 2, ("acc-5",)), NOW)], None)

    assert parts.plan(MAY, 1) == replace(last, done=1)
    assert parts.plan(MAY, 2) is None
    assert parts.part(MAY, 1, 1) == made[1]
    assert parts.unread(last, 0, 9) == [0, 2]
    for before in (None, first):
        with pytest.raises(PlanChanged):
            commit([parts.planning(last, before, NOW)], None)


def test_a_part_is_read_once_and_its_pieces_come_in_their_order(commit: Transaction) -> None:
    part, export = Part(MAY, 7, 0, ("acc-1",)), Export(MAY, 7, NOW, "close")
    commit([parts.planning(Plan(MAY, 7, 1, 1, "acc-1", 1), None, NOW), parts.making(part, NOW)], None)
    for piece in (2, 0, 1):
        commit([parts.keeping(part, piece, bytes([piece]) * 3, NOW)], None)
    assert not parts.is_done(part)
    commit(parts.reading(part, 2, NOW), None)
    with pytest.raises(PageDone):
        commit(parts.reading(part, 2, NOW), None)

    assert parts.is_done(part)
    assert list(parts.kept(export, 0)) == [b"\x00" * 3, b"\x01" * 3]
    plan = parts.plan(MAY, 7)
    assert plan is not None
    assert plan.is_read


def test_a_task_is_sent_to_the_queue_of_pages(engine: Engine) -> None:
    url = create_queues(engine.client("sqs"), STAGE)["close-pages"]
    PageQueue(url).do(Task(MAY, 2, 3))
    (received,) = engine.client("sqs").receive_message(QueueUrl=url)["Messages"]

    assert json.loads(received["Body"]) == {"month": "2021-05", "export": 2, "part": 3}
