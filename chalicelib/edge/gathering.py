"""Gather everything that is held about a customer, kind by kind, for the file that they get."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.billing.errors import PayerGone
from chalicelib.customers.holding import Holding, Whose
from chalicelib.edge.holdings import HOLDINGS, held_as
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import format_instant
from chalicelib.metering.usage import usages_of

if TYPE_CHECKING:
    from chalicelib.customers.data_file import DataFile
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.metering.model import Event

FORMAT = 1
_PAGE = 1000
_OTHERS = "staff, or the partner"
"""Instead of the ids of people who are not the customer."""
_OWN = (Whose.ACCOUNT, Whose.CUSTOMER, Whose.SUBJECT)
_COPY = "a copy, by which others find what is shown elsewhere in this file"


@dataclass(slots=True)
class _Found:
    """What has been found: by kind, and what no row describes."""

    items: dict[Holding, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    undescribed: list[Mapping[str, Any]] = field(default_factory=list)
    sessions: dict[str, None] = field(default_factory=dict)


def gathered(file: DataFile, wired: BackOffice) -> dict[str, Any]:
    """All of it, as JSON."""
    found, who = _Found(), {Whose.ACCOUNT: file.account_id, Whose.CUSTOMER: file.customer_id}
    every = [{**who, Whose.SUBJECT: each} for each in subjects_of(file.account_id, file.subject, wired)]
    for area, pk in dict.fromkeys(each for ids in every for each in _partitions(ids)):
        for sk, values in rows_of(area, pk, wired):
            _sort_in(found, area, pk, sk, _told(area, sk, values, file, wired))
    for session_id in found.sessions:
        _session(found, session_id, file.account_id, wired)
    for account_id in others_of(file.account_id, file.subject, wired):
        for session_id in _sessions_of(account_id, wired):
            _session(found, session_id, account_id, wired, file.customer_id)
    return {
        "format": FORMAT,
        "account_id": file.account_id,
        "customer_id": file.customer_id,
        "sign_in": file.subject,
        "as_of": format_instant(wired.now()),
        "holdings": [_shown(each, found.items.get(each, [])) for each in HOLDINGS],
        "payment_methods": _methods(file.account_id, wired),
        "undescribed": found.undescribed,
    }


def subjects_of(account_id: str, subject: str, wired: BackOffice) -> list[str]:
    """The sign-in by which a customer is known, and the one under which they agreed, if that was another."""
    agreement = wired.agreements.find(account_id)
    return list(dict.fromkeys([subject, *([agreement.subject] if agreement is not None else ())]))


def others_of(account_id: str, subject: str, wired: BackOffice) -> list[str]:
    """The accounts of others that a customer is in, or has been in."""
    found = {
        each.account_id for name in subjects_of(account_id, subject, wired) for each in wired.members.of_subject(name)
    }
    return sorted(found - {account_id})


def rows_of(area: str, pk: str, wired: BackOffice, prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All items of a partition, some at a time."""
    after: str | None = None
    while True:
        rows, after = wired.partitions.page(area, pk, prefix, limit=_PAGE, after=after)
        yield from rows
        if after is None:
            return


def session_in(sk: str) -> str | None:
    """The session that the key of one of an account's items names."""
    match sk.split("#"):
        case ["charged", _, session_id, _]:
            return session_id
        case ["open" | "reserved", session_id]:
            return session_id
        case _:
            return None


def _sessions_of(account_id: str, wired: BackOffice) -> Iterator[str]:
    """All of an account's, whoever used them."""
    for prefix in ("charged#", "open#", "reserved#"):
        named = (session_in(sk) for sk, _ in rows_of("access", f"account#{account_id}", wired, prefix))
        yield from dict.fromkeys(each for each in named if each is not None)


def _partitions(ids: Mapping[Whose, str]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((each.area, each.partition(ids)) for each in HOLDINGS if each.whose in _OWN))


def _sort_in(found: _Found, area: str, pk: str, sk: str, values: Mapping[str, Any]) -> None:
    row = {"key": sk, **values} if sk else values
    holding = held_as(area, pk, sk)
    if holding is None:
        found.undescribed.append({"area": area, **row})
        return
    found.items[holding].append(row)
    session_id = session_in(sk)
    if session_id is not None:
        found.sessions[session_id] = None


def _told(area: str, sk: str, values: Mapping[str, Any], file: DataFile, wired: BackOffice) -> Mapping[str, Any]:
    """What is packed in parts is read whole; who is not the customer is not named."""
    if sk.startswith("proofpart#"):
        return {}
    if sk.startswith("proof#"):
        return {**values, "proof": values.get("proof") or wired.billed.proof(file.account_id, int(sk.split("#")[1]))}
    return _unnamed(values) if area in {"billing", "access"} else values


def _unnamed(value: Any) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, Mapping):
        return {
            name: _OTHERS if (name == "by" or name.endswith("_by")) and isinstance(each, str) else _unnamed(each)
            for name, each in value.items()
        }
    return [_unnamed(each) for each in value] if isinstance(value, list) else value


def _session(
    found: _Found, session_id: str, account_id: str, wired: BackOffice, customer_id: str | None = None
) -> None:
    """A session with its places and events, where it is the account's own; of another's, only what was charged.

    With a customer, it has to be theirs too.
    """
    rows = [(pk, *row) for pk in (f"session#{session_id}",) for row in rows_of("access", pk, wired)]
    held = next((values for _, sk, values in rows if sk == "session"), {})
    if held.get("account_id") != account_id or customer_id not in (None, held.get("customer_id")):
        return
    rows += [(pk, *row) for pk in (f"position#{session_id}",) for row in rows_of("access", pk, wired)]
    for pk, sk, values in rows:
        _sort_in(found, "access", pk, sk, {"session_id": session_id, **_unnamed(values)})
    for usage in usages_of(wired.heads.all_of(session_id), heads=wired.heads):
        head = {
            "session_id": session_id,
            "month": str(usage.head.month),
            "totals": {str(series): plain(total.value) for series, total in usage.head.totals.items()},
            "events": [_event(each) for each in usage.everything],
        }
        _sort_in(found, "metering", f"subject#{session_id}", f"head#{usage.head.month}", head)


def _event(event: Event) -> Mapping[str, Any]:
    return {
        "source": event.source,
        "id": event.event_id,
        "time": _instant(event.time),
        "name": event.name,
        "value": None if event.value is None else plain(event.value),
        "place": event.place_id,
    }


def _instant(at: datetime) -> str:
    return format_instant(at)


def _shown(holding: Holding, items: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    shown = {
        "name": holding.name,
        "area": holding.area,
        "purpose": str(holding.purpose),
        "source": str(holding.source),
        "retention": holding.retention,
        "when_erased": str(holding.leaving),
    }
    return {**shown, "note": _COPY} if holding.is_copy else {**shown, "items": items}


def _methods(account_id: str, wired: BackOffice) -> list[Mapping[str, Any]]:
    """As the provider has them: of a card no more than its last four digits is known here, or shown."""
    payer = wired.billed.payer(account_id)
    if payer is None:
        return []
    try:
        methods = wired.payment_methods.of_customer(payer.provider_customer)
    except PayerGone:
        return []
    return [
        {"kind": each.kind, "brand": each.brand, "last4": each.last4, "expires": str(each.expires or "") or None}
        for each in methods
    ]
