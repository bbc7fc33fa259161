"""Least rights, both ways: nothing is used that is not granted, and nothing is granted that is not used."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from infra.grants import Grant, grants
from infra.local.__main__ import SEED
from infra.local.demo import BEGIN, Demo
from infra.local.system import System
from tests.scenarios.errands import run_errands

# What a function's platform does in its name, seen by no call of ours: logs, traces, and reading what wakes it.
_PLATFORM = (
    "logs:",
    "xray:",
    "iam:PassRole",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
)
_PLATFORM += ("dynamodb:ListStreams", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_PLATFORM += (
    "sqs:ChangeMessageVisibility",
    "sqs:SendMessage@stream-failures",
    "sqs:SendMessage@device-failures",
    "sqs:SendMessage@timer-failures",
)

Used = frozenset[tuple[str, str, str, str]]


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    """Door, function, action and resource of each call made in a small demo and the errands after it.

    The day before it nobody has had any business, so that there is nothing to compare.
    """
    out = tmp_path_factory.mktemp("errands")
    with (
        System.start(port=0, seed=SEED, start_at=BEGIN - timedelta(days=1)) as system,
        closing(Demo(system.address, out, say=lambda _text: None, most_rides=20)) as demo,
    ):
        demo.run()
        run_errands(system, demo)
        yield as_deployed(system.calls.recorded_by_function())


def as_deployed(used: Used) -> Used:
    """The partner's functions put several heads at once as statements, by a client that moto cannot answer (0041)."""
    putting = [(door, name, table) for door, name, action, table in used if action == "dynamodb:PutItem"]
    ways = ("dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate")
    return used | {
        (*each[:2], way, "metering") for each in putting if each[::2] == ("partner", "metering") for way in ways
    }


def granted() -> Used:
    return frozenset((each.door, function_of(each), each.action, resource_of(each)) for each in grants())


def function_of(grant: Grant) -> str:
    """`policy.json` and `policy-webhook.json` are the API handlers'; `policy-close-page.json` is `close_page`'s."""
    name = grant.policy.removeprefix("policy").removesuffix(".json").strip("-").replace("-", "_")
    return "api" if name in {"", "webhook"} else name


def resource_of(grant: Grant) -> str:
    """The short name that the record of calls uses."""
    return grant.table or grant.short


def of_the_platform(action: str, resource: str) -> bool:
    return action.startswith(_PLATFORM) or f"{action}@{resource}" in _PLATFORM


def test_nothing_is_used_that_is_not_granted(used: Used) -> None:
    ours = {each for each in used if not of_the_platform(each[2], each[3])}

    assert sorted(ours - granted()) == []


def test_nothing_is_granted_that_is_not_used(used: Used) -> None:
    ours = {each for each in granted() if not of_the_platform(each[2], each[3])}

    assert ours - used == set()


def test_mobile_only_reads_and_checks_the_catalogue_and_removes_nothing_of_customers() -> None:
    """
    What customers show and agree to, and who is in whose account, is stored on its condition; who signs up is the
    workers' to write.
    """
    on = {(table, action) for door, _, action, table in granted() if door == "mobile"}
    read = {"dynamodb:GetItem", "dynamodb:ConditionCheckItem"}

    catalogue = {action for table, action in on if table == "catalogue"}
    assert catalogue == {*read, "dynamodb:BatchGetItem", "dynamodb:Query"}
    customers = {action for table, action in on if table == "customers"}
    assert customers == {*read, *(f"dynamodb:{each}" for each in ("BatchGetItem", "Query", "PutItem", "UpdateItem"))}


def test_mobile_cannot_touch_partners_keys_the_exports_or_the_books() -> None:
    touched = {resource for door, _, _, resource in granted() if door == "mobile"}

    assert touched & {"partners", "exports", "ledger", "finance", "close-pages"} == set()


def test_only_the_workers_write_the_ledger_and_the_exports() -> None:
    writes = ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "s3:PutObject")
    writers = {door for door, _, action, where in granted() if action in writes and where in {"ledger", "exports"}}

    assert writers == {"workers"}


def test_nobody_may_delete_from_or_change_the_ledger() -> None:
    on_ledger = {action for _, _, action, where in granted() if where == "ledger"}

    assert on_ledger & {"dynamodb:DeleteItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"} == set()
