"""The city bike tariff of the demo, and rides on it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.kernel.money import Money
from chalicelib.rating import RatedLine, Tariff, Use, tariff_from_document

DOCUMENT: dict[str, Any] = {
    "tariff_id": "city-bike",
    "version": 1,
    "currency": "EUR",
    "zone": "Europe/Helsinki",
    "tax_inclusive": True,
    "meters": [{"name": "use_seconds", "unit": "s"}],
    "prices": [
        {"id": "unlock", "kind": "flat", "charge_class": "use", "amount": "0.50"},
        {
            "id": "time",
            "kind": "package",
            "charge_class": "use",
            "meter": "use_seconds",
            "included": "1800",
            "size": "1800",
            "per_package": "1.00",
        },
        {
            "id": "late",
            "kind": "threshold",
            "charge_class": "ordered",
            "meter": "use_seconds",
            "above": "18000",
            "amount": "80.00",
        },
    ],
    "caps": [{"id": "day", "period": "day", "amount": "9.00", "over": ["unlock", "time"]}],
}
NIGHT = datetime(2021, 5, 31, 20, 0, tzinfo=UTC)  # 23:00 in Helsinki


def city_bike() -> Tariff:
    return tariff_from_document(DOCUMENT)


def ride(
    seconds: int | str,
    use_id: str = "ride-1",
    at: datetime = NIGHT,
    *,
    lasting: timedelta | None = None,
    is_open: bool = False,
    tariff: Tariff | None = None,
    evidence: Mapping[str, tuple[str, ...]] | None = None,
) -> Use:
    """A ride that the bike measured as so many seconds."""
    length = lasting if lasting is not None else timedelta(seconds=float(seconds))
    return Use(
        use_id=use_id,
        tariff=tariff or city_bike(),
        started_at=at,
        ended_at=at + length,
        open=is_open,
        quantities={"use_seconds": Decimal(seconds)},
        evidence=evidence or {"start": (f"{use_id}-unlocked",), "use_seconds": (f"{use_id}-meter",)},
    )


def bill(lines: tuple[RatedLine, ...], use_id: str | None = None) -> str:
    """The sum in major units, as people write it."""
    minor = sum(line.amount.minor for line in lines if use_id in (None, line.use_id))
    return str(Money(minor, "EUR").amount)
