"""Agreements as items.

account#<id>        agreement   the account's agreement
subject#<sign-in>   agreement   that the sign-in has one, and which account it opened
"""

from pynamodb.attributes import UnicodeAttribute

from chalicelib.storage.attributes import InstantAttribute
from chalicelib.storage.record import Record, TableName
from chalicelib.subscriptions.model import Agreement


class AgreementRecord(Record):
    """An agreement."""

    class Meta:
        """Owned by subscriptions."""

        table_name = TableName("subscriptions")

    customer_id = UnicodeAttribute()
    subject = UnicodeAttribute()
    plan = UnicodeAttribute()
    terms_version = UnicodeAttribute()
    state = UnicodeAttribute()
    language = UnicodeAttribute()
    currency = UnicodeAttribute()
    agreed_at = InstantAttribute()


class SignedUpRecord(Record):
    """That a sign-in has an agreement."""

    class Meta:
        """Owned by subscriptions."""

        table_name = TableName("subscriptions")

    account_id = UnicodeAttribute()


def agreement_record(agreement: Agreement) -> AgreementRecord:
    """The item of an agreement."""
    return AgreementRecord(
        pk=f"account#{agreement.account_id}",
        sk="agreement",
        customer_id=agreement.customer_id,
        subject=agreement.subject,
        plan=agreement.plan,
        terms_version=agreement.terms_version,
        state=agreement.state,
        language=agreement.language,
        currency=agreement.currency,
        agreed_at=agreement.agreed_at,
    )


def agreement_of(record: AgreementRecord) -> Agreement:
    """The agreement of an item."""
    return Agreement(
        account_id=record.pk.removeprefix("account#"),
        customer_id=record.customer_id,
        subject=record.subject,
        plan=record.plan,
        terms_version=record.terms_version,
        state=record.state,
        language=record.language,
        currency=record.currency,
        agreed_at=record.agreed_at,
    )
