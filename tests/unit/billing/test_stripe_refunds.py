"""Money back, our numbers, tax and odd currencies at Stripe, through the real SDK against the double."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.billing.credit_model import ProviderPayment, Refund
from chalicelib.billing.currencies import chargeable, minimum_charge, step_of
from chalicelib.billing.errors import CollectorUnavailable, RefundRefused
from chalicelib.billing.model import Invoice, InvoiceLine
from chalicelib.billing.paper_model import Paper, TaxRow
from chalicelib.billing.stripe_calls import StripeCalls
from chalicelib.billing.stripe_gateway import StripeGateway
from chalicelib.billing.stripe_refunds import StripeRefunds
from chalicelib.kernel.money import Money
from infra.local.stripe_double.currencies import SMALLEST_CHARGE, STEPS
from infra.local.stripe_double.trying import SECRET_KEY, Trial, trial
from tests.unit.billing.books import MAY, Books

NOW = datetime(2021, 6, 1, tzinfo=UTC)
LINES = (InvoiceLine("session", "ses_1", Money(850, "EUR")), InvoiceLine("carried", "2021-04", Money(150, "EUR")))


@pytest.fixture(scope="module")
def stripe() -> Iterator[Trial]:
    with trial() as running:
        yield running


@pytest.fixture(scope="module")
def calls(stripe: Trial) -> StripeCalls:
    return StripeCalls(SECRET_KEY, stripe.address)


@pytest.fixture(scope="module")
def gateway(calls: StripeCalls) -> StripeGateway:
    return StripeGateway(calls)


@pytest.fixture(scope="module")
def refunder(calls: StripeCalls) -> StripeRefunds:
    return StripeRefunds(calls)


def invoice(account_id: str, *rows: TaxRow) -> Invoice:
    paper = Paper(f"A-{account_id}", "fi", 1, 0, rows)
    return Invoice(account_id, MAY, 1, LINES, Money(1000, "EUR"), NOW, paper=paper)


def finalised(stripe: Trial, gateway: StripeGateway, wanted: Invoice, *, paid: bool) -> str:
    customer = stripe.customer()
    made = gateway.draft(wanted, customer)
    assert gateway.add_lines(made, wanted) == wanted.total
    gateway.finalize(made, wanted)
    if paid:
        gateway.pay(made, wanted, stripe.save_card(customer))
    return made


def refund(made: ProviderPayment, minor: int, number: int = 1, currency: str = "EUR") -> Refund:
    account_id = made.payment
    what = ("note", "invoice", made.payment, Money(minor, currency), NOW)
    return Refund(account_id, number, *what)


def test_a_refund_that_is_repeated_is_one_and_is_read_back_as_ours(
    stripe: Trial, gateway: StripeGateway, refunder: StripeRefunds
) -> None:
    made = finalised(stripe, gateway, invoice("acc_1"), paid=True)
    (payment,) = refunder.payments(made)
    wanted = refund(payment, 400)
    first, again = refunder.refund(wanted), refunder.refund(wanted)

    assert first == again == refunder.refund_stands(first.provider_refund)
    there = stripe.client.v1.payment_intents.retrieve(payment.payment, options=stripe.key())
    assert refunder.payments(made) == [ProviderPayment(there.id, 1000, 400, str(there.latest_charge))]
    stripe.double.fail_refund(first.provider_refund)
    failed = refunder.refund_stands(first.provider_refund)
    assert failed is not None
    assert (failed.failed, failed.reason) == (True, "lost_or_stolen_card")
    assert refunder.refund(wanted).failed
    assert refunder.payments(made) == [payment]


def test_a_refund_above_the_payment_is_refused_by_stripe_too(
    stripe: Trial, gateway: StripeGateway, refunder: StripeRefunds
) -> None:
    made = finalised(stripe, gateway, invoice("acc_2"), paid=True)
    (payment,) = refunder.payments(made)
    with pytest.raises(RefundRefused):
        refunder.refund(refund(payment, 1001))

    assert refunder.payments(made) == [payment]


def test_a_refund_that_somebody_made_at_stripe_by_hand_is_none_of_ours(
    stripe: Trial, gateway: StripeGateway, refunder: StripeRefunds
) -> None:
    made = finalised(stripe, gateway, invoice("acc_3"), paid=True)
    (payment,) = refunder.payments(made)
    by_hand = stripe.client.v1.refunds.create({"payment_intent": payment.payment, "amount": 100}, stripe.key())

    assert refunder.refund_stands(by_hand.id) is None
    assert refunder.payments(made) == [replace(payment, refunded=100)]


def test_a_trouble_that_passes_is_tried_again(stripe: Trial, gateway: StripeGateway, refunder: StripeRefunds) -> None:
    made = finalised(stripe, gateway, invoice("acc_4"), paid=True)
    (payment,) = refunder.payments(made)
    for _ in range(3):  # the SDK tries twice more by itself
        stripe.double.fail_next("refunds.create", "reset")
    with pytest.raises(CollectorUnavailable):
        refunder.refund(refund(payment, 400))

    assert refunder.refund(refund(payment, 400)).status == "succeeded"


def test_a_credit_lowers_what_an_open_invoice_asks_for_and_comes_too_late_for_a_paid_one(
    stripe: Trial, gateway: StripeGateway, refunder: StripeRefunds
) -> None:
    lower = replace(invoice("acc_5"), credited=300)
    made = finalised(stripe, gateway, lower, paid=False)
    for _ in range(2):
        refunder.credit(made, lower, 300)
    stands = gateway.read(made)
    assert stands is not None
    assert (stands.status, stands.credited) == ("open", 300)

    paid = finalised(stripe, gateway, replace(lower, account_id="acc_6", paper=None), paid=True)
    refunder.credit(paid, lower, 300)
    stands = gateway.read(paid)
    assert stands is not None
    assert (stands.status, stands.credited, stands.paid.minor) == ("paid", 0, 1000)


def test_an_invoice_that_is_credited_wholly_is_paid_with_nothing(
    stripe: Trial, gateway: StripeGateway, refunder: StripeRefunds
) -> None:
    whole = replace(invoice("acc_7"), credited=1000)
    made = finalised(stripe, gateway, whole, paid=False)
    refunder.credit(made, whole, 1000)
    stands = gateway.read(made)

    assert stands is not None
    assert (stands.status, stands.credited, stands.paid.minor) == ("paid", 1000, 0)
    assert refunder.payments(made) == []


def test_stripes_invoice_has_our_number_and_another_draft_of_it_says_which_it_is(
    stripe: Trial, gateway: StripeGateway
) -> None:
    wanted = invoice("acc_8")
    for attempts, number in ((0, "A-acc_8"), (2, "A-acc_8/2")):
        made = finalised(stripe, gateway, replace(wanted, attempts=attempts), paid=False)
        assert stripe.client.v1.invoices.retrieve(made).number == number


@pytest.mark.parametrize(
    ("rows", "lines", "taxes"),
    [
        ((TaxRow("0.25", 1000, 200),), 2, [200]),
        ((TaxRow("0.255", 600, 122), TaxRow("0.14", 400, 49)), 2, [122, 49]),
        ((TaxRow("0.25", 900, 180), TaxRow("0", 100, 0)), 2, [180]),
        ((TaxRow("0", 1000, 0),), 2, []),
    ],
    ids=["one rate", "two rates", "one rate and none", "no tax"],
)
def test_the_tax_is_in_the_total_and_never_changes_it(
    stripe: Trial, gateway: StripeGateway, rows: tuple[TaxRow, ...], lines: int, taxes: list[int]
) -> None:
    wanted = invoice(f"acc_{'_'.join(row.rate for row in rows)}", *rows)
    made = stripe.client.v1.invoices.retrieve(finalised(stripe, gateway, wanted, paid=False))

    assert (made.total, made.total_excluding_tax) == (1000, 1000 - sum(taxes))
    assert [each.amount for each in made.total_taxes or ()] == taxes
    assert {each.tax_behavior for each in made.total_taxes or ()} <= {"inclusive"}
    assert len(made.lines.data) == lines


@pytest.mark.parametrize(
    ("currency", "cost"),
    [("JPY", 1234), ("KRW", 1234), ("HUF", 17_545), ("KWD", 12_345), ("TND", 2345), ("ISK", 123_456), ("UGX", 456_789)],
)
def test_currencies_without_and_with_three_decimals_and_of_whole_units_are_settled_collected_and_given_back(
    stripe: Trial, gateway: StripeGateway, refunder: StripeRefunds, currency: str, cost: int
) -> None:
    books = Books()
    books.rides.currency = currency
    books.rides.ridden(MAY, cost, 100)
    wanted = books.settle(MAY).invoice
    assert wanted is not None
    wanted = replace(wanted, account_id=f"acc_{currency}", paper=None)
    made = finalised(stripe, gateway, wanted, paid=True)
    (payment,) = refunder.payments(made)
    back = refund(payment, 10 * step_of(currency), currency=currency)

    assert payment.paid == wanted.total.minor == (cost + 100) // step_of(currency) * step_of(currency)
    assert refunder.refund(back).status == "succeeded"
    if step_of(currency) > 1:
        with pytest.raises(RefundRefused):
            refunder.refund(refund(payment, 11, 2, currency))


@pytest.mark.parametrize("currency", [each.upper() for each in SMALLEST_CHARGE])
def test_of_every_currency_less_than_is_charged_is_carried_and_what_is_charged_can_be_moved(currency: str) -> None:
    least = minimum_charge(currency)
    assert least.minor >= SMALLEST_CHARGE[currency.lower()]
    assert chargeable(least) == least
    assert step_of(currency) == STEPS.get(currency.lower(), 1)
