"""The lines of a document: what it is for, by session or by product, and what it takes along from before."""

from collections.abc import Sequence

from chalicelib.billing import differences
from chalicelib.billing.model import InvoiceLine, Settlement
from chalicelib.billing.statement import Statement
from chalicelib.kernel.money import Money
from chalicelib.rating import Use
from chalicelib.rating.stated import class_of, is_stated, kind_of

MOST_LINES = 200
"""Over this many sessions an invoice has one line a product instead of one a session (Stripe takes 250 in all)."""
_Row = tuple[str, str, int]


def lines_of(stated: Statement, before: Settlement, after: Settlement, due: Money) -> tuple[InvoiceLine, ...]:
    """The first document of a month lists its sessions; a later one, the difference by product.

    What was settled before and is on no document yet is on it too: as its sessions on the first one, of which what else
    is left is of earlier months; as one line on a later one. What comes to nothing has no line. Where there are too
    many lines, the smallest are one.
    """
    is_first = before.invoices == before.credits == 0
    taken = differences.Taken({}, {}) if is_first else differences.charges(before)
    if is_first and len(stated.by_use) <= MOST_LINES:
        rows = [(_about(use), use.use_id, stated.by_use[use.use_id]) for use in stated.uses]
    else:
        rows = [("product", name, minor) for name, minor in differences.difference(after.charges, taken.own).items()]
    for month in {**taken.adjusted, **after.adjusted}:
        was, now = (sum(each.get(month, {}).values()) for each in (taken.adjusted, after.adjusted))
        rows.append(("adjustment", month, now - was))
    left = after.carried_out - sum(minor for _, _, minor in rows)
    rows.append(("carried", str(after.month.previous if is_first else after.month), left))
    rows.append(("carried_on", str(after.month.next), due.minor - after.carried_out))
    kept = _at_most([row for row in rows if row[2]])
    return tuple(InvoiceLine(about, reference, Money(minor, due.currency)) for about, reference, minor in kept)


def _about(use: Use) -> str:
    if use.kind == "agreement":
        return "subscription"
    return str(class_of(kind_of(use.tariff.tariff_id))) if is_stated(use) else "session"


def _at_most(rows: Sequence[_Row]) -> Sequence[_Row]:
    """As many lines as there may be; in place of the smallest, one that says how many they were."""
    if len(rows) <= MOST_LINES:
        return rows
    by_size = sorted(range(len(rows)), key=lambda place: abs(rows[place][2]), reverse=True)
    first = set(by_size[: MOST_LINES - 1])
    others = [row for place, row in enumerate(rows) if place not in first]
    last = ("others", str(len(others)), sum(minor for _, _, minor in others))
    return [*(row for place, row in enumerate(rows) if place in first), *([last] if last[2] else [])]
