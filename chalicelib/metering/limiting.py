"""Set a budget of a meter for a month: it stands on the head, so that it is checked in the write that counts."""

from dataclasses import replace

from chalicelib.kernel.time import Month
from chalicelib.metering.changing import usages_for
from chalicelib.metering.errors import HeadChanged, NoLimit, SubjectBusy
from chalicelib.metering.fold import Settled
from chalicelib.metering.head import Head, pack_head
from chalicelib.metering.limits import reached
from chalicelib.metering.meters import LIMITED, Limit
from chalicelib.metering.reading import metered
from chalicelib.metering.service import Taking

_TRIES = 6


def set_limit(subject: str, month: Month, partner_id: str, meter: str, limit: Limit | None, *, taking: Taking) -> Head:
    """The head with the limit, or without one. A new month of the subject begins with the limits of the one before.

    What is above the limit already stays; what of it was reached already is told at once.
    """
    heads = taking.heads
    for _ in range(_TRIES):
        head = usages_for(subject, [month], taking, partner_id)[month].head
        if metered(head, meter).kind not in LIMITED:
            raise NoLimit(pointer="/meter", kind=str(head.meter(meter).kind))
        if head.limits.get(meter) == limit:
            return head
        others = {name: each for name, each in head.limits.items() if name != meter}
        limits = others if limit is None else {**others, meter: limit}
        after = replace(head, version=head.version + 1, limits=limits)
        told = [heads.telling(after, each, taking.now) for each in reached(head, after)]
        new = Settled(after, pack_head(after), first=not head.count)
        heads.prepare([new])
        try:
            return taking.commit([heads.saving(new), *told], after)
        except HeadChanged:
            continue
    raise SubjectBusy(subject=subject[:64])
