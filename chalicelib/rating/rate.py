"""The one rating function: uses in, rated lines out."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Context, Inexact, InvalidOperation, Overflow, localcontext
from operator import attrgetter

from chalicelib.rating.allowance import included
from chalicelib.rating.caps import capped
from chalicelib.rating.left import Left
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.minimum import true_ups
from chalicelib.rating.model import Use
from chalicelib.rating.regret import regretted
from chalicelib.rating.running import Running

# Room for a quantity of 15 + 12 digits times a price of the same size; a result that would not fit is an error
# instead of a sum that is nearly right.
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])

STEPS = ("price", "minimum", "regret", "included_use", "tariff_caps")
"""What is done to each use, in this order."""


def rate(uses: Sequence[Use]) -> tuple[RatedLine, ...]:
    """What the uses of one account cost, in the order in which they ended; uses still open come last.

    Each use's charges come in its tariff's order of prices, then what each further step of `STEPS` changes.
    """
    return rate_on(Running(), sorted(uses, key=settling_order))


def rate_on(running: Running, uses: Iterable[Use]) -> tuple[RatedLine, ...]:
    """Go on with a rating, session after session: the uses come in their settling order, after those counted."""
    with localcontext(EXACT):
        lines: list[RatedLine] = []
        for use in uses:
            lines += _charges(use, running)
        return tuple(lines)


settling_order: Callable[[Use], tuple[bool, datetime, str]] = attrgetter("open", "ended_at", "use_id")
"""Caps are filled in this order: by end, open uses last, ties by use id."""


def _charges(use: Use, running: Running) -> list[RatedLine]:
    tariff = use.tariff
    lines: list[RatedLine] = []
    for price in tariff.prices_of(use.kind):
        lines += price.charges(use, running)
    left = _by_terms(use, lines, running) if tariff.has_terms and use.kind != "order" else None
    if tariff.caps and lines:
        lines += capped(use, lines, left, running)
    return lines


def _by_terms(use: Use, lines: list[RatedLine], running: Running) -> Left | None:
    """Add what minimums, regret and included uses make of the charges; what they leave of these, if any took some."""
    tariff = use.tariff
    lines += true_ups(use, lines, running)
    if not lines or (tariff.regret is None and not tariff.allowances):
        return None
    left = Left(tuple(lines))
    lines += regretted(use, left, running)
    lines += included(use, left, running)
    return left
