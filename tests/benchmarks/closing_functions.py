"""What functions do while a month is closed and exported: processes that take the next message when they are free."""

import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Condition
from typing import Any

from chalicelib.edge.garbage import collect_from_now_on
from chalicelib.edge.reacting_closes import settling_pages
from chalicelib.edge.settling_accounts import settle_together
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.finance import parting
from chalicelib.finance.closes_model import CloseState, Sent
from chalicelib.finance.closing import TURNS_AT_ONCE, open_close, spread
from chalicelib.finance.parting import Parting, begin_export, do_task
from chalicelib.finance.parts_model import Task
from chalicelib.finance.settling_pages import settle_page
from chalicelib.kernel.time import Month
from chalicelib.storage.record import Database
from infra.local.engine import MOTO
from tests.benchmarks import peak_mb
from tests.benchmarks.closing_floors import asked_for
from tests.benchmarks.closing_folder import Folder

STAGE, MAY = "bench", Month(2021, 5)
BEFORE, NOW = MAY.previous, datetime(2021, 6, 4, 6, tzinfo=UTC)
PROCESSES = 2
Message = list[Any]
Answer = dict[str, Any]
"""What was done of a message: `then` the messages that it gave, `s` and `cpu_s` its seconds, `rss_mb` the process's."""


@dataclass(frozen=True)
class Functions:
    """So many at once as are given; a message that one gives is taken by whoever is free."""

    each: Sequence[Callable[[Message], Answer]]

    def do(self, messages: Sequence[Message]) -> list[Answer]:
        """Do these, and all that they give."""
        waiting, answers, underway, changed = deque(messages), list[Answer](), list[Message](), Condition()

        def serve(function: Callable[[Message], Answer]) -> None:
            while True:
                with changed:
                    changed.wait_for(lambda: waiting or not underway)
                    if not waiting:
                        return
                    message = waiting.popleft()
                    underway.append(message)
                try:
                    answer = function(message)
                    with changed:
                        answers.append(answer)
                        waiting.extend(answer["then"])
                finally:
                    with changed:
                        underway.remove(message)
                        changed.notify_all()

        with ThreadPoolExecutor(len(self.each)) as threads:
            list(threads.map(serve, self.each))
        return answers


@contextmanager
def functions(kind: str) -> Iterator[Functions]:
    """Two processes; with moto, which is in this one, none but it."""
    if kind == MOTO:
        yield Functions([Function()])
        return
    command = [sys.executable, "-m", "tests.benchmarks.closing_functions"]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
    try:
        yield Functions([_Beside(each) for each in started])
    finally:
        for process in started:
            process.communicate()


@dataclass(frozen=True)
class _Beside:
    """A function in a process of its own."""

    process: "subprocess.Popen[bytes]"

    def __call__(self, message: Message) -> Answer:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a function ended with {self.process.wait()} at {message[0]}")
        answer: Answer = json.loads(line)
        return answer


@dataclass
class Kept:
    """Satisfies `finance`'s `Pages` and `Tasks`: what the queue would hold, as messages."""

    messages: list[Message] = field(default_factory=list)

    def send(self, page: Sent) -> None:
        """One message a page."""
        self.messages.append(["page", page.number, page.accounts])

    def do(self, task: Task) -> None:
        """One message a part, and one that has all of them put together."""
        self.messages.append(["task", task.part])


class Function:
    """Answers messages."""

    def __init__(self) -> None:
        self._wired = wired()
        self._wired.closes.find(MAY)  # finds the engine before any time is taken

    def __call__(self, message: Message) -> Answer:
        """Do it."""
        kind, *about = message
        cpu, began = time.process_time(), time.perf_counter()
        found = getattr(self, f"_{kind}")(*about)
        spent = {"s": time.perf_counter() - began, "cpu_s": time.process_time() - cpu, "rss_mb": peak_mb()}
        return {"then": [], **spent, **found}

    def _open(self) -> Answer:
        by = self._wired
        open_close(MAY, "UTC", by="bench", closes=by.closes, now=NOW, commit=by.commit)
        return {"then": [["spread", 0]]}

    def _spread(self, turn: int) -> Answer:
        by, kept = self._wired, Kept()
        spread(MAY, 1, turn, pages=kept, closes=by.closes, sessions=by.sessions, now=NOW, commit=by.commit)
        close = by.closes.find(MAY)
        onward = close is not None and close.state is CloseState.OPENED
        return {"then": [*([["spread", turn + TURNS_AT_ONCE]] if onward else []), *kept.messages]}

    def _page(self, number: int, accounts: Sequence[str]) -> Answer:
        settle_page(Sent(MAY, number, tuple(accounts)), 1, settling_pages(self._wired))
        return {}

    def _settle(self, accounts: Sequence[str]) -> Answer:
        if len(settle_together(accounts, BEFORE, self._wired.page())) != len(accounts):
            raise RuntimeError(f"not all of {accounts} were settled")
        return {}

    def _export(self, turn: int, folder: str) -> Answer:
        kept = Kept()
        begun = begin_export(MAY, 1, turn, self._parting(folder, kept))
        plan = self._wired.export_parts.plan(MAY, 1)
        written = begun is not None and begun.ready_at is not None
        onward = not written and (plan is None or plan.parts is None)
        following = [["export", turn + parting.TURNS_AT_ONCE, folder]] if onward else []
        return {"then": [*following, *([*each, folder] for each in kept.messages)], "together": written}

    def _task(self, part: int | None, folder: str) -> Answer:
        kept = Kept()
        do_task(Task(MAY, 1, part), self._parting(folder, kept))
        return {"then": [[*each, folder] for each in kept.messages], "together": part is None}

    def _look(self, number: int) -> Answer:
        part = self._wired.export_parts.part(MAY, 1, number)
        assert part is not None
        return {"asked": asked_for(part, self._wired), "accounts": len(part.accounts)}

    def _ask(self, requests: Sequence[Message]) -> Answer:
        for operation, request in requests:
            self._wired._lean_client.ask(operation, request)
        return {}

    def _parting(self, folder: str, kept: Kept) -> Parting:
        by = self._wired
        return replace(by.parting(), exporting=replace(by.exporting(), files=Folder(Path(folder))), tasks=kept)


def wired() -> BackOffice:
    """As a function is, at the instant at which the month is closed."""
    settings = {"ADGANG_STAGE": STAGE, "ADGANG_ZONE": "UTC", "ADGANG_MODE": "test", "KEY_PEPPER": "p" * 32}
    settings |= {"EXPORTS_BUCKET": "none", "CLOSE_QUEUE_URL": "none"}
    if endpoint := os.environ.get("AWS_ENDPOINT_URL_DYNAMODB"):  # moto answers botocore's calls alone
        settings |= {"DYNAMODB_CLIENT": "lean", "AWS_ENDPOINT_URL_DYNAMODB": endpoint}
        settings["AWS_REGION"] = os.environ["AWS_REGION"]
    return BackOffice(settings, now=lambda: NOW)


def main() -> None:
    """A message a line, and an answer a line."""
    collect_from_now_on()
    Database.use(f"adgang-{STAGE}-")
    function = Function()
    for line in sys.stdin:
        sys.stdout.write(f"{json.dumps(function(json.loads(line)))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
