"""A tariff tried on a whole month, page after page: the sums of all of them."""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.kernel.money import Money
from infra.local.client import Client

MOST_NAMED = 10
_COUNTS = ("customers", "winners", "losers", "unchanged", "not_settled")
_SUMS = ("billed", "would_be", "difference")
_RANKED = ("largest_gains", "largest_losses")
_SILENT = ("meters_not_used", "prices_not_tried")

Say = Callable[[str], object]


@dataclass
class Sums:
    """Of the pages so far; its size does not grow with their number."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTS, 0))
    amounts: dict[str, Money] = field(default_factory=dict)
    ranked: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in _RANKED})
    silent: dict[str, list[str]] = field(default_factory=dict)

    def add(self, summary: dict[str, Any]) -> None:
        """Take a page's summary in."""
        for name in _COUNTS:
            self.counts[name] += summary[name]
        for name in _SUMS:
            amount = _money(summary[name])
            self.amounts[name] = self.amounts.get(name, Money.zero(amount.currency)) + amount
        for name in _RANKED:
            both = sorted([*self.ranked[name], *summary[name]], key=lambda each: -_money(each["amount"]).minor)
            self.ranked[name] = both[:MOST_NAMED]
        for name in _SILENT:
            still = self.silent.get(name, summary[name])
            self.silent[name] = [each for each in still if each in summary[name]]

    def shown(self) -> dict[str, object]:
        """In the shape of one page's summary."""
        amounts = {
            name: {"amount": str(money.amount), "currency": money.currency} for name, money in self.amounts.items()
        }
        return {**self.counts, **amounts, **self.ranked, **self.silent}


def simulate_month(client: Client, asked: dict[str, object], say: Say | None = None) -> dict[str, object]:
    """Ask for every page of the month; progress is told as it goes."""
    tell = say or (lambda text: print(text, file=sys.stderr))
    sums, after, pages = Sums(), None, 0
    while True:
        page = client.call("POST", "/v1/simulations", {**asked, **({"after": after} if after else {})})
        sums.add(page["summary"])
        pages, after = pages + 1, page["next"]
        told = sums.amounts["difference"]
        tell(f"page {pages}: {sums.counts['customers']} customers so far, difference {told}")
        if after is None:
            return sums.shown()


def read_tariff(path: str) -> object:
    """The rules of a file, as in publishing, or a reference to a published version."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{path}: {error}") from error


def _money(shown: dict[str, str]) -> Money:
    return Money.of(shown["amount"], shown["currency"])
