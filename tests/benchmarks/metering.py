"""What usage costs: units by the size calculator, time of our processor against an endpoint that answers at once.

Batches of 1,000 events, one in ten sent before, over 10, 100, and about 630 subjects (1,000 events drawn among 1,000).
Prices are DynamoDB's on demand in us-east-1: 0.625 USD a million write units, 0.125 USD a million read units. Time is
what this process takes, from the body of the request to that of the answer: reading, folding, signing, sending.
"""

import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import msgspec
from pynamodb.attributes import UnicodeAttribute

from chalicelib.edge.cloudevents import BATCH, CloudEvent, read_events, show_answers
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import format_instant
from chalicelib.metering.client import Client, Surroundings
from chalicelib.metering.client_signing import Keys, Signer
from chalicelib.metering.lean_items import LeanItems
from chalicelib.metering.model import Event
from chalicelib.metering.packing import columns_of, pack
from chalicelib.metering.store import HeadStore
from chalicelib.storage.attributes import DecimalAttribute, InstantAttribute
from chalicelib.storage.record import Database, Record, TableName
from tests.benchmarks import AtLeast, AtMost, Figures
from tests.benchmarks.metering_client import ENVIRONMENT, environment
from tests.benchmarks.metering_endpoint import served
from tests.usage_load import SUBJECTS, Load, MeteredItems, Rides, take_in

WRITE_PRICE, READ_PRICE = 0.625, 0.125
FILL = {10: 6, 100: 12, 630: 28}
MEASURED = {10: 12, 100: 12, 630: 24}
ROUNDS = 5
RSS = "rss"

TARGETS = {
    **{f"metering.wcu_per_event.{n}": AtMost(most) for n, most in ((10, 0.07), (100, 0.16), (630, 0.70))},
    **{f"metering.rru_per_event.{n}": AtMost(most) for n, most in ((10, 0.06), (100, 0.30), (630, 0.75))},
    **{f"metering.usd_per_million_events.{n}": AtMost(most) for n, most in ((10, 0.06), (100, 0.15), (630, 0.55))},
    **{f"metering.resend_wcu.{n}": AtMost(0) for n in SUBJECTS},
    **{f"metering.events_per_cpu_s.{n}": AtLeast(least) for n, least in ((10, 40e3), (100, 20e3), (630, 8e3))},
    **{f"metering.events_per_cpu_s_empty.{n}": AtLeast(least) for n, least in ((10, 100e3), (100, 60e3), (630, 20e3))},
    "metering.round_trips.10": AtMost(5),
    "metering.rss_mb": AtMost(128),
}


class EventRecord(Record):
    """An event as an item of its own."""

    class Meta:
        """Any table."""

        table_name = TableName("metering")

    time = InstantAttribute()
    meter = UnicodeAttribute()
    value = DecimalAttribute()


class _Fixed:
    """Satisfies `client.Credentials`."""

    def current(self) -> Keys:
        return Keys("AKIDEXAMPLE", "secret", None)

    def renewed(self) -> Keys:
        return self.current()


def figures() -> Figures:
    """All of `metering.*`."""
    found: Figures = {}
    for number, among in SUBJECTS.items():
        found |= {f"metering.{name}.{number}": figure for name, figure in _units(number, among).items()}
    with served() as endpoint:
        for number, among in SUBJECTS.items():
            found |= {f"metering.{name}.{number}": figure for name, figure in _times(number, among, endpoint).items()}
        asked = [sys.executable, "-m", __name__, RSS, endpoint]
        said = subprocess.run(asked, check=True, capture_output=True, text=True)
        found["metering.rss_mb"] = float(said.stdout)
    return found


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


def _body(events: Sequence[Event]) -> bytes:
    """As a partner sends it."""
    return json.dumps(
        [
            {
                "specversion": "1.0",
                "id": event.event_id,
                "source": event.source,
                "type": "adgang.usage.v1",
                "subject": event.subject,
                "time": format_instant(event.time),
                "data": {"meter": event.name, "value": plain(event.value or Decimal(0))},
            }
            for event in events
        ]
    ).encode()


def _request(body: bytes, heads: HeadStore) -> bytes:
    """What the door does between the body of the request and that of the answer."""
    rows = read_events(body, {"content-type": BATCH})
    events = [event for _, event in rows if isinstance(event, Event)]
    answers = take_in(events, heads, Rides())
    named = zip((name for name, _ in rows), answers, strict=True)
    return msgspec.json.encode(show_answers([(name, answer) for name, answer in named]))


def _store(endpoint: str) -> HeadStore:
    surroundings = Surroundings(time.time, time.monotonic, time.sleep, random.random)
    client = Client(region="eu-north-1", credentials=_Fixed(), surroundings=surroundings, endpoint=endpoint, width=16)
    Database.use("adgang-bench-")
    return HeadStore(LeanItems(client, "adgang-bench-metering"))


def _times(number: int, among: int, endpoint: str) -> Figures:
    """The best of some rounds: what is slower is the machine's doing."""
    heads, load = _store(endpoint), Load(among)
    # subjects of their own, since the endpoint looks at no condition and forgets nothing
    empty = [_cpu(_body(_renamed(Load(among).batch(), f"{number}e{each}")), heads) for each in range(ROUNDS)]
    for _ in range(FILL[number]):
        _request(_body(_renamed(load.batch(), f"{number}f")), heads)
    bodies = [_body(_renamed(load.batch(), f"{number}f")) for _ in range(ROUNDS + FILL[number] // 4)]
    full = [_cpu(body, heads) for body in bodies]
    floor = min(_floor(body) for body in bodies)
    best = sum(full) / len(full)
    return {
        "events_per_cpu_s": 1000 / best,
        "events_per_cpu_s_empty": 1000 / min(empty),
        "floor_ratio": best / floor,
        "item_per_event_ratio": _item_per_event(endpoint) / best,
    }


def _renamed(events: Sequence[Event], prefix: str) -> list[Event]:
    return [replace(each, subject=prefix + each.subject) for each in events]


def _cpu(body: bytes, heads: HeadStore) -> float:
    begun = time.process_time()
    _request(body, heads)
    return time.process_time() - begun


def _floor(body: bytes) -> float:
    """Decode, pack, and sign the same bytes, and nothing else."""
    signer, keys = Signer("dynamodb.eu-north-1.amazonaws.com", "eu-north-1"), _Fixed().current()
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


def _rss(endpoint: str) -> float:
    """Megabytes at most, after batches of a thousand events."""
    heads, load = _store(endpoint), Load(SUBJECTS[630])
    for _ in range(8):
        _request(_body(_renamed(load.batch(), "rss")), heads)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__" and sys.argv[1:2] == [RSS]:
    sys.stdout.write(f"{_rss(sys.argv[2]):.1f}\n")
