"""The one rating function: uses in, rated lines out."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Context, Inexact, InvalidOperation, Overflow, localcontext

from chalicelib.rating.caps import CapsFilled
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import Use

# Room for a quantity of 15 + 12 digits times a price of the same size; a result that would not fit is an error
# instead of a sum that is nearly right.
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])


def rate(uses: Sequence[Use]) -> tuple[RatedLine, ...]:
    """What the uses of one account cost, in the order in which they ended; uses still open come last.

    Each use's charges come in its tariff's order of prices, then the reductions of its caps.
    """
    with localcontext(EXACT):
        caps = CapsFilled()
        lines: list[RatedLine] = []
        for use in sorted(uses, key=settling_order):
            charges = [line for price in use.tariff.prices for line in price.charges(use)]
            lines += charges
            lines += caps.reductions(use, charges)
        return tuple(lines)


def settling_order(use: Use) -> tuple[bool, datetime, str]:
    """Caps are filled in this order: by end, open uses last, ties by use id."""
    return (use.open, use.ended_at, use.use_id)
