"""What a month's monitors are told of things: as they stood when it ended, from their first day on."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, cast

from chalicelib.catalogue.changes import Change, EntryKind
from chalicelib.catalogue.model import Asset
from chalicelib.edge.offered import PAGE, CatalogueOffered
from chalicelib.finance.offered import OnOffer
from chalicelib.kernel.time import Month
from chalicelib.partners.model import Partner

MAY, JUNE, ZONE = Month(2021, 5), Month(2021, 6), "Europe/Helsinki"
NOW = datetime(2021, 5, 10, 9, tzinfo=UTC)
BIKE = Asset("par-1", "bike-1", "bike", "BIKE-0001", listed_on=date(2021, 5, 1))


@dataclass
class Kept:
    """Assets in order of id, and when the first change of some of them was."""

    assets_in_order: Sequence[Asset] = ()
    first: dict[str, datetime] = field(default_factory=dict)
    looked: list[str] = field(default_factory=list)

    def assets(self, partner_id: str, *, limit: int, after: str | None) -> list[Asset]:
        own = [each for each in self.assets_in_order if each.partner_id == partner_id]
        return [each for each in own if after is None or each.asset_id > after][:limit]

    def first_change(self, owner: str, kind: EntryKind, entry_id: str) -> Change | None:
        self.looked.append(entry_id)
        at = self.first.get(entry_id)
        return None if at is None else Change(owner, kind, entry_id, 1, at, "key_1", ())


@dataclass
class Listed:
    """A list of partners."""

    created: dict[str, datetime]

    def all(self) -> list[Partner]:
        return [Partner(name, name, at) for name, at in self.created.items()]


def offered(kept: Kept, month: Month = MAY, **created: datetime) -> CatalogueOffered:
    return CatalogueOffered(cast("Any", kept), cast("Any", Listed(created)), month, ZONE)


def things(kept: Kept, month: Month = MAY) -> list[OnOffer]:
    return list(offered(kept, month).on_offer(["par-1"]))


def test_partners_are_those_that_there_were_when_the_month_ended() -> None:
    """
    In the operator's zone, in which it is over three hours before it is by UTC.
    """
    late = datetime(2021, 5, 31, 21, tzinfo=UTC)
    by_then = datetime(2021, 5, 31, 20, 59, 59, tzinfo=UTC)

    assert list(offered(Kept(), MAY, one=NOW, two=by_then, three=late).partners()) == ["one", "two"]
    assert list(offered(Kept(), JUNE, one=NOW, two=by_then, three=late).partners()) == ["one", "two", "three"]


def test_a_thing_is_on_offer_from_its_first_day_on_and_in_service_from_then_or_from_what_is_stated() -> None:
    since = datetime(2021, 4, 30, 21, tzinfo=UTC)
    old = replace(BIKE, asset_id="bike-2", in_service_from=date(2019, 7, 1))
    (one, two) = things(Kept([BIKE, old]))

    assert one == OnOffer("par-1:bike", "bike-1", 1, since, date(2021, 5, 1))
    assert (two.since, two.in_service_from) == (since, date(2019, 7, 1))
    assert things(Kept([BIKE]), Month(2021, 4)) == []


def test_things_are_those_of_the_months_end_whatever_is_stated_later() -> None:
    retired = BIKE.restated(replace(BIKE, retired=True), NOW, JUNE)
    moved = BIKE.restated(replace(BIKE, product_id="van", capacity=None), NOW, JUNE)

    assert things(Kept([retired])) == things(Kept([moved])) == things(Kept([BIKE]))
    assert things(Kept([retired]), JUNE) == []
    assert [each[:3] for each in things(Kept([moved]), JUNE)] == [("par-1:van", "bike-1", None)]


def test_a_thing_from_before_its_first_day_was_kept_has_that_of_the_first_change_that_is_known() -> None:
    """
    By the operator's zone. One whose history is gone is on offer since before anybody knows. Others are not looked up.
    """
    older, lost = (replace(BIKE, asset_id=name, listed_on=None) for name in ("bike-2", "bike-3"))
    kept = Kept([BIKE, older, lost], {"bike-2": datetime(2021, 4, 30, 21, 30, tzinfo=UTC)})

    assert [each[3:] for each in things(kept)[1:]] == [
        (datetime(2021, 4, 30, 21, tzinfo=UTC), date(2021, 5, 1)),
        (None, date.min),
    ]
    assert kept.looked == ["bike-2", "bike-3"]


def test_all_pages_of_things_are_read() -> None:
    many = [replace(BIKE, asset_id=f"bike-{number:04d}") for number in range(2 * PAGE)]

    assert [each.asset for each in things(Kept(many))] == [each.asset_id for each in many]
