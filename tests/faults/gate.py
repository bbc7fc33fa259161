"""Between a process and its tables: a gate that lets requests through, and does what a test says at one of them.

What is behind it is moto in this process, or DynamoDB Local. The process in front of it may be killed by it.
"""

import http.client
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest
from moto.core import models as moto_core

from infra.local.apps import REGION
from tests.statements import as_item_write, table_of
from tests.unit.metering.endpoint import (
    Answer,
    Request,
    Step,
    Tables,
    applied_fault,
    cut,
    fault,
    ok,
    reset_after,
    reset_before,
    served,
)

READS = ("GetItem", "BatchGetItem", "Query", "Scan")
STATEMENTS = "BatchExecuteStatement"
BATCHES = ("BatchGetItem", "BatchWriteItem", STATEMENTS)
KILLS = ("killed before", "killed after")
BROKEN = ("reset before", "reset after", "throttled", "unprocessed", "unprocessed in part", "cut short", "500 after")
"""`after`: the write was applied, and nobody hears of it."""
Apply = Callable[[Request], Answer]


@dataclass
class Plan:
    """What happens at which request, and to how many in a row."""

    at: int | None = None
    how: str = ""
    times: int = 1
    points: list[str] = field(default_factory=list)
    met: list[str] = field(default_factory=list)

    def next(self, operation: str) -> str:
        """The fault for the next request, or none."""
        self.points.append(operation)
        number = len(self.points) - 1
        if self.at is None or number < self.at or len(self.met) == self.times or not possible(operation, self.how):
            return ""
        if self.times == 1 and number > self.at:
            return ""
        self.met.append(operation)
        return self.how


def possible(operation: str, how: str) -> bool:
    """Batches alone are given back; a read is not applied."""
    if how.startswith("unprocessed"):
        return operation in BATCHES
    return operation not in READS or how in {"reset before", "throttled", "cut short"}


class Gate:
    """Lets one request through at a time, so that `at` names the same one in each run."""

    def __init__(self, apply: Apply) -> None:
        self._apply = apply
        self._lock = threading.Lock()
        self._there = threading.Event()
        self._pid = 0
        self.plan = Plan()

    def expects(self, plan: Plan) -> None:
        """The next process, of which `comes` tells."""
        with self._lock:
            self.plan, self._pid = plan, 0
            self._there.clear()

    def comes(self, pid: int) -> None:
        """Who is to be killed: a process that waits for an answer, so its number is its own."""
        assert pid > 1
        self._pid = pid
        self._there.set()

    def step(self, sock: socket.socket, request: Request, _tables: Tables) -> bool:
        """As `endpoint.Step`."""
        with self._lock:
            how = self.plan.next(request.operation)
            if how in KILLS:
                return self._kill(request, how)
            return _meeting(how, sock, request, _Behind(self._apply))

    def _kill(self, request: Request, how: str) -> bool:
        if how == "killed after":
            self._apply(request)
        assert self._there.wait(10)
        os.kill(self._pid, signal.SIGKILL)
        return False


class _Behind(Tables):
    """The tables of the scripted endpoint's steps are those behind the gate."""

    def __init__(self, apply: Apply) -> None:
        super().__init__()
        self._through = apply

    def apply(self, request: Request) -> Answer:
        return self._through(request)


def _meeting(how: str, sock: socket.socket, request: Request, behind: _Behind) -> bool:
    if how.startswith("unprocessed"):
        sock.sendall(_given_back(request, behind, some=how.endswith("part")).bytes())
        return True
    steps = {
        "throttled": _throttled(request),
        "reset before": reset_before,
        "reset after": reset_after,
        "cut short": cut,
        "500 after": applied_fault(),
    }
    return steps.get(how, ok)(sock, request, behind)


def _throttled(request: Request) -> Step:
    if request.operation != "TransactWriteItems":
        return fault("ProvisionedThroughputExceededException")

    def step(sock: socket.socket, _request: Request, _tables: Tables) -> bool:
        reasons = [{"Code": "ThrottlingError", "Message": ""}, {"Code": "None"}]
        said = {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
            "CancellationReasons": reasons,
        }
        sock.sendall(Answer(json.dumps(said).encode(), 400).bytes())
        return True

    return step


def _given_back(request: Request, behind: _Behind, *, some: bool) -> Answer:
    """All of a batch, or its latter half."""
    if request.operation == STATEMENTS:
        return _throttled_statements(request, behind, some=some)
    ((table, asked),) = request.body["RequestItems"].items()
    reads = request.operation == "BatchGetItem"
    every = asked["Keys"] if reads else asked
    done = every[: len(every) // 2] if some else []
    said: dict[str, Any] = {"Responses": {}} if reads else {}
    if done:
        part = {**asked, "Keys": done} if reads else done
        said = _done(request, behind, RequestItems={table: part})
    left = every[len(done) :]
    said["UnprocessedKeys" if reads else "UnprocessedItems"] = {table: {**asked, "Keys": left} if reads else left}
    return Answer(json.dumps(said).encode())


def _throttled_statements(request: Request, behind: _Behind, *, some: bool) -> Answer:
    """Statements are not given back: each says that it was throttled."""
    every = request.body["Statements"]
    done = every[: len(every) // 2] if some else []
    said = _done(request, behind, Statements=done) if done else {"Responses": []}
    said["Responses"] += [{"Error": {"Code": "ThrottlingError", "Message": ""}} for _ in every[len(done) :]]
    return Answer(json.dumps(said).encode())


def _done(request: Request, behind: _Behind, **part: Any) -> dict[str, Any]:  # noqa: ANN401 -- as DynamoDB's JSON
    """What is said of a part of a request that is done."""
    body = {**request.body, **part}
    raw = json.dumps(body).encode()
    headers = {**request.headers, "content-length": str(len(raw))}
    answer = behind.apply(Request(request.operation, headers, body, raw))
    assert answer.status == 200, answer.body
    said: dict[str, Any] = json.loads(answer.body)
    return said


def moto(request: Request) -> Answer:
    """moto in this process. It takes the condition of a statement for a filter: it is given puts instead."""
    if request.operation != STATEMENTS:
        return _of_moto(request)
    said = [_of_moto(_as_put(request, each)) for each in request.body["Statements"]]
    failed = {"Error": {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}}
    return Answer(json.dumps({"Responses": [{} if each.status == 200 else failed for each in said]}).encode())


def _as_put(request: Request, statement: dict[str, Any]) -> Request:
    item, before = as_item_write(statement)
    body = {"TableName": table_of(statement), "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
    if before is not None:
        body |= {"ConditionExpression": "version = :before", "ExpressionAttributeValues": {":before": before}}
    raw = json.dumps(body).encode()
    named = {"x-amz-target": "DynamoDB_20120810.PutItem", "content-length": str(len(raw))}
    return Request("PutItem", {**request.headers, **named}, body, raw)


def _of_moto(request: Request) -> Answer:
    url = f"https://dynamodb.{REGION}.amazonaws.com/"
    headers = {name: value for name, value in request.headers.items() if name != "host"}
    asked = AWSPreparedRequest("POST", url, headers, request.raw, stream_output=False)
    status, _, said = moto_core.botocore_stubber.process_request(asked)
    return Answer(said if isinstance(said, bytes) else said.encode(), status)


def beside(line: http.client.HTTPConnection) -> Apply:
    """DynamoDB Local, on one connection: the gate lets one request through at a time."""
    headers = {"host": f"{line.host}:{line.port}", "connection": "keep-alive"}

    def apply(request: Request) -> Answer:
        line.request("POST", "/", request.raw, {**request.headers, **headers})
        answer = line.getresponse()
        return Answer(answer.read(), answer.status)

    return apply


@contextmanager
def opened(endpoint: str | None) -> Iterator[tuple[Gate, str]]:
    """A gate before the engine, and its address."""
    where = urlsplit(endpoint or "http://127.0.0.1")
    line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
    gate = Gate(beside(line) if endpoint else moto)
    with closing(line), served(otherwise=gate.step) as listening:
        yield gate, listening.url
