"""What the lean client costs: CPU of a put of 1 KB and of reading 100 heads, beside the floor, boto3 and PynamoDB.

The endpoint answers at once and is a process of its own, so that only the caller's side is counted. The floor writes
requests that were signed before to bare sockets and reads the answers without a look at them.
"""

import base64
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.session import Session
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.metering.client import Client, Expression, Item, Put, SessionCredentials, Surroundings
from chalicelib.metering.client_signing import Keys, Signer
from chalicelib.storage.record import Database, Record, TableName
from infra.local.engine import environment
from tests.benchmarks import AtLeast, AtMost, Figures, Targets

REGION = "eu-north-1"
HEADS = 100
WIDTH = 8
ROUNDS = 7
TAIL = random.Random(1).randbytes(800)
TOKEN = "token" * 150  # a role's is about so long
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKID",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": TOKEN,
    "AWS_DEFAULT_REGION": REGION,
}
TARGETS: Targets = {
    "metering_client.put_us": AtMost(100),
    "metering_client.put_floor_ratio": AtMost(7),
    "metering_client.put_boto3_ratio": AtLeast(10),
    "metering_client.put_pynamodb_ratio": AtLeast(10),
    "metering_client.batch_get_100_boto3_ratio": AtLeast(5),
    "metering_client.import_behind_botocore_ms": AtMost(15),
}
IMPORTING = """
import gc, time
gc.disable()
started = time.perf_counter()
import chalicelib.metering.client
print(time.perf_counter() - started)
"""


def key(number: int = 1) -> Item:
    return {"pk": {"S": f"subject#ride-{number:08}"}, "sk": {"S": "head#2021-05"}}


def head(number: int = 1) -> Item:
    """About 1 KB, as stored."""
    fields: Item = {"format": {"N": "1"}, "version": {"N": "7"}, "totals": {"S": '{"metres":"10","minutes":"3.5"}'}}
    return {**key(number), **fields, "tail": {"B": TAIL}}


class HeadRecord(Record):
    """The same item through PynamoDB."""

    class Meta:
        """Any table."""

        table_name = TableName("metering")

    version = NumberAttribute()
    totals = UnicodeAttribute()
    tail = BinaryAttribute(legacy_encoding=False)


def figures() -> Figures:
    """All figures of this area, by name. Single acts and many at once; each act's least of a few rounds, in turns."""
    with (
        served() as endpoint,
        environment({**ENVIRONMENT, "AWS_ENDPOINT_URL_DYNAMODB": endpoint}),
    ):
        acts = {**_ours(endpoint), **_floors(endpoint), **_theirs(endpoint)}
        found = _best(acts)
    Database.forget()
    Database.prefix = None
    return {
        "metering_client.put_us": found["write"],
        "metering_client.put_alone_us": found["put"],
        "metering_client.put_floor_us": found["write floor"],
        "metering_client.put_floor_ratio": found["write"] / found["write floor"],
        "metering_client.put_alone_floor_ratio": found["put"] / found["put floor"],
        "metering_client.put_boto3_ratio": found["boto3 put"] / found["write"],
        "metering_client.put_pynamodb_ratio": found["pynamodb put"] / found["write"],
        "metering_client.put_alone_pynamodb_ratio": found["pynamodb put"] / found["put"],
        "metering_client.batch_get_100_us": found["get"],
        "metering_client.batch_get_100_floor_ratio": found["get"] / found["get floor"],
        "metering_client.batch_get_100_boto3_ratio": found["boto3 get"] / found["get"],
        "metering_client.import_ms": _import_ms(""),
        "metering_client.import_behind_botocore_ms": _import_ms("import botocore.session, pynamodb.models, msgspec"),
    }


def _ours(endpoint: str) -> dict[str, tuple[Callable[[], object], int]]:
    client = Client(
        region=REGION,
        credentials=SessionCredentials(Session()),
        surroundings=Surroundings(time.time, time.monotonic, time.sleep, random.random),
        endpoint=endpoint,
        width=WIDTH,
    )
    put = Put("metering", head(), Expression("version = :v", {":v": {"N": "6"}}))
    keys = [key(number) for number in range(HEADS)]
    return {
        "put": (lambda: client.put_item(put), 1),
        "write": (lambda: client.write([put] * HEADS), HEADS),
        "get": (lambda: client.batch_get("metering", keys), 1),
    }


def _floors(endpoint: str) -> dict[str, tuple[Callable[[], object], int]]:
    host, _, port = endpoint.removeprefix("http://").partition(":")
    sockets = [socket.create_connection((host, int(port))) for _ in range(WIDTH)]
    signer, keys = Signer(host, REGION), Keys("AKID", "secret", TOKEN)
    item = {**head(), "tail": {"B": base64.b64encode(TAIL).decode()}}
    put_body = json.dumps({"TableName": "metering", "Item": item, "ReturnConsumedCapacity": "TOTAL"}).encode()
    get_body = json.dumps({"RequestItems": {"metering": {"Keys": [key(number) for number in range(HEADS)]}}}).encode()
    put = signer.head(keys, 0, "PutItem", put_body) + put_body
    get = signer.head(keys, 0, "BatchGetItem", get_body) + get_body
    size = len(_batch_answer())

    def write() -> None:
        for at in range(HEADS):
            if at >= WIDTH:
                sockets[at % WIDTH].recv(65536)
            sockets[at % WIDTH].sendall(put)
        for at in range(WIDTH):
            sockets[at].recv(65536)

    def read() -> None:
        sockets[0].sendall(get)
        left = size
        while left:
            left -= len(sockets[0].recv(262144))

    def one() -> None:
        sockets[0].sendall(put)
        sockets[0].recv(65536)

    return {"put floor": (one, 1), "write floor": (write, HEADS), "get floor": (read, 1)}


def _theirs(endpoint: str) -> dict[str, tuple[Callable[[], object], int]]:
    config = Config(retries={"mode": "standard"}, region_name=REGION)
    boto: Any = Session().create_client("dynamodb", endpoint_url=endpoint, config=config)
    Database.forget()
    Database.use("bench-")
    pk, sk = head()["pk"]["S"], head()["sk"]["S"]

    def put() -> None:
        boto.put_item(
            TableName="metering",
            Item=head(),
            ConditionExpression="version = :v",
            ExpressionAttributeValues={":v": {"N": "6"}},
            ReturnConsumedCapacity="TOTAL",
        )

    def save() -> None:
        HeadRecord(pk, sk, version=7, totals="{}", tail=TAIL).save(HeadRecord.version == 6)

    keys = [key(number) for number in range(HEADS)]
    return {
        "boto3 put": (put, 1),
        "pynamodb put": (save, 1),
        "boto3 get": (lambda: boto.batch_get_item(RequestItems={"metering": {"Keys": keys}}), 1),
    }


def _best(acts: dict[str, tuple[Callable[[], object], int]]) -> dict[str, float]:
    """Microseconds of CPU, user and system, of each act in its best round."""
    found: dict[str, float] = {}
    for act, _ in acts.values():
        act()
    for _ in range(ROUNDS):
        for name, (act, parts) in acts.items():
            times = max(1, 100 // parts)
            before = time.process_time()
            for _ in range(times):
                act()
            taken = (time.process_time() - before) / times / parts * 1e6
            found[name] = min(found.get(name, taken), taken)
    return found


def _import_ms(before: str) -> float:
    """With bytecode, as it is packed, and without garbage collection, as in a cold start."""
    command = [sys.executable, "-c", before + IMPORTING]
    with tempfile.TemporaryDirectory() as bytecode:
        given = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
        run = [subprocess.run(command, check=True, capture_output=True, text=True, env=given).stdout for _ in range(9)]
    return 1000 * min(map(float, run))


def _answer(body: bytes) -> bytes:
    names = f"Content-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\nConnection: keep-alive\r\n"
    names += f"x-amzn-RequestId: {'A' * 52}\r\nx-amz-crc32: {zlib.crc32(body)}\r\n"
    start = "HTTP/1.1 200 OK\r\nServer: Server\r\nDate: Mon, 31 May 2021 20:32:38 GMT\r\n"
    return (start + names + "\r\n").encode() + body


def _put_answer() -> bytes:
    return _answer(b'{"ConsumedCapacity":{"CapacityUnits":1.0,"TableName":"metering"}}')


def _batch_answer() -> bytes:
    tail = base64.b64encode(TAIL).decode()
    items = [{**head(number), "tail": {"B": tail}} for number in range(HEADS)]
    used = [{"CapacityUnits": 50.0, "TableName": "metering"}]
    said = {"ConsumedCapacity": used, "Responses": {"metering": items}, "UnprocessedKeys": {}}
    return _answer(json.dumps(said, separators=(",", ":")).encode())


@contextmanager
def served() -> Iterator[str]:
    """The endpoint's address."""
    with subprocess.Popen([sys.executable, "-m", __name__], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def _serve() -> None:
    """Answer whatever is asked with the same bytes."""
    answers = {False: _put_answer(), True: _batch_answer()}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        sys.stdout.write(f"{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            sock, _ = listening.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=_talk, args=(sock, answers), daemon=True).start()


def _talk(sock: socket.socket, answers: dict[bool, bytes]) -> None:
    data = b""
    while True:
        while (end := data.find(b"\r\n\r\n")) < 0:
            more = sock.recv(262144)
            if not more:
                return
            data += more
        asked = data[:end].lower()
        size = int(asked.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        while len(data) < end + 4 + size:
            data += sock.recv(262144)
        data = data[end + 4 + size :]
        sock.sendall(answers[b".batchgetitem" in asked])


if __name__ == "__main__":
    _serve()
