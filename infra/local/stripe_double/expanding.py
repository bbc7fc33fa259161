"""`expand`: replaces ids by their objects, and adds the members that Stripe shows only on request."""

from collections.abc import Callable
from typing import Any

from infra.local.stripe_double import tax_calculations, taxes
from infra.local.stripe_double.errors import StripeRefusal
from infra.local.stripe_double.store import Fields, Store

DEEPEST = 4


def _payments(store: Store, invoice: Fields) -> Fields:
    rows = store.payments.get(invoice["id"], [])
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/invoice_payments"}


def _confirmation_secret(store: Store, invoice: Fields) -> Fields | None:
    rows = store.payments.get(invoice["id"], [])
    if not rows:
        return None
    return {"client_secret": store.client_secret(rows[0]["payment"]["payment_intent"]), "type": "payment_intent"}


_ON_REQUEST: dict[tuple[str, str], Callable[[Store, Fields], Fields | list[Fields] | None]] = {
    ("customer", "tax"): taxes.shown_of,
    ("invoice", "payments"): _payments,
    ("tax.calculation", "line_items"): tax_calculations.shown_lines,
    ("tax.calculation_line_item", "tax_breakdown"): tax_calculations.shown_split,
    ("tax.transaction", "line_items"): tax_calculations.shown_lines,
    ("invoice", "confirmation_secret"): _confirmation_secret,
}


def must_not_be_too_deep(paths: list[str]) -> None:
    """Refuse what goes too deep, before anything is done."""
    if any(len(path.removeprefix("data.").split(".")) > DEEPEST for path in paths):
        raise StripeRefusal(f"You cannot expand more than {DEEPEST} levels of a property.", param="expand")


def expanded(store: Store, shown: Fields, paths: list[str]) -> Fields:
    """The answer, or a copy of it with every path expanded."""
    if not paths:
        return shown
    answer: Fields = copied(shown)
    for path in paths:
        _expand(store, answer, path.split("."), path)
    return answer


def _expand(store: Store, place: Fields, steps: list[str], path: str) -> None:
    step, rest = steps[0], steps[1:]
    make = _ON_REQUEST.get((place.get("object", ""), step))
    if make and not isinstance(place.get(step), dict):
        place[step] = copied(make(store, place))
    elif step not in place:
        raise StripeRefusal(f"This property cannot be expanded ({path}).", param="expand")
    elif isinstance(place[step], str):
        place[step] = _object(store, place[step], path)
    for inner in place[step] if isinstance(place[step], list) else [place[step]]:
        if rest and isinstance(inner, dict):
            _expand(store, inner, rest, path)


def _object(store: Store, object_id: str, path: str) -> Fields:
    found = store.by_id(object_id)
    if found is None:
        raise StripeRefusal(f"This property cannot be expanded ({path}).", param="expand")
    shown: Fields = copied(store.shown(found))
    return shown


def copied(shown: Any) -> Any:  # noqa: ANN401 -- a JSON value
    """A copy of a JSON value, in a fifth of the time that `copy.deepcopy` takes over values of all kinds."""
    if isinstance(shown, dict):
        return {name: copied(each) for name, each in shown.items()}
    return [copied(each) for each in shown] if isinstance(shown, list) else shown
