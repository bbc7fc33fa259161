"""What a thousand events take of our processor, by a process that does nothing beside: as one function does.

What else a process has read and kept before makes its memory larger, and everything in it slower.
"""

import json
import sys
import time

import msgspec
from pynamodb.attributes import UnicodeAttribute

from chalicelib.edge.cloudevents import BATCH, CloudEvent, read_events
from chalicelib.edge.garbage import collect_from_now_on
from chalicelib.metering.client_signing import Signer
from chalicelib.metering.columns import columns_of
from chalicelib.metering.model import Event
from chalicelib.metering.packing import pack
from chalicelib.metering.store import HeadStore
from chalicelib.storage.attributes import DecimalAttribute, InstantAttribute
from chalicelib.storage.record import Database, Record, TableName
from tests.benchmarks.metering_client import ENVIRONMENT, environment
from tests.benchmarks.metering_lean import Fixed, body_of, renamed, request, store_at
from tests.usage_load import FILL, SUBJECTS, Load

FIRST, ROUNDS = 3, 40
"""Requests of empty heads: the first of a process open connections and fill what is kept, so they are not counted."""
COPIES, FEWEST = 3, 5
"""How often a run of batches of full heads is taken, and how many it has at least."""


def seconds(number: int, endpoint: str) -> dict[str, float]:
    """Of a thousand events: with heads that are full and that are empty, the floor, and at one item an event.

    What is slower than the best of some tries is the machine's doing; nothing is of the process's first requests. Full
    heads are not all alike: now and then one leaves its events to a page. So a run of batches is taken several times
    over, each with subjects of its own, of each batch the best is taken, and of these the mean.
    """
    heads, among = store_at(endpoint), SUBJECTS[number]
    # subjects of their own, since the endpoint looks at no condition and forgets nothing; made before any is measured,
    # since making one leaves nothing of the last request in the processor's caches
    new = [body_of(renamed(Load(among).batch(), f"{number}e{each}")) for each in range(FIRST + ROUNDS)]
    empty = [_cpu(body, heads) for body in new]
    bodies, runs = list[bytes](), list[list[float]]()
    for copy in range(COPIES):
        load = Load(among)
        for _ in range(FILL[number]):
            request(body_of(renamed(load.batch(), f"{number}f{copy}")), heads)
        bodies = [body_of(renamed(load.batch(), f"{number}f{copy}")) for _ in range(FEWEST + FILL[number] // 4)]
        runs.append([_cpu(body, heads) for body in bodies])
    full = [min(each) for each in zip(*runs, strict=True)]
    return {
        "full": sum(full) / len(full),
        "empty": min(empty[FIRST:]),
        "floor": min(_floor(body) for body in bodies),
        "item_per_event": _item_per_event(endpoint),
    }


def _cpu(body: bytes, heads: HeadStore) -> float:
    begun = time.process_time()
    request(body, heads)
    return time.process_time() - begun


def _floor(body: bytes) -> float:
    """Decode, pack, and sign the same bytes, and nothing else."""
    signer, keys = Signer("dynamodb.eu-north-1.amazonaws.com", "eu-north-1"), Fixed().current()
    decoder = msgspec.json.Decoder(list[CloudEvent])
    begun = time.process_time()
    decoder.decode(body)
    begun_packing = time.process_time() - begun
    events = [event for _, event in read_events(body, {"content-type": BATCH}) if isinstance(event, Event)]
    own: dict[str, list[Event]] = {}
    for event in events:
        own.setdefault(event.subject, []).append(event)
    begun = time.process_time()
    for each in own.values():
        signer.head(keys, time.time(), "PutItem", pack(columns_of(each)))
    return begun_packing + time.process_time() - begun


class EventRecord(Record):
    """An event as an item of its own."""

    class Meta:
        """Any table."""

        table_name = TableName("metering")

    time = InstantAttribute()
    meter = UnicodeAttribute()
    value = DecimalAttribute()


def _item_per_event(endpoint: str) -> float:
    """What a thousand events take at one item each through PynamoDB, by what a hundred take."""
    with environment({**ENVIRONMENT, "AWS_ENDPOINT_URL_DYNAMODB": endpoint}):
        Database.forget()
        Database.use("adgang-bench-")
        events = Load(10).batch(100)
        for each in events[:3]:
            _one_item(each)
        begun = time.process_time()
        for each in events:
            _one_item(each)
        took = time.process_time() - begun
        Database.forget()
    return took * 10


def _one_item(event: Event) -> None:
    record = EventRecord(f"subject#{event.subject}", f"event#{event.source}#{event.event_id}")
    record.time, record.meter, record.value = event.time, event.name, event.value
    record.save(EventRecord.pk.does_not_exist())


if __name__ == "__main__":
    collect_from_now_on()
    sys.stdout.write(json.dumps(seconds(int(sys.argv[1]), sys.argv[2])))
