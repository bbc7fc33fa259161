"""Agree to a plan."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.kernel.ids import RandomBytes, new_id
from chalicelib.kernel.writes import Commit
from chalicelib.subscriptions.errors import TermsNotShown
from chalicelib.subscriptions.model import ACTIVE, PAY_PER_USE, Agreement
from chalicelib.subscriptions.ports import Agreements


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody who is signed in says to become a customer. Who is one already, as a minor was, keeps their id."""

    subject: str
    language: str
    terms_version: str
    customer_id: str | None = None


def sign_up(
    command: SignUp,
    *,
    terms_in_force: str,
    currency: str,
    agreements: Agreements,
    random_bytes: RandomBytes,
    now: datetime,
    commit: Commit,
) -> Agreement:
    """Agree to pay-per-use. The account is opened by the worker that hears of it; until then nothing can be used."""
    if command.terms_version != terms_in_force:
        raise TermsNotShown(pointer="/terms_version", accepted=command.terms_version[:40], in_force=terms_in_force)
    agreement = Agreement(
        account_id=new_id("acc", random_bytes),
        customer_id=command.customer_id or new_id("cus", random_bytes),
        subject=command.subject,
        plan=PAY_PER_USE,
        terms_version=command.terms_version,
        state=ACTIVE,
        language=command.language,
        currency=currency,
        agreed_at=now,
    )
    return commit(agreements.adding(agreement, now), agreement)
