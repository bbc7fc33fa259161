"""A process that sends the story through real sockets, and may be killed at any time: `python -m tests.faults.sender`.

It reads one job a line, forks for each, and says the child's number at once and how it ended when it has; so a new
process costs milliseconds.
"""

import json
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
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
    """The story from its start to its end."""
    items = items_of(job["client"], lambda _seconds: None, os.environ[ENDPOINT])
    Story(datetime.fromisoformat(job["edge"]), items, deliveries=job.get("deliveries", 1)).run()


def serve(work: Callable[[Mapping[str, Any]], None]) -> None:
    """Each job in a process of its own."""
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            _end(work, json.loads(line))
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _end(work: Callable[[Mapping[str, Any]], None], job: Mapping[str, Any]) -> None:
    try:
        work(job)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


if __name__ == "__main__":
    Database.use(PREFIX)
    HeadRecord._get_connection().connection.client.meta  # noqa: B018 -- made once, before the first child
    time.sleep = lambda _seconds: None  # botocore waits between its attempts, and nothing else of it can be told not to
    serve(tell)
