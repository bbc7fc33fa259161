"""What the demo's partner puts on offer."""

from typing import Any

from infra.local.rides import ZONE

PRODUCT = "city-bike"
CITY_BIKE: dict[str, Any] = {
    "name": "City bike",
    "category": "bikes",
    "zone": ZONE,
    "data_card": [
        {"what": "unlocked and docked, with the station", "why": "shows when the bike was in use", "kept_days": 400},
        {"what": "seconds in use, measured by the bike", "why": "is what the ride is charged by", "kept_days": 1830},
    ],
}
CITY_BIKE_TARIFF: dict[str, Any] = {
    "currency": "EUR",
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
