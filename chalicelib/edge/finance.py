"""What the finance door reads and shows."""

from collections.abc import Callable
from typing import Annotated

import msgspec

from chalicelib.billing.model import Parked, Reason
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.paging import PageQuery, TimeQuery, in_time
from chalicelib.edge.partner import KeyShown, show_key, show_new_key
from chalicelib.kernel.money import Money
from chalicelib.ledger.accounts import class_of_row
from chalicelib.ledger.service import PostedInMonth
from chalicelib.partners.model import Partner
from chalicelib.partners.service import IssuedKey

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Note = Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=r"\S")]
"""Why something is decided: it says something, which blanks do not."""
MonthText = Annotated[str, msgspec.Meta(max_length=7, pattern="^(?!000[01]|9999)[0-9]{4}-(0[1-9]|1[0-2])$")]
"""Of the years that are reckoned with."""


class PartnerBody(msgspec.Struct, forbid_unknown_fields=True):
    """A new partner."""

    name: Text


class PartnersQuery(TimeQuery, forbid_unknown_fields=True, kw_only=True):
    """How much of the list, and which: a part of the name, created `since` an instant and before `until` another."""

    name: Text | None = None


class KeyBody(msgspec.Struct, forbid_unknown_fields=True):
    """One more key for a partner."""

    label: Text


class MonthBody(msgspec.Struct, forbid_unknown_fields=True):
    """A month, as in 2021-05."""

    month: MonthText


class ReleaseBody(msgspec.Struct, forbid_unknown_fields=True):
    """Why the account is billed after all; kept with the decision."""

    note: Note


class PartnerShown(msgspec.Struct):
    """A partner."""

    partner_id: str
    name: str
    created_at: str


class PartnerWithKey(msgspec.Struct):
    """A new partner with its first key, whose text is shown once."""

    partner: PartnerShown
    key: KeyShown


class BalanceRow(msgspec.Struct):
    """What a ledger account was posted: debit is positive, credit negative."""

    ledger_account: str
    account_class: str
    amount: str
    currency: str


class JournalQuery(msgspec.Struct, forbid_unknown_fields=True):
    """How many entries of a month are added up, and behind which."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=5_000)] = 2_000
    after: Annotated[str, msgspec.Meta(max_length=300)] | None = None


class JournalShown(msgspec.Struct):
    """What a page of a month's entries posts, by ledger account; the pages together are the month.

    `receivable` and `wallet` are those of all customers. `off_minor` is empty in a ledger that balances. `next` is the
    `after` of the next page, or null at the end.
    """

    month: str
    entries: int
    rows: list[BalanceRow]
    off_minor: dict[str, int]
    next: str | None


class ParkedQuery(PageQuery, forbid_unknown_fields=True, kw_only=True):
    """How much of the list, and which: parked for a reason, of a month, released or still waiting."""

    reason: Reason | None = None
    month: MonthText | None = None
    released: bool | None = None


class DecisionShown(msgspec.Struct):
    """Why a month was parked before, and how that was decided."""

    reason: str
    facts: dict[str, str]
    parked_at: str
    released_by: str | None
    released_at: str | None
    note: str


class ParkedShown(msgspec.Struct):
    """An account's month that is not billed until somebody decides; `earlier` are decisions on other reasons."""

    account_id: str
    month: str
    reason: str
    facts: dict[str, str]
    parked_at: str
    released_by: str | None
    released_at: str | None
    note: str
    earlier: list[DecisionShown]


def show_partner(partner: Partner) -> PartnerShown:
    """A partner."""
    return PartnerShown(partner.partner_id, partner.name, show_instant(partner.created_at))


def wanted_partner(query: PartnersQuery) -> Callable[[Partner], bool]:
    """Whether a partner was created in the time that is asked for, and has the text in its name, whatever its case."""
    created, text = in_time(query), (query.name or "").casefold()
    return lambda partner: created(partner.created_at) and text in partner.name.casefold()


def show_new_partner(issued: IssuedKey) -> PartnerWithKey:
    """A new partner with the text of its key, this once."""
    return PartnerWithKey(show_partner(issued.partner), show_new_key(issued))


def show_new_partner_again(issued: IssuedKey) -> PartnerWithKey:
    """What a repeat gets: the key's text is not kept anywhere."""
    return PartnerWithKey(show_partner(issued.partner), show_key(issued.key))


def show_journal(found: PostedInMonth) -> JournalShown:
    """Postings by account, and by how much they are off."""
    rows = [
        BalanceRow(name, str(class_of_row(name)), str(Money(minor, currency).amount), currency)
        for (name, currency), minor in sorted(found.balances.items())
    ]
    return JournalShown(str(found.period), found.entries, rows, dict(found.off), found.after)


def show_parked(parked: Parked) -> ParkedShown:
    """A parked month."""
    return ParkedShown(
        account_id=parked.account_id,
        month=str(parked.month),
        reason=parked.reason,
        facts=dict(parked.facts),
        parked_at=show_instant(parked.parked_at),
        released_by=parked.released_by,
        released_at=show_instant(parked.released_at) if parked.released_at else None,
        note=parked.note,
        earlier=[_decision(each) for each in parked.earlier],
    )


def _decision(parked: Parked) -> DecisionShown:
    released_at = show_instant(parked.released_at) if parked.released_at else None
    facts, parked_at = dict(parked.facts), show_instant(parked.parked_at)
    return DecisionShown(parked.reason, facts, parked_at, parked.released_by, released_at, parked.note)
