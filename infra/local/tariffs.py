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
OWNING = {"purchase_price": "600.00", "life_days": 1825, "worth_after": "50.00", "upkeep_per_year": "90.00"}
"""What a bike costs the operator, used or not."""
SELLER: dict[str, Any] = {
    "name": "Kaupunkipyörät Oy",
    "address": ["Toinen linja 7", "00530 Helsinki"],
    "country": "FI",
    "vat_number": "FI01116547",
    "invoice_prefix": "HKI-",
    "credit_note_prefix": "HKIC-",
    "default": True,
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
