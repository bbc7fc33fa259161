"""What no local engine shows: read off infra/data.yaml itself."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib.finance.closes_model import MOST_TRIES
from infra.cloudformation import load, resources

DATA = load(Path("infra/data.yaml"))
TABLES = resources(DATA, "AWS::DynamoDB::Table")
QUEUES = resources(DATA, "AWS::SQS::Queue")
AREAS = {
    *("catalogue", "customers", "partners", "metering", "access", "subscriptions", "billing", "ledger", "finance"),
    *("dialogue", "storage", "edge"),
}

each_table = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


def test_there_is_one_table_for_each_area_and_purpose() -> None:
    """
    A table is owned by one area; a new one is added here by choice.
    """
    owners = {each["Properties"]["Tags"][0]["Value"] for each in TABLES.values()}

    assert len(TABLES) == 13
    assert owners == AREAS


@each_table
def test_a_table_is_encrypted_with_a_kms_key(table: dict[str, Any]) -> None:
    """
    With a KMS key, not DynamoDB's own, so that each use of the key is on record.
    """
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}


@each_table
def test_a_table_can_be_put_back_to_any_second_of_the_last_weeks(table: dict[str, Any]) -> None:
    """
    Point-in-time recovery is on.
    """
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@each_table
def test_a_table_outlives_its_stack_and_a_slip_of_the_hand(table: dict[str, Any]) -> None:
    """
    Neither a deleted stack, nor a replaced resource, nor a call of DeleteTable takes the data along.
    """
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["Properties"]["DeletionProtectionEnabled"] is True


@each_table
def test_a_table_costs_nothing_while_nobody_uses_it(table: dict[str, Any]) -> None:
    """
    The promise to customers holds for ourselves: paid by use, no capacity reserved.
    """
    assert table["Properties"]["BillingMode"] == "PAY_PER_REQUEST"
    assert "ProvisionedThroughput" not in table["Properties"]


@each_table
def test_a_table_has_the_common_key_and_expiry(table: dict[str, Any]) -> None:
    """
    Every table: pk and sk, both text, and items that may expire say so in `expires`.
    """
    keys = [(key["AttributeName"], key["KeyType"]) for key in table["Properties"]["KeySchema"]]

    assert keys == [("pk", "HASH"), ("sk", "RANGE")]
    assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


def test_every_queue_has_another_for_what_fails_or_is_one_itself() -> None:
    """
    A message that cannot be worked off waits for a person; it is never dropped.
    """
    failures = {name for name in QUEUES if name.endswith("Failures")}

    for name in set(QUEUES) - failures:
        redrive = QUEUES[name]["Properties"]["RedrivePolicy"]
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] in failures
        assert redrive["maxReceiveCount"] >= 3


def test_what_failed_is_kept_for_as_long_as_a_queue_can() -> None:
    """
    Fourteen days, also when the stack is deleted.
    """
    for name, queue in QUEUES.items():
        assert queue["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600
        if name.endswith("Failures"):
            assert (queue["DeletionPolicy"], queue["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_every_queue_is_encrypted() -> None:
    """
    Messages name accounts and months.
    """
    assert all(queue["Properties"]["SqsManagedSseEnabled"] is True for queue in QUEUES.values())


@pytest.mark.parametrize("name", ["ExportsBucket", "EvidenceBucket"])
def test_each_bucket_is_encrypted_versioned_locked_and_private(name: str) -> None:
    """
    An export is evidence, as is what shows a charge: whoever may write it cannot change or remove it.
    """
    bucket = DATA["Resources"][name]
    properties = bucket["Properties"]
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["ObjectLockEnabled"] is True
    assert set(properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]) == {"Mode", "Days"}
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_evidence_is_removed_once_it_may_be() -> None:
    rules = DATA["Resources"]["EvidenceBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (over,) = [rule for rule in rules if "ExpirationInDays" in rule]
    lock = DATA["Resources"]["EvidenceBucket"]["Properties"]["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]

    assert over["ExpirationInDays"] == lock["Days"]
    assert over["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_a_customers_own_data_is_encrypted_private_and_gone_after_a_week() -> None:
    """
    Nothing locks it: what is removed is gone.
    """
    properties = DATA["Resources"]["OwnDataBucket"]["Properties"]
    (over,) = [rule for rule in properties["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in rule]
    (encryption,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert over["ExpirationInDays"] == 7
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert not {"ObjectLockEnabled", "VersioningConfiguration"} & set(properties)


@pytest.mark.parametrize("name", ["ExportsBucket", "EvidenceBucket", "OwnDataBucket"])
def test_each_bucket_answers_over_tls_alone(name: str) -> None:
    """
    The policy denies every act on the bucket and its objects without TLS.
    """
    (statement,) = DATA["Resources"][f"{name}Policy"]["Properties"]["PolicyDocument"]["Statement"]

    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "s3:*", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert len(statement["Resource"]) == 2


def test_every_table_queue_and_bucket_is_exported_for_the_doors() -> None:
    """
    The doors' stacks import names and addresses; none is typed twice.
    """
    exported = {each["Export"]["Name"]["Fn::Sub"] for each in DATA["Outputs"].values()}
    names = {each["Properties"]["TableName"]["Fn::Sub"] for each in TABLES.values()}

    assert {f"{name}-table" for name in names} | {f"{name}-table-arn" for name in names} < exported
    assert {"adgang-${Stage}-outbox-stream-arn", "adgang-${Stage}-inbox-stream-arn"} < exported
    assert {"adgang-${Stage}-close-pages-url", "adgang-${Stage}-exports-bucket"} < exported
    assert {"adgang-${Stage}-evidence-bucket", "adgang-${Stage}-own-data-bucket"} < exported


def test_a_page_of_a_close_is_sent_as_often_as_settling_counts_on() -> None:
    """
    At the last try what fails is listed, and its page is done.
    """
    queue = QUEUES["ClosePagesQueue"]["Properties"]

    assert queue["RedrivePolicy"]["maxReceiveCount"] == MOST_TRIES
