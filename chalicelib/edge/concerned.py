"""What an invoice is for: sessions, and charges beside use, that its lines name or that its products stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.billing.owed_model import CHARGED
from chalicelib.rating.stated import CHARGE_KINDS, class_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.access.model import AccessSession
    from chalicelib.billing.model import Invoice
    from chalicelib.billing.owed_model import PartnerCharge
    from chalicelib.edge.wiring_finance import BackOffice

CLASSES = frozenset(class_of(kind) for kind in CHARGE_KINDS)
"""What lines about charges beside use are about."""


def sessions_of(invoice: Invoice, wired: BackOffice) -> list[AccessSession]:
    """Those that its lines name; where they name products, those that were charged in its month.

    Then those that something was charged for beside use, which may be of long ago.
    """
    charged = wired.sessions.charged(invoice.account_id, invoice.month.interval(wired.settings.zone))
    named = {line.reference for line in invoice.lines if line.about == "session"}
    found = [each.session for each in charged if _is_rolled_up(invoice) or each.session.session_id in named]
    known = {each.session_id for each in found}
    others = {each.session_id for each in charges_of(invoice, wired)} - known
    return [*found, *wired.sessions.many(sorted(others)).values()]


def charges_of(invoice: Invoice, wired: BackOffice) -> Sequence[PartnerCharge]:
    """Those that its lines name; where they name products, those that were charged in its month."""
    named = {line.reference for line in invoice.lines if line.about in CLASSES}
    every = [each for each in wired.charges.of_account(invoice.account_id) if each.state in CHARGED]
    return [
        each for each in every if each.charge_id in named or (_is_rolled_up(invoice) and each.month == invoice.month)
    ]


def _is_rolled_up(invoice: Invoice) -> bool:
    """Whether no line names what it is for, or one stands for several."""
    about = {line.about for line in invoice.lines}
    return not about & {"session", "subscription", *CLASSES} or bool(about & {"product", "others"})
