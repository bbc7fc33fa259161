"""The one rating function: uses in, rated lines out."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Context, Inexact, InvalidOperation, Overflow, localcontext
from operator import attrgetter

from chalicelib.rating.allowance import included
from chalicelib.rating.caps import capped
from chalicelib.rating.fault_credit import credited
from chalicelib.rating.left import Left
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.minimum import monthly, true_ups
from chalicelib.rating.model import Use
from chalicelib.rating.regret import regretted
from chalicelib.rating.running import Running
from chalicelib.rating.sharing import Part, part_lines

# Room for a quantity of 15 + 12 digits times a price of the same size; a result that would not fit is an error
# instead of a sum that is nearly right.
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])

STEPS = ("price", "minimum", "fault_credit", "regret", "included_use", "tariff_caps")
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
        least: list[Use] = []
        uses = list(uses)
        for use in uses:
            lines += _charges(use, running)
            if use.kind == "agreement":
                least.append(use)
        return tuple(lines if not least else [*lines, *monthly(uses, lines)])


settling_order: Callable[[Use], tuple[bool, datetime, str]] = attrgetter("open", "ended_at", "use_id")
"""Caps are filled in this order: by end, open uses last, ties by use id."""


def _charges(use: Use, running: Running) -> list[RatedLine]:
    if use.part is not None:
        return _shared(use, use.part, running)
    tariff = use.tariff
    lines: list[RatedLine] = []
    for price in tariff.prices_of(use.kind):
        lines += price.charges(use, running)
    with_terms = use.kind != "order" and (tariff.has_terms or use.fault_credit is not None)
    left = _by_terms(use, lines, running) if with_terms else None
    if tariff.caps and lines:
        lines += capped(use, lines, left, running)
    return lines


def _shared(use: Use, part: Part, running: Running) -> list[RatedLine]:
    """The part of a use that several share: the whole is rated by itself, with what it has for a fault, and split.

    The account's caps hold for its part. The whole counts on nobody's tiers, passes, included uses or regret, and they
    not on it: each would else be had once more by whoever shares.
    """
    alone = Running()
    charges = [line for price in use.tariff.prices_of(use.kind) for line in price.charges(use, alone)]
    charges += true_ups(use, charges, alone)
    left = Left(tuple(charges))
    if use.fault_credit is not None:
        credited(use.fault_credit, left)
    if use.tariff.caps and charges:
        capped(use, charges, left, alone)
    lines = part_lines(part, left)
    return [*lines, *capped(use, lines, None, running)] if use.tariff.caps and lines else lines


def _by_terms(use: Use, lines: list[RatedLine], running: Running) -> Left | None:
    """Add what minimums, a fault, regret and included uses make of the charges; what they leave, if any took some."""
    tariff, credit = use.tariff, use.fault_credit
    lines += true_ups(use, lines, running)
    if not lines or (tariff.regret is None and not tariff.allowances and credit is None):
        return None
    left = Left(tuple(lines))
    lines += credited(credit, left) if credit is not None else ()
    lines += regretted(use, left, running)
    lines += included(use, left, running)
    return left
