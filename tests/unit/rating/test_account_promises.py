"""The promises that hold for every account: tried on many made at random."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.kernel.money import Money
from chalicelib.rating import Tariff, Use, rate
from chalicelib.rating.account import AccountTerms, rate_account
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.ceiling import Ceiling
from chalicelib.rating.difference import difference
from chalicelib.rating.promotions import Coupon, Credit, Reward
from chalicelib.rating.proof import prove, verify
from tests.unit.rating.made import due, tariff, use
from tests.unit.rating.test_promises import tariffs, uses_of

euros = st.integers(0, 5000).map(lambda minor: Money(minor, "EUR"))


@st.composite
def accounts(draw: st.DrawFn) -> tuple[list[Use], AccountTerms]:
    """A few uses of a product on a tariff made at random, and terms of every kind."""
    own = draw(tariffs())
    uses = [
        Use(u.use_id, own, u.started_at, u.ended_at, False, u.quantities, u.evidence, u.needs, product="thing")
        for u in draw(uses_of(own))
    ]
    other = tariff({"kind": "flat", "amount": str(draw(st.integers(0, 9)))}, tariff_id="other")
    coupon = draw(st.sampled_from(["percent", "amount", "first"]))
    terms = AccountTerms(
        alternatives={"thing": (other,)} if draw(st.booleans()) else {},
        caps=(AccountCap("day", "day", draw(euros), product="thing"), AccountCap("month", "month", draw(euros))),
        ceilings=(Ceiling("c", "thing", draw(euros), draw(euros), draw(st.none() | euros)),),
        coupons=(Coupon("coupon", coupon, Decimal(1) if coupon == "first" else Decimal("0.3"), "thing"),),
        rewards=(Reward("reward", "consent", draw(euros)),),
        credits=(Credit("credit", "faulty", draw(euros)),),
    )
    return uses, terms


@settings(max_examples=60)
@given(accounts())
def test_fairness_only_ever_lowers_a_bill_and_never_below_nothing(account: tuple[list[Use], AccountTerms]) -> None:
    uses, terms = account
    rated = rate_account(uses, terms)

    assert rated.lines[: len(rate(uses))] == rate(uses)
    assert all(line.kind == "reduction" for line in rated.lines[len(rate(uses)) :])
    assert min(0, due(rate(uses))) <= due(rated.lines) <= due(rate(uses))


@settings(max_examples=60)
@given(accounts())
def test_no_account_pays_more_than_its_caps_and_its_ceiling(account: tuple[list[Use], AccountTerms]) -> None:
    uses, terms = account
    whole = terms.ceilings[0]
    left = max(0, whole.price.minor - whole.paid_before.minor)
    months = {each.in_period("month") for each in uses}
    upkeep = 0 if whole.upkeep is None else whole.upkeep.minor * len(months)

    assert due(rate_account(uses, terms).lines) <= min(left + upkeep, terms.caps[1].amount.minor * len(months))


@settings(max_examples=60)
@given(accounts())
def test_what_is_left_of_rewards_and_credits_is_what_was_not_taken_off(account: tuple[list[Use], AccountTerms]) -> None:
    rated = rate_account(*account)
    given_ = {each.id: each.amount.minor for each in (*account[1].rewards, *account[1].credits)}
    spent = {line.price_id: -line.amount.minor for line in rated.lines if line.price_id in given_}

    assert {name: spent.get(name, 0) + left.minor for name, left in (rated.unspent or {}).items()} == given_


@settings(max_examples=60)
@given(accounts())
def test_every_proof_is_recomputed_to_the_same_bytes(account: tuple[list[Use], AccountTerms]) -> None:
    assert verify(prove(*account, time_zone_data="2025b")) == []


@settings(max_examples=40)
@given(accounts(), accounts())
def test_the_difference_of_two_ratings_adds_up_to_the_change(
    one: tuple[list[Use], AccountTerms], other: tuple[list[Use], AccountTerms]
) -> None:
    before, after = rate_account(*one).lines, rate_account(*other).lines

    assert due(difference(before, after)) == due(after) - due(before)


def test_a_tariff_is_compared_with_itself_at_no_gain() -> None:
    own: Tariff = tariff({"kind": "unit", "meter": "km", "unit_amount": "0.1"})

    assert rate_account([use(own, km="3", product="thing")], AccountTerms(alternatives={"thing": (own,)})).fares == ()
