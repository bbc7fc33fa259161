"""The history of an entry: each field that differs, before and after, in bounded text."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catalogue.changes import Author, EntryKind, FieldChange, changed, differences
from chalicelib.catalogue.details import Condition, Odometer, ProductTerms, Wear
from chalicelib.catalogue.hours import OpeningHours, Span
from chalicelib.catalogue.model import Asset, CeilingTerms, Owning, Place, Product
from chalicelib.catalogue.policy import UsePolicy
from chalicelib.catalogue.zones import ServiceZone, ZoneKind
from chalicelib.kernel.money import Money

NOW = datetime(2021, 5, 10, 9, tzinfo=UTC)
ASSET = Asset("par-1", "bike-7", "bike", "BIKE-0007", revision=3)
PRODUCT = Product("par-1", "bike", "Bike", "bikes", "Europe/Helsinki")
PLACE = Place("par-1", "p", "P", Decimal("60.1"), Decimal("24.9"))


def told(before: object, after: object) -> dict[str, tuple[str | None, str | None]]:
    return {each.pointer: (each.before, each.after) for each in differences(before, after)}


def test_nothing_that_is_said_again_is_a_change() -> None:
    assert differences(ASSET, replace(ASSET, revision=9)) == ()
    assert changed(EntryKind.ASSET, "bike-7", ASSET, replace(ASSET, revision=9), Author("key_1", NOW)) is None


def test_a_change_says_who_when_and_in_which_revision() -> None:
    change = changed(EntryKind.ASSET, "bike-7", ASSET, replace(ASSET, capacity=None, revision=4), Author("key_1", NOW))

    assert change is not None
    assert (change.owner, change.kind, change.entry_id, change.revision) == ("par-1", EntryKind.ASSET, "bike-7", 4)
    assert (change.by, change.at, change.changed) == ("key_1", NOW, (FieldChange("/capacity", "1", None),))


def test_members_of_members_have_pointers_of_their_own() -> None:
    asset = replace(
        ASSET, capabilities={"gears": "8"}, condition=Condition(Wear.WORN), odometer=Odometer(Decimal("1.50"), "km")
    )
    assert told(ASSET, asset) == {
        "/capabilities/gears": (None, '"8"'),
        "/condition/state": ('"good"', '"worn"'),
        "/odometer/reading": (None, '"1.5"'),
        "/odometer/unit": (None, '"km"'),
    }
    policy = UsePolicy(use_signals=("moving",), silence=timedelta(minutes=15))
    assert told(PRODUCT, replace(PRODUCT, policy=policy)) == {
        "/policy/silence": (None, '"900"'),
        "/policy/use_signals": (None, '["moving"]'),
    }
    hours = OpeningHours({"mon": (Span(480, 720),)})
    zone = ServiceZone("Z", ZoneKind.RETURN, ((0, 0), (10, 0), (0, 10)))
    assert told(PLACE, replace(PLACE, hours=hours, service_zones=(zone,))) == {
        "/hours/weekly/mon": (None, '["08:00-12:00"]'),
        "/service_zones": (None, '[{"corners":[[0,0],[10,0],[0,10]],"kind":"return","name":"Z"}]'),
    }


def test_a_member_that_says_nothing_differs_from_one_that_is_not_there() -> None:
    """
    A ceiling without an upkeep is a ceiling.
    """
    owning = Owning(Money(100, "EUR"), Money(0, "EUR"), 10, Money(0, "EUR"))
    owned = replace(PRODUCT, owning=owning)

    assert told(owned, replace(owned, ceiling=CeilingTerms())) == {"/ceiling": (None, "{}")}
    assert told(PRODUCT, owned)["/owning/purchase"] == (None, '"1.00 EUR"')


@given(st.text(min_size=1, max_size=3000), st.text(min_size=1, max_size=3000))
def test_what_is_kept_of_a_change_is_bounded_and_never_hides_it(before: str, after: str) -> None:
    if not before.strip() or not after.strip():
        return
    pair = [replace(PRODUCT, terms=ProductTerms("1", {"da": text})) for text in (before, after)]
    found = differences(*pair)

    assert bool(found) == (before != after)
    assert all(len(text or "") <= 1000 for each in found for text in (each.before, each.after))
