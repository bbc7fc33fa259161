"""What usage costs: units by the size calculator, time of our processor against an endpoint that answers at once.

Batches of 1,000 events, one in ten sent before, over 10, 100, and about 630 subjects (1,000 events drawn among 1,000).
Prices are DynamoDB's on demand in us-east-1: 0.625 USD a million write units, 0.125 USD a million read units. Time is
what this process takes, from the body of the request to that of the answer: reading, folding, signing, sending.
"""

import gc
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from pynamodb.attributes import UnicodeAttribute

from chalicelib.edge.cloudevents import BATCH, CloudEvent, read_events
from chalicelib.edge.garbage import collect_from_now_on
from chalicelib.metering.client_signing import Signer
from chalicelib.metering.columns import columns_of
from chalicelib.metering.fold import Settled, fold, settled
from chalicelib.metering.head import Head
from chalicelib.metering.model import Event
from chalicelib.metering.packing import pack
from chalicelib.metering.records import head_item
from chalicelib.metering.store import HeadStore
from chalicelib.storage.attributes import DecimalAttribute, InstantAttribute
from chalicelib.storage.record import Database, Record, TableName
from infra.local.dynamodb_local import EngineMissingError
from infra.local.engine import DYNAMODB_LOCAL, Engine
from infra.tables import create_all
from tests.benchmarks import AtLeast, AtMost, Figures
from tests.benchmarks.metering_client import ENVIRONMENT, environment
from tests.benchmarks.metering_endpoint import served
from tests.benchmarks.metering_lean import MONTH, Fixed, body_of, items_at, renamed, request, store_at
from tests.usage_load import BEGIN, SUBJECTS, Load, MeteredItems, Rides, take_in

WRITE_PRICE, READ_PRICE = 0.625, 0.125
FILL = {10: 6, 100: 12, 630: 28}
MEASURED = {10: 12, 100: 12, 630: 24}
FIRST, ROUNDS = 3, 40
"""Requests of empty heads: the first of a process open connections and fill what is kept, so they are not counted."""
COPIES, FEWEST = 3, 5
"""How often a run of batches of full heads is taken, and how many it has at least."""
LEAN = "tests.benchmarks.metering_lean"
MANY, ONE = 100_000, Decimal(1)

TARGETS = {
    **{f"metering.wcu_per_event.{n}": AtMost(most) for n, most in ((10, 0.07), (100, 0.16), (630, 0.70))},
    **{f"metering.rru_per_event.{n}": AtMost(most) for n, most in ((10, 0.06), (100, 0.30), (630, 0.75))},
    **{f"metering.usd_per_million_events.{n}": AtMost(most) for n, most in ((10, 0.06), (100, 0.15), (630, 0.55))},
    **{f"metering.resend_wcu.{n}": AtMost(0) for n in SUBJECTS},
    **{f"metering.events_per_cpu_s.{n}": AtLeast(least) for n, least in ((10, 40e3), (100, 20e3), (630, 8e3))},
    **{f"metering.events_per_cpu_s_empty.{n}": AtLeast(least) for n, least in ((10, 100e3), (100, 60e3), (630, 20e3))},
    "metering.round_trips.10": AtMost(5),
    "metering.rss_mb": AtMost(128),
    "metering.replay_1m_s": AtMost(20),
    "metering.replay_rss_mb": AtMost(64),
}


class EventRecord(Record):
    """An event as an item of its own."""

    class Meta:
        """Any table."""

        table_name = TableName("metering")

    time = InstantAttribute()
    meter = UnicodeAttribute()
    value = DecimalAttribute()


def figures() -> Figures:
    """All of `metering.*`."""
    found: Figures = {}
    for number, among in SUBJECTS.items():
        found |= {f"metering.{name}.{number}": figure for name, figure in _units(number, among).items()}
    with served() as endpoint, collecting_as_functions_do():
        for number, among in SUBJECTS.items():
            found |= {f"metering.{name}.{number}": figure for name, figure in _times(number, among, endpoint).items()}
        asked = [sys.executable, "-m", LEAN, "rss", endpoint]
        said = subprocess.run(asked, check=True, capture_output=True, text=True)
        found["metering.rss_mb"] = float(said.stdout)
    with suppress(EngineMissingError):  # where there is no DynamoDB Local, there is no figure of it
        found |= _replay()
    return found


@contextmanager
def collecting_as_functions_do() -> Iterator[None]:
    """Garbage is looked for as rarely as where a function has answered once."""
    before = gc.get_threshold()
    collect_from_now_on()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _replay() -> Figures:
    """A million events of 100,000 subjects, enumerated and read from DynamoDB Local by a process of its own."""
    engine = Engine(DYNAMODB_LOCAL).start()
    try:
        create_all(engine.client("dynamodb"), "bench")
        endpoint = str(engine.dynamodb_endpoint)
        items, heads = items_at(endpoint), store_at(endpoint)
        for first in range(0, MANY, 1000):
            new = [_filled(f"ses_{number:026d}") for number in range(first, first + 1000)]
            heads.prepare(new)
            items.write([head_item(each) for each in new])
        asked = [sys.executable, "-m", LEAN, "replay", endpoint]
        said = json.loads(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)
    finally:
        engine.stop()
    if said["events"] != MANY * 10:
        raise AssertionError(f"{said['events']} events are replayed")
    return {"metering.replay_1m_s": said["s"], "metering.replay_rss_mb": said["rss_mb"]}


def _filled(subject: str) -> Settled:
    """A subject with ten events."""
    random_ids = random.Random(subject)
    events = [
        Event(
            "/bikes", str(UUID(int=random_ids.getrandbits(128))), subject, BEGIN + timedelta(minutes=n), "metres", ONE
        )
        for n in range(10)
    ]
    about = Rides().known([subject])[subject]
    head, _ = fold(Head(subject, MONTH, about=about), events)
    return settled(head, {}, first=True)


def _units(number: int, among: int) -> Figures:
    """Units and round trips with full heads."""
    items, load, rides = MeteredItems(), Load(among), Rides()
    heads = HeadStore(items)
    for _ in range(FILL[number]):
        take_in(load.batch(), heads, rides)
    items.written, items.read_, most = 0.0, 0.0, 0
    for _ in range(MEASURED[number]):
        items.trips, batch = 0, load.batch()
        take_in(batch, heads, rides)
        most = max(most, items.trips)
    events = MEASURED[number] * 1000
    written, read = items.written / events, items.read_ / events
    before = items.written
    take_in(batch, heads, rides)
    return {
        "wcu_per_event": written,
        "rru_per_event": read,
        "resend_wcu": items.written - before,
        "round_trips": most,
        "usd_per_million_events": written * WRITE_PRICE + read * READ_PRICE,
    }


def _times(number: int, among: int, endpoint: str) -> Figures:
    """What is slower than the best of some tries is the machine's doing; nothing is of the process's first requests.

    Full heads are not all alike: now and then one leaves its events to a page. So a run of batches is taken several
    times over, each with subjects of its own, of each batch the best is taken, and of these the mean.
    """
    heads = store_at(endpoint)
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
    floor = min(_floor(body) for body in bodies)
    best = sum(full) / len(full)
    return {
        "events_per_cpu_s": 1000 / best,
        "events_per_cpu_s_empty": 1000 / min(empty[FIRST:]),
        "floor_ratio": best / floor,
        "item_per_event_ratio": _item_per_event(endpoint) / best,
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
