"""Tax rates: Stripe keeps one object for each rate that it used, and archives it at once."""

import json

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.store import Fields, Store

_UNSAID = ("country", "description", "jurisdiction", "jurisdiction_level", "state", "tax_type")


def find(store: Store, data: Fields) -> str:
    """The id of the rate with exactly these data, made where there is none yet."""
    name = json.dumps(data, sort_keys=True, default=str)
    if name not in store.tax_rates:
        share = float(data["percentage"])
        fields: Fields = {
            **dict.fromkeys(_UNSAID),
            **data,
            "active": False,
            "effective_percentage": share,
            "flat_amount": None,
            "metadata": {},
            "percentage": share,
            "rate_type": "percentage",
        }
        store.tax_rates[name] = str(store.add("txr", "tax_rate", fields)["id"])
    return store.tax_rates[name]


def retrieve(call: Call) -> Fields:
    """One rate that was used."""
    return call.store.get("tax_rate", call.object_id)
