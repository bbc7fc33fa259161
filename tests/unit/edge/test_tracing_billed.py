"""Which document took along what a month had left: the first behind it that says so, unless one of its own did."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from chalicelib.billing.model import Invoice, InvoiceLine, Settlement
from chalicelib.billing.sources import Stood
from chalicelib.edge.tracing_billed import Settled
from chalicelib.kernel.money import Money
from chalicelib.kernel.time import Month

APRIL, MAY, JUNE, JULY = (Month(2021, number) for number in (4, 5, 6, 7))


def at(month: Month, day: int = 1) -> datetime:
    return datetime(month.year, month.number, day, tzinfo=UTC)


def settled_in(month: Month, costs: int, *, day: int = 1, version: int = 1) -> Settlement:
    """A month that comes to so many cents, of which no document has taken anything."""
    stood = Stood(at(month.next, day))
    return Settlement("acc", month, "EUR", version, charges={"par:bike": costs}, stood=stood)


def billed(before: Settlement, takes: int) -> Settlement:
    return replace(before, invoiced=takes, invoices=1)


def invoice(month: Month, *lines: tuple[str, str, int], day: int = 1) -> Invoice:
    made = tuple(InvoiceLine(about, of, Money(minor, "EUR")) for about, of, minor in lines)
    total = Money(sum(minor for _, _, minor in lines), "EUR")
    return Invoice("acc", month, 1, made, total, at(month.next, day))


def account(
    settlements: Sequence[Settlement], invoices: Sequence[Invoice], before: Settlement | None = None
) -> Settled:
    kept = SimpleNamespace(settled_before=lambda _settlement: before)
    wired = cast("Any", SimpleNamespace(billed=kept))
    return Settled(wired, {each.month: each for each in settlements}, invoices, ())


def test_what_several_months_left_is_in_the_first_document_that_takes_something_along() -> None:
    own, later = (
        invoice(JUNE, ("session", "ses_3", 90), ("carried", "2021-05", 50)),
        invoice(JULY, ("session", "ses_4", 90), ("carried", "2021-06", 10)),
    )
    june = replace(billed(settled_in(JUNE, 100), 140), carried_in=50)
    found = account([settled_in(APRIL, 30), settled_in(MAY, 20), june, settled_in(JULY, 90)], [own, later])

    assert found.where({"ses_1"}, {APRIL}, set()).invoices == [own]
    assert found.where({"ses_1"}, {APRIL}, set()).months == {APRIL, JUNE}
    assert (found.taken_along(own), found.taken_along(later)) == ([APRIL, MAY], [JUNE])


def test_what_no_document_has_taken_yet_is_on_none() -> None:
    found = account([settled_in(MAY, 30), settled_in(JUNE, 10)], [])

    assert found.where({"ses_1"}, {MAY}, set()) == ([], frozenset({MAY}))


def test_what_a_later_settlement_of_the_month_billed_is_on_its_own_document_alone() -> None:
    """May had 30 cents left, and then came to a euro; what July takes along is June's."""
    first, after = settled_in(MAY, 30), billed(settled_in(MAY, 100, day=2, version=2), 100)
    own = invoice(MAY, ("session", "ses_1", 100), day=2)
    later = invoice(JULY, ("session", "ses_3", 90), ("carried", "2021-06", 10))
    found = account([after, settled_in(JUNE, 10), billed(settled_in(JULY, 90), 100)], [own, later], before=first)

    assert found.where({"ses_1"}, {MAY}, set()).invoices == [own]
    assert found.taken_along(later) == [JUNE]


def test_a_bill_before_it_took_nothing_of_it() -> None:
    early = invoice(MAY, ("session", "ses_1", 90), ("carried", "2021-04", 10))
    found = account([billed(settled_in(MAY, 90), 100), settled_in(JUNE, 10)], [early])

    assert found.where({"ses_2"}, {JUNE}, set()).invoices == []
