"""A draft tariff tried on the month of a hundred thousand customers, in a process of its own to see its memory."""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import process_time

from chalicelib.rating import Tariff, Use, tariff_from_document
from chalicelib.rating.simulation import Past, Summary, simulate

START = datetime(2021, 5, 1, 6, 0, tzinfo=UTC)
RIDES = 10


def tariff(version: int, cents: int) -> Tariff:
    """The first half hour at one price, the rest at another, at most 9.00 a day."""
    tiers = [{"up_to": "30", "unit_amount": f"0.{cents:02d}"}, {"up_to": None, "unit_amount": "0.0512"}]
    return tariff_from_document(
        {
            "tariff_id": "bike",
            "version": version,
            "currency": "EUR",
            "zone": "Europe/Helsinki",
            "tax_inclusive": True,
            "meters": [{"name": "minutes", "unit": "min"}],
            "prices": [{"id": "time", "kind": "graduated", "meter": "minutes", "tiers": tiers}],
            "caps": [{"id": "day", "period": "day", "amount": "9.00", "over": ["time"]}],
        }
    )


def customers(count: int, own: Tariff) -> Iterator[Past]:
    """Each rides ten times a month, for a few minutes up to two hours."""
    for number in range(count):
        uses: list[Use] = []
        for ride in range(RIDES):
            at = START + timedelta(days=(number + 3 * ride) % 30, minutes=ride)
            quantities = {"minutes": Decimal((number * 7 + ride * 13) % 120)}
            uses.append(Use(f"{number}-{ride}", own, at, at + timedelta(hours=2), False, quantities))
        yield Past(str(number), uses)


def main(count: int) -> dict[str, float]:
    """The figures of one simulation: CPU seconds and the largest memory."""
    before = process_time()
    own, draft = tariff(1, 12), tariff(2, 11)
    summary = Summary("EUR")
    for simulated in simulate(customers(count, own), draft):
        summary.add(simulated)
    taken = process_time() - before
    if summary.customers != count or not summary.winners:
        raise AssertionError(summary)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rating.simulate_100k_s": round(taken, 2), "rating.simulate_rss_mb": round(peak, 1)}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]))))
