"""Months of accounts as they were settled: from the charge records that settlements name, read for many at once."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from typing import TYPE_CHECKING, Any

from chalicelib.edge.reading_once import Answers, Told

if TYPE_CHECKING:  # as in wiring
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from chalicelib.access.model import ChargeRecord
    from chalicelib.billing.model import Settlement
    from chalicelib.billing.sources import Sources
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.kernel.time import Month

_TOGETHER = 100
"""Charge records that are read at once."""
AsSettled = tuple["Sources", "Sequence[ChargeRecord]"]
"""What a month was rated from, and its charge records."""


def as_settled(
    settled: Mapping[str, Sequence[Settlement]], month: Month, since: datetime, wired: BackOffice
) -> dict[str, AsSettled]:
    """By account, what its month was rated from when it was settled, if that was at `since` or later.

    What is not named has to be read as it stands: who was settled before, or by very much, or corrected by now.
    """
    sources = {account_id: _sources(found, month, since, wired) for account_id, found in settled.items()}
    known = {account_id: each for account_id, each in sources.items() if each is not None}
    names = [(account_id, name) for account_id, each in known.items() for name in each.records]
    records: dict[str, list[ChargeRecord]] = defaultdict(list)
    for first in range(0, len(names), _TOGETHER):
        for record in wired.marks.charged_named(names[first : first + _TOGETHER]):
            if record is not None:
                records[record.session.account_id].append(record)
    return {
        account_id: (each, records[account_id])
        for account_id, each in known.items()
        if len(records[account_id]) == len(each.records)
    }


def _sources(found: Iterable[Settlement], month: Month, since: datetime, wired: BackOffice) -> Sources | None:
    if any(str(month) in each.adjusted for each in found):
        return None
    own = next((each for each in found if each.month == month), None)
    if own is None or own.stood is None or own.stood.at < since or own.currency != wired.settings.currency:
        return None
    return own.stood.sources


def told_of(month: Month, known: Mapping[str, AsSettled], wired: BackOffice) -> BackOffice:
    """For reading the month of several accounts: what those were rated from that are named is known."""
    within, told = month.interval(wired.settings.zone), copy(wired)
    records: Answers = {(account_id, within): found for account_id, (_, found) in known.items()}
    uncharged: Answers = {(account_id,): () for account_id, (sources, _) in known.items() if not sources.charges}
    unsubscribed: Answers = {
        (account_id, within): () for account_id, (sources, _) in known.items() if not sources.subscriptions
    }
    kept: dict[str, Any] = {
        "sessions": Told(wired.sessions, charged=records),
        "charges": Told(wired.charges, of_account=uncharged),
        "lives": Told(wired.lives, lived=unsubscribed),
    }
    told.__dict__.update(kept)
    return told
