"""The parts of the metering benchmark that run in a process of their own, with nothing beside what a door has."""

import json
import random
import sys
import time
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from chalicelib.edge.cloudevents import BATCH, read_events, show_answers
from chalicelib.edge.garbage import collect_from_now_on
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Month, format_instant
from chalicelib.metering.client import Client, Surroundings
from chalicelib.metering.client_signing import Keys
from chalicelib.metering.lean_items import LeanItems
from chalicelib.metering.model import Event
from chalicelib.metering.store import HeadStore
from chalicelib.metering.usage import replayed
from chalicelib.storage.record import Database
from tests.benchmarks import peak_mb
from tests.usage_load import BEGIN, SUBJECTS, Load, Rides, take_in

MONTH = Month(2021, 5)


class Fixed:
    """Satisfies `client.Credentials`."""

    def current(self) -> Keys:
        return Keys("AKIDEXAMPLE", "secret", None)

    def renewed(self) -> Keys:
        return self.current()


def items_at(endpoint: str) -> LeanItems:
    surroundings = Surroundings(time.time, time.monotonic, time.sleep, random.random)
    client = Client(region="eu-north-1", credentials=Fixed(), surroundings=surroundings, endpoint=endpoint, width=16)
    Database.use("adgang-bench-")
    return LeanItems(client, "adgang-bench-metering")


def store_at(endpoint: str) -> HeadStore:
    return HeadStore(items_at(endpoint))


def body_of(events: Sequence[Event]) -> bytes:
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


def request(body: bytes, heads: HeadStore) -> bytes:
    """What the door does between the body of the request and that of the answer."""
    rows = read_events(body, {"content-type": BATCH})
    events = [event for _, event in rows if isinstance(event, Event)]
    answers = take_in(events, heads, Rides())
    named = zip((name for name, _ in rows), answers, strict=True)
    return msgspec.json.encode(show_answers([(name, answer) for name, answer in named]))


def renamed(events: Sequence[Event], prefix: str) -> list[Event]:
    return [each.but(subject=prefix + each.subject) for each in events]


def rss(endpoint: str) -> str:
    """Megabytes at most, after batches of a thousand events."""
    heads, load = store_at(endpoint), Load(SUBJECTS[630])
    for _ in range(8):
        request(body_of(renamed(load.batch(), "rss")), heads)
    return json.dumps({"rss_mb": peak_mb()})


def replay(endpoint: str) -> str:
    """How many events there are, how long it took to look at them all in order of time, and the memory at most.

    What each subject's events say is compared with the total on its head.
    """
    collect_from_now_on()
    heads, events, begun = store_at(endpoint), 0, time.perf_counter()
    for usage in replayed(MONTH, heads=heads):
        said, last = Decimal(0), BEGIN
        for event in usage.events:
            if event.time < last or event.name != "metres" or event.value is None:
                raise AssertionError(f"{event} is out of order, or of another meter")
            said, last, events = said + event.value, event.time, events + 1
        if said != usage.head.total("metres"):
            raise AssertionError(f"{usage.head.subject}: {said} is not {usage.head.total('metres')}")
    return json.dumps({"events": events, "s": time.perf_counter() - begun, "rss_mb": peak_mb()})


if __name__ == "__main__":
    sys.stdout.write({"rss": rss, "replay": replay}[sys.argv[1]](sys.argv[2]))
