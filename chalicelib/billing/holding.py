"""Holds before a start: asked for, bound to the session in the start's own transaction, or let go.

What the provider is asked for is stored before, with a timer that looks after it: so a hold without a session is found
and released, wherever it broke off. Nothing is posted for a hold; what is captured is posted as its invoice's payment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.billing.currencies import chargeable, minimum_charge
from chalicelib.billing.declining import kind_of
from chalicelib.billing.errors import HoldChanged, HoldDeclined, HoldNeedsAuthentication
from chalicelib.billing.hold_model import GIVEN_UP, Hold, HoldState, ProviderHold
from chalicelib.billing.hold_ports import HoldProvider, Holds
from chalicelib.billing.ports import Billed
from chalicelib.kernel.money import Money
from chalicelib.kernel.writes import Commit, Write


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds go through. `commit` is by itself: it is not the start's."""

    billed: Billed
    holds: Holds
    provider: HoldProvider
    now: datetime
    commit: Commit


def take(account_id: str, session_id: str, amount: Money, *, holding: Holding) -> Sequence[Write]:
    """Have the amount held with the account's default method; what binds the hold to its session.

    Whose payment is not in order is not asked here: the start's own condition refuses them; of who pays by invoice
    nothing is held. A start that comes twice
    asks for one hold, and finds the one that its session has. What the provider cannot move of it, and what is less
    than it charges, is not held.
    """
    amount = chargeable(amount)
    if amount < minimum_charge(amount.currency):
        return []
    payer = holding.billed.payer(account_id)
    if payer is None or payer.payment_method is None or payer.failed or payer.days_net is not None:
        return []
    last = newest(holding.holds.of_session(account_id, session_id))
    if last is not None and last.state in (HoldState.HELD, HoldState.CAPTURED):
        return []
    turn = last.turn + 1 if last is not None else 1
    who = payer.provider_customer, payer.payment_method
    hold = Hold(account_id, session_id, turn, amount, *who, holding.now)
    return bound(_asked(hold, last, holding), holding)


def newest(found: Sequence[Hold]) -> Hold | None:
    """Of a session's holds the last one."""
    return max(found, key=lambda each: each.turn, default=None)


def _asked(hold: Hold, last: Hold | None, holding: Holding) -> Hold:
    """The one that is being asked for; a new one where there is none, or where another method is charged by now."""
    writes: list[Write] = []
    if last is not None and last.state is HoldState.ASKED:
        if (last.payment_method, last.amount) == (hold.payment_method, hold.amount):
            return last
        writes = letting_go(last, holding)
    return holding.commit([*writes, *asking(hold, holding)], hold)


def asking(hold: Hold, holding: Holding) -> list[Write]:
    """It is stored before anybody is asked, and looked at when its time has passed."""
    return [holding.holds.adding(hold), holding.holds.looking_at(hold, holding.now + GIVEN_UP, holding.now)]


def bound(hold: Hold, holding: Holding) -> Sequence[Write]:
    """What makes it stand, to be written with what it is for; the refusal, if the bank does not keep it."""
    stands = (holding.provider.read(hold.intent) if hold.intent else None) or holding.provider.ask(hold)
    if stands.stands:
        return standing(hold, stands, holding)
    if stands.asks:
        if hold.intent is None:
            holding.commit([holding.holds.changing(hold.waits(stands.intent))], None)
        raise HoldNeedsAuthentication(
            amount=str(hold.amount), client_secret=stands.secret, payment_method=hold.payment_method
        )
    holding.commit([holding.holds.changing(hold.declined(stands))], None)
    helps = kind_of(stands.decline_code, stands.advice)
    raise HoldDeclined(amount=str(hold.amount), reason=stands.decline_code or "unknown", helps=str(helps))


def standing(hold: Hold, stands: ProviderHold, holding: Holding) -> list[Write]:
    """It stands, and is looked at before the bank lets go of it."""
    held = hold.held(stands, holding.now)
    return [holding.holds.changing(held), holding.holds.looking_at(held, held.renew_at, holding.now)]


def letting_go(hold: Hold, holding: Holding) -> list[Write]:
    """Nobody uses it any more; a worker tells the provider."""
    after = hold.releasing()
    return [holding.holds.changing(after), holding.holds.looking(after, "release", holding.now)]


def give_up(account_id: str, session_id: str, *, holding: Holding) -> None:
    """The start came to nothing: what was asked for it is let go. What a session has by now stays."""
    last = newest(holding.holds.of_session(account_id, session_id))
    if last is None or last.state is not HoldState.ASKED:
        return
    try:
        holding.commit(letting_go(last, holding), None)
    except HoldChanged:
        return  # a start beside this one has bound it
