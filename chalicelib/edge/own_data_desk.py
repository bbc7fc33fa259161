"""The mobile door's routes of what is held about me: the file, who has read it, and leaving."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.customers.errors import OwnAccount
from chalicelib.customers.model import Kind, Right
from chalicelib.edge import own_data_shapes as shapes
from chalicelib.edge import own_use
from chalicelib.edge.acting_for import acting, person
from chalicelib.edge.amounts import show_instant
from chalicelib.edge.call import Call
from chalicelib.edge.lazily import lazily
from chalicelib.edge.oidc import Claims
from chalicelib.edge.paging import Page, PageQuery, paged
from chalicelib.edge.routes import NOT_YET, NOTHING, delete, get

if TYPE_CHECKING:
    from chalicelib.customers import data_file, erasing, erasure, holding
    from chalicelib.customers.model import Customer
    from chalicelib.edge import holdings, open_things
    from chalicelib.edge.wiring import Wiring
else:
    data_file = lazily("chalicelib.customers.data_file")
    erasing = lazily("chalicelib.customers.erasing")
    erasure = lazily("chalicelib.customers.erasure")
    holding = lazily("chalicelib.customers.holding")
    holdings = lazily("chalicelib.edge.holdings")
    open_things = lazily("chalicelib.edge.open_things")

FILE_DAYS = timedelta(days=7)
"""So long a file is in its bucket."""
_DATA = "/v1/me/data"


def _status(shown: shapes.DataFileShown) -> int:
    return 200 if shown.state == "ready" else 202


class OwnDataDesk:
    """Everybody's own, by their own token; and an erasure by its receipt, for whoever has that."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    def _customer(self, call: Call[Claims, Any]) -> Customer:
        """Who calls, with what is their own: who was taken into another's account has what is a person's."""
        customer = person(call, self._wired)
        agreement = self._wired.agreements.find(customer.account_id)
        if agreement is not None and agreement.customer_id == customer.customer_id:
            return customer
        return replace(customer, account_id=customer.customer_id)

    @get(_DATA, status_for=_status, also=(202,))
    def my_data(self, call: Call[Claims, None]) -> shapes.DataFileShown:
        """All that is held about me, as a JSON file: 202 until it is made, 200 with its address for two hours then."""
        wired, customer = self._wired, self._customer(call)
        found = data_file.ask_file(
            customer, files=wired.data_files, random_bytes=wired.random_bytes, now=call.now, commit=call.commit
        )
        asked_at = show_instant(found.asked_at)
        if found.ready_at is None:
            call.says["Location"] = _DATA
            call.says["Retry-After"] = "2"
            return shapes.DataFileShown("being_made", asked_at, None, None, None, None, None)
        href = wired.own_files.link(found.key, data_file.LINK_SECONDS)
        ready_at, seconds = show_instant(found.ready_at), data_file.LINK_SECONDS
        return shapes.DataFileShown("ready", asked_at, ready_at, href, seconds, found.size, found.sha256)

    @get("/v1/me/accesses", query=PageQuery, needs=Right.SEE)
    def my_accesses(self, call: Call[Claims, None]) -> Page[shapes.AccessShown]:
        """Who has read what of mine, staff or partner, the newest first. Lists of many accounts are not in it.

        In another's account that is what was read of my own sessions, or of all with a role that reads.
        """
        customer, query = acting(call, self._wired), call.query
        rows = self._wired.accesses.of_account(customer.account_id, limit=query.limit, after=query.after)
        seen = own_use.own_ids(customer, [each.about for each in rows], self._wired.sessions)
        return paged(rows, query, shapes.show_access, lambda each: each.place, lambda each: each.about in seen)

    @delete("/v1/me", status=202, refuses=NOT_YET)
    def leave(self, call: Call[Claims, None]) -> shapes.ErasureShown:
        """Leave: nothing new can be used from now on; what I owe is settled, what is mine comes back, then I am erased.

        What is open has to be ended before, and accounts that I am in with others left, handed over or closed; those
        in which I am alone close with me. Asked for again, the answer is the same, and it is looked at again.
        """
        return self._shown(erasing.ask_erasure(self._customer(call), self._asking(call)), call)

    @delete("/v1/account", status=202, needs=Right.MANAGE, refuses=NOT_YET)
    def close_account(self, call: Call[Claims, None]) -> shapes.ErasureShown:
        """Close the family's or firm's account that I name: nothing new is used in it from now on, nobody joins it.

        Everybody but its owners is in it no more, and told; what it owes is settled, then it is erased. What is open
        in it has to be ended before. Asked for again, the answer is the same, and it is looked at again.
        """
        account_id = acting(call, self._wired).account_id
        account = self._wired.customers.account(account_id)
        if account is None or account.kind is Kind.PERSON:
            raise OwnAccount
        return self._shown(erasing.close_account(account_id, self._asking(call)), call)

    def _asking(self, call: Call[Claims, Any]) -> erasing.Asking:
        wired = self._wired
        opened = open_things.OpenThings(wired)
        return erasing.Asking(wired.erasures, opened, wired.random_bytes, call.now, call.commit)

    @get("/v1/erasures/{erasure_id}", anyone=True, refuses=NOTHING)
    def erasure_by_receipt(self, call: Call[Claims, None], erasure_id: str) -> shapes.ErasureShown:
        """How far an erasure is, by its receipt; also when nobody here knows any more whose it was."""
        return self._shown(erasing.erasure_of(erasure_id, erasures=self._wired.erasures), call)

    def _shown(self, found: erasure.Erasure, call: Call[Claims, Any]) -> shapes.ErasureShown:
        there = found.has_file and call.now < found.asked_at + FILE_DAYS
        key = f"own/{found.erasure_id}.json"
        kept = {
            each.name: shapes.KeptShown(each.name, str(each.purpose), each.retention)
            for each in holdings.HOLDINGS
            if each.leaving is not holding.Leaving.ERASED
        }
        return shapes.ErasureShown(
            erasure_id=found.erasure_id,
            state=shapes.state_of(found),
            step=str(found.step),
            asked_at=show_instant(found.asked_at),
            done_at=show_instant(found.done_at) if found.done_at else None,
            waits_for=[shapes.WaitsShown(each.code, each.about) for each in found.waits],
            erased=dict(found.erased),
            kept=list(kept.values()),
            data=self._wired.own_files.link(key, data_file.LINK_SECONDS) if there else None,
        )
