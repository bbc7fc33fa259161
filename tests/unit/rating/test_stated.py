"""What partners state beside use is rated as stated, proven like the rest, and touched by no cap, fare or ceiling."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kernel.money import Money
from chalicelib.rating import InvalidTariff, tariff_document, tariff_from_document
from chalicelib.rating.account import AccountTerms, rate_account
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.ceiling import Ceiling
from chalicelib.rating.figures import TaxRates, figures_of
from chalicelib.rating.proof import prove, verify
from chalicelib.rating.share import ShareRule, ShareTier, by_product, share
from chalicelib.rating.share_document import rule_document, rule_from_document
from chalicelib.rating.stated import CHARGE_KINDS, ChargeKind, StatedCharge, class_of, is_stated, tariff_of, use_of
from tests.unit.billing.books import tariff

MAY_3 = datetime(2021, 5, 3, 9, 0, tzinfo=UTC)
JULY = datetime(2021, 7, 2, tzinfo=UTC)
kinds = st.sampled_from(CHARGE_KINDS)


def charge(kind: ChargeKind = "damage", cents: int = 12000, back: int = 0, name: str = "chg-1") -> StatedCharge:
    amount, countered = Money(cents, "EUR"), Money(back, "EUR")
    return StatedCharge(name, "par-1:bike", "bikes", kind, amount, MAY_3, JULY, countered, ("photo",))


@given(kinds, st.integers(1, 10**7), st.integers(0, 100))
def test_a_charge_is_a_line_of_its_class_with_its_day_and_evidence(kind: ChargeKind, cents: int, part: int) -> None:
    """
    And a second line of what was taken back of it.
    """
    back = cents * part // 100
    line, *rest = rate_account([use_of(charge(kind, cents, back), "UTC")]).lines

    assert (line.charge_class, line.code, line.amount.minor) == (class_of(kind), f"stated_{kind}", cents)
    assert (line.facts, line.evidence) == ({"day": "2021-05-03"}, ("photo",))
    assert [(each.code, each.kind, each.amount.minor) for each in rest] == (
        [("countered", "reduction", -back)] if back else []
    )


def test_no_cap_and_no_ceiling_lowers_it_and_it_fills_none() -> None:
    """
    A ride of nine euros under an account cap of five, beside damage and a delivery.
    """
    ride = use_of(charge(cents=900), "UTC")
    ride = replace(ride, use_id="ride", tariff=tariff(), kind="session", product="par-1:bike")
    ride = replace(ride, quantities={"cents": Decimal(900)})
    owed, ordered = use_of(charge(), "UTC"), use_of(charge("delivery", 700, name="chg-2"), "UTC")
    cap = AccountCap("five", "month", Money(500, "EUR"))
    ceiling = Ceiling("ceiling", "par-1:bike", Money(400, "EUR"), Money(0, "EUR"))

    def net(*uses: object, caps: tuple[AccountCap, ...] = (), ceilings: tuple[Ceiling, ...] = ()) -> dict[str, int]:
        lines = rate_account(list(uses), AccountTerms(caps=caps, ceilings=ceilings, month="2021-07")).lines  # type: ignore[arg-type]
        return {
            use: sum(each.amount.minor for each in lines if each.use_id == use) for use in ("ride", "chg-1", "chg-2")
        }

    assert net(ride, owed, ordered, caps=(cap,)) == {"ride": 500, "chg-1": 12000, "chg-2": 700}
    assert net(ride, owed, ordered, ceilings=(ceiling,)) == {"ride": 400, "chg-1": 12000, "chg-2": 700}


def test_its_proof_can_be_recomputed_and_a_changed_amount_is_found() -> None:
    proof = json.loads(json.dumps(prove([use_of(charge(back=2000), "UTC")], time_zone_data="2026b")))
    assert verify(proof) == []
    assert proof["totals"] == {"EUR": 10000}

    proof["uses"][0]["quantities"]["stated"] = "1.00"
    assert verify(proof)


@pytest.mark.parametrize("kind", CHARGE_KINDS)
def test_its_tariff_is_read_as_it_was_written(kind: ChargeKind) -> None:
    made = tariff_of("par-1:bike", kind, "EUR", "UTC")

    assert tariff_from_document(tariff_document(made)) == made


def test_no_tariff_on_offer_has_such_a_price_and_none_of_these_has_another() -> None:
    document = tariff_document(tariff_of("par-1:bike", "damage", "EUR", "UTC"))
    for changed in ({"tariff_id": "par-1:bike"}, {"prices": [{"id": "x", "kind": "flat", "amount": "1"}]}):
        with pytest.raises(InvalidTariff):
            tariff_from_document({**document, **changed})
    with pytest.raises(InvalidTariff):
        tariff_from_document({**document, "prices": [{"id": "damage", "kind": "stated", "charge_class": "use"}]})


def test_its_tax_is_its_kinds_where_that_has_a_rate_and_its_products_otherwise() -> None:
    uses = [use_of(charge("damage"), "UTC"), use_of(charge("delivery", 1200, name="chg-2"), "UTC")]
    lines = rate_account(uses).lines

    def taxes(rates: TaxRates) -> dict[str, dict[str, int]]:
        return {product: dict(each.taxes) for product, each in figures_of(lines, uses, rates).items()}

    assert taxes(TaxRates(others=Decimal("0.2"), by_kind={"damage": Decimal(0)})) == {
        "par-1:bike/damage": {},
        "par-1:bike/delivery": {"0.2": 200},
    }
    assert taxes(TaxRates(by_product={"par-1:bike": Decimal("0.2")})) == {
        "par-1:bike/damage": {"0.2": 2000},
        "par-1:bike/delivery": {"0.2": 200},
    }
    assert taxes(TaxRates(by_category={"bikes": Decimal("0.2")}))["par-1:bike/delivery"] == {"0.2": 200}


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(0, 100))
def test_what_is_owed_is_the_partners_whole_unless_the_rule_says_less_and_the_rest_goes_by_the_rule(
    owed: int, ordered: int, percent: int
) -> None:
    uses = [use_of(charge("loss", owed), "UTC"), use_of(charge("add_on", ordered, name="chg-2"), "UTC")]
    figures = figures_of(rate_account(uses).lines, uses, TaxRates())
    rule = ShareRule("EUR", (ShareTier(Decimal(50)),))
    less = replace(rule, owed=Decimal(percent))

    assert by_product(share(rule, figures))["par-1:bike/loss"] == owed
    assert by_product(share(rule, figures))["par-1:bike/add_on"] == (ordered + 1) // 2
    assert by_product(share(less, figures)).get("par-1:bike/loss", 0) == (owed * percent + 50) // 100
    assert (rule_from_document(rule_document(less)), rule_from_document(rule_document(rule))) == (less, rule)
    assert "owed" not in rule_document(rule)


def test_a_charge_is_told_from_a_ride() -> None:
    damaged = use_of(charge(), "UTC")

    assert is_stated(damaged)
    assert not is_stated(replace(damaged, tariff=tariff()))


def test_a_charge_that_happened_after_it_was_accepted_by_some_clock_is_still_a_use() -> None:
    early = use_of(replace(charge(), happened_at=JULY + timedelta(minutes=1)), "UTC")

    assert early.started_at == early.ended_at == JULY
