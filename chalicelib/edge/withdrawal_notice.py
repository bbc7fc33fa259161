"""What a confirmation says of the right to withdraw: only who was told of it can owe anything for the time before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.edge.wiring_law import ResidentsOfBills
from chalicelib.subscriptions.countries import law_of
from chalicelib.subscriptions.law import Kind
from chalicelib.subscriptions.withdrawal import Contract, WhyNot, right_of
from chalicelib.subscriptions.withdrawals import notice_of

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.edge.wiring import Wiring
    from chalicelib.subscriptions.plan import Plan
    from chalicelib.subscriptions.subscribing import Confirm, Subscribe
    from chalicelib.subscriptions.subscription import Subscription
    from chalicelib.subscriptions.terms import Terms


def with_notice(confirm: Confirm, command: Subscribe, wired: Wiring) -> Confirm:
    """The confirmation, and below it until when and how one may withdraw, by the law of the account's country."""
    law = law_of(ResidentsOfBills(wired.issuing.numbers).country(command.account_id))

    def confirmed(subscription: Subscription, plan: Plan, terms: Terms, now: datetime) -> str:
        contract = Contract(
            kinds=frozenset(Kind(each) for each in plan.goods),
            consumer=True,
            agreed_at=now,
            told_at=now,
            asked_at=now if command.begin_at_once else None,
            dated=plan.lasts is not None and plan.lasts.until is not None,
        )
        right = right_of(contract, law, now)
        text = confirm(subscription, plan, terms, now)
        if right.why_not is WhyNot.EXEMPT:
            return f"{text}{notice_of(None, subscription.language, law, asked=command.begin_at_once)}\n"
        return f"{text}{notice_of(right.until, subscription.language, law, asked=command.begin_at_once)}\n"

    return confirmed
