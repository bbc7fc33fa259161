"""All that belongs to one subscription, as the file that its customer has when it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.billing.statement import statement
from chalicelib.edge.subscription_file_shapes import FILE_DAYS
from chalicelib.kernel.quantity import plain
from chalicelib.kernel.time import Interval, Month, format_instant
from chalicelib.subscriptions.errors import UnknownTerms
from chalicelib.subscriptions.publishing import terms_of
from chalicelib.subscriptions.subscription import Lived

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from chalicelib.access.model import AccessSession
    from chalicelib.billing.statement import Statement
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.kernel.money import Money
    from chalicelib.rating import RatedLine
    from chalicelib.subscriptions.subscription import Pause, Phase, Subscription
    from chalicelib.subscriptions.terms import Acceptance

FORMAT = 1
Row = dict[str, Any]
_MOMENT = timedelta(microseconds=1)


def file_key(subscription_id: str) -> str:
    """Where it is in the bucket of customers' own files. Whoever may see the subscription is given a link to it."""
    return f"own/{subscription_id}.json"


def has_file(subscription: Subscription, now: datetime) -> bool:
    """Whether its customer has ended it, less than a week ago."""
    ended_at = subscription.ended_at
    return ended_at is not None and not subscription.ran_out and now < ended_at + FILE_DAYS


def file_of(subscription: Subscription, wired: BackOffice) -> Row:
    """Terms, members, acts, what was used at its fares, fees and documents, as JSON."""
    now, account_id = wired.now(), subscription.account_id
    within = Interval(subscription.subscribed_at, max(now, subscription.subscribed_at + _MOMENT))
    found = (each for each in wired.lives.lived(account_id, within) if _same(each, subscription))
    lived = next(found, Lived(subscription, (subscription.phase,), ()))  # which ended at the instant at which it began
    months = _months(within, wired.settings.zone)
    stated = [statement(account_id, each, wired.settings.currency, used=wired.used, now=now) for each in months]
    return {
        "format": FORMAT,
        "as_of": format_instant(now),
        "subscription_id": subscription.subscription_id,
        "account_id": account_id,
        "subscribed_by": subscription.by,
        "subscribed_at": format_instant(subscription.subscribed_at),
        "ended_at": subscription.ended_at and format_instant(subscription.ended_at),
        "why": subscription.why or None,
        "members": list(subscription.members),
        "uses_left": subscription.uses_left,
        "plans": [_phase(each) for each in lived.phases],
        "pauses": [_bounds(each) for each in lived.pauses],
        "agreed": [_agreed(each, wired) for each in _accepted(subscription, wired)],
        "uses": [each for month in stated for each in _uses(month, subscription, wired)],
        "fees": [each for month in stated for each in _fees(month, subscription)],
        "documents": [each for month in stated for each in _documents(month, subscription, wired)],
    }


def _same(lived: Lived, subscription: Subscription) -> bool:
    return lived.subscription.subscription_id == subscription.subscription_id


def _months(within: Interval, zone: str) -> Sequence[Month]:
    found, last = [Month.of(within.start, zone)], Month.of(within.end, zone)
    while found[-1] < last:
        found.append(found[-1].next)
    return found


def _accepted(subscription: Subscription, wired: BackOffice) -> Sequence[Acceptance]:
    return wired.lives.acceptances(subscription.account_id, subscription.subscription_id)


def _agreed(acceptance: Acceptance, wired: BackOffice) -> Row:
    said = acceptance.accepted
    try:
        terms, language = terms_of(said.version, [said.language], terms=wired.plans)
        text = terms.texts[language]
    except UnknownTerms:  # published terms stay; what is not there any more cannot be given
        text = ""
    return {
        "at": format_instant(acceptance.at),
        "by": acceptance.by,
        "plan": acceptance.plan_id,
        "version": acceptance.plan_version,
        "terms_version": said.version,
        "language": said.language,
        "sha256": said.digest,
        "terms": text,
        "confirmation": acceptance.confirmation,
    }


def _bounds(part: Phase | Pause) -> Row:
    return {"since": format_instant(part.since), "until": part.until and format_instant(part.until)}


def _phase(phase: Phase) -> Row:
    return {"plan": phase.plan_id, "version": phase.plan_version, "seats": phase.seats, **_bounds(phase)}


def _uses(stated: Statement, subscription: Subscription, wired: BackOffice) -> Iterator[Row]:
    """What was used at its fares, with what that came to in the month."""
    known = wired.sessions.many([use.use_id for use in stated.uses if use.held is None])
    for name, session in known.items():
        if _at_its_fare(session, subscription):
            yield {
                "session_id": name,
                "month": str(stated.month),
                "product": f"{session.partner_id}:{session.product_id}",
                "asset": session.asset_id,
                "member": session.customer_id,
                "started_at": format_instant(session.started_at),
                "ended_at": session.ended_at and format_instant(session.ended_at),
                "amount": _amount(stated.by_use[name], stated.currency),
            }


def _at_its_fare(session: AccessSession, subscription: Subscription) -> bool:
    fare = session.agreed.member_fare if session.agreed is not None else None
    return fare is not None and fare[0] == subscription.subscription_id


def _own(stated: Statement, subscription: Subscription) -> set[str]:
    return {
        use.use_id for use in stated.uses if use.held is not None and use.held.agreement == subscription.subscription_id
    }


def _fees(stated: Statement, subscription: Subscription) -> Iterator[Row]:
    """Each line of its fees, as it stands on the bill."""
    own = _own(stated, subscription)
    yield from (_line(stated.month, line) for line in stated.lines if line.use_id in own)


def _line(month: Month, line: RatedLine) -> Row:
    return {
        "month": str(month),
        "price": line.price_id,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "amount": _money(line.amount),
        "code": line.code,
        "facts": dict(line.facts),
    }


def _documents(stated: Statement, subscription: Subscription, wired: BackOffice) -> Iterator[Row]:
    """The bills and credit notes of each month in which it cost something; they may be for other things too."""
    account_id, month = stated.account_id, stated.month
    if not _own(stated, subscription):
        return
    for invoice in wired.billed.invoices(account_id, month):
        number = invoice.paper.number if invoice.paper is not None else None
        yield _document("invoice", invoice.invoice_id, number, month, invoice.total)
    for note in wired.issuing.notes.notes(account_id):
        if note.month == month:
            yield _document("credit_note", note.note_id, note.paper.number, month, note.total)


def _document(kind: str, name: str, number: str | None, month: Month, amount: Money) -> Row:
    return {"kind": kind, "id": name, "number": number, "month": str(month), "total": _money(amount)}


def _amount(minor: int, currency: str) -> Mapping[str, Any]:
    return {"minor": minor, "currency": currency}


def _money(amount: Money) -> Mapping[str, Any]:
    return _amount(amount.minor, amount.currency)
