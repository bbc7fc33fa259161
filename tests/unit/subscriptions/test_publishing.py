"""Plans and terms are published in versions that never change, and every fault of one is named."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.rating import tariff_from_document
from chalicelib.subscriptions.errors import InvalidPlan, InvalidTerms, TermsPublished, UnknownPlan, UnknownTerms
from chalicelib.subscriptions.plan import PassTerms, Plan, PlanKind
from chalicelib.subscriptions.publishing import plan_of, publish_plan, publish_terms, terms_of
from tests.unit.subscriptions.lives import FEE, MONTHLY, ONCE, START, Operator, plan

DAY = timedelta(days=1)
PASS: dict[str, Any] = {"kind": PlanKind.PASS, "lasts": PassTerms(days=1)}


@pytest.fixture
def operator() -> Operator:
    return Operator()


def faults(operator: Operator, stated: Plan, fee: dict[str, object] | None = None) -> dict[str, str]:
    with pytest.raises(InvalidPlan) as refused:
        publish_plan(stated, fee, publishing=operator.publishing())
    errors: Any = refused.value.facts["errors"]
    assert operator.shelf.kept == {}
    return {each["pointer"]: each["reason"] for each in errors}


def test_each_publishing_is_the_next_version_and_the_same_again_is_none(operator: Operator) -> None:
    stated = plan(fares={"par_1:bike": "members"}, asleep_after_days=30)
    first = publish_plan(stated, MONTHLY, publishing=operator.publishing())
    assert publish_plan(stated, MONTHLY, publishing=operator.publishing()) is first
    operator.now += DAY
    second = publish_plan(replace(stated, seats=4), MONTHLY, publishing=operator.publishing())

    assert [(each.version, each.seats) for each in operator.shelf.kept["member"]] == [(1, None), (2, 4)]
    assert (second.published_at, second.published_by) == (START + DAY, "olga")
    assert plan_of("member", plans=operator.shelf) == second
    assert plan_of("member", 1, plans=operator.shelf) == first
    with pytest.raises(UnknownPlan):
        plan_of("member", 3, plans=operator.shelf)


def test_its_fee_is_kept_as_a_tariff_of_its_own(operator: Operator) -> None:
    made = publish_plan(plan(asleep_after_days=30), MONTHLY, publishing=operator.publishing())

    assert made.fee is not None
    tariff = tariff_from_document(made.fee)
    assert (tariff.tariff_id, tariff.version, tariff.zone) == ("plan+member", 1, "Europe/Copenhagen")
    assert [(each.kind, getattr(each, "asleep_after_days", None)) for each in tariff.prices] == [("recurring", 30)]


def test_a_pass_stays_a_pass(operator: Operator) -> None:
    publish_plan(plan("day", **PASS), ONCE, publishing=operator.publishing())

    with pytest.raises(InvalidPlan):
        publish_plan(plan("day"), None, publishing=operator.publishing())


@pytest.mark.parametrize(
    ("stated", "pointer"),
    [
        ({"names": {}}, "/names"),
        ({"names": {"danish": "x"}}, "/names/danish"),
        ({"names": {"xx": "x"}}, "/names/xx"),
        ({"names": {"da": " "}}, "/names/da"),
        ({"terms_version": "8"}, "/terms_version"),
        ({"fares": {"par_1:boat": "members"}}, "/fares/par_1:boat"),
        ({"fares": {"par_1:bike": "guests"}}, "/fares/par_1:bike"),
        ({"seats": 0}, "/seats"),
        ({"asleep_after_days": -1}, "/asleep_after_days"),
        ({"requires": ("shoes",)}, "/requires/0"),
        ({"requires": ("age:18", "age:21")}, "/requires/1"),
        ({"for_kinds": frozenset({"club"})}, "/for_kinds"),
        ({"on_sale_from": START, "on_sale_until": START}, "/on_sale_until"),
        ({"lasts": PassTerms(days=1)}, "/lasts"),
        ({"kind": PlanKind.PASS}, "/lasts"),
        ({"kind": PlanKind.PASS, "lasts": PassTerms(until=START)}, "/lasts/until"),
        ({"kind": PlanKind.PASS, "lasts": PassTerms(days=0, uses=0)}, "/lasts/uses"),
        ({"kind": PlanKind.PASS, "lasts": PassTerms(days=2, until=START + DAY)}, "/lasts/until"),
        ({**PASS, "asleep_after_days": 3}, "/asleep_after_days"),
    ],
)
def test_a_fault_is_named_where_it_is(operator: Operator, stated: dict[str, Any], pointer: str) -> None:
    assert pointer in faults(operator, plan(**stated))


@pytest.mark.parametrize("plan_id", ["", "pay-per-use", "Member", "a b", "x" * 65])
def test_a_plans_id_is_plain_and_not_that_of_pay_per_use(operator: Operator, plan_id: str) -> None:
    assert "" in faults(operator, plan(plan_id))


RIDE = {"id": "x", "kind": "flat", "amount": "5"}


@pytest.mark.parametrize(
    ("fee", "pointer"),
    [
        ({}, "/fee/currency"),
        (
            {**MONTHLY, "prices": [{**FEE, "amount": "-1"}]},
            "/fee/prices/0/amount",
        ),
        ({**MONTHLY, "prices": [RIDE]}, "/fee/prices/0/kind"),
        ({**MONTHLY, "currency": "EUR"}, "/fee/currency"),
        (
            {**MONTHLY, "prices": [{**FEE, "asleep_after_days": 31}]},
            "/fee/prices/0/asleep_after_days",
        ),
        ({**MONTHLY, "regret": {"seconds": 60, "times": 1}}, "/fee/regret"),
        ({**MONTHLY, "tarif": "x"}, "/fee/tarif"),
    ],
)
def test_a_fee_is_a_valid_tariff_of_agreements_alone(operator: Operator, fee: dict[str, Any], pointer: str) -> None:
    assert pointer in faults(operator, plan(asleep_after_days=30), fee)


def test_a_pass_is_paid_once(operator: Operator) -> None:
    assert faults(operator, plan("day", **PASS), MONTHLY).keys() == {"/fee/prices/0/kind"}
    assert publish_plan(plan("day", **PASS), ONCE, publishing=operator.publishing()).runs_out(START) == START + DAY


def test_terms_once_published_keep_their_text(operator: Operator) -> None:
    texts = {"da": "Nye vilkår.", "en": "New terms."}
    made = publish_terms("8", texts, publishing=operator.publishing())
    assert publish_terms("8", texts, publishing=operator.publishing()) == made
    with pytest.raises(TermsPublished):
        publish_terms("8", {"da": "Andre."}, publishing=operator.publishing())

    assert made.digest("da") == "5c208eb508faba1d3ee6b0fb061d3479bb06811e28e2e130e330e1761260bffa"
    assert terms_of("8", ["sv", "en", "da"], terms=operator.shelf) == (made, "en")
    assert terms_of("8", [], terms=operator.shelf) == (made, "en")
    for version, languages in (("9", []), ("8", ["sv"])):
        with pytest.raises(UnknownTerms):
            terms_of(version, languages, terms=operator.shelf)


@pytest.mark.parametrize(
    ("version", "texts", "pointer"),
    [("a b", {"da": "x"}, ""), ("8", {}, "/texts"), ("8", {"dansk": "x"}, "/texts"), ("8", {"da": " "}, "/texts/da")],
)
def test_terms_are_a_version_with_texts(operator: Operator, version: str, texts: dict[str, str], pointer: str) -> None:
    with pytest.raises(InvalidTerms) as refused:
        publish_terms(version, texts, publishing=operator.publishing())

    errors: Any = refused.value.facts["errors"]
    assert [each["pointer"] for each in errors] == [pointer]
