"""Shared uses: what a use costs as a whole, by itself, split over those who share it.

A part goes by the whole's total alone and never falls while that grows: so whatever bounds the whole (its running
cost, its worst case) bounds each part.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.rating.amounts import money_of, text_of
from chalicelib.rating.errors import InvalidUse
from chalicelib.rating.left import Left
from chalicelib.rating.lines import RatedLine

MOST_PARTS = 12
MOST_WEIGHT = 1_000


class Part(NamedTuple):
    """One of several parts of a use, by its number, from 0, among their weights.

    `limits` are the most that each part comes to, in minor units; None: any amount. What is above them is the first
    part's, whose own limit counts for nothing.
    """

    number: int
    weights: tuple[int, ...]
    limits: tuple[int | None, ...]

    def check(self, use_id: str) -> None:
        """Whole numbers within bounds; else `InvalidUse`."""
        if not 0 < len(self.weights) == len(self.limits) <= MOST_PARTS or not 0 <= self.number < len(self.weights):
            raise InvalidUse(use_id=use_id, reason="a part is one of its use's weights, each with its limit")
        if not all(0 < weight <= MOST_WEIGHT for weight in self.weights):
            raise InvalidUse(use_id=use_id, reason="not a weight")
        if any(limit is not None and limit < 0 for limit in self.limits):
            raise InvalidUse(use_id=use_id, reason="not a limit")


def split(whole: int, weights: Sequence[int]) -> list[int]:
    """Split minor units by weight so that the parts add up to the whole and none falls when the whole grows.

    Each part has its share rounded down; each unit left goes where the weight for each unit is the greatest then, the
    earliest on a tie. (Largest remainders would take a unit from one part because there is one more to share.)
    """
    together, size = sum(weights), abs(whole)
    parts = [size * weight // together for weight in weights]
    for _ in range(size - sum(parts)):
        best = 0
        for index, weight in enumerate(weights):
            if weight * (parts[best] + 1) > weights[best] * (parts[index] + 1):
                best = index
        parts[best] += 1
    return parts if whole >= 0 else [-part for part in parts]


def parts_of(whole: int, weights: Sequence[int], limits: Sequence[int | None]) -> list[int]:
    """The parts within their limits; what is above those is the first's."""
    parts = split(whole, weights)
    for index, limit in list(enumerate(limits))[1:]:
        if limit is not None and parts[index] > limit:
            parts[0] += parts[index] - limit
            parts[index] = limit
    return parts


def part_lines(part: Part, left: Left) -> list[RatedLine]:
    """The part's share of what is left of each of the whole's charges; the parts of a line add up to the line.

    A line's share is by how much the part of the sum grows with it: so the lines add up to the part of the whole.
    """
    lines: list[RatedLine] = []
    so_far, before = 0, 0
    for charge, minor in zip(left.charges, left.minor, strict=True):
        so_far += minor
        after = parts_of(so_far, part.weights, part.limits)[part.number]
        currency = charge.amount.currency
        shared = {
            "part": str(part.weights[part.number]),
            "parts": str(sum(part.weights)),
            "whole": text_of(minor, currency),
        }
        lines.append(
            charge._replace(amount=money_of(after - before, currency), facts={**charge.facts, **shared}),
        )
        before = after
    return lines
