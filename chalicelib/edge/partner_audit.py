"""Every read of a customer's data at the partner door is recorded for the customer before it is done.

One table says of each such route what is read and which session it is about. A read that cannot be recorded is refused.
Lists are in it by what a partner then opens; under which names a list shows customers, `pseudonyms` says. Only the list
of subscriptions is a read by itself, of those whom the partner knows again in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from chalicelib.edge.lazily import lazily

if TYPE_CHECKING:
    from chalicelib.access.model import AccessSession
    from chalicelib.customers import accesses, consent
    from chalicelib.edge import usage
    from chalicelib.edge.call import Call
    from chalicelib.edge.operation import Operation
    from chalicelib.edge.wiring import Wiring
    from chalicelib.partners.model import ApiKey
    from chalicelib.subscriptions.subscription import Subscription
else:
    accesses = lazily("chalicelib.customers.accesses")
    usage = lazily("chalicelib.edge.usage")

Named = Mapping[str, str]
_AT_ONCE: Final = 100
"""So many records are stored in one transaction."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a route reads, and how the session is found that it is about: of what the path and the query say."""

    kind: str
    session: Callable[[Wiring, Named], str]


def _session(_wired: Wiring, named: Named) -> str:
    return named["session_id"]


def _subject(_wired: Wiring, named: Named) -> str:
    return named["subject"]


def _of_event(_wired: Wiring, named: Named) -> str:
    return usage.reference_parts(named["reference"])[1]


def _of_charge(wired: Wiring, named: Named) -> str:
    charge = wired.charges.find(named["charge_id"])
    return (charge.session_id or "") if charge is not None else ""


def _of_case(wired: Wiring, named: Named) -> str:
    case = wired.cases.find(named["case_id"])
    return (case.session_id or "") if case is not None else ""


READS: Mapping[tuple[str, str], Read] = MappingProxyType(
    {
        ("GET", "/v1/sessions/{session_id}/timeline"): Read("session", _session),
        ("GET", "/v1/usage/{subject}"): Read("usage", _subject),
        ("GET", "/v1/usage/{subject}/chart"): Read("usage", _subject),
        ("GET", "/v1/usage/{subject}/events"): Read("usage", _subject),
        ("GET", "/v1/events"): Read("usage", _subject),
        ("GET", "/v1/events/{reference}"): Read("usage", _of_event),
        ("GET", "/v1/charges/{charge_id}"): Read("charge", _of_charge),
        ("GET", "/v1/charges/{charge_id}/evidence/{sha256}"): Read("evidence", _of_charge),
        ("GET", "/v1/cases/{case_id}"): Read("case", _of_case),
    }
)


def record_read(declared: Operation, call: Call[ApiKey, Any], named: Mapping[str, str], wired: Wiring) -> None:
    """Record the read for each account that takes part in the session, if the session is the partner's own."""
    read = READS.get((declared.method, declared.path))
    query = msgspec.structs.asdict(call.query) if call.query is not None else {}
    asked = {**{name: str(value) for name, value in query.items()}, **named}
    session_id = read.session(wired, asked) if read is not None else ""
    session = wired.sessions.find(session_id) if session_id else None
    if read is None or session is None or session.partner_id != call.caller.partner_id:
        return
    route = f"{declared.method} {declared.path}"
    _record([(account_id, session.session_id) for account_id in _accounts(session)], read.kind, route, call, wired)


def record_linked(
    seen: Sequence[tuple[Subscription, Sequence[consent.Consent]]], call: Call[ApiKey, Any], wired: Wiring
) -> None:
    """Record that subscriptions were seen under names that last: for their accounts, and who is named in their own."""
    read = [
        (account_id, each.subscription_id)
        for each, named in seen
        if named
        for account_id in dict.fromkeys([each.account_id, *(one.account_id for one in named)])
    ]
    for start in range(0, len(read), _AT_ONCE):
        _record(read[start : start + _AT_ONCE], "subscription", "GET /v1/subscriptions", call, wired)


def _record(read: Sequence[tuple[str, str]], kind: str, route: str, call: Call[ApiKey, Any], wired: Wiring) -> None:
    """For each account, about which of its things."""
    found = (
        accesses.Access(
            account_id=account_id,
            at=call.now,
            name=wired.random_bytes(8).hex(),
            by=call.caller.partner_id,
            kind=kind,
            about=about,
            route=route,
        )
        for account_id, about in read
    )
    wired.commit([wired.accesses.recording(each) for each in found], None)


def _accounts(session: AccessSession) -> list[str]:
    return list(dict.fromkeys([session.account_id, *(each.account_id for each in session.parts)]))
