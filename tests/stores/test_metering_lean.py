"""The metering store on the client of our own, on Amazon's engine: what it promises on PynamoDB's, it promises here."""

import random
import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from chalicelib.edge.wiring import Wiring
from chalicelib.metering.client import Client as Lean
from chalicelib.metering.client import ConditionFailedError, ContendedError, RefusedError, Surroundings
from chalicelib.metering.client_signing import Keys
from chalicelib.metering.errors import HeadChanged
from chalicelib.metering.fold import Settled, fold, settled
from chalicelib.metering.head import Head
from chalicelib.metering.lean_items import LeanItems, _was_stored
from chalicelib.metering.model import Event
from chalicelib.metering.ports import Log
from chalicelib.metering.records import head_item
from chalicelib.metering.store import HeadStore, PynamoItems
from chalicelib.metering.usage import nodes_of, replayed, usages_of
from chalicelib.storage.writes import Transaction
from infra.local.engine import DYNAMODB_LOCAL, Engine
from tests.stores.tables import PREFIX
from tests.unit.metering.rides import JUNE, MAY, RIDE, event

NOW = datetime(2021, 6, 1, tzinfo=UTC)


class Local:
    """Satisfies `client.Credentials`."""

    def current(self) -> Keys:
        return Keys("local", "local", None)

    def renewed(self) -> Keys:
        return self.current()


@pytest.fixture
def heads(engine: Engine, dynamodb: object) -> HeadStore:
    if engine.kind != DYNAMODB_LOCAL or dynamodb is None:
        pytest.skip("moto has no address: make conformance")
    client = Lean(
        region="eu-north-1",
        credentials=Local(),
        surroundings=Surroundings(time.time, time.monotonic, time.sleep, random.random),
        endpoint=engine.dynamodb_endpoint,
    )
    return HeadStore(LeanItems(client, f"{PREFIX}metering"))


def grown(head: Head, heads: HeadStore, *events: Event) -> Settled:
    after, _ = fold(head, events)
    return settled(after, nodes_of([head], heads=heads), first=not head.count)


@pytest.mark.conformance
def test_heads_pages_and_nodes_come_back_as_they_were(heads: HeadStore) -> None:
    head, sent = Head("ride-1", MAY, about=RIDE), 0
    for batch in range(12):
        new = grown(head, heads, *(event(100 * batch + each, each, each, "metres") for each in range(80)))
        heads.prepare([new])
        assert heads.put([new]) == [True]
        assert heads.put([new]) == [False]
        head, sent = new.head, sent + 80

    found = heads.find("ride-1", MAY)
    assert (found.about, found.count, found.version) == (RIDE, sent, 12)
    assert found.total("metres") == Decimal(12 * sum(range(80)))
    assert len(usages_of([found], heads=heads)[0].events) == sent
    assert [len(each.events) for each in replayed(MAY, heads=heads)] == [sent]
    assert heads.find("ride-1", JUNE) == Head("ride-1", JUNE)


@pytest.mark.conformance
def test_some_of_many_heads_may_have_changed(heads: HeadStore) -> None:
    new = [grown(Head(f"ride-{n}", MAY, about=RIDE), heads, event(1, subject=f"ride-{n}")) for n in range(40)]
    assert heads.put(new[::2]) == [True] * 20

    assert heads.put(new) == [False, True] * 20


@pytest.mark.conformance
def test_later_versions_are_stored_on_the_one_before_alone(heads: HeadStore) -> None:
    new = [grown(Head(f"ride-{n}", MAY, about=RIDE), heads, event(1, subject=f"ride-{n}")) for n in range(30)]
    heads.put(new)
    next_ = [grown(each.head, heads, event(2, subject=each.head.subject)) for each in new]
    assert heads.put(next_) == [True] * 30

    assert heads.put([*new[:2], *next_[2:]]) == [False] * 30
    assert {each.version for each in heads.many([(each.head.subject, MAY) for each in new]).values()} == {2}


@pytest.mark.conformance
def test_heads_of_the_format_before_are_replaced_whole(heads: HeadStore) -> None:
    old = [head_item(grown(Head(f"ride-{n}", MAY), heads, event(1, subject=f"ride-{n}"))) for n in range(2)]
    heads._items.write([{**each, "totals": {"S": "{}"}, "events": {"B": b"old"}} for each in old])  # type: ignore[attr-defined]
    assert heads._items.put([(each, 1) for each in old]) == [True, True]  # type: ignore[attr-defined]

    found = heads._items.read([(each["pk"]["S"], each["sk"]["S"]) for each in old])  # type: ignore[attr-defined]
    assert {len(each) for each in found.values()} == {5}


@pytest.mark.conformance
def test_a_transaction_and_the_client_see_one_another(heads: HeadStore, commit: Transaction) -> None:
    first = grown(Head("ride-1", MAY, about=RIDE), heads, event(1))
    commit([heads.saving(first)], None)
    second = grown(heads.find("ride-1", MAY), heads, event(2))
    assert heads.put([second]) == [True]
    with pytest.raises(HeadChanged):
        commit([heads.saving(grown(first.head, heads, event(3)))], None)


@pytest.mark.conformance
def test_logs_are_listed_and_all_beside_heads_is_forgotten(heads: HeadStore) -> None:
    heads.spill(Log("ride-1", MAY, (event(7),), NOW), NOW)
    assert [each.events for each in heads.logs("ride-1", MAY)] == [(event(7),)]

    heads.forget("ride-1")
    heads.forget("ride-1")
    assert list(heads.logs("ride-1", MAY)) == []


def test_the_setting_decides_which_client_carries_usage() -> None:
    settings = {"ADGANG_STAGE": "test", "AWS_REGION": "eu-north-1"}

    assert isinstance(Wiring({**settings, "DYNAMODB_CLIENT": "lean"}).heads._items, LeanItems)  # type: ignore[attr-defined]
    assert isinstance(Wiring(settings).heads._items, PynamoItems)  # type: ignore[attr-defined]


def test_a_write_whose_answer_was_lost_is_known_by_what_is_there() -> None:
    """
    The client sends it again, and the condition fails: on its own first attempt, or on another writer's.
    """
    head, _ = fold(Head("ride-1", MAY, about=RIDE), [event(1)])
    ours = head_item(settled(head, {}))
    theirs = head_item(settled(replace(head, tail=fold(Head("ride-1", MAY), [event(2)])[0].tail), {}))
    for uncertain, there, stored in ((True, ours, True), (True, theirs, False), (False, ours, False)):
        failed = ConditionFailedError("ConditionalCheckFailedException", uncertain=uncertain)
        failed.item = there
        assert _was_stored(failed, ours) is stored
    assert _was_stored(ContendedError("TransactionConflictException"), ours) is False
    with pytest.raises(RefusedError):
        _was_stored(RefusedError("AccessDeniedException"), ours)
