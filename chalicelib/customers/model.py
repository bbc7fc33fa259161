"""A person who uses and an account that pays."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Customer:
    """A person. `subject` is the identity provider's id of the sign-in; `language` is for receipts and notices."""

    customer_id: str
    account_id: str
    subject: str
    language: str
    signed_up_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """Who pays. Its id is the pseudonym that books and exports hold."""

    account_id: str
    currency: str
    opened_at: datetime
    closed: bool = False
