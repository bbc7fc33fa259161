"""Customers in DynamoDB."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.customers.consent import Consent
from chalicelib.customers.eligibility import Checked
from chalicelib.customers.errors import AccountClosed, AlreadyLinked, AlreadySignedUp, ConsentChanged, ShownMeanwhile
from chalicelib.customers.members import SignedIn
from chalicelib.customers.model import Account, Customer
from chalicelib.customers.records import (
    AccountRecord,
    ConsentRecord,
    CustomerRecord,
    ShownRecord,
    account_of,
    account_record,
    checked_of,
    consent_of,
    consent_record,
    consented_record,
    customer_of,
    customer_record,
    person,
    shown_record,
)
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.requirement import Requirement, Shown
from chalicelib.kernel.time import format_instant
from chalicelib.kernel.writes import Write
from chalicelib.storage.outbox import message
from chalicelib.storage.reads import Items, find_all
from chalicelib.storage.record import Record
from chalicelib.storage.timers import Timer, setting
from chalicelib.storage.writes import Change, Check, Put

EXPIRING, SHOWN = "customers.expiring", "customers.shown"


class CustomerStore:
    """Satisfies `ports.Customers`."""

    def by_subject(self, subject: str) -> Customer | None:
        """One consistent read."""
        return self.signed_in(subject).fetch().customer

    def signed_in(self, subject: str, chosen: str | None = None) -> Items[SignedIn]:
        """One item; with an account that was chosen two, of one partition."""
        own = (CustomerRecord, f"subject#{subject}", "customer")
        if chosen is None:
            return Items([own], lambda found: SignedIn(_customer_in(found[0])))
        from chalicelib.customers import member_items as items  # noqa: PLC0415 -- most calls choose none

        def made(found: Sequence[Record | None]) -> SignedIn:
            customer, member = found
            there = items.member_of(member) if isinstance(member, items.MemberRecord) else None
            return SignedIn(_customer_in(customer), chosen, there)

        return Items([own, (items.MemberRecord, *items.in_account(subject, chosen))], made)

    def account(self, account_id: str) -> Account | None:
        """One consistent read."""
        record = AccountRecord.find(f"account#{account_id}", "account")
        return account_of(record) if record else None

    def adding(self, customer: Customer, account: Account) -> list[Write]:
        """Both or neither."""
        grown = (CustomerRecord.ward == True) & (CustomerRecord.customer_id == customer.customer_id)  # noqa: E712 -- as below
        return [
            Put(customer_record(customer), AlreadySignedUp(), CustomerRecord.pk.does_not_exist() | grown),
            Put(account_record(account), AlreadySignedUp(), AccountRecord.pk.does_not_exist()),
        ]

    def linking(self, customer: Customer, subject: str, now: datetime) -> Sequence[Write]:
        """The new item as the old one, which stays to say so, and is known there as an earlier one."""
        old, earlier = CustomerRecord(f"subject#{customer.subject}", "customer"), customer.earlier | {customer.subject}
        new = replace(customer, subject=subject, earlier=earlier)
        theirs = (CustomerRecord.customer_id == customer.customer_id) & CustomerRecord.linked_at.does_not_exist()
        return [
            Put(customer_record(new), AlreadySignedUp(), CustomerRecord.pk.does_not_exist()),
            Change(old, [CustomerRecord.linked_at.set(now)], AlreadyLinked(), theirs),
        ]

    def account_is_open(self, account_id: str) -> Write:
        """A condition check on the account's item."""
        is_open = AccountRecord.closed == False  # noqa: E712 -- builds a DynamoDB condition
        return Check(AccountRecord, (f"account#{account_id}", "account"), is_open, AccountClosed())


def _customer_in(record: Record | None) -> Customer | None:
    return customer_of(record) if isinstance(record, CustomerRecord) else None


class ShownStore:
    """Satisfies `ports.Shows`."""

    def shown(self, customer_id: str, kind: Shown) -> Checked | None:
        """One consistent read."""
        record = ShownRecord.find(person(customer_id), f"shown#{kind}")
        return checked_of(record) if record else None

    def all_shown(self, customer_id: str) -> Sequence[Checked]:
        """One query."""
        rows = ShownRecord.listed(person(customer_id), ShownRecord.sk.startswith("shown#"))
        return [checked_of(each) for each in rows]

    def showing(self, checked: Checked, told_at: datetime) -> Sequence[Write]:
        """Unless something newer was shown; a timer, and a message to who asks for such things."""
        newest = ShownRecord.pk.does_not_exist() | (ShownRecord.checked_at <= checked.checked_at)
        facts = {"customer_id": checked.customer_id, "kind": str(checked.kind)}
        at, whose = format_instant(checked.checked_at), {**facts, "account_id": checked.account_id}
        timer = Timer(told_at, EXPIRING, {**facts, "valid_until": format_instant(checked.valid_until)})
        return [
            Put(shown_record(checked), ShownMeanwhile(kind=str(checked.kind)), newest),
            setting(timer, checked.checked_at),
            message(SHOWN, f"{checked.customer_id}#{checked.kind}#{at}", {**whose, "at": at}, checked.checked_at),
        ]

    def telling(self, checked: Checked, code: str, at: datetime) -> Write:
        """A message to the worker."""
        until, kind = format_instant(checked.valid_until), str(checked.kind)
        facts = {"account_id": checked.account_id, "about": kind, "code": code, "told_at": format_instant(at)}
        said = {**facts, "kind": kind, "valid_until": until}
        return message("dialogue.tell", f"{checked.customer_id}#{kind}#{code}#{until}", said, at)

    def has_shown(self, customer_id: str, requirement: Requirement, now: datetime, otherwise: Refusal) -> Write:
        """A condition check on the item of its kind."""
        enough = ShownRecord.valid_until > now
        if requirement.at_least is not None:
            enough &= ShownRecord.at_least >= requirement.at_least
        if requirement.detail is not None:
            enough &= ShownRecord.details.contains(requirement.detail)
        return Check(ShownRecord, (person(customer_id), f"shown#{requirement.kind}"), enough, otherwise)


class ConsentStore:
    """Satisfies `ports.Consents`."""

    def consent(self, customer_id: str, purpose: str) -> Consent | None:
        """One consistent read."""
        record = ConsentRecord.find(person(customer_id), f"consent#{purpose}")
        return consent_of(record) if record else None

    def consents(self, customer_id: str) -> Sequence[Consent]:
        """One query."""
        rows = ConsentRecord.listed(person(customer_id), ConsentRecord.sk.startswith("consent#"))
        return [consent_of(each) for each in rows]

    def agreed_by(self, customer_ids: Collection[str], purpose: str) -> Mapping[str, Consent]:
        """One read for a hundred of them."""
        wanted = [(ConsentRecord, person(each), f"consent#{purpose}") for each in sorted(set(customer_ids))]
        found = [consent_of(each) for each in find_all(wanted) if isinstance(each, ConsentRecord)]
        return {each.customer_id: each for each in found if each.given}

    def history(self, customer_id: str, purpose: str) -> Sequence[Consent]:
        """One query."""
        rows = ConsentRecord.listed(person(customer_id), ConsentRecord.sk.startswith(f"consented#{purpose}#"))
        return [consent_of(each) for each in rows]

    def changing(self, consent: Consent) -> Sequence[Write]:
        """On the revision before."""
        changed, before = ConsentChanged(purpose=consent.purpose), consent.revision - 1
        as_before = ConsentRecord.revision == before if before else ConsentRecord.pk.does_not_exist()
        return [
            Put(consent_record(consent), changed, as_before),
            Put(consented_record(consent), changed, ConsentRecord.pk.does_not_exist()),
        ]

    def has_agreed(self, customer_id: str, purpose: str, version: str, otherwise: Refusal) -> Write:
        """A condition check on the consent's item."""
        agrees = (ConsentRecord.given == True) & (ConsentRecord.version == version)  # noqa: E712 -- as above
        return Check(ConsentRecord, (person(customer_id), f"consent#{purpose}"), agrees, otherwise)
