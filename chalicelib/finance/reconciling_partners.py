"""The rules by which partners' shares are reconciled: with statements, the journal, and what waits to be sent."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing import differences
from chalicelib.billing.partner_statement import PartnerStatement
from chalicelib.billing.parts import shares_in
from chalicelib.billing.payout_model import Movement
from chalicelib.billing.postings import movement_entry, true_up_entry
from chalicelib.finance.facts import AccountMonth
from chalicelib.finance.reconciling_money import DUE, STATED, Line
from chalicelib.kernel.time import Month
from chalicelib.ledger.model import JournalEntry
from chalicelib.rating.share import by_product


@dataclass(frozen=True, slots=True)
class PartnerMonth:
    """What is kept of a partner: its month's statement, what was moved in the month, and how it stands by now.

    By currency, `owed` is what the ledger owes it, and `waiting` what waits to be sent or is on its way. `lately` says
    that the ledger owed it something else a short while ago: what a payment makes payable waits a moment later.
    """

    partner_id: str
    month: Month
    stated: PartnerStatement | None
    moved: Sequence[Movement]
    owed: Mapping[str, int]
    waiting: Mapping[str, int]
    lately: bool = False


def lines_of_shares(page: Iterable[AccountMonth]) -> Iterator[Line]:
    """What accounts' settlements have of partners' shares in the month's use, by product."""
    sums = Counter[tuple[str, str]]()
    for each in page:
        known = {settled.month: settled for settled in each.settlements}
        for product, minor in shares_in(differences.billed(each.month, known, differences.parts)).items():
            sums[f"{STATED}:{each.month}:{product}", each.currency] += minor
    for (name, currency), minor in sorted(sums.items()):
        yield Line(name, currency, minor, here=True, inside=True)


def lines_of_partner(each: PartnerMonth, as_of: datetime) -> Iterator[Line]:
    """What the statement says, which the bills and what was added to them have to be; and what the ledger owes.

    A statement says the share three times: line by line, what bills have of it, and what was added.
    """
    if each.stated is not None:
        yield from _of_statement(each.stated, each.month, newer=each.stated.stated_at > as_of)
    for currency in sorted({*each.owed, *each.waiting}):
        owed, waiting = each.owed.get(currency, 0), each.waiting.get(currency, 0)
        name = f"{DUE}:{each.partner_id}"
        yield Line(name, currency, owed, here=True, inside=True)
        yield Line(name, currency, waiting, here=False, inside=True, newer=each.lately)


def _of_statement(stated: PartnerStatement, month: Month, *, newer: bool) -> Iterator[Line]:
    said = by_product(stated.lines)
    for product in sorted({*said, *stated.posted, *stated.trued_up}):
        name, added = f"{STATED}:{month}:{product or stated.partner_id}", stated.trued_up.get(product, 0)
        rows = [(name, added, True), (name, said.get(product, 0), False)]
        of_bills = said.get(product, 0) - added
        if of_bills != stated.posted.get(product, 0):
            rows += [(f"{name}:posted", of_bills, True), (f"{name}:posted", stated.posted.get(product, 0), False)]
        for about, minor, here in rows:
            yield Line(about, stated.currency, minor, here=here, inside=True, newer=newer)


def documented_of(each: PartnerMonth) -> Iterator[JournalEntry]:
    """What has to be in the journal of the month: what the statement added to the share, and what was moved."""
    if each.stated is not None:
        entry = true_up_entry(each.stated, each.stated.trued_up)
        yield from (entry,) if entry is not None else ()
    for movement in each.moved:
        yield movement_entry(movement, each.month, movement.done_at or movement.planned_at)
