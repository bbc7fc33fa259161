"""The promises that hold for every tariff and every use, tried on many made at random."""

import ast
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chalicelib.rating
from chalicelib.rating import Running, Tariff, Use, quote, rate, rate_on
from chalicelib.rating.rate import settling_order
from tests.unit.rating.made import MAY, due, tariff, use

amounts = st.decimals(0, 5, places=4).map(str)
bounds = st.lists(st.integers(1, 400), min_size=1, max_size=3, unique=True).map(sorted)
periods = st.sampled_from(["use", "day", "week", "month"])


@st.composite
def tiers(draw: st.DrawFn) -> list[dict[str, Any]]:
    ends = [str(end) for end in draw(bounds)]
    return [
        {"up_to": end, "unit_amount": draw(amounts), "flat_amount": draw(st.sampled_from(["0", "0", "1.5"]))}
        for end in [*ends, None]
    ]


def _graduated(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"kind": st.just(kind), "meter": st.just("km"), "tiers": tiers(), "period": periods})


flat = st.fixed_dictionaries({"kind": st.just("flat"), "amount": amounts, "once_per": periods})
unit = st.fixed_dictionaries(
    {"kind": st.just("unit"), "meter": st.just("km"), "unit_amount": amounts, "included": st.sampled_from(["0", "7"])}
)
package = st.fixed_dictionaries(
    {"kind": st.just("package"), "meter": st.just("use_seconds"), "size": st.just("1800"), "per_package": amounts}
)
late = st.fixed_dictionaries(
    {"kind": st.just("threshold"), "meter": st.just("use_seconds"), "above": st.just("7200"), "amount": amounts}
)
peak = st.fixed_dictionaries(
    {"kind": st.just("capacity"), "meter": st.just("kw"), "unit_amount": amounts, "period": periods}
)
need = st.fixed_dictionaries({"kind": st.just("need"), "per": st.just("h"), "in_use": amounts})
rising = st.one_of(flat, unit, package, late, peak, need, _graduated("graduated"))
prices = st.one_of(rising, _graduated("volume"))


def _same_time(price: dict[str, Any]) -> str:
    """Prices for time stand alone in their tariff; of others there may be several."""
    return "time" if price["kind"] in {"need", "package"} else str(price)


@st.composite
def tariffs(draw: st.DrawFn, of: st.SearchStrategy[dict[str, Any]] = prices) -> Tariff:
    """One to four prices, perhaps with caps over some of them and a minimum."""
    chosen = draw(st.lists(of, min_size=1, max_size=4, unique_by=_same_time))
    ids = ["price", *(f"p{index}" for index in range(1, len(chosen)))]
    over = st.lists(st.sampled_from(ids), min_size=1, max_size=len(ids), unique=True)
    lengths = draw(st.lists(st.sampled_from([1, 2, 3]), max_size=3, unique=True).map(sorted))
    names = ["use", "day", "week", "month"]
    least = draw(st.booleans())
    minimum = [{"id": "least", "period": "use", "amount": "2.00", "over": draw(over)}] if least else []
    caps: list[dict[str, Any]] = []
    covered = ["least"] * least
    for each in lengths:
        covered = sorted({*covered, *draw(over)})
        amount = str(draw(st.integers(0, 60)))
        caps.append({"id": names[each], "period": names[each], "amount": amount, "over": covered})
    return tariff(*chosen, caps=caps, minimums=minimum)


@st.composite
def uses_of(draw: st.DrawFn, made: Tariff, count: int = 5) -> list[Use]:
    """A few uses within a few days, each of at most a day."""
    return [_use(draw, made, f"use-{number}") for number in range(draw(st.integers(1, count)))]


def _use(draw: st.DrawFn, made: Tariff, use_id: str, *, starts: int = 60) -> Use:
    hours = draw(st.integers(0, 24))
    return use(
        made,
        use_id,
        MAY + timedelta(hours=draw(st.integers(0, starts))),
        needs=[(hours * 60, "in_use")],
        km=str(draw(st.integers(0, hours * 150))),
        kw=str(draw(st.integers(0, hours * 22))),
        use_seconds=str(hours * 3600),
    )


@st.composite
def cases(draw: st.DrawFn, of: st.SearchStrategy[dict[str, Any]] = prices) -> tuple[Tariff, list[Use]]:
    made = draw(tariffs(of))
    return made, draw(uses_of(made))


@given(cases(), st.integers(0, 5))
def test_rating_in_pieces_sums_to_rating_at_once(case: tuple[Tariff, list[Use]], cut: int) -> None:
    ordered = sorted(case[1], key=settling_order)
    running = Running()

    pieces = rate_on(running, ordered[:cut]) + rate_on(running, ordered[cut:])

    assert pieces == rate(case[1])


@given(cases())
def test_the_order_in_which_uses_are_given_changes_nothing(case: tuple[Tariff, list[Use]]) -> None:
    assert rate(case[1]) == rate(case[1][::-1])


@given(tariffs(rising), st.integers(0, 24), st.integers(0, 24))
def test_more_use_never_costs_less(made: Tariff, one: int, other: int) -> None:
    less, more = (
        use(made, needs=[(hours * 60, "in_use")], km=str(hours * 9), kw=str(hours), use_seconds=str(hours * 3600))
        for hours in sorted([one, other])
    )

    assert due(rate([less])) <= due(rate([more]))


@given(cases())
def test_no_cap_is_passed(case: tuple[Tariff, list[Use]]) -> None:
    made, uses = case
    lines = rate(uses)
    by_id = {each.use_id: each for each in uses}

    for cap in made.caps:
        sums: dict[str, int] = defaultdict(int)
        for line in lines:
            if line.price_id in cap.over:
                sums[by_id[line.use_id].in_period(cap.period)] += line.amount.minor
        assert all(paid <= cap.amount.minor for paid in sums.values())


@given(cases())
def test_every_line_rests_on_the_evidence_of_its_own_use(case: tuple[Tariff, list[Use]]) -> None:
    shown = {
        each.use_id: {
            *(name for names in each.evidence.values() for name in names),
            *(name for stretch in each.needs for name in stretch.evidence),
        }
        for each in case[1]
    }

    assert all(set(line.evidence) <= shown[line.use_id] for line in rate(case[1]))


@st.composite
def quoted_cases(draw: st.DrawFn) -> tuple[Tariff, list[Use], Use, Use, list[Use]]:
    """A tariff; what was before a use; the use halfway and at its end; and what goes on beside it."""
    made = draw(tariffs())
    at = MAY + timedelta(hours=90)
    hours = draw(st.integers(1, 24))
    half = hours // 2
    parts = [
        use(
            made,
            "mine",
            at,
            needs=[(length * 60, "in_use")],
            km=str(length * draw(st.integers(0, 150))),
            kw=str(length),
            use_seconds=str(length * 3600),
        )
        for length in (half, hours)
    ]
    before = [_use(draw, made, f"before-{number}") for number in range(draw(st.integers(0, 3)))]
    beside = [_use(draw, made, f"beside-{number}", starts=110) for number in range(draw(st.integers(0, 3)))]
    return made, before, parts[0], parts[1], beside


@settings(max_examples=150)
@given(quoted_cases())
def test_whatever_else_happens_a_use_never_costs_more_than_the_worst_case_of_its_quote(
    case: tuple[Tariff, list[Use], Use, Use, list[Use]],
) -> None:
    """
    Halfway and at the end, open and ended, with other uses beside it that the quote could not know.
    """
    made, before, halfway, mine, beside = case
    ended = [each for each in before if each.ended_at <= mine.started_at]
    worst = quote(made, mine.started_at, {}, ended).worst_case.minor

    for late in ([], beside):
        for now in (halfway, mine):
            is_open = Use(now.use_id, made, now.started_at, now.ended_at, True, now.quantities, {}, now.needs)
            assert due(rate([*ended, *late, now]), "mine") <= worst
            assert due(rate([*ended, *late, is_open]), "mine") <= worst


@given(cases())
def test_what_is_billed_in_the_end_is_at_most_what_the_running_cost_said(case: tuple[Tariff, list[Use]]) -> None:
    """
    The same evidence, first as uses that go on and then as uses that have ended, one after the other.
    """
    made, uses = case
    running = [Use(u.use_id, made, u.started_at, u.ended_at, True, u.quantities, {}, u.needs) for u in uses]

    assert due(rate(uses)) <= due(rate(running))


@pytest.mark.parametrize(
    "path", sorted(Path(chalicelib.rating.__file__).parent.glob("*.py")), ids=lambda path: path.name
)
def test_no_float_comes_near(path: Path) -> None:
    found = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]

    assert found == []


def test_amounts_are_whole_minor_units_and_quantities_decimals() -> None:
    made = tariff({"kind": "need", "per": "h", "in_use": "6"}, {"kind": "unit", "meter": "km", "unit_amount": "0.1"})

    for line in rate([use(made, needs=[(50, "in_use")], km="3")]):
        assert type(line.amount.minor) is int
        assert type(line.quantity) is Decimal
