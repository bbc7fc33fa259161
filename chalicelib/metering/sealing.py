"""Sealing: what is billed is marked on the heads it was billed from, in the transaction that bills it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from chalicelib.kernel.writes import Write
from chalicelib.metering.fold import Settled
from chalicelib.metering.head import pack_head
from chalicelib.metering.model import Subject
from chalicelib.metering.ports import Heads
from chalicelib.metering.usage import Usage

CLOCKS_DIFFER = timedelta(minutes=30)
"""A head of a month that has begun by now on any of our clocks is sealed too, whether it is there or not."""


MOST_SEALED = 24
"""Heads in one transaction, the newest first: as many months as events may come for, and as many more."""


def sealing(ended: Subject, seen: Sequence[Usage], *, heads: Heads) -> list[Write]:
    """Mark the subject's newest heads as billed, on condition that they are as they were seen.

    Who counts an event afterwards does so on the marked version, sees the mark, and has the charge looked at again. Who
    has more of them than fit is to mark the others afterwards, and to look at all of them once that is done.
    """
    writes = []
    for usage in seen[-MOST_SEALED:]:
        head = replace(usage.head, version=usage.head.version + 1, about=ended)
        writes.append(heads.saving(Settled(head, pack_head(head))))
    return writes
