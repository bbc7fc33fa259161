"""Subscriptions as a close reads them: a month and the one before it, which it asks for next, with one query."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.kernel.time import Interval

if TYPE_CHECKING:  # as in wiring
    from collections.abc import Sequence

    from chalicelib.billing.agreement_ports import Lives
    from chalicelib.subscriptions.subscription import Lived, Pause, Phase

_LONGEST_MONTH = timedelta(days=32)


class LivesAhead:
    """Satisfies `billing.agreement_ports.Lives` for one account after the other."""

    def __init__(self, lives: Lives) -> None:
        self._lives = lives
        self._of = ""
        self._read: Interval | None = None
        self._found: Sequence[Lived] = ()

    def lived(self, account_id: str, within: Interval) -> Sequence[Lived]:
        """Of what was read, if that covers it."""
        known = self._read if account_id == self._of else None
        if known is None or not (known.start <= within.start and within.end <= known.end):
            read = Interval(within.start - _LONGEST_MONTH, within.end)
            self._found = self._lives.lived(account_id, read)
            self._of, self._read = account_id, read
        found = [_in(each, within) for each in self._found]
        return [each for each in found if each.phases]


def _in(lived: Lived, within: Interval) -> Lived:
    def touches(part: Phase | Pause) -> bool:
        return part.since < within.end and (part.until is None or part.until > within.start)

    return replace(lived, phases=tuple(filter(touches, lived.phases)), pauses=tuple(filter(touches, lived.pauses)))
