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


def _done(operation: str, asked: Json) -> Json:
    if operation == "PutItem":
        _kept[_key(asked["Item"])] = asked["Item"]
        return {"ConsumedCapacity": {"CapacityUnits": 1.0}}
    if operation == "GetItem":
        found_item = _kept.get(_key(asked["Key"]))
        return {"ConsumedCapacity": {"CapacityUnits": 1.0}} | ({"Item": found_item} if found_item else {})
    if operation == "TransactWriteItems":
        for each in asked["TransactItems"]:
            if "Put" in each:
                _kept[_key(each["Put"]["Item"])] = each["Put"]["Item"]
        return {"ConsumedCapacity": []}
    if operation == "Query":
        return {"ConsumedCapacity": {"CapacityUnits": 1.0}, "Items": [], "Count": 0, "ScannedCount": 0}
    wanted = asked["RequestItems"]
    used = {"ConsumedCapacity": [{"TableName": table, "CapacityUnits": 1.0} for table in wanted]}
    if operation == "BatchWriteItem":
        for item in (each["PutRequest"]["Item"] for puts in wanted.values() for each in puts):
            _kept[_key(item)] = item
        return {**used, "UnprocessedItems": {}}
    found = {table: [_kept[_key(key)] for key in gets["Keys"] if _key(key) in _kept] for table, gets in wanted.items()}
    return {**used, "Responses": found, "UnprocessedKeys": {}}


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
