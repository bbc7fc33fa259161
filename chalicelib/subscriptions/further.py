"""Agree for a further account: a family's or a firm's, by somebody who has agreed for themselves already."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.subscriptions.errors import TermsNotShown
from chalicelib.subscriptions.model import ACTIVE, PAY_PER_USE, Agreement


@dataclass(frozen=True, slots=True)
class Further:
    """Who agrees to which terms, for which account."""

    account_id: str
    customer_id: str
    subject: str
    language: str
    terms_version: str


def agreed_for(further: Further, *, terms_in_force: str, currency: str, now: datetime) -> Agreement:
    """The account's own agreement to pay-per-use, for whoever opens the account to store with it."""
    if further.terms_version != terms_in_force:
        raise TermsNotShown(pointer="/terms_version", accepted=further.terms_version[:40], in_force=terms_in_force)
    return Agreement(
        account_id=further.account_id,
        customer_id=further.customer_id,
        subject=further.subject,
        plan=PAY_PER_USE,
        terms_version=further.terms_version,
        state=ACTIVE,
        language=further.language,
        currency=currency,
        agreed_at=now,
    )
