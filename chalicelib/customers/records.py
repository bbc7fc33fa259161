"""Customers as items.

subject#<sign-in>   customer                          the person behind a sign-in
account#<id>        account                           who pays
customer#<id>       shown#<kind>                      what the customer has shown of a kind
customer#<id>       consent#<purpose>                 a consent as it stands
customer#<id>       consented#<purpose>#<revision>    an act on it
"""

from typing import Any

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute, UnicodeSetAttribute

from chalicelib.customers.consent import Consent
from chalicelib.customers.eligibility import Checked
from chalicelib.customers.model import Account, Customer, Kind
from chalicelib.kernel.requirement import Shown
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
    ward = BooleanAttribute(null=True)
    linked_at = InstantAttribute(null=True)
    earlier: Any = UnicodeSetAttribute(null=True)


class AccountRecord(Record):
    """An account."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    currency = UnicodeAttribute()
    opened_at = InstantAttribute()
    closed = BooleanAttribute()
    kind = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)


class ShownRecord(Record):
    """What a customer has shown of a kind: the result alone."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    account_id = UnicodeAttribute()
    source = UnicodeAttribute()
    checked_at = InstantAttribute()
    valid_until = InstantAttribute()
    at_least = NumberAttribute(null=True)
    details: Any = UnicodeSetAttribute(null=True)


class ConsentRecord(Record):
    """A consent as it stands, or an act on it."""

    class Meta:
        """Owned by customers."""

        table_name = TableName("customers")

    purpose = UnicodeAttribute()
    version = UnicodeAttribute()
    given = BooleanAttribute()
    at = InstantAttribute()
    by = UnicodeAttribute()
    account_id = UnicodeAttribute()
    revision = NumberAttribute()
    known_as = UnicodeAttribute(null=True)


def person(customer_id: str) -> str:
    """Where a customer's own items are."""
    return f"customer#{customer_id}"


def shown_record(checked: Checked) -> ShownRecord:
    """The item of what was shown."""
    return ShownRecord(
        pk=person(checked.customer_id),
        sk=f"shown#{checked.kind}",
        account_id=checked.account_id,
        source=checked.source,
        checked_at=checked.checked_at,
        valid_until=checked.valid_until,
        at_least=checked.at_least,
        details=set(checked.details) or None,
    )


def checked_of(record: ShownRecord) -> Checked:
    """What an item says was shown."""
    return Checked(
        customer_id=record.pk.removeprefix("customer#"),
        account_id=record.account_id,
        kind=Shown(record.sk.removeprefix("shown#")),
        source=record.source,
        checked_at=record.checked_at,
        valid_until=record.valid_until,
        at_least=None if record.at_least is None else int(record.at_least),
        details=tuple(sorted(record.details or ())),
    )


def consent_record(consent: Consent) -> ConsentRecord:
    """The item of a consent as it stands."""
    return _consent(consent, f"consent#{consent.purpose}")


def consented_record(consent: Consent) -> ConsentRecord:
    """The item of an act on a consent; fixed width, so that key order is the order of acts."""
    return _consent(consent, f"consented#{consent.purpose}#{consent.revision:08d}")


def _consent(consent: Consent, sk: str) -> ConsentRecord:
    return ConsentRecord(
        pk=person(consent.customer_id),
        sk=sk,
        purpose=consent.purpose,
        version=consent.version,
        given=consent.given,
        at=consent.at,
        by=consent.by,
        account_id=consent.account_id,
        revision=consent.revision,
        known_as=consent.known_as,
    )


def consent_of(record: ConsentRecord) -> Consent:
    """The consent of an item."""
    customer_id = record.pk.removeprefix("customer#")
    said = (record.purpose, record.version, record.given, record.at, record.by)
    return Consent(customer_id, *said, record.account_id, int(record.revision), record.known_as)


def customer_record(customer: Customer) -> CustomerRecord:
    """The item of a customer."""
    return CustomerRecord(
        pk=f"subject#{customer.subject}",
        sk="customer",
        customer_id=customer.customer_id,
        account_id=customer.account_id,
        language=customer.language,
        signed_up_at=customer.signed_up_at,
        ward=customer.ward or None,
        earlier=set(customer.earlier) or None,
    )


def customer_of(record: CustomerRecord) -> Customer:
    """The customer of an item."""
    subject = record.pk.removeprefix("subject#")
    said = (record.customer_id, record.account_id, subject, record.language, record.signed_up_at)
    earlier = frozenset(record.earlier or ())
    return Customer(*said, ward=bool(record.ward), linked=record.linked_at is not None, earlier=earlier)


def account_record(account: Account) -> AccountRecord:
    """The item of an account."""
    return AccountRecord(
        pk=f"account#{account.account_id}",
        sk="account",
        currency=account.currency,
        opened_at=account.opened_at,
        closed=account.closed,
        kind=None if account.kind is Kind.PERSON else str(account.kind),
        name=account.name or None,
    )


def account_of(record: AccountRecord) -> Account:
    """The account of an item."""
    account_id, kind = record.pk.removeprefix("account#"), Kind(record.kind or Kind.PERSON)
    return Account(account_id, record.currency, record.opened_at, record.closed, kind, record.name or "")
