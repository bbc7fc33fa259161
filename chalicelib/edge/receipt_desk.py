"""The mobile door's routes of receipts: as data, as text, and as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.customers.model import Customer, Right
from chalicelib.edge.acting_for import in_session
from chalicelib.edge.hold_shapes import show_hold
from chalicelib.edge.languages import WordsQuery, words_of, words_wished
from chalicelib.edge.lazily import lazily
from chalicelib.edge.receipts import ReceiptShown, show_receipt
from chalicelib.edge.routes import NOT_YET, get

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access import reading, uses
    from chalicelib.edge import pages, papers
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
    from chalicelib.edge.words import Words
    from chalicelib.rating import Tariff
else:
    reading = lazily("chalicelib.access.reading")
    uses = lazily("chalicelib.access.uses")
    pages = lazily("chalicelib.edge.pages")
    papers = lazily("chalicelib.edge.papers")

_TEXT, _PAGE = "text/plain; charset=utf-8", "text/html; charset=utf-8"


class ReceiptDesk:
    """What a session has come to."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _receipt(self, customer: Customer, session_id: str) -> reading.Receipt:
        session = reading.seen_of(session_id, customer.account_id, sessions=self._wired.sessions)
        return reading.receipt_of(
            session, self._wired.settings.zone, catalogue=self._wired.catalogue, sessions=self._wired.sessions
        )

    def _paper(
        self, customer: Customer, session_id: str, words: Words
    ) -> tuple[reading.Receipt, Tariff, str, Words, str]:
        """A receipt with what its papers say beside it."""
        found = self._receipt(customer, session_id)
        session = found.record.session
        tariff = uses.tariff_for(session, catalogue=self._wired.catalogue)
        product = self._wired.catalogue.product(session.partner_id, session.product_id)
        return found, tariff, self._wired.settings.zone, words, product.name if product else session.product_id

    @get("/v1/access-sessions/{session_id}/receipt", needs=Right.SEE, query=WordsQuery, refuses=NOT_YET)
    def receipt(self, call: Call[Claims, None], session_id: str) -> ReceiptShown:
        """The receipt of an ended session."""
        customer = in_session(call, session_id, self._wired)
        shown = show_receipt(self._receipt(customer, session_id), words_wished(call, customer.language))
        shown.hold = show_hold(self._wired.holds.of_session(customer.account_id, session_id))
        return shown

    @get("/v1/access-sessions/{session_id}/receipt.txt", needs=Right.SEE, answers=_TEXT, refuses=NOT_YET)
    def receipt_as_text(self, call: Call[Claims, None], session_id: str) -> str:
        """The same receipt for reading and printing, in the reader's language."""
        customer = in_session(call, session_id, self._wired)
        words = words_of(call, customer.language)
        return papers.receipt_text(*self._paper(customer, session_id, words))

    @get("/v1/access-sessions/{session_id}/receipt.html", needs=Right.SEE, answers=_PAGE, refuses=NOT_YET)
    def receipt_as_page(self, call: Call[Claims, None], session_id: str) -> str:
        """The same receipt as a page that a browser prints and a screen reader reads."""
        customer = in_session(call, session_id, self._wired)
        words = words_of(call, customer.language)
        return pages.receipt_page(*self._paper(customer, session_id, words))
