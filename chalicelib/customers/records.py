"""Customers as items.

subject#<sign-in>   customer   the person behind a sign-in
account#<id>        account    who pays
"""

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.customers.model import Account, Customer
from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName


class CustomerRecord(Record):
    """A person."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    customer_id = UnicodeAttribute()
    account_id = UnicodeAttribute()
    language = UnicodeAttribute()
    signed_up_at = InstantAttribute()


class AccountRecord(Record):
    """An account."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    currency = UnicodeAttribute()
    opened_at = InstantAttribute()
    closed = BooleanAttribute()


def customer_record(customer: Customer) -> CustomerRecord:
    """The item of a customer."""
    return CustomerRecord(
        pk=f"subject#{customer.subject}",
        sk="customer",
        customer_id=customer.customer_id,
        account_id=customer.account_id,
        language=customer.language,
        signed_up_at=customer.signed_up_at,
    )


def customer_of(record: CustomerRecord) -> Customer:
    """The customer of an item."""
    subject = record.pk.removeprefix("subject#")
    return Customer(record.customer_id, record.account_id, subject, record.language, record.signed_up_at)


def account_record(account: Account) -> AccountRecord:
    """The item of an account."""
    return AccountRecord(
        pk=f"account#{account.account_id}",
        sk="account",
        currency=account.currency,
        opened_at=account.opened_at,
        closed=account.closed,
    )


def account_of(record: AccountRecord) -> Account:
    """The account of an item."""
    return Account(record.pk.removeprefix("account#"), record.currency, record.opened_at, record.closed)
