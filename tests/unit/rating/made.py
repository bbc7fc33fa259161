"""Tariffs and uses made for a test: only what it is about is named."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.rating import Need, RatedLine, Tariff, Use, tariff_from_document

MAY = datetime(2021, 5, 3, 8, 0, tzinfo=UTC)  # a Monday, 11:00 in Helsinki
METERS = [
    {"name": "km", "unit": "km", "most_per_hour": "150"},
    {"name": "kw", "unit": "kW", "most_per_hour": "22"},
    {"name": "paid", "unit": "EUR", "most_per_hour": "1000"},
    {"name": "use_seconds", "unit": "s"},
]


def tariff(*prices: dict[str, Any], **members: Any) -> Tariff:  # noqa: ANN401 -- members of a JSON document
    """A tariff of these prices; ids and meters come by themselves."""
    named = [{"id": f"p{index}" if index else "price", **price} for index, price in enumerate(prices)]
    document = {
        "tariff_id": "made",
        "version": 1,
        "currency": "EUR",
        "zone": "Europe/Helsinki",
        "tax_inclusive": True,
        "meters": METERS,
        "prices": named,
    }
    return tariff_from_document({**document, **members})


def use(
    tariff: Tariff,
    use_id: str = "use-1",
    at: datetime = MAY,
    *,
    minutes: int = 60,
    needs: Sequence[tuple[int, str]] = (),
    is_open: bool = False,
    product: str = "",
    category: str = "",
    **quantities: str,
) -> Use:
    """A use with quantities by meter, and needs as (minutes, state) that follow one another from its start."""
    made: list[Need] = []
    start = at
    for length, state in needs:
        end = start + timedelta(minutes=length)
        made.append(Need(start, end, state, (f"{use_id}-{state}",)))  # type: ignore[arg-type]
        start = end
    return Use(
        use_id=use_id,
        tariff=tariff,
        started_at=at,
        ended_at=max(start, at + timedelta(minutes=minutes)) if not needs else start,
        open=is_open,
        quantities={name: Decimal(amount) for name, amount in quantities.items()},
        evidence={name: (f"{use_id}-{name}",) for name in ("start", *quantities)},
        needs=tuple(made),
        product=product,
        category=category,
    )


def minors(lines: Sequence[RatedLine]) -> list[int]:
    return [line.amount.minor for line in lines]


def due(lines: Sequence[RatedLine], use_id: str | None = None) -> int:
    return sum(line.amount.minor for line in lines if use_id in (None, line.use_id))
