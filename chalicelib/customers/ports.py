"""What this area needs from outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from chalicelib.customers.model import Account, Customer
from chalicelib.kernel.errors import Refusal
from chalicelib.kernel.reads import Read
from chalicelib.kernel.requirement import Requirement, Shown
from chalicelib.kernel.writes import Write

if TYPE_CHECKING:  # these use the ports
    from chalicelib.customers.consent import Consent
    from chalicelib.customers.eligibility import Checked
    from chalicelib.customers.invitations import Invitation
    from chalicelib.customers.members import Member, SignedIn, Told
    from chalicelib.customers.roll import Roll


class Customers(Protocol):
    """Where customers and accounts are kept."""

    def by_subject(self, subject: str) -> Customer | None:
        """The customer of a sign-in, or None."""

    def signed_in(self, subject: str, chosen: str | None = None) -> Read[SignedIn]:
        """The same, to be read with something else; and what they are in the account that they chose."""

    def account(self, account_id: str) -> Account | None:
        """The account, or None."""

    def adding(self, customer: Customer, account: Account) -> list[Write]:
        """Store a new customer with a new account, unless the sign-in has one; who came as a minor gets theirs so."""

    def linking(self, customer: Customer, subject: str, now: datetime) -> Sequence[Write]:
        """Have the customer known by another sign-in, if nobody is yet, and by the old one no more."""

    def account_is_open(self, account_id: str) -> Write:
        """Let nothing be written unless the account is open."""


class Members(Protocol):
    """Where is kept who is in which account."""

    def member(self, account_id: str, customer_id: str) -> Member | None:
        """What somebody is or was in an account that is not their own, or None."""

    def may_use(self, account_id: str, customer_id: str, turn: int | None) -> Write:
        """Let nothing be written unless they are in the account, in a role that uses.

        Nor if an own limit has moved since that turn, and move it; None: nor if they have one.
        """

    def roll(self, account_id: str) -> Roll | None:
        """Who is in an account, or None where it is one person's or not there."""

    def of_subject(self, subject: str) -> Sequence[Member]:
        """What a sign-in's person is or was in accounts of others."""

    def accounts(self, account_ids: Sequence[str]) -> Mapping[str, Account]:
        """Those that are there, by id."""

    def opening(self, account: Account, roll: Roll) -> Sequence[Write]:
        """Store a new account of several people."""

    def naming(self, account: Account) -> Write:
        """Store what an account is called."""

    def changing(self, before: Roll, after: Roll) -> Sequence[Write]:
        """Store those who changed, if the stored revision is the one before."""

    def linking(self, members: Sequence[Member], subject: str, now: datetime) -> Sequence[Write]:
        """Have a person be known by another sign-in in the accounts in which they are or were."""

    def telling(self, account_id: str, about: str, code: Told, facts: Mapping[str, str], at: datetime) -> Write:
        """Have it told in an account's feed."""

    def taking_in(self, ward: Customer) -> Write:
        """Store a new customer without an account of their own, unless the sign-in has one."""


class Invitations(Protocol):
    """Where invitations to accounts are kept."""

    def find(self, account_id: str, invitation_id: str) -> Invitation | None:
        """The invitation, or None."""

    def of_account(self, account_id: str) -> Sequence[Invitation]:
        """All of an account, with those that are over."""

    def inviting(self, invitation: Invitation) -> Write:
        """Store a new one."""

    def closing(self, invitation: Invitation) -> Write:
        """Store one that is accepted or withdrawn, if it is neither yet."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verifier says of a proof: until when it is good, by whom; a licence's classes, a home's places."""

    valid_until: datetime
    source: str
    details: tuple[str, ...] = ()


class Verifier(Protocol):
    """Who can tell what a customer's proof shows."""

    def check(self, requirement: Requirement, proof: str, reference: str) -> Verified | None:
        """What the proof shows of the requirement, or None. `reference` is who shows it; it is nobody else's then."""


class Shows(Protocol):
    """Where is kept what customers have shown."""

    def shown(self, customer_id: str, kind: Shown) -> Checked | None:
        """What the customer has shown of a kind, or None."""

    def all_shown(self, customer_id: str) -> Sequence[Checked]:
        """All that the customer has shown."""

    def showing(self, checked: Checked, told_at: datetime) -> Sequence[Write]:
        """Store it, unless something newer is; the customer is to be told then that it ends."""

    def telling(self, checked: Checked, code: str, at: datetime) -> Write:
        """Have the account told of what was shown."""

    def has_shown(self, customer_id: str, requirement: Requirement, now: datetime, otherwise: Refusal) -> Write:
        """Let nothing be written unless the customer has shown it and it is good now."""


class Consents(Protocol):
    """Where consents are kept, with their history."""

    def consent(self, customer_id: str, purpose: str) -> Consent | None:
        """The consent as it stands, or None."""

    def consents(self, customer_id: str) -> Sequence[Consent]:
        """All of the customer's, withdrawn ones too."""

    def agreed_by(self, customer_ids: Collection[str], purpose: str) -> Mapping[str, Consent]:
        """Who of them agrees to the purpose now, each with their consent."""

    def history(self, customer_id: str, purpose: str) -> Sequence[Consent]:
        """Each act on a consent, the first one first."""

    def changing(self, consent: Consent) -> Sequence[Write]:
        """Store it and add it to its history, if the stored revision is the one before."""

    def has_agreed(self, customer_id: str, purpose: str, version: str, otherwise: Refusal) -> Write:
        """Let nothing be written unless the customer agrees to the purpose in that version."""
