"""The lean client and PynamoDB do the same acts on the same engine with the same results."""

import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from chalicelib.metering.client import (
    Client,
    ConditionFailedError,
    Delete,
    Expression,
    Item,
    Put,
    Query,
    RefusedError,
    Written,
)
from chalicelib.storage.capacity import counted
from chalicelib.storage.record import Record, TableName
from infra.local.engine import Engine
from tests.stores.tables import PREFIX
from tests.stores.tables import Client as Boto

pytestmark = pytest.mark.stores
TABLE = f"{PREFIX}metering"
NEW = Expression("attribute_not_exists(pk)")


class HeadRecord(Record):
    """An item as PynamoDB stores it."""

    class Meta:
        """Any table with text keys would do."""

        table_name = TableName("metering")

    version = NumberAttribute()
    note = UnicodeAttribute(null=True)
    tail = BinaryAttribute(legacy_encoding=False)


@pytest.fixture(autouse=True)
def _tables(dynamodb: Boto) -> None:
    """They exist, and are emptied afterwards."""


def key(number: int = 1) -> Item:
    return {"pk": {"S": f"subject#ride-{number}"}, "sk": {"S": "head#2021-05"}}


def head(version: int, number: int = 1, tail: bytes = b"\x00\xff") -> Item:
    return {**key(number), "format": {"N": "1"}, "version": {"N": str(version)}, "tail": {"B": tail}}


def record(version: int, number: int = 1, tail: bytes = b"\x00\xff") -> HeadRecord:
    return HeadRecord(key(number)["pk"]["S"], key(number)["sk"]["S"], version=version, tail=tail)


def before(version: int) -> Expression:
    return Expression("#v = :v", {":v": {"N": str(version)}}, {"#v": "version"})


@pytest.mark.parametrize("tail", [b"\x00", bytes(range(256)) * 20, "Töölö".encode()])
def test_what_either_writes_the_other_reads(client: Client, tail: bytes) -> None:
    record(1, 1, tail).save()
    client.put_item(Put(TABLE, head(1, 2, tail)))
    found = HeadRecord.find(key(2)["pk"]["S"], key(2)["sk"]["S"])

    assert client.get_item(TABLE, key(1)).item == head(1, 1, tail)
    assert found is not None
    assert found.to_dynamodb_dict() == record(1, 2, tail).to_dynamodb_dict()


def test_every_type_of_value_comes_back_as_it_was(client: Client) -> None:
    item: Item = {
        **head(1),
        "text": {"S": 'Ä\n"\\\u2028'},
        "number": {"N": "-12345678901234567890.123456789"},
        "yes": {"BOOL": True},
        "none": {"NULL": True},
        "list": {"L": [{"S": "a"}, {"B": b"\x01"}, {"M": {"deep": {"L": []}}}]},
        "map": {"M": {"x": {"N": "0"}, "b": {"B": b"\xfe"}}},
        "texts": {"SS": ["a", "b"]},
        "numbers": {"NS": ["1", "2.5"]},
        "bytes": {"BS": [b"\x00", b"\x01\x02"]},
        "empty": {"S": ""},
    }
    client.put_item(Put(TABLE, item))
    found = client.get_item(TABLE, key()).item

    assert found is not None
    for name in ("texts", "numbers", "bytes"):
        ((kind, values),) = found[name].items()
        assert (kind, sorted(values)) == next(iter(item[name].items()))
    assert {**found, **{name: item[name] for name in ("texts", "numbers", "bytes")}} == item


def test_a_condition_holds_or_fails_for_both_alike_and_the_stored_item_comes_along(client: Client) -> None:
    assert isinstance(client.put_item(Put(TABLE, head(1), NEW)), Written)
    for stale, theirs in ((NEW, HeadRecord.pk.does_not_exist()), (before(7), HeadRecord.version == 7)):
        with pytest.raises(PutError) as their_failure:
            record(2).save(theirs)
        with pytest.raises(ConditionFailedError) as failure:
            client.put_item(Put(TABLE, head(2), stale))
        assert their_failure.value.cause_response_code == failure.value.code
        assert (failure.value.item, failure.value.uncertain) == (head(1), False)

    client.put_item(Put(TABLE, head(2), before(1)))
    assert client.get_item(TABLE, key()).item == head(2)


def test_a_failed_condition_on_nothing_brings_nothing(client: Client) -> None:
    with pytest.raises(ConditionFailedError) as failure:
        client.delete_item(Delete(TABLE, key(), before(1)))

    assert failure.value.item is None


def test_items_are_deleted_under_a_condition(client: Client) -> None:
    client.put_item(Put(TABLE, head(1)))
    with pytest.raises(ConditionFailedError) as failure:
        client.delete_item(Delete(TABLE, key(), before(2)))
    client.delete_item(Delete(TABLE, key(), before(1)))

    assert failure.value.item == head(1)
    assert client.get_item(TABLE, key()).item is None


def test_a_hundred_and_more_are_written_and_read_in_batches(client: Client) -> None:
    """
    130 items of 40 KB: DynamoDB Local gives a part of them back, as DynamoDB does above 1 MB or 16 MB.
    """
    items = [head(1, number, random.Random(number).randbytes(40_000)) for number in range(130)]
    client.batch_write(TABLE, puts=items)
    found = client.batch_get(TABLE, [key(number) for number in range(150)])
    theirs = list(HeadRecord.batch_get([(item["pk"]["S"], item["sk"]["S"]) for item in items], consistent_read=True))

    assert sorted(item["pk"]["S"] for item in found.items) == sorted(each.pk for each in theirs)
    assert {item["pk"]["S"]: item for item in found.items} == {item["pk"]["S"]: item for item in items}
    client.batch_write(TABLE, deletes=[key(number) for number in range(130)])
    assert client.batch_get(TABLE, [key(number) for number in range(130)]).items == []


@pytest.mark.parametrize("backwards", [False, True])
def test_a_query_finds_what_pynamodb_finds_in_the_same_order(client: Client, *, backwards: bool) -> None:
    rows: list[Item] = [{**head(number), "sk": {"S": f"page#{number:03}"}} for number in range(1, 31)]
    client.batch_write(TABLE, puts=rows)
    words = Expression(
        "pk = :pk AND begins_with(#sk, :page)", {":pk": key()["pk"], ":page": {"S": "page#"}}, {"#sk": "sk"}
    )
    pages = list(client.pages(Query(TABLE, words, page=7, backwards=backwards)))
    theirs = HeadRecord.listed(key()["pk"]["S"], HeadRecord.sk.startswith("page#"), backwards=backwards)
    some = Query(TABLE, words, projection=Expression("#version", names={"#version": "version"}), backwards=backwards)

    assert [item["sk"]["S"] for page in pages for item in page.items] == [each.sk for each in theirs]
    assert len(pages) == 5
    assert next(client.pages(some)).items[0] == {"version": {"N": "30" if backwards else "1"}}


def test_what_cannot_be_is_refused_for_both_alike(client: Client) -> None:
    with pytest.raises(RefusedError) as failure:
        client.get_item(f"{TABLE}-none", key())
    assert failure.value.code == "ResourceNotFoundException"
    with pytest.raises(RefusedError) as failure:
        client.put_item(Put(TABLE, {"pk": {"S": "no sort key"}}))
    assert failure.value.code == "ValidationException"
    assert failure.value.message


def test_capacity_is_counted_as_pynamodbs(client: Client) -> None:
    with counted() as theirs:
        record(1).save()
        HeadRecord.find(key()["pk"]["S"], key()["sk"]["S"])
    with counted() as ours:
        written = client.put_item(Put(TABLE, head(1)))
        found = client.get_item(TABLE, key())

    assert ours.units == theirs.units == written.units + found.units
    assert ours.units > 0


def test_writers_on_the_same_items_never_overwrite_one_another(client: Client, engine: Engine) -> None:
    """
    Four writers raise twenty counters ten times each; every raise counts once.
    """
    rounds = 10 if engine.dynamodb_endpoint else 2  # moto's lock lets one pass at a time; the race is DynamoDB Local's
    client.batch_write(TABLE, puts=[head(1, number) for number in range(20)])

    def work(_writer: int) -> None:
        left = dict.fromkeys(range(20), rounds)
        while left:
            items = client.batch_get(TABLE, [key(number) for number in left]).items
            versions = {int(item["pk"]["S"].rpartition("-")[2]): int(item["version"]["N"]) for item in items}
            numbers = list(left)
            puts = [Put(TABLE, head(versions[each] + 1, each), before(versions[each])) for each in numbers]
            for number, done in zip(numbers, client.write(puts), strict=True):
                if isinstance(done, Written):
                    left[number] -= 1
                else:
                    assert isinstance(done, ConditionFailedError)
            left = {number: count for number, count in left.items() if count}

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    found = client.batch_get(TABLE, [key(number) for number in range(20)]).items
    assert [json.loads(item["version"]["N"]) for item in found] == [1 + 4 * rounds] * 20
