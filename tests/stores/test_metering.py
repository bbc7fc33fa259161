"""Heads, as DynamoDB keeps them: totals and events change together, on the version before."""

import json
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from chalicelib.kernel.time import Month
from chalicelib.metering.changes import Change, ChangeKind
from chalicelib.metering.columns import EMPTY
from chalicelib.metering.errors import HeadChanged, MetersChanged, PageMissing
from chalicelib.metering.fold import HEAD_BYTES, Settled, fold, settled
from chalicelib.metering.head import Head
from chalicelib.metering.meters import Kind, Meter
from chalicelib.metering.model import Event
from chalicelib.metering.page_refs import PageRef
from chalicelib.metering.ports import Log
from chalicelib.metering.store import FOLD_LATER, HeadStore, PynamoItems
from chalicelib.metering.usage import nodes_of, usages_of
from chalicelib.storage.outbox import MessageRecord, message
from chalicelib.storage.writes import Transaction
from tests.stores.tables import PREFIX, Client, items
from tests.unit.metering.rides import JUNE, MAY, RIDE, START, event
from tests.units import item_size

pytestmark = pytest.mark.stores
NOW = datetime(2021, 6, 1, tzinfo=UTC)
heads = HeadStore(PynamoItems(pause=lambda _attempt: None))


def grown(head: Head, *events: Event) -> Settled:
    after, _ = fold(head, events)
    return settled(after, nodes_of([head], heads=heads), first=not head.count)


def stored(head: Head, *events: Event) -> Head:
    """As a writer does it: pages, then the head on its version."""
    new = grown(head, *events)
    heads.prepare([new])
    assert heads.put([new]) == [True]
    return new.head


def all_of(head: Head) -> list[Event]:
    return list(usages_of([heads.find(head.subject, head.month)], heads=heads)[0].events)


def test_a_head_comes_back_as_it_was() -> None:
    head = stored(
        Head("ride-1", MAY, about=RIDE, meters={"metres": Meter("metres", Kind.SUM, "m", 3)}),
        event(1, value="242.000000000001", name="use_seconds"),
        event(2, place="station-1"),
        event(3, value="0.1", name="metres", source="Töölö"),
    )

    found = heads.find("ride-1", MAY)
    assert (found.about, found.meters, found.version) == (RIDE, head.meters, 1)
    assert found.totals == head.totals
    assert found.total("use_seconds") == Decimal("242.000000000001")
    assert found.tail.events("ride-1") == head.tail.events("ride-1")
    assert heads.find("ride-1", JUNE) == Head("ride-1", JUNE)


def test_only_the_version_after_the_stored_one_is_saved(commit: Transaction) -> None:
    """
    Two writers read the same head: the second is told to read again, and what the first wrote stays. Alone and in a
    transaction alike.
    """
    read = stored(Head("ride-1", MAY), event(1, value=10, name="metres"))
    first, second = grown(read, event(2, value=5, name="metres")), grown(read, event(3, value=7, name="metres"))
    commit([heads.saving(first)], None)
    for stale in (second, grown(Head("ride-1", MAY), event(4))):
        with pytest.raises(HeadChanged):
            commit([heads.saving(stale)], None)
        assert heads.put([stale]) == [False]

    assert heads.find("ride-1", MAY).total("metres") == 15


def test_some_heads_of_many_may_have_changed() -> None:
    busy = stored(Head("ride-2", MAY), event(1, subject="ride-2"))
    stored(busy, event(2, subject="ride-2"))
    given_ = [grown(Head("ride-1", MAY), event(1)), grown(busy, event(3, subject="ride-2"))]

    assert heads.put(given_) == [True, False]


def test_an_act_on_evidence_is_refused_if_more_has_come(commit: Transaction) -> None:
    none_yet = heads.find("ride-1", MAY)
    commit([heads.unchanged(none_yet), message("x", "none yet", {}, NOW)], None)
    seen = stored(none_yet, event(1))
    commit([heads.unchanged(seen), message("x", "seen", {}, NOW)], None)
    stored(seen, event(2))

    for stale in (none_yet, seen):
        with pytest.raises(HeadChanged):
            commit([heads.unchanged(stale), message("x", "stale", {}, NOW)], None)
    assert MessageRecord.find("x#stale", "message") is None


def test_a_head_of_many_events_stays_a_write_unit_and_its_pages_hold_the_rest(dynamodb: Client) -> None:
    head, sent = Head("ride-1", MAY, about=RIDE), []
    for batch in range(40):
        new = [event(100 * batch + number, number, number, "metres") for number in range(7 + batch)]
        head, sent = stored(head, *new), [*sent, *new]

    assert sorted(each.event_id for each in all_of(head)) == sorted(each.event_id for each in sent)
    assert head.nodes
    (item,) = [item for _, item in items(dynamodb) if item["sk"]["S"].startswith("head#")]
    assert item_size(item) <= HEAD_BYTES
    assert heads.find("ride-1", MAY).count == len(sent)


@pytest.mark.parametrize("letters", ["0", "é"])
def test_the_longest_ids_fit_whatever_they_compress_to(letters: str) -> None:
    events = [
        event(number, number % 60, number, "use_seconds", source=str(number).rjust(256, letters), place="p" * 256)
        for number in range(1_200)
    ]
    head = stored(Head("ride-1", MAY), *events)

    assert head.tail == EMPTY
    assert len(all_of(head)) == 1_200


def test_a_page_that_is_missing_is_said_and_not_taken_for_none(commit: Transaction) -> None:
    head = replace(Head("ride-1", MAY, version=1), pages=(PageRef(b"x" * 15, 1, b"abc"),))
    commit([heads.saving(settled(head, {}))], None)

    with pytest.raises(PageMissing):
        all_of(head)


def test_heads_of_many_months_stand_apart() -> None:
    for number in range(1, 13):
        one = Event("bikes", "event-1", "ride-1", START + timedelta(days=number), "metres", Decimal(number))
        stored(Head("ride-1", Month(2021, number)), one)

    assert [heads.find("ride-1", Month(2021, number)).total("metres") for number in (1, 12)] == [1, 12]
    found = heads.many([("ride-1", Month(2021, number)) for number in range(1, 14 - 1)])
    assert len(found) == 12


def test_every_subject_of_a_month_is_enumerated_once() -> None:
    """
    Three batches of new subjects, one of them written twice, as after a crash; and one subject that comes again.
    """
    for batch in range(3):
        new = [
            grown(Head(f"ride-{batch}-{number}", MAY), event(1, subject=f"ride-{batch}-{number}"))
            for number in range(60)
        ]
        heads.prepare(new)
        heads.prepare(new)
    heads.prepare([grown(Head("ride-0-0", MAY), event(2, subject="ride-0-0"))])
    heads.prepare([grown(Head("ride-0-0", JUNE), event(3, subject="ride-0-0"))])

    assert sorted(heads.subjects_of(MAY)) == sorted(
        f"ride-{batch}-{number}" for batch in range(3) for number in range(60)
    )
    assert list(heads.subjects_of(JUNE)) == ["ride-0-0"]
    assert list(heads.subjects_of(JUNE.next)) == []


def test_a_log_is_found_by_the_message_that_tells_of_it(commit: Transaction) -> None:
    log = Log("ride-1", MAY, (event(1), event(2, 20, 5, "metres")), NOW)
    commit(heads.spill(log, NOW), None)
    commit(heads.spill(log, NOW), None)

    (said,) = [each for each in MessageRecord.scan() if each.topic == FOLD_LATER]
    assert heads.spilled(said.body["subject"], Month.parse(said.body["month"]), said.body["digest"]) == log
    assert heads.spilled("ride-1", MAY, "x" * 20) is None


def test_a_head_of_the_format_before_is_read_and_written_on(dynamodb: Client) -> None:
    rows = [
        ["bikes", f"event-{number}", f"2021-05-31T20:{number:02d}:00.000000Z", "metres", "5", None]
        for number in range(50)
    ]
    item = {
        "pk": {"S": "subject#ride-1"},
        "sk": {"S": "head#2021-05"},
        "format": {"N": "1"},
        "version": {"N": "7"},
        "totals": {"S": '{"metres":"250"}'},
        "events": {"B": zlib.compress(json.dumps(rows).encode())},
    }
    dynamodb.put_item(TableName=f"{PREFIX}metering", Item=item)

    head = heads.find("ride-1", MAY)
    assert (head.version, head.about, head.total("metres"), head.count) == (7, None, 250, 50)
    after = stored(replace(head, about=RIDE), event(99, 55, 5, "metres"))
    assert (len(all_of(after)), after.total("metres"), after.version) == (51, 255, 8)


def test_a_change_is_stored_once_and_reverted_once(commit: Transaction) -> None:
    change = Change("c-1", "par-1", "ride-1", ChangeKind.VOID, "twice", NOW, 1, 0, ("2021-05",), "digest")
    commit(heads.changing(change, first=True), None)
    assert heads.change("par-1", "c-1") == change
    with pytest.raises(HeadChanged):
        commit(heads.changing(change, first=True), None)

    taken_back = replace(change, reverted_at=NOW)
    commit(heads.changing(taken_back, first=False), None)
    assert heads.change("par-1", "c-1") == taken_back
    with pytest.raises(HeadChanged):
        commit(heads.changing(taken_back, first=False), None)
    assert heads.change("par-2", "c-1") is None


def test_meters_are_stored_with_each_version(commit: Transaction) -> None:
    first, second = Meter("energy", Kind.SUM, "kwh", 1, ("tier",)), Meter("energy", Kind.SUM, "wh", 2)
    commit(heads.defining("par-1", {"energy": first}, first), None)
    commit(heads.defining("par-1", {"energy": second}, second), None)

    assert heads.meters("par-1") == {"energy": second}
    assert heads.meter_version("par-1", "energy", 1) == first
    assert (heads.meters("par-2"), heads.meter_version("par-1", "energy", 3)) == ({}, None)
    with pytest.raises(MetersChanged):
        commit(heads.defining("par-1", {"energy": second}, second), None)


def test_logs_of_a_month_are_listed() -> None:
    for number in range(3):
        heads.spill(Log("ride-1", MAY, (event(number),), NOW), NOW)

    assert len(list(heads.logs("ride-1", MAY))) == 3
    assert list(heads.logs("ride-1", JUNE)) == []


def test_all_that_a_subject_has_beside_its_heads_is_forgotten(dynamodb: Client) -> None:
    for name, count in (("ride-1", 300), ("ride-2", 60)):
        stored(Head(name, MAY), *(event(number, number % 59, 2, "metres", subject=name) for number in range(count)))
    stored(Head("ride-1", JUNE), event(1))
    heads.spill(Log("ride-1", MAY, (event(7),), NOW), NOW)
    heads.forget("ride-1")
    heads.forget("ride-1")

    left = sorted(item["sk"]["S"] for _, item in items(dynamodb) if item["pk"]["S"] == "subject#ride-1")
    assert left == ["head#2021-05", "head#2021-06"]
    assert [each.month for each in heads.all_of("ride-1")] == [MAY, JUNE]
    assert len(all_of(heads.find("ride-2", MAY))) == 60


def test_pages_and_logs_are_kept_for_ten_years_and_heads_for_good(dynamodb: Client) -> None:
    stored(Head("ride-1", MAY), *(event(number, number % 59, 2, "metres") for number in range(400)))
    heads.spill(Log("ride-1", MAY, (event(7),), NOW), NOW)

    kept = {item["sk"]["S"].partition("#")[0]: item.get("expires", {}).get("N") for _, item in items(dynamodb)}
    ends = str(int((datetime(2021, 6, 1, tzinfo=UTC) + timedelta(days=3653)).timestamp()))
    assert kept == {"head": None, "page": ends, "node": ends, "log": ends, "subjects": None}
