"""What usage costs: units by the size calculator, time of our processor against an endpoint that answers at once.

Batches of 1,000 events, one in ten sent before, over 10, 100, and about 630 subjects (1,000 events drawn among 1,000).
Prices are DynamoDB's on demand in us-east-1: 0.625 USD a million write units, 0.125 USD a million read units. Time is
what this process takes, from the body of the request to that of the answer: reading, folding, signing, sending.
"""

import json
import random
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from chalicelib.metering.fold import Settled, fold, settled
from chalicelib.metering.head import Head
from chalicelib.metering.model import Event
from chalicelib.metering.records import head_item
from chalicelib.metering.store import HeadStore
from infra.local.dynamodb_local import EngineMissingError
from infra.local.engine import DYNAMODB_LOCAL, Engine
from infra.tables import create_all
from tests.benchmarks import AtLeast, AtMost, Figures
from tests.benchmarks.metering_endpoint import served
from tests.benchmarks.metering_lean import MONTH, items_at, store_at
from tests.usage_load import BEGIN, FILL, SUBJECTS, Load, MeteredItems, Rides, take_in

WRITE_PRICE, READ_PRICE = 0.625, 0.125
MEASURED = {10: 12, 100: 12, 630: 24}
TURNS = 4
LEAN, TIMES = "tests.benchmarks.metering_lean", "tests.benchmarks.metering_times"
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


def figures() -> Figures:
    """All of `metering.*`."""
    found: Figures = {}
    for number, among in SUBJECTS.items():
        found |= {f"metering.{name}.{number}": figure for name, figure in _units(number, among).items()}
    with served() as endpoint:
        found |= _times(endpoint)
        found["metering.rss_mb"] = _said(LEAN, "rss", endpoint)["rss_mb"]
    with suppress(EngineMissingError):  # where there is no DynamoDB Local, there is no figure of it
        found |= _replay()
    return found


def _times(endpoint: str) -> Figures:
    """The machine is faster and slower for seconds at a time: so each is measured in turns, and its best is taken."""
    turns = [{number: _said(TIMES, str(number), endpoint) for number in SUBJECTS} for _ in range(TURNS)]
    found: Figures = {}
    for number in SUBJECTS:
        best = {name: min(turn[number][name] for turn in turns) for name in turns[0][number]}
        found |= {
            f"metering.events_per_cpu_s.{number}": 1000 / best["full"],
            f"metering.events_per_cpu_s_empty.{number}": 1000 / best["empty"],
            f"metering.floor_ratio.{number}": best["full"] / best["floor"],
            f"metering.item_per_event_ratio.{number}": best["item_per_event"] / best["full"],
        }
    return found


def _said(*asked: str) -> dict[str, float]:
    """What a process of its own measured: it has nothing beside, as a function has."""
    return dict(json.loads(subprocess.run([sys.executable, "-m", *asked], check=True, capture_output=True).stdout))


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
        said = _said(LEAN, "replay", endpoint)
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
