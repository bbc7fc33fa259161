"""What the workers do about holds."""

from collections.abc import Callable, Mapping, Sequence

from chalicelib.billing.hold_model import Hold
from chalicelib.billing.hold_using import settle_with_holds
from chalicelib.billing.hold_watching import look, take_note_of_hold
from chalicelib.billing.settling import Settled
from chalicelib.billing.statement import statement
from chalicelib.billing.triggers import Ended
from chalicelib.edge.wiring_finance import BackOffice
from chalicelib.edge.wiring_holds import holding_of, watching_of
from chalicelib.kernel.time import Month

Facts = Mapping[str, str]


def look_at_hold(facts: Facts, wired: BackOffice) -> None:
    """Do what is to be done about a hold by now."""
    named = facts["account_id"], facts["session_id"], int(facts["turn"])
    look(*named, watching=watching_of(wired, wired.now()))


def hold_due(facts: Facts, wired: BackOffice) -> None:
    """Have another worker look at a hold, one that may talk with Stripe."""
    named = facts["account_id"], facts["session_id"], int(facts["turn"])
    wired.commit([wired.holds.look_again(*named, facts["at"], wired.now())], None)


def holds_of(facts: Facts, wired: BackOffice) -> Sequence[Hold]:
    """The holds of a session that is over; where a whole month is settled anew, those of all that are."""
    if "held" in facts:
        return wired.holds.of_session(facts["account_id"], facts["session_id"])
    if "session_id" in facts:
        return []
    found = wired.holds.of_account(facts["account_id"])
    sessions = wired.sessions.many(sorted({each.session_id for each in found}))
    over = {name for name, session in sessions.items() if session.ended_at is not None}
    return [each for each in found if each.session_id in over]


def settle_held(account_id: str, month: Month, held: Sequence[Hold], wired: BackOffice) -> Settled:
    """Settle an account, with the holds of what is over."""
    now = wired.now()
    holding = holding_of(wired, now)

    def due(session_id: str) -> int:
        session = wired.sessions.find(session_id)
        if session is None or session.charged_at is None:
            return 0
        charged, currency = Month.of(session.charged_at, wired.settings.zone), wired.settings.currency
        stated = statement(account_id, charged, currency, used=Ended(wired.used), now=now)
        return stated.by_use.get(session_id, 0)

    return settle_with_holds(held, due, lambda commit: wired.settle(account_id, month, commit), holding=holding)


def intent_changed(kind: str, object_id: str, wired: BackOffice) -> None:
    """Bring our side to what Stripe says by now about a hold; an event about a charge names its intent."""
    provider = wired.hold_provider
    intent = provider.of_charge(object_id) if kind.startswith("charge.") else object_id
    stands = provider.read(intent) if intent is not None else None
    if stands is not None:
        take_note_of_hold(stands, watching=watching_of(wired, wired.now()))


TOPICS: Mapping[str, Callable[[Facts, BackOffice], None]] = {
    "billing.hold_due": hold_due,
    "billing.hold_look": look_at_hold,
}
