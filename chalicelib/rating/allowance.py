"""Included uses: the first so many of a period are free of what the named prices charge."""

from decimal import Decimal

from chalicelib.rating.left import Left
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import Use
from chalicelib.rating.running import Running


def included(use: Use, left: Left, running: Running) -> list[RatedLine]:
    """The lines that take off what the tariff's allowances include. A use that costs nothing spends none of them.

    One that is open counts on none: another may end first and spend it.
    """
    lines: list[RatedLine] = []
    if use.open:
        return lines
    for allowance in use.tariff.allowances:
        covered = left.over(allowance.over)
        due = left.due(covered)
        if due <= 0:
            continue
        key = (use.tariff.tariff_id, allowance.id, use.in_period(allowance.period))
        before, after, _ = running.count(key, Decimal(1))
        if before < allowance.uses:
            facts = {"allowance": allowance.id, "number": str(after), "uses": str(allowance.uses)}
            lines += left.change(covered, -due, "included_use", facts)
    return lines
