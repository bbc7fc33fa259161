"""Least rights: each door may do what it does, and no more."""

import json
import re
from pathlib import Path

from infra.grants import FUNCTIONS, grants, table_grants
from infra.tables import table_definitions

TRACES = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
TABLES = {table.name for table in table_definitions("test")}

READING = {"dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"}


def test_no_right_is_on_everything_but_the_one_to_send_traces() -> None:
    """
    X-Ray knows no resources; every other right names its own.
    """
    assert {each.action for each in grants() if each.resource == "*"} == TRACES


def test_every_action_is_named_in_full() -> None:
    """
    No `dynamodb:*`, no `dynamodb:Get*`.
    """
    assert [each for each in grants() if "*" in each.action] == []


def test_a_star_in_a_resource_stands_only_for_what_has_no_name_yet() -> None:
    """
    A function's log group, a table's stream, a timer, an object in a bucket.
    """
    starred = {each.resource for each in grants() if "*" in each.resource} - {"*"}
    allowed = (
        r"log-group:/aws/lambda/\$\{AWS::StackName\}-\*$",
        r"/stream/\*$",
        r":schedule/adgang-\$\{Stage\}-timers/\*$",
        r"\$\{Bucket\}/exports/\*\"",
        r"\$\{Bucket\}/evidence/\*\"",
        r"\$\{Bucket\}/own/\*\"",
    )

    assert [each for each in starred if not any(re.search(pattern, each) for pattern in allowed)] == []


def test_every_table_in_a_policy_is_one_of_ours() -> None:
    """
    A right on a misspelt table is a fault at three in the morning.
    """
    on_tables = [each for each in grants() if ":table/" in each.resource and not each.resource.endswith("/stream/*")]

    assert on_tables
    assert {each.table for each in on_tables} <= TABLES


def test_no_door_can_rewrite_the_ledger() -> None:
    """
    Postings are put, on condition that they are not there; none is updated or deleted.
    """
    changing = {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}

    assert [each for each in table_grants() if each[2] == "ledger" and each[1] in changing] == []


def test_no_door_reads_a_whole_table() -> None:
    """
    Keys are known or queried; a scan is a design gone wrong, and a leak in waiting.
    """
    assert [each for each in table_grants() if each[1] == "dynamodb:Scan"] == []


def test_customers_cannot_touch_partners_keys_the_ledger_or_the_exports() -> None:
    """
    The mobile door faces the public; what it has no business with it cannot reach. Of files it reads sealed evidence
    and what customers have asked for of their own.
    """
    mobile = [each for each in grants() if each.door == "mobile"]

    assert {each.table for each in mobile}.isdisjoint({"partners", "ledger", "finance"})
    others = [each for each in mobile if each.action.startswith(("s3:", "sqs:"))]
    assert [(each.action, each.short) for each in others] == [
        ("s3:GetObject", "own-data"),
        ("s3:GetObjectVersion", "evidence"),
    ]


def test_mobile_reads_the_catalogue_and_never_writes_it() -> None:
    """
    What is on offer, and at what price, is not the customer's to change.
    """
    reading = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem"}

    assert {action for door, action, table in table_grants() if (door, table) == ("mobile", "catalogue")} <= reading


def test_every_function_has_a_policy_file_of_its_door_and_none_is_left_over() -> None:
    """
    Chalice would take a missing one for "no rights" and say nothing.
    """
    for door in (path.parent for path in FUNCTIONS.glob("*/.chalice")):
        config = json.loads((door / ".chalice" / "config.json").read_text())
        stage = config["stages"]["deployed"]
        named = {stage["iam_policy_file"]} | {
            each["iam_policy_file"] for each in stage.get("lambda_functions", {}).values()
        }
        assert named == {path.name for path in Path(door, ".chalice").glob("policy*.json")}
        assert config["autogen_policy"] is False


def test_no_two_statements_of_a_policy_are_on_the_same_table() -> None:
    """
    One statement for each table, so that a reader sees at once what may be done with it; and one for each condition
    that narrows a further right on it.
    """
    for path in FUNCTIONS.glob("*/.chalice/policy*.json"):
        statements = json.loads(path.read_text())["Statement"]
        on_tables = [each for each in statements if "table/" in json.dumps(each["Resource"])]
        named = [json.dumps([each["Resource"], each.get("Condition")]) for each in on_tables]
        assert len(named) == len(set(named))


def test_a_door_answers_within_api_gateways_29_seconds() -> None:
    """
    A longer time limit would go on working for a caller who has been told that it failed.
    """
    for door in (path.parent for path in FUNCTIONS.glob("*/.chalice")):
        stage = json.loads((door / ".chalice" / "config.json").read_text())["stages"]["deployed"]
        assert stage["lambda_timeout"] < 29


def test_the_partner_door_writes_no_more_of_what_access_keeps_than_each_of_its_functions_needs() -> None:
    """
    It counts streams, closes cases and keeps positions; sessions, charges and what is taken are none of its business.
    """

    def narrowed(policy: str) -> dict[tuple[str, ...], list[str]]:
        statements = json.loads((FUNCTIONS / "partner/.chalice" / policy).read_text())["Statement"]
        on_access = [each for each in statements if "Stage}-access" in json.dumps(each["Resource"])]
        writing = [each for each in on_access if any(action not in READING for action in each["Action"])]
        return {
            tuple(each["Action"]): each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            for each in writing
        }

    assert narrowed("policy-signals.json") == {("dynamodb:BatchWriteItem",): ["position#*"]}
    assert narrowed("policy.json") == {
        ("dynamodb:UpdateItem",): ["entitled#*"],
        ("dynamodb:DeleteItem", "dynamodb:PutItem"): ["case#*", "cases#*"],
        ("dynamodb:BatchWriteItem",): ["position#*"],
    }
