"""Customers in DynamoDB."""

from chalicelib.customers.errors import AccountClosed, AlreadySignedUp
from chalicelib.customers.model import Account, Customer
from chalicelib.customers.records import (
    AccountRecord,
    CustomerRecord,
    account_of,
    account_record,
    customer_of,
    customer_record,
)
from chalicelib.kernel.writes import Write
from chalicelib.storage.writes import Check, Put


class CustomerStore:
    """Satisfies `ports.Customers`."""

    def by_subject(self, subject: str) -> Customer | None:
        """One consistent read."""
        record = CustomerRecord.find(f"subject#{subject}", "customer")
        return customer_of(record) if record else None

    def account(self, account_id: str) -> Account | None:
        """One consistent read."""
        record = AccountRecord.find(f"account#{account_id}", "account")
        return account_of(record) if record else None

    def adding(self, customer: Customer, account: Account) -> list[Write]:
        """Both or neither."""
        return [
            Put(customer_record(customer), AlreadySignedUp(), CustomerRecord.pk.does_not_exist()),
            Put(account_record(account), AlreadySignedUp(), AccountRecord.pk.does_not_exist()),
        ]

    def account_is_open(self, account_id: str) -> Write:
        """A condition check on the account's item."""
        is_open = AccountRecord.closed == False  # noqa: E712 -- builds a DynamoDB condition
        return Check(AccountRecord, (f"account#{account_id}", "account"), is_open, AccountClosed())
