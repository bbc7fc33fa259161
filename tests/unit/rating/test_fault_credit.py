"""What a fault gives back: a part of the start fee or of the charge, never more than it, provable, the partner's."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.ids import digest
from chalicelib.rating import RatedLine, Use, rate
from chalicelib.rating.account import AccountTerms, rate_account
from chalicelib.rating.errors import InvalidUse
from chalicelib.rating.fault_credit import CreditOf, FaultCredit
from chalicelib.rating.proof import prove, verify
from chalicelib.rating.use_document import use_document, use_from_document
from tests.unit.rating.made import tariff, use

START_FEE = {"kind": "flat", "amount": "1.00"}
PASS = {"kind": "flat", "amount": "5.00", "once_per": "day"}
TIME: dict[str, Any] = {"kind": "need", "per": "min", "in_use": "0.11"}
TARIFF = tariff(START_FEE, PASS, TIME)


def ride(of: CreditOf | None, percent: int = 100, minutes: int = 10, **members: Any) -> Use:  # noqa: ANN401 -- JSON
    on = tariff(START_FEE, PASS, TIME, **members) if members else TARIFF
    ridden = use(on, needs=[(minutes, "in_use")])
    return ridden if of is None else replace(ridden, fault_credit=FaultCredit(of, percent, ("bang",)))


def credits_of(lines: tuple[RatedLine, ...]) -> list[tuple[str, int]]:
    return [(line.price_id, line.amount.minor) for line in lines if line.code == "fault_credit"]


@pytest.mark.parametrize(
    ("of", "percent", "given_back"),
    [
        ("start_fee", 100, [("price", -100)]),
        ("start_fee", 50, [("price", -50)]),
        ("charge", 100, [("price", -100), ("p2", -110)]),
        ("charge", 50, [("price", -50), ("p2", -55)]),
        ("charge", 1, [("price", -1), ("p2", -1)]),
    ],
)
def test_so_much_of_the_start_fee_or_of_the_charge_is_given_back_and_the_pass_stays(
    of: CreditOf, percent: int, given_back: list[tuple[str, int]]
) -> None:
    assert credits_of(rate([ride(of, percent)])) == given_back
    assert credits_of(rate([ride(None)])) == []


def test_the_line_says_what_it_is_part_of_who_bears_it_and_what_shows_the_fault() -> None:
    (line,) = (each for each in rate([ride("start_fee", 50)]) if each.code == "fault_credit")

    assert line.facts == {"of": "start_fee", "percent": "50", "borne_by": "partner"}
    assert (line.kind, line.evidence, line.use_id) == ("reduction", ("bang",), "use-1")


def test_what_is_given_back_goes_before_what_regret_and_included_uses_and_caps_take() -> None:
    """
    Half of 2.10 is left, under a cap of 0.80: no more than 0.80 is paid, and nothing is given back twice.
    """
    caps = [{"id": "day", "period": "day", "amount": "0.80", "over": ["price", "p2"]}]
    lines = rate([ride("charge", 50, caps=caps)])
    paid = sum(line.amount.minor for line in lines if line.price_id != "p1")
    free = [{"id": "one", "period": "month", "uses": 1, "over": ["price", "p2"]}]
    nothing = rate([ride("charge", 50, caps=caps, allowances=free)])

    assert (paid, [line.code for line in lines].count("cap_day")) == (80, 2)
    assert sum(line.amount.minor for line in nothing) == 500


def test_an_agreement_of_terms_is_not_needed_for_it() -> None:
    assert rate_account([ride("charge")], AccountTerms()).lines == rate([ride("charge")])


@given(st.sampled_from(["start_fee", "charge"]), st.integers(1, 100), st.integers(0, 2_000))
def test_it_is_never_more_than_the_charge_and_the_parts_add_up_half_up(
    of: CreditOf, percent: int, minutes: int
) -> None:
    plain, less = rate([ride(None, minutes=minutes)]), rate([ride(of, percent, minutes)])
    due = sum(
        line.amount.minor for line in plain if line.code == "flat_fee" or (of == "charge" and line.code != "pass")
    )
    given_back = -sum(minor for _, minor in credits_of(less))

    assert given_back == int(due * percent / 100 + 0.5) <= due
    for price in ("price", "p1", "p2"):
        assert sum(line.amount.minor for line in less if line.price_id == price) >= 0


def test_a_proof_with_a_credit_is_computed_again_from_itself_alone() -> None:
    proof = prove([ride("charge", 33)], time_zone_data="2021a")
    assert verify(proof) == []

    uses = [{**each, "fault_credit": {"of": "charge", "percent": 34}} for each in proof["uses"]]  # type: ignore[attr-defined]
    assert {each.pointer for each in verify({**proof, "uses": uses})} >= {"/digest", "/totals"}


def test_a_proof_from_before_there_were_credits_still_verifies_and_none_with_a_credit_passes_for_one() -> None:
    def as_before(proof: dict[str, object]) -> dict[str, object]:
        steps = [each for each in proof["steps"] if each != "fault_credit"]  # type: ignore[attr-defined]
        body = {name: value for name, value in {**proof, "steps": steps}.items() if name != "digest"}
        return {**body, "digest": digest(body)}

    assert verify(as_before(prove([ride(None)], time_zone_data="2021a"))) == []
    found = verify(as_before(prove([ride("charge", 33)], time_zone_data="2021a")))
    assert [each.pointer for each in found] == ["/steps"]


@pytest.mark.parametrize("credit", [{"of": "all", "percent": 5}, {"of": "charge", "percent": 101}, {"of": "charge"}, 7])
def test_a_document_with_a_credit_that_is_none_is_refused(credit: object) -> None:
    document = use_document(ride("charge", 33))
    tariffs = {("made", 1): TARIFF}
    assert use_from_document(document, tariffs) == ride("charge", 33)

    with pytest.raises(InvalidUse):
        use_from_document({**document, "fault_credit": credit}, tariffs)
