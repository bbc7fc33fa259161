"""What was compared with Stripe, at the finance door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.callers import ACT, READ, Staff
from chalicelib.edge.lazily import lazily
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.routes import NOTHING, get, post

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.billing import comparing
    from chalicelib.billing.comparison_model import Comparison, Difference
    from chalicelib.edge.wiring_finance import BackOffice
else:
    comparing = lazily("chalicelib.billing.comparing")

MOST_SHOWN = 1000


class ComparisonShown(msgspec.Struct):
    """A comparison: how much of Stripe's was read, and both sums of what Stripe holds for us, in minor units.

    The sums are empty where the timer asked and nothing had moved.
    """

    asked_at: str
    asked_by: str
    state: str
    done_at: str | None
    movements: int
    fees: int
    invoices: int
    ledger_minor: dict[str, int]
    stripe_minor: dict[str, int]


class DifferenceShown(msgspec.Struct):
    """What was not alike, and what was done: `reported` is left to staff."""

    about: str
    cause: str
    done: str
    facts: dict[str, str]


class ComparedShown(msgspec.Struct):
    """A comparison with what it has found, the first 1,000."""

    comparison: ComparisonShown
    differences: list[DifferenceShown]


def show_comparison(comparison: Comparison) -> ComparisonShown:
    """A comparison."""
    return ComparisonShown(
        asked_at=show_instant(comparison.asked_at),
        asked_by=comparison.asked_by,
        state="done" if comparison.done_at else "running",
        done_at=show_instant(comparison.done_at) if comparison.done_at else None,
        movements=comparison.movements,
        fees=comparison.fees,
        invoices=comparison.invoices,
        ledger_minor=dict(comparison.clearing),
        stripe_minor=dict(comparison.balance),
    )


def show_compared(comparison: Comparison, found: Sequence[Difference]) -> ComparedShown:
    """A comparison with what it has found."""
    rows = [DifferenceShown(each.about, each.cause, each.done, dict(each.facts)) for each in found]
    return ComparedShown(show_comparison(comparison), rows)


class ComparisonDesk:
    """Finance reads what differed from Stripe, and asks for a look now."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @post("/v1/comparisons", shows=show_comparison, status=202, needs=ACT)
    def compare(self, call: Call[Staff, None]) -> Any:  # noqa: ANN401 -- loaded when it is needed
        """Compare our books with Stripe's now, without waiting for the day's timer."""
        who, wired = call.caller.subject, self._wired
        return comparing.ask(who, comparisons=wired.comparisons, now=call.now, commit=call.commit)

    @get("/v1/comparisons", query=PageQuery, needs=READ)
    def comparisons(self, call: Call[Staff, None]) -> Page[ComparisonShown]:
        """All comparisons, the newest first."""
        rows = self._wired.comparisons.all(limit=call.query.limit, after=call.query.after)
        return paged(rows, call.query, show_comparison, lambda each: show_instant(each.asked_at))

    @get("/v1/comparisons/{date}", needs=READ, refuses=NOTHING)
    def of_day(self, _call: Call[Staff, None], date: str) -> list[ComparedShown]:
        """The comparisons of a day of UTC, as in 2021-05-31, each with what differed and what was done about it."""
        kept = self._wired.comparisons
        found = comparing.of_day(date[:10], comparisons=kept)
        return [show_compared(each, kept.differences(each.asked_at, limit=MOST_SHOWN)) for each in found]
