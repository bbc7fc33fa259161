"""Customers who call in another's name."""

from collections.abc import Mapping
from typing import Any

import jwt

from chalicelib.customers.member_items import member_records
from chalicelib.customers.members import Member, OwnLimit
from chalicelib.customers.model import Role
from chalicelib.kernel.errors import Conflict
from chalicelib.kernel.money import Money
from chalicelib.storage.writes import Put, Transaction
from tests.doors.callers import Reply
from tests.doors.world import Customer, World


class Acting(Customer):
    """A customer's app in which an account was chosen."""

    def __init__(self, customer: Customer, account_id: str) -> None:
        super().__init__(customer.base, customer.token)
        self.account_id = account_id

    def ask(self, method: str, path: str, body: object = None, **how: Any) -> Reply:  # noqa: ANN401 -- as the caller's
        headers: Mapping[str, str] = {**(how.pop("headers", None) or {}), "Adgang-Account": self.account_id}
        return super().ask(method, path, body, headers=headers, **how)


def made_member(account_id: str, who: Customer, world: World, role: Role, month: str | None = None) -> Acting:
    """As the store keeps one; how people become members is told elsewhere."""
    subject = str(jwt.decode(who.token or "", options={"verify_signature": False})["sub"])
    person = who.read("/mobile/v1/me")["customer_id"]
    limit = OwnLimit(month=Money.of(month, "EUR") if month else None)
    member = Member(account_id, person, subject, role, world.system.now(), limit=limit)
    Transaction()([Put(each, Conflict()) for each in member_records(member)], None)
    return Acting(who, account_id)
