"""The engine's tables, looked into and emptied without asking it: a story is told hundreds of times."""

import json
import zlib
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chalicelib.kernel.time import format_instant
from chalicelib.metering.head import Head
from chalicelib.metering.records import head_of, subjects_in
from chalicelib.rating.proof import verify
from chalicelib.storage.record import Database
from infra.local.apps import REGION
from infra.local.engine import MOTO, Engine
from infra.tables import create_all
from tests.stores.tables import PREFIX, STAGE

Item = dict[str, dict[str, Any]]


def _bytes(value: str | bytes) -> bytes:
    return b64decode(value) if isinstance(value, str) else value


def _said(head: Head) -> Iterator[str]:
    """Its facts and newest events, with instants as they are written elsewhere."""
    for about in [head.about] if head.about else []:
        ended = about.ended_at and format_instant(about.ended_at)
        yield f"{about.partner_id} {about.meters} {format_instant(about.started_at)} {ended}"
    for each in head.tail.events("-"):
        yield f"{each.source} {each.event_id} {format_instant(each.time)} {each.name} {each.value}"


def _readable(item: Item) -> Item:
    """What is packed in words: what a head says and in which version, its facts and its newest events."""
    raw = {name: _bytes(value["B"]) for name, value in item.items() if "B" in value}
    if "state" in raw:
        head = head_of({**item, "state": {"B": raw["state"]}})
        return {**item, "state": {"S": str([*_said(head), head.totals, len(head.pages), len(head.nodes)])}}
    if raw and item["sk"]["S"].startswith("subjects#"):
        subjects = subjects_in({**item, "body": {"B": raw["body"]}})
        return {**item, "pk": {"S": "month"}, "sk": {"S": "subjects"}, "body": {"S": f"{subjects}"}}
    if "part" in raw:
        return {**item, "part": {"S": _proven(json.loads(zlib.decompress(raw["part"])))}}
    if item["sk"]["S"].startswith("proof#"):  # digests of what holds ids, which are new in every run
        short = {"proof": {"S": _proven(json.loads(zlib.decompress(raw["proof"])))}} if "proof" in raw else {}
        return {**item, "digest": {"S": "<digest>"}, "previous": {"S": "<digest>"}, **short}
    return item


def _proven(proof: dict[str, Any]) -> str:
    """What a proof says apart from ids: it holds, it is about a month, its lines and totals."""
    assert verify(proof) == []
    lines = sorted((line["price_id"], line["code"], line["minor"]) for line in proof["lines"])
    return str([proof["about"]["month"], len(proof["uses"]), lines, proof["totals"]])


def made_anew(client: Any) -> None:  # noqa: ANN401 -- boto3 publishes no types
    """The stage's tables on Amazon's engine, with streams that hold nothing yet."""
    for name in client.list_tables()["TableNames"]:
        if name.startswith(PREFIX):
            client.delete_table(TableName=name)
    create_all(client, STAGE)


class Tables:
    """All tables of the stage on moto."""

    def __init__(self) -> None:
        found = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables
        self._tables = {name.removeprefix(PREFIX): table for name, table in found.items()}

    def items(self, *areas: str) -> Iterator[tuple[str, Item]]:
        """Each item with its area; of all areas, or of some."""
        for area in areas or self._tables:
            for item in self._tables[area].all_items():
                yield area, _readable(item.to_json()["Attributes"])

    def empty(self) -> None:
        """As they were made."""
        for table in self._tables.values():
            table.items.clear()
            if table.stream_shard:
                table.stream_shard.items.clear()


@contextmanager
def told_on_moto(engine: Engine, otherwise: str) -> Iterator[Tables]:
    """All tables for the tests of a module; `otherwise`: why there is nothing to tell on Amazon's engine."""
    if engine.kind != MOTO:
        pytest.skip(otherwise)
    create_all(engine.client("dynamodb"), STAGE)
    Database.use(PREFIX)
    tables = Tables()
    yield tables
    tables.empty()
