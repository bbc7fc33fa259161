"""What of an account's books is one person's, for a member who does not read all of them: their own use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.customers.model import Customer, Right

if TYPE_CHECKING:  # a cold start pays for every import, and these are needed to check types only
    from collections.abc import Collection, Sequence

    from chalicelib.access.ports import Sessions
    from chalicelib.billing.statement import Statement

_SESSION = "ses_"


def had_by(customer_id: str, account_id: str, ids: Collection[str], sessions: Sessions) -> frozenset[str]:
    """Which of these are sessions that the person had in the account's name, or took part in."""
    from chalicelib.access.sharing import views_of  # noqa: PLC0415 -- who reads the books needs none of it

    found = sessions.many([each for each in ids if each.startswith(_SESSION)])
    views = (view for session in found.values() for view in views_of(session))
    return frozenset(
        each.session_id for each in views if (each.account_id, each.customer_id) == (account_id, customer_id)
    )


def own_ids(customer: Customer, ids: Sequence[str], sessions: Sessions) -> Collection[str]:
    """Which of these the person sees: all with a role that reads, else themselves and their sessions."""
    if customer.may(Right.READ):
        return ids
    return {customer.customer_id, *had_by(customer.customer_id, customer.account_id, ids, sessions)}


def own_part(stated: Statement, customer: Customer, sessions: Sessions) -> Statement:
    """The statement as the person sees it. What all of the account's use had cheaper together is on each line of it."""
    if customer.may(Right.READ):
        return stated
    own = own_ids(customer, [use.use_id for use in stated.uses], sessions)
    return replace(
        stated,
        lines=tuple(line for line in stated.lines if line.use_id in own),
        uses=tuple(use for use in stated.uses if use.use_id in own),
        open_uses=frozenset(each for each in stated.open_uses if each in own),
        fares=(),
    )
