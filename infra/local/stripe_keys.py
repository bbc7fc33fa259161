"""Each door's restricted key of the double: it makes the calls that the README says it needs, and no other."""

from collections.abc import Mapping
from typing import Literal

from infra.local.stripe_double.table import ROUTES

Right = Literal["read", "write"]

RIGHTS: Mapping[str, Mapping[str, Right]] = {
    "mobile": {
        "customers": "write",
        "setup_intents": "write",
        "payment_methods": "write",
        "payment_intents": "write",
    },
    "partner": {"accounts": "write", "account_links": "write"},
    "workers": {
        "customers": "write",
        "setup_intents": "read",
        "payment_methods": "write",
        "invoices": "write",
        "payment_intents": "write",
        "charges": "read",
        "credit_notes": "write",
        "refunds": "write",
        "transfers": "write",
        "accounts": "read",
        "tax": "write",
        "disputes": "read",
        "balance": "read",
    },
}
"""By door, what its key may read, or change too."""
_PART_OF = {"invoice_payments": "invoices", "balance_transactions": "balance"}


def key_of(door: str) -> str:
    """The door's key in the local run."""
    return f"rk_test_local_{door}"


def restricted_keys() -> dict[str, frozenset[str]]:
    """The calls that each key makes, by the double's names."""
    return {key_of(door): frozenset(_calls(rights)) for door, rights in RIGHTS.items()}


def _calls(rights: Mapping[str, Right]) -> list[str]:
    found = []
    for route in ROUTES:
        resource = route.name.partition(".")[0]
        right = rights.get(_PART_OF.get(resource, resource))
        if right == "write" or (right == "read" and route.method == "GET"):
            found.append(route.name)
    return found
