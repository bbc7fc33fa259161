"""The operator's acts from the terminal, against a running system."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.billing.model import Parked
from chalicelib.billing.store import BillingStore
from chalicelib.finance.closes_model import FailedAccount, FailedState
from chalicelib.finance.closes_store import CloseStore
from chalicelib.kernel.time import Month
from chalicelib.storage.writes import Transaction
from infra.local.closing import progress_line
from infra.local.operator import main
from infra.local.system import System

Operate = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with System.start(port=0, seed="operator") as started:
        yield started


@pytest.fixture
def operate(system: System, capsys: pytest.CaptureFixture[str]) -> Operate:
    def run(*arguments: str) -> tuple[int, Any]:
        status = main(["--url", f"{system.address}/finance", *arguments])
        shown = capsys.readouterr()
        return status, json.loads(shown.out or shown.err)

    return run


def test_a_partner_is_created_with_a_key_that_works_until_it_is_revoked(operate: Operate) -> None:
    _, made = operate("create-partner", "--name", "City bikes")
    partner = made["partner"]["partner_id"]
    _, added = operate("add-key", "--partner", partner, "--label", "spare")

    assert made["key"]["key"].startswith("adg_test_")
    assert sorted(each["label"] for each in operate("keys", "--partner", partner)[1]) == ["first", "spare"]
    assert operate("revoke-key", "--partner", partner, "--key", added["key_id"])[1]["revoked_at"]


def test_a_parked_account_is_listed_and_released_with_a_note(operate: Operate, system: System) -> None:
    parked = Parked("acc_x", Month(2021, 5), "negative_total", {}, system.now())
    Transaction()(BillingStore().parking(parked), None)

    assert [each["account_id"] for each in operate("parked")[1]] == ["acc_x"]
    _, released = operate("release", "--account", "acc_x", "--month", "2021-05", "--note", "a known case")
    assert (released["note"], released["released_by"] is not None) == ("a known case", True)


def test_a_month_is_closed_and_opened_again_while_the_terminal_says_how_far_it_is(
    operate: Operate, system: System
) -> None:
    """
    The close goes on while it is watched, as in `make run`.
    """
    system.keep_working()
    assert operate("close", "--month", "2999-01", "--watch")[1]["code"] == "month_not_ended"
    month = str(Month.of(system.now(), "UTC").previous.previous)
    assert operate("close", "--month", month, "--watch")[1]["state"] == "closed"
    _, again = operate("reopen", "--month", month, "--note", "a tariff was wrong", "--watch")
    assert (again["state"], again["version"], again["reason"]) == ("closed", 2, "a tariff was wrong")

    failed = FailedAccount(Month.parse(month), "acc_x", 0, "busy", system.now(), 5, FailedState.FAILED, 2)
    Transaction()([CloseStore().failing(failed)], None)
    assert [(each["account_id"], each["code"]) for each in operate("failed", "--month", month)[1]] == [
        ("acc_x", "busy")
    ]
    _, asked = operate("settle-again", "--month", month, "--account", "acc_x")
    system.drain()
    assert asked["state"] == "failed"
    assert [each["state"] for each in operate("failed", "--month", month)[1]] == ["settled"]


def test_progress_is_one_line() -> None:
    shown = {
        "month": "2021-05",
        "version": 2,
        "state": "settling",
        "pages": None,
        "pages_done": 3,
        "accounts_done": 140,
        "accounts_parked": 1,
        "accounts_failed": 2,
        "invoiced_minor": {"EUR": 995},
    }

    assert progress_line(shown) == (
        "2021-05 (restatement 2) settling: 3 of ? pages; accounts: 140 done, 1 parked, 2 failed;"
        " invoiced, in minor units: 995 EUR"
    )


def test_what_the_system_refuses_is_shown_and_fails(operate: Operate) -> None:
    status, problem = operate("release", "--account", "acc_nobody", "--month", "2021-05", "--note", "x")

    assert (status, problem["code"]) == (1, "not_parked")


def test_a_system_that_is_not_there_is_told_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--url", "http://127.0.0.1:9/finance", "parked"]) == 1
    assert "Start one with `make run`" in capsys.readouterr().err
