"""In whose name a customer's call is done: the account that the call names, or else their own.

Each of the mobile door's routes says which right of a role it needs; what nobody may do in another's account does not
come here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.customers.model import Customer, Right, Role
from chalicelib.edge.callers import ACCOUNT

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from chalicelib.customers.members import SignedIn
    from chalicelib.edge.call import Call
    from chalicelib.edge.oidc import Claims
    from chalicelib.edge.wiring import Wiring
    from chalicelib.kernel.reads import Read

_LONGEST = 64


def signed_in(call: Call[Claims, Any], wired: Wiring) -> Read[SignedIn]:
    """Who calls and what they are in the account that they name, not read yet."""
    named = call.headers.get(ACCOUNT)
    return wired.customers.signed_in(call.caller.subject, named[:_LONGEST] if named else None)


def person(call: Call[Claims, Any], wired: Wiring) -> Customer:
    """Who calls, in their own account whichever they name: for what is a person's and no account's."""
    return wired.customers.signed_in(call.caller.subject).fetch().person


def acting(call: Call[Claims, Any], wired: Wiring) -> Customer:
    """Who calls, in the account that they name, if their role there gives the right that the route needs."""
    return signed_in(call, wired).fetch().acting(Right(call.needs or ""))


def in_session(call: Call[Claims, Any], session_id: str, wired: Wiring) -> Customer:
    """The same, about a session: somebody else's of the account is seen by who reads, and acted on by who manages.

    A guardian acts on a minor's too.
    """
    customer = acting(call, wired)
    if customer.member_of is None or customer.may(Right.MANAGE):
        return customer
    from chalicelib.access.reading import seen_of  # noqa: PLC0415 -- who acts in their own account needs none of it

    session = seen_of(session_id, customer.account_id, sessions=wired.sessions)
    if call.needs == Right.SEE and customer.sees(session.customer_id):
        return customer
    if session.customer_id != customer.customer_id and not _guards(customer, session.customer_id, wired):
        from chalicelib.access.errors import UnknownSession  # noqa: PLC0415 -- as above

        raise UnknownSession(session_id=session_id)
    return customer


def _guards(customer: Customer, customer_id: str, wired: Wiring) -> bool:
    if customer.role is not Role.GUARDIAN:
        return False
    other = wired.members.member(customer.account_id, customer_id)
    return other is not None and other.role is Role.MINOR
