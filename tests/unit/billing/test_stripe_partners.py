"""Stripe for partners, through the real SDK against the double."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chalicelib.billing.errors import CannotReceive, CollectorUnavailable, MovementRefused
from chalicelib.billing.payout_model import Due, Movement, MovementKind
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_partners import StripePartners
from chalicelib.kernel.money import Money
from infra.local.stripe_double.trying import SECRET_KEY, Trial, trial

NOW = datetime(2021, 6, 1, tzinfo=UTC)
URLS = {"refresh_url": "https://bikes.example/again", "return_url": "https://bikes.example/done"}


@pytest.fixture(scope="module")
def stripe() -> Iterator[Trial]:
    with trial() as running:
        yield running


@pytest.fixture
def partners(stripe: Trial) -> StripePartners:
    return StripePartners(StripeCalls(SECRET_KEY, stripe.address))


def movement(number: int, minor: int, kind: MovementKind = MovementKind.TRANSFER) -> Movement:
    amount = Money(minor, "EUR")
    return Movement("par_1", number, kind, amount, (Due("par_1", f"due:{number}", amount, NOW),), NOW)


def ready(stripe: Trial, partners: StripePartners, partner_id: str) -> str:
    account = partners.open_account(partner_id)
    stripe.double.onboard(account)
    return account


def paid(stripe: Trial, minor: int) -> str:
    return stripe.paid_invoice(stripe.customer(), minor).id


def test_an_account_is_opened_once_for_a_partner_and_is_ready_when_stripe_is_content(
    stripe: Trial, partners: StripePartners
) -> None:
    account = partners.open_account("par_1")
    assert partners.open_account("par_1") == account
    before = partners.stands(account)
    stripe.double.onboard(account)
    after = partners.stands(account)

    assert (before.partner_id, before.ready, before.submitted) == ("par_1", False, False)
    assert "external_account" in before.due
    assert (after.ready, after.submitted, after.due) == (True, True, ())


def test_an_account_that_is_none_of_ours_names_no_partner(stripe: Trial, partners: StripePartners) -> None:
    assert partners.stands(stripe.partner()).partner_id is None


def test_a_link_leads_to_stripes_own_pages_and_each_is_another(partners: StripePartners) -> None:
    account = partners.open_account("par_1")
    first, second = (partners.onboarding(account, key=key, **URLS) for key in ("one", "two"))

    assert first.url.startswith("https://connect.stripe.com/")
    assert first.url != second.url
    assert first.expires_at > NOW


def test_a_transfer_is_sent_from_the_payment_once_and_a_part_of_it_taken_back_once(
    stripe: Trial, partners: StripePartners
) -> None:
    account, invoice = ready(stripe, partners, "par_2"), paid(stripe, 1000)
    charge = partners.charge_of(invoice)
    sent = [partners.transfer(movement(1, 700), account, charge) for _ in range(2)]
    back = [partners.reverse(movement(2, 300, MovementKind.REVERSAL), sent[0]) for _ in range(2)]

    assert len(set(sent)) == len(set(back)) == 1
    found = stripe.client.v1.transfers.retrieve(sent[0])
    assert (found.amount, found.amount_reversed, found.source_transaction, found.destination) == (
        700,
        300,
        charge,
        account,
    )
    assert found.metadata.to_dict() == {"movement": "par_1:1"}


def test_what_stripe_refuses_says_why(stripe: Trial, partners: StripePartners) -> None:
    account, invoice = ready(stripe, partners, "par_3"), paid(stripe, 1000)
    charge = partners.charge_of(invoice)
    with pytest.raises(MovementRefused) as more_than_paid:
        partners.transfer(movement(11, 1001), account, charge)
    with pytest.raises(MovementRefused) as not_ready:
        partners.transfer(movement(12, 100), partners.open_account("par_4"), charge)

    assert more_than_paid.value.facts == {"reason": "balance_insufficient"}
    assert [isinstance(each.value, CannotReceive) for each in (more_than_paid, not_ready)] == [False, True]
    assert not_ready.value.facts == {"reason": "insufficient_capabilities_for_transfer"}


def test_an_invoice_that_is_not_paid_has_no_charge(stripe: Trial, partners: StripePartners) -> None:
    assert partners.charge_of(stripe.open_invoice(stripe.customer(), 900).id) is None


def test_a_trouble_that_passes_is_tried_again_later(stripe: Trial, partners: StripePartners) -> None:
    account, charge = ready(stripe, partners, "par_5"), partners.charge_of(paid(stripe, 1000))
    for _ in range(3):  # the SDK tries twice more by itself
        stripe.double.fail_next("transfers.create", "reset")

    with pytest.raises(CollectorUnavailable):
        partners.transfer(movement(21, 700), account, charge)
    assert partners.transfer(movement(21, 700), account, charge).startswith("tr_")
