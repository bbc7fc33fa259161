"""A process that sends the story through real sockets, and may be killed at any time: `python -m tests.faults.sender`.

It reads one job a line, forks for each, and says the child's number at once and how it ended when it has; so a new
process costs milliseconds.
"""

import json
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.metering.client import Client, Surroundings
from chalicelib.metering.client_signing import Keys
from chalicelib.metering.lean_items import LeanItems
from chalicelib.metering.records import HeadRecord
from chalicelib.metering.store import Items, PynamoItems
from chalicelib.storage.record import Database
from infra.local.apps import REGION
from tests.faults.usage_story import Story
from tests.stores.tables import PREFIX

CLIENTS = ("pynamodb", "lean")
ENDPOINT = "AWS_ENDPOINT_URL_DYNAMODB"
_BATCH = 20


class Local:
    """Satisfies `client.Credentials`."""

    def current(self) -> Keys:
        return Keys(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], None)

    def renewed(self) -> Keys:
        return self.current()


def items_of(client: str, sleep: Callable[[float], None], endpoint: str) -> Items:
    """The metering table through either client."""
    if client == "pynamodb":
        return PynamoItems(lambda attempt: sleep(0.01 * 2**attempt * random.random()))
    surroundings = Surroundings(time.time, time.monotonic, sleep, random.random)
    made = Client(region=REGION, credentials=Local(), surroundings=surroundings, endpoint=endpoint, width=16)
    return LeanItems(made, f"{PREFIX}metering")


def tell(job: Mapping[str, Any]) -> None:
    """The story, from start to end. botocore waits between attempts, and knows no other way not to."""
    time.sleep = lambda _seconds: None
    Story(datetime.fromisoformat(job["edge"]), items_of(job["client"], time.sleep, os.environ[ENDPOINT])).run()


def write(job: Mapping[str, Any]) -> None:
    """One of several writers: everything in its own order, by its own clock; the first one ends a session."""
    items = items_of(job["client"], time.sleep, os.environ[ENDPOINT])
    story = Story(datetime.fromisoformat(job["edge"]), items)
    chance = random.Random(job["seed"])
    events = chance.sample(story.sent, len(story.sent))
    for first in range(0, len(events), _BATCH):
        if job["ends"] and first == _BATCH * 4:
            story.end("ride-1")
        story.send(events[first : first + _BATCH], timedelta(minutes=job["skew"]))


JOBS = {"tell": tell, "write": write}


def serve() -> None:
    """Each job in a process of its own."""
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _end(json.loads(line))
        _say(pid)
        _say(_waited(pid, json.loads(line).get("kill_after")))


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def _waited(pid: int, kill_after: float | None) -> int:
    """How it ended. It is killed by its parent, which knows that the number is still its own."""
    until = None if kill_after is None else time.monotonic() + kill_after
    while until is not None:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            os.kill(pid, signal.SIGKILL)
            break
        time.sleep(0.005)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _end(job: Mapping[str, Any]) -> None:
    random.seed()
    try:
        JOBS[job["do"]](job)
    except BaseException:  # noqa: BLE001 -- whatever it was, it is said, and is the end of the process
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    Database.use(PREFIX)
    HeadRecord._get_connection().connection.client.meta  # noqa: B018 -- made once, before the first child
    serve()
