"""The mobile door's routes of waiting for what is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.customers.model import Customer, Right
from chalicelib.edge import mobile
from chalicelib.edge.acting_for import acting
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.lazily import lazily
from chalicelib.edge.refusals import BodyInvalid
from chalicelib.edge.routes import PAYS, delete, get, post

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.access import queueing
    from chalicelib.access.waiting import Waiting
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
else:
    queueing = lazily("chalicelib.access.queueing")


class WaitBody(msgspec.Struct, forbid_unknown_fields=True):
    """What I wait for: the asset with a `code`, or any of a `partner`'s `product_id` at a `place_id`."""

    code: mobile.Text | None = None
    partner: mobile.Text | None = None
    product_id: mobile.Text | None = None
    place_id: mobile.Text | None = None


class WaitingShown(msgspec.Struct):
    """That I wait, for any of these assets, since when, and until when."""

    waiting_id: str
    partner: str
    product_id: str
    place_id: str | None
    assets: list[str]
    joined_at: str
    until: str


class Left(msgspec.Struct):
    """That I wait no more."""

    waiting_id: str


def read_wanted(body: WaitBody) -> queueing.Wanted:
    """The one thing that a body names."""
    match body:
        case WaitBody(code=str(code), partner=None, product_id=None, place_id=None):
            return queueing.Wanted(code)
        case WaitBody(code=None, partner=str(partner), product_id=str(product_id), place_id=str(place_id)):
            return queueing.Wanted(None, partner, product_id, place_id)
    raise BodyInvalid(pointer="", reason="either code, or partner, product_id and place_id")


def show_waiting(waiting: Waiting) -> WaitingShown:
    """A place in a line."""
    return WaitingShown(
        waiting_id=waiting.waiting_id,
        partner=waiting.partner_id,
        product_id=waiting.product_id,
        place_id=waiting.place_id,
        assets=list(waiting.assets),
        joined_at=show_instant(waiting.joined_at),
        until=show_instant(waiting.until),
    )


def show_all(waiting: list[Waiting]) -> list[WaitingShown]:
    """All that I wait for."""
    return [show_waiting(each) for each in waiting]


def _is_theirs(who: Customer, waiting: Waiting) -> bool:
    """In another's account a member waits for themselves."""
    return waiting.customer_id is None or who.may(Right.MANAGE) or waiting.customer_id == who.customer_id


class WaitingDesk:
    """In line for what is taken, in the order in which people came."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @post("/v1/waiting", needs=Right.USE, takes=WaitBody, shows=show_waiting, status=201, refuses=PAYS)
    def wait_for(self, call: Call[Claims, WaitBody]) -> Waiting:
        """Get in line. When it is my turn, I get a notice, and it is held for me for some minutes."""
        return queueing.get_in_line(acting(call, self._wired), read_wanted(call.body), queueing=self._queueing(call))

    @get("/v1/waiting", needs=Right.USE, shows=show_all)
    def my_waiting(self, call: Call[Claims, None]) -> list[Waiting]:
        """What I wait for, longest first."""
        who = acting(call, self._wired)
        return [each for each in self._wired.lines.of_account(who.account_id) if _is_theirs(who, each)]

    @delete("/v1/waiting/{waiting_id}", needs=Right.USE)
    def wait_no_more(self, call: Call[Claims, None], waiting_id: str) -> Left:
        """Leave a line."""
        who = acting(call, self._wired)
        found = self._wired.lines.find(who.account_id, waiting_id)
        if found is None or _is_theirs(who, found):
            queueing.leave_line(who.account_id, waiting_id, queueing=self._queueing(call))
        return Left(waiting_id)

    def _queueing(self, call: Call[Claims, Any]) -> queueing.Queueing:
        wired = self._wired
        return queueing.Queueing(wired.lines, wired.starting(call.now, call.commit), lambda _: None)
