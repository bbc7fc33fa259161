"""The agreement, and what a sign-up says."""

from dataclasses import dataclass
from datetime import datetime

PAY_PER_USE = "pay-per-use"
ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Agreement:
    """An account's agreement to a plan, under one version of the terms."""

    account_id: str
    customer_id: str
    subject: str
    plan: str
    terms_version: str
    state: str
    language: str
    currency: str
    agreed_at: datetime
