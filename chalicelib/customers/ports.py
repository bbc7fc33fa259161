"""What this area needs from outside."""

from typing import Protocol

from chalicelib.customers.model import Account, Customer
from chalicelib.kernel.writes import Write


class Customers(Protocol):
    """Where customers and accounts are kept."""

    def by_subject(self, subject: str) -> Customer | None:
        """The customer of a sign-in, or None."""

    def account(self, account_id: str) -> Account | None:
        """The account, or None."""

    def adding(self, customer: Customer, account: Account) -> list[Write]:
        """Store a new customer with a new account, unless the sign-in has one."""

    def account_is_open(self, account_id: str) -> Write:
        """Let nothing be written unless the account is open."""
