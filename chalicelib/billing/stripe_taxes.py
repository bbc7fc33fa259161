"""Stripe Tax: what is in an amount by country and kind, and the records that its reports are made of.

Nothing of it is kept with Stripe's customer: a calculation is told a country, a postal code where there is one, and a
firm's VAT number. Its records are named by ours.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.billing.errors import TaxRefused
from chalicelib.billing.stripe_calls import StripeCalls, nothing
from chalicelib.billing.tax_model import AskedSale, CalculatedLine, SuppliedAt, TakenBack, TaxedSale, rate_name
from chalicelib.billing.tax_ports import Calculated, Transacted
from chalicelib.kernel.money import Money
from chalicelib.kernel.text import canonical

if TYPE_CHECKING:
    from stripe.params.tax import CalculationCreateParams, CalculationCreateParamsCustomerDetails

_MOST = 100
_DIGITS = 32
_LINES = "line_items"
_SPLIT = "line_items.data.tax_breakdown"
_ADDRESS = {SuppliedAt.DISPOSAL: "shipping", SuppliedAt.BUYER: "billing"}
_EU = frozenset(
    (
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "EL",
        "ES",
        "FI",
        "FR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "XI",
    )
)
_OTHERS = {"CH": "ch_vat", "GB": "gb_vat", "IS": "is_vat", "LI": "li_vat", "NO": "no_vat"}
_UNTAXED = frozenset(
    (
        *("customer_exempt", "not_collecting", "not_subject_to_tax", "not_supported", "product_exempt"),
        *("product_exempt_holiday", "reverse_charge", "zero_rated"),
    )
)
"""Stripe's reasons for which there is no tax, whatever rate is named beside them."""
Found = TypeVar("Found")


class StripeTaxes:
    """Satisfies `tax_ports.TaxProvider`."""

    def __init__(self, calls: StripeCalls) -> None:
        self._call = calls

    def calculate(self, asked: AskedSale) -> Calculated:
        """The key is made of all that is asked: the same is answered the same, and anything else is another one."""
        wanted = _wanted(asked)
        digest = hashlib.sha256(canonical(dict(wanted))).hexdigest()[:_DIGITS]
        key = f"tax:{asked.name}:{digest}"
        made = _refusing(
            lambda: self._call("tax.calculations", "create", key=key, found=nothing, expand=[_LINES, _SPLIT], **wanted)
        )
        rows = self._all("tax.calculations", made.id, made.line_items, ["data.tax_breakdown"])
        return Calculated(str(made.id), [_calculated(each, asked.currency) for each in rows])

    def record(self, sale: TaxedSale) -> Transacted:
        """In the period of our own entry."""
        made = _refusing(
            lambda: self._call(
                "tax.transactions",
                "create_from_calculation",
                key=f"taxed:{sale.sale_id}",
                found=nothing,
                calculation=sale.calculation,
                reference=sale.sale_id,
                posted_at=int(sale.posted_at.timestamp()),
                expand=[_LINES],
            )
        )
        return self._transacted(made)

    def take_back(self, sale: TaxedSale, back: TakenBack) -> Transacted:
        """Line by line, with our amounts: nothing is left to be rounded."""
        lines = [
            {
                "amount": -gross,
                "amount_tax": -tax,
                "original_line_item": sale.lines[place].provider_line,
                "reference": sale.lines[place].product,
            }
            for place, gross, tax in back.parts
        ]
        reference = f"{sale.sale_id}:{back.name}"
        made = _refusing(
            lambda: self._call(
                "tax.transactions",
                "create_reversal",
                key=f"untaxed:{reference}",
                found=nothing,
                mode="partial",
                original_transaction=sale.transaction,
                reference=reference,
                line_items=lines,
                expand=[_LINES],
            )
        )
        return self._transacted(made)

    def stands(self, transaction: str) -> Transacted:
        """Re-reads it."""
        return self._transacted(
            _refusing(lambda: self._call("tax.transactions", "retrieve", transaction, expand=[_LINES]))
        )

    def _transacted(self, found: Any) -> Transacted:  # noqa: ANN401 -- an object of the SDK
        rows = self._all("tax.transactions", found.id, found.line_items, [])
        names = {str(each.reference): str(each.id) for each in rows}
        return Transacted(
            str(found.id), names, sum(each.amount for each in rows), sum(each.amount_tax for each in rows)
        )

    def _all(self, what: str, name: str, first: Any, expand: Sequence[str]) -> list[Any]:  # noqa: ANN401 -- as above
        """All lines; the first ten came along."""
        if not first.has_more:
            return list(first.data)
        return list(self._call(f"{what}.line_items", "list", name, limit=_MOST, expand=list(expand)).data)


def _wanted(asked: AskedSale) -> "CalculationCreateParams":
    details: CalculationCreateParamsCustomerDetails = {
        "address": {"country": asked.place.country},
        "address_source": _ADDRESS[asked.at],
    }
    if asked.place.postal_code:
        details["address"]["postal_code"] = asked.place.postal_code
    kind = _kind_of(asked.vat_number or "")
    if kind and asked.vat_number:
        details["tax_ids"] = [{"type": kind, "value": asked.vat_number}]
    return {
        "currency": asked.currency.lower(),
        "customer_details": details,
        "tax_date": int(asked.tax_at.timestamp()),
        "line_items": [
            {"amount": line.gross, "reference": line.product, "tax_behavior": "inclusive", "tax_code": line.code}
            for line in asked.lines
        ],
    }


def _kind_of(vat_number: str) -> str | None:
    return "eu_vat" if vat_number[:2] in _EU else _OTHERS.get(vat_number[:2])


def _calculated(line: Any, currency: str) -> CalculatedLine:  # noqa: ANN401 -- an object of the SDK
    """Of several taxes in a line (a state's, a county's and a city's) their sum, under the country.

    The rate is said even where so little was sold that its tax is rounded to nothing.
    """
    rows = line.tax_breakdown or []
    taxed = [each for each in rows if str(each.taxability_reason) not in _UNTAXED]
    percent = sum((_percent(each) for each in taxed), start=Decimal(0))
    countries = sorted({str(each.jurisdiction.country) for each in taxed or rows})
    if len(countries) != 1 or (line.amount_tax and not percent):
        raise TaxRefused(product=str(line.reference), countries=" ".join(countries), percent=str(percent))
    rate = rate_name(percent, countries[0], str((taxed or rows)[0].taxability_reason))
    return CalculatedLine(str(line.reference), rate, Money(int(line.amount_tax), currency))


def _percent(row: Any) -> Decimal:  # noqa: ANN401 -- as above
    details = row.tax_rate_details
    return Decimal(details.percentage_decimal) if details is not None else Decimal(0)


def _refusing(ask: Callable[[], Found]) -> Found:
    """What Stripe refuses for good is told with its code, never with its words."""
    import stripe  # noqa: PLC0415 -- as in stripe_calls

    try:
        return ask()
    except stripe.InvalidRequestError as error:
        facts: Mapping[str, str] = {"code": str(error.code or "invalid_request"), "param": str(error.param or "")}
        raise TaxRefused(**{name: value for name, value in facts.items() if value}) from error
