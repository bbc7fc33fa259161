"""The mobile door's route that tells callers who they are here: what an app asks for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.customers.model import Right
from chalicelib.edge.acting_for import acting
from chalicelib.edge.routes import get

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.billing.model import Payer
    from chalicelib.customers.model import Account, Customer
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring


class Me(msgspec.Struct):
    """The customer, in the account that they chose and as what, and whether a session may be started."""

    customer_id: str
    account_id: str
    language: str
    payment: str
    kind: str
    account: str
    role: str


def show_me(customer: Customer, payer: Payer | None, account: Account | None) -> Me:
    """The customer and the standing of the account's payment; without an account it is their own."""
    in_order = "in_order" if payer is not None and payer.can_pay else "card_needed"
    payment = "payment_failed" if payer is not None and payer.failed else in_order
    kind, name = ("person", "") if account is None else (str(account.kind), account.name)
    what = (customer.customer_id, customer.account_id, customer.language, payment)
    return Me(*what, kind=kind, account=name, role=str(customer.role))


class WhoDesk:
    """Who somebody is, by their token."""

    def __init__(self, wired: Wiring) -> None:
        self._wired = wired

    @get("/v1/me", needs=Right.BELONG)
    def me(self, call: Call[Claims, None]) -> Me:
        """Who I am here, in which account and as what, and whether I can start."""
        customer = acting(call, self._wired)
        own = customer.member_of is None
        account = None if own else self._wired.customers.account(customer.account_id)
        return show_me(customer, self._wired.billed.payer(customer.account_id), account)
