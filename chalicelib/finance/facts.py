"""What a month looks like to finance: account by account, read once for all that is made of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from chalicelib.access.model import ChargeRecord
from chalicelib.billing.agreement_uses import EndedPass
from chalicelib.billing.credit_model import CreditNote
from chalicelib.billing.dispute_model import Dispute
from chalicelib.billing.model import Invoice, Parked, Settlement
from chalicelib.billing.owed_model import PartnerCharge
from chalicelib.billing.paper_model import Buyer, Seller
from chalicelib.billing.statement import Statement
from chalicelib.kernel.time import Month


@dataclass(frozen=True, slots=True)
class AccountMonth:
    """What an account's month looks like to finance, as it stood at the export's instant.

    `records` are the newest charge records of its sessions, by session; `charges` what was charged beside use, by
    charge. `notes` are the credit notes of its settlements: those of goodwill follow from their journal entries.
    `settlement` is None of a month that was never settled, `settlements` are all that may say something of the month:
    its own, later ones and those that have taken something for its use, which is `later`, in minor units; `parked` says
    why it is not billed, or is None. `corrected` are, by earlier month, the records whose correction the settlement
    took; `ended` are, by month, the passes that were bought in it and have ended since, as far as less was taken for
    plans in the end than at first. `buyers` and `sellers` are both sides of its documents, by version; `credited` is
    what credit notes took off its invoices, and `written_off` names those that were given up by then.
    """

    statement: Statement
    records: Mapping[str, ChargeRecord]
    invoices: Sequence[Invoice]
    charges: Mapping[str, PartnerCharge] = field(default_factory=dict)
    notes: Sequence[CreditNote] = ()
    settlement: Settlement | None = None
    parked: Parked | None = None
    corrected: Mapping[Month, Sequence[ChargeRecord]] = field(default_factory=dict)
    ended: Mapping[Month, Sequence[EndedPass]] = field(default_factory=dict)
    buyers: Mapping[int, Buyer] = field(default_factory=dict)
    sellers: Mapping[tuple[str, int], Seller] = field(default_factory=dict)
    disputes: Sequence[Dispute] = ()
    written_off: frozenset[str] = frozenset()
    credited: Mapping[str, int] = field(default_factory=dict)
    settlements: Sequence[Settlement] = ()
    later: int = 0
    _told: dict[str, "About"] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def afterwards(self) -> list[Settlement]:
        """The settlements of other months that have taken something for the use of this one."""
        return [each for each in self.settlements if each.month != self.month and str(self.month) in each.adjusted]

    @property
    def account_id(self) -> str:
        """Whose it is: a pseudonym, as everywhere in the books."""
        return self.statement.account_id

    @property
    def month(self) -> Month:
        """Which month it is."""
        return self.statement.month

    @property
    def currency(self) -> str:
        """In which all of it is."""
        return self.statement.currency

    def gone_on(self, began: datetime) -> Iterator[tuple[Month, ChargeRecord]]:
        """Sessions of earlier months that went on when this one began, each by its own: what they add is adjusted."""
        for month, records in self.corrected.items():
            yield from ((month, record) for record in records if began in record.session.cuts)

    def about(self, use_id: str) -> "About":
        """What a line of the statement is about: a session, or what was charged beside its use. It is found once."""
        found = self._told.get(use_id)
        if found is None:
            found = self._told[use_id] = self._about(use_id)
        return found

    def _about(self, use_id: str) -> "About":
        charge = self.charges.get(use_id)
        if charge is not None:
            whose = charge.account_id, charge.session_id, charge.partner_id, charge.product_id, charge.asset_id
            return About(*whose, 1, charge.happened_at, charge.charged_at, charge.charge_id)
        if use_id not in self.records:
            return self._of_subscription(use_id)
        record = self.records[use_id]
        session = record.session
        whose = session.account_id, session.session_id, session.partner_id, session.product_id, session.asset_id
        ended_at = None if record.goes_on else session.ended_at
        return About(*whose, session.tariff_version, session.started_at, ended_at)

    def _of_subscription(self, use_id: str) -> "About":
        """What a plan costs is the operator's own; it is told as charged beside use, under its use on the statement."""
        use = next(each for each in self.statement.uses if each.use_id == use_id and each.kind == "agreement")
        operator, _, plan = use.tariff.settled_as.partition(":")
        whose = self.account_id, "", operator, plan, ""
        ended_at = None if use.open else use.ended_at
        return About(*whose, use.tariff.version, use.started_at, ended_at, use_id)


class About(NamedTuple):
    """Whose a row is, of which session and, of what was charged beside use, of which charge."""

    account_id: str
    session_id: str
    partner_id: str
    product_id: str
    asset_id: str
    tariff_version: int
    started_at: datetime
    ended_at: datetime | None
    charge_id: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: `kind` is how it is written, `unit` what it counts, `meaning` one sentence for its reader."""

    name: str
    kind: str
    unit: str
    meaning: str


class Tally:
    """What is in a file, counted while its content is read: its rows and, of one that is packed, all that is in it."""

    __slots__ = ("_digest", "rows", "unpacked")

    def __init__(self, rows: int = 0) -> None:
        self.rows, self.unpacked, self._digest = rows, 0, sha256()

    def add(self, plain: bytes | bytearray) -> None:
        """Something that is packed."""
        self.unpacked += len(plain)
        self._digest.update(plain)

    @property
    def sha256(self) -> str:
        """Of all that is packed."""
        return self._digest.hexdigest()


@dataclass(frozen=True, slots=True)
class BookFile:
    """A file that is whole when the month was read: its bytes in pieces, and what the manifest says of it.

    The `tally` is right once the content was read. Of a workbook each of the `columns` is a sheet. `totals` are control
    totals by name and currency, as in `margin_EUR`, in minor units.
    """

    name: str
    content_type: str
    content: Iterable[bytes]
    tally: Tally
    columns: Sequence[Column]
    totals: Mapping[str, int]
