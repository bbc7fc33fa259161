"""Take-outs: when an asset is not on offer, and the first such time, which a start's transaction looks at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.catalogue.errors import BadCatalogueEntry, TooManyTakeOuts
from chalicelib.catalogue.model import Asset
from chalicelib.catalogue.taking_out import MOST_TAKE_OUTS, Stretch, TakeOut, not_over, out_from, with_one_more
from chalicelib.kernel.time import Month

NOW = datetime(2021, 5, 10, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
OUT = TakeOut("par-1", "bike-7", "out_1", "tyres", NOW, NOW + HOUR, NOW, "key_1")
ASSET = Asset("par-1", "bike-7", "bike", "BIKE-0007")


def stretches(*found: tuple[int, int | None]) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(f"out_{number}", NOW + start * HOUR, None if until is None else NOW + until * HOUR)
        for number, (start, until) in enumerate(found)
    )


def test_an_asset_is_out_from_the_beginning_up_to_the_end() -> None:
    asset = replace(ASSET, take_outs=stretches((1, 2), (5, None)))

    assert [hour for hour in range(8) if asset.out_at(NOW + hour * HOUR)] == [1, 5, 6, 7]


def test_times_that_touch_or_overlap_are_one() -> None:
    assert out_from(()) is None
    assert out_from(stretches((3, 4), (1, 2), (2, 3))) == (NOW + HOUR, NOW + 4 * HOUR)
    assert out_from(stretches((1, 5), (2, 3), (6, 7))) == (NOW + HOUR, NOW + 5 * HOUR)
    assert out_from(stretches((1, 5), (2, None))) == (NOW + HOUR, None)


def test_a_take_out_ends_once() -> None:
    ended = OUT.end(NOW, "key_2")

    assert (ended.ended_at, ended.ended_by) == (NOW, "key_2")
    assert ended.end(NOW + HOUR, "key_3") == ended
    assert OUT.end(NOW + HOUR, "key_3") == OUT


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"reason": "  "}, "/reason"),
        ({"reason": "x" * 201}, "/reason"),
        ({"until": NOW}, "/until"),
        ({"until": NOW + timedelta(days=4000)}, "/until"),
        ({"start": NOW + timedelta(days=1200), "until": None}, "/from"),
    ],
)
def test_a_take_out_that_cannot_be_is_refused(changed: dict[str, object], pointer: str) -> None:
    with pytest.raises(BadCatalogueEntry) as refused:
        replace(OUT, **changed)  # type: ignore[arg-type]
    assert refused.value.facts["pointer"] == pointer


def test_an_asset_has_a_bounded_number_of_take_outs_to_come() -> None:
    full = stretches(*((each, each + 1) for each in range(MOST_TAKE_OUTS)))

    with pytest.raises(TooManyTakeOuts):
        with_one_more(full, Stretch("more", NOW))
    assert len(with_one_more(not_over(full, NOW + HOUR), Stretch("more", NOW + HOUR))) == MOST_TAKE_OUTS


def test_stating_an_asset_anew_keeps_what_it_is_taken_out_for() -> None:
    before = replace(ASSET, take_outs=stretches((0, 1), (2, 3)), revision=4)

    kept = before.restated(replace(ASSET, code="BIKE-0008"), NOW + HOUR, Month(2021, 5))
    assert (kept.code, kept.take_outs, kept.revision) == ("BIKE-0008", before.take_outs[1:], 5)


STRETCHES = st.lists(st.tuples(st.integers(0, 20), st.one_of(st.none(), st.integers(1, 6))), max_size=6).map(
    lambda found: stretches(*((start, None if length is None else start + length) for start, length in found))
)


@given(STRETCHES, st.integers(0, 20), st.integers(0, 30))
def test_the_first_time_out_is_enough_for_who_has_seen_the_rest(
    found: tuple[Stretch, ...], written: int, asked: int
) -> None:
    """
    A start reads all stretches and writes on the first alone. Whatever was written last (without those over then), at
    any instant from then on the two together miss nothing, and the first alone refuses nothing that may start.
    """
    kept = not_over(found, NOW + written * HOUR)
    at = NOW + max(written, asked) * HOUR
    first = out_from(kept)
    by_first = first is not None and first[0] <= at and (first[1] is None or at < first[1])
    out = replace(ASSET, take_outs=kept).out_at(at)

    assert out or not by_first
    assert out == any(each.holds(at) for each in found)
    if at == NOW + written * HOUR:
        assert by_first == out
