"""Starts the process that forks senders, and has jobs done by them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

from infra.local.engine import ACCESS_KEY, SECRET_KEY
from tests.faults.gate import Gate, Plan
from tests.faults.sender import ENDPOINT

KILLED = -signal.SIGKILL


class Senders:
    """Does one job at a time, each in a process of its own."""

    def __init__(self, endpoint: str) -> None:
        self.said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by `__exit__`
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.sender"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            text=True,
            env={
                **os.environ,
                "AWS_ACCESS_KEY_ID": ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
                ENDPOINT: endpoint,
            },
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with suppress(BrokenPipeError):
            self._process.communicate(timeout=30)
        self.said.close()

    def start(self, job: Mapping[str, Any]) -> int:
        """The number of the process that does it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return self._line()

    def ended(self) -> int:
        """How the process ended: 0, or minus the signal that killed it."""
        return self._line()

    def _line(self) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self.words()
        return int(line)

    def words(self) -> str:
        """What was said on stderr."""
        self.said.seek(0)
        return self.said.read().decode()[-4000:]


def through(gate: Gate, senders: Senders, job: Mapping[str, Any], plan: Plan) -> int:
    """Have the job done with what is planned on its way; how the process ended."""
    gate.expects(plan)
    gate.comes(senders.start(job))
    return senders.ended()
