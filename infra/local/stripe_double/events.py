"""Events: what happened, in Stripe's words, with the object as it was then."""

from infra.local.stripe_double.call import Call
from infra.local.stripe_double.listing import list_of
from infra.local.stripe_double.store import Fields


def retrieve(call: Call) -> Fields:
    """One event."""
    return call.store.get("event", call.object_id)


def list_all(call: Call) -> Fields:
    """Events, newest first, of one type or several."""
    types = call.arguments.get("types")

    def keep(row: Fields) -> bool:
        return types is None or row["type"] in types

    return list_of(call, "event", "/v1/events", "type", keep=keep)
