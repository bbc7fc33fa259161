"""What a document is for: sessions, and charges beside use, that its lines name or stand for, of whichever months."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chalicelib.billing.owed_model import CHARGED
from chalicelib.edge.tracing_billed import ADJUSTMENT, Settled, is_rolled_up
from chalicelib.kernel.time import Month

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.access.model import AccessSession, ChargeRecord
    from chalicelib.billing.owed_model import PartnerCharge
    from chalicelib.edge.tracing_billed import Document
    from chalicelib.edge.wiring_finance import BackOffice


class Concerned(NamedTuple):
    """What a document is for. `months` are all of whose use it bills something; of `fees`, subscriptions too."""

    sessions: list[AccessSession]
    charges: list[PartnerCharge]
    months: frozenset[Month]
    fees: frozenset[Month]


def concerned(document: Document, wired: BackOffice) -> Concerned:
    """What its lines name; of lines that stand for several, what was charged in its month.

    Then what corrected earlier months, and what other months left that was too small to be billed with them. Sessions
    that something was charged for beside use, which may be of long ago, come last.
    """
    settled, account_id, month = Settled.of(document.account_id, wired), document.account_id, document.month
    along, corrections = settled.taken_along(document), [settled.corrected_by(document)]
    named, rolled_up = {line.reference for line in document.lines}, is_rolled_up(document)
    charged = _charged(account_id, month, wired)
    sessions = [each.session for each in charged if rolled_up or each.session.session_id in named]
    for each in along:
        costs = [one for one in _charged(account_id, each, wired) if any(line["minor"] for line in one.lines)]
        sessions += [one.session for one in costs if not settled.is_billed(one.session.session_id, each)]
        corrections.append(settled.corrections_left(each))
    sessions += [record.session for found in corrections for records in found.values() for record in records]
    known = {each.session_id: each for each in sessions}
    adjusted = {Month.parse(line.reference) for line in document.lines if line.about == ADJUSTMENT}
    charges = [
        each
        for each in wired.charges.of_account(account_id)
        if each.state in CHARGED
        and (
            each.charge_id in named
            or (rolled_up and each.month == month)
            or (each.month in along and not settled.is_billed(each.charge_id, each.month))
            or (each.month in adjusted and each.countered(document.issued_at).minor)
        )
    ]
    others = wired.sessions.many(sorted({each.session_id for each in charges} - known.keys()))
    corrected = {each for found in corrections for each in found}
    plans = {each for one in along for each in settled.plans_corrected(one)}
    plans |= adjusted.intersection(settled.plans_corrected(month))
    months = frozenset({month, *along, *adjusted, *corrected, *plans})
    fees = frozenset({month, *plans, *(each for each in along if not settled.bills_fees(each))})
    return Concerned([*known.values(), *others.values()], charges, months, fees)


def _charged(account_id: str, month: Month, wired: BackOffice) -> Sequence[ChargeRecord]:
    return wired.sessions.charged(account_id, month.interval(wired.settings.zone))
