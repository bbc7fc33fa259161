"""The operator's acts from the terminal, against a running system."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.billing.model import Parked
from chalicelib.billing.store import BillingStore
from chalicelib.finance.closes_model import FailedAccount, FailedState
from chalicelib.finance.closes_store import CloseStore
from chalicelib.kernel.time import Month
from chalicelib.storage.writes import Transaction
from infra.local.client import Client
from infra.local.closing import progress_line
from infra.local.operator import main
from infra.local.operators.reading import example
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


def test_partners_are_listed_and_found_by_a_part_of_their_name(operate: Operate) -> None:
    made = [operate("create-partner", "--name", name)[1]["partner"] for name in ("Rådhus tools & co", "Washers")]

    listed = operate("partners")[1]
    assert [each for each in listed if each in made] == sorted(made, key=lambda each: str(each["partner_id"]))
    assert operate("partners", "--name", "rådhus tools &")[1] == made[:1]


def test_a_parked_account_is_listed_and_released_with_a_note(operate: Operate, system: System) -> None:
    parked = Parked("acc_x", Month(2021, 5), "negative_total", {}, system.now())
    Transaction()(BillingStore().parking(parked), None)

    assert [each["account_id"] for each in operate("parked")[1]] == ["acc_x"]
    _, released = operate("release", "--account", "acc_x", "--month", "2021-05", "--note", "a known case")
    assert (released["note"], released["released_by"] is not None) == ("a known case", True)


def test_an_operators_file_is_loaded_once_however_often_it_is_loaded(
    operate: Operate, system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    With the keys that the first load kept; without them the partner is the same, with one more key.
    """
    kept, other = tmp_path / "keys.json", tmp_path / "other.json"
    load = ["--url", f"{system.address}/finance", "load", str(example("bikes")), "--keys"]
    assert main([*load, str(kept)]) == 0
    first = json.loads(capsys.readouterr().out)
    keys = json.loads(kept.read_text(encoding="utf-8"))
    bikes = closing(Client(f"{system.address}/partner", keys["hsl"]["key"]))
    assert first["partners"] == {"hsl": keys["hsl"]["partner_id"]}
    assert kept.stat().st_mode & 0o777 == 0o600

    assert main([*load, str(kept)]) == main([*load, str(other)]) == 0

    assert json.loads(kept.read_text(encoding="utf-8")) == keys
    assert json.loads(other.read_text(encoding="utf-8"))["hsl"]["partner_id"] == keys["hsl"]["partner_id"]
    with bikes as partner:
        product = partner.get("/v1/products/city-bike")
        assert (product["tariff_version"], product["fares"]) == (1, {"member": 1, "month": 1})
        assert len(partner.get("/v1/assets/bike-1/history")["items"]) == 1
    capsys.readouterr()
    assert sorted(each["label"] for each in operate("keys", "--partner", keys["hsl"]["partner_id"])[1]) == [
        "first",
        "loaded",
    ]


def test_what_a_file_says_otherwise_is_changed_and_a_key_that_is_lost_is_made_anew(
    operate: Operate, system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    A dearer unlock is the tariff's second version; the fares, which say what they said, keep their first.
    """
    content = example("media").read_text(encoding="utf-8")
    document = json.loads(content.replace("2021-05", "media-1"))  # bikes has published the other version of the terms
    mine, kept = tmp_path / "mine.json", tmp_path / "keys.json"

    def load() -> dict[str, Any]:
        mine.write_text(json.dumps(document), encoding="utf-8")
        assert main(["--url", f"{system.address}/finance", "load", str(mine), "--keys", str(kept)]) == 0
        capsys.readouterr()
        return dict(json.loads(kept.read_text(encoding="utf-8")))

    first = load()
    document["partners"]["klang"]["products"]["songs"]["tariff"]["prices"][0]["unit_amount"] = "0.03"
    document["plans"]["family"]["asleep_after_days"] = 8
    operate("revoke-key", "--partner", first["pixel"]["partner_id"], "--key", first["pixel"]["key"].split("_")[2])
    second = load()

    assert {name: each["partner_id"] for name, each in first.items()} == {
        name: each["partner_id"] for name, each in second.items()
    }
    assert [first[name]["key"] == second[name]["key"] for name in ("klang", "pixel")] == [True, False]
    with closing(Client(f"{system.address}/partner", second["klang"]["key"])) as partner:
        product = partner.get("/v1/products/songs")
        assert (product["tariff_version"], product["fares"]) == (2, {"family": 1})
    staff = system.identity.staff_sign_in("looks", ["operator"])
    with closing(Client(f"{system.address}/finance", staff)) as finance:
        versions = {name: finance.get(f"/v1/plans/{name}")["version"] for name in ("family", "studio")}
        assert versions == {"family": 2, "studio": 1}


def test_what_a_door_refuses_of_a_file_is_told_with_its_place(
    system: System, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    The code stands on a bike of another operator's partner, which no file can know; this stage settles in euros.
    """
    document = json.loads(example("bikes").read_text(encoding="utf-8"))
    document["operator"] = "others"
    mine, keys = tmp_path / "mine.json", str(tmp_path / "keys.json")
    mine.write_text(json.dumps(document), encoding="utf-8")
    url = ["--url", f"{system.address}/finance"]

    assert main([*url, "load", str(mine), "--keys", keys]) == 1
    told = capsys.readouterr().err
    assert f"{mine}: /partners/hsl/places/kamppi/code: " in told
    assert main([*url, "load", str(example("tools")), "--keys", keys]) == 1
    assert "/partners/byg/products/drill/tariff/currency: accounts settle in EUR" in capsys.readouterr().err
    assert main([*url, "load", str(example("washers")), "--keys", keys]) == 1
    assert "/terms/2021-05: " in capsys.readouterr().err
    assert main(["check", str(mine)]) == 0
    assert json.loads(capsys.readouterr().out)["partners"] == {"hsl": {"products": 1, "assets": 3}}


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
    assert operate("close", "--month", month) == operate("close", "--month", month, "--watch")
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


def test_a_list_that_has_several_pages_is_shown_to_its_end(operate: Operate, system: System) -> None:
    """
    A parked account's place in the list has a sign that means something else in an address.
    """
    month = Month(2020, 1)
    assert operate("close", "--month", str(month))[1]["month"] == str(month)
    names = [f"acc_{number:03d}" for number in range(401)]
    for name in names:
        failed = FailedAccount(month, name, 0, "busy", system.now(), 5, FailedState.FAILED)
        Transaction()([CloseStore().failing(failed)], None)
        Transaction()(BillingStore().parking(Parked(name, month, "differs_from_ledger", {}, system.now())), None)

    assert [each["account_id"] for each in operate("failed", "--month", str(month))[1]] == names
    parked = [each["account_id"] for each in operate("parked")[1] if each["month"] == str(month)]
    assert parked == names


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
