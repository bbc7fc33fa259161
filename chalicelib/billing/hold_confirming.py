"""A hold that was to be renewed and that its bank wants confirmed: its customer is led back, and it stands then."""

from dataclasses import dataclass

from chalicelib.billing.errors import NothingToConfirm
from chalicelib.billing.hold_model import AUTHENTICATION, Hold, HoldState
from chalicelib.billing.holding import Holding, newest
from chalicelib.kernel.money import Money


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What the app hands to the provider, by which its customer answers the bank."""

    session_id: str
    amount: Money
    client_secret: str
    payment_method: str


def to_confirm(account_id: str, session_id: str, *, holding: Holding) -> Confirmation:
    """What is to be confirmed for a session, as the provider has it by now."""
    hold = newest(holding.holds.of_session(account_id, session_id))
    stands = holding.provider.read(hold.intent) if hold is not None and asks(hold) and hold.intent else None
    if hold is None or stands is None or not stands.asks or stands.secret is None:
        raise NothingToConfirm(session_id=session_id[:80])
    return Confirmation(session_id, hold.amount, stands.secret, hold.payment_method)


def asks(hold: Hold) -> bool:
    """Whether its bank has asked for its customer, who was away."""
    return hold.state is HoldState.DECLINED and hold.decline_code == AUTHENTICATION
