"""Shared uses: the parts add up to the whole, and whatever bounds the whole bounds each part."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.edge.formats import BabelFormats
from chalicelib.kernel.languages import LANGUAGES, Language
from chalicelib.rating import Tariff, Use, rate
from chalicelib.rating.account import NO_TERMS
from chalicelib.rating.errors import InvalidProof, InvalidUse
from chalicelib.rating.explain import explain
from chalicelib.rating.fault_credit import CreditOf, FaultCredit
from chalicelib.rating.proof import prove, verify
from chalicelib.rating.sharing import MOST_PARTS, MOST_WEIGHT, Part, parts_of, split
from tests.unit.rating.made import due, minors, tariff, use

WEIGHTS = st.lists(st.integers(1, MOST_WEIGHT), min_size=1, max_size=MOST_PARTS)
LIMIT = st.none() | st.integers(0, 3_000)
MINUTE = {"kind": "unit", "meter": "use_seconds", "unit_amount": "0.0037"}


def shared(whole: Use, weights: list[int], limits: list[int | None] | None = None) -> list[Use]:
    limited = tuple(limits or [None] * len(weights))
    return [replace(whole, part=Part(index, tuple(weights), limited)) for index in range(len(weights))]


def alone(whole: Use) -> int:
    return due(rate([whole]))


def priced(price: str = "0.0037", cap: str | None = "9.00", minimum: str | None = None) -> Tariff:
    over = ["price", "p1", *(["least"] if minimum else [])]
    caps = [{"id": "day", "period": "day", "amount": cap, "over": over}] if cap else []
    least = [{"id": "least", "period": "use", "amount": minimum, "over": ["price", "p1"]}] if minimum else []
    start = {"kind": "flat", "amount": "0.50"}
    return tariff({**MINUTE, "unit_amount": price}, start, caps=caps, minimums=least)


@given(WEIGHTS, st.integers(-100_000, 100_000))
def test_a_split_adds_up_to_the_whole_and_gives_each_its_share_to_within_what_is_left_over(
    weights: list[int], whole: int
) -> None:
    parts = split(whole, weights)

    assert sum(parts) == whole
    assert all(abs(part) >= abs(whole) * weight // sum(weights) for part, weight in zip(parts, weights, strict=True))
    assert split(-whole, weights) == [-part for part in parts]


@given(WEIGHTS, st.integers(0, 20_000), st.lists(LIMIT, min_size=MOST_PARTS, max_size=MOST_PARTS))
def test_no_part_falls_when_the_whole_grows_with_or_without_limits(
    weights: list[int], whole: int, limits: list[int | None]
) -> None:
    limited = limits[: len(weights)]
    before, after = parts_of(whole, weights, limited), parts_of(whole + 1, weights, limited)

    assert sum(after) == sum(before) + 1
    assert all(one <= other for one, other in zip(before, after, strict=True))


def test_an_even_split_of_a_cent_too_many_goes_to_the_first() -> None:
    assert split(100, [1, 1, 1]) == [34, 33, 33]
    assert split(100, [1, 2, 1]) == [25, 50, 25]


def test_largest_remainders_would_take_a_unit_back() -> None:
    """
    The well-known case: of 25 units the smallest of 6, 6 and 2 would have 4, of 26 only 3.
    """
    assert [split(whole, [6, 6, 2])[2] for whole in (24, 25, 26)] == [3, 3, 3]
    assert all(one <= other for one, other in pairwise(split(whole, [6, 6, 2])[2] for whole in range(200)))


@given(
    weights=WEIGHTS,
    minutes=st.integers(0, 500),
    limits=st.lists(LIMIT, min_size=MOST_PARTS, max_size=MOST_PARTS),
    price=st.decimals("0", "0.02", places=6),
    cap=st.sampled_from([None, "0.01", "3.33", "9.00"]),
    minimum=st.sampled_from([None, "2.00"]),
)
def test_the_parts_in_their_own_accounts_add_up_to_the_whole_line_by_line(
    *, weights: list[int], minutes: int, limits: list[int | None], price: Decimal, cap: str | None, minimum: str | None
) -> None:
    whole = use(priced(str(price), cap, minimum), minutes=minutes, use_seconds=str(minutes * 60))
    parts = shared(whole, weights, limits[: len(weights)])
    rated = [rate([part]) for part in parts]

    assert sum(due(lines) for lines in rated) == alone(whole)
    for number, lines in enumerate(zip(*rated, strict=True)):
        assert {line.facts["whole"] for line in lines} == {lines[0].facts["whole"]}, number
        assert sum(line.amount.amount for line in lines) == Decimal(lines[0].facts["whole"])
    for index, lines in enumerate(rated):
        limit = limits[index]
        assert all(line.amount.minor >= 0 for line in lines)
        assert index == 0 or limit is None or due(lines) <= limit


@given(st.permutations([1, 1, 2, 5, 9]), st.integers(0, 400))
def test_the_order_of_joining_changes_no_sum_and_a_part_by_what_is_left_over_at_most(
    weights: list[int], minutes: int
) -> None:
    whole = use(priced(), minutes=minutes, use_seconds=str(minutes * 60))
    in_order = sorted(weights)
    one = [due(rate([part])) for part in shared(whole, weights)]
    other = [due(rate([part])) for part in shared(whole, in_order)]

    assert sum(one) == sum(other) == alone(whole)
    by_weight = {weight: [part for part, own in zip(one, weights, strict=True) if own == weight] for weight in weights}
    for part, weight in zip(other, in_order, strict=True):
        assert all(abs(part - each) <= 1 for each in by_weight[weight])


@given(WEIGHTS, st.integers(0, 300), st.integers(0, 300), st.lists(LIMIT, min_size=MOST_PARTS, max_size=MOST_PARTS))
def test_a_part_of_less_is_never_more_than_a_part_of_more(
    weights: list[int], minutes: int, more: int, limits: list[int | None]
) -> None:
    """
    So a bill is never above the running cost, and that never above the worst case, for each part as for the whole.
    """
    fewer = use(priced(), minutes=600, use_seconds=str(minutes * 60))
    greater = use(priced(), minutes=600, use_seconds=str((minutes + more) * 60))
    limited = limits[: len(weights)]
    for one, other in zip(shared(fewer, weights, limited), shared(greater, weights, limited), strict=True):
        assert due(rate([one])) <= due(rate([other]))


def test_a_cap_holds_for_the_whole_first_and_then_for_the_part_in_its_account() -> None:
    """
    20.00 are 9.00 under the day's cap, of which half is 4.50; with 7.00 paid that day only 2.00 of it are left.
    """
    whole = use(priced("0.005"), minutes=65, use_seconds="3900")
    holder, member = shared(whole, [1, 1])
    earlier = use(priced("0.005"), "before", minutes=1, use_seconds="1300")

    assert (due(rate([holder])), due(rate([member]))) == (450, 450)
    assert due(rate([earlier])) == 700
    assert due(rate([earlier, member]), "use-1") == 200


def test_what_is_above_a_members_limit_is_the_holders() -> None:
    whole = use(priced(cap=None), minutes=60, use_seconds="3600")
    holder, member = (rate([each]) for each in shared(whole, [1, 3], [None, 400]))

    assert alone(whole) == 1382
    assert (due(holder), due(member)) == (982, 400)


def test_a_shared_use_counts_on_no_included_use_and_takes_none() -> None:
    """
    Else whoever shares would have the month's free ride once more with each companion.
    """
    terms = {"allowances": [{"id": "free", "period": "month", "uses": 1, "over": ["price"]}]}
    made = tariff(MINUTE, **terms)
    whole = use(made, minutes=60, use_seconds="3600")
    part = shared(whole, [1, 1])[1]
    own = use(made, "own", minutes=61, use_seconds="600")

    assert minors(rate([part])) == [666]
    assert due(rate([part, own]), "own") == 0


def test_a_proof_of_a_part_can_be_computed_again_and_not_without_its_part() -> None:
    whole = use(priced(), minutes=60, use_seconds="3600")
    part = shared(whole, [1, 2], [None, 500])[1]
    proof = prove([part], NO_TERMS, time_zone_data="2025b")

    assert verify(proof) == []
    assert proof["uses"][0]["part"] == {"number": 1, "weights": [1, 2], "limits": [None, 500]}  # type: ignore[index]
    del proof["uses"][0]["part"]  # type: ignore[index]
    assert verify(proof) != []


@pytest.mark.parametrize(
    "part",
    [
        {},
        {"number": 0, "weights": [1], "limits": [None], "more": 1},
        {"number": "0", "weights": [1], "limits": [None]},
        {"number": 0, "weights": ["1"], "limits": [None]},
        {"number": 0, "weights": [1, 1], "limits": [None]},
        {"number": 2, "weights": [1, 1], "limits": [None, None]},
        {"number": 0, "weights": [0], "limits": [None]},
        {"number": 0, "weights": [1, True], "limits": [None, None]},
        {"number": 1, "weights": [1, 1], "limits": [None, -1]},
        [1],
    ],
)
def test_a_part_that_is_none_is_no_proof(part: object) -> None:
    proof = prove(shared(use(priced()), [1]), NO_TERMS, time_zone_data="2025b")
    proof["uses"][0]["part"] = part  # type: ignore[index]

    with pytest.raises(InvalidProof):
        verify(proof)


@pytest.mark.parametrize(
    "part",
    [
        Part(0, (), ()),
        Part(0, (1,) * (MOST_PARTS + 1), (None,) * (MOST_PARTS + 1)),
        Part(-1, (1,), (None,)),
        Part(0, (MOST_WEIGHT + 1,), (None,)),
    ],
)
def test_a_use_is_no_part_of_what_cannot_be_split(part: Part) -> None:
    with pytest.raises(InvalidUse):
        replace(use(priced()), part=part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_says_in_words_which_part_of_which_amount_it_is(language: Language) -> None:
    formats = BabelFormats(language)
    whole = use(priced(cap=None), minutes=60, use_seconds="3600")
    own, part = rate([whole])[0], rate([shared(whole, [1, 2])[1]])[0]
    shown = explain(part, language, formats).removeprefix(explain(own, language, formats))

    assert shown.startswith("; ")
    assert shown.endswith(formats.money(Decimal("13.32"), "EUR"))
    assert " 2 " in shown


@given(WEIGHTS, st.integers(1, 100), st.sampled_from(["start_fee", "charge"]))
def test_what_a_fault_gives_back_is_split_with_the_rest(weights: list[int], percent: int, of: CreditOf) -> None:
    whole = replace(use(priced(), seconds=1_000), fault_credit=FaultCredit(of, percent, ("bang",)))

    assert (
        sum(alone(each) for each in shared(whole, weights)) == alone(whole) < alone(replace(whole, fault_credit=None))
    )
