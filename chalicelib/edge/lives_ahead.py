"""Subscriptions as a close reads them: a month and the one before it, which it asks for later, with one query."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.edge.reading_once import Instead
from chalicelib.kernel.time import Interval

if TYPE_CHECKING:  # as in wiring
    from collections.abc import Iterable, Sequence

    from chalicelib.billing.agreement_ports import Lives
    from chalicelib.subscriptions.subscription import Lived, Pause, Phase

_LONGEST_MONTH = timedelta(days=32)
_KEPT = 128
"""Accounts of which is known what was read: more than a page has, and no more than a handful of megabytes."""


class LivesAhead(Instead):
    """Satisfies `billing.agreement_ports.Lives` for the accounts of a page, or one after the other."""

    def __init__(self, lives: Lives) -> None:
        super().__init__(lives)
        self._lives = lives
        self._known: dict[str, tuple[Interval, Sequence[Lived]]] = {}

    def lived(self, account_id: str, within: Interval) -> Sequence[Lived]:
        """Of what was read, if that covers it."""
        known = self._known.get(account_id)
        if known is None or not (known[0].start <= within.start and within.end <= known[0].end):
            read = Interval(within.start - _LONGEST_MONTH, within.end)
            known = self._known[account_id] = read, self._lives.lived(account_id, read)
            if len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]
        found = [_in(each, within) for each in known[1]]
        return [each for each in found if each.phases]


class LivesOfOthers(Instead):
    """Satisfies the same, where of some accounts is known that they never had any: of these nobody is asked."""

    def __init__(self, lives: Lives, never: Iterable[str]) -> None:
        super().__init__(lives)
        self._lives, self._never = lives, frozenset(never)

    def lived(self, account_id: str, within: Interval) -> Sequence[Lived]:
        """None, or what the port knows."""
        return () if account_id in self._never else self._lives.lived(account_id, within)


def _in(lived: Lived, within: Interval) -> Lived:
    def touches(part: Phase | Pause) -> bool:
        return part.since < within.end and (part.until is None or part.until > within.start)

    return replace(lived, phases=tuple(filter(touches, lived.phases)), pauses=tuple(filter(touches, lived.pauses)))
