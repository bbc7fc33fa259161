"""Proofs: a bill computed again from its proof alone, on any day, by anyone."""

import json
import re
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.edge.time_zone_data import time_zone_data
from chalicelib.kernel.ids import digest
from chalicelib.kernel.money import Money
from chalicelib.kernel.text import canonical
from chalicelib.rating import Use
from chalicelib.rating.account import AccountTerms
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.account_document import terms_document, terms_from_document
from chalicelib.rating.ceiling import Ceiling
from chalicelib.rating.errors import InvalidProof
from chalicelib.rating.held import Held, Stretch
from chalicelib.rating.promotions import Coupon, Credit, Reward
from chalicelib.rating.proof import prove, verify, verify_chain
from chalicelib.rating.use_document import use_document, use_from_document
from infra.verify import main
from tests.unit.rating.city_bike import NIGHT, city_bike, ride
from tests.unit.rating.made import MAY, tariff, use

ZONES = "2025b"


def terms() -> AccountTerms:
    cheap = tariff({"kind": "flat", "amount": "30"}, tariff_id="cheap")
    return AccountTerms(
        alternatives={"bike": (cheap, city_bike())},
        caps=(AccountCap("all", "month", Money(2000, "EUR"), category="city"),),
        ceilings=(Ceiling("c", "bike", Money(90_000, "EUR"), Money(100, "EUR"), Money(50, "EUR")),),
        coupons=(Coupon("half", "percent", Decimal("0.5"), "bike"),),
        rewards=(Reward("weather", "consent-1", Money(10, "EUR")),),
        credits=(Credit("old", "paid_ahead", Money(5, "EUR")),),
    )


def rides(*lengths: int) -> list[Use]:
    made = [ride(length, f"ride-{n}", NIGHT + timedelta(hours=n)) for n, length in enumerate(lengths)]
    return [replace(each, product="bike", category="city") for each in made]


def proof(*lengths: int) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(prove(rides(*lengths or (58499, 242)), terms(), time_zone_data=ZONES)))
    return made


def test_a_proof_holds_all_that_a_bill_is_computed_from() -> None:
    assert verify(proof()) == []


@given(st.lists(st.integers(0, 90_000), max_size=4))
def test_computing_a_proof_again_gives_the_same_bytes(lengths: list[int]) -> None:
    made = proof(*lengths)

    assert canonical(made) == canonical(proof(*lengths))
    assert verify(made) == []


def test_the_order_in_which_uses_come_changes_no_byte() -> None:
    uses = rides(58499, 242, 1801)

    assert canonical(prove(uses, time_zone_data=ZONES)) == canonical(prove(uses[::-1], time_zone_data=ZONES))


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        (lambda made: made["lines"][0].update(minor=49), ["/digest", "/lines/0"]),
        (lambda made: made["totals"].update(EUR=0), ["/digest", "/totals"]),
        (lambda made: made["lines"].insert(0, made["lines"].pop(0) | {"code": "x"}), ["/digest", "/lines/0"]),
        (lambda made: made["steps"].reverse(), ["/digest", "/steps"]),
        (lambda made: made.update(previous="f" * 64), ["/digest"]),
        (lambda made: made.update(digest="f" * 64), ["/digest"]),
    ],
)
def test_whatever_is_changed_is_found_where_it_is(change: Any, pointers: list[str]) -> None:  # noqa: ANN401 -- a lambda
    made = proof()
    change(made)

    assert [finding.pointer for finding in verify(made)] == pointers


def test_a_forger_who_makes_a_new_digest_still_has_to_compute_the_right_bill() -> None:
    made = proof()
    made["uses"][0]["quantities"]["use_seconds"] = "600"
    made["digest"] = digest({name: value for name, value in made.items() if name != "digest"})

    assert verify(made)[0].pointer in {"/totals", "/lines/1"}


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"lines": None},
        {"tariffs": []},
        {"uses": [{"use_id": "x"}]},
        {"terms": {"caps": [{"id": "x"}]}},
        {"terms": {"surprise": 1}},
    ],
)
def test_what_cannot_be_computed_again_is_no_proof(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidProof):
        verify({**proof(), **change})


def test_one_version_of_a_tariff_has_one_meaning() -> None:
    other = tariff({"kind": "flat", "amount": "9"}, tariff_id="city-bike")

    with pytest.raises(InvalidProof):
        prove([*rides(1), use(other, "other")], time_zone_data=ZONES)


def test_an_accounts_statements_form_a_chain() -> None:
    may = prove(rides(1), time_zone_data=ZONES)
    june = prove(rides(2), time_zone_data=ZONES, previous=str(may["digest"]))

    assert verify_chain([may, june]) == []
    assert [finding.pointer for finding in verify_chain([june])] == ["/0/previous"]
    assert [finding.pointer for finding in verify_chain([may, may])] == ["/1/previous"]


def test_uses_and_terms_survive_being_written_and_read() -> None:
    priced = tariff({"kind": "need", "per": "h", "in_use": "6"})
    made = use(priced, needs=[(30, "in_use"), (10, "kept")], km="1.5", product="car")
    known = {("made", 1): priced, ("cheap", 1): terms().alternatives["bike"][0], ("city-bike", 1): city_bike()}
    plan = Use("plan", priced, MAY, MAY, False, {}, kind="agreement", last_need_on=date(2021, 4, 30))
    plan = replace(plan, held=Held("sub", (Stretch(MAY, MAY),), 2, ("car~members",)))

    for each in (made, plan):
        assert use_from_document(json.loads(json.dumps(use_document(each))), known) == each
    assert terms_from_document(json.loads(json.dumps(terms_document(terms()))), known) == terms()


def test_a_bill_is_verified_offline_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "proof.json"
    made = proof()
    file.write_text(json.dumps(made))

    assert main([str(file)]) == 0
    assert capsys.readouterr().out.startswith(f"holds: {len(made['lines'])} lines")

    wrong = deepcopy(made)
    wrong["lines"][0]["minor"] = 49
    file.write_text(json.dumps(wrong))

    assert main([str(file)]) == 1
    assert "/lines/0" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1.5}'])
def test_a_file_that_is_no_proof_is_said_to_be_none(text: str, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    file.write_text(text)

    assert main([str(file)]) == 2
    assert main([str(tmp_path / "missing.json")]) == 2
    assert main([]) == 2


def test_the_version_of_the_time_zone_data_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """
    A system's own files come before the package's, as zoneinfo reads them.
    """
    monkeypatch.setattr("zoneinfo.TZPATH", (str(tmp_path / "none"),))
    assert re.fullmatch(r"20\d\d[a-z]", time_zone_data())

    (tmp_path / "tzdata.zi").write_text("# version 2021a\n")
    monkeypatch.setattr("zoneinfo.TZPATH", (str(tmp_path),))
    assert time_zone_data() == "2021a"


def chain(folder: Path, *, broken: bool = False) -> list[str]:
    """The files of an account's second to fourth proof."""
    files, previous = [], "1" * 64
    for number in (2, 3, 4):
        made: Any = prove(rides(242 * number), time_zone_data=ZONES, previous="2" * 64 if broken else previous)
        previous = made["digest"]
        files.append(str(folder / f"{number}.json"))
        Path(files[-1]).write_text(json.dumps(made))
    return files


def test_several_proofs_are_checked_as_a_chain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = chain(tmp_path)

    assert main([" ".join(files)]) == 0
    assert capsys.readouterr().out.endswith("The chain of 3 holds\n")
    assert main(files[::-1]) == 1
    assert main([*files, str(tmp_path / "none.json")]) == 2
    assert main(chain(tmp_path, broken=True)) == 1
    assert "/1/previous" in capsys.readouterr().out
