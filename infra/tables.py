"""Makes the tables, queues and bucket of `infra/data.yaml` on moto or DynamoDB Local: one definition serves all.

What neither engine knows (encryption, point-in-time recovery, deletion protection) is checked on the file itself. So is
when items expire: DynamoDB Local deletes by the machine's clock, and the local run and the tests live in years of
their own, in which what has long expired by that clock may have been stored a moment ago.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from infra.cloudformation import ACCOUNT, load, resolve, resources

DATA = Path(__file__).with_name("data.yaml")
REGION = "eu-north-1"
_TABLE_KEYS = (
    "TableName",
    "BillingMode",
    "AttributeDefinitions",
    "KeySchema",
    "GlobalSecondaryIndexes",
    "LocalSecondaryIndexes",
)


class DynamoDBClient(Protocol):
    """The call of boto3's client that makes a table."""

    def create_table(self, **request: Any) -> Any:  # noqa: ANN401 -- as boto3 has it
        """Make a table."""


class SQSClient(Protocol):
    """The call of boto3's client that makes a queue."""

    def create_queue(self, **request: Any) -> Any:  # noqa: ANN401 -- as boto3 has it
        """Make a queue."""


class S3Client(Protocol):
    """The calls of boto3's client that make a bucket as ours is."""

    def create_bucket(self, **request: Any) -> Any:  # noqa: ANN401 -- as boto3 has it
        """Make a bucket."""

    def put_object_lock_configuration(self, **request: Any) -> Any:  # noqa: ANN401 -- as boto3 has it
        """Set how long objects are kept at least."""


@dataclass(frozen=True)
class TableDefinition:
    """One table: its short name and the arguments of `create_table`."""

    name: str
    create: dict[str, Any]

    @property
    def table_name(self) -> str:
        """The name on the stage, as in `adgang-local-access`."""
        return str(self.create["TableName"])

    @property
    def has_stream(self) -> bool:
        """Whether a worker is started by the table's writes."""
        return "StreamSpecification" in self.create


@dataclass(frozen=True)
class QueueDefinition:
    """One queue: its short name and the arguments of `create_queue`."""

    name: str
    create: dict[str, Any]

    @property
    def is_redriven(self) -> bool:
        """Whether messages that fail go to another queue, which then has to be there first."""
        return "RedrivePolicy" in self.create["Attributes"]


@dataclass(frozen=True)
class BucketDefinition:
    """One bucket: its short name, its name on the stage, and how long objects are kept at least, if that is said."""

    name: str
    bucket_name: str
    retention: dict[str, Any] | None


def table_name(stage: str, name: str) -> str:
    """`adgang-<stage>-<name>`."""
    return f"adgang-{stage}-{name}"


def table_definitions(stage: str) -> list[TableDefinition]:
    """Every table of `data.yaml`, as named on the stage."""
    found = resources(load(DATA), "AWS::DynamoDB::Table")
    return [_table(stage, resolve(each["Properties"], _names(stage))) for each in found.values()]


def queue_definitions(stage: str, region: str = REGION) -> list[QueueDefinition]:
    """Every queue of `data.yaml`; those that others fail into come first."""
    found = resources(load(DATA), "AWS::SQS::Queue")
    names = _names(stage, region)
    for logical, each in found.items():
        queue = resolve(each["Properties"]["QueueName"], names)
        names[f"{logical}.Arn"] = f"arn:aws:sqs:{region}:{ACCOUNT}:{queue}"
    queues = [_queue(stage, resolve(each["Properties"], names)) for each in found.values()]
    return sorted(queues, key=lambda queue: queue.is_redriven)


def bucket_definitions(stage: str) -> list[BucketDefinition]:
    """Every bucket of `data.yaml`."""
    return [
        _bucket(stage, resolve(each["Properties"], _names(stage)))
        for each in resources(load(DATA), "AWS::S3::Bucket").values()
    ]


def create_all(dynamodb: DynamoDBClient, stage: str) -> list[TableDefinition]:
    """Make every table, with its stream; nothing in them is deleted when it expires."""
    tables = table_definitions(stage)
    for table in tables:
        dynamodb.create_table(**table.create)
    return tables


def create_queues(sqs: SQSClient, stage: str, region: str = REGION) -> dict[str, str]:
    """Make every queue; the answer maps short names (`close-pages`) to URLs."""
    return {queue.name: str(sqs.create_queue(**queue.create)["QueueUrl"]) for queue in queue_definitions(stage, region)}


def create_bucket(s3: S3Client, stage: str, region: str = REGION, name: str = "exports") -> str:
    """Make a bucket, locked against change if it is so in production; the answer is its name on the stage."""
    (bucket,) = (each for each in bucket_definitions(stage) if each.name == name)
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    if bucket.retention is None:
        s3.create_bucket(Bucket=bucket.bucket_name, **where)
        return bucket.bucket_name
    s3.create_bucket(Bucket=bucket.bucket_name, ObjectLockEnabledForBucket=True, **where)
    s3.put_object_lock_configuration(Bucket=bucket.bucket_name, ObjectLockConfiguration=bucket.retention)
    return bucket.bucket_name


def _names(stage: str, region: str = REGION) -> dict[str, str]:
    parameters = load(DATA)["Parameters"]
    defaults = {name: str(each["Default"]) for name, each in parameters.items() if "Default" in each}
    return defaults | {"Stage": stage, "AWS::AccountId": ACCOUNT, "AWS::Region": region, "AWS::Partition": "aws"}


def _table(stage: str, properties: dict[str, Any]) -> TableDefinition:
    create = {key: properties[key] for key in _TABLE_KEYS if key in properties}
    if "StreamSpecification" in properties:
        create["StreamSpecification"] = {"StreamEnabled": True, **properties["StreamSpecification"]}
    return TableDefinition(_short(stage, properties["TableName"]), create)


def _queue(stage: str, properties: dict[str, Any]) -> QueueDefinition:
    attributes = {key: _attribute(each) for key, each in properties.items() if key not in {"QueueName", "Tags"}}
    create = {"QueueName": properties["QueueName"], "Attributes": attributes}
    return QueueDefinition(_short(stage, properties["QueueName"]), create)


def _attribute(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict) else str(value)


def _bucket(stage: str, properties: dict[str, Any]) -> BucketDefinition:
    name = str(properties["BucketName"])
    short, lock = _short(stage, name).removesuffix(f"-{ACCOUNT}"), properties.get("ObjectLockConfiguration")
    if lock is None:
        return BucketDefinition(short, name, None)
    kept: dict[str, Any] = lock["Rule"]["DefaultRetention"]
    return BucketDefinition(short, name, lock | {"Rule": {"DefaultRetention": kept | {"Days": int(kept["Days"])}}})


def _short(stage: str, name: str) -> str:
    return name.removeprefix(f"adgang-{stage}-")
