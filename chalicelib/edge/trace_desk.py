"""Tracing at the finance door, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from chalicelib.edge.call import Call
from chalicelib.edge.callers import READ, Staff
from chalicelib.edge.lazily import lazily
from chalicelib.edge.routes import NOTHING, get

if TYPE_CHECKING:
    from chalicelib.edge import tracing_money
    from chalicelib.edge.wiring_finance import BackOffice
else:
    tracing_money = lazily("chalicelib.edge.tracing_money")


class TraceQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The id of an event (its reference), session, hold, charge, proof, document, payment, dispute or journal entry.

    Of what an export's row has as its evidence it is `<session>#<report>`, or `<account>#<subscription>` of a plan; of
    a proof's line `proof:<account>:<number>#/lines/<place>`, of a partner's month `statement:<partner>:<month>`, of
    what a partner was sent, or of what was taken back, `payout:<partner>:<number>`. Of a wallet, that of a top-up
    (`top-up:<account>:<id>`, or its payment at Stripe) or of a gift (`gift:<id>`). What the journal names as a source
    is one too, and so are Stripe's charges (`ch_`, `py_`), disputes and movements (`txn_`), and what was given back
    there by hand (`re_`). Numbers of documents are none, nor Stripe's invoices, transfers and other payments: ours
    stand beside them in each file.
    """

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class HopShown(msgspec.Struct):
    """A station.

    It is an `event`, `session`, `charge`, `beside_use`, `subscription`, `plan`, `terms`, `hold`, `top_up`, `gift`,
    `lot`, `statement`, `proof`, `line`, `invoice`, `transfer`, `reversal`, `credit_note`, `refund`, `dispute`,
    `payment`, `journal`, `file` (which shows a charge) or `export`.
    """

    kind: str
    id: str
    link: str | None
    facts: dict[str, str]


class TraceShown(msgspec.Struct):
    """All that belongs to an id, from evidence to export."""

    id: str
    hops: list[HopShown]


class TraceDesk:
    """Finance follows a cent to where it came from, and an event to where it was billed or why not."""

    def __init__(self, wired: BackOffice) -> None:
        self._wired = wired

    @get("/v1/trace", query=TraceQuery, needs=READ, refuses=NOTHING)
    def trace(self, call: Call[Staff, None]) -> TraceShown:
        """What belongs to an id, from evidence to export, each by its id and where it can be read."""
        found = tracing_money.trace(call.query.id, self._wired)
        return TraceShown(call.query.id, [HopShown(each.kind, each.id, each.link, dict(each.facts)) for each in found])
