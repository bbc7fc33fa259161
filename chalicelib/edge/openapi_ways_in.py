"""Who may call an operation, and how they show it: the security schemes of each door's OpenAPI document."""

from chalicelib.customers.model import RIGHTS as RIGHTS_OF_ROLES
from chalicelib.customers.model import Right
from chalicelib.edge.callers import RIGHTS
from chalicelib.edge.key_callers import DEVICE
from chalicelib.edge.operation import Operation

_WAYS_IN: dict[str, dict[str, dict[str, object]]] = {
    "mobile": {
        "customer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "A customer's access token, of the customers' user pool",
        }
    },
    "partner": {
        "apiKey": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Api-Key",
            "description": "A partner's API key, adg_<test|live>_<keyid>_<secret>; a device's own, where that is said",
        },
        "bearer": {"type": "http", "scheme": "bearer", "description": "The same key as `Authorization: Bearer`"},
    },
    "finance": {
        "staff": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of the staff's user pool; the roles are its groups, one of which is needed",
        }
    },
    "workers": {
        "stripe": {
            "type": "apiKey",
            "in": "header",
            "name": "Stripe-Signature",
            "description": "Stripe's signature of the body",
        }
    },
}


def schemes(door: str) -> dict[str, dict[str, object]]:
    """The ways into a door."""
    return _WAYS_IN[door]


def security(door: str, each: Operation) -> list[dict[str, list[str]]]:
    """The ways in of which one is enough; none where everybody may come in."""
    if each.public and not each.signed:
        return []
    roles = [[group] for group in sorted(RIGHTS) if each.needs in RIGHTS[group]] or [[]]
    return [{way: groups} for way in schemes(door) for groups in roles]


def who(each: Operation) -> str | None:
    """What the ways in do not tell of who may."""
    if each.needs == DEVICE:
        return "A device's key may do this too, about its own asset."
    if each.needs in set(Right):
        roles = [str(role) for role, rights in RIGHTS_OF_ROLES.items() if each.needs in rights]
        return f"In another's account for these roles: {', '.join(roles)}."
    return "Whoever is signed in may, a customer or not." if each.anyone else None
