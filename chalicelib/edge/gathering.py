"""Gather everything that is held about a customer, kind by kind, for the file that they get."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.customers.holding import Holding, Whose
from chalicelib.edge.holdings import HOLDINGS, held_as
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import format_instant
from chalicelib.metering.usage import usages_of

if TYPE_CHECKING:
    from chalicelib.customers.data_file import DataFile
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.metering.model import Event

_PAGE = 200
ROWS_AT_ONCE, SESSIONS_AT_ONCE = 5_000, 500
"""About so much is read in one run: of a session's twenty milliseconds each, ten seconds."""
_NAMING = ("charged#", "open#", "reserved#")
"""How the keys of an account's items begin that name its sessions."""
_OTHERS = "staff, or the partner"
"""Instead of the ids of people who are not the customer."""


@dataclass(slots=True)
class Found:
    """What has been found: by kind, and what no row describes. `rows` counts what was read."""

    items: dict[Holding, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    undescribed: list[Mapping[str, Any]] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    rows: int = 0

    @property
    def is_much(self) -> bool:
        """Whether it is enough for one run."""
        return self.rows >= ROWS_AT_ONCE or len(self.sessions) >= SESSIONS_AT_ONCE


def gather(file: DataFile, place: int, after: str | None, wired: BackOffice) -> tuple[Found, tuple[int, str] | None]:
    """What is held, from a place on: partition by partition, with the sessions that an account's items name.

    As much as one run has time for, and at which place to go on, and behind which key.
    """
    found, searched = Found(), _searched(file, wired)
    for at in range(place, len(searched)):
        where = searched[at]
        while True:
            rows, after = wired.partitions.page(where.area, where.pk, where.prefix, limit=_PAGE, after=after)
            for row in rows:
                _take(found, file, where, row, wired)
            if after is None:
                break
            if found.is_much:
                return found, (at, after)
        if found.is_much and at + 1 < len(searched):
            return found, (at + 1, "")
    return found, None


@dataclass(frozen=True, slots=True)
class _Where:
    """Where something of theirs is, or is named: all of it is theirs, or else the sessions that they used alone."""

    area: str
    pk: str
    prefix: str = ""
    own: bool = True


def _searched(file: DataFile, wired: BackOffice) -> list[_Where]:
    """All there is; accounts of others come last."""
    own = dict.fromkeys(each for ids in _ids(file, wired) for each in _partitions(ids))
    others = others_of(file.account_id, file.subject, wired) if file.customer_id else []
    used = [_Where("access", f"account#{each}", prefix, own=False) for each in others for prefix in _NAMING]
    return [*(_Where(*each) for each in own), *used]


def _take(found: Found, file: DataFile, where: _Where, row: tuple[str, Mapping[str, Any]], wired: BackOffice) -> None:
    (sk, values), area = row, where.area
    found.rows += 1
    if where.own:
        _sort_in(found, area, where.pk, sk, _told(area, sk, values, file, wired))
    session_id = session_in(sk) if area == "access" else None
    if session_id is None or session_id in found.sessions:
        return
    found.sessions.add(session_id)
    _session(found, session_id, where.pk.partition("#")[2], wired, None if where.own else file.customer_id)


def _ids(file: DataFile, wired: BackOffice) -> list[Mapping[Whose, str]]:
    """Of a person with each of their sign-ins; of an account of several people its own alone."""
    whose = {Whose.ACCOUNT: file.account_id}
    if not file.customer_id:
        return [whose]
    who = {**whose, Whose.CUSTOMER: file.customer_id}
    return [{**who, Whose.SUBJECT: each} for each in subjects_of(file.account_id, file.subject, wired)]


def subjects_of(account_id: str, subject: str, wired: BackOffice) -> list[str]:
    """The sign-in by which a customer is known, and all by which they were before."""
    agreement, known = wired.agreements.find(account_id), wired.customers.by_subject(subject)
    earlier = sorted(known.earlier) if known is not None else []
    return list(dict.fromkeys([subject, *([agreement.subject] if agreement is not None else ()), *earlier]))


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


def _partitions(ids: Mapping[Whose, str]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((each.area, each.partition(ids)) for each in HOLDINGS if each.whose in ids))


def _sort_in(found: Found, area: str, pk: str, sk: str, values: Mapping[str, Any]) -> None:
    row = {"key": sk, **values} if sk else values
    holding = held_as(area, pk, sk)
    if holding is None:
        found.undescribed.append({"area": area, **row})
        return
    found.items[holding].append(row)


def _told(area: str, sk: str, values: Mapping[str, Any], file: DataFile, wired: BackOffice) -> Mapping[str, Any]:
    """What is packed in parts is read whole; who is not the customer is not named."""
    if sk.startswith("proofpart#"):
        return {}
    if sk.startswith("proof#"):
        return {**values, "proof": wired.billed.proof(file.account_id, int(sk.split("#")[1]))}
    if sk.startswith("member#"):
        return {name: value for name, value in values.items() if name != "subject"}
    return _unnamed(values) if area in {"billing", "access"} else values


def _unnamed(value: Any) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, Mapping):
        return {
            name: _OTHERS if (name == "by" or name.endswith("_by")) and isinstance(each, str) else _unnamed(each)
            for name, each in value.items()
        }
    return [_unnamed(each) for each in value] if isinstance(value, list) else value


def _session(found: Found, session_id: str, account_id: str, wired: BackOffice, customer_id: str | None = None) -> None:
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
