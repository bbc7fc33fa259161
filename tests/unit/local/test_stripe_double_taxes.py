"""Tax by a fixed table at the double of Stripe, through the real SDK."""

from collections.abc import Iterator

import pytest
import stripe
from stripe.params import (
    CustomerCreateParams,
    CustomerUpdateParams,
    InvoiceAddLinesParamsLine,
    InvoiceAddLinesParamsLineTaxAmountTaxRateData,
)

from infra.local.stripe_double.trying import Trial, trial


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as found:
        yield found


def _line(amount: int, **product: str) -> InvoiceAddLinesParamsLine:
    """A line whose price includes the tax."""
    return {
        "price_data": {
            "currency": "eur",
            "product_data": {"name": "Use", **product},  # type: ignore[typeddict-item]
            "tax_behavior": "inclusive",
            "unit_amount": amount,
        },
        "quantity": 1,
    }


def _draft(desk: Trial, wanted: CustomerCreateParams, *lines: InvoiceAddLinesParamsLine) -> stripe.Invoice:
    """A draft of a customer with automatic tax."""
    customer_id = desk.client.v1.customers.create(wanted, desk.key()).id
    draft = desk.client.v1.invoices.create({"customer": customer_id, "automatic_tax": {"enabled": True}}, desk.key())
    return desk.client.v1.invoices.add_lines(draft.id, {"lines": [*lines]}, desk.key())


@pytest.mark.parametrize(
    ("country", "taxes"),
    [("FI", [51, 203]), ("SE", [50, 200]), ("DE", [40, 160]), ("US", [0, 0]), ("JP", [0, 0])],
)
def test_a_total_is_split_by_the_customers_country_and_stays_as_it_is(
    desk: Trial, country: str, taxes: list[int]
) -> None:
    """
    2.50 and 10.00 with 25.5 %, 25 %, 19 % in them, or nothing where the seller is not registered.
    """
    opened = desk.client.v1.invoices.finalize_invoice(
        _draft(desk, {"address": {"country": country, "postal_code": "00100"}}, _line(250), _line(1000)).id,
        {},
        desk.key(),
    )

    assert (opened.automatic_tax.status, opened.total, opened.amount_due) == ("complete", 1250, 1250)
    assert opened.total_excluding_tax == 1250 - sum(taxes)
    found = [tax for line in opened.lines.data for tax in line.taxes or ()]
    assert [tax.amount for tax in found] == taxes
    assert {tax.tax_behavior for tax in found} == {"inclusive"}
    (total,) = opened.total_taxes or ()
    assert (total.amount, total.taxable_amount) == (sum(taxes), 1250 - sum(taxes))
    assert total.taxability_reason == ("standard_rated" if any(taxes) else "not_collecting")


def test_each_rate_has_its_total(desk: Trial) -> None:
    """
    What is not taxed stands beside what is; each total names its rate, which can be read.
    """
    draft = _draft(desk, {"address": {"country": "FI"}}, _line(1000), _line(500, tax_code="txcd_00000000"), _line(255))

    totals = [(tax.amount, tax.taxable_amount, tax.taxability_reason) for tax in draft.total_taxes or ()]
    assert totals == [(203 + 52, 797 + 203, "standard_rated"), (0, 500, "product_exempt")]
    details = (draft.total_taxes or [])[0].tax_rate_details
    assert details is not None
    rate = desk.client.v1.tax_rates.retrieve(details.tax_rate)
    assert (rate.percentage, rate.country, rate.inclusive) == (25.5, "FI", True)


def test_without_a_place_the_invoice_stays_a_draft(desk: Trial) -> None:
    """
    Stripe says what it misses, on the draft and when it refuses to finalise; an address mends it.
    """
    draft = _draft(desk, {}, _line(1000))
    assert (draft.automatic_tax.status, draft.total) == ("requires_location_inputs", 1000)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.invoices.finalize_invoice(draft.id, {}, desk.key())

    assert refusal.value.code == "customer_tax_location_invalid"
    after = desk.client.v1.invoices.retrieve(draft.id)
    assert after.status == "draft"
    assert after.last_finalization_error is not None
    assert after.last_finalization_error.code == "customer_tax_location_invalid"
    assert desk.client.v1.events.list({"type": "invoice.finalization_failed"}).data

    address: CustomerUpdateParams = {"address": {"country": "DK"}}
    desk.client.v1.customers.update(str(draft.customer), address, desk.key())
    opened = desk.client.v1.invoices.finalize_invoice(draft.id, {}, desk.key())
    assert (opened.status, opened.total_excluding_tax) == ("open", 800)
    assert opened.last_finalization_error is None


@pytest.mark.parametrize(
    ("wanted", "country", "source"),
    [
        ({"tax": {"ip_address": "198.51.100.7"}}, "SE", "ip_address"),
        ({"tax": {"ip_address": "198.51.100.7"}, "address": {"country": "DE"}}, "DE", "billing_address"),
        (
            {"address": {"country": "DE"}, "shipping": {"name": "Ada", "address": {"country": "FI"}}},
            "FI",
            "shipping_destination",
        ),
    ],
)
def test_where_a_customer_is_is_known_by_the_best_source(
    desk: Trial, wanted: CustomerCreateParams, country: str, source: str
) -> None:
    """
    Where things are sent before where bills are sent before the IP address; shown on request.
    """
    customer_id = desk.client.v1.customers.create(wanted, desk.key()).id
    tax = desk.client.v1.customers.retrieve(customer_id, {"expand": ["tax"]}).tax
    assert tax is not None
    assert tax.location is not None
    assert (tax.automatic_tax, tax.location.country, tax.location.source) == ("supported", country, source)


def test_a_customer_who_has_to_be_somewhere_at_once_is_refused_where_nobody_knows_where(desk: Trial) -> None:
    """
    `validate_location=immediately`, on making and on changing; nothing is made or changed then.
    """
    customer_id = desk.client.v1.customers.create({}, desk.key()).id
    nowhere: CustomerCreateParams = {
        "name": "Ada",
        "tax": {"ip_address": "8.8.8.8", "validate_location": "immediately"},
    }
    with pytest.raises(stripe.InvalidRequestError, match="location"):
        desk.client.v1.customers.create(nowhere, desk.key())
    with pytest.raises(stripe.InvalidRequestError, match="location"):
        desk.client.v1.customers.update(customer_id, {**nowhere}, desk.key())  # type: ignore[typeddict-item]

    (found,) = desk.client.v1.customers.list().data
    assert found.name is None


@pytest.mark.parametrize(
    ("tax_exempt", "reason"), [("exempt", "customer_exempt"), ("reverse", "reverse_charge"), ("none", "standard_rated")]
)
def test_a_customer_may_be_exempt(desk: Trial, tax_exempt: str, reason: str) -> None:
    """
    The price stays, with no tax in it.
    """
    wanted: CustomerCreateParams = {"address": {"country": "SE"}, "tax_exempt": tax_exempt}
    (total,) = _draft(desk, wanted, _line(1000)).total_taxes or ()
    assert (total.amount, total.taxability_reason) == (200 if tax_exempt == "none" else 0, reason)


@pytest.mark.parametrize(
    ("line", "param"),
    [
        ({"amount": 500}, "lines[0][price_data][tax_behavior]"),
        ({"amount": -500}, "lines[0][price_data][tax_behavior]"),
        (
            {"price_data": {"currency": "eur", "product_data": {"name": "Use"}, "unit_amount": 500}},
            "lines[0][price_data][tax_behavior]",
        ),
        (
            {
                "price_data": {
                    "currency": "eur",
                    "product_data": {"name": "Use"},
                    "unit_amount": 500,
                    "tax_behavior": "exclusive",
                }
            },
            "lines[0][price_data][tax_behavior]",
        ),
        (_line(500, tax_code="txcd_12345678"), "lines[0][price_data][product_data][tax_code]"),
    ],
)
def test_an_invoice_with_automatic_tax_takes_no_line_that_does_not_say_whether_tax_is_in_it(
    desk: Trial, line: InvoiceAddLinesParamsLine, param: str
) -> None:
    """
    As Stripe documents: no unspecified `tax_behavior`, no negative amounts. Prices without tax are not played.
    """
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        _draft(desk, {"address": {"country": "FI"}}, line)
    assert refusal.value.param == param


def test_automatic_tax_is_switched_on_while_the_invoice_is_a_draft(desk: Trial) -> None:
    """
    Not with lines that do not suit it; switched off, nothing is split.
    """
    customer_id = desk.client.v1.customers.create({"address": {"country": "SE"}}, desk.key()).id
    draft = desk.draft(customer_id, 1000)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be enabled"):
        desk.client.v1.invoices.update(draft.id, {"automatic_tax": {"enabled": True}}, desk.key())

    other = desk.client.v1.invoices.create({"customer": customer_id}, desk.key())
    plain = desk.client.v1.invoices.add_lines(other.id, {"lines": [_line(1000)]}, desk.key())
    assert (plain.total_excluding_tax, plain.total_taxes) == (1000, [])
    taxed = desk.client.v1.invoices.update(other.id, {"automatic_tax": {"enabled": True}}, desk.key())
    assert taxed.total_excluding_tax == 800
    without = desk.client.v1.invoices.update(other.id, {"automatic_tax": {"enabled": False}}, desk.key())
    assert (without.total_excluding_tax, without.total_taxes) == (1000, [])


def _stated(amount: int, tax: int, percentage: float = 25.5, *, inclusive: bool = True) -> InvoiceAddLinesParamsLine:
    """A line whose tax we computed ourselves."""
    rate: InvoiceAddLinesParamsLineTaxAmountTaxRateData
    rate = {"display_name": "ALV", "inclusive": inclusive, "percentage": percentage, "country": "FI"}
    return {
        "amount": amount,
        "description": "Use",
        "tax_amounts": [{"amount": tax, "taxable_amount": amount - tax, "tax_rate_data": rate}],
    }


def test_tax_that_we_computed_ourselves_is_shown_as_it_was_stated(desk: Trial) -> None:
    """
    Also in a credit, which automatic tax takes none of; the total is that of the lines, and each rate has its own.
    """
    draft = desk.draft("cus_000001" if desk.customer() else "", 1)
    lines = [_stated(1255, 255), _stated(-251, -51), _stated(1140, 140, 14)]
    after = desk.client.v1.invoices.add_lines(draft.id, {"lines": lines}, desk.key())

    assert (after.total, after.total_excluding_tax) == (2145, 2145 - 344)
    assert [(tax.amount, tax.taxable_amount) for tax in after.total_taxes or ()] == [(204, 800), (140, 1000)]
    assert [tax.amount for line in after.lines.data for tax in line.taxes or ()] == [255, -51, 140]
    opened = desk.client.v1.invoices.finalize_invoice(draft.id, {}, desk.key())
    assert (opened.amount_due, opened.total_excluding_tax) == (2145, 1801)


@pytest.mark.parametrize(
    ("line", "param"),
    [
        (_stated(1255, 255, inclusive=False), "lines[0][tax_amounts][0][tax_rate_data][inclusive]"),
        (_stated(1255, 255, 101), "lines[0][tax_amounts][0][tax_rate_data][percentage]"),
        (_stated(1255, 255, 1.00001), "lines[0][tax_amounts][0][tax_rate_data][percentage]"),
        (_stated(1255, 1256), "lines[0][tax_amounts][0][amount]"),
        ({**_stated(1255, 255), "amount": 1256}, "lines[0][tax_amounts]"),
    ],
)
def test_stated_tax_that_does_not_add_up_is_refused(desk: Trial, line: InvoiceAddLinesParamsLine, param: str) -> None:
    """
    Tax and what it is computed from are the line, and the percentage is one.
    """
    draft = desk.draft("cus_000001" if desk.customer() else "", 100)
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        desk.client.v1.invoices.add_lines(draft.id, {"lines": [line]}, desk.key())
    assert refusal.value.param == param
    assert desk.client.v1.invoices.retrieve(draft.id).total == 100


def test_stated_and_automatic_tax_do_not_mix(desk: Trial) -> None:
    """
    In neither order.
    """
    with pytest.raises(stripe.InvalidRequestError, match="automatic tax"):
        _draft(desk, {"address": {"country": "FI"}}, _stated(1255, 255))
    draft = desk.client.v1.invoices.create({"customer": "cus_000001"}, desk.key())
    desk.client.v1.invoices.add_lines(draft.id, {"lines": [_stated(1255, 255)]}, desk.key())
    with pytest.raises(stripe.InvalidRequestError, match="cannot be enabled"):
        desk.client.v1.invoices.update(draft.id, {"automatic_tax": {"enabled": True}}, desk.key())
