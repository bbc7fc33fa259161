"""What was bought, by class, kind and product: together it is what was rated, and beside it what was paid ahead."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.monitor_model import NOTHING, Figures
from chalicelib.finance.purchases import Purchases
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry, Posting
from chalicelib.rating import RatedLine
from tests.unit.finance.monitored import MAY, Account, Ride, Shared, month_of

AT = datetime(2021, 5, 3, tzinfo=UTC)
BIKE = "par-1:bike"


class Of(NamedTuple):
    """A line's own words."""

    what: str
    minor: int
    kind: Any = "charge"
    charge_class: Any = "use"
    code: str = "flat_fee"
    facts: Any = NOTHING


def bought(*lines: Of) -> dict[str, Figures]:
    each, _ = month_of(Account("aino", (Ride(cents=0),)), MAY, Shared())
    made = tuple(
        RatedLine("aino-0", of.what, of.kind, of.charge_class, Decimal(1), "", None, Money(of.minor, "EUR"), *of[4:])
        for of in lines
    )
    stated = each.statement
    purchases = Purchases()
    whole = type(stated)(stated.account_id, stated.month, "EUR", made, stated.uses, frozenset())
    purchases.account(AccountMonth(whole, each.records, ()))
    assert purchases.rated("EUR") == whole.total.minor
    return {row.key: row.figures for row in purchases.rows({}) if row.by == "product"}


def test_use_passes_orders_and_reductions_are_told_apart() -> None:
    found = bought(
        Of("unlock", 50),
        Of("unlock", 50),
        Of("weekly", 700, code="pass", facts={"once_per": "week"}),
        Of("no_show", 300, charge_class="ordered"),
        Of("day", -40, kind="reduction", code="cap"),
        Of("hello", -10, kind="reduction", code="coupon", facts={"borne_by": "operator"}),
    )

    assert found == {
        f"{BIKE}|use|use": {"count": 2, "amount": 100},
        f"{BIKE}|use|pass": {"count": 1, "amount": 700},
        f"{BIKE}|ordered|no_show": {"count": 1, "amount": 300},
        f"{BIKE}|use|reduction": {"count": 1, "amount": -40},
        f"{BIKE}|use|promotion": {"count": 1, "amount": -10},
    }


def entry(kind: str, *postings: tuple[str, int]) -> JournalEntry:
    made = tuple(Posting(name, Money(minor, "EUR")) for name, minor in postings)
    return JournalEntry(f"{kind}:1", kind, "aino", Month(2021, 5), AT, made)


def test_top_ups_and_gifts_are_paid_ahead_and_what_they_pay_is_bought_once() -> None:
    purchases = Purchases()
    purchases.entry(entry("wallet", ("stripe-clearing", 2000), ("wallet:aino", -2000)))
    purchases.entry(entry("gift", ("stripe-clearing", 500), ("wallet:gifts", -500)))
    purchases.entry(entry("wallet", ("wallet:aino", 300), ("receivable:aino", -300)))
    purchases.entry(entry("wallet-refund", ("receivable:aino", 700), ("stripe-clearing", -700)))

    found = {row.key: row.figures for row in purchases.rows({}) if row.by == "kind"}
    assert found == {"ahead|gift": {"count": 1, "amount": 500}, "ahead|top_up": {"count": 1, "amount": 2000}}
    assert purchases.rated("EUR") == 0
