"""The local run and the tests make what production makes, out of one file."""

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from infra.tables import create_all, create_bucket, create_queues, table_definitions

REGION = "eu-north-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.session.Session]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.session.Session(region_name=REGION)


def test_every_table_is_made_with_its_key_and_deletes_nothing_by_the_machines_clock(aws: boto3.session.Session) -> None:
    """
    A table's items are addressed by pk and sk on every engine. When they expire is for `test_infra_data` to hold.
    """
    dynamodb = aws.client("dynamodb")

    create_all(dynamodb, "test")

    for table in table_definitions("test"):
        made = dynamodb.describe_table(TableName=f"adgang-test-{table.name}")["Table"]
        assert [key["AttributeName"] for key in made["KeySchema"]] == ["pk", "sk"]
        expiry = dynamodb.describe_time_to_live(TableName=table.table_name)["TimeToLiveDescription"]
        assert expiry == {"TimeToLiveStatus": "DISABLED"}


def test_only_the_outbox_and_the_inbox_have_streams(aws: boto3.session.Session) -> None:
    """
    A stream starts a worker: the outbox delivers, the inbox handles what Stripe sent. Nothing else starts by itself.
    """
    dynamodb = aws.client("dynamodb")

    made = create_all(dynamodb, "test")

    assert {table.name for table in made if table.has_stream} == {"outbox", "inbox"}
    stream = dynamodb.describe_table(TableName="adgang-test-outbox")["Table"]["StreamSpecification"]
    assert stream == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}


def test_a_queue_is_made_after_the_one_that_its_failures_go_to(aws: boto3.session.Session) -> None:
    """
    A message that fails five times waits in the failures queue for a person.
    """
    sqs = aws.client("sqs")

    urls = create_queues(sqs, "test")

    assert set(urls) == {"close-pages", "close-pages-failures", "stream-failures", "device-failures", "timer-failures"}
    attributes = sqs.get_queue_attributes(QueueUrl=urls["close-pages"], AttributeNames=["All"])["Attributes"]
    assert "adgang-test-close-pages-failures" in attributes["RedrivePolicy"]
    assert attributes["VisibilityTimeout"] == "1800"


def test_the_exports_bucket_keeps_what_is_written(aws: boto3.session.Session) -> None:
    """
    An export is locked from the moment it is written, locally as in production.
    """
    s3 = aws.client("s3")

    name = create_bucket(s3, "test")

    lock = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    kept = lock["Rule"]["DefaultRetention"]
    assert (kept["Mode"], kept["Days"]) == ("GOVERNANCE", 3653)
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
