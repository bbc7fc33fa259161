"""Caps: no more than so much per period, filled in the order in which uses end."""

from collections.abc import Iterator, Sequence

from chalicelib.kernel.money import Money, share_out
from chalicelib.kernel.time import local_day
from chalicelib.rating.lines import RatedLine
from chalicelib.rating.model import Cap, Use


class CapsFilled:
    """How far each cap is filled while one rating goes on. Versions of a tariff share their caps."""

    def __init__(self) -> None:
        self._filled: dict[tuple[str, str, str], int] = {}

    def reductions(self, use: Use, charges: Sequence[RatedLine]) -> list[RatedLine]:
        """The negative lines by which the tariff's caps lower the use's charges."""
        left = [line.amount.minor for line in charges]
        lines: list[RatedLine] = []
        for cap in use.tariff.caps:
            lines.extend(self._apply(cap, use, charges, left))
        return lines

    def _apply(self, cap: Cap, use: Use, charges: Sequence[RatedLine], left: list[int]) -> Iterator[RatedLine]:
        covered = [index for index, line in enumerate(charges) if line.price_id in cap.over and left[index] > 0]
        due = sum(left[index] for index in covered)
        if not due:
            return
        day = local_day(use.started_at, use.tariff.zone).isoformat()
        group = (use.tariff.tariff_id, cap.id, day)
        before = self._filled.get(group, 0)
        paid = min(due, max(0, cap.amount.minor - before))
        self._filled[group] = before + paid
        if paid == due:
            return
        parts = share_out(Money(paid - due, cap.amount.currency), [left[index] for index in covered])
        for index, part in zip(covered, parts, strict=True):
            if part.minor:
                left[index] += part.minor
                yield _reduction(charges[index], part, cap, day, before)


def _reduction(charge: RatedLine, part: Money, cap: Cap, day: str, before: int) -> RatedLine:
    facts = {
        "cap": cap.id,
        "day": day,
        "limit": str(cap.amount.amount),
        "filled_before": str(Money(before, part.currency).amount),
    }
    return charge._replace(kind="reduction", unit_price=None, amount=part, code=f"cap_{cap.period}", facts=facts)
