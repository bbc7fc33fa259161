"""PynamoDB over the lean client does what PynamoDB over botocore does: the stores cannot tell them apart."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import HTTPClientError
from pynamodb.attributes import BinaryAttribute, NumberAttribute
from pynamodb.exceptions import GetError

from chalicelib.edge.carrying import Carrying
from chalicelib.kernel.errors import Conflict
from chalicelib.metering.client import Client
from chalicelib.storage.capacity import counted
from chalicelib.storage.reads import find_all
from chalicelib.storage.record import Database, Record, TableName
from chalicelib.storage.writes import Change, Check, Put, Remove, Transaction
from infra.local.apps import REGION
from tests.stores.tables import Client as Boto
from tests.unit.metering.test_client import Around, Given

pytestmark = pytest.mark.stores


class NumberedRecord(Record):
    """Text, a number and bytes."""

    class Meta:
        """Any table with text keys would do."""

        table_name = TableName("billing")

    version = NumberAttribute()
    tail = BinaryAttribute(legacy_encoding=False, null=True)


class LostRecord(Record):
    """Of a table that is not there."""

    class Meta:
        """None has this name."""

        table_name = TableName("lost")


class Known(Conflict):
    """It is there."""


class Changed(Conflict):
    """It is another."""


@pytest.fixture(params=["botocore", "lean"])
def how(request: pytest.FixtureRequest, dynamodb: Boto, client: Client) -> Iterator[str]:
    """Both in turn, on the same tables."""
    assert dynamodb is not None
    if request.param == "lean":
        Database.carried_by(Carrying(client))
    yield request.param
    Database.forget()


def record(number: int, version: int = 1, tail: bytes = b"\x00\xff") -> NumberedRecord:
    return NumberedRecord("account#a", f"item#{number:03d}", version=version, tail=tail)


def new(number: int) -> Put:
    return Put(record(number), Known(), NumberedRecord.pk.does_not_exist())


def versions() -> list[tuple[int, bytes]]:
    return [(int(each.version), bytes(each.tail)) for each in NumberedRecord.listed("account#a")]


@pytest.mark.usefixtures("how")
def test_writes_alone_and_together_are_done_or_refused_by_what_they_say() -> None:
    commit = Transaction()
    commit([new(1)], None)
    commit([new(2), new(3)], None)
    with pytest.raises(Known):
        commit([new(1)], None)
    with pytest.raises(Known):
        commit([new(4), new(3)], None)
    is_two = NumberedRecord.version == 2
    changing = Change(record(1), [NumberedRecord.version.set(2)], Changed(), NumberedRecord.version == 1)
    commit([changing], None)
    with pytest.raises(Changed):
        commit([changing, new(5)], None)
    commit([Check(NumberedRecord, ("account#a", "item#001"), is_two, Changed()), Remove(record(2), Changed())], None)

    assert versions() == [(2, b"\x00\xff"), (1, b"\x00\xff")]


@pytest.mark.usefixtures("how")
def test_reads_give_items_in_order_page_by_page_and_what_is_not_there_as_nothing() -> None:
    with NumberedRecord.batch_write() as batch:
        for number in range(30):
            batch.save(record(number, number, bytes(range(number))))

    assert versions() == [(number, bytes(range(number))) for number in range(30)]
    behind = NumberedRecord.listed("account#a", limit=2, after="item#004", backwards=True)
    assert [int(each.version) for each in behind] == [3, 2]
    found = find_all([(NumberedRecord, "account#a", f"item#{number:03d}") for number in (7, 40, 2)])
    assert [each.version if isinstance(each, NumberedRecord) else None for each in found] == [7, None, 2]
    assert NumberedRecord.find("account#b", "item#001") is None
    with counted() as used:
        assert NumberedRecord.find("account#a", "item#001") is not None
    assert used.units > 0  # moto counts a half, and DynamoDB a whole


@pytest.mark.usefixtures("how")
def test_what_dynamodb_refuses_is_told_by_its_code() -> None:
    with pytest.raises(GetError) as refused:
        LostRecord.find("account#a", "item#001")
    assert refused.value.cause_response_code == "ResourceNotFoundException"


def test_what_gets_no_answer_fails_as_botocore_has_it_fail() -> None:
    gone = Client(region=REGION, credentials=Given(), surroundings=Around().given(), endpoint="http://127.0.0.1:9")
    Database.carried_by(Carrying(gone))
    try:
        with pytest.raises(GetError) as failed:
            NumberedRecord.find("account#a", "item#001")
    finally:
        Database.forget()
    assert isinstance(failed.value.cause, HTTPClientError)
