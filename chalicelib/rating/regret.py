"""The regret window: a use that ends almost at once costs nothing, a few times a month."""

from datetime import timedelta
from decimal import Decimal

from chalicelib.rating.left import Left
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import Use
from chalicelib.rating.running import Running

_ID = "regret"


def regretted(use: Use, left: Left, running: Running) -> list[RatedLine]:
    """The lines that take the use's charges off, if it has ended within the window and the month allows it.

    A pass stays: it is good for the uses to come.
    """
    regret = use.tariff.regret
    if regret is None or use.open or use.ended_at - use.started_at > timedelta(seconds=regret.seconds):
        return []
    covered = left.where(lambda line: line.charge_class == "use" and line.code != "pass")
    if not left.due(covered):
        return []
    key = (use.tariff.tariff_id, _ID, use.in_period("month"))
    before, after, _ = running.count(key, Decimal(1))
    if before >= regret.times:
        return []
    facts = {"seconds": str(regret.seconds), "number": str(after), "times": str(regret.times)}
    return left.change(covered, -left.due(covered), "regret", facts)
