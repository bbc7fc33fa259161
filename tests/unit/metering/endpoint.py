"""A DynamoDB that does as a script says: answers, refuses, hangs, breaks off before or after a write is applied.

It keeps what was applied, and understands two conditions: the item is new, and the version is so much.
"""

import json
import socket
import struct
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import cycle
from typing import Any

from tests.statements import as_item_write, table_of

NEW = "attribute_not_exists(pk)"
VERSION = "version = :v"
Json = dict[str, Any]
_FAULTS = "com.amazonaws.dynamodb.v20120810#"


@dataclass
class Request:
    """As it arrived."""

    operation: str
    headers: Mapping[str, str]
    body: Any
    raw: bytes = b""


@dataclass
class Answer:
    """As it is sent, unless the step breaks it."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def bytes(self, **changed: str | None) -> bytes:
        stated = {
            "Server": "Server",
            "Date": formatdate(usegmt=True),
            "Content-Type": "application/x-amz-json-1.0",
            "Content-Length": str(len(self.body)),
            "x-amz-crc32": str(zlib.crc32(self.body)),
        }
        lines = [f"{name}: {value}" for name, value in (stated | self.headers | changed).items() if value is not None]
        return "\r\n".join([f"HTTP/1.1 {self.status} X", *lines, "", ""]).encode() + self.body


class Tables:
    """Items by table and key, and every write that was applied."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str, str], Any] = {}
        self.applied: list[Any] = []
        self._lock = threading.Lock()

    def apply(self, request: Request) -> Answer:
        with self._lock:
            return getattr(self, f"_{request.operation.lower()}")(request.body)

    def _answer(self, said: dict[str, Any], units: float = 1.0, *, batch: bool = False) -> Answer:
        used = {"TableName": "t", "CapacityUnits": units}
        return Answer(json.dumps({**said, "ConsumedCapacity": [used] if batch else used}).encode())

    def _getitem(self, body: Json) -> Answer:
        item = self.items.get(_key(body["TableName"], body["Key"]))
        return self._answer({} if item is None else {"Item": item})

    def _putitem(self, body: Json) -> Answer:
        key = _key(body["TableName"], body["Item"])
        if not _holds(body, self.items.get(key)):
            return condition_failed(self.items.get(key) if "ReturnValuesOnConditionCheckFailure" in body else None)
        self.items[key] = body["Item"]
        self.applied.append(body["Item"])
        return self._answer({})

    def _deleteitem(self, body: Json) -> Answer:
        key = _key(body["TableName"], body["Key"])
        if not _holds(body, self.items.get(key)):
            return condition_failed(self.items.get(key))
        self.items.pop(key, None)
        self.applied.append(body["Key"])
        return self._answer({})

    def _query(self, body: Json) -> Answer:
        wanted = body["ExpressionAttributeValues"][":pk"]["S"]
        found = [item for key, item in sorted(self.items.items()) if key[:2] == (body["TableName"], wanted)]
        if "ExclusiveStartKey" in body:
            found = [item for item in found if item["sk"]["S"] > body["ExclusiveStartKey"]["sk"]["S"]]
        page = found[: body.get("Limit", 1000)]
        last = {"LastEvaluatedKey": {name: page[-1][name] for name in ("pk", "sk")}} if len(page) < len(found) else {}
        return self._answer({"Items": page, **last})

    def _batchgetitem(self, body: Json) -> Answer:
        found: dict[str, list[Any]] = {}
        for table, asked in body["RequestItems"].items():
            keys = [_key(table, key) for key in asked["Keys"]]
            found[table] = [self.items[key] for key in keys if key in self.items]
        return self._answer({"Responses": found, "UnprocessedKeys": {}}, batch=True)

    def _batchexecutestatement(self, body: Json) -> Answer:
        became = [self._statement(each) for each in body["Statements"]]
        return self._answer({"Responses": became}, float(len(became)), batch=True)

    def _statement(self, given: Json) -> Json:
        item, before = as_item_write(given)
        key = _key(table_of(given), item)
        there = self.items.get(key)
        if before is None and there is not None:
            return {"Error": {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}}
        if before is not None and (there is None or there["version"] != before):
            return {"Error": {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}}
        self.items[key] = item
        self.applied.append(item)
        return {"TableName": key[0]}

    def _batchwriteitem(self, body: Json) -> Answer:
        for table, requests in body["RequestItems"].items():
            for request in requests:
                if "PutRequest" in request:
                    item = request["PutRequest"]["Item"]
                    self.items[_key(table, item)] = item
                    self.applied.append(item)
                else:
                    self.items.pop(_key(table, request["DeleteRequest"]["Key"]), None)
        return self._answer({"UnprocessedItems": {}}, batch=True)


def _key(table: str, item: Json) -> tuple[str, str, str]:
    return table, item["pk"]["S"], item["sk"]["S"]


def _holds(body: Json, stored: Json | None) -> bool:
    condition = body.get("ConditionExpression")
    if condition is None:
        return True
    if condition == NEW:
        return stored is None
    assert condition == VERSION
    return stored is not None and stored["version"] == body["ExpressionAttributeValues"][":v"]


Step = Callable[[socket.socket, Request, Tables], bool]
"""Does one request; says whether the connection goes on."""


def ok(sock: socket.socket, request: Request, tables: Tables) -> bool:
    sock.sendall(tables.apply(request).bytes())
    return True


def condition_failed(item: Json | None) -> Answer:
    said = {"__type": f"{_FAULTS}ConditionalCheckFailedException", "message": "The conditional request failed"}
    return Answer(json.dumps(said | ({"Item": item} if item else {})).encode(), 400)


def fault(code: str, status: int = 400, message: str = "said the script", **headers: str) -> Step:
    """Refuse, without applying anything."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def step(sock: socket.socket, _request: Request, _tables: Tables) -> bool:
        body = json.dumps({"__type": _FAULTS + code, "message": message}).encode()
        sock.sendall(Answer(body, status, named).bytes())
        return True

    return step


def applied_fault(status: int = 500) -> Step:
    """Apply it, and say that something went wrong."""

    def step(sock: socket.socket, request: Request, tables: Tables) -> bool:
        tables.apply(request)
        return fault("InternalServerError", status)(sock, request, tables)

    return step


def bare(status: int, body: bytes = b"<html>busy</html>") -> Step:
    """An answer by something on the way that is not DynamoDB."""

    def step(sock: socket.socket, _request: Request, _tables: Tables) -> bool:
        sock.sendall(Answer(body, status).bytes(**{"x-amz-crc32": None}))
        return True

    return step


def reset_before(sock: socket.socket, _request: Request, _tables: Tables) -> bool:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def reset_after(sock: socket.socket, request: Request, tables: Tables) -> bool:
    tables.apply(request)
    return reset_before(sock, request, tables)


def hang_before(sock: socket.socket, _request: Request, _tables: Tables) -> bool:
    sock.settimeout(10)
    with_nothing_more = sock.recv(1)
    return bool(with_nothing_more)


def hang_after(sock: socket.socket, request: Request, tables: Tables) -> bool:
    tables.apply(request)
    return hang_before(sock, request, tables)


def cut(sock: socket.socket, request: Request, tables: Tables) -> bool:
    """Applied, but the answer ends in its middle."""
    whole = tables.apply(request).bytes()
    sock.sendall(whole[:-5])
    return False


def wrong_checksum(sock: socket.socket, request: Request, tables: Tables) -> bool:
    sock.sendall(tables.apply(request).bytes(**{"x-amz-crc32": "1"}))
    return True


def unreadable(sock: socket.socket, request: Request, tables: Tables) -> bool:
    tables.apply(request)
    sock.sendall(Answer(b'{"Item": ').bytes())
    return True


def chunked(sock: socket.socket, request: Request, tables: Tables) -> bool:
    answer = tables.apply(request)
    parts = [answer.body[at : at + 7] for at in range(0, len(answer.body), 7)]
    checksum = str(zlib.crc32(answer.body))
    head = Answer(b"", answer.status).bytes(
        **{"Content-Length": None, "Transfer-Encoding": "chunked", "x-amz-crc32": checksum}
    )
    body = b"".join(b"%x;note=1\r\n%s\r\n" % (len(part), part) for part in parts)
    sock.sendall(head)
    for at in range(0, len(body), 5):
        sock.sendall(body[at : at + 5])
    sock.sendall(b"0\r\nTrailer: yes\r\n\r\n")
    return True


def closing(sock: socket.socket, request: Request, tables: Tables) -> bool:
    """Says that it closes, and does."""
    sock.sendall(tables.apply(request).bytes(Connection="close"))
    return False


def then_closed(sock: socket.socket, request: Request, tables: Tables) -> bool:
    """Closes without a word once the answer is out, as servers do with idle connections."""
    sock.sendall(tables.apply(request).bytes())
    return False


def interim(sock: socket.socket, request: Request, tables: Tables) -> bool:
    sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" + tables.apply(request).bytes())
    return True


def leaving(count: int) -> Step:
    """Process all of a batch but the last `count`."""

    def step(sock: socket.socket, request: Request, tables: Tables) -> bool:
        ((table, asked),) = request.body["RequestItems"].items()
        reads = request.operation == "BatchGetItem"
        every = asked["Keys"] if reads else asked
        done, left = every[: len(every) - count], every[len(every) - count :]
        part = {**asked, "Keys": done} if reads else done
        answer = tables.apply(Request(request.operation, {}, {"RequestItems": {table: part}}))
        said = json.loads(answer.body)
        said["UnprocessedKeys" if reads else "UnprocessedItems"] = (
            {table: {**asked, "Keys": left} if reads else left} if left else {}
        )
        sock.sendall(Answer(json.dumps(said).encode()).bytes())
        return True

    return step


def failing(*codes: str) -> Step:
    """Carry out those statements for which there is no code, in turn."""

    def step(sock: socket.socket, request: Request, tables: Tables) -> bool:
        every = list(zip(request.body["Statements"], cycle(codes), strict=False))
        done = {"Statements": [each for each, code in every if not code]}
        answer = json.loads(tables.apply(Request(request.operation, {}, done)).body)
        became = iter(answer["Responses"])
        said = [{"Error": {"Code": code, "Message": "said the script"}} if code else next(became) for _, code in every]
        sock.sendall(Answer(json.dumps({**answer, "Responses": said}).encode()).bytes())
        return True

    return step


class Endpoint:
    """Listens until it is closed; each request takes the script's next step, and after its end is answered."""

    def __init__(self, *script: Step, otherwise: Step = ok) -> None:
        self.script = deque(script)
        self.otherwise = otherwise
        self.tables = Tables()
        self.requests: list[Request] = []
        self.connections = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._start(self._accept)

    @property
    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            for sock in self._open:
                with suppress(OSError):  # the client may have gone first
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _start(self, work: Callable[..., None], *given: socket.socket) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(sock)
                self.connections += 1
            self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        try:
            data = b""
            while True:
                request, data = read_request(sock, data)
                with self._lock:
                    self.requests.append(request)
                    step = self.script.popleft() if self.script else self.otherwise
                if not step(sock, request, self.tables):
                    return
        except OSError:
            return
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()


def read_request(sock: socket.socket, data: bytes) -> tuple[Request, bytes]:
    """The next request on the connection, and what came after it."""
    while b"\r\n\r\n" not in data:
        data += _more(sock)
    head, _, rest = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")[1:]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    size = int(headers["content-length"])
    while len(rest) < size:
        rest += _more(sock)
    operation = headers["x-amz-target"].partition(".")[2]
    return Request(operation, headers, json.loads(rest[:size]), rest[:size]), rest[size:]


def _more(sock: socket.socket) -> bytes:
    data = sock.recv(65536)
    if not data:
        raise ConnectionError("closed")
    return data


@contextmanager
def served(*script: Step, otherwise: Step = ok) -> Iterator[Endpoint]:
    endpoint = Endpoint(*script, otherwise=otherwise)
    try:
        yield endpoint
    finally:
        endpoint.close()
