"""Exports in parts in DynamoDB, and the tasks about them in the queue."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.finance.closes_store import PageQueue
from chalicelib.finance.errors import PageDone, PartsExpired, PlanChanged
from chalicelib.finance.model import Export
from chalicelib.finance.parts_items import PLAN, READ, PieceRecord, PlanRecord, number_key, partition, piece_key
from chalicelib.finance.parts_model import KEPT, Part, Plan, Task
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


@pytest.mark.parametrize("gone", [0, 1, 2, None])
def test_a_part_of_which_something_is_kept_no_longer_is_not_a_shorter_one(
    commit: Transaction, gone: int | None
) -> None:
    version = 20 + (3 if gone is None else gone)
    part, export = Part(MAY, version, 0, ("acc-1",)), Export(MAY, version, NOW, "close")
    commit([parts.planning(Plan(MAY, version, 1, 1, "acc-1", 1), None, NOW), parts.making(part, NOW)], None)
    for piece in range(3):
        commit([parts.keeping(part, piece, bytes([piece]) * 3, NOW)], None)
    commit(parts.reading(part, 3, NOW), None)
    assert len(list(parts.kept(export, 0))) == 3
    key = number_key(READ, 0) if gone is None else piece_key(0, gone)
    PieceRecord(partition(MAY, version), key).delete()

    with pytest.raises(PartsExpired):
        list(parts.kept(export, 0))


def test_a_plan_is_kept_for_as_long_as_the_part_that_was_read_last(commit: Transaction) -> None:
    part, later = Part(MAY, 30, 0, ("acc-1",)), NOW + timedelta(days=3)
    commit([parts.planning(Plan(MAY, 30, 1, 1, "acc-1", 1), None, NOW), parts.making(part, NOW)], None)
    commit(parts.reading(part, 1, later), None)

    assert PlanRecord.get(partition(MAY, 30), PLAN).expires == later + KEPT


def test_a_task_is_sent_to_the_queue_of_pages(engine: Engine) -> None:
    url = create_queues(engine.client("sqs"), STAGE)["close-pages"]
    PageQueue(url).do(Task(MAY, 2, 3))
    (received,) = engine.client("sqs").receive_message(QueueUrl=url)["Messages"]

    assert json.loads(received["Body"]) == {"month": "2021-05", "export": 2, "part": 3}
