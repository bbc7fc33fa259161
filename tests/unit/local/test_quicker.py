"""What is made quicker answers as moto does by itself."""

from contextlib import nullcontext
from typing import Any

import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key
from moto import mock_aws
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from infra.local.quicker import quicker

NESTED = {"list": [1, "two", b"three", None, True], "map": {"empty": {}, "set": {"a", "b"}}, "number": 7}


def _answers(*, made_quicker: bool) -> list[Any]:
    """What each kind of query and read says of the same items."""
    with mock_aws(), quicker() if made_quicker else nullcontext():
        table = boto3.resource("dynamodb", region_name="eu-north-1").create_table(
            TableName="things",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "owner")],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "of-owner",
                    "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        for number in (3, 1, 2, 5, 4):
            for partition in ("b", "a"):
                item = {"pk": partition, "sk": f"n#{number}", "owner": f"o{number % 2}", "value": NESTED}
                table.put_item(Item=item)
        within = Key("pk").eq("a")
        first = table.query(KeyConditionExpression=within, Limit=2)
        found = [
            first,
            table.query(KeyConditionExpression=within, Limit=2, ExclusiveStartKey=first["LastEvaluatedKey"]),
            table.query(KeyConditionExpression=within & Key("sk").between("n#2", "n#4"), ScanIndexForward=False),
            table.query(KeyConditionExpression=Key("pk").eq("nobody's")),
            table.query(KeyConditionExpression=within, FilterExpression=Attr("owner").eq("o1")),
            table.query(IndexName="of-owner", KeyConditionExpression=Key("owner").eq("o1")),
            table.get_item(Key={"pk": "b", "sk": "n#3"}),
            table.scan(Limit=3),
        ]
    return [{name: value for name, value in each.items() if name != "ResponseMetadata"} for each in found]


@pytest.mark.usefixtures("credentials")
def test_queries_and_reads_answer_as_before() -> None:
    plain = _answers(made_quicker=False)

    assert plain[0]["Count"] == 2
    assert plain[6]["Item"]["value"]["map"]["set"] == {"a", "b"}
    assert _answers(made_quicker=True) == plain


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "of-nobody")


def _size_taken(attributes: int) -> int:
    """How many bytes of text an item may have beside so many attributes, to the byte."""
    taken, refused = 0, 500_000
    while refused - taken > 1:
        tried = (taken + refused) // 2
        try:
            attrs = {f"a{number}": {"N": str(number)} for number in range(attributes)}
            Item(
                DynamoType({"S": "a"}),
                None,
                {**attrs, "map": {"M": {"ø": {"L": [{"BOOL": True}]}}}, "é": {"S": "æ" * tried}},
            )
        except ItemSizeTooLarge:
            refused = tried
        else:
            taken = tried
    return taken


@pytest.mark.parametrize("attributes", [0, 1, 12])
def test_an_item_may_be_as_large_as_before(attributes: int) -> None:
    plain = _size_taken(attributes)

    with quicker():
        assert _size_taken(attributes) == plain
    assert 150_000 < plain < 250_000
