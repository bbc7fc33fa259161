"""What rating reaches: lines a second, the price of a quote, a large month, a hundred thousand customers."""

import gc
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from time import process_time
from typing import Any

from chalicelib.edge.garbage import collect_from_now_on
from chalicelib.kernel.money import Money
from chalicelib.rating import RatedLine, Tariff, Use, quote, rate, tariff_from_document
from chalicelib.rating.account import AccountTerms, rate_account
from chalicelib.rating.account_caps import AccountCap
from chalicelib.rating.ceiling import Ceiling
from tests.benchmarks import AtLeast, AtMost, Figures, Targets

START = datetime(2021, 5, 1, 6, 0, tzinfo=UTC)
HUNDRED = Decimal(100)
ROUNDS = 9
CUSTOMERS = 100_000
TARGETS: Targets = {
    "rating.lines_per_s": AtLeast(150_000),
    "rating.floor_ratio": AtMost(5),
    "rating.quote_cpu_ms": AtMost(0.3),
    "rating.month_1000_sessions_ms": AtMost(100),
    "rating.simulate_100k_s": AtMost(60),
    "rating.simulate_rss_mb": AtMost(256),
}


def figures() -> Figures:
    """All figures of this area, by name."""
    lines_per_s, ratio = _lines()
    return {
        "rating.lines_per_s": lines_per_s,
        "rating.floor_ratio": ratio,
        "rating.quote_cpu_ms": _quote(),
        "rating.month_1000_sessions_ms": _month(),
        **_simulation(),
    }


def _simulation() -> Figures:
    """A hundred thousand customers, in a process of their own to see its memory."""
    command = [sys.executable, "-m", "tests.benchmarks.simulation", str(CUSTOMERS)]
    found: Figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _tariff(tariff_id: str, cents: int, **members: Any) -> Tariff:  # noqa: ANN401 -- members of a JSON document
    tiers = [
        {"up_to": "10", "unit_amount": f"0.{cents:02d}"},
        {"up_to": "60", "unit_amount": "0.0512"},
        {"up_to": None, "unit_amount": "0.0255"},
    ]
    document = {
        "tariff_id": tariff_id,
        "version": 1,
        "currency": "EUR",
        "zone": "Europe/Helsinki",
        "tax_inclusive": True,
        "meters": [{"name": "minutes", "unit": "min"}],
        "prices": [{"id": "time", "kind": "graduated", "meter": "minutes", "tiers": tiers}],
        "caps": [{"id": "day", "period": "day", "amount": "9.00", "over": ["time"]}],
    }
    return tariff_from_document({**document, **members})


def _uses(tariff: Tariff, count: int, each: int = 3) -> list[Use]:
    """So many uses, a few a day, each long enough to reach all three tiers."""
    uses: list[Use] = []
    for number in range(count):
        at = START + timedelta(days=number // each, minutes=7 * (number % each))
        quantities = {"minutes": Decimal(61 + number % 37)}
        evidence = {"minutes": (f"e{number}",)}
        end = at + timedelta(minutes=90)
        uses.append(Use(f"use-{number}", tariff, at, end, False, quantities, evidence, product="bike", category="city"))
    return uses


def _best(*acts: Callable[[], object]) -> list[float]:
    """The shortest CPU time of each in a few rounds, in seconds; taken in turns, so that noise hits all alike."""
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(ROUNDS):
        for act, taken in zip(acts, times, strict=True):
            before = process_time()
            act()
            taken.append(process_time() - before)
    return [min(taken) for taken in times]


def _bare(lines: tuple[RatedLine, ...]) -> int:
    """The same products of the same decimals, rounded to cents and summed: what no rating can do without."""
    total = 0
    for line in lines:
        if line.unit_price is not None:
            total += int((line.quantity * line.unit_price * HUNDRED).to_integral_value(ROUND_HALF_UP))
    return total


def _lines() -> tuple[float, float]:
    uses = _uses(_tariff("graduated", 12), 10_000)
    lines = rate(uses)
    gc.collect()
    collect_from_now_on()  # as a function does after its first answer
    taken, floor = _best(lambda: rate(uses), lambda: _bare(lines))
    return len(lines) / taken, taken / floor


def _quote() -> float:
    tariff = _tariff("graduated", 12)
    earlier = _uses(tariff, 3)
    return 1000 * _best(lambda: [quote(tariff, START, {"minutes": Decimal(45)}, earlier) for _ in range(200)])[0] / 200


def _month() -> float:
    own = _tariff(
        "own",
        12,
        caps=[
            {"id": "day", "period": "day", "amount": "60.00", "over": ["time"]},
            {"id": "week", "period": "week", "amount": "300.00", "over": ["time"]},
        ],
    )
    tariffs = tuple(_tariff(f"other-{number}", 11 + number) for number in range(5))
    uses = _uses(own, 1000, each=33)
    terms = AccountTerms(
        alternatives={"bike": tariffs},
        caps=(AccountCap("all", "month", Money(100_000, "EUR")),),
        ceilings=(Ceiling("bike", "bike", Money(90_000, "EUR"), Money(10_000, "EUR")),),
    )
    gc.collect()
    collect_from_now_on()
    return 1000 * _best(lambda: rate_account(uses, terms))[0]
