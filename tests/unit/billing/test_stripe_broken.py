"""What Stripe answers with 500 it saves for a day: it is looked for, and if it was not done it is asked for anew."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.billing.errors import CollectorUnavailable
from chalicelib.billing.payout_model import MovementKind
from chalicelib.billing.stripe_ahead import StripeAhead
from chalicelib.billing.stripe_calls import StripeCalls, nothing
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.billing.stripe_holds import StripeHolds
from chalicelib.billing.stripe_partners import StripePartners
from chalicelib.billing.topping_model import PaidBack, TopUp
from chalicelib.kernel.money import Money
from infra.local.stripe_double.faults import How
from infra.local.stripe_double.trying import SECRET_KEY, START, Trial, trial
from tests.unit.billing.test_stripe_gateway import INVOICE
from tests.unit.billing.test_stripe_holds import new
from tests.unit.billing.test_stripe_partners import movement

BROKEN: tuple[How, ...] = ("500", "500_after_applying")


@pytest.fixture(scope="module")
def stripe() -> Iterator[Trial]:
    with trial() as running:
        yield running


@pytest.fixture
def calls(stripe: Trial) -> StripeCalls:
    return StripeCalls(SECRET_KEY, stripe.address)


@pytest.mark.parametrize("how", BROKEN)
def test_a_draft_that_broke_is_one_draft_in_the_end(stripe: Trial, calls: StripeCalls, how: How) -> None:
    gateway, customer = StripeGateway(calls), stripe.customer()
    invoice = replace(INVOICE, account_id=f"acc_{how}")
    stripe.double.fail_next("invoices.create", how)

    with pytest.raises(CollectorUnavailable):
        gateway.draft(invoice, customer)
    made = gateway.draft(invoice, customer)

    assert [each.id for each in stripe.client.v1.invoices.list({"customer": customer}).data] == [made]
    assert gateway.draft(invoice, customer) == made


@pytest.mark.parametrize("how", BROKEN)
def test_a_hold_that_broke_is_one_hold_in_the_end(stripe: Trial, calls: StripeCalls, how: How) -> None:
    holds, hold = StripeHolds(calls), new(stripe, f"ses_{how}")
    before = stripe.double.held_total("EUR")
    stripe.double.fail_next("payment_intents.create", how)

    with pytest.raises(CollectorUnavailable):
        holds.ask(hold)
    stands = holds.ask(hold)

    assert stands.stands
    assert stands.until is not None
    assert stands.until > START + timedelta(days=4)
    assert stripe.double.held_total("EUR") - before == hold.amount.minor


@pytest.mark.parametrize("how", BROKEN)
def test_a_top_up_that_broke_is_one_and_so_is_what_goes_back_of_it(stripe: Trial, calls: StripeCalls, how: How) -> None:
    ahead, customer = StripeAhead(calls), stripe.customer()
    card = stripe.save_card(customer)
    top_up = TopUp(f"acc_{how}", how, Money(1000, "EUR"), customer, card, START)
    before = stripe.double.collected_total("EUR")
    stripe.double.fail_next("payment_intents.create", how)

    with pytest.raises(CollectorUnavailable):
        ahead.ask(top_up)
    made = ahead.ask(top_up)
    assert made.paid
    assert stripe.double.collected_total("EUR") - before == 1000

    back = PaidBack(top_up.account_id, 1, "lot", made.payment, Money(400, "EUR"), START)
    stripe.double.fail_next("refunds.create", how)
    with pytest.raises(CollectorUnavailable):
        ahead.pay_back(back)
    sent = ahead.pay_back(back)
    assert [each.id for each in stripe.client.v1.refunds.list({"payment_intent": made.payment}).data] == [
        sent.provider_refund
    ]


@pytest.mark.parametrize("how", BROKEN)
def test_a_transfer_that_broke_is_one_and_so_is_what_is_taken_back_of_it(
    stripe: Trial, calls: StripeCalls, how: How
) -> None:
    """
    The account that it goes to as well.
    """
    partners, charges = StripePartners(calls), stripe.paid_invoice(stripe.customer(), 1000).id
    stripe.double.fail_next("accounts.create", how)
    account = _twice(lambda: partners.open_account(f"par_{how}"))
    stripe.double.onboard(account)
    opened = stripe.client.v1.accounts.list({"limit": 100}).data
    assert [each.id for each in opened if each.metadata and each.metadata["partner_id"] == f"par_{how}"] == [account]

    charge, sending = partners.charge_of(charges), movement(1 + BROKEN.index(how), 700)
    stripe.double.fail_next("transfers.create", how)
    sent = _twice(lambda: partners.transfer(sending, account, charge))
    assert [each.id for each in stripe.client.v1.transfers.list({"destination": account}).data] == [sent]

    back = movement(3 + BROKEN.index(how), 300, MovementKind.REVERSAL)
    stripe.double.fail_next("transfers.reversals.create", how)
    taken = _twice(lambda: partners.reverse(back, sent))
    assert [each.id for each in stripe.client.v1.transfers.reversals.list(sent).data] == [taken]


def test_what_was_sent_is_found_when_its_key_is_forgotten(stripe: Trial, calls: StripeCalls) -> None:
    """
    A worker was killed after Stripe had done it, and its message came again days later.
    """
    partners = StripePartners(calls)
    account = partners.open_account("par_late")
    stripe.double.onboard(account)
    charge = partners.charge_of(stripe.paid_invoice(stripe.customer(), 1000).id)
    sent = partners.transfer(movement(91, 700), account, charge)
    taken = partners.reverse(movement(92, 300, MovementKind.REVERSAL), sent)
    stripe.clock.at += timedelta(hours=25)

    assert partners.transfer(movement(91, 700), account, charge, look=True) == sent
    assert partners.reverse(movement(92, 300, MovementKind.REVERSAL), sent, look=True) == taken
    assert stripe.client.v1.transfers.retrieve(sent).amount_reversed == 300


def _twice(do: Callable[[], str]) -> str:
    """It breaks down at first."""
    with pytest.raises(CollectorUnavailable):
        do()
    return do()


def test_what_breaks_at_every_try_is_left_to_the_next_day(stripe: Trial, calls: StripeCalls) -> None:
    """
    A call that nobody says may be made twice is never made under another key.
    """
    for turn in range(4):
        stripe.double.fail_next("customers.create", "500", after=turn)
        with pytest.raises(CollectorUnavailable):
            calls("customers", "create", key="broken", found=nothing, name="x")
    with pytest.raises(CollectorUnavailable):
        calls("customers", "create", key="broken", found=nothing, name="x")
    stripe.clock.at += timedelta(hours=25)
    assert calls("customers", "create", key="broken", found=nothing, name="x").name == "x"

    stripe.double.fail_next("customers.create", "500")
    made = len(stripe.double.calls)
    for _ in range(3):
        with pytest.raises(CollectorUnavailable):
            calls("customers", "create", key="once", name="y")
    assert len(stripe.double.calls) - made == 3
