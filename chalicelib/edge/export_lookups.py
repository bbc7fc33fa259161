"""What the journal's entries name and do not say themselves: names at Stripe, and credit notes of goodwill."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from chalicelib.billing.credit_model import name_of
from chalicelib.billing.credit_postings import GOODWILL
from chalicelib.kernel.time import Month

if TYPE_CHECKING:  # as in wiring
    from chalicelib.billing.credit_model import CreditNote
    from chalicelib.billing.paper_model import Buyer, Seller
    from chalicelib.edge.account_months import AccountMonths
    from chalicelib.edge.wiring_finance import BackOffice
    from chalicelib.ledger.model import JournalEntry

_PAYMENT = re.compile(r"payment:(?P<account>.+?):(?P<month>[0-9]{4}-[0-9]{2}):(?P<number>[0-9]+)(:(?P<hold>.+))?")


class ExportLookups:
    """Satisfies `finance.ports.Lookups`."""

    def __init__(self, wired: BackOffice, months: AccountMonths) -> None:
        self._wired, self._months = wired, months
        self._names: Mapping[str, Callable[[JournalEntry], str | None]] = {
            "refund": self._refund,
            "refund-failed": self._refund,
            "wallet-refund": self._paid_back,
            "wallet-refund-failed": self._paid_back,
            "wallet": self._top_up,
            "gift": self._gift,
            "transfer": self._movement,
            "reversal": self._movement,
        }

    def names_at_provider(self, entries: Sequence[JournalEntry]) -> Sequence[str | None]:
        """Invoices in one batch; the others, which are few, one by one."""
        payments = {each.reference: found for each in entries if (found := _PAYMENT.fullmatch(each.reference))}
        whole = {reference: found for reference, found in payments.items() if not found["hold"]}
        asked = [(each["account"], Month.parse(each["month"]), int(each["number"])) for each in whole.values()]
        invoices = dict(zip(whole, self._wired.billed.invoices_named(asked) if asked else (), strict=True))
        names: list[str | None] = []
        for entry in entries:
            invoice, found = invoices.get(entry.reference), payments.get(entry.reference)
            if found is not None and found["hold"]:
                names.append(self._hold(entry.account_id, found["hold"]))
            elif found is not None:
                names.append(invoice.provider_invoice if invoice is not None else None)
            else:
                names.append(self._names.get(entry.kind, _of_reference)(entry))
        return names

    def _hold(self, account_id: str, name: str) -> str | None:
        session_id, _, turn = name.rpartition(":")
        holds = self._wired.holds.of_session(account_id, session_id)
        return next((each.intent for each in holds if str(each.turn) == turn), None)

    def _refund(self, entry: JournalEntry) -> str | None:
        number = entry.reference.rpartition(":r")[2]
        found = self._wired.issuing.notes.refund(entry.account_id, int(number)) if number.isdecimal() else None
        return found.provider_refund if found is not None else None

    def _paid_back(self, entry: JournalEntry) -> str | None:
        name = entry.reference.partition(":")[2]
        return next(
            (each.provider_refund for each in self._wired.wallets.paid_back(entry.account_id) if each.name == name),
            None,
        )

    def _top_up(self, entry: JournalEntry) -> str | None:
        kind, _, name = entry.postings[0].source.partition(":")
        if kind != "top-up":
            return None
        account_id, _, top_up_id = name.rpartition(":")
        found = self._wired.top_ups.top_up(account_id, top_up_id)
        return found.payment if found is not None else None

    def _gift(self, entry: JournalEntry) -> str | None:
        found = self._wired.top_ups.gift(entry.reference.partition(":")[2])
        return found.payment if found is not None else None

    def _movement(self, entry: JournalEntry) -> str | None:
        number = entry.reference.rpartition(":")[2]
        found = self._wired.payouts.movement(entry.account_id, int(number)) if number.isdecimal() else None
        return found.provider_id if found is not None else None

    def goodwill(self, entry: JournalEntry) -> tuple[CreditNote, Seller | None, Buyer | None] | None:
        """By the entry's reference, which is the note's id."""
        if entry.kind != GOODWILL:
            return None
        month, name = name_of(entry.reference)
        note = self._wired.issuing.notes.note(entry.account_id, month, name)
        if note is None:
            return None
        sellers = self._months.sellers([note.paper])
        buyers = self._months.buyers(entry.account_id, [note.paper])
        seller = sellers.get((note.paper.seller_id, note.paper.seller_version))
        return note, seller, buyers.get(note.paper.buyer_version)


def _of_reference(entry: JournalEntry) -> str | None:
    """Fees, payouts and disputes are booked under the movement's own name."""
    name = entry.reference.partition(":")[2]
    return name or None
