"""What the merge templates add to Chalice's own: settings, logs, limits, retries."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chalicelib.storage.deadline import MOST_SECONDS
from infra.doors import DOORS
from infra.sam import merge_template, merged

COMMON = merge_template("mobile")
PERSONAL = re.compile(r"\$context\.(identity|path\b|authorizer\.(principalId|claims)|domainName|extendedRequestId)")


def variables(door: str) -> dict[str, Any]:
    """The environment of a door's functions."""
    found: dict[str, Any] = merge_template(door)["Globals"]["Function"]["Environment"]["Variables"]
    return found


def test_the_templates_and_what_surrounds_them_are_clean() -> None:
    """
    cfn-lint knows CloudFormation's own schemas; it objects to nothing.
    """
    lint = [str(Path(sys.executable).with_name("cfn-lint")), "--non-zero-exit-code", "warning", "--"]
    templates = [str(path) for path in sorted(Path("infra").glob("*.yaml"))]

    done = subprocess.run(
        [*lint, *templates],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"AWS_DEFAULT_REGION": "eu-north-1"},
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("door", [each.name for each in DOORS])
def test_no_secret_stands_in_an_environment(door: str) -> None:
    """
    Environments are shown in consoles and logs of changes. They name the parameter in which the secret is.
    """
    secret = [name for name in variables(door) if re.search(r"KEY|SECRET|PEPPER", name)]

    assert all(name.endswith("_PARAMETER") for name in secret)


@pytest.mark.parametrize("door", [each.name for each in DOORS])
def test_every_door_knows_its_stage_zone_and_mode(door: str) -> None:
    """
    The three that every door reads at its start.
    """
    assert {"ADGANG_STAGE", "ADGANG_ZONE", "ADGANG_MODE"} <= set(variables(door))


@pytest.mark.parametrize("door", [each.name for each in DOORS])
def test_every_function_calls_dynamodb_through_the_lean_client(door: str) -> None:
    """
    A call takes a tenth of the CPU that it takes through botocore (0075).
    """
    assert variables(door)["DYNAMODB_CLIENT"] == "lean"


@pytest.mark.parametrize("door", [each.name for each in DOORS])
def test_a_door_answers_by_itself_when_the_database_does_not(door: str) -> None:
    """
    What a request waits for the database at most ends well before its function is ended, and that before API Gateway
    gives up.
    """
    config = json.loads(Path(f"functions/{door}/.chalice/config.json").read_text())

    assert MOST_SECONDS + 5 <= config["stages"]["deployed"]["lambda_timeout"] < 29


def test_customers_and_staff_come_from_different_issuers() -> None:
    """
    A customer's token is worth nothing at the finance door, whatever groups it claims.
    """
    assert "customers" in json.dumps(variables("mobile")["OIDC_ISSUER"])
    assert "staff" in json.dumps(variables("finance")["OIDC_ISSUER"])
    assert "OIDC_ISSUER" not in variables("partner")


def test_the_access_log_holds_no_personal_data() -> None:
    """
    Route templates, never paths; no address, no token, no agent, no name.
    """
    log = COMMON["Resources"]["RestAPI"]["Properties"]["AccessLogSetting"]["Format"]

    assert "$context.resourcePath" in log
    assert PERSONAL.search(log) is None


def test_every_door_is_throttled_and_traced() -> None:
    """
    A flood is refused at the gateway, before it costs anything.
    """
    properties = COMMON["Resources"]["RestAPI"]["Properties"]
    (setting,) = properties["MethodSettings"]

    assert (setting["ResourcePath"], setting["HttpMethod"]) == ("/*", "*")
    assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= set(setting)
    assert properties["TracingEnabled"] is True


def test_logs_end() -> None:
    """
    Ninety days for every function and for the access log.
    """
    for path in Path("functions").glob("*/.chalice/config.json"):
        assert json.loads(path.read_text())["stages"]["deployed"]["log_retention_in_days"] == 90
    assert COMMON["Resources"]["AccessLogGroup"]["Properties"]["RetentionInDays"] == 90


@pytest.mark.parametrize("function", ["Outbox", "Inbox"])
def test_a_stream_record_that_fails_holds_up_only_itself(function: str) -> None:
    """
    The batch is split until the bad one is alone; after its retries it is noted in the failures queue,
    and the rest go on.
    """
    (source,) = merge_template("workers")["Resources"][function]["Properties"]["Events"].values()
    properties = source["Properties"]

    assert properties["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert properties["BisectBatchOnFunctionError"] is True
    assert 0 < properties["MaximumRetryAttempts"] < 100
    assert "stream-failures" in json.dumps(properties["DestinationConfig"])
    assert properties["StartingPosition"] == "TRIM_HORIZON"


@pytest.mark.parametrize("function", ["Outbox", "Inbox"])
def test_a_stream_wakes_its_worker_for_what_is_new_or_sent_again_and_not_for_what_has_run_out(function: str) -> None:
    (source,) = merge_template("workers")["Resources"][function]["Properties"]["Events"].values()
    (wanted,) = source["Properties"]["FilterCriteria"]["Filters"]

    assert json.loads(wanted["Pattern"]) == {"eventName": ["INSERT", "MODIFY"]}


def test_a_page_that_fails_is_retried_without_its_neighbours() -> None:
    """
    The queue's batch answers per item too.
    """
    (source,) = merge_template("workers")["Resources"]["ClosePage"]["Properties"]["Events"].values()

    assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_templates_merge_as_chalice_merges() -> None:
    """
    Dictionaries go into one another; a list takes the place of a list.
    """
    assert merged({"a": {"b": 1, "c": [1]}}, {"a": {"c": [2], "d": 3}}) == {"a": {"b": 1, "c": [2], "d": 3}}


def test_the_rule_of_iot_core_leads_each_device_to_its_own_signals() -> None:
    """
    Partner and device are those of the topic, to which a device may publish under its own attributes alone; of the
    payload nothing but the readings is let through.
    """
    resources = merge_template("partner")["Resources"]
    rule = resources["SignalsRule"]["Properties"]["TopicRulePayload"]
    sql = rule["Sql"]["Fn::Sub"]
    connect, publish = resources["DevicePolicy"]["Properties"]["PolicyDocument"]["Statement"]

    assert sql.startswith("SELECT readings, topic(3) AS partner_id, topic(4) AS device_id FROM")
    assert rule["Actions"] == [{"Lambda": {"FunctionArn": {"Fn::GetAtt": ["Signals", "Arn"]}}}]
    assert "device-failures" in json.dumps(rule["ErrorAction"])
    assert "device-failures" in json.dumps(resources["Signals"]["Properties"]["DeadLetterQueue"])
    assert (connect["Action"], publish["Action"]) == ("iot:Connect", "iot:Publish")
    topic = publish["Resource"]["Fn::Sub"].partition(":topic/")[2]
    assert topic == (
        "adgang/${Stage}/${!iot:Connection.Thing.Attributes[partner]}/${!iot:Connection.Thing.Attributes[device]}/signals"
    )


@pytest.mark.parametrize(
    ("door", "function", "queue"), [("partner", "Signals", "device"), ("workers", "Timer", "timer")]
)
def test_what_lambda_gives_up_by_itself_is_kept(door: str, function: str, queue: str) -> None:
    """
    Both are started without anybody who waits for the answer: after its retries Lambda would drop the event.
    """
    kept = merge_template(door)["Resources"][function]["Properties"]["DeadLetterQueue"]

    assert f"{queue}-failures" in json.dumps(kept)
