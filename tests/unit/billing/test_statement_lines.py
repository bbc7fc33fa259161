"""Lines of a statement by name: stable while their month grows, and each says which events it rests on."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from chalicelib.billing.errors import UnknownLine
from chalicelib.billing.statement import Statement
from chalicelib.billing.statement_lines import is_of_line, line_ids, line_named, rule_of
from chalicelib.kernel.ids import digest
from chalicelib.kernel.time import Month
from chalicelib.rating import RatedLine, Use, rate, tariff_from_document
from tests.unit.rating.city_bike import DOCUMENT, NIGHT, city_bike, ride


def stated(*uses: Use) -> Statement:
    return Statement("acc", Month(2021, 5), "EUR", rate(list(uses)), uses, frozenset())


def two_alike(line: RatedLine) -> list[RatedLine]:
    return [line, line._replace(quantity=Decimal(2))]


def test_a_line_has_the_same_id_however_its_amount_grows_and_whatever_else_is_stated() -> None:
    short, long, other = ride(60, "one"), ride(6000, "one"), ride(60, "two")
    ids = {line.price_id: name for line, name in zip(rate([short]), line_ids(rate([short])), strict=True)}

    grown = stated(other, long)
    found = {
        line.price_id: name
        for line, name in zip(grown.lines, line_ids(grown.lines), strict=True)
        if line.use_id == "one" and line.kind == "charge"
    }
    assert found == ids


def test_each_line_has_an_id_of_its_own_also_where_several_are_alike() -> None:
    lines = [*two_alike(rate([ride(60, "one")])[0]), *rate([ride(60, "two")])]

    assert len(set(line_ids(lines))) == len(lines)
    assert line_ids(lines[:1]) == line_ids(lines)[:1]


def test_a_line_is_found_by_its_id_and_by_no_other() -> None:
    month = stated(ride(60, "one"), ride(60, "two"))
    names = line_ids(month.lines)

    found = [line_named(month, name) for name in names]
    assert [each.line for each in found] == list(month.lines)
    assert [each.use.use_id for each in found] == [each.use_id for each in month.lines]
    for strange in ("", "lin_none", "one", names[0][:-1], names[0].upper()):
        with pytest.raises(UnknownLine):
            line_named(month, strange)
    with pytest.raises(UnknownLine):
        line_named(replace(month, lines=()), names[0])


def test_the_rule_of_a_line_is_the_price_that_it_charges_or_the_cap_that_made_it() -> None:
    tariff, lines = city_bike(), stated(ride(40_000, "one")).lines

    found = [(line.price_id, line.kind, (rule_of(line, tariff) or {})["id"]) for line in lines]
    assert found == [
        ("unlock", "charge", "unlock"),
        ("time", "charge", "time"),
        ("late", "charge", "late"),
        ("unlock", "reduction", "day"),
        ("time", "reduction", "day"),
    ]
    assert rule_of(lines[0]._replace(price_id="coupon-7"), tariff) is None
    accounts_own = lines[-1]._replace(facts={**lines[-1].facts, "limit": "5.00"})
    assert rule_of(accounts_own, tariff) is None


def test_a_reduction_names_the_other_lines_that_it_has_and_a_charge_none() -> None:
    """
    Two rides of a day under its cap, one of another day: three lots of reductions by two days' caps.
    """
    other_day = ride(40_000, "three", at=NIGHT + timedelta(days=2))
    month = stated(ride(40_000, "one"), ride(40_000, "two"), other_day)
    names = line_ids(month.lines)
    by_day: dict[str, list[str]] = {}
    for name, line in zip(names, month.lines, strict=True):
        if line.kind == "reduction":
            by_day.setdefault(line.facts["day"], []).append(name)
        else:
            assert line_named(month, name).shared_with == ()

    assert [len(each) for each in by_day.values()] == [4, 2]
    for alike in by_day.values():
        for name in alike:
            assert line_named(month, name).shared_with == tuple(each for each in alike if each != name)


def test_caps_of_two_products_are_two_reductions_though_both_are_called_day() -> None:
    other = tariff_from_document({**DOCUMENT, "tariff_id": "cargo-bike"})
    month = stated(ride(40_000, "one"), ride(40_000, "two", tariff=other))
    names = line_ids(month.lines)
    shared = {
        name: line_named(month, name).shared_with
        for name, line in zip(names, month.lines, strict=True)
        if line.kind == "reduction"
    }

    uses = dict(zip(names, (line.use_id for line in month.lines), strict=True))
    assert len(shared) == 4
    assert all(uses[name] == uses[each] for name, found in shared.items() for each in found)


def test_a_line_rests_on_the_events_that_it_names_and_of_very_many_on_all_that_are_called_so() -> None:
    line = rate([ride(60, "one")])[0]
    events = [("a", "km"), ("b", "moving"), ("c", "km")]
    cut = line._replace(evidence=("a", f"2 events, sha256:{digest(['a', 'c'])}"))

    assert is_of_line(line._replace(evidence=("a", "start", "gone")), events) == {0}
    assert is_of_line(cut, events) == {0, 2}
    assert is_of_line(line._replace(evidence=()), events) == set()
