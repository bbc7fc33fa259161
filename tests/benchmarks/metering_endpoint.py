"""A DynamoDB that answers at once. Runs in a process of its own.

It keeps whole items in memory, looks at no condition, changes no attribute, and a query finds nothing.
"""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.statements import as_item_write

Json = dict[str, Any]
_kept: dict[tuple[str, str], Json] = {}


@contextmanager
def served() -> Iterator[str]:
    """The endpoint's address."""
    with subprocess.Popen([sys.executable, "-m", __name__], stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None:
                raise RuntimeError("no address")
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def _key(item: Json) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _put(operation: str, asked: Json) -> list[Json]:
    """The items that a request stores."""
    if operation == "PutItem":
        return [asked["Item"]]
    if operation == "BatchExecuteStatement":
        return [as_item_write(each)[0] for each in asked["Statements"]]
    if operation == "TransactWriteItems":
        return [each["Put"]["Item"] for each in asked["TransactItems"] if "Put" in each]
    if operation == "BatchWriteItem":
        return [each["PutRequest"]["Item"] for puts in asked["RequestItems"].values() for each in puts]
    return []


def _done(operation: str, asked: Json) -> Json:
    items = _put(operation, asked)
    _kept.update({_key(item): item for item in items})
    one = {"ConsumedCapacity": {"CapacityUnits": 1.0}}
    if operation == "PutItem":
        return one
    if operation == "GetItem":
        found_item = _kept.get(_key(asked["Key"]))
        return one | ({"Item": found_item} if found_item else {})
    if operation == "Query":
        return {**one, "Items": [], "Count": 0, "ScannedCount": 0}
    used = {"ConsumedCapacity": [{"CapacityUnits": 1.0}]}
    if operation == "BatchExecuteStatement":
        return {**used, "Responses": [{"TableName": "metering"} for _ in items]}
    if operation == "BatchGetItem":
        wanted = asked["RequestItems"].items()
        found = {table: [_kept[_key(key)] for key in gets["Keys"] if _key(key) in _kept] for table, gets in wanted}
        return {**used, "Responses": found, "UnprocessedKeys": {}}
    return {**used, "UnprocessedItems": {}}


def _talk(sock: socket.socket) -> None:
    data = b""
    while True:
        while (end := data.find(b"\r\n\r\n")) < 0:
            more = sock.recv(262144)
            if not more:
                return
            data += more
        head = data[:end].decode("latin-1").lower()
        size = int(head.partition("content-length:")[2].split("\r\n", 1)[0])
        while len(data) < end + 4 + size:
            data += sock.recv(262144)
        operation = data[:end].decode("latin-1").partition("DynamoDB_20120810.")[2].split("\r\n", 1)[0]
        body, data = data[end + 4 : end + 4 + size], data[end + 4 + size :]
        said = json.dumps(_done(operation, json.loads(body)), separators=(",", ":")).encode()
        answer = f"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {len(said)}\r\n\r\n"
        sock.sendall(answer.encode() + said)


def _serve() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            sock, _ = listening.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_talk, args=(sock,), daemon=True).start()


if __name__ == "__main__":
    _serve()
