"""Recompute, subtract what is billed: the differences that a settlement makes, of charges and of their parts alike."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from chalicelib.billing.model import Settlement
from chalicelib.kernel.time import Month

Sums = Mapping[str, int]
Known = Mapping[Month, Settlement]


class Taken(NamedTuple):
    """What a settlement took: for its own month, and by month for earlier ones that were corrected."""

    own: Sums
    adjusted: Mapping[str, Sums]

    @property
    def by_month(self) -> list[tuple[Month | None, Sums]]:
        """Its own month's first, under None."""
        return [(None, self.own), *((Month.parse(month), sums) for month, sums in self.adjusted.items())]

    @property
    def together(self) -> dict[str, int]:
        """All of it."""
        return summed(self.own, *self.adjusted.values())


View = Callable[[Settlement], Taken]


def charges(settlement: Settlement) -> Taken:
    """By product."""
    return Taken(settlement.charges, settlement.adjusted)


def parts(settlement: Settlement) -> Taken:
    """By part of a product's charges."""
    return Taken(settlement.parts, settlement.parts_adjusted)


def recomputed(stated: Sums, restated: Mapping[Month, Sums], before: Settlement, known: Known, view: View) -> Taken:
    """What the settlement has to take so that all of them together took what is stated.

    What it took of later months, as settlements once did, stays as it is: they are another's to correct.
    """
    changes = {
        str(month): difference(sums, billed(month, known, view, before.month)) for month, sums in restated.items()
    }
    elsewhere = _adjusted(before.month, before.month, known, view)
    own = {name: stated.get(name, 0) - elsewhere.get(name, 0) for name in {**stated, **elsewhere}}
    later = {month: sums for month, sums in view(before).adjusted.items() if Month.parse(month) > before.month}
    return Taken(own, {month: change for month, change in changes.items() if change} | later)


def billed(month: Month, known: Known, view: View, without: Month | None = None) -> Sums:
    """What all settlements, but for another month's, have taken for a month's use."""
    settled = known.get(month)
    own = view(settled).own if settled is not None else {}
    return summed(own, _adjusted(month, without, known, view))


def _adjusted(month: Month, without: Month | None, known: Known, view: View) -> Sums:
    """What settlements of other months, but for one, have taken or given back for a month's use."""
    others = (each for each in known.values() if each.month != without)
    return summed(*(view(each).adjusted.get(str(month), {}) for each in others))


def difference(now: Sums, before: Sums) -> dict[str, int]:
    """What changed, by name."""
    if not before:
        return {name: minor for name, minor in sorted(now.items()) if minor}
    changes = {name: now.get(name, 0) - before.get(name, 0) for name in sorted({**now, **before})}
    return {name: minor for name, minor in changes.items() if minor}


def summed(*several: Sums) -> dict[str, int]:
    """All of them together, by name."""
    sums: dict[str, int] = {}
    for each in several:
        for name, minor in each.items():
            sums[name] = sums.get(name, 0) + minor
    return sums


def keeping(now: Sums, before: Sums) -> dict[str, int]:
    """What there is, and under each name that there was before, nothing: so that it is known what has gone."""
    found = dict.fromkeys(before, 0) | dict(now)
    return {name: minor for name, minor in found.items() if minor or name in before}
